//! Limits and patterns become types that reject what the real service sends, and defaults would be written into every patch: this
//! pass takes them out. A default goes into the description, as the service applies it.

use serde_json::{Map, Value, json};

use crate::codegen::positions::visit_schemas;
use crate::codegen::spec::{Refusal, Spec};

/// What the emitters know. Other members limit or illustrate a type; none changes it.
const KEPT: [&str; 9] = [
    "$ref",
    "additionalProperties",
    "description",
    "format",
    "items",
    "nullable",
    "properties",
    "required",
    "type",
];
const STRIPPED: [&str; 21] = [
    "default",
    "deprecated",
    "discriminator",
    "example",
    "examples",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "externalDocs",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "multipleOf",
    "pattern",
    "title",
    "uniqueItems",
    "xml",
];

pub(super) fn strip_constraints(spec: &mut Spec) -> Result<(), Refusal> {
    visit_schemas(&mut spec.document, &mut |schema, pointer| {
        describe_default(schema);
        let Some(map) = schema.as_object_mut() else {
            return Ok(());
        };
        if drop_further_members(map) {
            spec.log
                .change(pointer, "members that are not declared are not kept");
        }
        let mut stripped = Vec::new();
        for key in map.keys() {
            if STRIPPED.contains(&key.as_str()) || is_foreign_extension(key) {
                stripped.push(key.clone());
            } else if !is_kept(key) {
                return Err(unknown(key, pointer));
            }
        }
        map.retain(|key, _| is_kept(key));
        if !stripped.is_empty() {
            spec.log
                .change(pointer, format!("without {}", stripped.join(", ")));
        }
        Ok(())
    })
}

/// An object with properties and further members of any type is a struct: reading it ignores what it does not know.
fn drop_further_members(map: &mut Map<String, Value>) -> bool {
    let is_open = map
        .get("additionalProperties")
        .is_some_and(|further| *further == json!({}) || *further == json!(true));
    let drops = is_open && map.contains_key("properties");
    if drops {
        map.remove("additionalProperties");
    }
    drops
}

fn is_foreign_extension(key: &str) -> bool {
    key.starts_with("x-") && !key.starts_with("x-lowered-")
}

fn is_kept(key: &str) -> bool {
    KEPT.contains(&key) || key.starts_with("x-lowered-") || matches!(key, "readOnly" | "writeOnly")
}

/// Adds the default to a description that does not speak of it.
fn describe_default(schema: &mut Value) {
    let default = schema.get("default").filter(|default| !default.is_null());
    let description = schema.get("description").and_then(Value::as_str);
    if let (Some(default), Some(description)) = (default, description)
        && !description.to_lowercase().contains("default")
    {
        schema["description"] = format!("{description}\n\nDefault: `{default}`.").into();
    }
}

fn unknown(key: &str, pointer: &str) -> Refusal {
    let remedy = match key {
        "anyOf" | "oneOf" => {
            "add a discriminator, or list the schema under `raw-json` in specs/codegen.toml"
        }
        _ => "rewrite the schema without it, or list it under `raw-json` in specs/codegen.toml",
    };
    Refusal::new(pointer, format!("`{key}` is not understood here"), remedy)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::strip_constraints;
    use crate::codegen::spec::Spec;

    #[test]
    fn limits_go_and_properties_that_are_called_like_them_stay() {
        let mut spec = Spec::of_schemas(json!({"A": {
            "type": "object", "title": "An A", "x-ms-mutability": [],
            "properties": {"title": {"type": "string", "maxLength": 5, "pattern": "x", "readOnly": true}}
        }}));
        strip_constraints(&mut spec).expect("known");
        assert_eq!(
            spec.schemas()["A"],
            json!({"type": "object", "properties": {"title": {"type": "string", "readOnly": true}}})
        );
    }

    #[test]
    fn a_default_goes_into_a_description_that_does_not_speak_of_it() {
        let mut spec = Spec::of_schemas(json!({"A": {"properties": {
            "n": {"type": "integer", "default": 1, "description": "How many."},
            "m": {"type": "integer", "default": 1, "description": "How many. By default one."}
        }}}));
        strip_constraints(&mut spec).expect("known");
        let description = |name: &str| {
            spec.at(&format!(
                "/components/schemas/A/properties/{name}/description"
            ))
        };
        assert_eq!(description("n"), "How many.\n\nDefault: `1`.");
        assert_eq!(description("m"), "How many. By default one.");
    }

    #[test]
    fn further_members_of_any_type_are_dropped_beside_properties_only() {
        for (schema, stays) in [
            (
                json!({"properties": {"a": {}}, "additionalProperties": {}}),
                false,
            ),
            (
                json!({"properties": {"a": {}}, "additionalProperties": true}),
                false,
            ),
            (
                json!({"type": "object", "additionalProperties": true}),
                true,
            ),
            (
                json!({"properties": {"a": {}}, "additionalProperties": {"type": "string"}}),
                true,
            ),
        ] {
            let mut spec = Spec::of_schemas(json!({"A": schema}));
            strip_constraints(&mut spec).expect("known");
            let found = spec.schemas()["A"].get("additionalProperties").is_some();
            assert_eq!(found, stays, "{schema}");
        }
    }

    #[test]
    fn what_no_pass_lowered_is_refused() {
        for key in ["oneOf", "not", "patternProperties"] {
            let mut spec = Spec::of_schemas(json!({"A": {key: []}}));
            if key == "not" {
                spec = Spec::of_schemas(json!({"A": {"not": {}}}));
            }
            let refusal = strip_constraints(&mut spec).expect_err(key);
            assert!(refusal.construct.contains(key), "{refusal}");
        }
    }
}
