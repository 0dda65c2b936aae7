//! `cargo xtask specs`: the TypeSpec compiler turns `specs/typespec` into the documents of `specs/openapi`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, bail};
use similar::TextDiff;

use crate::{lock, node, process};

#[derive(clap::Args)]
pub(crate) struct SpecsArguments {
    /// Change nothing; fail if the committed documents are not what the sources give
    #[arg(long, conflicts_with = "lock_only")]
    check: bool,

    /// Only lock hand-made files such as codegen.toml again (needs no node)
    #[arg(long)]
    lock_only: bool,
}

pub(crate) fn run(arguments: &SpecsArguments) -> anyhow::Result<()> {
    let root = process::workspace_root();
    if arguments.lock_only {
        return lock::write_hand_made(&root);
    }
    let emitted = emit(&root.join("specs/typespec"))?;
    let committed = read_documents(&root.join("specs/openapi"))?;
    if arguments.check {
        match (check(&committed, &emitted), lock::verify(&root)) {
            (Err(stale), Err(unlocked)) => bail!("{stale}\n\n{unlocked}"),
            (documents, lock) => documents.and(lock),
        }
    } else {
        update(&root.join("specs/openapi"), &committed, &emitted)?;
        lock::write(&root)
    }
}

/// OpenAPI documents by file name.
type Documents = BTreeMap<String, String>;

fn check(committed: &Documents, emitted: &Documents) -> anyhow::Result<()> {
    let differences = differences(committed, emitted);
    if differences.is_empty() {
        return Ok(());
    }
    bail!(
        "specs/openapi is not what specs/typespec gives:\n{}\nRun `cargo xtask specs`.",
        differences.join("\n")
    );
}

/// What would change in each committed document, as diffs.
fn differences(committed: &Documents, emitted: &Documents) -> Vec<String> {
    let mut differences = Vec::new();
    for (name, new) in emitted {
        match committed.get(name) {
            Some(old) if old == new => {}
            Some(old) => differences.push(
                TextDiff::from_lines(old, new)
                    .unified_diff()
                    .header(&format!("specs/openapi/{name}"), "emitted")
                    .to_string(),
            ),
            None => differences.push(format!("specs/openapi/{name} is missing")),
        }
    }
    for name in committed.keys().filter(|name| !emitted.contains_key(*name)) {
        differences.push(format!("specs/openapi/{name} is emitted by no source"));
    }
    differences
}

fn update(folder: &Path, committed: &Documents, emitted: &Documents) -> anyhow::Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    for (name, text) in emitted {
        if committed.get(name) != Some(text) {
            let path = folder.join(name);
            fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
            println!("wrote specs/openapi/{name}");
        }
    }
    for name in committed.keys().filter(|name| !emitted.contains_key(*name)) {
        let path = folder.join(name);
        fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))?;
        println!("removed specs/openapi/{name}");
    }
    Ok(())
}

/// Runs the compiler for every service and gives the documents in their committed form.
fn emit(sources: &Path) -> anyhow::Result<Documents> {
    node::require()?;
    node::install(sources)?;
    let output = tempfile::tempdir().context("cannot create a temporary folder")?;
    for service in services(sources)? {
        compile(sources, &service, output.path())?;
    }
    read_documents(output.path())
}

/// Folders that hold a service, in order of their names.
fn services(sources: &Path) -> anyhow::Result<Vec<String>> {
    let mut services = Vec::new();
    for entry in
        fs::read_dir(sources).with_context(|| format!("cannot list {}", sources.display()))?
    {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name != "common" && entry.path().join("main.tsp").is_file() {
            services.push(name);
        }
    }
    services.sort();
    if services.is_empty() {
        bail!(
            "{} holds no folder with a main.tsp, which a service needs",
            sources.display()
        );
    }
    Ok(services)
}

/// The options of the compiler for a service: its own, if it has some.
fn configuration(sources: &Path, service: &str) -> String {
    let own = format!("{service}/tspconfig.yaml");
    if sources.join(&own).is_file() {
        own
    } else {
        "tspconfig.yaml".to_owned()
    }
}

