//! `specs/parity.toml`: what is compared, and where a specification says otherwise than the facts on purpose.

use std::path::Path;

use anyhow::{Context, bail, ensure};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Settings {
    /// Files in `facts/` that are no tables of an API but examples for tests.
    #[serde(default)]
    pub(super) vectors: Vec<String>,
    #[serde(rename = "service")]
    pub(super) services: Vec<Service>,
    #[serde(default, rename = "exception")]
    pub(super) exceptions: Vec<Exception>,
}

/// A table of facts and the documents that are compared with it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Service {
    pub(super) name: String,
    /// Versions with a document, oldest first.
    pub(super) versions: Vec<String>,
    /// Versions that the table names and that have no document.
    #[serde(default)]
    pub(super) left_out: Vec<LeftOut>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LeftOut {
    pub(super) version: String,
    reason: String,
}

/// A difference that is meant.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Exception {
    pub(super) service: String,
    /// What the facts say, if the document says something else or nothing.
    pub(super) facts: Option<String>,
    /// What the document says, if the facts say something else or nothing.
    pub(super) document: Option<String>,
    pub(super) reason: String,
}

impl Settings {
    pub(super) fn read(path: &Path) -> anyhow::Result<Self> {
        let settings: Self = toml::from_str(&super::read(path)?)
            .with_context(|| format!("cannot understand {}", path.display()))?;
        settings
            .check()
            .with_context(|| format!("{} is not usable", path.display()))?;
        Ok(settings)
    }

    fn check(&self) -> anyhow::Result<()> {
        for service in &self.services {
            let name = &service.name;
            ensure!(!service.versions.is_empty(), "{name} has no versions");
            ensure!(
                service.versions.is_sorted(),
                "the versions of {name} are not in order, oldest first"
            );
            for left_out in &service.left_out {
                require_reason(&left_out.reason, &format!("{name} {}", left_out.version))?;
            }
        }
        for exception in &self.exceptions {
            let service = &exception.service;
            require_reason(&exception.reason, &format!("an exception about {service}"))?;
            ensure!(
                exception.facts.is_some() || exception.document.is_some(),
                "an exception about {service} names neither facts nor a document"
            );
            if self.services.iter().all(|known| known.name != *service) {
                bail!("an exception is about {service}, which is no service");
            }
        }
        Ok(())
    }
}

fn require_reason(reason: &str, what: &str) -> anyhow::Result<()> {
    ensure!(!reason.trim().is_empty(), "{what} has no reason");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(toml: &str) -> String {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("parity.toml");
        std::fs::write(&path, toml).unwrap();
        format!("{:#}", Settings::read(&path).err().unwrap())
    }

    const TOY: &str = "[[service]]\nname = \"toy\"\nversions = [\"2020-01-01\"]\n";

    #[test]
    fn an_exception_needs_a_reason() {
        let message = refusal(&format!(
            "{TOY}[[exception]]\nservice = \"toy\"\nfacts = \"x\"\nreason = \" \"\n"
        ));
        assert!(
            message.contains("an exception about toy has no reason"),
            "{message}"
        );
    }

    #[test]
    fn an_exception_needs_a_statement() {
        let message = refusal(&format!(
            "{TOY}[[exception]]\nservice = \"toy\"\nreason = \"Why not.\"\n"
        ));
        assert!(
            message.contains("names neither facts nor a document"),
            "{message}"
        );
    }

    #[test]
    fn an_exception_is_about_a_service_that_is_compared() {
        let message = refusal(&format!(
            "{TOY}[[exception]]\nservice = \"ball\"\nfacts = \"x\"\nreason = \"Why not.\"\n"
        ));
        assert!(message.contains("an exception is about ball"), "{message}");
    }

    #[test]
    fn a_version_is_left_out_for_a_reason() {
        let message = refusal(&format!(
            "{TOY}left_out = [{{ version = \"2019-01-01\", reason = \"\" }}]\n"
        ));
        assert!(
            message.contains("toy 2019-01-01 has no reason"),
            "{message}"
        );
    }

    #[test]
    fn versions_stand_in_order() {
        let message =
            refusal("[[service]]\nname = \"toy\"\nversions = [\"2021-01-01\", \"2020-01-01\"]\n");
        assert!(message.contains("oldest first"), "{message}");
    }
}
