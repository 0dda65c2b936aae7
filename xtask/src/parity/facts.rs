//! The tables of facts, as far as they are compared.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, bail, ensure};
use serde::Deserialize;
use serde_json::Value;

use super::events::Event;
use super::{Shape, Statements};

/// The note by which a table says that an untyped value is a text, a number or a boolean.
const PRIMITIVES_ONLY: &str = "JSON primitives only";

/// One table: what is known about the API of one service.
#[derive(Deserialize)]
pub(super) struct Facts {
    /// Each table arranges its versions in its own way.
    #[serde(alias = "schema_version")]
    api_versions: Value,
    #[serde(default)]
    operations: Vec<Operation>,
    #[serde(default)]
    events: Vec<Event>,
    models: BTreeMap<String, Model>,
    enums: BTreeMap<String, Enumeration>,
}

#[derive(Deserialize)]
struct Operation {
    operation_id: String,
    method: String,
    path: String,
    path_params: Vec<Parameter>,
    query_params: Vec<Parameter>,
    header_params: Vec<Parameter>,
    request_body: Option<Body>,
    success_statuses: Vec<u16>,
    responses: BTreeMap<String, Answer>,
    paging: Option<Paging>,
    #[serde(default)]
    since: Since,
}

#[derive(Deserialize)]
struct Parameter {
    name: String,
    #[serde(flatten)]
    kind: Type,
    #[serde(default)]
    required: bool,
    default: Option<Value>,
}

#[derive(Deserialize)]
struct Body {
    model: String,
    required: bool,
    content_type: String,
}

#[derive(Deserialize)]
struct Answer {
    model: Option<String>,
    #[serde(default)]
    headers: Vec<Parameter>,
}

#[derive(Deserialize)]
struct Paging {
    item_field: String,
    next_link_field: String,
}

#[derive(Deserialize)]
struct Model {
    base: Option<String>,
    discriminator: Option<Discriminator>,
    properties: BTreeMap<String, Member>,
    /// What further members there may be, in words.
    additional_properties: Option<String>,
    #[serde(default)]
    since: Since,
}

#[derive(Deserialize)]
struct Discriminator {
    property: String,
    /// Only the base has it.
    mapping: Option<BTreeMap<String, String>>,
}

#[derive(Deserialize)]
struct Member {
    #[serde(flatten)]
    kind: Type,
    required: bool,
    readonly: bool,
    /// Whether an official example shows it as null.
    #[serde(default)]
    observed_null: bool,
    default: Option<Value>,
    #[serde(default)]
    since: Since,
}

#[derive(Deserialize)]
struct Type {
    #[serde(rename = "type")]
    name: String,
    format: Option<String>,
    #[serde(rename = "ref")]
    target: Option<String>,
    items: Option<Box<Type>>,
    values: Option<Box<Type>>,
    #[serde(rename = "const")]
    constant: Option<String>,
    note: Option<String>,
}

#[derive(Deserialize)]
struct Enumeration {
    values: Vec<String>,
    extensible: bool,
    #[serde(default)]
    since: Since,
    #[serde(default)]
    value_since: BTreeMap<String, Since>,
}

/// The first version that has something. Versions sort by their names; without one, it has been there from the start.
type Since = String;

impl Facts {
    pub(super) fn parse(json: &str) -> anyhow::Result<Self> {
        serde_json::from_str(json).context("the table of facts has another form than expected")
    }

    /// All versions that the table mentions.
    pub(super) fn tabled_versions(&self) -> BTreeSet<String> {
        let mut versions = BTreeSet::new();
        collect_versions(&self.api_versions, &mut versions);
        versions
    }

