//! Descriptions: they become the documentation of generated code, so nothing may lack one.

use serde_json::Value;

use super::document::{Document, METHODS, list};

impl Document {
    /// All operations, parameters, answers, headers, schemas, members, enum values and events without a description, and
    /// descriptions of enum values that do not exist.
    pub(super) fn undescribed(&self) -> Vec<String> {
        let mut names = Vec::new();
        for (path, item) in members(self.root(), "/paths") {
            for (method, operation) in members(item, "") {
                if METHODS.contains(&method.as_str()) {
                    self.operation_parts(&format!("{method} {path}"), operation, &mut names);
                }
            }
        }
        for (name, schema) in members(self.root(), "/components/schemas") {
            note(name, schema, &mut names);
            for (member, property) in members(schema, "/properties") {
                note(&format!("{name}.{member}"), property, &mut names);
            }
            enum_values(name, schema, &mut names);
        }
        for event in self.event_types() {
            note(&format!("event {}", event["type"]), event, &mut names);
        }
        let mut problems: Vec<String> = names
            .iter()
            .map(|name| format!("no description: {name}"))
            .collect();
        for (name, schema) in members(self.root(), "/components/schemas") {
            problems.extend(values_beyond_the_enum(name, schema));
        }
        problems
    }

    fn operation_parts(&self, name: &str, operation: &Value, names: &mut Vec<String>) {
        note(name, operation, names);
        for parameter in list(operation.get("parameters")) {
            let parameter = self.resolve(parameter).unwrap_or(parameter);
            note(
                &format!("{name}: parameter {}", parameter["name"]),
                parameter,
                names,
            );
        }
        if let Some(body) = operation.get("requestBody") {
            note(&format!("{name}: body"), body, names);
        }
        for (status, answer) in members(operation, "/responses") {
            note(&format!("{name}: answer {status}"), answer, names);
            for (header, value) in members(answer, "/headers") {
                note(
                    &format!("{name}: answer {status}: header {header}"),
                    value,
                    names,
                );
            }
        }
    }
}

/// The values of an open enum are described in `x-ms-enum`, since OpenAPI has no place for them.
fn enum_values(name: &str, schema: &Value, names: &mut Vec<String>) {
    let described = list(schema.pointer("/x-ms-enum/values"));
    for value in list(schema.pointer("/anyOf/1/enum")) {
        let entry = described.iter().find(|entry| entry["value"] == *value);
        note(
            &format!("{name} {value}"),
            entry.unwrap_or(&Value::Null),
            names,
        );
    }
}

fn values_beyond_the_enum(name: &str, schema: &Value) -> Vec<String> {
    let values = list(schema.pointer("/anyOf/1/enum"));
    list(schema.pointer("/x-ms-enum/values"))
        .iter()
        .map(|entry| &entry["value"])
        .filter(|value| !values.contains(value))
        .map(|value| format!("a description of what is not there: {name} {value}"))
        .collect()
}

fn note(name: &str, value: &Value, names: &mut Vec<String>) {
    let description = value
        .get("description")
        .and_then(Value::as_str)
        .unwrap_or_default();
    if description.trim().is_empty() {
        names.push(name.to_owned());
    }
}

fn members<'a>(value: &'a Value, pointer: &str) -> impl Iterator<Item = (&'a String, &'a Value)> {
    value
        .pointer(pointer)
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
}
