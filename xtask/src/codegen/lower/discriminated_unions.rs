//! Generators ignore discriminators, so that the members of a subtype vanish on a round trip: this pass turns a base with a
//! discriminator into a union of its subtypes, gives each the members of the base, and takes the discriminator out of both, as the
//! union reads and writes it.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::codegen::json::{array_mut, child, object, object_mut, required_text};
use crate::codegen::marks::{SINCE, UNION};
use crate::codegen::positions::{SCHEMAS, referenced, visit_schemas};
use crate::codegen::spec::{Refusal, Spec};

/// A base with a discriminator.
struct Base {
    discriminator: String,
    /// Names of the subtypes by the value of the discriminator.
    variants: BTreeMap<String, String>,
}

pub(super) fn discriminated_unions(spec: &mut Spec) -> Result<(), Refusal> {
    let bases = find_bases(spec.schemas())?;
    refuse_nested(&bases)?;
    for (name, base) in &bases {
        lower(spec, name, base)?;
    }
    let subtypes: BTreeMap<&str, &str> = bases
        .iter()
        .flat_map(|(name, base)| {
            base.variants
                .values()
                .map(|variant| (variant.as_str(), name.as_str()))
        })
        .collect();
    refuse_direct_uses(&mut spec.document, &subtypes)
}

fn find_bases(schemas: &Map<String, Value>) -> Result<BTreeMap<String, Base>, Refusal> {
    let mut bases = BTreeMap::new();
    for (name, schema) in schemas {
        let pointer = format!("{SCHEMAS}{name}");
        let Some(discriminator) = schema.get("discriminator") else {
            continue;
        };
        let pointer_within = child(&pointer, "discriminator");
        let discriminator = object(discriminator, &pointer_within)?;
        let property = required_text(discriminator, "propertyName", &pointer_within)?;
        let variants = match discriminator.get("mapping") {
            Some(mapping) => mapped(object(mapping, &pointer_within)?, schemas, &pointer_within)?,
            None => unmapped(name, schema, schemas),
        };
        if variants.is_empty() {
            return Err(Refusal::new(
                pointer,
                "a discriminator without subtypes",
                "add the subtypes, or drop the discriminator",
            ));
        }
        let base = Base {
            discriminator: property.to_owned(),
            variants,
        };
        bases.insert(name.clone(), base);
    }
    Ok(bases)
}

fn mapped(
    mapping: &Map<String, Value>,
    schemas: &Map<String, Value>,
    pointer: &str,
) -> Result<BTreeMap<String, String>, Refusal> {
    mapping
        .iter()
        .map(|(kind, target)| {
            let name = target
                .as_str()
                .map(|target| target.strip_prefix(SCHEMAS).unwrap_or(target))
                .filter(|name| schemas.contains_key(*name));
            match name {
                Some(name) => Ok((kind.clone(), name.to_owned())),
                None => Err(Refusal::new(
                    child(&child(pointer, "mapping"), kind),
                    format!("{target} is not a named schema of this document"),
                    "correct the mapping",
                )),
            }
        })
        .collect()
}

/// Without a mapping the subtypes are those of `oneOf`, or all that extend the base; their kind is given or is their name.
fn unmapped(name: &str, schema: &Value, schemas: &Map<String, Value>) -> BTreeMap<String, String> {
    let listed: Vec<&str> = ["oneOf", "anyOf"]
        .into_iter()
        .find_map(|list| schema.get(list)?.as_array())
        .map(|branches| branches.iter().filter_map(referenced).collect())
        .unwrap_or_default();
    schemas
        .iter()
        .filter(|(other, schema)| listed.contains(&other.as_str()) || extends(schema, name))
        .map(|(other, schema)| {
            let kind = schema
                .get("x-ms-discriminator-value")
                .and_then(Value::as_str)
                .unwrap_or(other);
            (kind.to_owned(), other.clone())
        })
        .collect()
}

fn extends(schema: &Value, base: &str) -> bool {
    schema
        .get("allOf")
        .and_then(Value::as_array)
        .is_some_and(|branches| {
            branches
                .iter()
                .any(|branch| referenced(branch) == Some(base))
        })
}

fn refuse_nested(bases: &BTreeMap<String, Base>) -> Result<(), Refusal> {
    let mut owners: BTreeMap<&str, &str> = BTreeMap::new();
    for (name, base) in bases {
        for variant in base.variants.values() {
            if bases.contains_key(variant) {
                return Err(Refusal::new(
                    format!("{SCHEMAS}{variant}"),
                    format!("a subtype of {name} with a discriminator of its own"),
                    "list all subtypes in the mapping of the outermost base",
                ));
            }
            let other = owners.insert(variant, name);
            if let Some(other) = other {
                return Err(Refusal::new(
                    format!("{SCHEMAS}{variant}"),
                    format!("belongs to {other} and {name}, or twice to one of them"),
                    "give each kind a schema of its own",
                ));
            }
        }
    }
    Ok(())
}

fn lower(spec: &mut Spec, name: &str, base: &Base) -> Result<(), Refusal> {
    let pointer = format!("{SCHEMAS}{name}");
    let mut schema = spec.schemas_mut()?.remove(name).unwrap_or_default();
    let map = object_mut(&mut schema, &pointer)?;
    if map.contains_key("allOf") {
        return Err(Refusal::new(
            pointer,
            "a base with a discriminator that itself extends another",
            "write its members out",
        ));
    }
    let shared = object_of_members(map);
    for (kind, variant) in &base.variants {
        let pointer = format!("{SCHEMAS}{variant}");
        let schemas = spec.schemas_mut()?;
        let schema = schemas
            .get_mut(variant)
            .ok_or_else(|| Refusal::new(&pointer, "is missing", "correct the mapping"))?;
        inherit(object_mut(schema, &pointer)?, &pointer, name, &shared)?;
        drop_property(object_mut(schema, &pointer)?, &base.discriminator);
        spec.log.change(
            &pointer,
            format!("the kind {kind:?} of {name}, with its members"),
        );
    }
    let variants: Vec<_> = base
        .variants
        .iter()
        .map(|(kind, variant)| json!({"kind": kind, "schema": variant}))
        .collect();
    let mut union = json!({UNION: {"discriminator": base.discriminator, "variants": variants}});
    for key in ["description", SINCE] {
        if let Some(said) = map.get(key) {
            union[key] = said.clone();
        }
    }
    spec.schemas_mut()?.insert(name.to_owned(), union);
    spec.log
        .change(pointer, format!("a union by {:?}", base.discriminator));
    Ok(())
}

