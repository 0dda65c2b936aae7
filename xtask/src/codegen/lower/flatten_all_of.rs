//! `allOf` composes a schema of several: this pass merges the members of all branches into one object, as inheritance has no
//! counterpart in Rust structs.

use serde_json::{Map, Value, json};

use super::lenient_reading::MAY_LACK;
use crate::codegen::json::{child, object, object_mut, texts};
use crate::codegen::positions::{SCHEMAS, referenced, visit_schemas};
use crate::codegen::spec::{Refusal, Spec};

pub(super) fn flatten_all_of(spec: &mut Spec) -> Result<(), Refusal> {
    let schemas = spec.schemas().clone();
    visit_schemas(&mut spec.document, &mut |schema, pointer| {
        if schema.get("allOf").is_none() {
            return Ok(());
        }
        let mut merged = Merged::default();
        merged.add(schema, pointer, &schemas, &mut Vec::new())?;
        let map = object_mut(schema, pointer)?;
        map.remove("allOf");
        map.insert("type".to_owned(), "object".into());
        map.insert("properties".to_owned(), Value::Object(merged.properties));
        map.insert("required".to_owned(), merged.required.into());
        if !merged.may_lack.is_empty() {
            map.insert(MAY_LACK.to_owned(), merged.may_lack.into());
        }
        if let Some(additional) = merged.additional {
            map.insert("additionalProperties".to_owned(), additional);
        }
        spec.log.change(pointer, "`allOf` merged into one object");
        Ok(())
    })
}

#[derive(Default)]
struct Merged {
    properties: Map<String, Value>,
    required: Vec<String>,
    may_lack: Vec<String>,
    additional: Option<Value>,
}

impl Merged {
    /// Adds the members of a schema: first those of its bases, then its own. `path` holds the references on the way here.
    fn add(
        &mut self,
        schema: &Value,
        pointer: &str,
        schemas: &Map<String, Value>,
        path: &mut Vec<String>,
    ) -> Result<(), Refusal> {
        if let Some(name) = referenced(schema) {
            if path.iter().any(|visited| visited == name) {
                return Err(Refusal::new(
                    pointer,
                    format!("{name} extends itself"),
                    "break the cycle of `allOf`",
                ));
            }
            path.push(name.to_owned());
            let target = schemas.get(name).unwrap_or(&Value::Null);
            self.add(target, &format!("{SCHEMAS}{name}"), schemas, path)?;
            path.pop();
            return Ok(());
        }
        let map = object(schema, pointer)?;
        refuse_other_than_objects(map, pointer)?;
        let branches = map.get("allOf").and_then(Value::as_array);
        for (index, branch) in branches.into_iter().flatten().enumerate() {
            let pointer = child(&child(pointer, "allOf"), &index.to_string());
            self.add(branch, &pointer, schemas, path)?;
        }
        if let Some(properties) = map.get("properties") {
            let pointer = child(pointer, "properties");
            for (name, property) in object(properties, &pointer)? {
                self.add_property(name, property, &child(&pointer, name))?;
            }
        }
        for (list, names) in [
            (&mut self.required, texts(map, "required", pointer)?),
            (&mut self.may_lack, texts(map, MAY_LACK, pointer)?),
        ] {
            for name in names {
                if !list.iter().any(|known| known == name) {
                    list.push(name.to_owned());
                }
            }
        }
        if let Some(additional) = map.get("additionalProperties") {
            self.additional = Some(additional.clone());
        }
        Ok(())
    }

    /// A property may be repeated to describe it better, not to give it another type.
    fn add_property(&mut self, name: &str, property: &Value, pointer: &str) -> Result<(), Refusal> {
        if let Some(known) = self.properties.get(name)
            && of_type(known) != of_type(property)
        {
            return Err(Refusal::new(
                pointer,
                format!("the property {name:?} has another type in a base"),
                "rename it, or give it one type",
            ));
        }
        self.properties.insert(name.to_owned(), property.clone());
        Ok(())
    }
}

/// The schema without what only describes it.
fn of_type(schema: &Value) -> Value {
    let mut schema = schema.clone();
    if let Some(map) = schema.as_object_mut() {
        map.retain(|key, _| !matches!(key.as_str(), "description" | "title" | "readOnly"));
    }
    json!(schema)
}

fn refuse_other_than_objects(map: &Map<String, Value>, pointer: &str) -> Result<(), Refusal> {
    let other = map
        .get("type")
        .filter(|kind| *kind != "object")
        .map(|kind| format!("{kind} in `allOf`"))
        .or_else(|| {
            ["anyOf", "oneOf", "not"]
                .into_iter()
                .find(|key| map.contains_key(*key))
                .map(|key| format!("`{key}` in `allOf`"))
        });
    match other {
        None => Ok(()),
        Some(other) => Err(Refusal::new(
            pointer,
            other,
            "compose objects only, or list the schema under `raw-json` in specs/codegen.toml",
        )),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::flatten_all_of;
    use crate::codegen::spec::{Refusal, Spec};

    fn lowered(schemas: Value) -> Result<Value, Refusal> {
        let mut spec = Spec::of_schemas(schemas);
        flatten_all_of(&mut spec).map(|()| spec.schemas()["A"].clone())
    }

    #[test]
    fn bases_come_first_and_their_bases_before_them() {
        let schema = lowered(json!({
            "A": {
                "description": "An A.",
                "allOf": [{"$ref": "#/components/schemas/B"}, {"properties": {"x": {}}}],
                "properties": {"a": {}, "b": {"description": "More."}}, "required": ["a"]
            },
            "B": {"allOf": [{"$ref": "#/components/schemas/C"}], "properties": {"b": {}}, "required": ["b"]},
            "C": {"properties": {"c": {}}, "required": ["c"], "x-acs-may-lack": ["c"]}
        }));
        assert_eq!(
            schema,
            Ok(json!({
                "type": "object", "description": "An A.",
                "properties": {"a": {}, "b": {"description": "More."}, "c": {}, "x": {}},
                "required": ["c", "b", "a"], "x-acs-may-lack": ["c"]
            }))
        );
    }

    #[test]
    fn cycles_conflicts_and_scalars_are_refused() {
        for (schemas, named) in [
            (
                json!({"A": {"allOf": [{"$ref": "#/components/schemas/A"}]}}),
                "extends itself",
            ),
            (
                json!({"A": {"allOf": [{"properties": {"x": {"type": "string"}}}], "properties": {"x": {"type": "integer"}}}}),
                "another type",
            ),
            (
                json!({"A": {"allOf": [{"type": "string"}, {}]}}),
                "\"string\" in `allOf`",
            ),
            (json!({"A": {"allOf": [{"oneOf": []}, {}]}}), "`oneOf`"),
        ] {
            let refusal = lowered(schemas).expect_err(named);
            assert!(refusal.construct.contains(named), "{refusal}");
        }
    }
}
