//! Tests of the comparison on a toy service, and of the real tables.

use serde_json::json;

use super::*;
use crate::process::workspace_root;

const FIRST: &str = "2020-01-01";
const SECOND: &str = "2021-01-01-preview";

fn toy_facts() -> Facts {
    let facts = json!({
        "api_versions": { "stable": FIRST, "preview": [SECOND] },
        "operations": [{
            "operation_id": "Toys_PutToy",
            "method": "PUT",
            "path": "/toys/{toyId}",
            "path_params": [{ "name": "toyId", "type": "string", "required": true }],
            "query_params": [{ "name": "color", "type": "enum", "ref": "Color", "required": false, "default": "red" }],
            "header_params": [{ "name": "If-Unmodified-Since", "type": "string", "format": "rfc7231", "required": false }],
            "request_body": { "model": "Toy", "required": false, "content_type": "application/json" },
            "success_statuses": [200],
            "responses": {
                "200": { "model": "Toy", "headers": [{ "name": "ETag", "type": "string" }] },
                "default": { "model": null },
            },
            "paging": { "item_field": "value", "next_link_field": "nextLink" },
            "since": FIRST,
        }],
        "models": {
            "Toy": {
                "discriminator": { "property": "kind", "mapping": { "ball": "Ball" } },
                "properties": {
                    "kind": { "type": "string", "required": true, "readonly": false, "since": FIRST },
                    "id": { "type": "string", "required": true, "readonly": true, "since": FIRST },
                    "labels": {
                        "type": "map", "values": { "type": "any" }, "note": "JSON primitives only: ...",
                        "required": false, "readonly": false, "since": FIRST,
                    },
                    "weight": { "type": "number", "format": "double", "required": false, "readonly": false, "since": SECOND },
                },
                "since": FIRST,
            },
            "Ball": {
                "base": "Toy",
                "discriminator": { "property": "kind", "value": "ball", "base": "Toy" },
                "properties": {
                    "kind": { "type": "string", "const": "ball", "required": true, "readonly": false, "since": FIRST },
                },
                "since": FIRST,
            },
        },
        "enums": { "Color": { "values": ["red"], "extensible": true, "since": FIRST } },
    });
    Facts::parse(&facts.to_string()).unwrap()
}

/// A document that says what the facts say about the second version.
fn toy_document() -> Value {
    let label =
        json!({ "anyOf": [{ "type": "string" }, { "type": "number" }, { "type": "boolean" }] });
    json!({
        "info": { "version": SECOND },
        "paths": { "/toys/{toyId}": { "put": {
            "operationId": "Toys_PutToy",
            "parameters": [
                { "$ref": "#/components/parameters/ToyId" },
                {
                    "name": "color", "in": "query",
                    "schema": { "allOf": [{ "$ref": "#/components/schemas/Color" }], "default": "red" },
                },
                {
                    "name": "If-Unmodified-Since", "in": "header", "required": false,
                    "schema": { "type": "string", "format": "http-date" },
                },
            ],
            "requestBody": { "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Toy" } } } },
            "responses": {
                "200": {
                    "headers": { "ETag": { "schema": { "type": "string" } } },
                    "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Toy" } } },
                },
                "default": { "description": "An error." },
            },
            "x-ms-pageable": { "itemName": "value", "nextLinkName": "nextLink" },
        } } },
        "components": {
            "parameters": {
                "ToyId": { "name": "toyId", "in": "path", "required": true, "schema": { "type": "string" } },
            },
            "schemas": {
                "Label": label,
                "Color": { "anyOf": [{ "type": "string" }, { "type": "string", "enum": ["red"] }] },
                "Toy": {
                    "type": "object",
                    "required": ["kind", "id"],
                    "discriminator": { "propertyName": "kind", "mapping": { "ball": "#/components/schemas/Ball" } },
                    "properties": {
                        "kind": { "type": "string" },
                        "id": { "type": "string", "readOnly": true },
                        "labels": {
                            "type": "object",
                            "additionalProperties": { "$ref": "#/components/schemas/Label" },
                        },
                        "weight": { "type": "number", "format": "double", "x-acs-since": SECOND },
                    },
                },
                "Ball": {
                    "type": "object",
                    "required": ["kind"],
                    "allOf": [{ "$ref": "#/components/schemas/Toy" }],
                    "properties": { "kind": { "type": "string", "enum": ["ball"] } },
                },
            },
        },
    })
}

/// What is wrong with the toy document after one place of it was changed.
fn problems_after(pointer: &str, change: Value) -> Vec<String> {
    let mut document = toy_document();
    *document.pointer_mut(pointer).unwrap() = change;
    problems_of(&document, &[])
}

fn problems_of(document: &Value, exceptions: &[&Exception]) -> Vec<String> {
    let document = Document::parse(&document.to_string()).unwrap();
    let facts = toy_facts().statements(SECOND, FIRST).unwrap();
    Comparison::new(&facts, &document.statements().unwrap(), exceptions).problems
}

