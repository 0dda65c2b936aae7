//! `cargo xtask coverage`: how far each operation of each service has come, as a page.
//!
//! Every mark is computed, none is kept by hand: the specification's from the OpenAPI documents, the raw client's from the generated
//! table and methods, the typed client's from the rows of that table that its code names, the contract test's from the requests that
//! arrive at the stub while the tests run, and the emulator's from its table of handlers.

mod raw;
mod typed;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use serde_json::Value;
use similar::TextDiff;

use self::raw::{Row, raw_rows};
use self::typed::named_rows;
use crate::codegen::{ServiceFiles, read_document, services};
use crate::process::{capture, cargo, run as run_command, workspace_root};

const PAGE: &str = "docs/coverage.md";

/// Options of `cargo xtask coverage`.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Compare with the committed page instead of writing it
    #[arg(long)]
    check: bool,
}

/// Runs the contract tests, asks the emulator, and writes the page.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let root = workspace_root();
    let exercised = exercised()?;
    let emulated = emulated()?;
    let mut text = INTRODUCTION.to_owned();
    for service in services(&root)? {
        let name = service.name.clone();
        let tested = exercised.get(&name).cloned().unwrap_or_default();
        let emulated = emulated.get(&name).cloned().unwrap_or_default();
        let coverage = Coverage::read(&root, service, tested, emulated).context(name)?;
        if !coverage.operations.is_empty() {
            text.push_str(&coverage.section());
        }
    }
    let path = root.join(PAGE);
    if !arguments.check {
        std::fs::create_dir_all(root.join("docs"))?;
        std::fs::write(&path, &text).with_context(|| format!("cannot write {PAGE}"))?;
        println!("{PAGE}: {} lines", text.lines().count());
        return Ok(());
    }
    let committed =
        std::fs::read_to_string(&path).with_context(|| format!("cannot read {PAGE}"))?;
    if committed != text {
        let diff = TextDiff::from_lines(&committed, &text);
        println!("{}", diff.unified_diff().header("committed", "computed"));
        bail!("{PAGE} is not what the workspace gives; run `cargo xtask coverage`");
    }
    Ok(())
}

const INTRODUCTION: &str = "\
<!-- Written by \"cargo xtask coverage\". Do not edit. -->

# Coverage

How far each operation of each service has come. `cargo xtask coverage` computes every mark:

- specified: the OpenAPI document of the API version has the operation;
- raw client: the generated crate has its row in the operation table and its method;
- typed client: the code of the typed crate names that row;
- contract test: a request of the operation arrived at the stub of the contract tests;
- emulator: the emulator has a handler for it; it answers 501 to all others.
";

/// The operations that the contract tests call, by service. Marks of earlier runs are removed before they run.
fn exercised() -> anyhow::Result<BTreeMap<String, BTreeSet<String>>> {
    let folder = exercised_folder();
    if folder.exists() {
        std::fs::remove_dir_all(&folder)
            .with_context(|| format!("cannot remove {}", folder.display()))?;
    }
    // With all packages chosen, dependencies keep the features that other steps have built them with.
    run_command(cargo().args(["test", "--quiet", "--workspace", "--test", "contract"]))?;
    let mut services = BTreeMap::new();
    for service in entries(&folder)? {
        let operations = entries(&folder.join(&service))?;
        services.insert(service, operations);
    }
    Ok(services)
}

/// Where the stub leaves a file for each operation: `<service>/<operation>`.
pub(crate) fn exercised_folder() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| workspace_root().join("target"), PathBuf::from);
    target.join("exercised/contract")
}

/// The names in a folder.
fn entries(folder: &Path) -> anyhow::Result<BTreeSet<String>> {
    std::fs::read_dir(folder)
        .with_context(|| format!("cannot read {}", folder.display()))?
        .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
        .collect()
}

/// The operations that the emulator has handlers for, by service.
fn emulated() -> anyhow::Result<BTreeMap<String, BTreeSet<String>>> {
    let output = capture(cargo().args(["run", "--quiet", "--example", "implemented_operations"]))?;
    let mut services: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for line in output.lines() {
        let (service, operation) = line
            .split_once(' ')
            .with_context(|| format!("the emulator's list has the line {line:?}"))?;
        let operations = services.entry(service.to_owned()).or_default();
        operations.insert(operation.to_owned());
    }
    Ok(services)
}

/// One service.
struct Coverage {
    service: String,
    /// Oldest first, with whether it is the one that clients use unless told otherwise.
    versions: Vec<(String, bool)>,
    operations: Vec<Operation>,
}

struct Operation {
    row: Row,
    /// The api-versions whose document has it.
    specified: BTreeSet<String>,
    marks: [bool; 4],
}

const MARKS: [&str; 4] = ["Raw client", "Typed client", "Contract test", "Emulator"];

