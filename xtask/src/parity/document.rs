//! OpenAPI documents, as far as they are compared. What is not understood is an error that names the place.

use anyhow::{Context, bail, ensure};
use serde_json::{Map, Value};

use super::events::event_statements;
use super::tolerance::ALSO_ACCEPT;
use super::{Shape, Statements};

pub(super) type Object = Map<String, Value>;

const SINCE: &str = "x-acs-since";

pub(super) const METHODS: &[&str] = &[
    "get", "put", "post", "delete", "options", "head", "patch", "trace",
];

/// Keywords of a schema that are compared, or that only explain.
const SCHEMA_KEYWORDS: &[&str] = &[
    "$ref",
    "additionalProperties",
    "allOf",
    "anyOf",
    "default",
    "description",
    "discriminator",
    "enum",
    "format",
    "items",
    "properties",
    "readOnly",
    "required",
    "type",
];

/// One OpenAPI document.
pub(super) struct Document {
    root: Value,
}

impl Document {
    pub(super) fn parse(json: &str) -> anyhow::Result<Self> {
        Ok(Self {
            root: serde_json::from_str(json)?,
        })
    }

    pub(super) fn root(&self) -> &Value {
        &self.root
    }

    /// The version of the API that the document is about.
    pub(super) fn version(&self) -> Option<&str> {
        self.root.pointer("/info/version").and_then(Value::as_str)
    }

    /// Everything that the document says.
    pub(super) fn statements(&self) -> anyhow::Result<Statements> {
        let mut said = Statements::new();
        for (path, item) in object(self.root.get("paths"), "paths")? {
            for (method, operation) in object(Some(item), path)? {
                ensure!(METHODS.contains(&method.as_str()), "{path} has {method}");
                self.operation(path, method, operation, &mut said)
                    .with_context(|| format!("{method} {path}"))?;
            }
        }
        for event in self.event_types() {
            event_statements(event, &mut said)
                .with_context(|| format!("event {}", event["type"]))?;
        }
        for (name, schema) in object(self.root.pointer("/components/schemas"), "schemas")? {
            self.schema(name, object(Some(schema), name)?, &mut said)
                .with_context(|| format!("schema {name}"))?;
        }
        Ok(said)
    }

    fn operation(
        &self,
        path: &str,
        method: &str,
        operation: &Value,
        said: &mut Statements,
    ) -> anyhow::Result<()> {
        let id = text(operation, "operationId")?;
        said.insert(format!(
            "operation {id} is {} {path}",
            method.to_uppercase()
        ));
        for parameter in list(operation.get("parameters")) {
            let parameter = self.resolve(parameter)?;
            let shape = Shape {
                kind: self.kind(field(parameter, "schema")?)?,
                required: flag(parameter, "required"),
                read_only: false,
                default: field(parameter, "schema")?.get("default"),
                since: since(parameter),
            };
            let (place, name) = (text(parameter, "in")?, text(parameter, "name")?);
            said.insert(format!(
                "operation {id}: {place} parameter {name} is {shape}"
            ));
        }
        if let Some(body) = operation.get("requestBody") {
            let body = self.resolve(body)?;
            let need = if flag(body, "required") {
                "required"
            } else {
                "optional"
            };
            said.insert(format!(
                "operation {id}: body is {}, {need}",
                self.content(body)?
            ));
        }
        for (status, answer) in object(operation.get("responses"), "responses")? {
            self.answer(id, status, self.resolve(answer)?, said)?;
        }
        if let Some(paging) = operation.get("x-ms-pageable") {
            let (items, link) = (text(paging, "itemName")?, text(paging, "nextLinkName")?);
            said.insert(format!(
                "operation {id}: pages have items in {items} and go on at {link}"
            ));
        }
        if let Some(since) = since(operation) {
            said.insert(format!("operation {id} is new in {since}"));
        }
        Ok(())
    }

