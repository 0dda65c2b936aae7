//! Formats decide on types, and generators draw in a crate for some: this pass leaves the few that have a type here and reads the
//! others as what they are on the wire.

use serde_json::{Map, Value};

use crate::codegen::json::text;
use crate::codegen::positions::visit_schemas;
use crate::codegen::spec::{Log, Refusal, Spec};

pub(super) fn formats(spec: &mut Spec) -> Result<(), Refusal> {
    visit_schemas(&mut spec.document, &mut |schema, pointer| {
        let Some(map) = schema.as_object_mut() else {
            return Ok(());
        };
        let Some(format) = text(map, "format", pointer)?.map(str::to_owned) else {
            return Ok(());
        };
        let kind = text(map, "type", pointer)?.unwrap_or_default();
        match lowered(kind, &format) {
            Some(kept) if kept == format => {}
            Some(kept) => {
                map.insert("format".to_owned(), kept.into());
                spec.log
                    .change(pointer, format!("{format} is read as {kept}"));
            }
            None => drop_format(map, &format, pointer, &mut spec.log),
        }
        Ok(())
    })
}

/// The format that stands for a type of its own, if there is one.
fn lowered(kind: &str, format: &str) -> Option<&'static str> {
    match (kind, format) {
        ("string", "date-time") => Some("date-time"),
        ("integer", "int8" | "int16" | "int32" | "uint8" | "uint16") => Some("int32"),
        ("integer", "int64" | "uint32") => Some("int64"),
        _ => None,
    }
}

fn drop_format(map: &mut Map<String, Value>, format: &str, pointer: &str, log: &mut Log) {
    let kind = map.get("type").cloned().unwrap_or_default();
    map.remove("format");
    log.change(pointer, format!("{format} is read as any {kind}"));
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::formats;
    use crate::codegen::spec::Spec;

    #[test]
    fn only_formats_with_a_type_of_their_own_stay() {
        for (kind, format, lowered) in [
            ("string", "date-time", json!("date-time")),
            ("string", "uuid", json!(null)),
            ("string", "uri", json!(null)),
            ("integer", "int16", json!("int32")),
            ("integer", "int64", json!("int64")),
            ("number", "double", json!(null)),
        ] {
            let mut spec = Spec::of_schemas(json!({"A": {"type": kind, "format": format}}));
            formats(&mut spec).expect("known");
            let found = spec.schemas()["A"].get("format").cloned();
            assert_eq!(found.unwrap_or_default(), lowered, "{format}");
        }
    }
}