    /// Everything that holds in one version, when `oldest` is the first that is offered.
    pub(super) fn statements(&self, version: &str, oldest: &str) -> anyhow::Result<Statements> {
        let view = View {
            tabled: self.tabled_versions(),
            version,
            oldest,
        };
        let mut said = Statements::new();
        for operation in &self.operations {
            if view.has(&operation.since)? {
                view.operation(operation, &mut said)
                    .with_context(|| format!("operation {}", operation.operation_id))?;
            }
        }
        for event in &self.events {
            event.statements(&mut said);
        }
        for (name, model) in &self.models {
            if view.has(&model.since)? {
                view.model(name, model, &mut said)
                    .with_context(|| format!("model {name}"))?;
            }
        }
        for (name, enumeration) in &self.enums {
            if view.has(&enumeration.since)? {
                view.enumeration(name, enumeration, &mut said)
                    .with_context(|| format!("enum {name}"))?;
            }
        }
        Ok(said)
    }
}

/// Finds the versions among the keys and texts of a value.
fn collect_versions(value: &Value, versions: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => {
            versions.extend(is_version(text).then(|| text.clone()));
        }
        Value::Array(items) => {
            for item in items {
                collect_versions(item, versions);
            }
        }
        Value::Object(members) => {
            for (key, member) in members {
                versions.extend(is_version(key).then(|| key.clone()));
                collect_versions(member, versions);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Whether a text is a date, perhaps of a preview, such as `2024-01-18-preview`.
fn is_version(text: &str) -> bool {
    let date = text.strip_suffix("-preview").unwrap_or(text);
    let lengths: Vec<usize> = date.split('-').map(str::len).collect();
    let digits = date
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'-');
    digits && lengths == [4, 2, 2]
}

/// The facts as they stand in one version.
struct View<'a> {
    tabled: BTreeSet<String>,
    version: &'a str,
    oldest: &'a str,
}

impl View<'_> {
    /// Whether this version has what came with another one.
    fn has(&self, since: &str) -> anyhow::Result<bool> {
        let known = since.is_empty() || self.tabled.contains(since);
        ensure!(known, "{since} is not among the versions of the table");
        Ok(since <= self.version)
    }

    /// The version of something, if it is worth mentioning: it came later than what it belongs to.
    fn later<'b>(&self, since: &'b str, parent: &str) -> Option<&'b str> {
        (since > self.oldest && since > parent).then_some(since)
    }

    fn operation(&self, operation: &Operation, said: &mut Statements) -> anyhow::Result<()> {
        let id = &operation.operation_id;
        said.insert(format!(
            "operation {id} is {} {}",
            operation.method, operation.path
        ));
        for (place, parameters) in [
            ("path", &operation.path_params),
            ("query", &operation.query_params),
            ("header", &operation.header_params),
        ] {
            for parameter in parameters {
                let shape = parameter.shape()?;
                said.insert(format!(
                    "operation {id}: {place} parameter {} is {shape}",
                    parameter.name
                ));
            }
        }
        if let Some(body) = &operation.request_body {
            let need = if body.required {
                "required"
            } else {
                "optional"
            };
            said.insert(format!(
                "operation {id}: body is {} {}, {need}",
                body.content_type, body.model
            ));
        }
        let statuses = operation.responses.keys();
        let successes: Vec<u16> = statuses
            .filter(|status| status.starts_with('2'))
            .map(|status| status.parse())
            .collect::<Result<_, _>>()?;
        ensure!(
            successes == operation.success_statuses,
            "success_statuses and responses differ"
        );
        for (status, answer) in &operation.responses {
            let body = answer.model.as_deref().map_or_else(
                || "nothing".to_owned(),
                |model| format!("application/json {model}"),
            );
            said.insert(format!("operation {id}: answer {status} is {body}"));
            for header in &answer.headers {
                let kind = header.kind.describe()?;
                said.insert(format!(
                    "operation {id}: answer {status} has header {} of {kind}",
                    header.name
                ));
            }
        }
        if let Some(paging) = &operation.paging {
            said.insert(format!(
                "operation {id}: pages have items in {} and go on at {}",
                paging.item_field, paging.next_link_field
            ));
        }
        if let Some(since) = self.later(&operation.since, "") {
            said.insert(format!("operation {id} is new in {since}"));
        }
        Ok(())
    }

    fn model(&self, name: &str, model: &Model, said: &mut Statements) -> anyhow::Result<()> {
        said.insert(format!("model {name} exists"));
        if let Some(since) = self.later(&model.since, "") {
            said.insert(format!("model {name} is new in {since}"));
        }
        if model.additional_properties.is_some() {
            said.insert(format!("model {name} has further members of anything"));
        }
        if let Some(base) = &model.base {
            said.insert(format!("model {name} extends {base}"));
        }
        if let Some(Discriminator {
            property,
            mapping: Some(mapping),
        }) = &model.discriminator
        {
            for (value, target) in mapping {
                said.insert(format!("model {name} with {property} {value} is {target}"));
            }
        }
        for (member_name, member) in &model.properties {
            if self.has(&member.since)? {
                let shape = member.shape(self.later(&member.since, &model.since))?;
                said.insert(format!("model {name}: member {member_name} is {shape}"));
                if member.required && member.observed_null {
                    said.insert(format!("model {name}: member {member_name} may be null"));
                }
            }
        }
        Ok(())
    }

    fn enumeration(
        &self,
        name: &str,
        enumeration: &Enumeration,
        said: &mut Statements,
    ) -> anyhow::Result<()> {
        let growth = if enumeration.extensible {
            "open"
        } else {
            "closed"
        };
        said.insert(format!("enum {name} is {growth}"));
        if let Some(since) = self.later(&enumeration.since, "") {
            said.insert(format!("enum {name} is new in {since}"));
        }
        for value in &enumeration.values {
            let since = enumeration
                .value_since
                .get(value)
                .unwrap_or(&enumeration.since);
            if self.has(since)? {
                said.insert(format!("enum {name}: value {value}"));
                if let Some(since) = self.later(since, &enumeration.since) {
                    said.insert(format!("enum {name}: value {value} is new in {since}"));
                }
            }
        }
        Ok(())
    }
}