    fn answer(
        &self,
        id: &str,
        status: &str,
        answer: &Value,
        said: &mut Statements,
    ) -> anyhow::Result<()> {
        let body = if answer.get("content").is_some() {
            self.content(answer)?
        } else {
            "nothing".to_owned()
        };
        said.insert(format!("operation {id}: answer {status} is {body}"));
        if let Some(headers) = answer.get("headers") {
            for (name, header) in object(Some(headers), "headers")? {
                let kind = self.kind(field(header, "schema")?)?;
                said.insert(format!(
                    "operation {id}: answer {status} has header {name} of {kind}"
                ));
            }
        }
        Ok(())
    }

    /// The media types of a body, each with the kind of its value.
    fn content(&self, body: &Value) -> anyhow::Result<String> {
        let mut forms = Vec::new();
        for (media_type, form) in object(body.get("content"), "content")? {
            forms.push(format!(
                "{media_type} {}",
                self.kind(field(form, "schema")?)?
            ));
        }
        Ok(forms.join(" or "))
    }

    fn schema(&self, name: &str, schema: &Object, said: &mut Statements) -> anyhow::Result<()> {
        check_keywords(schema)?;
        if is_primitive(schema) {
            return Ok(());
        }
        if let Some((growth, values)) = enumeration(schema) {
            said.insert(format!("enum {name} is {growth}"));
            note_since(&format!("enum {name}"), schema.get(SINCE), said);
            for value in values {
                let text = value.as_str().context("an enum value is not a text")?;
                let statement = format!("enum {name}: value {text}");
                note_since(&statement, known_about(schema, value).get(SINCE), said);
                said.insert(statement);
            }
            return Ok(());
        }
        ensure!(
            schema.get("type").and_then(Value::as_str) == Some("object"),
            "neither an object nor an enum nor a union of primitives"
        );
        said.insert(format!("model {name} exists"));
        note_since(&format!("model {name}"), schema.get(SINCE), said);
        if let Some(further) = schema.get("additionalProperties") {
            let kind = self.kind(further)?;
            said.insert(format!("model {name} has further members of {kind}"));
        }
        for base in list(schema.get("allOf")) {
            said.insert(format!("model {name} extends {}", self.kind(base)?));
        }
        if let Some(discriminator) = schema.get("discriminator") {
            let property = text(discriminator, "propertyName")?;
            for (value, target) in object(discriminator.get("mapping"), "mapping")? {
                let target = schema_name(target.as_str().unwrap_or_default())?;
                said.insert(format!("model {name} with {property} {value} is {target}"));
            }
        }
        self.members(name, schema, said)
    }

    fn members(&self, name: &str, schema: &Object, said: &mut Statements) -> anyhow::Result<()> {
        let required = list(schema.get("required"));
        let none = Value::Object(Object::new());
        let properties = object(
            Some(schema.get("properties").unwrap_or(&none)),
            "properties",
        )?;
        for member in required {
            let exists = member
                .as_str()
                .is_some_and(|member| properties.contains_key(member));
            ensure!(exists, "required names {member}, which is no member");
        }
        for (member, property) in properties {
            let shape = Shape {
                kind: self
                    .kind(property)
                    .with_context(|| format!("member {member}"))?,
                required: required.iter().any(|name| name == member),
                read_only: flag(property, "readOnly"),
                default: property.get("default"),
                since: since(property),
            };
            said.insert(format!("model {name}: member {member} is {shape}"));
            if shape.required
                && list(property.get(ALSO_ACCEPT))
                    .iter()
                    .any(|form| form == "null")
            {
                said.insert(format!("model {name}: member {member} may be null"));
            }
        }
        Ok(())
    }