fn compile(sources: &Path, service: &str, output: &Path) -> anyhow::Result<()> {
    let mut compiler = Command::new("node");
    compiler
        .current_dir(sources)
        .arg("node_modules/@typespec/compiler/cmd/tsp.js")
        .args([
            "compile",
            service,
            "--config",
            &configuration(sources, service),
        ])
        .arg("--output-dir")
        .arg(output)
        .arg("--option")
        .arg(format!(
            "@typespec/openapi3.output-file={service}.{{version}}.json"
        ))
        .stdin(Stdio::null());
    let result = compiler
        .output()
        .context("cannot start the TypeSpec compiler")?;
    if !result.status.success() {
        bail!(
            "the TypeSpec compiler refused specs/typespec/{service}:\n{}{}",
            String::from_utf8_lossy(&result.stdout),
            String::from_utf8_lossy(&result.stderr)
        );
    }
    Ok(())
}

fn read_documents(folder: &Path) -> anyhow::Result<Documents> {
    let mut documents = Documents::new();
    if !folder.is_dir() {
        return Ok(documents);
    }
    for entry in
        fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?
    {
        let path: PathBuf = entry?.path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let text =
            fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        documents.insert(name, text);
    }
    Ok(documents)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn documents(entries: &[(&str, &str)]) -> Documents {
        entries
            .iter()
            .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
            .collect()
    }

    #[test]
    fn equal_documents_pass_the_check() {
        let both = documents(&[("toy.1.json", "{}\n")]);
        check(&both, &both).unwrap();
    }

    #[test]
    fn a_changed_document_fails_with_a_diff_and_the_command_to_run() {
        let committed = documents(&[("toy.1.json", "{\n  \"a\": 1\n}\n")]);
        let emitted = documents(&[("toy.1.json", "{\n  \"a\": 2\n}\n")]);
        let message = check(&committed, &emitted).unwrap_err().to_string();
        for part in [
            "specs/openapi/toy.1.json",
            "-  \"a\": 1",
            "+  \"a\": 2",
            "cargo xtask specs",
        ] {
            assert!(message.contains(part), "{part} in {message}");
        }
    }

    #[test]
    fn a_changed_line_end_fails_the_check() {
        let committed = documents(&[("toy.1.json", "{}\r\n")]);
        let emitted = documents(&[("toy.1.json", "{}\n")]);
        assert!(check(&committed, &emitted).is_err());
    }

    #[test]
    fn missing_and_left_over_documents_fail_the_check() {
        let committed = documents(&[("old.1.json", "{}\n")]);
        let emitted = documents(&[("toy.1.json", "{}\n")]);
        let message = check(&committed, &emitted).unwrap_err().to_string();
        assert!(
            message.contains("specs/openapi/toy.1.json is missing"),
            "{message}"
        );
        assert!(
            message.contains("specs/openapi/old.1.json is emitted by no source"),
            "{message}"
        );
    }

    #[test]
    fn an_update_leaves_exactly_the_emitted_documents() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("old.1.json"), "{}\n").unwrap();
        let emitted = documents(&[("toy.1.json", "{}\n")]);
        let committed = read_documents(folder.path()).unwrap();
        update(folder.path(), &committed, &emitted).unwrap();
        assert_eq!(read_documents(folder.path()).unwrap(), emitted);
    }

    #[test]
    fn a_service_may_have_options_of_its_own() {
        let sources = tempfile::tempdir().unwrap();
        fs::create_dir_all(sources.path().join("b")).unwrap();
        fs::write(sources.path().join("b/tspconfig.yaml"), "").unwrap();
        assert_eq!(configuration(sources.path(), "a"), "tspconfig.yaml");
        assert_eq!(configuration(sources.path(), "b"), "b/tspconfig.yaml");
    }

    #[test]
    fn services_are_the_folders_with_a_main_file() {
        let sources = tempfile::tempdir().unwrap();
        for file in ["b/main.tsp", "a/main.tsp", "common/main.tsp", "c/other.tsp"] {
            let path = sources.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        assert_eq!(services(sources.path()).unwrap(), ["a", "b"]);
        assert!(services(&sources.path().join("c")).is_err());
    }
}