impl Parameter {
    fn shape(&self) -> anyhow::Result<Shape<'_>> {
        Ok(Shape {
            kind: self.kind.describe()?,
            required: self.required,
            read_only: false,
            default: self.default.as_ref(),
            since: None,
        })
    }
}

impl Member {
    fn shape<'a>(&'a self, since: Option<&'a str>) -> anyhow::Result<Shape<'a>> {
        Ok(Shape {
            kind: self.kind.describe()?,
            required: self.required,
            read_only: self.readonly,
            default: self.default.as_ref(),
            since,
        })
    }
}

impl Type {
    fn describe(&self) -> anyhow::Result<String> {
        if let Some(constant) = &self.constant {
            return Ok(format!("always {constant}"));
        }
        let missing = |part: &str| format!("a type {} without {part}", self.name);
        Ok(match self.name.as_str() {
            "model" | "enum" => self.target.clone().with_context(|| missing("ref"))?,
            "array" => {
                let items = self.items.as_ref().with_context(|| missing("items"))?;
                format!("list of {}", items.describe()?)
            }
            "map" => {
                let values = self.values.as_ref().with_context(|| missing("values"))?;
                // The note about primitives stands beside the map, not beside its values.
                let primitive = values.name == "any" && self.is_primitive();
                let values = if primitive {
                    "primitive".to_owned()
                } else {
                    values.describe()?
                };
                format!("map of {values}")
            }
            "any" if self.is_primitive() => "primitive".to_owned(),
            "any" => "anything".to_owned(),
            "string" | "integer" | "number" | "boolean" => match self.format.as_deref() {
                None => self.name.clone(),
                // OpenAPI registers the name http-date for it.
                Some("rfc7231") => format!("{} http-date", self.name),
                Some(format) => format!("{} {format}", self.name),
            },
            other => bail!("the type {other} is not known"),
        })
    }

    fn is_primitive(&self) -> bool {
        self.note
            .as_deref()
            .is_some_and(|note| note.starts_with(PRIMITIVES_ONLY))
    }
}
