//! Samples of events, made from the specification: the same every time, with all members that can stand together.

use anyhow::Context as _;
use heck::ToKebabCase;
use serde_json::{Map, Value, json};

use super::model::{is_primitive, listed, members, referenced, schema};

const TIME: &str = "2024-01-18T09:30:00Z";
const SOURCE: &str = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/contact-center\
    /providers/Microsoft.Communication/communicationServices/contoso";
const USER: &str = "8:acs:contoso_user-1";

/// An event of a type, in the schema of Event Grid.
pub(super) fn event(document: &Value, described: &Value) -> anyhow::Result<Value> {
    let name = described["type"].as_str().context("a type has no name")?;
    let data = match described["payload"].as_str() {
        Some(payload) => object(document, payload, &mut Vec::new())?,
        None => json!({}),
    };
    let subject = described["subjects"][0].as_str().unwrap_or_default();
    Ok(json!({
        "id": "event-1",
        "topic": SOURCE,
        "subject": filled(subject),
        "data": data,
        "eventType": name,
        "eventTime": TIME,
        "dataVersion": "1.0",
        "metadataVersion": "1",
    }))
}

/// A subject whose placeholders have the values that samples give the members of these names.
fn filled(pattern: &str) -> String {
    let segments = pattern.split('/').map(|segment| {
        let placeholder = segment
            .strip_prefix('{')
            .and_then(|rest| rest.strip_suffix('}'));
        match placeholder {
            None => segment.to_owned(),
            Some("rawId") => USER.to_owned(),
            Some(name) => text(name),
        }
    });
    segments.collect::<Vec<_>>().join("/")
}

/// `within` names the models around this one: a model does not hold itself in a sample.
fn object(document: &Value, name: &str, within: &mut Vec<String>) -> anyhow::Result<Value> {
    if name == "CommunicationIdentifierModel" {
        // One member of many, by the kind.
        return Ok(
            json!({"kind": "communicationUser", "rawId": USER, "communicationUser": {"id": USER}}),
        );
    }
    within.push(name.to_owned());
    let mut object = Map::new();
    for member in members(document, name)? {
        let repeats =
            referenced(member.schema).is_some_and(|name| within.iter().any(|known| known == name));
        if !repeats {
            let value = value(document, member.name, member.schema, within)?;
            object.insert(member.name.to_owned(), value);
        }
    }
    within.pop();
    Ok(object.into())
}

fn value(
    document: &Value,
    name: &str,
    of: &Value,
    within: &mut Vec<String>,
) -> anyhow::Result<Value> {
    if let Some(target) = referenced(of) {
        let target_schema = schema(document, target)?;
        if let Some(values) = listed(target_schema) {
            return Ok(json!(values.first()));
        }
        if is_primitive(target_schema) {
            return Ok(json!(5));
        }
        return object(document, target, within);
    }
    Ok(match of["type"].as_str() {
        Some("string") if of["format"] == "date-time" => json!(TIME),
        Some("string") => json!(text(name)),
        Some("integer") => json!(1),
        Some("number") => json!(50.0),
        Some("boolean") => json!(true),
        Some("array") => {
            let items = &of["items"];
            let repeats =
                referenced(items).is_some_and(|name| within.iter().any(|known| known == name));
            match repeats {
                true => json!([]),
                false => json!([value(document, name, items, within)?]),
            }
        }
        Some("object") => {
            json!({"Language": value(document, "nl", &of["additionalProperties"], within)?})
        }
        _ => json!({}),
    })
}

/// `jobId` is `job-1`, all else says what it is.
fn text(name: &str) -> String {
    let name = name.to_kebab_case();
    match name.strip_suffix("-id") {
        Some(what) => format!("{what}-1"),
        None => name.replace('-', " "),
    }
}
