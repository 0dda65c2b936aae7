//! Objects and enumerations may stand without a name within others, but every Rust type needs one: this pass moves them to the
//! named schemas, under the name of their owner and property.

use serde_json::{Map, Value, json};

use crate::codegen::json::{array_mut, child, object_mut, required_text};
use crate::codegen::marks::{ALSO_READ, OPEN_ENUM, SECRET, SINCE};
use crate::codegen::names::{is_identifier, type_name, variant_name};
use crate::codegen::positions::{SCHEMAS, reference_to, visit_operations};
use crate::codegen::spec::{Log, Refusal, Spec};

/// What a reference keeps of the schema it replaces: it describes the place, not the type.
const OF_THE_PLACE: [&str; 6] = [
    "description",
    "nullable",
    "readOnly",
    ALSO_READ,
    SECRET,
    SINCE,
];

pub(super) fn lift_inline(spec: &mut Spec) -> Result<(), Refusal> {
    let mut lifted = Lifted {
        schemas: spec.schemas().clone(),
        log: &mut spec.log,
    };
    for (name, mut schema) in lifted.schemas.clone() {
        let pointer = format!("{SCHEMAS}{name}");
        lifted.within(&mut schema, &name, &pointer)?;
        lifted.schemas.insert(name, schema);
    }
    visit_operations(&mut spec.document, &mut |at, operation| {
        lifted.in_operation(operation, &at.pointer)
    })?;
    let schemas = lifted.schemas;
    *spec.schemas_mut()? = schemas;
    Ok(())
}

struct Lifted<'a> {
    schemas: Map<String, Value>,
    log: &'a mut Log,
}

impl Lifted<'_> {
    fn in_operation(
        &mut self,
        operation: &mut Map<String, Value>,
        pointer: &str,
    ) -> Result<(), Refusal> {
        let owner = type_name(required_text(operation, "operationId", pointer)?);
        if let Some(parameters) = operation.get_mut("parameters") {
            let pointer = child(pointer, "parameters");
            for (index, parameter) in array_mut(parameters, &pointer)?.iter_mut().enumerate() {
                let pointer = child(&pointer, &index.to_string());
                let parameter = object_mut(parameter, &pointer)?;
                let name = variant_name(required_text(parameter, "name", &pointer)?);
                if let Some(schema) = parameter.get_mut("schema") {
                    let pointer = child(&pointer, "schema");
                    self.lift(schema, &format!("{owner}{name}"), &pointer)?;
                }
            }
        }
        if let Some(schema) = operation
            .get_mut("requestBody")
            .and_then(|body| first_schema(body.get_mut("content")?))
        {
            let pointer = child(pointer, "requestBody");
            self.lift(schema, &format!("{owner}Body"), &pointer)?;
        }
        let responses = operation
            .get_mut("responses")
            .and_then(Value::as_object_mut)
            .into_iter()
            .flatten();
        for (status, response) in responses {
            if let Some(schema) = response.get_mut("content").and_then(first_schema) {
                let pointer = child(&child(pointer, "responses"), status);
                self.lift(schema, &format!("{owner}Response"), &pointer)?;
            }
        }
        Ok(())
    }

    /// Moves a schema away if it needs a name, after what is within it.
    fn lift(&mut self, schema: &mut Value, name: &str, pointer: &str) -> Result<(), Refusal> {
        self.within(schema, name, pointer)?;
        if !needs_name(schema) {
            return Ok(());
        }
        if !is_identifier(name) {
            return Err(Refusal::new(
                pointer,
                format!("needs the name {name:?}, which Rust does not take"),
                "make it a named schema and refer to it",
            ));
        }
        let map = object_mut(schema, pointer)?;
        let kept: Map<_, _> = map
            .iter()
            .filter(|(key, _)| OF_THE_PLACE.contains(&key.as_str()))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        map.retain(|key, _| key == "description" || !kept.contains_key(key));
        let target = std::mem::replace(schema, Value::Object(kept));
        schema["$ref"] = reference_to(name);
        match self.schemas.get(name) {
            Some(known) if *known != target => {
                return Err(Refusal::new(
                    pointer,
                    format!("needs the name {name}, which another schema has"),
                    "give it a name in the document, or rename the other in specs/codegen.toml",
                ));
            }
            Some(_) => {}
            None => {
                self.schemas.insert(name.to_owned(), target);
                self.log.change(pointer, format!("named {name}"));
            }
        }
        Ok(())
    }

    fn within(&mut self, schema: &mut Value, owner: &str, pointer: &str) -> Result<(), Refusal> {
        let Some(map) = schema.as_object_mut() else {
            return Ok(());
        };
        if let Some(properties) = map.get_mut("properties") {
            let pointer = child(pointer, "properties");
            for (name, property) in object_mut(properties, &pointer)? {
                let name_of_type = format!("{owner}{}", variant_name(name));
                self.lift(property, &name_of_type, &child(&pointer, name))?;
            }
        }
        for (key, suffix) in [("items", "Item"), ("additionalProperties", "Value")] {
            if let Some(inner) = map.get_mut(key).filter(|inner| inner.is_object()) {
                self.lift(inner, &format!("{owner}{suffix}"), &child(pointer, key))?;
            }
        }
        Ok(())
    }
}

fn first_schema(content: &mut Value) -> Option<&mut Value> {
    content
        .as_object_mut()?
        .values_mut()
        .next()?
        .get_mut("schema")
}

fn needs_name(schema: &Value) -> bool {
    let has_members = schema
        .get("properties")
        .is_some_and(|properties| *properties != json!({}));
    has_members || schema.get(OPEN_ENUM).is_some()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::lift_inline;
    use crate::codegen::spec::{Options, Spec};

    #[test]
    fn nameless_objects_and_enums_get_the_names_of_their_places() {
        let open = json!({"type": "string", "x-lowered-open-enum": [{"value": "x"}]});
        let mut spec = Spec::of_schemas(json!({"Room": {"properties": {
            "owner": {"properties": {"id": {"type": "string"}}, "description": "Who.", "readOnly": true},
            "states": {"type": "array", "items": open}
        }}}));
        lift_inline(&mut spec).expect("free names");
        assert_eq!(
            spec.schemas()["Room"]["properties"],
            json!({
                "owner": {"$ref": "#/components/schemas/RoomOwner", "description": "Who.", "readOnly": true},
                "states": {"type": "array", "items": {"$ref": "#/components/schemas/RoomStatesItem"}}
            })
        );
        assert_eq!(
            spec.schemas()["RoomOwner"],
            json!({"properties": {"id": {"type": "string"}}, "description": "Who."})
        );
        assert_eq!(spec.schemas()["RoomStatesItem"], open);
    }

    #[test]
    fn parts_of_operations_are_named_after_them() {
        let object = json!({"properties": {"a": {"type": "string"}}});
        let content = json!({"content": {"application/json": {"schema": object}}});
        let mut spec = Spec::of_operation(
            "post",
            "/a",
            json!({"operationId": "addThing", "requestBody": content, "responses": {"200": content}}),
        );
        lift_inline(&mut spec).expect("free names");
        assert_eq!(spec.schemas()["AddThingBody"], object);
        assert_eq!(spec.schemas()["AddThingResponse"], object);
    }

    #[test]
    fn a_name_that_is_taken_is_refused() {
        let mut spec = Spec::new(
            json!({"components": {"schemas": {
                "A": {"properties": {"b": {"properties": {"x": {}}}}},
                "AB": {"type": "object"}
            }}}),
            Options::default(),
        );
        lift_inline(&mut spec).expect_err("taken");
    }
}