impl Coverage {
    fn read(
        root: &Path,
        service: ServiceFiles,
        tested: BTreeSet<String>,
        emulated: BTreeSet<String>,
    ) -> anyhow::Result<Self> {
        let mut versions = Vec::new();
        let mut specified: BTreeMap<(String, String), BTreeSet<String>> = BTreeMap::new();
        for path in &service.documents {
            let document = read_document(&root.join(path))?;
            let version = document["info"]["version"].as_str().unwrap_or_default();
            versions.push((version.to_owned(), version == service.default_api_version));
            for route in routes(&document) {
                specified
                    .entry(route)
                    .or_default()
                    .insert(version.to_owned());
            }
        }
        let crates = root.join("crates");
        let rows = raw_rows(&crates.join(&service.package).join("src/generated"))?;
        let typed_crate = crates.join(service.package.replacen("acs-core-", "acs-", 1));
        let typed = if service.package.starts_with("acs-core-") && typed_crate.exists() {
            named_rows(&typed_crate.join("src"), &rows)?
        } else {
            BTreeSet::new()
        };
        let mut operations = Vec::new();
        for row in rows {
            let route = (row.method.clone(), row.path.clone());
            let specified = specified
                .remove(&route)
                .with_context(|| format!("no document has the operation {}", row.id))?;
            let marks = [
                row.has_method,
                typed.contains(&row.id),
                tested.contains(&row.id),
                emulated.contains(&row.id),
            ];
            operations.push(Operation {
                row,
                specified,
                marks,
            });
        }
        if let Some((method, path)) = specified.keys().next() {
            bail!("{method} {path} has no row in the generated table; run `cargo xtask codegen`");
        }
        let known: BTreeSet<_> = operations
            .iter()
            .map(|operation| &operation.row.id)
            .collect();
        if let Some(unknown) = tested
            .iter()
            .chain(&emulated)
            .find(|id| !known.contains(id))
        {
            bail!("{unknown} is tested or emulated, but no document has it");
        }
        Ok(Self {
            service: service.name,
            versions,
            operations,
        })
    }

    fn section(&self) -> String {
        let mut text = format!("\n## {}\n\n", self.service);
        let columns = MARKS.join(" | ");
        let _ = writeln!(text, "| API version | Specified | {columns} |");
        let _ = writeln!(text, "| --- | ---: | ---: | ---: | ---: | ---: |");
        for (version, is_default) in &self.versions {
            let of_version: Vec<_> = self
                .operations
                .iter()
                .filter(|operation| operation.specified.contains(version))
                .collect();
            let suffix = if *is_default { " (default)" } else { "" };
            let _ = write!(text, "| {version}{suffix} | {} |", of_version.len());
            for mark in 0..MARKS.len() {
                let count = of_version.iter().filter(|operation| operation.marks[mark]);
                let _ = write!(text, " {} |", count.count());
            }
            text.push('\n');
        }
        let _ = writeln!(text, "\n| Operation | Request | API versions | {columns} |");
        let _ = writeln!(text, "| --- | --- | --- | --- | --- | --- | --- |");
        for operation in &self.operations {
            let Row {
                id, method, path, ..
            } = &operation.row;
            let versions = self.span(&operation.specified);
            let _ = write!(text, "| `{id}` | `{method} {path}` | {versions} |");
            for is_there in operation.marks {
                text.push_str(if is_there { " yes |" } else { " – |" });
            }
            text.push('\n');
        }
        text
    }

    /// The api-versions that have an operation, in words.
    fn span(&self, specified: &BTreeSet<String>) -> String {
        let versions: Vec<_> = self.versions.iter().map(|(version, _)| version).collect();
        let first = versions
            .iter()
            .position(|version| specified.contains(*version));
        match first {
            Some(0) if specified.len() == versions.len() => "all".to_owned(),
            Some(first) if specified.len() == versions.len() - first => {
                format!("from {}", versions[first])
            }
            _ => specified.iter().cloned().collect::<Vec<_>>().join(", "),
        }
    }
}

/// Method and path of each operation of a document.
fn routes(document: &Value) -> Vec<(String, String)> {
    let paths = document["paths"].as_object().into_iter().flatten();
    paths
        .flat_map(|(path, item)| {
            let methods = item.as_object().into_iter().flatten();
            methods
                .filter(|(_, operation)| operation.get("responses").is_some())
                .map(|(method, _)| (method.to_uppercase(), path.clone()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Coverage, Operation, Row, routes};

    fn operation(id: &str, specified: &[&str], marks: [bool; 4]) -> Operation {
        Operation {
            row: Row {
                constant: id.to_uppercase(),
                id: id.to_owned(),
                method: "GET".to_owned(),
                path: format!("/things/{id}"),
                has_method: marks[0],
            },
            specified: specified
                .iter()
                .map(|version| (*version).to_owned())
                .collect(),
            marks,
        }
    }

    #[test]
    fn a_section_counts_by_version_and_lists_by_operation() {
        let coverage = Coverage {
            service: "things".to_owned(),
            versions: vec![
                ("1".to_owned(), false),
                ("2".to_owned(), true),
                ("3".to_owned(), false),
            ],
            operations: vec![
                operation("a", &["1", "2", "3"], [true, true, false, true]),
                operation("b", &["2", "3"], [true, false, false, false]),
                operation("c", &["1"], [true, true, true, false]),
            ],
        };
        assert_eq!(
            coverage.section(),
            "
## things

| API version | Specified | Raw client | Typed client | Contract test | Emulator |
| --- | ---: | ---: | ---: | ---: | ---: |
| 1 | 2 | 2 | 2 | 1 | 1 |
| 2 (default) | 2 | 2 | 1 | 0 | 1 |
| 3 | 2 | 2 | 1 | 0 | 1 |

| Operation | Request | API versions | Raw client | Typed client | Contract test | Emulator |
| --- | --- | --- | --- | --- | --- | --- |
| `a` | `GET /things/a` | all | yes | yes | – | yes |
| `b` | `GET /things/b` | from 2 | yes | – | – | – |
| `c` | `GET /things/c` | 1 | yes | yes | yes | – |
"
        );
    }

    #[test]
    fn routes_are_the_operations_and_nothing_else_of_a_path() {
        let document = json!({"paths": {"/a": {
            "parameters": [], "get": {"responses": {}}, "summary": "A."
        }}});
        assert_eq!(routes(&document), [("GET".to_owned(), "/a".to_owned())]);
    }
}
