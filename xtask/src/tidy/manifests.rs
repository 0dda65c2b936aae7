//! Manifests: what every package says about itself, and where dependency versions live.

use std::path::Path;

use anyhow::Context;
use toml::{Table, Value};

use super::Finding;
use crate::metadata::{Metadata, Package};

const DEPENDENCY_TABLES: &[&str] = &["dependencies", "dev-dependencies", "build-dependencies"];

/// Checks the manifest of each package of the workspace.
pub(super) fn check(metadata: &Metadata, root: &Path) -> anyhow::Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for package in metadata.members() {
        let path = &package.manifest_path;
        let place = path
            .strip_prefix(root)
            .unwrap_or(path)
            .display()
            .to_string();
        let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {place}"))?;
        let manifest = text
            .parse::<Table>()
            .with_context(|| format!("cannot parse {place}"))?;
        findings.extend(missing_fields(package, &place));
        findings.extend(own_lints(&manifest, &place));
        findings.extend(own_versions(&manifest, &place));
    }
    Ok(findings)
}

fn missing_fields(package: &Package, place: &str) -> Vec<Finding> {
    [
        (
            "description",
            &package.description,
            "say in one line what the crate is",
        ),
        (
            "license",
            &package.license,
            "write license.workspace = true",
        ),
        (
            "rust-version",
            &package.rust_version,
            "write rust-version.workspace = true",
        ),
    ]
    .into_iter()
    .filter(|(_, value, _)| value.as_deref().is_none_or(str::is_empty))
    .map(|(field, _, fix)| Finding::new(place, format!("the package has no {field}"), fix))
    .collect()
}

fn own_lints(manifest: &Table, place: &str) -> Option<Finding> {
    let inherited = manifest
        .get("lints")
        .and_then(|lints| lints.get("workspace"))
        .and_then(Value::as_bool);
    (inherited != Some(true)).then(|| {
        Finding::new(
            place,
            "the package does not inherit the workspace's lints",
            "write workspace = true under [lints]; exceptions stand in the code with a reason",
        )
    })
}

fn own_versions(manifest: &Table, place: &str) -> Vec<Finding> {
    let per_target = manifest
        .get("target")
        .and_then(Value::as_table)
        .into_iter()
        .flat_map(Table::values)
        .filter_map(Value::as_table);
    std::iter::once(manifest)
        .chain(per_target)
        .flat_map(dependencies)
        .filter(|(_, value)| value.get("workspace").and_then(Value::as_bool) != Some(true))
        .map(|(name, _)| {
            Finding::new(
                place,
                format!("the dependency {name} has a version of its own"),
                "put the version under [workspace.dependencies] and write workspace = true here",
            )
        })
        .collect()
}

fn dependencies(table: &Table) -> impl Iterator<Item = (&String, &Value)> {
    DEPENDENCY_TABLES
        .iter()
        .filter_map(|name| table.get(*name).and_then(Value::as_table))
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::testing::lines;

    fn manifest(text: &str) -> Table {
        text.parse().unwrap()
    }

    #[test]
    fn a_package_without_description_licence_or_rust_version_is_reported() {
        let package: Package = serde_json::from_value(serde_json::json!({
            "id": "x", "name": "x", "manifest_path": "Cargo.toml", "dependencies": [],
            "description": "", "license": "MIT",
        }))
        .unwrap();
        let found = lines(&missing_fields(&package, "x/Cargo.toml"));
        assert_eq!(found.len(), 2);
        assert!(found[0].starts_with("x/Cargo.toml: the package has no description"));
        assert!(found[1].starts_with("x/Cargo.toml: the package has no rust-version"));
    }

    #[test]
    fn lints_must_come_from_the_workspace() {
        assert!(own_lints(&manifest("[lints]\nworkspace = true"), "x").is_none());
        assert!(own_lints(&manifest("[lints]\nworkspace = false"), "x").is_some());
        assert!(own_lints(&manifest("[lints.rust]\nmissing_docs = 'warn'"), "x").is_some());
        assert!(own_lints(&manifest("[package]\nname = 'x'"), "x").is_some());
    }

    #[test]
    fn inherited_versions_pass_in_every_table() {
        let text = "[dependencies]\na = { workspace = true, features = ['x'] }\n\
                    [dev-dependencies]\nb.workspace = true";
        assert!(own_versions(&manifest(text), "x").is_empty());
    }

    #[test]
    fn a_version_in_a_member_is_reported_in_every_table() {
        for table in [
            "dependencies",
            "dev-dependencies",
            "build-dependencies",
            "target.'cfg(unix)'.dependencies",
        ] {
            let text = format!("[{table}]\nserde = '1'\nurl = {{ version = '2' }}");
            let found = lines(&own_versions(&manifest(&text), "x/Cargo.toml"));
            assert_eq!(found.len(), 2, "{table}: {found:?}");
            assert!(found[0].contains("serde"), "{found:?}");
        }
    }
}
