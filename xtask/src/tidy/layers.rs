//! The crate graph: who may depend on whom, and what a layer must never pull in.

use std::collections::BTreeSet;

use super::Finding;
use crate::metadata::{Metadata, Package, crates_in_tree};
use crate::process::cargo;

/// What each crate may link, lowest layer first. A crate that is not here may not depend on any of ours.
const ALLOWED: &[(&str, &[&str])] = &[
    ("acs-types", &[]),
    ("acs-auth", &["acs-types"]),
    ("acs-core", &["acs-types", "acs-auth"]),
    ("acs-core-chat", &["acs-types", "acs-core"]),
    ("acs-core-identity", &["acs-types", "acs-core"]),
    ("acs-core-jobrouter", &["acs-types", "acs-core"]),
    ("acs-events", &["acs-types"]),
    ("acs-events-queue", &["acs-events"]),
    (
        "acs-jobrouter",
        &["acs-types", "acs-auth", "acs-core", "acs-core-jobrouter"],
    ),
    ("acs-chat", &["acs-types", "acs-core", "acs-core-chat"]),
    (
        "acs-identity",
        &["acs-types", "acs-auth", "acs-core", "acs-core-identity"],
    ),
    ("acs-powerfx", &["acs-types"]),
    ("acs-router-engine", &["acs-types", "acs-powerfx"]),
    ("acs-identity-engine", &["acs-types"]),
    ("acs-chat-engine", &["acs-types"]),
    // Of the raw crates the emulator takes models and the operation tables only. It never links a typed
    // client: a mistake shared by both sides would cancel out.
    (
        "acs-emulator",
        &[
            "acs-types",
            "acs-auth",
            "acs-core-chat",
            "acs-core-identity",
            "acs-core-jobrouter",
            "acs-chat-engine",
            "acs-identity-engine",
            "acs-router-engine",
        ],
    ),
    ("acs-test-support", &["acs-types", "acs-auth"]),
    (
        "acs-contract-tests",
        &[
            "acs-types",
            "acs-chat",
            "acs-identity",
            "acs-jobrouter",
            "acs-test-support",
        ],
    ),
    // Examples show programs of users, which link whatever they need.
    (
        "acs-examples",
        &["acs-emulator", "acs-identity", "acs-jobrouter"],
    ),
];

/// What tests, examples and benches of a crate may use beyond its own row in [`ALLOWED`].
const ALLOWED_FOR_TESTS: &[(&str, &[&str])] = &[
    ("acs-chat-engine", &["acs-events"]),
    ("acs-core-chat", &["acs-test-support"]),
    ("acs-core-identity", &["acs-test-support"]),
    ("acs-core-jobrouter", &["acs-test-support"]),
    ("acs-events", &["acs-test-support"]),
    ("acs-events-queue", &["acs-test-support"]),
    ("acs-jobrouter", &["acs-test-support"]),
    (
        "acs-contract-tests",
        &["acs-auth", "acs-core", "acs-core-jobrouter", "acs-emulator"],
    ),
    (
        "acs-examples",
        &[
            "acs-auth",
            "acs-chat",
            "acs-events",
            "acs-events-queue",
            "acs-identity",
            "acs-test-support",
        ],
    ),
];

/// Packages of others that must not be in a crate's tree, at any depth, with the reason.
const KEPT_OUT: &[(&str, &[&str], &str)] = &[
    ("acs-types", IO_AND_CHANCE, "it holds plain values"),
    (
        "acs-powerfx",
        IO_AND_CHANCE,
        "rules give the same answer every time",
    ),
    (
        "acs-router-engine",
        IO_AND_CHANCE,
        "the routing rules are a pure state machine",
    ),
    (
        "acs-identity-engine",
        IO_AND_CHANCE,
        "the rules of identities are a pure state machine",
    ),
    (
        "acs-chat-engine",
        IO_AND_CHANCE,
        "the rules of chat are a pure state machine",
    ),
    ("acs-auth", HTTP, "it signs requests and sends none"),
    (
        "acs-events",
        HTTP,
        "it sends events only with the feature `send`",
    ),
    (
        "acs-jobrouter",
        GENERATORS_AND_SERVERS,
        "programs that use the client would build it too",
    ),
    (
        "acs-chat",
        GENERATORS_AND_SERVERS,
        "programs that use the client would build it too",
    ),
    (
        "acs-identity",
        GENERATORS_AND_SERVERS,
        "programs that use the client would build it too",
    ),
];

const IO_AND_CHANCE: &[&str] = &[
    "tokio",
    "mio",
    "socket2",
    "hyper",
    "reqwest",
    "rand",
    "fastrand",
    "getrandom",
];
const HTTP: &[&str] = &["hyper", "reqwest"];
const GENERATORS_AND_SERVERS: &[&str] =
    &["progenitor-impl", "typify", "openapiv3", "axum", "wiremock"];

