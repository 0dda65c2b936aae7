//! Some schemas have no good Rust form: those named under `raw-json` in `specs/codegen.toml` are carried as JSON values.

use serde_json::json;

use crate::codegen::json::object_mut;
use crate::codegen::spec::{Refusal, Spec};

pub(super) fn raw_json(spec: &mut Spec) -> Result<(), Refusal> {
    for name in spec.options.raw_json.clone() {
        let pointer = format!("#/components/schemas/{name}");
        let Some(schema) = spec.schemas_mut()?.get_mut(&name) else {
            return Err(Refusal::new(
                pointer,
                "`raw-json` names it but the document does not have it",
                "correct specs/codegen.toml",
            ));
        };
        let description = object_mut(schema, &pointer)?.remove("description");
        *schema = json!({});
        if let Some(description) = description {
            schema["description"] = description;
        }
        spec.log.change(pointer, "carried as raw JSON");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::raw_json;
    use crate::codegen::spec::Spec;

    #[test]
    fn a_named_schema_keeps_its_description_only() {
        let mut spec = Spec::of_schemas(json!({"A": {"oneOf": [{}, {}], "description": "Odd."}}));
        spec.options.raw_json.insert("A".into());
        raw_json(&mut spec).expect("exists");
        assert_eq!(spec.schemas()["A"], json!({"description": "Odd."}));
    }

    #[test]
    fn a_schema_that_does_not_exist_is_refused() {
        let mut spec = Spec::of_schemas(json!({}));
        spec.options.raw_json.insert("A".into());
        raw_json(&mut spec).expect_err("missing");
    }
}
