//! Reads a lowered document. What it does not expect, a pass should have lowered or refused.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::cycles::box_cycles;
use super::model::ModelReader;
use super::types::read_type;
use super::{Api, Body, EventType, Model, Operation, Parameter, Type};
use crate::codegen::json::{child, flag, object, required_text, text, texts};
use crate::codegen::marks;
use crate::codegen::names::is_identifier;
use crate::codegen::positions::{EVENT_TYPES, SCHEMAS, is_method, referenced};
use crate::codegen::spec::{Refusal, Spec};

pub(in crate::codegen) fn read(spec: &Spec) -> Result<Api, Refusal> {
    let mut used = BTreeSet::new();
    let mut models = BTreeMap::new();
    for (name, schema) in spec.schemas() {
        let reader = ModelReader::new(name, &spec.options.renames);
        models.insert(name.clone(), reader.model(schema, &mut used)?);
    }
    let unused = spec
        .options
        .renames
        .keys()
        .find(|key| key.contains('.') && !used.contains(*key));
    if let Some(key) = unused {
        return Err(Refusal::new(
            SCHEMAS,
            format!("`renames` names {key:?} but there is no such member or value"),
            "correct specs/codegen.toml",
        ));
    }
    box_cycles(&mut models);
    let info = object(&spec.document["info"], "#/info")?;
    let mut operations = read_operations(spec)?;
    operations.sort_by(|left, right| left.id.cmp(&right.id));
    let event_types = read_event_types(spec, &models)?;
    Ok(Api {
        title: required_text(info, "title", "#/info")?.to_owned(),
        description: text(info, "description", "#/info")?
            .unwrap_or_default()
            .to_owned(),
        version: required_text(info, "version", "#/info")?.to_owned(),
        operations,
        event_types,
        models,
    })
}

fn read_event_types(
    spec: &Spec,
    models: &BTreeMap<String, Model>,
) -> Result<Vec<EventType>, Refusal> {
    let events = spec.document.get(EVENT_TYPES).and_then(Value::as_array);
    let mut constants = BTreeSet::from(["EVENT_TYPES".to_owned()]);
    let mut read = Vec::new();
    for (index, event) in events.into_iter().flatten().enumerate() {
        let pointer = format!("#/{EVENT_TYPES}/{index}");
        let event = read_event_type(object(event, &pointer)?, models, &pointer)?;
        let constant = event.constant();
        if !is_identifier(&constant) || !constants.insert(constant) {
            return Err(Refusal::new(
                pointer,
                format!(
                    "the last part of {:?} is no name in Rust, or is that of another event",
                    event.name
                ),
                "leave the type out and handle it by its text",
            ));
        }
        read.push(event);
    }
    Ok(read)
}

fn read_event_type(
    event: &Map<String, Value>,
    models: &BTreeMap<String, Model>,
    pointer: &str,
) -> Result<EventType, Refusal> {
    let own = |key| required_text(event, key, pointer).map(str::to_owned);
    let list = |key| -> Result<Vec<String>, Refusal> {
        let texts = texts(event, key, pointer)?;
        Ok(texts.into_iter().map(str::to_owned).collect())
    };
    let payload = event.get("payload").map(|payload| {
        referenced(payload)
            .filter(|name| matches!(models.get(*name), Some(Model::Struct(_))))
            .map(str::to_owned)
            .ok_or_else(|| {
                Refusal::new(
                    child(pointer, "payload"),
                    "the data of an event is not an object",
                    "refer to an object",
                )
            })
    });
    Ok(EventType {
        name: own("type")?,
        family: own("family")?,
        description: own("description")?,
        payload: payload.transpose()?,
        subjects: list("subjects")?,
        also_read: list("alsoRead")?,
    })
}

