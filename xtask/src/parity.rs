//! `cargo xtask parity`: the OpenAPI documents say what the tables of facts say, and nothing beyond it.
//!
//! Both sides are turned into plain statements, one for each operation, parameter, body, answer, header, model, member and
//! enum value, and the two sets are compared. Limits such as minimum and maximum are left out: the facts take them from
//! prose. Whatever a document says needs a description, too, since it becomes the documentation of generated code.

mod descriptions;
mod document;
mod facts;

use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::path::Path;

use anyhow::{Context, bail};
use serde::Deserialize;
use serde_json::Value;

use crate::process;
use document::Document;
use facts::Facts;

/// What one side says about an API.
type Statements = BTreeSet<String>;

/// The value of a parameter, member or header, as both sides describe it.
struct Shape<'a> {
    kind: String,
    required: bool,
    read_only: bool,
    default: Option<&'a Value>,
    since: Option<&'a str>,
}

impl fmt::Display for Shape<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let need = if self.required {
            "required"
        } else {
            "optional"
        };
        write!(formatter, "{}, {need}", self.kind)?;
        if self.read_only {
            formatter.write_str(", read-only")?;
        }
        if let Some(default) = self.default {
            write!(formatter, ", default {default}")?;
        }
        if let Some(since) = self.since {
            write!(formatter, ", since {since}")?;
        }
        Ok(())
    }
}

/// Differences that are meant, each with its reason.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Exceptions {
    #[serde(default)]
    exception: Vec<Exception>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Exception {
    service: String,
    /// What the facts say, if the document says something else or nothing.
    facts: Option<String>,
    /// What the document says, if the facts say something else or nothing.
    document: Option<String>,
    reason: String,
}

pub(crate) fn run() -> anyhow::Result<()> {
    let report = compare_all(&process::workspace_root().join("specs"))?;
    for line in &report.agreements {
        println!("{line}");
    }
    if report.problems.is_empty() {
        return Ok(());
    }
    bail!(
        "parity with the facts is broken:\n  {}",
        report.problems.join("\n  ")
    );
}

#[derive(Default)]
struct Report {
    agreements: Vec<String>,
    problems: Vec<String>,
}

/// Compares every table in `facts/` with the documents of its versions.
fn compare_all(specs: &Path) -> anyhow::Result<Report> {
    let exceptions = read_exceptions(&specs.join("parity.toml"))?;
    let mut report = Report::default();
    let mut services = BTreeSet::new();
    for entry in fs::read_dir(specs.join("facts")).context("cannot list specs/facts")? {
        let path = entry?.path();
        if let Some(service) = path.file_stem().and_then(|name| name.to_str()) {
            services.insert(service.to_owned());
        }
    }
    for service in &services {
        compare_service(specs, service, &exceptions, &mut report)
            .with_context(|| format!("cannot compare {service} with its facts"))?;
    }
    for exception in &exceptions {
        if !services.contains(&exception.service) {
            report.problems.push(format!(
                "specs/parity.toml: no facts about {}",
                exception.service
            ));
        }
    }
    Ok(report)
}

fn read_exceptions(path: &Path) -> anyhow::Result<Vec<Exception>> {
    let list: Exceptions = toml::from_str(&read(path)?)
        .with_context(|| format!("cannot understand {}", path.display()))?;
    for exception in &list.exception {
        if exception.reason.trim().is_empty() {
            bail!(
                "{}: an exception about {} has no reason",
                path.display(),
                exception.service
            );
        }
    }
    Ok(list.exception)
}

fn compare_service(
    specs: &Path,
    service: &str,
    exceptions: &[Exception],
    report: &mut Report,
) -> anyhow::Result<()> {
    let facts = Facts::parse(&read(&specs.join(format!("facts/{service}.json")))?)?;
    let exceptions: Vec<&Exception> = exceptions
        .iter()
        .filter(|exception| exception.service == service)
        .collect();
    let mut used = BTreeSet::new();
    for version in facts.versions() {
        let name = format!("{service}.{version}.json");
        let document = Document::parse(&read(&specs.join("openapi").join(&name))?)
            .with_context(|| format!("specs/openapi/{name} is not understood"))?;
        let said = document
            .statements()
            .with_context(|| format!("specs/openapi/{name} is not understood"))?;
        let comparison = Comparison::new(&facts.statements(version)?, &said, &exceptions);
        if document.version() != Some(version) {
            report
                .problems
                .push(format!("{name}: info.version is not {version}"));
        }
        report.agreements.push(format!(
            "{name}: {} statements agree with the facts",
            comparison.agreed
        ));
        report.problems.extend(
            comparison
                .problems
                .iter()
                .map(|problem| format!("{name}: {problem}")),
        );
        let undescribed = document.undescribed();
        report.problems.extend(
            undescribed
                .iter()
                .map(|place| format!("{name}: no description: {place}")),
        );
        used.extend(comparison.used);
    }
    for (index, exception) in exceptions.iter().enumerate() {
        if !used.contains(&index) {
            report.problems.push(format!(
                "specs/parity.toml: this exception is not needed any more: {}",
                exception
                    .facts
                    .as_ref()
                    .or(exception.document.as_ref())
                    .unwrap_or(&exception.reason)
            ));
        }
    }
    Ok(())
}

/// What is left when the agreed statements and the exceptions are taken away.
struct Comparison {
    agreed: usize,
    problems: Vec<String>,
    /// Positions of the exceptions that explained something.
    used: BTreeSet<usize>,
}

impl Comparison {
    fn new(facts: &Statements, document: &Statements, exceptions: &[&Exception]) -> Self {
        let mut missing: BTreeSet<&str> = facts.difference(document).map(String::as_str).collect();
        let mut extra: BTreeSet<&str> = document.difference(facts).map(String::as_str).collect();
        let mut used = BTreeSet::new();
        for (index, exception) in exceptions.iter().enumerate() {
            let explained_missing = exception
                .facts
                .as_deref()
                .is_some_and(|line| missing.remove(line));
            let explained_extra = exception
                .document
                .as_deref()
                .is_some_and(|line| extra.remove(line));
            if explained_missing || explained_extra {
                used.insert(index);
            }
        }
        let missing = missing.iter().map(|line| format!("does not say: {line}"));
        let extra = extra
            .iter()
            .map(|line| format!("says beyond the facts: {line}"));
        Self {
            agreed: facts.intersection(document).count(),
            problems: missing.chain(extra).collect(),
            used,
        }
    }
}

fn read(path: &Path) -> anyhow::Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

#[cfg(test)]
mod tests;
