//! Round trips of every model of a specification: values made from its schemas are read and written again.
//!
//! Values come from the committed OpenAPI document, not from generated code. What a model writes has to equal what it read, but
//! for what is documented: null is read as absent, an absent collection of an answer is an empty one, a member under one of its
//! other names is written under its own, a value in another spelling or form in its usual one, and times are equal by instant. Values of enumerations and kinds of unions that the
//! document does not list are among what is read.

mod compare;
mod document;
mod needed;
mod values;

use std::collections::BTreeMap;
use std::fmt;

use proptest::collection::vec;
use proptest::num::u8::ANY;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use self::compare::difference;
use self::document::Document;
use self::needed::needed;
use self::values::{Choices, Values};

/// How many values of each schema are tried.
const CASES: u32 = 128;
/// How many values are tried of what is checked by itself, too.
const FEW_CASES: u32 = 12;
/// The longest sequence of choices that a value is made from.
const LONGEST: usize = 600;

/// A schema of the document and the type that carries its values.
#[derive(Clone, Copy)]
pub struct Model {
    schema: &'static str,
    side: Side,
    round_trip: fn(&str) -> Result<Value, String>,
}

/// What becomes of members that are absent or null.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Side {
    /// They stay absent.
    Sent,
    /// They stay absent, but collections become empty.
    Answered,
    /// Absent and null are two things.
    Patch,
}

impl Model {
    /// A model that requests or events carry: it tells an absent collection from an empty one.
    #[must_use]
    pub const fn sent<T: DeserializeOwned + Serialize>(schema: &'static str) -> Self {
        Self::new::<T>(schema, Side::Sent)
    }

    /// A model that only answers carry: it reads an absent collection as an empty one.
    #[must_use]
    pub const fn answered<T: DeserializeOwned + Serialize>(schema: &'static str) -> Self {
        Self::new::<T>(schema, Side::Answered)
    }

    /// The merge patch of a schema: it holds what is not read-only, and tells absent from null.
    #[must_use]
    pub const fn patch<T: DeserializeOwned + Serialize>(schema: &'static str) -> Self {
        Self::new::<T>(schema, Side::Patch)
    }

    const fn new<T: DeserializeOwned + Serialize>(schema: &'static str, side: Side) -> Self {
        Self {
            schema,
            side,
            round_trip: round_trip::<T>,
        }
    }
}

impl fmt::Debug for Model {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} ({:?})", self.schema, self.side)
    }
}

/// From text to text, as it happens to requests and answers.
fn round_trip<T: DeserializeOwned + Serialize>(json: &str) -> Result<Value, String> {
    let name = std::any::type_name::<T>();
    let value: T =
        serde_json::from_str(json).map_err(|error| format!("{name} cannot be read: {error}"))?;
    let written = serde_json::to_string(&value)
        .map_err(|error| format!("{name} cannot be written: {error}"))?;
    serde_json::from_str(&written).map_err(|error| format!("{name} is written as no JSON: {error}"))
}

/// Checks that the models cover the OpenAPI document, and that each writes what it read.
///
/// # Panics
///
/// A schema that the service sends or takes has no model, or a model lost or changed something; the message shows what.
pub fn check_round_trips(document: &str, models: &[Model]) {
    let document = Document::parse(document);
    let known: Vec<_> = models
        .iter()
        .map(|model| (model.schema, model.side))
        .collect();
    let forgotten: Vec<_> = needed(&document)
        .into_iter()
        .filter(|(schema, is_patch)| {
            !known
                .iter()
                .any(|(known, side)| known == schema && (*side == Side::Patch) == *is_patch)
        })
        .collect();
    assert!(
        forgotten.is_empty(),
        "these schemas (true: as a merge patch) have no model: {forgotten:?}"
    );
    let sides: BTreeMap<&str, Side> = known
        .into_iter()
        .filter(|(_, side)| *side != Side::Patch)
        .collect();
    let values = Values::new(&document, sides);
    for model in models {
        check(model, &values);
    }
}

/// Checks that something larger carries the values of a model as the model itself does: an envelope with its data, for example.
///
/// `carry` gets a value as it is read, and gives it back as it is written.
///
/// # Panics
///
/// No model has the name of the schema, or a value was lost or changed; the message shows what.
pub fn check_carried(
    document: &str,
    models: &[Model],
    schema: &str,
    carry: impl Fn(&str) -> Result<Value, String>,
) {
    let document = Document::parse(document);
    let sides = models.iter().map(|model| (model.schema, model.side));
    let values = Values::new(&document, sides.collect());
    let model = models
        .iter()
        .find(|model| model.schema == schema)
        .unwrap_or_else(|| panic!("no model carries {schema}"));
    check_values(model, &values, FEW_CASES, &carry);
}

/// The place of the first difference, as a JSON pointer; `None` if the values are equal. Times are equal by instant.
#[must_use]
pub fn json_difference(expected: &Value, found: &Value) -> Option<String> {
    difference(expected, found)
}

fn check(model: &Model, values: &Values<'_>) {
    check_values(model, values, CASES, &model.round_trip);
}

