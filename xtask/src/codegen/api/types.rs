//! Reads the type of a schema at the place where it is used.

use serde_json::{Map, Value};

use super::Type;
use crate::codegen::json::{child, flag, object, text};
use crate::codegen::marks;
use crate::codegen::positions::{SCHEMAS, referenced};
use crate::codegen::spec::Refusal;

pub(super) fn read_type(schema: &Value, pointer: &str) -> Result<Type, Refusal> {
    read_map_type(object(schema, pointer)?, pointer)
}

pub(super) fn read_map_type(map: &Map<String, Value>, pointer: &str) -> Result<Type, Refusal> {
    if let Some(reference) = map.get("$ref") {
        return match reference
            .as_str()
            .and_then(|text| text.strip_prefix(SCHEMAS))
        {
            Some(name) => Ok(Type::Named(name.to_owned())),
            None => Err(not_lowered(pointer, &format!("`$ref` {reference}"))),
        };
    }
    if flag(map, marks::LABEL) {
        return Ok(Type::Label);
    }
    let format = text(map, "format", pointer)?;
    match (text(map, "type", pointer)?, format) {
        (None, _) => Ok(Type::Json),
        (Some("string"), Some("date-time")) => Ok(Type::Timestamp),
        (Some("string"), _) => Ok(Type::Text),
        (Some("boolean"), _) => Ok(Type::Boolean),
        (Some("integer"), Some("int32")) => Ok(Type::Int32),
        (Some("integer"), _) => Ok(Type::Int64),
        (Some("number"), _) => Ok(Type::Double),
        (Some("array"), _) => read_inner(map.get("items"), &child(pointer, "items"))
            .map(|inner| Type::List(Box::new(inner))),
        (Some("object"), _) => {
            let values = map
                .get("additionalProperties")
                .filter(|values| values.is_object());
            read_inner(values, &child(pointer, "additionalProperties"))
                .map(|inner| Type::Map(Box::new(inner)))
        }
        (Some(other), _) => Err(not_lowered(pointer, &format!("the type {other:?}"))),
    }
}

/// The type of what a list or a map holds: anything, if nothing is said.
fn read_inner(schema: Option<&Value>, pointer: &str) -> Result<Type, Refusal> {
    let Some(schema) = schema else {
        return Ok(Type::Json);
    };
    let inner = read_type(schema, pointer)?;
    let nullable = referenced(schema).is_none() && flag(object(schema, pointer)?, "nullable");
    Ok(match inner {
        Type::Json => Type::Json,
        inner if nullable => Type::Nullable(Box::new(inner)),
        inner => inner,
    })
}

fn not_lowered(pointer: &str, construct: &str) -> Refusal {
    Refusal::new(
        pointer,
        format!("{construct} is not understood here"),
        "rewrite the schema, or list it under `raw-json` in specs/codegen.toml",
    )
}
