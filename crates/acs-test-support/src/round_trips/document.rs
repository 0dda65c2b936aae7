//! An OpenAPI document, read the way its authors meant it and apart from the generator.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

const SCHEMAS: &str = "#/components/schemas/";

/// The document.
pub(super) struct Document(Value);

/// What a schema is.
#[derive(Debug)]
pub(super) enum Shape<'a> {
    Text,
    Time,
    Boolean,
    Int32,
    Int64,
    Number,
    /// A text, a number or a boolean.
    Label,
    Anything,
    /// The values that are listed; there may be others.
    Enumeration(Vec<Listed<'a>>),
    List(&'a Value),
    Map(&'a Value),
    Object(Vec<Member<'a>>),
    Union(Union<'a>),
}

/// A value of an enumeration.
#[derive(Debug)]
pub(super) struct Listed<'a> {
    pub(super) value: &'a str,
    pub(super) other_spellings: Vec<&'a str>,
}

/// A member of an object, its own or of a base.
#[derive(Debug)]
pub(super) struct Member<'a> {
    pub(super) name: &'a str,
    pub(super) schema: &'a Value,
    /// Senders always send it.
    pub(super) required: bool,
    /// Whether it may be null although it is required.
    pub(super) nullable: bool,
    pub(super) read_only: bool,
    pub(super) other_names: Vec<&'a str>,
    pub(super) other_forms: Vec<&'a str>,
}

/// A base with a discriminator.
#[derive(Debug)]
pub(super) struct Union<'a> {
    pub(super) discriminator: &'a str,
    /// Names of schemas, by the value of the discriminator.
    pub(super) kinds: BTreeMap<&'a str, &'a str>,
}

impl Document {
    pub(super) fn parse(text: &str) -> Self {
        Self(serde_json::from_str(text).expect("the document is JSON"))
    }

    pub(super) fn schema(&self, name: &str) -> &Value {
        self.schemas()
            .get(name)
            .unwrap_or_else(|| panic!("the document has no schema {name}"))
    }

    fn schemas(&self) -> &Map<String, Value> {
        self.0["components"]["schemas"]
            .as_object()
            .expect("the document has schemas")
    }

    /// What a schema is, references followed.
    pub(super) fn shape<'a>(&'a self, schema: &'a Value) -> Shape<'a> {
        match referenced(schema) {
            Some(name) => self.shape(self.schema(name)),
            None => self.own_shape(schema),
        }
    }

    fn own_shape<'a>(&'a self, schema: &'a Value) -> Shape<'a> {
        if let Some(union) = union(schema) {
            return Shape::Union(union);
        }
        if let Some(shape) = self.alternatives(schema) {
            return shape;
        }
        let format = schema["format"].as_str();
        match (schema["type"].as_str(), format) {
            (Some("string"), _) if schema.get("enum").is_some() => {
                Shape::Enumeration(listed(schema, texts(schema, "enum")))
            }
            (Some("string"), Some("date-time")) => Shape::Time,
            (Some("string"), _) => Shape::Text,
            (Some("boolean"), _) => Shape::Boolean,
            (Some("integer"), Some("int32")) => Shape::Int32,
            (Some("integer"), _) => Shape::Int64,
            (Some("number"), _) => Shape::Number,
            (Some("array"), _) => Shape::List(&schema["items"]),
            (Some("object"), _) => match &schema["additionalProperties"] {
                values @ Value::Object(_) if schema.get("properties").is_none() => {
                    Shape::Map(values)
                }
                _ => Shape::Object(self.members(schema)),
            },
            (None, None) if schema.get("allOf").is_none() => Shape::Anything,
            _ => panic!("a schema that the tests do not know: {schema}"),
        }
    }

    /// An open enumeration or a label value.
    fn alternatives<'a>(&'a self, schema: &'a Value) -> Option<Shape<'a>> {
        let branches = ["anyOf", "oneOf"]
            .into_iter()
            .find(|key| schema.get(key).is_some())
            .map(|key| list(schema, key))?;
        let branches = branches
            .into_iter()
            .map(|branch| referenced(branch).map_or(branch, |name| self.schema(name)));
        let mut values = Vec::new();
        for branch in branches {
            let kind = branch["type"].as_str().unwrap_or_default();
            let is_scalar = ["string", "number", "integer", "boolean"].contains(&kind);
            assert!(is_scalar, "a union that the tests do not know: {schema}");
            values.extend(texts(branch, "enum"));
        }
        Some(if values.is_empty() {
            Shape::Label
        } else {
            Shape::Enumeration(listed(schema, values))
        })
    }

    /// The members of an object and of its bases.
    fn members<'a>(&'a self, schema: &'a Value) -> Vec<Member<'a>> {
        let mut parts = Vec::new();
        self.parts(schema, &mut parts);
        let all =
            |key| -> BTreeSet<&str> { parts.iter().flat_map(|part| texts(part, key)).collect() };
        let (required, may_lack) = (all("required"), all("x-acs-may-lack"));
        let mut members: BTreeMap<&str, Member<'_>> = BTreeMap::new();
        for (name, property) in parts
            .iter()
            .filter_map(|part| part["properties"].as_object())
            .flatten()
        {
            let name = name.as_str();
            let member = Member {
                name,
                schema: property,
                required: required.contains(name) && !may_lack.contains(name),
                nullable: property["nullable"] == true
                    || texts(property, "x-acs-also-accept").contains(&"null"),
                read_only: property["readOnly"] == true,
                other_names: texts(property, "x-acs-also-read"),
                other_forms: texts(property, "x-acs-also-accept"),
            };
            members.insert(name, member);
        }
        members.into_values().collect()
    }

    /// The schema and its bases, the outermost base first.
    fn parts<'a>(&'a self, schema: &'a Value, parts: &mut Vec<&'a Value>) {
        for base in list(schema, "allOf") {
            let base = match base["$ref"].as_str() {
                Some(reference) => self.schema(reference.trim_start_matches(SCHEMAS)),
                None => base,
            };
            self.parts(base, parts);
        }
        parts.push(schema);
    }

    /// The union that a named schema is one kind of, with the value of the discriminator.
    pub(super) fn kind_of(&self, name: &str) -> Option<(Union<'_>, &str)> {
        self.schemas().values().find_map(|schema| {
            let union = union(schema)?;
            let kind = union
                .kinds
                .iter()
                .find_map(|(kind, schema)| (*schema == name).then_some(*kind))?;
            Some((union, kind))
        })
    }

    /// The operations.
    pub(super) fn operations(&self) -> impl Iterator<Item = &Value> {
        let paths = self.0["paths"].as_object().into_iter().flatten();
        paths
            .filter_map(|(_, item)| item.as_object())
            .flatten()
            .filter_map(|(_, operation)| operation.get("responses").and(Some(operation)))
    }

    /// A parameter, if need be that of its reference.
    pub(super) fn parameter<'a>(&'a self, parameter: &'a Value) -> &'a Value {
        let target = parameter["$ref"]
            .as_str()
            .and_then(|reference| self.0.pointer(reference.trim_start_matches('#')));
        target.unwrap_or(parameter)
    }

    /// The names of the schemas of the data of events.
    pub(super) fn payloads(&self) -> impl Iterator<Item = &str> {
        list(&self.0, "x-acs-event-types")
            .into_iter()
            .filter_map(|event| event["payload"].as_str())
    }
}

