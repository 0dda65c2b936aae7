//! Reads a lowered document. What it does not expect, a pass should have lowered or refused.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::cycles::box_cycles;
use super::model::ModelReader;
use super::types::read_type;
use super::{Api, Body, Operation, Parameter, Type};
use crate::codegen::json::{child, flag, object, required_text, text};
use crate::codegen::marks;
use crate::codegen::positions::{SCHEMAS, is_method};
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
    Ok(Api {
        title: required_text(info, "title", "#/info")?.to_owned(),
        description: text(info, "description", "#/info")?
            .unwrap_or_default()
            .to_owned(),
        version: required_text(info, "version", "#/info")?.to_owned(),
        operations,
        models,
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