/// Checks declared edges inside the workspace, and what of others is really built.
pub(super) fn check(metadata: &Metadata) -> anyhow::Result<Vec<Finding>> {
    let mut findings = edges(metadata);
    for (name, unwanted, reason) in KEPT_OUT {
        let mut tree = cargo();
        tree.args(["tree", "--target", "all", "--package", name]);
        findings.extend(kept_out(
            name,
            unwanted,
            reason,
            &crates_in_tree(&mut tree)?,
        ));
    }
    Ok(findings)
}

fn edges(metadata: &Metadata) -> Vec<Finding> {
    let ours: Vec<&str> = metadata
        .members()
        .map(|package| package.name.as_str())
        .collect();
    metadata
        .members()
        .flat_map(|package| forbidden_edges(package, &ours))
        .collect()
}

fn forbidden_edges(package: &Package, ours: &[&str]) -> Vec<Finding> {
    let normal = row(ALLOWED, &package.name);
    let for_tests = row(ALLOWED_FOR_TESTS, &package.name);
    let mut findings = Vec::new();
    for dependency in &package.dependencies {
        let name = dependency.name.as_str();
        let allowed = normal.contains(&name) || (dependency.is_dev() && for_tests.contains(&name));
        if ours.contains(&name) && !allowed {
            let (kind, table) = if dependency.is_dev() {
                ("dev-dependency", "ALLOWED_FOR_TESTS")
            } else {
                ("dependency", "ALLOWED")
            };
            findings.push(Finding::new(
                &package.name,
                format!("the {kind} on {name} is not an edge of the crate graph"),
                format!(
                    "remove it, or argue for the edge in ARCHITECTURE.md and add it to {table} in {}",
                    file!()
                ),
            ));
        }
    }
    findings
}

fn kept_out(
    name: &str,
    unwanted: &[&str],
    reason: &str,
    tree: &BTreeSet<String>,
) -> Option<Finding> {
    let found: Vec<&str> = tree
        .iter()
        .filter_map(|line| line.split(' ').next())
        .filter(|line| unwanted.contains(line))
        .collect();
    let first = found.first()?;
    Some(Finding::new(
        name,
        format!("its tree holds {}, but {reason}", found.join(", ")),
        format!("find the way in with \"cargo tree -e normal -p {name} -i {first}\" and cut it"),
    ))
}

fn row(table: &[(&str, &'static [&'static str])], name: &str) -> &'static [&'static str] {
    table
        .iter()
        .find(|(crate_name, _)| *crate_name == name)
        .map_or(&[], |(_, edges)| *edges)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::testing::lines;

    /// Metadata of a workspace of `acs-types`, `acs-jobrouter` and `acs-emulator`.
    fn metadata(edges: &[(&str, &str, Option<&str>)]) -> Metadata {
        let names = ["acs-types", "acs-jobrouter", "acs-emulator"];
        let packages: Vec<_> = names
            .iter()
            .map(|name| {
                let dependencies: Vec<_> = edges
                    .iter()
                    .filter(|(from, ..)| from == name)
                    .map(|(_, to, kind)| serde_json::json!({ "name": to, "kind": kind }))
                    .collect();
                serde_json::json!({
                    "id": name, "name": name, "manifest_path": "Cargo.toml", "dependencies": dependencies
                })
            })
            .collect();
        let json = serde_json::json!({
            "packages": packages, "workspace_members": names, "target_directory": "target",
        });
        Metadata::parse(&json.to_string()).unwrap()
    }

    #[test]
    fn edges_of_the_graph_pass() {
        let metadata = metadata(&[
            ("acs-jobrouter", "acs-types", None),
            ("acs-emulator", "acs-types", None),
            ("acs-emulator", "tokio", None),
        ]);
        assert_eq!(lines(&edges(&metadata)), Vec::<String>::new());
    }

    #[test]
    fn an_edge_from_the_emulator_to_the_typed_client_is_reported() {
        let found = lines(&edges(&metadata(&[(
            "acs-emulator",
            "acs-jobrouter",
            None,
        )])));
        assert_eq!(found.len(), 1);
        assert!(
            found[0].starts_with("acs-emulator: the dependency on acs-jobrouter"),
            "{found:?}"
        );
        assert!(found[0].contains("ALLOWED in"), "{found:?}");
    }

    #[test]
    fn a_test_edge_has_its_own_table() {
        let edge = ("acs-types", "acs-emulator", Some("dev"));
        let found = lines(&edges(&metadata(&[edge])));
        assert_eq!(found.len(), 1);
        assert!(found[0].contains("ALLOWED_FOR_TESTS in"), "{found:?}");
    }

    #[test]
    fn a_runtime_in_the_tree_of_a_pure_crate_is_reported() {
        let tree = BTreeSet::from(["acs-types v0.1.0", "tokio v1.2.3"].map(str::to_owned));
        let found = kept_out("acs-types", IO_AND_CHANCE, "it holds plain values", &tree).unwrap();
        assert!(found.problem.contains("its tree holds tokio, but"));
        assert!(kept_out("acs-types", HTTP, "", &tree).is_none());
    }

    #[test]
    fn no_row_lets_a_crate_depend_on_itself() {
        for (name, edges) in ALLOWED.iter().chain(ALLOWED_FOR_TESTS) {
            assert!(!edges.contains(name), "{name}");
        }
    }
}
