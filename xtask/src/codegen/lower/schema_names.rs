//! Schema names may hold dots or begin in lower case, and some deserve a better name: this pass gives every schema the name of
//! its Rust type and follows up on all references.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::codegen::names::{is_identifier, type_name};
use crate::codegen::positions::{SCHEMAS, reference_to, referenced, visit_schemas};
use crate::codegen::spec::{Refusal, Spec};

pub(super) fn schema_names(spec: &mut Spec) -> Result<(), Refusal> {
    let new_names = new_names(spec)?;
    rename_schemas(spec, &new_names)?;
    visit_schemas(&mut spec.document, &mut |schema, _| {
        if let Some(name) = referenced(schema).and_then(|name| new_names.get(name)) {
            schema["$ref"] = reference_to(name);
        }
        if let Some(Value::Object(mapping)) = schema.pointer_mut("/discriminator/mapping") {
            rename_targets(mapping, &new_names);
        }
        Ok(())
    })?;
    spec.type_names = new_names;
    Ok(())
}

/// The new name of each schema, by its old one.
fn new_names(spec: &Spec) -> Result<BTreeMap<String, String>, Refusal> {
    let schemas = spec.schemas();
    for old in spec.options.renames.keys() {
        if !old.contains('.') && !schemas.contains_key(old) {
            return Err(Refusal::new(
                format!("{SCHEMAS}{old}"),
                "`renames` names it but the document does not have it",
                "correct specs/codegen.toml",
            ));
        }
    }
    let mut owners = BTreeMap::new();
    let mut new_names = BTreeMap::new();
    for old in schemas.keys() {
        let new = match spec.options.renames.get(old) {
            Some(new) => new.clone(),
            None => type_name(old),
        };
        if !is_identifier(&new) {
            return Err(Refusal::new(
                format!("{SCHEMAS}{old}"),
                format!("gets the type name {new:?}, which Rust does not take"),
                "give it another name under `renames` in specs/codegen.toml",
            ));
        }
        if let Some(other) = owners.insert(new.clone(), old) {
            return Err(Refusal::new(
                format!("{SCHEMAS}{old}"),
                format!("gets the same type name as the schema {other:?}: {new}"),
                "give one of them another name under `renames` in specs/codegen.toml",
            ));
        }
        new_names.insert(old.clone(), new);
    }
    Ok(new_names)
}

fn rename_schemas(spec: &mut Spec, new_names: &BTreeMap<String, String>) -> Result<(), Refusal> {
    let schemas = spec.schemas_mut()?;
    let mut renamed = Map::new();
    for (old, schema) in std::mem::take(schemas) {
        renamed.insert(new_names[&old].clone(), schema);
    }
    *schemas = renamed;
    for (old, new) in new_names.iter().filter(|(old, new)| old != new) {
        spec.log
            .change(format!("{SCHEMAS}{old}"), format!("named {new}"));
    }
    Ok(())
}

fn rename_targets(mapping: &mut Map<String, Value>, new_names: &BTreeMap<String, String>) {
    for target in mapping.values_mut() {
        let name = target
            .as_str()
            .map(|target| target.strip_prefix(SCHEMAS).unwrap_or(target));
        if let Some(new) = name.and_then(|name| new_names.get(name)) {
            *target = reference_to(new);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::schema_names;
    use crate::codegen::spec::Spec;

    #[test]
    fn references_and_mappings_follow_the_new_name() {
        let mut spec = Spec::of_schemas(json!({
            "Core.base": {"discriminator": {"propertyName": "kind", "mapping": {"a": "#/components/schemas/leaf", "b": "leaf"}}},
            "leaf": {"allOf": [{"$ref": "#/components/schemas/Core.base"}]}
        }));
        spec.options.renames.insert("leaf".into(), "Blade".into());
        schema_names(&mut spec).expect("no clash");
        assert_eq!(
            spec.schemas()["CoreBase"]["discriminator"]["mapping"],
            json!({"a": "#/components/schemas/Blade", "b": "#/components/schemas/Blade"})
        );
        assert_eq!(
            spec.schemas()["Blade"]["allOf"][0]["$ref"],
            "#/components/schemas/CoreBase"
        );
    }

    #[test]
    fn two_schemas_with_one_type_name_are_refused() {
        let mut spec = Spec::of_schemas(json!({"a.b": {}, "aB": {}}));
        let refusal = schema_names(&mut spec).expect_err("clash");
        assert!(refusal.construct.contains("AB"), "{refusal}");
    }

    #[test]
    fn a_name_that_rust_does_not_take_is_refused() {
        let mut spec = Spec::of_schemas(json!({"½": {}}));
        let refusal = schema_names(&mut spec).expect_err("no letter");
        assert_eq!(refusal.pointer, "#/components/schemas/½");
        let mut spec = Spec::of_schemas(json!({"A": {}}));
        spec.options.renames.insert("A".into(), "an A".into());
        schema_names(&mut spec).expect_err("a space");
    }

    #[test]
    fn a_rename_of_nothing_is_refused() {
        let mut spec = Spec::of_schemas(json!({}));
        spec.options.renames.insert("Gone".into(), "New".into());
        schema_names(&mut spec).expect_err("unknown");
    }
}
