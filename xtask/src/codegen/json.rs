//! Access to parts of a JSON document whose shape is not known to be right.

use serde_json::{Map, Value};

use super::spec::Refusal;

/// The pointer of a member of what `pointer` points to.
pub(super) fn child(pointer: &str, segment: &str) -> String {
    format!(
        "{pointer}/{}",
        segment.replace('~', "~0").replace('/', "~1")
    )
}

pub(super) fn object<'a>(
    value: &'a Value,
    pointer: &str,
) -> Result<&'a Map<String, Value>, Refusal> {
    value
        .as_object()
        .ok_or_else(|| unexpected(pointer, "an object", value))
}

pub(super) fn object_mut<'a>(
    value: &'a mut Value,
    pointer: &str,
) -> Result<&'a mut Map<String, Value>, Refusal> {
    match value {
        Value::Object(map) => Ok(map),
        other => Err(unexpected(pointer, "an object", other)),
    }
}

pub(super) fn array_mut<'a>(
    value: &'a mut Value,
    pointer: &str,
) -> Result<&'a mut Vec<Value>, Refusal> {
    match value {
        Value::Array(items) => Ok(items),
        other => Err(unexpected(pointer, "an array", other)),
    }
}

/// The text of a member, if the member exists.
pub(super) fn text<'a>(
    map: &'a Map<String, Value>,
    key: &str,
    pointer: &str,
) -> Result<Option<&'a str>, Refusal> {
    match map.get(key) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(other) => Err(unexpected(&child(pointer, key), "a text", other)),
    }
}

/// The text of a member that has to exist.
pub(super) fn required_text<'a>(
    map: &'a Map<String, Value>,
    key: &str,
    pointer: &str,
) -> Result<&'a str, Refusal> {
    text(map, key, pointer)?.ok_or_else(|| {
        Refusal::new(
            pointer,
            format!("`{key}` is missing"),
            format!("add `{key}`"),
        )
    })
}

/// The texts of a member that is a list of texts; none if the member does not exist.
pub(super) fn texts<'a>(
    map: &'a Map<String, Value>,
    key: &str,
    pointer: &str,
) -> Result<Vec<&'a str>, Refusal> {
    let items = match map.get(key) {
        None => return Ok(Vec::new()),
        Some(Value::Array(items)) => items,
        Some(other) => return Err(unexpected(&child(pointer, key), "an array", other)),
    };
    items
        .iter()
        .map(|item| {
            item.as_str()
                .ok_or_else(|| unexpected(&child(pointer, key), "an array of texts", item))
        })
        .collect()
}

/// Whether a member is there and true.
pub(super) fn flag(map: &Map<String, Value>, key: &str) -> bool {
    map.get(key).and_then(Value::as_bool).unwrap_or(false)
}

fn unexpected(pointer: &str, wanted: &str, found: &Value) -> Refusal {
    let found = match found {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    };
    Refusal::new(
        pointer,
        format!("{wanted} belongs here, not {found}"),
        "correct the document",
    )
}
