//! `specs/lock.toml`: the sha256 of every file that a specification or generated code comes from.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context, bail};
use serde::Deserialize;
use sha2::{Digest, Sha256};

const HEADER: &str = "# Written by \"cargo xtask specs\". Do not edit.\n\n[sha256]\n";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Lock {
    /// Hex digests by path, relative to `specs/` and with `/` on every system.
    sha256: BTreeMap<String, String>,
}

/// Fails with the names of the files under `specs/` that are not as locked.
pub(crate) fn verify(root: &Path) -> anyhow::Result<()> {
    let problems = problems(root)?;
    if problems.is_empty() {
        return Ok(());
    }
    bail!(
        "specs/lock.toml does not match the files beside it:\n  {}\n\
         Run `cargo xtask specs` if the change is wanted, \
         or `cargo xtask specs --lock-only` if only hand-made files changed that no TypeSpec emits.",
        problems.join("\n  ")
    );
}

/// Locks the files under `specs/` as they are now.
pub(crate) fn write(root: &Path) -> anyhow::Result<()> {
    let specs = root.join("specs");
    let mut text = HEADER.to_owned();
    for (path, digest) in digests(&specs)? {
        writeln!(text, "\"{path}\" = \"{digest}\"")?;
    }
    fs::write(specs.join("lock.toml"), text).context("cannot write specs/lock.toml")
}

/// Locks hand-made files, and refuses when a file changed that the compiler reads or writes.
pub(crate) fn write_hand_made(root: &Path) -> anyhow::Result<()> {
    let compiled: Vec<String> = problems(root)?
        .into_iter()
        .filter(|problem| {
            problem.starts_with("specs/typespec/") || problem.starts_with("specs/openapi/")
        })
        .collect();
    if !compiled.is_empty() {
        bail!(
            "--lock-only is for hand-made files; these belong to the TypeSpec compiler:\n  {}\n\
             Run `cargo xtask specs` instead.",
            compiled.join("\n  ")
        );
    }
    write(root)
}

/// One line for each file that was changed, added or removed since the lock was written.
fn problems(root: &Path) -> anyhow::Result<Vec<String>> {
    let specs = root.join("specs");
    let locked = read(&specs.join("lock.toml"))?;
    let found = digests(&specs)?;
    let mut problems = Vec::new();
    for (path, digest) in &found {
        match locked.get(path) {
            Some(expected) if expected == digest => {}
            Some(_) => problems.push(format!("specs/{path} was changed")),
            None => problems.push(format!("specs/{path} is not in the lock")),
        }
    }
    for path in locked.keys().filter(|path| !found.contains_key(*path)) {
        problems.push(format!("specs/{path} is missing"));
    }
    Ok(problems)
}

fn read(path: &Path) -> anyhow::Result<BTreeMap<String, String>> {
    let text = fs::read_to_string(path)
        .context("cannot read specs/lock.toml, which `cargo xtask specs` writes")?;
    let lock: Lock = toml::from_str(&text).context("specs/lock.toml is not a lock file")?;
    Ok(lock.sha256)
}

fn digests(specs: &Path) -> anyhow::Result<BTreeMap<String, String>> {
    let mut digests = BTreeMap::new();
    collect(specs, "", &mut digests)?;
    Ok(digests)
}

fn collect(
    folder: &Path,
    prefix: &str,
    digests: &mut BTreeMap<String, String>,
) -> anyhow::Result<()> {
    let entries =
        fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?;
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name();
        let Some(name) = name.to_str() else {
            bail!("the name of {} is not UTF-8", entry.path().display());
        };
        let path = format!("{prefix}{name}");
        if !matters(&path) {
            continue;
        }
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), &format!("{path}/"), digests)?;
        } else {
            digests.insert(path, digest(&entry.path())?);
        }
    }
    Ok(())
}