    /// The kind of value that a schema stands for.
    fn kind(&self, schema: &Value) -> anyhow::Result<String> {
        let schema = object(Some(schema), "schema")?;
        check_keywords(schema)?;
        if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
            let name = schema_name(reference)?;
            let target = self.root.pointer(&format!("/components/schemas/{name}"));
            let target = object(target, name)?;
            return Ok(if is_primitive(target) {
                "primitive"
            } else {
                name
            }
            .to_owned());
        }
        if let [only] = list(schema.get("allOf")) {
            return self.kind(only);
        }
        if is_primitive(schema) {
            return Ok("primitive".to_owned());
        }
        if let [constant] = list(schema.get("enum")) {
            return Ok(format!(
                "always {}",
                constant.as_str().context("a constant is not a text")?
            ));
        }
        let Some(kind) = schema.get("type").and_then(Value::as_str) else {
            ensure!(!schema.contains_key("anyOf"), "a union without a name");
            return Ok("anything".to_owned());
        };
        Ok(match kind {
            "array" => format!(
                "list of {}",
                self.kind(schema.get("items").context("no items")?)?
            ),
            "object" => {
                let values = schema
                    .get("additionalProperties")
                    .context("a model without a name")?;
                format!("map of {}", self.kind(values)?)
            }
            _ => match schema.get("format").and_then(Value::as_str) {
                // It says that the text must not be shown, not what it looks like.
                Some("password") => kind.to_owned(),
                Some(format) => format!("{kind} {format}"),
                None => kind.to_owned(),
            },
        })
    }

    /// Follows a reference to a shared parameter, body or answer.
    pub(super) fn resolve<'a>(&'a self, value: &'a Value) -> anyhow::Result<&'a Value> {
        match value.get("$ref").and_then(Value::as_str) {
            None => Ok(value),
            Some(reference) => reference
                .strip_prefix('#')
                .and_then(|pointer| self.root.pointer(pointer))
                .with_context(|| format!("{reference} does not exist")),
        }
    }
}

fn check_keywords(schema: &Object) -> anyhow::Result<()> {
    let known = |name: &str| SCHEMA_KEYWORDS.contains(&name) || name.starts_with("x-");
    match schema.keys().find(|name| !known(name)) {
        Some(name) => bail!("the keyword {name} is not compared"),
        None => Ok(()),
    }
}

/// Whether a schema is the union of text, number and boolean.
fn is_primitive(schema: &Object) -> bool {
    let kinds: Vec<_> = list(schema.get("anyOf"))
        .iter()
        .map(|branch| &branch["type"])
        .collect();
    kinds == ["string", "number", "boolean"]
}

/// Whether an enum is open, and its values; nothing if the schema is no enum.
pub(super) fn enumeration(schema: &Object) -> Option<(&'static str, &[Value])> {
    match list(schema.get("anyOf")) {
        [text, known] if text["type"] == "string" && text.get("enum").is_none() => {
            Some(("open", list(known.get("enum"))))
        }
        _ => schema
            .get("enum")
            .map(|values| ("closed", list(Some(values)))),
    }
}

fn schema_name(reference: &str) -> anyhow::Result<&str> {
    reference
        .strip_prefix("#/components/schemas/")
        .with_context(|| format!("{reference} is not a schema of this document"))
}

fn object<'a>(value: Option<&'a Value>, name: &str) -> anyhow::Result<&'a Object> {
    value
        .and_then(Value::as_object)
        .with_context(|| format!("{name} is not an object"))
}

pub(super) fn list(value: Option<&Value>) -> &[Value] {
    value.and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn field<'a>(value: &'a Value, name: &str) -> anyhow::Result<&'a Value> {
    value.get(name).with_context(|| format!("no {name}"))
}

pub(super) fn text<'a>(value: &'a Value, name: &str) -> anyhow::Result<&'a str> {
    field(value, name)?
        .as_str()
        .with_context(|| format!("{name} is not a text"))
}

fn flag(value: &Value, name: &str) -> bool {
    value.get(name).and_then(Value::as_bool).unwrap_or(false)
}

fn since(value: &Value) -> Option<&str> {
    value.get(SINCE).and_then(Value::as_str)
}

fn note_since(what: &str, since: Option<&Value>, said: &mut Statements) {
    if let Some(since) = since.and_then(Value::as_str) {
        said.insert(format!("{what} is new in {since}"));
    }
}

/// What `x-ms-enum` tells of an enum value: its description and its extensions.
pub(super) fn known_about<'a>(schema: &'a Object, value: &Value) -> &'a Value {
    let known = schema
        .get("x-ms-enum")
        .and_then(|known| known.get("values"));
    list(known)
        .iter()
        .find(|entry| entry["value"] == *value)
        .unwrap_or(&Value::Null)
}
