//! progenitor wants one type of success and aborts when a `default` error stands beside it: this pass leaves the successes, which
//! have to agree, and records their statuses. Whatever else arrives reaches acs-core with status, headers and body intact.

use serde_json::{Map, Value, json};

use crate::codegen::json::{child, object_mut};
use crate::codegen::marks::SUCCESS;
use crate::codegen::positions::{OperationAt, visit_operations};
use crate::codegen::spec::{Log, Refusal, Spec};

const JSON: &str = "application/json";

pub(super) fn responses(spec: &mut Spec) -> Result<(), Refusal> {
    visit_operations(&mut spec.document, &mut |at, operation| {
        let pointer = child(&at.pointer, "responses");
        let responses = operation.entry("responses").or_insert_with(|| json!({}));
        let responses = object_mut(responses, &pointer)?;
        drop_failures(responses, &pointer, &mut spec.log);
        let mut success = Vec::new();
        for (status, response) in &mut *responses {
            let pointer = child(&pointer, status);
            success.push(status.parse::<u16>().map_err(|_| {
                Refusal::new(
                    &pointer,
                    format!("{status:?} is not a status"),
                    "name each status that means success, such as 200",
                )
            })?);
            lower_content(object_mut(response, &pointer)?, &pointer, &mut spec.log)?;
        }
        let schemas: Vec<_> = responses.values().filter_map(schema).collect();
        refuse_disagreement(at, responses, &schemas)?;
        if !schemas.is_empty() && schemas.len() < responses.len() {
            responses.retain(|_, response| schema(response).is_some());
            spec.log.change(
                &pointer,
                "some successes have a body and some have none: only the former are typed",
            );
        }
        operation.insert(SUCCESS.to_owned(), success.into());
        Ok(())
    })
}

fn drop_failures(responses: &mut Map<String, Value>, pointer: &str, log: &mut Log) {
    responses.retain(|status, _| {
        let success = status.starts_with('2');
        if !success {
            log.change(
                child(pointer, status),
                "not a success: left to the pipeline",
            );
        }
        success
    });
}

/// Leaves JSON, and nothing of what only describes headers.
fn lower_content(
    response: &mut Map<String, Value>,
    pointer: &str,
    log: &mut Log,
) -> Result<(), Refusal> {
    response.remove("headers");
    response.remove("links");
    let Some(content) = response.get_mut("content") else {
        return Ok(());
    };
    let pointer = child(pointer, "content");
    let content = object_mut(content, &pointer)?;
    if content.is_empty() {
        response.remove("content");
        return Ok(());
    }
    let chosen = content
        .keys()
        .find(|name| name.as_str() == JSON || name.starts_with("application/json;"))
        .or_else(|| content.keys().find(|name| name.ends_with("+json")))
        .cloned();
    let Some(chosen) = chosen else {
        let found: Vec<_> = content.keys().map(String::as_str).collect();
        return Err(Refusal::new(
            pointer,
            format!("an answer of {found:?} is not supported"),
            "offer application/json; for anything else write the call by hand",
        ));
    };
    let entry = content.remove(&chosen).unwrap_or_default();
    for other in content.keys() {
        log.change(&pointer, format!("{other} dropped: {chosen} is used"));
    }
    let Some(schema) = entry.get("schema") else {
        return Err(Refusal::new(
            child(&pointer, &chosen),
            "the answer has no `schema`",
            "add one, or drop `content` if there is no body",
        ));
    };
    *content = Map::from_iter([(JSON.to_owned(), json!({"schema": schema}))]);
    Ok(())
}

fn schema(response: &Value) -> Option<&Value> {
    response.get("content")?.get(JSON)?.get("schema")
}

fn refuse_disagreement(
    at: &OperationAt<'_>,
    responses: &Map<String, Value>,
    schemas: &[&Value],
) -> Result<(), Refusal> {
    let pointer = child(&at.pointer, "responses");
    if responses.is_empty() {
        return Err(Refusal::new(
            pointer,
            "no status means success",
            "declare one from 200 to 299",
        ));
    }
    if schemas.windows(2).any(|pair| pair[0] != pair[1]) {
        return Err(Refusal::new(
            pointer,
            "the successes have different bodies",
            "give them one schema; a method can return one type only",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::responses;
    use crate::codegen::spec::{Refusal, Spec};

    fn lowered(list: Value) -> Result<Value, Refusal> {
        let mut spec = Spec::of_operation("get", "/a", json!({"responses": list}));
        responses(&mut spec)?;
        Ok(spec.at("/paths/~1a/get").clone())
    }

    fn body(schema: Value) -> Value {
        json!({"description": "", "content": {"application/json": {"schema": schema}}})
    }

    #[test]
    fn only_successes_stay_and_their_statuses_are_recorded() {
        let text = json!({"type": "string"});
        let mut with_header = body(text.clone());
        with_header["headers"] = json!({"ETag": {}});
        let operation = lowered(json!({
            "200": with_header, "201": body(text.clone()), "404": body(json!({})), "default": body(json!({}))
        }))
        .expect("agree");
        assert_eq!(operation["x-lowered-success"], json!([200, 201]));
        assert_eq!(
            operation["responses"],
            json!({"200": body(text.clone()), "201": body(text)})
        );
    }

    #[test]
    fn of_a_typed_and_an_empty_success_the_typed_one_is_declared_and_both_are_recorded() {
        let text = json!({"type": "string"});
        let operation = lowered(json!({"200": body(text.clone()), "204": {"description": ""}}))
            .expect("lowered");
        assert_eq!(operation["responses"], json!({"200": body(text)}));
        assert_eq!(operation["x-lowered-success"], json!([200, 204]));
    }

    #[test]
    fn disagreeing_missing_and_foreign_answers_are_refused() {
        for (list, named) in [
            (
                json!({"200": body(json!({"type": "string"})), "201": body(json!({"type": "integer"}))}),
                "different bodies",
            ),
            (json!({"default": body(json!({}))}), "no status"),
            (json!({"2XX": body(json!({}))}), "not a status"),
            (
                json!({"200": {"content": {"image/png": {"schema": {}}}}}),
                "image/png",
            ),
            (
                json!({"200": {"content": {"application/json": {}}}}),
                "no `schema`",
            ),
        ] {
            let refusal = lowered(list).expect_err(named);
            assert!(refusal.construct.contains(named), "{refusal}");
        }
    }
}
