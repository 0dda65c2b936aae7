//! What cargo knows about packages: the part of `cargo metadata` and `cargo tree` that the gates read.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command;

use anyhow::Context;
use serde::Deserialize;

use crate::process::{capture, cargo};

/// The packages of the workspace.
#[derive(Debug, Deserialize)]
pub(crate) struct Metadata {
    pub(crate) packages: Vec<Package>,
    pub(crate) workspace_members: BTreeSet<String>,
    pub(crate) target_directory: PathBuf,
}

/// One package and what its manifest says about it.
#[derive(Debug, Deserialize)]
pub(crate) struct Package {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) license: Option<String>,
    pub(crate) rust_version: Option<String>,
    pub(crate) manifest_path: PathBuf,
    pub(crate) dependencies: Vec<Dependency>,
}

/// One dependency as declared.
#[derive(Debug, Deserialize)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    pub(crate) kind: Option<String>,
}

impl Dependency {
    /// Whether only tests, examples and benches use it.
    pub(crate) fn is_dev(&self) -> bool {
        self.kind.as_deref() == Some("dev")
    }
}

impl Metadata {
    /// Asks the cargo that started this program.
    pub(crate) fn load() -> anyhow::Result<Self> {
        let json = capture(cargo().args(["metadata", "--no-deps", "--format-version", "1"]))?;
        Self::parse(&json)
    }

    pub(crate) fn parse(json: &str) -> anyhow::Result<Self> {
        serde_json::from_str(json).context("cannot read the output of cargo metadata")
    }

    /// The packages of the workspace, in cargo's order.
    pub(crate) fn members(&self) -> impl Iterator<Item = &Package> {
        self.packages
            .iter()
            .filter(|package| self.workspace_members.contains(&package.id))
    }
}

/// Names and versions of the crates that `cargo tree` shows when asked so, the root among them.
///
/// The tree tells what is really built; `cargo metadata` also lists optional packages that no feature switches on.
pub(crate) fn crates_in_tree(cargo_in_folder: &mut Command) -> anyhow::Result<BTreeSet<String>> {
    let tree = capture(
        cargo_in_folder.args(["--prefix", "none", "--format", "{p}", "--edges", "normal"]),
    )?;
    Ok(distinct_crates(&tree))
}

fn distinct_crates(tree: &str) -> BTreeSet<String> {
    tree.lines()
        .map(|line| {
            line.split_whitespace()
                .take(2)
                .collect::<Vec<_>>()
                .join(" ")
        })
        .filter(|line| !line.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crates_are_counted_once_by_name_and_version() {
        let tree = "consumer v0.0.0 (/x)\nacs-types v0.1.0 (/y)\nsyn v2.0.1 (proc-macro)\n\
                    syn v1.0.0\nacs-types v0.1.0 (/y) (*)\n\n";
        let crates = distinct_crates(tree);
        assert_eq!(
            crates.iter().map(String::as_str).collect::<Vec<_>>(),
            [
                "acs-types v0.1.0",
                "consumer v0.0.0",
                "syn v1.0.0",
                "syn v2.0.1"
            ]
        );
    }
}
