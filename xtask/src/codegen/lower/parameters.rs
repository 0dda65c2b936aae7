//! progenitor knows few ways to send a parameter, and the pipeline sends some itself: this pass drops the latter, rewrites what has
//! an equal form, and refuses the rest by name.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::codegen::json::{array_mut, child, flag, object_mut, required_text, text};
use crate::codegen::marks::CONDITIONAL;
use crate::codegen::names::{is_identifier, snake_name};
use crate::codegen::positions::{OperationAt, referenced, visit_operations};
use crate::codegen::spec::{Log, Refusal, Spec};

/// Headers that OpenAPI wants ignored here, as other parts of the document or of the request describe them.
const NOT_PARAMETERS: [&str; 3] = ["accept", "authorization", "content-type"];
const CONDITIONS: [&str; 2] = ["if-match", "if-unmodified-since"];

pub(super) fn parameters(spec: &mut Spec) -> Result<(), Refusal> {
    let schemas = spec.schemas().clone();
    visit_operations(&mut spec.document, &mut |at, operation| {
        let has_body = operation.contains_key("requestBody");
        let pointer = child(&at.pointer, "parameters");
        let parameters = operation.entry("parameters").or_insert_with(|| json!([]));
        let parameters = array_mut(parameters, &pointer)?;
        let mut kept = Vec::new();
        let mut conditions = 0;
        for (index, mut parameter) in std::mem::take(parameters).into_iter().enumerate() {
            let pointer = child(&pointer, &index.to_string());
            let parameter_map = object_mut(&mut parameter, &pointer)?;
            let name = required_text(parameter_map, "name", &pointer)?.to_owned();
            let place = required_text(parameter_map, "in", &pointer)?.to_owned();
            if let Some(why) = dropped(&name, &place) {
                spec.log.change(&pointer, format!("{name} dropped: {why}"));
                continue;
            }
            if place == "header" && CONDITIONS.contains(&name.to_ascii_lowercase().as_str()) {
                conditions += 1;
            }
            lower(parameter_map, &place, &pointer, &schemas, &mut spec.log)?;
            kept.push(parameter);
        }
        refuse_clashes(&kept, has_body, &at.pointer)?;
        refuse_gaps(at, &kept)?;
        *parameters = kept;
        if conditions == CONDITIONS.len() {
            operation.insert(CONDITIONAL.to_owned(), true.into());
        }
        Ok(())
    })
}

fn dropped(name: &str, place: &str) -> Option<&'static str> {
    match place {
        "query" if name == "api-version" => Some("the pipeline adds it"),
        "header" if NOT_PARAMETERS.contains(&name.to_ascii_lowercase().as_str()) => {
            Some("the client or the pipeline sets it")
        }
        _ => None,
    }
}

fn lower(
    parameter: &mut Map<String, Value>,
    place: &str,
    pointer: &str,
    schemas: &Map<String, Value>,
    log: &mut Log,
) -> Result<(), Refusal> {
    if !matches!(place, "path" | "query" | "header") {
        return Err(Refusal::new(
            pointer,
            format!("a parameter in {place:?} is not supported"),
            "send it in the path, the query or a header",
        ));
    }
    if place == "path" && !flag(parameter, "required") {
        return Err(Refusal::new(
            pointer,
            "a parameter of the path is not required",
            "add `required: true`",
        ));
    }
    lower_list_style(parameter, place, pointer, log)?;
    let target = parameter.get("schema").map(|schema| {
        referenced(schema)
            .and_then(|name| schemas.get(name))
            .unwrap_or(schema)
    });
    let Some(target) = target else {
        return Err(Refusal::new(
            pointer,
            "the parameter has no `schema`",
            "add one; parameters with `content` are not supported",
        ));
    };
    if target.get("type").and_then(Value::as_str) == Some("object") {
        return Err(Refusal::new(
            child(pointer, "schema"),
            "a parameter that is an object is not supported",
            "declare a parameter for each member",
        ));
    }
    let is_time = target.get("format").and_then(Value::as_str) == Some("date-time");
    if is_time && place != "query" {
        // Display of a timestamp type decides what would be sent; the caller formats the header instead.
        parameter.insert("schema".to_owned(), json!({"type": "string"}));
        log.change(pointer, "a time outside the query is passed as text");
    }
    Ok(())
}

/// Lists that are sent as one joined value become a text; a repeated parameter stays a list.
fn lower_list_style(
    parameter: &mut Map<String, Value>,
    place: &str,
    pointer: &str,
    log: &mut Log,
) -> Result<(), Refusal> {
    let usual = if place == "query" { "form" } else { "simple" };
    let style = text(parameter, "style", pointer)?
        .unwrap_or(usual)
        .to_owned();
    let explode = parameter
        .get("explode")
        .and_then(Value::as_bool)
        .unwrap_or(style == "form");
    parameter.remove("style");
    parameter.remove("explode");
    let is_list = parameter
        .get("schema")
        .and_then(|schema| schema.get("type"))
        .and_then(Value::as_str)
        == Some("array");
    let separator = match (style.as_str(), explode) {
        ("form", true) => return Ok(()),
        ("form" | "simple", _) => "commas",
        ("spaceDelimited", false) => "spaces",
        ("pipeDelimited", false) => "pipes",
        _ => {
            return Err(Refusal::new(
                pointer,
                format!("the style {style:?} is not supported"),
                "use the style `form` or `simple`",
            ));
        }
    };
    if is_list {
        parameter.insert("schema".to_owned(), json!({"type": "string"}));
        log.change(
            pointer,
            format!("a list joined by {separator} is passed as text"),
        );
    }
    Ok(())
}