#[test]
fn a_document_that_says_the_same_passes() {
    assert_eq!(problems_of(&toy_document(), &[]), Vec::<String>::new());
}

#[test]
fn what_came_later_is_not_expected_of_an_older_version() {
    let older = toy_facts().statements(FIRST, FIRST).unwrap();
    let newer = toy_facts().statements(SECOND, FIRST).unwrap();
    let added: Vec<&String> = newer.difference(&older).collect();
    assert_eq!(
        added,
        ["model Toy: member weight is number double, optional, since 2021-01-01-preview"]
    );
}

#[test]
fn only_what_came_later_than_its_parent_is_marked() {
    let member =
        |since| json!({ "type": "string", "required": true, "readonly": false, "since": since });
    let facts = json!({
        "api_versions": { "first": FIRST, "others": [SECOND] },
        "models": {
            "Toy": { "properties": { "id": member(FIRST), "name": member(SECOND) }, "since": FIRST },
            "Ball": { "properties": { "size": member(SECOND) }, "since": SECOND },
        },
        "enums": {
            "Color": {
                "values": ["red", "blue"], "extensible": true, "since": FIRST, "value_since": { "blue": SECOND },
            },
            "Shape": { "values": ["round"], "extensible": true, "since": SECOND },
        },
    });
    let facts = Facts::parse(&facts.to_string()).unwrap();
    let said = facts.statements(SECOND, FIRST).unwrap();
    let marked: Vec<&String> = said.iter().filter(|line| line.contains(SECOND)).collect();
    assert_eq!(
        marked,
        [
            "enum Color: value blue is new in 2021-01-01-preview",
            "enum Shape is new in 2021-01-01-preview",
            "model Ball is new in 2021-01-01-preview",
            "model Toy: member name is string, required, since 2021-01-01-preview",
        ]
    );
    let said = facts.statements(SECOND, SECOND).unwrap();
    assert!(said.iter().all(|line| !line.contains(SECOND)), "{said:?}");
}

#[test]
fn versions_are_found_wherever_a_table_mentions_them() {
    let facts = json!({
        "api_versions": {
            "client_1_0_0": FIRST,
            "newer": { SECOND: "not tabled" },
            "older": ["2019-01-01"],
            "client": "npm 1.6.0",
        },
        "models": { "Toy": { "properties": {}, "since": "2018-01-01" } },
        "enums": {},
    });
    let facts = Facts::parse(&facts.to_string()).unwrap();
    let versions: Vec<String> = facts.tabled_versions().into_iter().collect();
    assert_eq!(versions, ["2019-01-01", FIRST, SECOND]);

    let message = format!("{:#}", facts.statements(FIRST, FIRST).unwrap_err());
    assert!(
        message.contains("2018-01-01 is not among the versions"),
        "{message}"
    );
}

#[test]
fn an_event_is_compared_by_type_family_data_and_subject() {
    let facts = json!({
        "schema_version": FIRST,
        "events": [
            { "event_type": "Toys.Bought", "family": "toy", "data_schema": "Bill", "subject_patterns": ["a/{id}", "b/{id}"] },
            { "event_type": "Toys.Lost", "family": "toy", "data_schema": null, "subject_patterns": [] },
        ],
        "models": {},
        "enums": {},
    });
    let facts = Facts::parse(&facts.to_string()).unwrap();
    let document = json!({
        "paths": {},
        "components": { "schemas": {} },
        "x-acs-event-types": [
            { "type": "Toys.Bought", "family": "toy", "payload": "Bill", "subjects": ["a/{id}", "b/{id}"] },
            { "type": "Toys.Lost", "family": "toy", "subjects": [] },
        ],
    });
    let known = facts.statements(FIRST, FIRST).unwrap();
    let statements =
        |document: &Value| Document::parse(&document.to_string()).unwrap().statements();
    assert_eq!(statements(&document).unwrap(), known);

    let mut swapped = document.clone();
    swapped["x-acs-event-types"][0]["subjects"] = json!(["b/{id}", "a/{id}"]);
    assert_ne!(statements(&swapped).unwrap(), known);

    let mut twice = document.clone();
    twice["x-acs-event-types"][1]["type"] = json!("Toys.Bought");
    let message = format!("{:#}", statements(&twice).unwrap_err());
    assert!(message.contains("the type is named twice"), "{message}");
}

