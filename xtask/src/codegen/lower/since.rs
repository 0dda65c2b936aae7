//! One document stands for all api-versions, as the newest is a superset: this pass compares it with the earlier ones and notes
//! since which version an operation, a schema, a property or a value exists.

use serde_json::Value;

use crate::codegen::json::child;
use crate::codegen::marks::SINCE;
use crate::codegen::positions::{SCHEMAS, visit_operations};
use crate::codegen::spec::{Earlier, Log, Refusal, Spec};

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
    let oldest = earlier
        .first()
        .map_or(newest.as_str(), |first| &first.version);
    for (name, schema) in schemas.as_object_mut().into_iter().flatten() {
        let history = History {
            earlier: earlier
                .iter()
                .filter_map(|earlier| Some((earlier.version.as_str(), find_schema(earlier, name)?)))
                .collect(),
            newest: &newest,
        };
        history.mark(schema, &format!("{SCHEMAS}{name}"), oldest, &mut spec.log);
    }
    Ok(())
}

/// A schema in the earlier documents that have it, oldest first.
struct History<'a> {
    earlier: Vec<(&'a str, &'a Value)>,
    newest: &'a str,
}

impl History<'_> {
    /// Marks a schema that the oldest document lacks, and what it did not have from its beginning.
    fn mark(&self, schema: &mut Value, pointer: &str, oldest: &str, log: &mut Log) {
        let beginning = self.first_with(|_| true);
        if beginning != oldest {
            mark(schema, pointer, beginning, log);
        }
        let properties = schema.get_mut("properties").and_then(Value::as_object_mut);
        for (name, property) in properties.into_iter().flatten() {
            let version = self.first_with(|schema| {
                schema
                    .get("properties")
                    .is_some_and(|known| known.get(name).is_some())
            });
            if version != beginning {
                mark(
                    property,
                    &child(&child(pointer, "properties"), name),
                    version,
                    log,
                );
            }
        }
        let values = schema
            .pointer_mut("/x-ms-enum/values")
            .and_then(Value::as_array_mut);
        for entry in values.into_iter().flatten() {
            let value = entry.get("value").cloned().unwrap_or_default();
            let version = self.first_with(|schema| listed(schema).contains(&&value));
            if version != beginning {
                let name = value.as_str().unwrap_or_default();
                mark(entry, &child(pointer, name), version, log);
            }
        }
    }

    fn first_with(&self, has: impl Fn(&Value) -> bool) -> &str {
        self.earlier
            .iter()
            .find(|(_, schema)| has(schema))
            .map_or(self.newest, |(version, _)| version)
    }
}

fn mark(part: &mut Value, pointer: &str, version: &str, log: &mut Log) {
    if let Some(part) = part.as_object_mut() {
        part.insert(SINCE.to_owned(), version.into());
        log.change(pointer, format!("exists since {version}"));
    }
}

/// The values of an enumeration that are described.
fn listed(schema: &Value) -> Vec<&Value> {
    let values = schema
        .pointer("/x-ms-enum/values")
        .and_then(Value::as_array);
    values
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.get("value"))
        .collect()
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

fn find_schema<'a>(earlier: &'a Earlier, name: &str) -> Option<&'a Value> {
    let schemas = earlier.document.get("components")?.get("schemas")?;
    schemas.get(name)
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
    fn a_schema_begins_where_it_appears_and_its_parts_not_before() {
        let earlier = |version: &str, schemas: Value| Earlier {
            version: version.to_owned(),
            document: json!({"components": {"schemas": schemas}}),
        };
        let colors = |values: &[&str]| {
            let values: Vec<_> = values.iter().map(|value| json!({"value": value})).collect();
            json!({"properties": {"a": {}}, "x-ms-enum": {"values": values}})
        };
        let mut newest = colors(&["red", "blue", "green"]);
        newest["properties"]["b"] = json!({});
        let options = Options {
            earlier: vec![
                earlier("1", json!({})),
                earlier("2", json!({"Color": colors(&["red"])})),
                earlier("3", json!({"Color": colors(&["red", "blue"])})),
            ],
            ..Options::default()
        };
        let document =
            json!({"info": {"version": "4"}, "components": {"schemas": {"Color": newest}}});
        let mut spec = Spec::new(document, options);
        since(&mut spec).expect("superset");
        let color = spec.at("/components/schemas/Color");
        assert_eq!(color["x-lowered-since"], "2");
        assert_eq!(
            color["properties"],
            json!({"a": {}, "b": {"x-lowered-since": "4"}})
        );
        assert_eq!(
            color["x-ms-enum"]["values"],
            json!([
                {"value": "red"},
                {"value": "blue", "x-lowered-since": "3"},
                {"value": "green", "x-lowered-since": "4"}
            ])
        );
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
