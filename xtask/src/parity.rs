//! `cargo xtask parity`: the OpenAPI documents say what the tables of facts say, and nothing beyond it.
//!
//! Both sides are turned into plain statements, one for each operation, parameter, body, answer, header, model, member,
//! enum value and event, and the two sets are compared. Limits such as minimum and maximum are left out: the facts take
//! them from prose. Whatever a document says needs a description, too, since it becomes the documentation of generated
//! code.

mod descriptions;
mod document;
mod events;
mod facts;
mod settings;
mod tolerance;

use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::path::Path;

use anyhow::{Context, bail};
use serde_json::Value;

use crate::process;
use document::Document;
use facts::Facts;
use settings::{Exception, Service, Settings};

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
    let settings = Settings::read(&specs.join("parity.toml"))?;
    let mut report = Report::default();
    for service in &settings.services {
        let exceptions: Vec<&Exception> = settings
            .exceptions
            .iter()
            .filter(|exception| exception.service == service.name)
            .collect();
        if let Err(error) = compare_service(specs, service, &exceptions, &mut report) {
            report.problems.push(format!(
                "cannot compare {} with its facts: {error:#}",
                service.name
            ));
        }
    }
    report.problems.extend(unlisted(specs, &settings)?);
    Ok(report)
}

/// Files that are compared with nothing, and examples that are gone.
fn unlisted(specs: &Path, settings: &Settings) -> anyhow::Result<Vec<String>> {
    let mut problems = Vec::new();
    for file in files(&specs.join("facts"))? {
        let known = settings
            .services
            .iter()
            .any(|service| file == format!("{}.json", service.name))
            || settings.vectors.contains(&file);
        if !known {
            problems.push(format!("specs/parity.toml does not name facts/{file}"));
        }
    }
    for file in files(&specs.join("openapi"))? {
        let known = settings.services.iter().any(|service| {
            let mut versions = service.versions.iter();
            versions.any(|version| file == document_name(&service.name, version))
        });
        if !known {
            problems.push(format!("openapi/{file}: no version in specs/parity.toml"));
        }
    }
    for file in &settings.vectors {
        let text = read(&specs.join("facts").join(file));
        let json = text.and_then(|text| Ok(serde_json::from_str::<Value>(&text)?));
        if let Err(error) = json {
            problems.push(format!("facts/{file}: {error:#}"));
        }
    }
    Ok(problems)
}

fn files(folder: &Path) -> anyhow::Result<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    for entry in
        fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?
    {
        names.insert(entry?.file_name().to_string_lossy().into_owned());
    }
    Ok(names)
}

fn document_name(service: &str, version: &str) -> String {
    format!("{service}.{version}.json")
}

fn compare_service(
    specs: &Path,
    service: &Service,
    exceptions: &[&Exception],
    report: &mut Report,
) -> anyhow::Result<()> {
    let facts = Facts::parse(&read(&specs.join(format!("facts/{}.json", service.name)))?)?;
    report
        .problems
        .extend(unaccounted_versions(service, &facts));
    let mut used = BTreeSet::new();
    for version in &service.versions {
        let name = document_name(&service.name, version);
        let text = read(&specs.join("openapi").join(&name))?;
        let known = facts.statements(version, &service.versions[0])?;
        let comparison = compare_document(&text, version, &known, exceptions)
            .with_context(|| format!("specs/openapi/{name} is not understood"))?;
        report.agreements.push(format!(
            "{name}: {} statements agree with the facts",
            comparison.agreed
        ));
        let problems = comparison.problems.iter();
        report
            .problems
            .extend(problems.map(|problem| format!("{name}: {problem}")));
        used.extend(comparison.used);
    }
    for side in exceptions.iter().flat_map(|exception| exception.sides()) {
        if !used.contains(side) {
            report.problems.push(format!(
                "specs/parity.toml: this exception for {} is not needed: {side}",
                service.name
            ));
        }
    }
    Ok(())
}

/// Compares one document with what is known about its version, and looks at what no facts are needed for.
fn compare_document(
    text: &str,
    version: &str,
    known: &Statements,
    exceptions: &[&Exception],
) -> anyhow::Result<Comparison> {
    let document = Document::parse(text)?;
    let mut comparison = Comparison::new(known, &document.statements()?, exceptions);
    if document.version() != Some(version) {
        let problem = format!("info.version is not {version}");
        comparison.problems.push(problem);
    }
    comparison.problems.extend(document.undescribed());
    comparison.problems.extend(document.unusable_tolerance());
    Ok(comparison)
}

/// Versions that the table names but that are neither compared nor left out, and the other way round.
fn unaccounted_versions(service: &Service, facts: &Facts) -> Vec<String> {
    let tabled = facts.tabled_versions();
    let listed: Vec<&String> = service
        .versions
        .iter()
        .chain(service.left_out.iter().map(|left_out| &left_out.version))
        .collect();
    let missing = tabled
        .iter()
        .filter(|version| !listed.contains(version))
        .map(|version| format!("specs/parity.toml does not name {} {version}", service.name));
    let extra = listed
        .iter()
        .filter(|version| !tabled.contains(**version))
        .map(|version| {
            format!(
                "specs/parity.toml names {} {version}, the facts do not",
                service.name
            )
        });
    missing.chain(extra).collect()
}

impl Exception {
    /// The statements that this exception explains.
    fn sides(&self) -> impl Iterator<Item = &str> {
        self.facts.iter().chain(&self.document).map(String::as_str)
    }
}

/// What is left when the agreed statements and the exceptions are taken away.
struct Comparison {
    agreed: usize,
    problems: Vec<String>,
    /// Statements that an exception explained.
    used: BTreeSet<String>,
}

impl Comparison {
    fn new(facts: &Statements, document: &Statements, exceptions: &[&Exception]) -> Self {
        let mut missing: BTreeSet<&str> = facts.difference(document).map(String::as_str).collect();
        let mut extra: BTreeSet<&str> = document.difference(facts).map(String::as_str).collect();
        let mut used = BTreeSet::new();
        for exception in exceptions {
            let explained = [
                (&exception.facts, &mut missing),
                (&exception.document, &mut extra),
            ];
            for (statement, side) in explained {
                if let Some(statement) = statement
                    && side.remove(statement.as_str())
                {
                    used.insert(statement.clone());
                }
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
mod breakages;
#[cfg(test)]
mod tests;
