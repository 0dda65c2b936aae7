//! Parameters, bodies and responses may be shared by reference, and parameters may belong to a whole path: this pass copies each
//! to the operations it belongs to, where the passes behind it and progenitor look for them.

use serde_json::{Map, Value};

use crate::codegen::json::{array_mut, child, object, object_mut, required_text};
use crate::codegen::positions::is_method;
use crate::codegen::spec::{Log, Refusal, Spec};

/// What a path may hold beside its operations.
const BESIDE_OPERATIONS: [&str; 4] = ["parameters", "servers", "summary", "description"];

pub(super) fn inline_parameters(spec: &mut Spec) -> Result<(), Refusal> {
    let document = object_mut(&mut spec.document, "#")?;
    let mut components = match document.get_mut("components") {
        Some(components) => object_mut(components, "#/components")?.clone(),
        None => Map::new(),
    };
    if let Some(paths) = document.get_mut("paths") {
        for (path, item) in object_mut(paths, "#/paths")? {
            let pointer = child("#/paths", path);
            inline_path(
                object_mut(item, &pointer)?,
                &pointer,
                &components,
                &mut spec.log,
            )?;
        }
    }
    components.retain(|kind, _| kind == "schemas");
    document.insert("components".to_owned(), Value::Object(components));
    Ok(())
}

fn inline_path(
    item: &mut Map<String, Value>,
    pointer: &str,
    components: &Map<String, Value>,
    log: &mut Log,
) -> Result<(), Refusal> {
    for part in item.keys() {
        let known =
            is_method(part) || BESIDE_OPERATIONS.contains(&part.as_str()) || part.starts_with("x-");
        if !known {
            return Err(Refusal::new(
                child(pointer, part),
                format!("`{part}` is not understood in a path"),
                "write the operations of the path out",
            ));
        }
    }
    let shared = match item.remove("parameters") {
        Some(mut shared) => {
            let pointer = child(pointer, "parameters");
            let shared = array_mut(&mut shared, &pointer)?;
            inline_all(shared.iter_mut(), &pointer, "parameters", components)?;
            std::mem::take(shared)
        }
        None => Vec::new(),
    };
    item.retain(|part, _| is_method(part));
    for (method, operation) in item {
        let pointer = child(pointer, method);
        let operation = object_mut(operation, &pointer)?;
        inline_operation(operation, &pointer, components)?;
        add_shared(operation, &pointer, &shared, log)?;
    }
    Ok(())
}

fn inline_operation(
    operation: &mut Map<String, Value>,
    pointer: &str,
    components: &Map<String, Value>,
) -> Result<(), Refusal> {
    if operation.contains_key("callbacks") {
        return Err(Refusal::new(
            pointer,
            "`callbacks` are not understood",
            "describe what the service calls in a document of its own",
        ));
    }
    if let Some(parameters) = operation.get_mut("parameters") {
        let pointer = child(pointer, "parameters");
        let parameters = array_mut(parameters, &pointer)?;
        inline_all(parameters.iter_mut(), &pointer, "parameters", components)?;
    }
    if let Some(body) = operation.get_mut("requestBody") {
        inline(
            body,
            &child(pointer, "requestBody"),
            "requestBodies",
            components,
        )?;
    }
    if let Some(responses) = operation.get_mut("responses") {
        let pointer = child(pointer, "responses");
        let responses = object_mut(responses, &pointer)?;
        inline_all(responses.values_mut(), &pointer, "responses", components)?;
    }
    Ok(())
}

fn inline_all<'a>(
    entries: impl Iterator<Item = &'a mut Value>,
    pointer: &str,
    kind: &str,
    components: &Map<String, Value>,
) -> Result<(), Refusal> {
    for (index, entry) in entries.enumerate() {
        inline(entry, &child(pointer, &index.to_string()), kind, components)?;
    }
    Ok(())
}

/// Replaces a reference by a copy of its target.
fn inline(
    entry: &mut Value,
    pointer: &str,
    kind: &str,
    components: &Map<String, Value>,
) -> Result<(), Refusal> {
    let Some(reference) = object(entry, pointer)?.get("$ref") else {
        return Ok(());
    };
    let target = reference
        .as_str()
        .and_then(|reference| reference.strip_prefix(&format!("#/components/{kind}/")))
        .and_then(|name| components.get(kind)?.get(name))
        .filter(|target| target.get("$ref").is_none());
    let Some(target) = target else {
        return Err(Refusal::new(
            pointer,
            format!("`$ref` {reference} does not lead to an entry of #/components/{kind}"),
            "add the entry or correct the reference",
        ));
    };
    *entry = target.clone();
    Ok(())
}

/// Adds the parameters of the path, unless the operation has one of the same name and place.
fn add_shared(
    operation: &mut Map<String, Value>,
    pointer: &str,
    shared: &[Value],
    log: &mut Log,
) -> Result<(), Refusal> {
    let own = operation
        .entry("parameters")
        .or_insert_with(|| Value::Array(Vec::new()));
    let own = array_mut(own, &child(pointer, "parameters"))?;
    for parameter in shared {
        let same = |other: &Value| {
            other.get("name") == parameter.get("name") && other.get("in") == parameter.get("in")
        };
        if !own.iter().any(same) {
            let name = required_text(object(parameter, pointer)?, "name", pointer)?;
            log.change(pointer, format!("parameter {name} of the path added"));
            own.push(parameter.clone());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::inline_parameters;
    use crate::codegen::spec::{Options, Spec};

    fn spec(item: Value) -> Spec {
        let document = json!({"paths": {"/a": item}, "components": {
            "schemas": {},
            "parameters": {"Id": {"name": "id", "in": "path"}},
            "responses": {"Ok": {"description": "ok"}}
        }});
        Spec::new(document, Options::default())
    }

    #[test]
    fn shared_parts_and_parameters_of_the_path_are_copied() {
        let mut spec = spec(json!({
            "parameters": [{"$ref": "#/components/parameters/Id"}, {"name": "x", "in": "query", "description": "of the path"}],
            "get": {
                "parameters": [{"name": "x", "in": "query", "description": "own"}],
                "responses": {"200": {"$ref": "#/components/responses/Ok"}}
            }
        }));
        inline_parameters(&mut spec).expect("resolves");
        assert_eq!(
            spec.at("/paths/~1a"),
            &json!({"get": {
                "parameters": [{"name": "x", "in": "query", "description": "own"}, {"name": "id", "in": "path"}],
                "responses": {"200": {"description": "ok"}}
            }})
        );
        assert_eq!(spec.at("/components"), &json!({"schemas": {}}));
    }

    #[test]
    fn what_cannot_be_copied_is_refused() {
        for (item, pointer) in [
            (json!({"$ref": "other.json"}), "#/paths/~1a/$ref"),
            (
                json!({"get": {"parameters": [{"$ref": "#/components/parameters/Gone"}]}}),
                "#/paths/~1a/get/parameters/0",
            ),
            (json!({"get": {"callbacks": {}}}), "#/paths/~1a/get"),
        ] {
            let refusal = inline_parameters(&mut spec(item)).expect_err(pointer);
            assert_eq!(refusal.pointer, pointer);
        }
    }
}