#[test]
fn every_kind_of_slip_is_found() {
    const PUT: &str = "/paths/~1toys~1{toyId}/put";
    const SCHEMAS: &str = "/components/schemas";
    let slips = [
        (format!("{PUT}/operationId"), json!("Toys_Put")),
        ("/paths".to_owned(), json!({})),
        ("/components/parameters/ToyId/name".to_owned(), json!("id")),
        (
            "/components/parameters/ToyId/required".to_owned(),
            json!(false),
        ),
        (format!("{PUT}/parameters"), json!([])),
        (format!("{PUT}/parameters/1/in"), json!("header")),
        (format!("{PUT}/parameters/1/schema/default"), json!("blue")),
        (
            format!("{PUT}/parameters/2/schema/format"),
            json!("date-time"),
        ),
        (
            format!("{PUT}/requestBody/content"),
            json!({ "text/json": { "schema": { "$ref": "#/components/schemas/Toy" } } }),
        ),
        (
            format!("{PUT}/responses/default"),
            json!({ "headers": { "A": { "schema": {} } } }),
        ),
        (format!("{PUT}/responses/200/headers"), json!({})),
        (format!("{PUT}/x-ms-pageable/itemName"), json!("items")),
        (
            format!("{SCHEMAS}/Color/anyOf/1/enum"),
            json!(["red", "blue"]),
        ),
        (
            format!("{SCHEMAS}/Color"),
            json!({ "type": "string", "enum": ["red"] }),
        ),
        (format!("{SCHEMAS}/Toy/required"), json!(["kind"])),
        (format!("{SCHEMAS}/Toy/discriminator/mapping"), json!({})),
        (
            format!("{SCHEMAS}/Toy/properties/id/readOnly"),
            json!(false),
        ),
        (
            format!("{SCHEMAS}/Toy/properties/weight/x-acs-since"),
            json!(FIRST),
        ),
        (
            format!("{SCHEMAS}/Toy/properties/labels/additionalProperties"),
            json!({}),
        ),
        (format!("{SCHEMAS}/Ball/allOf"), json!([])),
        (
            format!("{SCHEMAS}/Ball/properties/kind/enum"),
            json!(["bat"]),
        ),
    ];
    for (pointer, change) in slips {
        assert!(
            !problems_after(&pointer, change).is_empty(),
            "{pointer} may change unseen"
        );
    }
}

#[test]
fn a_problem_names_the_document_side_and_the_statement() {
    let problems = problems_after(
        "/components/schemas/Toy/properties/id",
        json!({ "type": "integer" }),
    );
    assert_eq!(
        problems,
        [
            "does not say: model Toy: member id is string, required, read-only",
            "says beyond the facts: model Toy: member id is integer, required",
        ]
    );
}

#[test]
fn keywords_that_are_not_compared_are_refused() {
    let mut document = toy_document();
    document["components"]["schemas"]["Toy"]["properties"]["weight"]["maximum"] = json!(1);
    let document = Document::parse(&document.to_string()).unwrap();
    let message = format!("{:#}", document.statements().unwrap_err());
    assert!(
        message.contains("schema Toy") && message.contains("maximum"),
        "{message}"
    );
}

#[test]
fn an_exception_explains_a_difference_and_is_reported_when_it_explains_nothing() {
    let exception = Exception {
        service: "toy".to_owned(),
        facts: Some("enum Color: value red".to_owned()),
        document: Some("enum Color: value green".to_owned()),
        reason: "A test.".to_owned(),
    };
    let mut document = toy_document();
    document["components"]["schemas"]["Color"]["anyOf"][1]["enum"] = json!(["green"]);
    assert_eq!(problems_of(&document, &[&exception]), Vec::<String>::new());

    let same = toy_facts().statements(SECOND, FIRST).unwrap();
    assert!(Comparison::new(&same, &same, &[&exception]).used.is_empty());
}

#[test]
fn everything_without_a_description_is_named() {
    let undescribed = |document: &Value| {
        Document::parse(&document.to_string())
            .unwrap()
            .undescribed()
            .iter()
            .filter_map(|problem| problem.strip_prefix("no description: "))
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let mut document = toy_document();
    document["x-acs-event-types"] = json!([{ "type": "Toys.Bought" }]);
    document["components"]["schemas"]["Toy"]["properties"]["id"]["description"] = json!("Id.");
    document["components"]["schemas"]["Color"]["description"] = json!("A color.");
    document["components"]["schemas"]["Color"]["x-ms-enum"] =
        json!({ "values": [{ "value": "red", "description": "Red." }] });
    let names = undescribed(&document);
    for name in [
        "put /toys/{toyId}",
        "put /toys/{toyId}: parameter \"toyId\"",
        "put /toys/{toyId}: body",
        "put /toys/{toyId}: answer 200",
        "put /toys/{toyId}: answer 200: header ETag",
        "event \"Toys.Bought\"",
        "Toy",
        "Toy.kind",
    ] {
        assert!(
            names.iter().any(|found| found == name),
            "{name} in {names:?}"
        );
    }
    for name in [
        "put /toys/{toyId}: answer default",
        "Toy.id",
        "Color",
        "Color \"red\"",
    ] {
        assert!(
            names.iter().all(|found| found != name),
            "{name} in {names:?}"
        );
    }

    document["components"]["schemas"]["Color"]["x-ms-enum"]["values"][0]["description"] =
        json!(" ");
    assert!(undescribed(&document).contains(&"Color \"red\"".to_owned()));
}

#[test]
fn the_committed_documents_agree_with_the_facts() {
    let report = compare_all(&workspace_root().join("specs")).unwrap();
    assert_eq!(report.problems, Vec::<String>::new());
    assert_eq!(report.agreements.len(), 13, "{:?}", report.agreements);
}
