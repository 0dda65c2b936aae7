//! OpenAPI 3.0 allows nothing beside `$ref`, so emitters write `allOf: [{$ref}]` to add a description: this pass puts the
//! reference in its place and keeps what stands beside it.

use serde_json::Value;

use crate::codegen::positions::{root_name, visit_schemas};
use crate::codegen::spec::{Refusal, Spec};

/// What may stand beside the reference without changing its type.
const BESIDE: [&str; 10] = [
    "default",
    "deprecated",
    "description",
    "example",
    "externalDocs",
    "nullable",
    "readOnly",
    "title",
    "writeOnly",
    "xml",
];

pub(super) fn collapse_single_all_of(spec: &mut Spec) -> Result<(), Refusal> {
    visit_schemas(&mut spec.document, &mut |schema, pointer| {
        // A named schema with one base is a type of its own.
        if root_name(pointer).is_some() {
            return Ok(());
        }
        let Some(map) = schema.as_object_mut() else {
            return Ok(());
        };
        let list = ["allOf", "anyOf", "oneOf"]
            .into_iter()
            .find(|list| map.contains_key(*list));
        let Some(list) = list else {
            return Ok(());
        };
        let only_beside = map
            .keys()
            .all(|key| key == list || BESIDE.contains(&key.as_str()) || key.starts_with("x-"));
        let branch = match map.get(list).and_then(Value::as_array).map(Vec::as_slice) {
            Some([Value::Object(branch)]) if only_beside && branch.contains_key("$ref") => branch,
            _ => return Ok(()),
        };
        let reference = branch["$ref"].clone();
        map.remove(list);
        map.insert("$ref".to_owned(), reference);
        spec.log
            .change(pointer, format!("`{list}` of one reference collapsed"));
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::collapse_single_all_of;
    use crate::codegen::spec::Spec;

    #[test]
    fn a_single_reference_moves_up_and_keeps_its_neighbours() {
        let reference = json!([{"$ref": "#/components/schemas/B"}]);
        let mut spec = Spec::of_schemas(json!({"A": {
            "allOf": reference,
            "properties": {
                "one": {"allOf": reference, "description": "One.", "readOnly": true},
                "two": {"allOf": [{"$ref": "#/components/schemas/B"}, {}]},
                "own": {"allOf": reference, "properties": {}}
            }
        }}));
        collapse_single_all_of(&mut spec).expect("valid");
        assert_eq!(
            spec.schemas()["A"],
            json!({
                "allOf": reference,
                "properties": {
                    "one": {"$ref": "#/components/schemas/B", "description": "One.", "readOnly": true},
                    "two": {"allOf": [{"$ref": "#/components/schemas/B"}, {}]},
                    "own": {"allOf": reference, "properties": {}}
                }
            })
        );
    }
}