/// The part of a base that its subtypes inherit.
fn object_of_members(base: &Map<String, Value>) -> Value {
    let mut members = json!({"type": "object"});
    for key in ["properties", "required", "additionalProperties"] {
        if let Some(value) = base.get(key) {
            members[key] = value.clone();
        }
    }
    members
}

/// Puts the members of the base in the place of the reference to it; the pass that flattens `allOf` merges them.
fn inherit(
    subtype: &mut Map<String, Value>,
    pointer: &str,
    base: &str,
    members: &Value,
) -> Result<(), Refusal> {
    let Some(branches) = subtype.get_mut("allOf") else {
        return Ok(());
    };
    for branch in array_mut(branches, &child(pointer, "allOf"))? {
        if referenced(branch) == Some(base) {
            *branch = members.clone();
        }
    }
    Ok(())
}

fn drop_property(schema: &mut Map<String, Value>, property: &str) {
    if let Some(Value::Object(properties)) = schema.get_mut("properties") {
        properties.remove(property);
    }
    if let Some(Value::Array(required)) = schema.get_mut("required") {
        required.retain(|name| name != property);
    }
    for branch in schema
        .get_mut("allOf")
        .and_then(Value::as_array_mut)
        .into_iter()
        .flatten()
        .filter_map(Value::as_object_mut)
    {
        drop_property(branch, property);
    }
}

/// A subtype outside of its union would be written without its kind.
fn refuse_direct_uses(
    document: &mut Value,
    subtypes: &BTreeMap<&str, &str>,
) -> Result<(), Refusal> {
    visit_schemas(document, &mut |schema, pointer| match referenced(schema)
        .and_then(|name| subtypes.get_key_value(name))
    {
        None => Ok(()),
        Some((name, base)) => Err(Refusal::new(
            pointer,
            format!("refers to {name}, one kind of {base}, directly"),
            format!("refer to {base}: a kind on its own would be sent without its discriminator"),
        )),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::discriminated_unions;
    use crate::codegen::spec::{Refusal, Spec};

    fn lowered(schemas: Value) -> Result<Spec, Refusal> {
        let mut spec = Spec::of_schemas(schemas);
        discriminated_unions(&mut spec).map(|()| spec)
    }

    fn subtype() -> Value {
        json!({
            "type": "object",
            "required": ["kind"],
            "properties": {"kind": {"type": "string"}, "n": {"type": "integer"}},
            "allOf": [{"$ref": "#/components/schemas/Base"}]
        })
    }

    #[test]
    fn a_base_becomes_a_union_and_its_subtypes_inherit() {
        let spec = lowered(json!({
            "Base": {
                "type": "object", "description": "A base.",
                "required": ["kind", "id"],
                "properties": {"kind": {"type": "string"}, "id": {"type": "string"}},
                "discriminator": {"propertyName": "kind", "mapping": {"one": "#/components/schemas/One"}}
            },
            "One": subtype()
        }))
        .expect("understood");
        assert_eq!(
            spec.schemas()["Base"],
            json!({
                "description": "A base.",
                "x-lowered-union": {"discriminator": "kind", "variants": [{"kind": "one", "schema": "One"}]}
            })
        );
        assert_eq!(
            spec.schemas()["One"],
            json!({
                "type": "object",
                "required": [],
                "properties": {"n": {"type": "integer"}},
                "allOf": [{"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}}]
            })
        );
    }

    #[test]
    fn without_a_mapping_the_subtypes_are_those_that_extend_the_base() {
        let mut one = subtype();
        one["x-ms-discriminator-value"] = json!("#1");
        let spec = lowered(json!({
            "Base": {"discriminator": {"propertyName": "kind"}}, "One": one, "Two": subtype()
        }))
        .expect("understood");
        assert_eq!(
            spec.schemas()["Base"]["x-lowered-union"]["variants"],
            json!([{"kind": "#1", "schema": "One"}, {"kind": "Two", "schema": "Two"}])
        );
    }

    #[test]
    fn unions_that_cannot_be_told_apart_are_refused() {
        let base =
            |mapping: Value| json!({"discriminator": {"propertyName": "kind", "mapping": mapping}});
        for (schemas, named) in [
            (json!({"Base": base(json!({}))}), "without subtypes"),
            (
                json!({"Base": base(json!({"one": "Gone"}))}),
                "not a named schema",
            ),
            (
                json!({"Base": base(json!({"one": "One", "two": "One"})), "One": subtype()}),
                "twice",
            ),
            (
                json!({"Base": base(json!({"one": "One"})), "One": base(json!({"two": "Two"})), "Two": {}}),
                "of its own",
            ),
            (
                json!({
                    "Base": base(json!({"one": "One"})), "One": subtype(),
                    "User": {"properties": {"one": {"$ref": "#/components/schemas/One"}}}
                }),
                "directly",
            ),
        ] {
            let refusal = lowered(schemas).err().expect(named);
            assert!(refusal.construct.contains(named), "{refusal}");
        }
    }
}