fn check_values(
    model: &Model,
    values: &Values<'_>,
    cases: u32,
    carry: &dyn Fn(&str) -> Result<Value, String>,
) {
    let config = Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    };
    let result = TestRunner::new(config).run(&vec(ANY, 0..LONGEST), |bytes| {
        let pair = values.of_model(model.schema, model.side, &mut Choices::new(&bytes));
        let read = pair.read.to_string();
        let written =
            carry(&read).map_err(|error| TestCaseError::fail(format!("{error}\n  in {read}")))?;
        match difference(&pair.written, &written) {
            None => Ok(()),
            Some(place) => Err(TestCaseError::fail(format!(
                "{place} differs\n  read     {read}\n  written  {written}\n  expected {}",
                pair.written
            ))),
        }
    });
    if let Err(error) = result {
        panic!("{model:?}: {error}");
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Serialize};
    use serde_json::{Value, json};

    use super::{Model, check_round_trips};

    fn document(schemas: Value) -> String {
        let content = json!({"application/json": {"schema": {"$ref": "#/components/schemas/A"}}});
        json!({
            "openapi": "3.0.0",
            "paths": {"/a": {"get": {"responses": {"200": {"content": content}, "default": {}}}}},
            "components": {"schemas": schemas}
        })
        .to_string()
    }

    fn with_member(member: Value) -> String {
        document(json!({"A": {"type": "object", "properties": {"member": member}}}))
    }

    #[derive(Deserialize, Serialize)]
    struct Holder<T> {
        #[serde(skip_serializing_if = "Option::is_none")]
        member: Option<T>,
    }

    fn fails(document: &str, model: Model) -> String {
        let run = std::panic::catch_unwind(|| check_round_trips(document, &[model]));
        let payload = run.expect_err("the model is wrong");
        payload
            .downcast_ref::<String>()
            .cloned()
            .unwrap_or_default()
    }

    #[test]
    fn types_that_keep_everything_pass() {
        let text = with_member(json!({"type": "string"}));
        check_round_trips(&text, &[Model::sent::<Holder<String>>("A")]);
        let any = with_member(json!({}));
        check_round_trips(&any, &[Model::sent::<Holder<Value>>("A")]);
        let time = with_member(json!({"type": "string", "format": "date-time"}));
        check_round_trips(&time, &[Model::sent::<Holder<acs_types::Timestamp>>("A")]);
        let map =
            with_member(json!({"type": "object", "additionalProperties": {"type": "string"}}));
        check_round_trips(
            &map,
            &[Model::sent::<Holder<BTreeMap<String, String>>>("A")],
        );
    }

    #[test]
    fn a_schema_without_a_model_is_named() {
        let document = document(json!({
            "A": {"type": "object", "properties": {"b": {"$ref": "#/components/schemas/B"}}},
            "B": {"type": "object", "properties": {}},
            "Unused": {"type": "object", "properties": {}}
        }));
        let message = fails(&document, Model::sent::<Value>("A"));
        assert!(message.contains(r#"[("B", false)]"#), "{message}");
    }

    #[test]
    fn a_type_that_loses_or_refuses_something_is_noticed() {
        #[derive(Deserialize, Serialize)]
        enum Closed {
            #[serde(rename = "on")]
            On,
        }
        let open = json!({"anyOf": [{"type": "string"}, {"type": "string", "enum": ["on"]}]});
        let message = fails(&with_member(open), Model::sent::<Holder<Closed>>("A"));
        assert!(
            message.contains("cannot be read: unknown variant"),
            "{message}"
        );

        let label = json!({"oneOf": [{"type": "string"}, {"type": "number"}, {"type": "boolean"}]});
        let message = fails(&with_member(label.clone()), Model::sent::<Holder<f64>>("A"));
        assert!(
            message.contains("cannot be read: invalid type"),
            "{message}"
        );

        #[derive(Deserialize, Serialize)]
        #[serde(untagged)]
        enum Lossy {
            Number(f64),
            Boolean(bool),
            Text(String),
        }
        let message = fails(&with_member(label), Model::sent::<Holder<Lossy>>("A"));
        assert!(message.contains("/member differs"), "{message}");

        #[derive(Deserialize, Serialize)]
        struct Forgetful {}
        let number = with_member(json!({"type": "integer"}));
        let message = fails(&number, Model::sent::<Forgetful>("A"));
        assert!(message.contains("/member differs"), "{message}");
    }

    #[test]
    fn absent_collections_of_answers_and_requests_are_told_apart() {
        #[derive(Deserialize, Serialize)]
        struct Answer {
            #[serde(default)]
            member: Vec<String>,
        }
        let list = with_member(json!({"type": "array", "items": {"type": "string"}}));
        check_round_trips(&list, &[Model::sent::<Holder<Vec<String>>>("A")]);
        fails(&list, Model::answered::<Holder<Vec<String>>>("A"));
        // This one does not take null.
        let message = fails(&list, Model::answered::<Answer>("A"));
        assert!(message.contains("null"), "{message}");
    }
}
