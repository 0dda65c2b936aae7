//! An enumeration that may grow is written as `anyOf: [string, enum]`, from which generators make types that cannot read it: this
//! pass marks it as open. One written as closed is read the same way, as a newer service may send a value that the document at hand
//! does not list, and a client must not fail over it.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::codegen::json::{child, object_mut};
use crate::codegen::marks::{ALSO_READ, OPEN_ENUM, SINCE};
use crate::codegen::positions::{referenced, visit_schemas};
use crate::codegen::spec::{Refusal, Spec};

/// Of a value: other spellings that senders have used.
const OTHER_SPELLINGS: &str = "x-acs-also-read";

pub(super) fn open_enums(spec: &mut Spec) -> Result<(), Refusal> {
    let schemas = spec.schemas().clone();
    visit_schemas(&mut spec.document, &mut |schema, pointer| {
        let Some((values, how)) = values(schema, &schemas) else {
            return Ok(());
        };
        let map = object_mut(schema, pointer)?;
        if map.get("type").is_some_and(|kind| kind != "string") {
            map.remove("enum");
            spec.log.change(
                pointer,
                "the list of values of a type other than string is dropped",
            );
            return Ok(());
        }
        let values = texts(&values, pointer)?;
        let described = descriptions(map.get("x-ms-enum"));
        let marked: Vec<_> = values
            .iter()
            .map(|value| {
                let mut marked = json!({"value": value});
                for (key, mark) in [
                    ("description", "description"),
                    (SINCE, SINCE),
                    (OTHER_SPELLINGS, ALSO_READ),
                ] {
                    if let Some(said) = described.get(*value).and_then(|entry| entry.get(key)) {
                        marked[mark] = said.clone();
                    }
                }
                marked
            })
            .collect();
        for key in ["anyOf", "oneOf", "enum", "x-ms-enum", "format"] {
            map.remove(key);
        }
        map.insert("type".to_owned(), "string".into());
        map.insert(OPEN_ENUM.to_owned(), marked.into());
        spec.log.change(pointer, how);
        Ok(())
    })
}

/// The values of an enumeration, and how it was written; `None` if the schema is none.
fn values(schema: &Value, schemas: &Map<String, Value>) -> Option<(Vec<Value>, &'static str)> {
    if let Some(values) = schema.get("enum") {
        return Some((
            values.as_array()?.clone(),
            "a list of values is read as an open enum",
        ));
    }
    let branches = ["anyOf", "oneOf"]
        .into_iter()
        .find_map(|list| schema.get(list)?.as_array())?;
    let mut values = Vec::new();
    let mut lists = 0;
    for branch in branches {
        let branch = referenced(branch)
            .and_then(|name| schemas.get(name))
            .unwrap_or(branch);
        if branch.get("type")? != "string" {
            return None;
        }
        if let Some(list) = branch.get("enum") {
            lists += 1;
            values.extend(list.as_array()?.iter().cloned());
        }
    }
    (lists > 0).then_some((values, "a string or a list of values is an open enum"))
}

/// The values as texts, each once. Null says no more than `nullable`.
fn texts<'a>(values: &'a [Value], pointer: &str) -> Result<Vec<&'a str>, Refusal> {
    let mut texts: Vec<&str> = Vec::new();
    for value in values.iter().filter(|value| !value.is_null()) {
        let Some(text) = value.as_str() else {
            return Err(Refusal::new(
                child(pointer, "enum"),
                format!("{value} is not a text"),
                "list texts, or give the schema another type",
            ));
        };
        if !texts.contains(&text) {
            texts.push(text);
        }
    }
    if texts.is_empty() {
        return Err(Refusal::new(
            pointer,
            "an enumeration without values",
            "list at least one value",
        ));
    }
    Ok(texts)
}

/// What is said of each value, which has its place in an extension only.
fn descriptions(extension: Option<&Value>) -> BTreeMap<String, Value> {
    let values = extension.and_then(|extension| extension.get("values")?.as_array());
    values
        .into_iter()
        .flatten()
        .filter_map(|entry| Some((entry.get("value")?.as_str()?.to_owned(), entry.clone())))
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::open_enums;
    use crate::codegen::spec::{Refusal, Spec};

    fn lowered(schema: Value) -> Result<Value, Refusal> {
        let mut spec = Spec::of_schemas(json!({
            "A": schema, "Listed": {"type": "string", "enum": ["x"]}
        }));
        open_enums(&mut spec).map(|()| spec.schemas()["A"].clone())
    }

    #[test]
    fn every_way_to_write_an_enumeration_gives_an_open_one() {
        let open = json!({"type": "string", "x-lowered-open-enum": [{"value": "x"}]});
        for schema in [
            json!({"anyOf": [{"type": "string"}, {"type": "string", "enum": ["x"]}]}),
            json!({"oneOf": [{"type": "string"}, {"$ref": "#/components/schemas/Listed"}]}),
            json!({"type": "string", "enum": ["x", null, "x"]}),
            json!({"enum": ["x"]}),
        ] {
            assert_eq!(lowered(schema.clone()), Ok(open.clone()), "{schema}");
        }
    }

    #[test]
    fn values_keep_their_descriptions_and_other_spellings() {
        let schema = lowered(json!({
            "type": "string", "enum": ["x"], "description": "All.",
            "x-ms-enum": {"values": [{"value": "x", "description": "An x.", "x-lowered-since": "2", "x-other": 1, "x-acs-also-read": ["X"]}]}
        }));
        assert_eq!(
            schema,
            Ok(json!({
                "type": "string", "description": "All.",
                "x-lowered-open-enum": [{
                    "value": "x", "description": "An x.", "x-lowered-since": "2", "x-lowered-also-read": ["X"]
                }]
            }))
        );
    }

    #[test]
    fn unions_of_scalars_and_numbers_stay_what_they_are() {
        let union = json!({"anyOf": [{"type": "string"}, {"type": "number"}]});
        assert_eq!(lowered(union.clone()), Ok(union));
        let number = json!({"type": "integer", "enum": [1, 2]});
        assert_eq!(lowered(number), Ok(json!({"type": "integer"})));
    }

    #[test]
    fn values_that_are_no_texts_are_refused() {
        lowered(json!({"type": "string", "enum": [1]})).expect_err("number");
        lowered(json!({"type": "string", "enum": []})).expect_err("empty");
    }
}
