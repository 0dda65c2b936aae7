//! Keys and passwords travel as plain texts: this pass marks their properties, so that `Debug` of a model does not show them.

use serde_json::Value;

use crate::codegen::marks::SECRET;
use crate::codegen::positions::visit_schemas;
use crate::codegen::spec::{Refusal, Spec};

pub(super) fn secrets(spec: &mut Spec) -> Result<(), Refusal> {
    for name in spec.options.secrets.clone() {
        let (schema, property) = name.split_once('.').unwrap_or((&name, ""));
        let pointer = format!("/components/schemas/{schema}/properties/{property}");
        let Some(Value::Object(property)) = spec.document.pointer_mut(&pointer) else {
            return Err(Refusal::new(
                format!("#{pointer}"),
                format!("`secrets` names {name:?} but the document does not have it"),
                "write `Schema.property` in specs/codegen.toml",
            ));
        };
        property.insert(SECRET.to_owned(), true.into());
        spec.log.change(format!("#{pointer}"), "not shown by Debug");
    }
    visit_schemas(&mut spec.document, &mut |schema, pointer| {
        if schema.get("format").and_then(Value::as_str) == Some("password")
            && let Some(schema) = schema.as_object_mut()
        {
            schema.insert(SECRET.to_owned(), true.into());
            spec.log.change(pointer, "a password: not shown by Debug");
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::secrets;
    use crate::codegen::spec::Spec;

    #[test]
    fn configured_properties_and_passwords_are_marked() {
        let mut spec = Spec::of_schemas(json!({"A": {"properties": {
            "key": {"type": "string"}, "word": {"type": "string", "format": "password"}, "plain": {"type": "string"}
        }}}));
        spec.options.secrets.insert("A.key".into());
        secrets(&mut spec).expect("exists");
        let properties = spec.at("/components/schemas/A/properties");
        assert_eq!(properties["key"]["x-lowered-secret"], true);
        assert_eq!(properties["word"]["x-lowered-secret"], true);
        assert_eq!(properties["plain"], json!({"type": "string"}));
    }

    #[test]
    fn a_property_that_does_not_exist_is_refused() {
        let mut spec = Spec::of_schemas(json!({"A": {}}));
        spec.options.secrets.insert("A.key".into());
        secrets(&mut spec).expect_err("missing");
    }
}