/// The name that a schema refers to, directly or by the only part of `allOf`, which is how a reference gets a description.
pub(super) fn referenced(schema: &Value) -> Option<&str> {
    let only = match list(schema, "allOf").as_slice() {
        [only] if schema.get("properties").is_none() && schema.get("type").is_none() => Some(*only),
        _ => None,
    };
    let reference = only.unwrap_or(schema).get("$ref")?;
    reference.as_str()?.strip_prefix(SCHEMAS)
}

fn union(schema: &Value) -> Option<Union<'_>> {
    let discriminator = schema.get("discriminator")?;
    let mapping = discriminator["mapping"]
        .as_object()
        .expect("a discriminator has a mapping");
    let kinds = mapping.iter().map(|(kind, target)| {
        let target = target.as_str().expect("a mapping leads to names");
        (kind.as_str(), target.trim_start_matches(SCHEMAS))
    });
    Some(Union {
        discriminator: discriminator["propertyName"]
            .as_str()
            .expect("a discriminator names its member"),
        kinds: kinds.collect(),
    })
}

/// The elements of a member that is a list.
pub(super) fn list<'a>(schema: &'a Value, key: &str) -> Vec<&'a Value> {
    schema[key].as_array().into_iter().flatten().collect()
}

/// The values of an enumeration with the other spellings that the extension tells.
fn listed<'a>(schema: &'a Value, values: Vec<&'a str>) -> Vec<Listed<'a>> {
    let described = list(&schema["x-ms-enum"], "values");
    let other_spellings = |value: &str| {
        let entry = described.iter().find(|entry| entry["value"] == value);
        entry.map_or_else(Vec::new, |entry| texts(entry, "x-acs-also-read"))
    };
    values
        .into_iter()
        .map(|value| Listed {
            value,
            other_spellings: other_spellings(value),
        })
        .collect()
}

fn texts<'a>(schema: &'a Value, key: &str) -> Vec<&'a str> {
    list(schema, key)
        .into_iter()
        .filter_map(Value::as_str)
        .collect()
}
