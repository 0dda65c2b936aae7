//! The tables of facts, as far as they are compared.

use std::collections::BTreeMap;

use anyhow::{Context, bail};
use serde::Deserialize;
use serde_json::Value;

use super::{Shape, Statements};

/// The note by which a table says that an untyped value is a text, a number or a boolean.
const PRIMITIVES_ONLY: &str = "JSON primitives only";

/// One table: what is known about the API of one service.
#[derive(Deserialize)]
pub(super) struct Facts {
    api_versions: Versions,
    operations: Vec<Operation>,
    models: BTreeMap<String, Model>,
    enums: BTreeMap<String, Enumeration>,
}

#[derive(Deserialize)]
struct Versions {
    stable: String,
    #[serde(default)]
    preview: Vec<String>,
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
    since: String,
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
    since: String,
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
    default: Option<Value>,
    since: String,
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
    since: String,
    #[serde(default)]
    value_since: BTreeMap<String, String>,
}

impl Facts {
    pub(super) fn parse(json: &str) -> anyhow::Result<Self> {
        serde_json::from_str(json).context("the table of facts has another form than expected")
    }

    /// Versions of the API, oldest first.
    pub(super) fn versions(&self) -> impl Iterator<Item = &str> {
        let previews = self.api_versions.preview.iter();
        std::iter::once(&self.api_versions.stable)
            .chain(previews)
            .map(String::as_str)
    }

    /// Everything that holds in one version.
    pub(super) fn statements(&self, version: &str) -> anyhow::Result<Statements> {
        let view = View {
            facts: self,
            version,
        };
        let mut said = Statements::new();
        for operation in &self.operations {
            if view.has(&operation.since)? {
                view.operation(operation, &mut said)
                    .with_context(|| format!("operation {}", operation.operation_id))?;
            }
        }
        for (name, model) in &self.models {
            if view.has(&model.since)? {
                view.model(name, model, &mut said)
                    .with_context(|| format!("model {name}"))?;
            }
        }
        for (name, enumeration) in &self.enums {
            if view.has(&enumeration.since)? {
                view.enumeration(name, enumeration, &mut said)?;
            }
        }
        Ok(said)
    }
}

/// The facts as they stand in one version.
struct View<'a> {
    facts: &'a Facts,
    version: &'a str,
}

impl<'a> View<'a> {
    /// Whether this version has what came with another one.
    fn has(&self, since: &str) -> anyhow::Result<bool> {
        let position = |wanted: &str| {
            self.facts
                .versions()
                .position(|version| version == wanted)
                .with_context(|| format!("{wanted} is not among the versions"))
        };
        Ok(position(since)? <= position(self.version)?)
    }

    /// The version, if it is worth mentioning: what the oldest one has came with nothing.
    fn later(&self, since: &'a str) -> Option<&'a str> {
        (since != self.facts.api_versions.stable).then_some(since)
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
        let mut successes: Vec<String> = operation
            .responses
            .keys()
            .filter(|status| *status != "default")
            .cloned()
            .collect();
        successes.sort();
        if successes
            != operation
                .success_statuses
                .iter()
                .map(u16::to_string)
                .collect::<Vec<_>>()
        {
            bail!("success_statuses and responses differ");
        }
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
        if let Some(since) = self.later(&operation.since) {
            said.insert(format!("operation {id} is new in {since}"));
        }
        Ok(())
    }

    fn model(&self, name: &str, model: &'a Model, said: &mut Statements) -> anyhow::Result<()> {
        said.insert(format!("model {name} exists"));
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
                let shape = member.shape(self.later(&member.since))?;
                said.insert(format!("model {name}: member {member_name} is {shape}"));
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
        for value in &enumeration.values {
            let since = enumeration
                .value_since
                .get(value)
                .unwrap_or(&enumeration.since);
            if self.has(since)? {
                said.insert(format!("enum {name}: value {value}"));
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
