//! Tables of the members of models.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use anyhow::Context as _;
use serde_json::{Map, Value};

/// The name that a schema refers to, directly or with a description beside it.
pub(super) fn referenced(schema: &Value) -> Option<&str> {
    let only = match schema["allOf"].as_array().map(Vec::as_slice) {
        Some([only]) if schema.get("properties").is_none() && schema.get("type").is_none() => only,
        _ => schema,
    };
    only["$ref"].as_str()?.rsplit('/').next()
}

pub(super) fn schema<'a>(document: &'a Value, name: &str) -> anyhow::Result<&'a Value> {
    document["components"]["schemas"]
        .get(name)
        .with_context(|| format!("the document has no schema {name}"))
}

/// A member of an object, its own or of a base.
pub(super) struct Member<'a> {
    pub(super) name: &'a str,
    pub(super) schema: &'a Value,
    pub(super) always: bool,
}

/// The members of an object, those of its bases first.
pub(super) fn members<'a>(document: &'a Value, name: &str) -> anyhow::Result<Vec<Member<'a>>> {
    let mut parts = Vec::new();
    collect(document, schema(document, name)?, &mut parts)?;
    let named = |key: &str| -> BTreeSet<&str> {
        let lists = parts.iter().filter_map(|part| part[key].as_array());
        lists.flatten().filter_map(Value::as_str).collect()
    };
    let (required, lacking) = (named("required"), named("x-acs-may-lack"));
    let own = parts
        .iter()
        .filter_map(|part| part["properties"].as_object());
    Ok(own
        .flat_map(Map::iter)
        .map(|(name, schema)| Member {
            name,
            schema,
            always: required.contains(name.as_str()) && !lacking.contains(name.as_str()),
        })
        .collect())
}

fn collect<'a>(
    document: &'a Value,
    part: &'a Value,
    parts: &mut Vec<&'a Value>,
) -> anyhow::Result<()> {
    for base in part["allOf"].as_array().into_iter().flatten() {
        let base = match referenced(base) {
            Some(name) => schema(document, name)?,
            None => base,
        };
        collect(document, base, parts)?;
    }
    parts.push(part);
    Ok(())
}

/// The values of an enumeration, if the schema is one.
pub(super) fn listed(schema: &Value) -> Option<Vec<&str>> {
    let branches = schema["anyOf"].as_array().into_iter().flatten();
    let values = branches
        .chain([schema])
        .find_map(|branch| branch["enum"].as_array())?;
    Some(values.iter().filter_map(Value::as_str).collect())
}

/// Whether the schema is a text, number or boolean.
pub(super) fn is_primitive(schema: &Value) -> bool {
    schema.get("anyOf").is_some() && listed(schema).is_none()
}

/// A text on one line of a table.
pub(super) fn one_line(text: &str) -> String {
    let words: Vec<_> = text.split_whitespace().collect();
    words.join(" ").replace('|', "\\|")
}

/// The tables of a page. Models within models are gathered and shown once, at its end.
pub(super) struct Models<'a> {
    document: &'a Value,
    /// The tables of those within others.
    parts: BTreeMap<String, String>,
}

impl<'a> Models<'a> {
    pub(super) fn new(document: &'a Value) -> Self {
        Self {
            document,
            parts: BTreeMap::new(),
        }
    }

    /// The members of a model.
    pub(super) fn table(&mut self, name: &str) -> anyhow::Result<String> {
        let mut table = "| member | value | | |\n| --- | --- | --- | --- |\n".to_owned();
        for member in members(self.document, name)? {
            let mut names = format!("`{}`", member.name);
            let others = member.schema["x-acs-also-read"].as_array();
            let others: Vec<_> = others
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .map(|other| format!("`{other}`"))
                .collect();
            if !others.is_empty() {
                let _ = write!(names, " ({})", others.join(", "));
            }
            let kind = self.kind(member.schema)?;
            let always = if member.always { "always " } else { "" };
            let description = one_line(member.schema["description"].as_str().unwrap_or_default());
            let _ = writeln!(table, "| {names} | {kind} | {always}| {description} |");
        }
        Ok(table)
    }

    /// The tables of all models within those that were asked for.
    pub(super) fn parts(self) -> String {
        let mut text = String::new();
        if !self.parts.is_empty() {
            text.push_str("\n## Models within\n");
        }
        for (name, table) in self.parts {
            let _ = write!(text, "\n### {name}\n\n{table}");
        }
        text
    }

    fn kind(&mut self, value: &Value) -> anyhow::Result<String> {
        if let Some(name) = referenced(value) {
            let target = schema(self.document, name)?;
            if let Some(values) = listed(target) {
                let values: Vec<_> = values.iter().map(|value| format!("`{value}`")).collect();
                return Ok(values.join(", "));
            }
            if is_primitive(target) {
                return Ok("text, number or boolean".to_owned());
            }
            if !self.parts.contains_key(name) {
                // It may hold itself.
                self.parts.insert(name.to_owned(), String::new());
                let table = self.table(name)?;
                self.parts.insert(name.to_owned(), table);
            }
            return Ok(format!("[{name}](#{})", name.to_lowercase()));
        }
        Ok(match value["type"].as_str() {
            Some("string") if value["format"] == "date-time" => "date and time".to_owned(),
            Some("string") => "text".to_owned(),
            Some("integer") => "whole number".to_owned(),
            Some("number") => "number".to_owned(),
            Some("boolean") => "boolean".to_owned(),
            Some("array") => format!("list of {}", plural(&self.kind(&value["items"])?)),
            Some("object") => format!(
                "map of {}",
                plural(&self.kind(&value["additionalProperties"])?)
            ),
            _ => "any JSON".to_owned(),
        })
    }
}

fn plural(kind: &str) -> String {
    match kind {
        "text" => "texts".to_owned(),
        kind => kind.to_owned(),
    }
}