fn read_operations(spec: &Spec) -> Result<Vec<Operation>, Refusal> {
    let mut operations = Vec::new();
    for (path, item) in object(&spec.document["paths"], "#/paths")? {
        let pointer = child("#/paths", path);
        for (method, operation) in object(item, &pointer)? {
            if is_method(method) {
                let pointer = child(&pointer, method);
                let operation = object(operation, &pointer)?;
                operations.push(read_operation(path, method, operation, &pointer)?);
            }
        }
    }
    Ok(operations)
}

fn read_operation(
    path: &str,
    method: &str,
    operation: &Map<String, Value>,
    pointer: &str,
) -> Result<Operation, Refusal> {
    let parameters = operation.get("parameters").and_then(Value::as_array);
    let parameters = parameters
        .into_iter()
        .flatten()
        .enumerate()
        .map(|(index, parameter)| {
            let pointer = child(&child(pointer, "parameters"), &index.to_string());
            read_parameter(object(parameter, &pointer)?, &pointer)
        })
        .collect::<Result<_, _>>()?;
    let statuses = |value: Option<&Value>| -> Vec<u16> {
        let numbers = value.and_then(Value::as_array).into_iter().flatten();
        numbers
            .filter_map(|number| u16::try_from(number.as_u64()?).ok())
            .collect()
    };
    let responses = operation.get("responses").and_then(Value::as_object);
    let typed = responses
        .into_iter()
        .flatten()
        .filter_map(|(status, _)| status.parse().ok())
        .collect();
    let own = |key| text(operation, key, pointer).map(|text| text.map(str::to_owned));
    Ok(Operation {
        id: required_text(operation, "operationId", pointer)?.to_owned(),
        method: method.to_owned(),
        path: path.to_owned(),
        summary: own("summary")?,
        description: own("description")?.unwrap_or_default(),
        parameters,
        body: read_body(operation, pointer)?,
        answer: read_answer(operation, pointer)?,
        typed,
        success: statuses(operation.get(marks::SUCCESS)),
        merge_patch: flag(operation, marks::MERGE_PATCH),
        optional_body: flag(operation, marks::OPTIONAL_BODY),
        conditional: flag(operation, marks::CONDITIONAL),
        paged: flag(operation, marks::PAGED),
        since: own(marks::SINCE)?.unwrap_or_default(),
    })
}

fn read_parameter(parameter: &Map<String, Value>, pointer: &str) -> Result<Parameter, Refusal> {
    let kind = match parameter.get("schema") {
        Some(schema) => read_type(schema, &child(pointer, "schema"))?,
        None => Type::Text,
    };
    if matches!(kind, Type::Map(_) | Type::Json) {
        return Err(Refusal::new(
            child(pointer, "schema"),
            "a parameter that is not a scalar, an enumeration or a list of these",
            "declare a parameter for each member",
        ));
    }
    Ok(Parameter {
        name: required_text(parameter, "name", pointer)?.to_owned(),
        place: required_text(parameter, "in", pointer)?.to_owned(),
        required: flag(parameter, "required"),
        kind,
        description: required_text(parameter, "description", pointer)?.to_owned(),
    })
}

fn read_body(operation: &Map<String, Value>, pointer: &str) -> Result<Option<Body>, Refusal> {
    let content = operation
        .get("requestBody")
        .and_then(|body| body.get("content")?.as_object());
    let Some((media_type, entry)) = content.and_then(|content| content.iter().next()) else {
        return Ok(None);
    };
    let pointer = child(&child(pointer, "requestBody/content"), media_type);
    Ok(Some(Body {
        media_type: media_type.clone(),
        kind: read_type(&entry["schema"], &child(&pointer, "schema"))?,
    }))
}

fn read_answer(operation: &Map<String, Value>, pointer: &str) -> Result<Option<Type>, Refusal> {
    let responses = operation.get("responses").and_then(Value::as_object);
    let schema = responses
        .and_then(|responses| responses.values().next())
        .and_then(|response| response.pointer("/content/application~1json/schema"));
    schema
        .map(|schema| read_type(schema, &child(pointer, "responses")))
        .transpose()
}
