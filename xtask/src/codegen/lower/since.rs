//! One document stands for all api-versions, as the newest is a superset: this pass compares it with the earlier ones and notes
//! since which version an operation or a property exists.

use serde_json::{Map, Value};

use crate::codegen::json::child;
use crate::codegen::marks::SINCE;
use crate::codegen::positions::visit_operations;
use crate::codegen::spec::{Earlier, Refusal, Spec};

pub(super) fn since(spec: &mut Spec) -> Result<(), Refusal> {
    let newest = spec
        .document
        .pointer("/info/version")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    let earlier = &spec.options.earlier;
    refuse_what_vanished(&spec.document, earlier)?;
    visit_operations(&mut spec.document, &mut |at, operation| {
        let version = first_with(earlier, &newest, |document| {
            find_operation(document, at.path, at.method).is_some()
        });
        operation.insert(SINCE.to_owned(), version.into());
        Ok(())
    })?;
    let Some(schemas) = spec.document.pointer_mut("/components/schemas") else {
        return Ok(());
    };
    for (name, schema) in schemas.as_object_mut().into_iter().flatten() {
        let properties = schema
            .get_mut("properties")
            .and_then(Value::as_object_mut)
            .into_iter()
            .flatten();
        for (property, value) in properties {
            let version = first_with(earlier, &newest, |document| {
                find_properties(document, name).is_none_or(|known| known.contains_key(property))
            });
            let oldest = earlier
                .first()
                .map_or(newest.as_str(), |first| &first.version);
            if version != oldest
                && let Some(value) = value.as_object_mut()
            {
                value.insert(SINCE.to_owned(), version.into());
                spec.log.change(
                    child(&format!("#/components/schemas/{name}/properties"), property),
                    format!("exists since {version}"),
                );
            }
        }
    }
    Ok(())
}

fn first_with<'a>(
    earlier: &'a [Earlier],
    newest: &'a str,
    has: impl Fn(&Value) -> bool,
) -> &'a str {
    earlier
        .iter()
        .find(|earlier| has(&earlier.document))
        .map_or(newest, |earlier| &earlier.version)
}

fn find_operation<'a>(document: &'a Value, path: &str, method: &str) -> Option<&'a Value> {
    document.get("paths")?.get(path)?.get(method)
}

/// The properties of a named schema; `None` if the document has no such schema, whose properties are then no news.
fn find_properties<'a>(document: &'a Value, schema: &str) -> Option<&'a Map<String, Value>> {
    document
        .get("components")?
        .get("schemas")?
        .get(schema)?
        .get("properties")?
        .as_object()
}

fn refuse_what_vanished(newest: &Value, earlier: &[Earlier]) -> Result<(), Refusal> {
    for Earlier { version, document } in earlier {
        let mut document = document.clone();
        visit_operations(&mut document, &mut |at, _| match find_operation(
            newest, at.path, at.method,
        ) {
            Some(_) => Ok(()),
            None => Err(Refusal::new(
                &at.pointer,
                format!("exists in {version} but not in the newest document"),
                "one crate serves all api-versions: keep the operation in the newest document",
            )),
        })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::since;
    use crate::codegen::spec::{Earlier, Options, Spec};

    fn document(version: &str, path: &str, properties: Value) -> Value {
        json!({
            "info": {"version": version},
            "paths": {"/old": {"get": {}}, path: {"get": {}}},
            "components": {"schemas": {"A": {"properties": properties}}}
        })
    }

    fn spec(newest: Value, earlier: Value) -> Spec {
        let options = Options {
            earlier: vec![Earlier {
                version: "1".into(),
                document: earlier,
            }],
            ..Options::default()
        };
        Spec::new(newest, options)
    }

    #[test]
    fn what_only_the_newest_document_has_is_marked() {
        let mut spec = spec(
            document("2", "/new", json!({"a": {}, "b": {}})),
            document("1", "/old", json!({"a": {}})),
        );
        since(&mut spec).expect("superset");
        assert_eq!(spec.at("/paths/~1old/get/x-lowered-since"), "1");
        assert_eq!(spec.at("/paths/~1new/get/x-lowered-since"), "2");
        let properties = spec.at("/components/schemas/A/properties");
        assert_eq!(properties, &json!({"a": {}, "b": {"x-lowered-since": "2"}}));
    }

    #[test]
    fn an_operation_that_vanished_is_refused() {
        let mut spec = spec(
            document("2", "/old", json!({})),
            document("1", "/gone", json!({})),
        );
        let refusal = since(&mut spec).expect_err("gone");
        assert_eq!(refusal.pointer, "#/paths/~1gone/get");
    }
}
