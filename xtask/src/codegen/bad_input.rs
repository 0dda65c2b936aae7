//! Tests: documents that are broken or odd give a message that helps, or correct code, and never half of a folder.

use std::fs;

use serde_json::{Map, Value, json};

use super::spec::{Options, Spec};
use super::{CodegenArguments, Origin, config, emit, generate_files, lower, read, run};
use crate::process::workspace_root;

/// A document of one operation, `POST /things/{id}`, that takes and answers the schema `Thing`.
fn document(things: Value) -> Value {
    let content = json!({"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}});
    json!({
        "openapi": "3.0.0",
        "info": {"title": "Things", "version": "1"},
        "paths": {"/things/{id}": {"post": {
            "operationId": "changeThing",
            "description": "Changes a thing.",
            "parameters": [{"name": "id", "in": "path", "required": true, "description": "Id.", "schema": {"type": "string"}}],
            "requestBody": {"required": true, "content": content},
            "responses": {"200": {"description": "ok", "content": content}}
        }}},
        "components": {"schemas": {"Thing": things}}
    })
}

fn object(properties: &[(&str, Value)]) -> Value {
    let properties: Map<_, _> = properties
        .iter()
        .map(|(name, schema)| ((*name).to_owned(), schema.clone()))
        .collect();
    json!({"type": "object", "description": "A thing.", "properties": properties})
}

fn text() -> Value {
    json!({"type": "string", "description": "A text."})
}

fn to(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

/// The message about a document, which has to say where, what, and what to do.
fn refusal(document: Value) -> String {
    let error = generate_files(document, "t.json").err().expect("refused");
    let message = format!("{error:#}");
    assert!(message.contains('#'), "no pointer: {message}");
    assert!(message.contains("remedy: "), "no remedy: {message}");
    assert!(!message.contains("panicked"), "{message}");
    message
}

/// All generated code.
fn code(document: Value) -> String {
    let (files, _) = generate_files(document, "t.json").expect("understood");
    files.into_values().collect()
}

#[test]
fn a_file_that_is_cut_off_is_told_from_one_that_says_something_twice() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("t.json");
    let whole = document(object(&[("a", text())])).to_string();
    for (text, named) in [
        (&whole[..whole.len() / 2], "is the file complete?"),
        ("", "EOF while parsing"),
        ("{\"paths\": {}, \"paths\": {}}", "\"paths\" is there twice"),
    ] {
        fs::write(&path, text).expect("written");
        let error = config::read_document(&path).expect_err(named);
        let message = format!("{error:#}");
        assert!(message.contains("t.json"), "{message}");
        assert!(message.contains(named), "{message}");
    }
}

#[test]
fn a_refused_document_leaves_the_folder_as_it_was() {
    let folder = tempfile::tempdir().expect("folder");
    let (spec, out) = (
        folder.path().join("t.json"),
        folder.path().join("generated"),
    );
    let arguments = CodegenArguments {
        service: None,
        check: false,
        spec: Some(spec.clone()),
        out: Some(out.clone()),
        explain: None,
        verbose: false,
    };
    let good = document(object(&[("a", text())]));
    fs::write(&spec, good.to_string()).expect("written");
    run(&arguments).expect("understood");
    let client = fs::read_to_string(out.join("client.rs")).expect("written");
    for bad in [
        document(object(&[("a", to("Gone"))])).to_string(),
        "{".to_owned(),
    ] {
        fs::write(&spec, bad).expect("written");
        run(&arguments).expect_err("refused");
        assert_eq!(
            fs::read_to_string(out.join("client.rs")).expect("kept"),
            client
        );
        let beside = fs::read_dir(folder.path()).expect("readable").count();
        assert_eq!(beside, 2, "nothing is left beside the folder");
    }
}

#[test]
fn references_to_nothing_are_refused_by_their_pointer() {
    let message = refusal(document(object(&[("part", to("Gone"))])));
    assert!(
        message.contains("#/components/schemas/Thing/properties/part: `$ref` \"#/components/schemas/Gone\" points to nothing"),
        "{message}"
    );
    let mut parameter = document(object(&[]));
    parameter["paths"]["/things/{id}"]["post"]["parameters"][0] =
        json!({"$ref": "#/components/parameters/Gone"});
    let message = refusal(parameter);
    assert!(
        message.contains("does not lead to an entry of #/components/parameters"),
        "{message}"
    );
}

#[test]
fn a_model_may_contain_itself_and_what_could_never_end_is_refused() {
    let tree = object(&[
        (
            "parent",
            json!({"allOf": [to("Thing")], "description": "Above."}),
        ),
        (
            "children",
            json!({"type": "array", "items": to("Thing"), "description": "Below."}),
        ),
        (
            "named",
            json!({"type": "object", "additionalProperties": to("Thing"), "description": "Beside."}),
        ),
    ]);
    let code = code(document(tree));
    for field in [
        "pub parent: Option<Box<Thing>>,",
        "pub children: Option<Vec<Thing>>,",
        "pub named: Option<BTreeMap<String, Thing>>,",
    ] {
        assert!(code.contains(field), "{field} in {code}");
    }
    for (thing, named) in [
        (
            json!({"allOf": [to("Thing")], "properties": {}}),
            "Thing extends itself",
        ),
        (
            json!({"type": "array", "items": to("Thing")}),
            "contains itself",
        ),
        (to("Thing"), "contains itself"),
        (
            json!({"anyOf": [to("Thing"), to("Thing")]}),
            "contains itself",
        ),
    ] {
        let message = refusal(document(thing));
        assert!(message.contains(named), "{message}");
    }
}

#[test]
fn a_union_may_contain_itself() {
    let mut document = document(json!({
        "type": "object", "description": "A rule.", "required": ["kind"],
        "properties": {"kind": {"type": "string", "description": "Which."}},
        "discriminator": {"propertyName": "kind", "mapping": {"not": "#/components/schemas/Not"}}
    }));
    let inner = json!({"allOf": [to("Thing")], "description": "The inner rule."});
    document["components"]["schemas"]["Not"] = json!({
        "type": "object", "description": "The contrary.", "required": ["inner"],
        "properties": {"inner": inner}, "allOf": [to("Thing")]
    });
    let code = code(document);
    assert!(code.contains("pub inner: Box<Thing>,"), "{code}");
    assert!(code.contains("\"not\" => Not(Not),"), "{code}");
}

#[test]
fn other_formats_and_versions_are_refused_by_name() {
    for (key, version) in [
        ("openapi", "3.1.0"),
        ("openapi", "2.0"),
        ("asyncapi", "3.0.0"),
    ] {
        let mut document = document(object(&[]));
        document["openapi"].take();
        document[key] = version.into();
        let message = refusal(document);
        assert!(message.contains("#/openapi: "), "{message}");
        assert!(message.contains("3.0"), "{message}");
    }
}

#[test]
fn a_swagger_document_gives_the_code_of_its_counterpart() {
    let thing = object(&[("a", text())]);
    let schema = json!({"$ref": "#/definitions/Thing"});
    let swagger = json!({
        "swagger": "2.0",
        "info": {"title": "Things", "version": "1"},
        "host": "example.com",
        "paths": {"/things/{id}": {"post": {
            "operationId": "changeThing",
            "description": "Changes a thing.",
            "parameters": [
                {"name": "id", "in": "path", "required": true, "description": "Id.", "type": "string"},
                {"name": "thing", "in": "body", "required": true, "schema": schema}
            ],
            "responses": {"200": {"description": "ok", "schema": schema}}
        }}},
        "definitions": {"Thing": thing}
    });
    assert_eq!(code(swagger), code(document(thing)));
}

#[test]
fn operations_with_one_id_or_none_are_refused() {
    let mut twice = document(object(&[]));
    twice["paths"]["/things/{id}"]["put"] = twice["paths"]["/things/{id}"]["post"].clone();
    let message = refusal(twice);
    assert!(
        message.contains("\"changeThing\" gives the same method name as \"changeThing\""),
        "{message}"
    );
    for id in ["", "_", "½", "new", "operations"] {
        let mut document = document(object(&[]));
        document["paths"]["/things/{id}"]["post"]["operationId"] = id.into();
        let message = refusal(document);
        assert!(message.contains("cannot be used"), "{id}: {message}");
    }
}

#[test]
fn names_that_are_keywords_begin_with_digits_or_are_not_ascii_become_names_in_rust() {
    let names = [
        "type", "self", "Self", "crate", "async", "gen", "3d", "größe", "数量", "new",
    ];
    let properties: Vec<_> = names
        .iter()
        // `Self` and `self` are one name in Rust.
        .filter(|name| **name != "Self")
        .map(|name| (*name, text()))
        .collect();
    let mut document = document(object(&properties));
    let schemas = &mut document["components"]["schemas"];
    schemas["Thing"]["properties"]["part"] =
        json!({"allOf": [to("3d-größe")], "description": "A part."});
    schemas["3d-größe"] = json!({
        "type": "string", "description": "Values.", "enum": ["type", "Self", "3d", "größer", "数"]
    });
    let operation = document["paths"]["/things/{id}"]["post"].clone();
    for (path, id, parameter) in [
        ("/größen/{länge}", "größeLesen", "länge"),
        ("/3d/{1st}", "3dThing", "1st"),
        ("/async/{self}", "async", "self"),
        ("/type/{type}", "type", "type"),
    ] {
        let mut operation = operation.clone();
        operation["operationId"] = id.into();
        operation["parameters"][0]["name"] = parameter.into();
        document["paths"][path] = json!({"post": operation});
    }
    let code = code(document);
    for line in [
        "    pub type_: Option<String>,",
        "    pub self_: Option<String>,",
        "    pub crate_: Option<String>,",
        "    pub async_: Option<String>,",
        "    pub gen_: Option<String>,",
        "    pub _3d: Option<String>,",
        "    pub größe: Option<String>,",
        "    pub 数量: Option<String>,",
        "    pub new_: Option<String>,",
        "    pub part: Option<_3dGröße>,",
        "        Type = \"type\",",
        "        Self_ = \"Self\",",
        "        _3d = \"3d\",",
        "        Größer = \"größer\",",
        "        数 = \"数\",",
        "    pub async fn größe_lesen",
        "    pub async fn _3d_thing",
        "    pub async fn async_",
        "    pub async fn type_",
        "pub static _3D_THING: Operation",
        "pub static GRÖSSE_LESEN: Operation",
    ] {
        assert!(code.contains(line), "{line} in {code}");
    }
}

#[test]
fn names_that_no_rust_name_can_be_made_of_are_refused_with_a_way_out() {
    for (thing, named) in [
        (
            object(&[("½", text())]),
            "its part \"½\" gets the name \"_½\"",
        ),
        (
            object(&[("--", text())]),
            "its part \"--\" gets the name \"_\"",
        ),
        (
            object(&[(
                "e",
                json!({"type": "string", "description": "E.", "enum": [""]}),
            )]),
            "its part \"\" gets the name \"_\"",
        ),
        (
            object(&[("self", text()), ("Self", text())]),
            "two of its parts get the name self_",
        ),
    ] {
        let message = refusal(document(thing));
        assert!(message.contains(named), "{message}");
        assert!(message.contains("renames"), "{message}");
    }
}

/// Every part of a document by its pointer.
fn pointers(value: &Value, pointer: &str, found: &mut Vec<String>) {
    let mut visit = |name: &str, value| {
        let pointer = super::json::child(pointer, name);
        found.push(pointer.clone());
        pointers(value, &pointer, found);
    };
    match value {
        Value::Object(members) => members.iter().for_each(|(name, value)| visit(name, value)),
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                visit(&index.to_string(), item);
            }
        }
        _ => {}
    }
}

