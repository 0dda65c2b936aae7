//! Where operations and schemas stand in a document.
//!
//! The passes visit these positions and nothing else: a property may be called `title`, `default` or `$ref`, so a search for
//! such members in the whole tree would hit the wrong things.

use serde_json::{Map, Value};

use super::json::{array_mut, child, object_mut};
use super::spec::Refusal;

/// Beginning of every reference to a named schema.
pub(super) const SCHEMAS: &str = "#/components/schemas/";

const METHODS: [&str; 8] = [
    "delete", "get", "head", "options", "patch", "post", "put", "trace",
];

/// The member of a document that lists the types of events.
pub(super) const EVENT_TYPES: &str = "x-acs-event-types";

/// Where an operation stands.
pub(super) struct OperationAt<'a> {
    pub(super) path: &'a str,
    /// In lower case, as in the document.
    pub(super) method: &'a str,
    pub(super) pointer: String,
}

pub(super) type VisitOperation<'a> =
    dyn FnMut(&OperationAt<'_>, &mut Map<String, Value>) -> Result<(), Refusal> + 'a;
pub(super) type VisitSchema<'a> = dyn FnMut(&mut Value, &str) -> Result<(), Refusal> + 'a;

pub(super) fn is_method(name: &str) -> bool {
    METHODS.contains(&name)
}

/// Visits all operations in the order of their paths and methods.
pub(super) fn visit_operations(
    document: &mut Value,
    visit: &mut VisitOperation<'_>,
) -> Result<(), Refusal> {
    let Some(paths) = document.get_mut("paths") else {
        return Ok(());
    };
    for (path, item) in object_mut(paths, "#/paths")? {
        let item_pointer = child("#/paths", path);
        for (method, operation) in object_mut(item, &item_pointer)? {
            if is_method(method) {
                let pointer = child(&item_pointer, method);
                let operation = object_mut(operation, &pointer)?;
                visit(
                    &OperationAt {
                        path,
                        method,
                        pointer,
                    },
                    operation,
                )?;
            }
        }
    }
    Ok(())
}

/// Visits every schema, an outer one before those within it: first the named schemas, then those of operations and events.
pub(super) fn visit_schemas(
    document: &mut Value,
    visit: &mut VisitSchema<'_>,
) -> Result<(), Refusal> {
    visit_roots(document, &mut |schema, pointer| {
        visit_within(schema, pointer, visit)
    })
}

/// Visits the schemas that are within no other schema: the named ones, those of parameters, bodies and responses, and those of
/// the data of events.
pub(super) fn visit_roots(
    document: &mut Value,
    visit: &mut VisitSchema<'_>,
) -> Result<(), Refusal> {
    if let Some(schemas) = document.pointer_mut("/components/schemas") {
        for (name, schema) in object_mut(schemas, "#/components/schemas")? {
            visit(schema, &child("#/components/schemas", name))?;
        }
    }
    visit_uses(document, visit)
}

/// Visits the outermost schemas of operations and events: what the service sends and takes.
pub(super) fn visit_uses(document: &mut Value, visit: &mut VisitSchema<'_>) -> Result<(), Refusal> {
    visit_operations(document, &mut |at, operation| {
        visit_operation_roots(operation, &at.pointer, visit)
    })?;
    let events = document.get_mut(EVENT_TYPES).and_then(Value::as_array_mut);
    for (index, event) in events.into_iter().flatten().enumerate() {
        if let Some(data) = event.get_mut("payload") {
            visit(data, &format!("#/{EVENT_TYPES}/{index}/payload"))?;
        }
    }
    Ok(())
}

/// Visits the outermost schemas of one operation.
fn visit_operation_roots(
    operation: &mut Map<String, Value>,
    pointer: &str,
    visit: &mut VisitSchema<'_>,
) -> Result<(), Refusal> {
    if let Some(parameters) = operation.get_mut("parameters") {
        let pointer = child(pointer, "parameters");
        for (index, parameter) in array_mut(parameters, &pointer)?.iter_mut().enumerate() {
            let pointer = child(&pointer, &index.to_string());
            if let Some(schema) = object_mut(parameter, &pointer)?.get_mut("schema") {
                visit(schema, &child(&pointer, "schema"))?;
            }
        }
    }
    if let Some(body) = operation.get_mut("requestBody") {
        visit_content(body, &child(pointer, "requestBody"), visit)?;
    }
    if let Some(responses) = operation.get_mut("responses") {
        let pointer = child(pointer, "responses");
        for (status, response) in object_mut(responses, &pointer)? {
            visit_content(response, &child(&pointer, status), visit)?;
        }
    }
    Ok(())
}

fn visit_content(
    holder: &mut Value,
    pointer: &str,
    visit: &mut VisitSchema<'_>,
) -> Result<(), Refusal> {
    let Some(content) = object_mut(holder, pointer)?.get_mut("content") else {
        return Ok(());
    };
    let pointer = child(pointer, "content");
    for (media_type, entry) in object_mut(content, &pointer)? {
        let pointer = child(&pointer, media_type);
        if let Some(schema) = object_mut(entry, &pointer)?.get_mut("schema") {
            visit(schema, &child(&pointer, "schema"))?;
        }
    }
    Ok(())
}

/// Visits a schema and those within it. What a visit puts in the place of a schema is visited too.
pub(super) fn visit_within(
    schema: &mut Value,
    pointer: &str,
    visit: &mut VisitSchema<'_>,
) -> Result<(), Refusal> {
    visit(schema, pointer)?;
    visit_children(schema, pointer, &mut |schema, pointer| {
        visit_within(schema, pointer, visit)
    })
}

/// Visits the schemas directly within a schema.
pub(super) fn visit_children(
    schema: &mut Value,
    pointer: &str,
    visit: &mut VisitSchema<'_>,
) -> Result<(), Refusal> {
    let map = object_mut(schema, pointer)?;
    if map.contains_key("$ref") {
        return Ok(());
    }
    if let Some(properties) = map.get_mut("properties") {
        let pointer = child(pointer, "properties");
        for (name, property) in object_mut(properties, &pointer)? {
            visit(property, &child(&pointer, name))?;
        }
    }
    for key in ["items", "not", "additionalProperties"] {
        if let Some(inner) = map.get_mut(key).filter(|inner| !inner.is_boolean()) {
            visit(inner, &child(pointer, key))?;
        }
    }
    for key in ["allOf", "anyOf", "oneOf"] {
        if let Some(branches) = map.get_mut(key) {
            let pointer = child(pointer, key);
            for (index, branch) in array_mut(branches, &pointer)?.iter_mut().enumerate() {
                visit(branch, &child(&pointer, &index.to_string()))?;
            }
        }
    }
    Ok(())
}

/// The name of the schema that a reference points to, if the schema is one.
pub(super) fn referenced(schema: &Value) -> Option<&str> {
    schema.get("$ref")?.as_str()?.strip_prefix(SCHEMAS)
}

/// A reference to a named schema.
pub(super) fn reference_to(name: &str) -> Value {
    Value::from(format!("{SCHEMAS}{name}"))
}

/// The name of the schema, if the pointer is that of a named schema and not of something within.
pub(super) fn root_name(pointer: &str) -> Option<String> {
    let rest = pointer.strip_prefix(SCHEMAS)?;
    (!rest.contains('/')).then(|| rest.replace("~1", "/").replace("~0", "~"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::visit_schemas;

    #[test]
    fn properties_with_the_names_of_keywords_are_visited_as_properties() {
        let mut document = json!({"components": {"schemas": {"A": {
            "type": "object",
            "properties": {"items": {"type": "string"}, "default": {"type": "array", "items": {"type": "integer"}}},
            "default": {"items": 1}
        }}}});
        let mut seen = Vec::new();
        visit_schemas(&mut document, &mut |_, pointer| {
            seen.push(
                pointer
                    .trim_start_matches("#/components/schemas/")
                    .to_owned(),
            );
            Ok(())
        })
        .expect("valid");
        assert_eq!(
            seen,
            [
                "A",
                "A/properties/default",
                "A/properties/default/items",
                "A/properties/items"
            ]
        );
    }

    #[test]
    fn a_schema_that_is_no_object_is_refused_by_its_pointer() {
        let mut document = json!({"components": {"schemas": {"A": {"properties": {"a/b": 5}}}}});
        let refusal = visit_schemas(&mut document, &mut |_, _| Ok(())).expect_err("number");
        assert_eq!(refusal.pointer, "#/components/schemas/A/properties/a~1b");
    }
}
