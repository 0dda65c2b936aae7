//! `specs/codegen.toml`: which documents each service is generated from, and what the documents do not say.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context, anyhow, bail};
use serde::Deserialize;
use serde_json::Value;

use super::spec::{Earlier, Options};
use super::strict_json;

/// Path of the file within the workspace.
pub(super) const PATH: &str = "specs/codegen.toml";

/// A service by the name it has on the command line.
pub(super) type Services = BTreeMap<String, Service>;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Service {
    /// The package whose `src/generated` is written.
    #[serde(rename = "crate")]
    pub(super) package: String,
    /// One document for each api-version, oldest first; the newest is a superset of the others and is generated from.
    pub(super) documents: Vec<String>,
    pub(super) default_api_version: String,
    #[serde(default)]
    pub(super) patches: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) renames: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) secrets: BTreeSet<String>,
    #[serde(default)]
    pub(super) raw_json: BTreeSet<String>,
    /// Warnings that have been looked at, as the command prints them.
    #[serde(default)]
    pub(super) allowed_warnings: BTreeSet<String>,
}

/// The documents of a service.
pub(super) struct Input {
    /// The newest document and where it is in the workspace.
    pub(super) document: Value,
    pub(super) path: String,
    pub(super) api_versions: Vec<String>,
    pub(super) options: Options,
}

pub(super) fn read(root: &Path) -> anyhow::Result<Services> {
    let text =
        fs::read_to_string(root.join(PATH)).with_context(|| format!("cannot read {PATH}"))?;
    parse(&text).with_context(|| format!("{PATH} is not understood"))
}

fn parse(text: &str) -> anyhow::Result<Services> {
    let services: Services = toml::from_str(text)?;
    for (name, service) in &services {
        if service.documents.is_empty() {
            bail!("the service {name} has no documents");
        }
    }
    Ok(services)
}

impl Service {
    pub(super) fn input(self, root: &Path) -> anyhow::Result<Input> {
        let mut documents = Vec::new();
        for path in &self.documents {
            let document = read_document(&root.join(path))?;
            documents.push(Earlier {
                version: api_version(&document).with_context(|| path.clone())?,
                document,
            });
        }
        let api_versions: Vec<_> = documents
            .iter()
            .map(|document| document.version.clone())
            .collect();
        if !api_versions.contains(&self.default_api_version) {
            bail!(
                "default-api-version is {:?}, but the documents are of {api_versions:?}",
                self.default_api_version
            );
        }
        let newest = documents.pop().ok_or_else(|| anyhow!("no documents"))?;
        Ok(Input {
            document: newest.document,
            path: self.documents.last().cloned().unwrap_or_default(),
            api_versions,
            options: Options {
                renames: self.renames,
                patches: self.patches,
                secrets: self.secrets,
                raw_json: self.raw_json,
                earlier: documents,
            },
        })
    }
}

pub(crate) fn read_document(path: &Path) -> anyhow::Result<Value> {
    let text =
        fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    strict_json::parse(&text)
        .with_context(|| format!("{} is no JSON; is the file complete?", path.display()))
}

/// The api-version that a document describes.
pub(super) fn api_version(document: &Value) -> anyhow::Result<String> {
    document
        .pointer("/info/version")
        .and_then(Value::as_str)
        .map(str::to_owned)
        .context("#/info/version is missing or not a text")
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn a_service_is_read_with_its_options() {
        let services = parse(
            r#"
            [things]
            crate = "acs-core-things"
            documents = ["specs/openapi/things.1.json"]
            default-api-version = "1"
            secrets = ["Thing.key"]

            [things.patches]
            Thing = "ThingPatch"
            "#,
        )
        .expect("valid");
        assert_eq!(services["things"].patches["Thing"], "ThingPatch");
        assert!(services["things"].renames.is_empty());
    }

    #[test]
    fn unknown_keys_and_missing_documents_are_errors() {
        parse("[a]\ncrate = \"a\"\ndocuments = []\ndefault-api-version = \"1\"").expect_err("none");
        parse("[a]\ncrate = \"a\"\ndocuments = [\"x\"]\ndefault-api-version = \"1\"\nsecret = []")
            .expect_err("typo");
    }
}
