//! Documents require properties that they do not declare (a slip seen in the Rooms document): this pass drops such names, with a
//! warning.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::codegen::json::texts;
use crate::codegen::positions::{referenced, visit_schemas};
use crate::codegen::spec::{Refusal, Spec};

pub(super) fn required_must_exist(spec: &mut Spec) -> Result<(), Refusal> {
    let schemas = spec.schemas().clone();
    visit_schemas(&mut spec.document, &mut |schema, pointer| {
        let Some(map) = schema.as_object() else {
            return Ok(());
        };
        let mut declared = BTreeSet::new();
        collect_properties(schema, &schemas, &mut BTreeSet::new(), &mut declared);
        let (known, unknown): (Vec<_>, Vec<_>) = texts(map, "required", pointer)?
            .into_iter()
            .map(str::to_owned)
            .partition(|name| declared.contains(name));
        if unknown.is_empty() {
            return Ok(());
        }
        for name in &unknown {
            spec.log.warn(
                "required-but-not-declared",
                &format!("{pointer}/{name}"),
                "`required` names a property that does not exist; it is ignored",
            );
        }
        schema["required"] = known.into();
        Ok(())
    })
}

/// Collects the names of the properties of a schema, those of its bases among them.
fn collect_properties(
    schema: &Value,
    schemas: &Map<String, Value>,
    visited: &mut BTreeSet<String>,
    found: &mut BTreeSet<String>,
) {
    if let Some(name) = referenced(schema) {
        if visited.insert(name.to_owned())
            && let Some(target) = schemas.get(name)
        {
            collect_properties(target, schemas, visited, found);
        }
        return;
    }
    let properties = schema.get("properties").and_then(Value::as_object);
    found.extend(properties.into_iter().flat_map(Map::keys).cloned());
    for branch in schema
        .get("allOf")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        collect_properties(branch, schemas, visited, found);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::required_must_exist;
    use crate::codegen::spec::Spec;

    #[test]
    fn names_without_a_property_are_dropped_with_a_warning() {
        let mut spec = Spec::of_schemas(json!({
            "Base": {"properties": {"id": {}}},
            "A": {
                "required": ["id", "name", "gone"],
                "properties": {"name": {}},
                "allOf": [{"$ref": "#/components/schemas/Base"}]
            }
        }));
        required_must_exist(&mut spec).expect("readable");
        assert_eq!(spec.schemas()["A"]["required"], json!(["id", "name"]));
        assert_eq!(
            spec.log.warnings[0].key,
            "required-but-not-declared #/components/schemas/A/gone"
        );
    }
}
