//! A named schema may be no more than a text, a list or another name: this pass puts it where it is referred to, as only objects,
//! enumerations and unions become Rust types of their own.

use serde_json::{Map, Value};

use crate::codegen::json::object_mut;
use crate::codegen::marks::{OPEN_ENUM, UNION};
use crate::codegen::positions::{SCHEMAS, referenced, visit_schemas, visit_within};
use crate::codegen::spec::{Refusal, Spec};

pub(super) fn aliases(spec: &mut Spec) -> Result<(), Refusal> {
    let (types, aliases): (Map<_, _>, Map<_, _>) = std::mem::take(spec.schemas_mut()?)
        .into_iter()
        .partition(|(_, schema)| is_type(schema));
    refuse_endless(&aliases)?;
    for name in aliases.keys() {
        spec.log.change(
            format!("{SCHEMAS}{name}"),
            "not a type of its own: put where it is referred to",
        );
    }
    *spec.schemas_mut()? = types;
    visit_schemas(&mut spec.document, &mut |schema, pointer| {
        // An alias may stand for another one.
        while let Some(target) = referenced(schema).and_then(|name| aliases.get(name)) {
            let mut target = object_mut(&mut target.clone(), pointer)?.clone();
            let place = object_mut(schema, pointer)?;
            place.remove("$ref");
            // What is said at the place is more to the point than what is said of the alias.
            target.append(place);
            *schema = Value::Object(target);
        }
        Ok(())
    })
}

fn is_type(schema: &Value) -> bool {
    let marked = [OPEN_ENUM, UNION, "properties"]
        .iter()
        .any(|key| schema.get(*key).is_some());
    let is_object = schema.get("type").is_some_and(|kind| kind == "object");
    marked
        || (is_object
            && schema
                .get("additionalProperties")
                .is_none_or(Value::is_boolean))
}

/// An alias that leads back to itself would be put into itself for ever.
fn refuse_endless(aliases: &Map<String, Value>) -> Result<(), Refusal> {
    for name in aliases.keys() {
        let mut pending = vec![name.as_str()];
        let mut seen = Vec::new();
        while let Some(next) = pending.pop() {
            let mut schema = aliases[next].clone();
            let mut found = Vec::new();
            visit_within(&mut schema, name, &mut |schema, _| {
                let target = referenced(schema).and_then(|name| aliases.get_key_value(name));
                found.extend(target.map(|(name, _)| name.as_str()));
                Ok(())
            })?;
            if found.contains(&name.as_str()) {
                return Err(Refusal::new(
                    format!("{SCHEMAS}{name}"),
                    "contains itself without an object in between",
                    "make it an object, or list it under `raw-json` in specs/codegen.toml",
                ));
            }
            found.retain(|name| !seen.contains(name));
            seen.extend(found.iter().copied());
            pending.extend(found);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::aliases;
    use crate::codegen::spec::Spec;

    #[test]
    fn scalars_lists_and_second_names_are_put_in_place() {
        let mut spec = Spec::of_schemas(json!({
            "A": {"type": "object", "properties": {"list": {"$ref": "#/components/schemas/List", "description": "Here."}}},
            "List": {"type": "array", "items": {"$ref": "#/components/schemas/Name"}, "description": "There."},
            "Name": {"$ref": "#/components/schemas/Text"},
            "Text": {"type": "string"},
            "Empty": {"type": "object"},
            "Map": {"type": "object", "additionalProperties": {"$ref": "#/components/schemas/A"}}
        }));
        aliases(&mut spec).expect("finite");
        assert_eq!(spec.schemas().keys().collect::<Vec<_>>(), ["A", "Empty"]);
        assert_eq!(
            spec.at("/components/schemas/A/properties/list"),
            &json!({"type": "array", "items": {"type": "string"}, "description": "Here."})
        );
    }

    #[test]
    fn an_alias_that_contains_itself_is_refused() {
        for schemas in [
            json!({"Tree": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}}}),
            json!({"A": {"$ref": "#/components/schemas/B"}, "B": {"$ref": "#/components/schemas/A"}}),
        ] {
            let refusal = aliases(&mut Spec::of_schemas(schemas)).expect_err("endless");
            assert!(refusal.construct.contains("contains itself"), "{refusal}");
        }
    }
}
