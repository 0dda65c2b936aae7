//! References may point outside the document or to nothing: everything behind this pass may rely on those between schemas.

use serde_json::Value;

use crate::codegen::positions::{SCHEMAS, visit_schemas};
use crate::codegen::spec::{Refusal, Spec};

pub(super) fn references(spec: &mut Spec) -> Result<(), Refusal> {
    let names: Vec<String> = spec.schemas().keys().cloned().collect();
    visit_schemas(&mut spec.document, &mut |schema, pointer| {
        let Some(reference) = schema.get("$ref") else {
            return Ok(());
        };
        let Value::String(reference) = reference else {
            return Err(Refusal::new(
                pointer,
                "`$ref` is not a text",
                "correct the document",
            ));
        };
        let Some(name) = reference.strip_prefix(SCHEMAS) else {
            return Err(Refusal::new(
                pointer,
                format!("`$ref` {reference:?} does not point to a named schema of this document"),
                format!("copy its target to {SCHEMAS} and refer to it there"),
            ));
        };
        if names.iter().any(|known| known == name) {
            Ok(())
        } else {
            Err(Refusal::new(
                pointer,
                format!("`$ref` {reference:?} points to nothing"),
                "add the schema or correct the reference",
            ))
        }
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::references;
    use crate::codegen::spec::Spec;

    #[test]
    fn references_that_lead_nowhere_or_outside_are_refused() {
        for (reference, named) in [
            ("#/components/schemas/Gone", "points to nothing"),
            ("common.json#/Thing", "does not point to a named schema"),
        ] {
            let mut spec = Spec::of_schemas(json!({
                "A": {"properties": {"list": {"type": "array", "items": {"$ref": reference}}}}
            }));
            let refusal = references(&mut spec).expect_err(reference);
            assert_eq!(
                refusal.pointer,
                "#/components/schemas/A/properties/list/items"
            );
            assert!(refusal.construct.contains(named), "{refusal}");
        }
    }

    #[test]
    fn a_schema_may_refer_to_itself() {
        let mut spec = Spec::of_schemas(json!({
            "A": {"properties": {"a": {"$ref": "#/components/schemas/A"}}}
        }));
        references(&mut spec).expect("resolves");
    }
}
