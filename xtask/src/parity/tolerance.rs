//! Extensions that tell readers what to accept beyond a schema. They are written by hand, so each has to name something.
//!
//! `x-acs-also-read` gives other spellings of a member or an enum value, `x-acs-also-accept` other forms of a value, and
//! `x-acs-may-lack` the required members that a model has been seen without.

use std::collections::BTreeSet;

use serde_json::Value;

use super::document::{Document, Object, enumeration, known_about, list};

const ALSO_READ: &str = "x-acs-also-read";
pub(super) const ALSO_ACCEPT: &str = "x-acs-also-accept";
const MAY_LACK: &str = "x-acs-may-lack";

/// The forms that `x-acs-also-accept` may name.
const FORMS: &[&str] = &[
    "duration-text",
    "null",
    "number-text",
    "primitive",
    "us-date",
];

impl Document {
    /// What is wrong with the tolerance that the document asks of readers.
    pub(super) fn unusable_tolerance(&self) -> Vec<String> {
        let mut problems = Vec::new();
        for (name, schema) in self.schemas() {
            let members = self.all_members(schema);
            let names: BTreeSet<&str> = members.iter().map(|(name, _)| *name).collect();
            for (member, property) in own_members(schema) {
                let place = format!("{name}.{member}");
                check_spellings(&place, property, &names, &mut problems);
                check_forms(&place, property, &mut problems);
            }
            for lacking in texts(schema.get(MAY_LACK)) {
                if !members.contains(&(lacking, true)) {
                    problems.push(format!(
                        "{name} may lack {lacking}, which it does not require"
                    ));
                }
            }
            self.check_values(name, schema, &mut problems);
        }
        for event in self.event_types() {
            let payload = event.get("payload").and_then(Value::as_str);
            if payload.is_some_and(|payload| self.schema_named(payload).is_none()) {
                problems.push(format!(
                    "event {} carries what does not exist",
                    event["type"]
                ));
            }
        }
        problems
    }

    fn check_values(&self, name: &str, schema: &Object, problems: &mut Vec<String>) {
        let Some((_, values)) = enumeration(schema) else {
            return;
        };
        let names: BTreeSet<&str> = values.iter().filter_map(Value::as_str).collect();
        for value in values {
            let place = format!("{name} {value}");
            check_spellings(&place, known_about(schema, value), &names, problems);
        }
    }

    /// Names of the members of a model, inherited ones included, each with whether it is required.
    fn all_members<'a>(&'a self, schema: &'a Object) -> Vec<(&'a str, bool)> {
        let required: Vec<&str> = texts(schema.get("required")).collect();
        let own = own_members(schema).map(|(name, _)| (name, required.contains(&name)));
        let mut members: Vec<_> = own.collect();
        for base in list(schema.get("allOf")) {
            let name = base["$ref"]
                .as_str()
                .and_then(|path| path.rsplit('/').next());
            if let Some(base) = name.and_then(|name| self.schema_named(name)) {
                members.extend(self.all_members(base));
            }
        }
        members
    }

    fn schemas(&self) -> impl Iterator<Item = (&str, &Object)> {
        let schemas = self.root().pointer("/components/schemas");
        let schemas = schemas.and_then(Value::as_object).into_iter().flatten();
        schemas.filter_map(|(name, schema)| Some((name.as_str(), schema.as_object()?)))
    }

    fn schema_named(&self, name: &str) -> Option<&Object> {
        let schema = self.root().get("components")?.get("schemas")?.get(name)?;
        schema.as_object()
    }
}

fn own_members(schema: &Object) -> impl Iterator<Item = (&str, &Value)> {
    let properties = schema.get("properties").and_then(Value::as_object);
    properties
        .into_iter()
        .flatten()
        .map(|(name, property)| (name.as_str(), property))
}

/// Other spellings must not be taken already.
fn check_spellings(place: &str, value: &Value, names: &BTreeSet<&str>, problems: &mut Vec<String>) {
    for spelling in texts(value.get(ALSO_READ)) {
        if names.contains(spelling) {
            problems.push(format!(
                "{place} is also read as {spelling}, which is another one"
            ));
        }
    }
}

fn check_forms(place: &str, property: &Value, problems: &mut Vec<String>) {
    for form in texts(property.get(ALSO_ACCEPT)) {
        if !FORMS.contains(&form) {
            problems.push(format!(
                "{place} also accepts {form}, which is no known form"
            ));
        }
    }
}

fn texts(value: Option<&Value>) -> impl Iterator<Item = &str> {
    list(value).iter().filter_map(Value::as_str)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn problems(ball: Value) -> Vec<String> {
        let document = json!({ "components": { "schemas": {
            "Toy": {
                "type": "object",
                "required": ["id"],
                "properties": { "id": { "type": "string" } },
            },
            "Ball": ball,
        } } });
        Document::parse(&document.to_string())
            .unwrap()
            .unusable_tolerance()
    }

    #[test]
    fn a_reader_may_be_asked_for_what_does_not_clash() {
        let ball = json!({
            "allOf": [{ "$ref": "#/components/schemas/Toy" }],
            "properties": {
                "size": { "x-acs-also-read": ["Size"], "x-acs-also-accept": ["null", "number-text"] },
            },
            "x-acs-may-lack": ["id"],
        });
        assert_eq!(problems(ball), Vec::<String>::new());
    }

    #[test]
    fn a_spelling_that_is_taken_is_named() {
        let ball = json!({
            "allOf": [{ "$ref": "#/components/schemas/Toy" }],
            "properties": { "ballId": { "x-acs-also-read": ["id"] } },
        });
        assert_eq!(
            problems(ball),
            ["Ball.ballId is also read as id, which is another one"]
        );
        let color = json!({
            "anyOf": [{ "type": "string" }, { "type": "string", "enum": ["red", "Red"] }],
            "x-ms-enum": { "values": [{ "value": "red", "x-acs-also-read": ["Red"] }] },
        });
        assert_eq!(
            problems(color),
            ["Ball \"red\" is also read as Red, which is another one"]
        );
    }

    #[test]
    fn a_form_nobody_knows_is_named() {
        let ball = json!({ "properties": { "size": { "x-acs-also-accept": ["nul"] } } });
        assert_eq!(
            problems(ball),
            ["Ball.size also accepts nul, which is no known form"]
        );
    }

    #[test]
    fn only_a_required_member_may_be_lacking() {
        let ball = json!({ "properties": { "size": {} }, "x-acs-may-lack": ["size"] });
        assert_eq!(
            problems(ball),
            ["Ball may lack size, which it does not require"]
        );
    }

    #[test]
    fn the_data_of_an_event_has_to_exist() {
        let document =
            json!({ "x-acs-event-types": [{ "type": "Toys.Bought", "payload": "Bill" }] });
        let document = Document::parse(&document.to_string()).unwrap();
        assert_eq!(
            document.unusable_tolerance(),
            ["event \"Toys.Bought\" carries what does not exist"]
        );
    }
}