fn remove(document: &mut Value, pointer: &str) {
    let (parent, last) = pointer.rsplit_once('/').expect("not the root");
    let last = last.replace("~1", "/").replace("~0", "~");
    match document.pointer_mut(parent) {
        Some(Value::Object(members)) => {
            members.remove(&last);
        }
        Some(Value::Array(items)) => {
            items.remove(last.parse().expect("an index"));
        }
        _ => {}
    }
}

#[test]
fn a_document_with_any_part_broken_is_understood_or_refused_and_nothing_panics() {
    let path = workspace_root().join("xtask/golden/things.json");
    let whole = config::read_document(&path).expect("readable");
    let mut places = Vec::new();
    pointers(&whole, "", &mut places);
    let others = [
        None,
        Some(json!(null)),
        Some(json!(5)),
        Some(json!("½")),
        Some(json!({})),
        Some(json!([])),
    ];
    let origin = Origin {
        command: "cargo xtask codegen".to_owned(),
        document: "t.json".to_owned(),
        api_versions: Vec::new(),
        default_api_version: String::new(),
    };
    let mut refused = 0;
    for place in &places {
        for other in &others {
            let mut broken = whole.clone();
            match other {
                None => remove(&mut broken, place),
                Some(other) => {
                    if let Some(part) = broken.pointer_mut(place) {
                        *part = other.clone();
                    }
                }
            }
            let mut spec = Spec::new(broken, Options::default());
            let result = super::caught(|| {
                let api = read(&mut spec)?;
                // The emitters take their time: they are tried with operations that lack something.
                match other {
                    None if place.starts_with("/paths") => emit(&api, &origin).map(drop),
                    _ => Ok(()),
                }
            });
            let result = result.unwrap_or_else(|panic| panic!("{place} as {other:?}: {panic}"));
            if let Err(error) = result {
                let message = format!("{error:#}");
                assert!(
                    !message.contains("panicked"),
                    "{place} as {other:?}: {message}"
                );
                assert!(
                    message.contains("remedy: "),
                    "{place} as {other:?}: {message}"
                );
                refused += 1;
            }
        }
    }
    assert!(
        refused > places.len(),
        "{refused} of {} were refused",
        places.len() * others.len()
    );
}

#[test]
fn the_passes_are_named_once() {
    let mut names: Vec<_> = lower::PASSES.iter().map(|pass| pass.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), lower::PASSES.len());
}