/// progenitor turns names into arguments and keeps the last of two that are equal; a body is the argument `body`.
fn refuse_clashes(parameters: &[Value], has_body: bool, pointer: &str) -> Result<(), Refusal> {
    let mut owners = BTreeMap::new();
    if has_body {
        owners.insert("body".to_owned(), "the request body");
    }
    for name in parameters
        .iter()
        .filter_map(|parameter| parameter["name"].as_str())
    {
        let argument = snake_name(name);
        if !is_identifier(&argument) {
            return Err(Refusal::new(
                pointer,
                format!(
                    "the parameter {name:?} gives the argument {argument:?}, which Rust does not take"
                ),
                "leave the operation out and write its call by hand",
            ));
        }
        if let Some(other) = owners.insert(argument, name) {
            return Err(Refusal::new(
                pointer,
                format!("the parameter {name:?} gives the same argument as {other}"),
                "rename one of them in the document; if the wire fixes both names, leave the operation out and write it by hand",
            ));
        }
    }
    Ok(())
}

/// The placeholders of the path and its parameters have to be the same.
fn refuse_gaps(at: &OperationAt<'_>, parameters: &[Value]) -> Result<(), Refusal> {
    let placeholders: Vec<_> = at
        .path
        .split('{')
        .skip(1)
        .filter_map(|part| part.split_once('}').map(|(name, _)| name))
        .collect();
    let declared: Vec<_> = parameters
        .iter()
        .filter(|parameter| parameter["in"] == "path")
        .filter_map(|parameter| parameter["name"].as_str())
        .collect();
    let undeclared = placeholders.iter().find(|name| !declared.contains(name));
    let unused = declared.iter().find(|name| !placeholders.contains(name));
    match (undeclared, unused) {
        (None, None) => Ok(()),
        (Some(name), _) => Err(Refusal::new(
            &at.pointer,
            format!("the path holds {{{name}}} but no parameter of that name"),
            "declare it with `in: path`",
        )),
        (None, Some(name)) => Err(Refusal::new(
            &at.pointer,
            format!("the parameter {name:?} has no place in the path"),
            "correct the path or the parameter",
        )),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::parameters;
    use crate::codegen::spec::{Refusal, Spec};

    fn lowered(list: Value) -> Result<Spec, Refusal> {
        let mut spec = Spec::of_operation(
            "patch",
            "/things/{id}",
            json!({"parameters": list, "requestBody": {}}),
        );
        let id =
            json!({"name": "id", "in": "path", "required": true, "schema": {"type": "string"}});
        if let Some(list) = spec
            .document
            .pointer_mut("/paths/~1things~1{id}/patch/parameters")
            .and_then(Value::as_array_mut)
        {
            list.push(id);
        }
        parameters(&mut spec).map(|()| spec)
    }

    fn query(name: &str, schema: Value) -> Value {
        json!({"name": name, "in": "query", "schema": schema})
    }

    #[test]
    fn parameters_of_the_pipeline_are_dropped() {
        let spec = lowered(json!([
            query("api-version", json!({"type": "string"})),
            {"name": "Accept", "in": "header", "schema": {"type": "string"}},
            query("kept", json!({"type": "string"})),
        ]))
        .expect("lowered");
        let list = spec.at("/paths/~1things~1{id}/patch/parameters");
        assert_eq!(list[0]["name"], "kept");
        assert_eq!(list.as_array().map(Vec::len), Some(2));
    }

    #[test]
    fn both_conditions_mark_the_operation() {
        let header = |name: &str| json!({"name": name, "in": "header", "schema": {"type": "string", "format": "date-time"}});
        let mark = "/paths/~1things~1{id}/patch/x-lowered-conditional";
        let spec = lowered(json!([header("If-Match"), header("If-Unmodified-Since")]));
        assert_eq!(spec.expect("lowered").at(mark), true);
        let spec = lowered(json!([header("If-Match")])).expect("lowered");
        assert_eq!(spec.document.pointer(mark), None);
    }

    #[test]
    fn times_outside_the_query_and_joined_lists_become_texts() {
        let time = json!({"type": "string", "format": "date-time"});
        let list = json!({"type": "array", "items": {"type": "string"}});
        let mut joined = query("joined", list.clone());
        joined["explode"] = json!(false);
        let spec = lowered(json!([
            {"name": "h", "in": "header", "schema": time},
            query("q", time.clone()),
            joined,
            query("repeated", list.clone()),
        ]))
        .expect("lowered");
        let schema = |index: usize| {
            spec.at(&format!(
                "/paths/~1things~1{{id}}/patch/parameters/{index}/schema"
            ))
        };
        assert_eq!(schema(0), &json!({"type": "string"}));
        assert_eq!(schema(1), &time);
        assert_eq!(schema(2), &json!({"type": "string"}));
        assert_eq!(schema(3), &list);
    }

    #[test]
    fn what_cannot_be_sent_is_refused() {
        for (parameter, named) in [
            (json!({"name": "c", "in": "cookie", "schema": {}}), "cookie"),
            (query("body", json!({"type": "string"})), "the request body"),
            (query("Id", json!({"type": "string"})), "same argument"),
            (query("o", json!({"type": "object"})), "an object"),
            (json!({"name": "x", "in": "query"}), "no `schema`"),
            (
                json!({"name": "d", "in": "query", "style": "deepObject", "schema": {}}),
                "deepObject",
            ),
            (
                json!({"name": "x", "in": "path", "required": true, "schema": {}}),
                "no place in the path",
            ),
        ] {
            let refusal = lowered(json!([parameter])).err().expect(named);
            assert!(refusal.construct.contains(named), "{refusal}");
        }
    }
}