/// Leaves out what nothing is generated from: the lock itself, documentation, installed packages and hidden files.
fn matters(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    !(path == "lock.toml"
        || path == "typespec/node_modules"
        || name.ends_with(".md")
        || name.starts_with('.'))
}

/// The sha256 of a file in lower-case hex.
pub(crate) fn digest(path: &Path) -> anyhow::Result<String> {
    let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    let mut hex = String::with_capacity(64);
    for byte in Sha256::digest(&bytes) {
        write!(hex, "{byte:02x}")?;
    }
    Ok(hex)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tempfile::TempDir;

    /// A locked folder with one file of each sort.
    fn locked_specs() -> TempDir {
        let root = tempfile::tempdir().unwrap();
        for (path, text) in [
            ("specs/openapi/toy.1.json", "{}\n"),
            ("specs/typespec/toy/main.tsp", "namespace Toy;\n"),
            ("specs/typespec/node_modules/left/index.js", "x\n"),
            ("specs/codegen.toml", "a = 1\n"),
            ("specs/README.md", "About.\n"),
        ] {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        write(root.path()).unwrap();
        root
    }

    fn change(root: &TempDir, path: &str) {
        fs::write(root.path().join(path), "changed\n").unwrap();
    }

    #[test]
    fn a_folder_is_as_locked_until_a_byte_changes() {
        let root = locked_specs();
        verify(root.path()).unwrap();
        fs::write(root.path().join("specs/openapi/toy.1.json"), "{}\r").unwrap();
        let message = verify(root.path()).unwrap_err().to_string();
        assert!(
            message.contains("specs/openapi/toy.1.json was changed"),
            "{message}"
        );
        assert!(message.contains("cargo xtask specs"), "{message}");
        assert!(!message.contains("main.tsp"), "{message}");
    }

    #[test]
    fn added_and_removed_files_are_named() {
        let root = locked_specs();
        fs::remove_file(root.path().join("specs/codegen.toml")).unwrap();
        change(&root, "specs/typespec/toy/more.tsp");
        let message = verify(root.path()).unwrap_err().to_string();
        assert!(
            message.contains("specs/codegen.toml is missing"),
            "{message}"
        );
        assert!(
            message.contains("specs/typespec/toy/more.tsp is not in the lock"),
            "{message}"
        );
    }

    #[test]
    fn packages_and_documentation_are_not_locked() {
        let root = locked_specs();
        change(&root, "specs/typespec/node_modules/left/index.js");
        change(&root, "specs/README.md");
        verify(root.path()).unwrap();
    }

    #[test]
    fn a_missing_lock_names_the_command_that_writes_it() {
        let root = locked_specs();
        fs::remove_file(root.path().join("specs/lock.toml")).unwrap();
        let message = verify(root.path()).unwrap_err().to_string();
        assert!(message.contains("cargo xtask specs"), "{message}");
    }

    #[test]
    fn hand_made_files_are_locked_without_the_compiler() {
        let root = locked_specs();
        change(&root, "specs/codegen.toml");
        write_hand_made(root.path()).unwrap();
        verify(root.path()).unwrap();
    }

    #[test]
    fn sources_of_the_compiler_are_not_locked_without_it() {
        let root = locked_specs();
        change(&root, "specs/typespec/toy/main.tsp");
        let message = write_hand_made(root.path()).unwrap_err().to_string();
        assert!(
            message.contains("specs/typespec/toy/main.tsp was changed"),
            "{message}"
        );
        assert!(verify(root.path()).is_err());
    }

    #[test]
    fn the_same_files_give_the_same_lock() {
        let first = fs::read(locked_specs().path().join("specs/lock.toml")).unwrap();
        let second = fs::read(locked_specs().path().join("specs/lock.toml")).unwrap();
        assert_eq!(first, second);
    }

    #[test]
    fn digests_are_sha256_in_hex() {
        let root = tempfile::tempdir().unwrap();
        let file = root.path().join("abc");
        fs::write(&file, "abc").unwrap();
        assert_eq!(
            digest(&file).unwrap(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}
