//! progenitor knows one body of a few media types, and no optional one: this pass chooses JSON, and marks merge patches and bodies
//! that may be left out for the pipeline.

use serde_json::{Map, Value, json};

use crate::codegen::json::{child, flag, object_mut};
use crate::codegen::marks::{MERGE_PATCH, OPTIONAL_BODY};
use crate::codegen::positions::visit_operations;
use crate::codegen::spec::{Log, Refusal, Spec};

const JSON: &str = "application/json";
const JSON_MERGE_PATCH: &str = "application/merge-patch+json";
const FORM: &str = "application/x-www-form-urlencoded";

pub(super) fn request_bodies(spec: &mut Spec) -> Result<(), Refusal> {
    visit_operations(&mut spec.document, &mut |at, operation| {
        let Some(body) = operation.get_mut("requestBody") else {
            return Ok(());
        };
        let pointer = child(&at.pointer, "requestBody");
        let body = object_mut(body, &pointer)?;
        let chosen = choose(body, &pointer, &mut spec.log)?;
        let optional = !flag(body, "required");
        body.insert("required".to_owned(), true.into());
        if chosen == JSON_MERGE_PATCH {
            operation.insert(MERGE_PATCH.to_owned(), true.into());
            spec.log
                .change(&pointer, "a merge patch: the pipeline sets the media type");
        }
        if optional {
            operation.insert(OPTIONAL_BODY.to_owned(), true.into());
            spec.log
                .change(&pointer, "optional: the pipeline drops an empty object");
        }
        Ok(())
    })
}

/// Leaves one media type, under a name that progenitor knows, and returns its own name.
fn choose(body: &mut Map<String, Value>, pointer: &str, log: &mut Log) -> Result<String, Refusal> {
    let pointer = child(pointer, "content");
    let content = body.entry("content").or_insert_with(|| json!({}));
    let content = object_mut(content, &pointer)?;
    let wanted = [is_json, is_merge_patch, is_json_like, is_form]
        .iter()
        .find_map(|suits| content.keys().find(|name| suits(name.as_str())));
    let Some(chosen) = wanted.cloned() else {
        let found: Vec<_> = content.keys().map(String::as_str).collect();
        return Err(Refusal::new(
            pointer,
            format!("a body of {found:?} is not supported"),
            "offer application/json; for anything else write the call by hand",
        ));
    };
    let mut entry = content.remove(&chosen).unwrap_or_default();
    for other in content.keys() {
        log.change(&pointer, format!("{other} dropped: {chosen} is used"));
    }
    if object_mut(&mut entry, &child(&pointer, &chosen))?
        .get("schema")
        .is_none()
    {
        return Err(Refusal::new(
            child(&pointer, &chosen),
            "the body has no `schema`",
            "add one",
        ));
    }
    let known = if is_form(&chosen) { FORM } else { JSON };
    content.clear();
    content.insert(known.to_owned(), entry);
    Ok(chosen)
}

fn is_json(media_type: &str) -> bool {
    media_type == JSON || media_type.starts_with("application/json;")
}

fn is_merge_patch(media_type: &str) -> bool {
    media_type == JSON_MERGE_PATCH
}

fn is_json_like(media_type: &str) -> bool {
    media_type.ends_with("+json")
}

fn is_form(media_type: &str) -> bool {
    media_type == FORM
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::request_bodies;
    use crate::codegen::spec::{Refusal, Spec};

    fn lowered(body: Value) -> Result<Value, Refusal> {
        let mut spec = Spec::of_operation("post", "/a", json!({"requestBody": body}));
        request_bodies(&mut spec)?;
        Ok(spec.at("/paths/~1a/post").clone())
    }

    #[test]
    fn a_merge_patch_becomes_json_with_a_mark() {
        let operation = lowered(json!({
            "required": true, "content": {"application/merge-patch+json": {"schema": {"type": "object"}}}
        }));
        assert_eq!(
            operation,
            Ok(json!({
                "x-lowered-merge-patch": true,
                "requestBody": {"required": true, "content": {"application/json": {"schema": {"type": "object"}}}}
            }))
        );
    }

    #[test]
    fn an_optional_body_gets_a_mark_and_json_is_preferred() {
        let operation = lowered(json!({
            "content": {"text/plain": {}, "application/json": {"schema": {}}}
        }));
        assert_eq!(
            operation,
            Ok(json!({
                "x-lowered-optional-body": true,
                "requestBody": {"required": true, "content": {"application/json": {"schema": {}}}}
            }))
        );
    }

    #[test]
    fn other_media_types_and_missing_schemas_are_refused() {
        for (content, named) in [
            (json!({"multipart/form-data": {"schema": {}}}), "multipart"),
            (json!({}), "[]"),
            (json!({"application/json": {}}), "no `schema`"),
        ] {
            let refusal = lowered(json!({"content": content})).expect_err(named);
            assert!(refusal.construct.contains(named), "{refusal}");
        }
    }
}
