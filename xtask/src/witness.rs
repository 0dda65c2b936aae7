//! `cargo xtask witness python`: the official Python package against the emulator, through scripts of our own.
//!
//! The package is installed into a virtual environment below the target folder, as pinned with hashes in
//! `tests/witness/python/requirements.txt`. Each script starts an emulator of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail, ensure};

use crate::metadata::Metadata;
use crate::process::{cargo, run as run_command, workspace_root};

/// Options of `cargo xtask witness`.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    language: Language,
    /// The scripts to run, by name; all of them unless given
    scripts: Vec<String>,
    /// Talk to the emulator by https
    #[arg(long)]
    tls: bool,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Language {
    /// azure-communication-jobrouter, driven by the scripts in tests/witness/python
    Python,
}

/// The module that scripts share, which is none itself.
const SHARED: &str = "witness";

const REQUIREMENTS: &str = "requirements.txt";

/// Runs the scripts, one after another, and fails when one does.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let Language::Python = arguments.language;
    let folder = workspace_root()
        .join("tests")
        .join("witness")
        .join("python");
    let scripts = chosen(&available(&folder)?, &arguments.scripts)?;
    let target = Metadata::load()?.target_directory;
    let python = environment(&folder, &target.join("witness"))?;
    run_command(cargo().args([
        "build",
        "--package",
        "acs-emulator",
        "--bin",
        "acs-emulator",
    ]))?;
    let program = format!("acs-emulator{}", std::env::consts::EXE_SUFFIX);
    let emulator = target.join("debug").join(program);

    let data = tempfile::tempdir().context("cannot make a temporary folder")?;
    let mut failed = Vec::new();
    for script in &scripts {
        let status = Command::new(&python)
            .arg(folder.join(script).with_extension("py"))
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("ACS_EMULATOR", &emulator)
            .env("ACS_WITNESS_FOLDER", data.path())
            .env("ACS_WITNESS_TLS", if arguments.tls { "1" } else { "0" })
            .status()
            .with_context(|| format!("cannot start {}", python.display()))?;
        if !status.success() {
            failed.push(script.as_str());
        }
    }
    let by = if arguments.tls { "https" } else { "http" };
    println!(
        "witness: {} of {} scripts hold over {by}",
        scripts.len() - failed.len(),
        scripts.len()
    );
    ensure!(failed.is_empty(), "these do not: {}", failed.join(", "));
    Ok(())
}

/// The names of all scripts, sorted.
fn available(folder: &Path) -> anyhow::Result<Vec<String>> {
    let mut names = Vec::new();
    let entries = fs::read_dir(folder).with_context(|| format!("no {}", folder.display()))?;
    for entry in entries {
        let path = entry?.path();
        let name = path.file_stem().and_then(|name| name.to_str());
        if let Some(name) = name
            && path.extension().is_some_and(|extension| extension == "py")
            && name != SHARED
        {
            names.push(name.to_owned());
        }
    }
    names.sort();
    Ok(names)
}

fn chosen(available: &[String], asked: &[String]) -> anyhow::Result<Vec<String>> {
    if let Some(unknown) = asked.iter().find(|name| !available.contains(name)) {
        bail!(
            "there is no script {unknown}; there are {}",
            available.join(", ")
        );
    }
    let chosen = if asked.is_empty() { available } else { asked };
    Ok(chosen.to_vec())
}

/// The interpreter of a virtual environment that holds what is required; made anew when the requirements change.
fn environment(folder: &Path, target: &Path) -> anyhow::Result<PathBuf> {
    let requirements = folder.join(REQUIREMENTS);
    let wanted = fs::read_to_string(&requirements)
        .with_context(|| format!("cannot read {}", requirements.display()))?;
    let environment = target.join("python");
    let python = if cfg!(windows) {
        environment.join("Scripts").join("python.exe")
    } else {
        environment.join("bin").join("python")
    };
    // Written last, so that an installation that broke off does not count.
    let installed = environment.join(REQUIREMENTS);
    if fs::read_to_string(&installed).is_ok_and(|installed| installed == wanted) {
        return Ok(python);
    }
    println!("witness: installing what {REQUIREMENTS} names");
    let system = if cfg!(windows) { "python" } else { "python3" };
    run_command(
        Command::new(system)
            .args(["-m", "venv", "--clear"])
            .arg(&environment),
    )?;
    let install = ["-m", "pip", "install", "--quiet", "--require-hashes"];
    let mut pip = Command::new(&python);
    pip.args(install)
        .args(["--disable-pip-version-check", "--requirement"]);
    run_command(pip.arg(&requirements))?;
    fs::write(&installed, wanted)
        .with_context(|| format!("cannot write {}", installed.display()))?;
    Ok(python)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    #[test]
    fn all_scripts_are_chosen_unless_some_are_named() {
        let available = names(&["errors", "lists"]);
        assert_eq!(chosen(&available, &[]).unwrap(), available);
        let asked = names(&["lists"]);
        assert_eq!(chosen(&available, &asked).unwrap(), asked);
    }

    #[test]
    fn a_script_that_does_not_exist_is_named_with_those_that_do() {
        let available = names(&["errors", "lists"]);
        let error = chosen(&available, &names(&["list"])).unwrap_err();
        assert_eq!(
            error.to_string(),
            "there is no script list; there are errors, lists"
        );
    }

    #[test]
    fn what_the_scripts_share_is_no_script() {
        let folder = workspace_root().join("tests/witness/python");
        let available = available(&folder).unwrap();
        assert!(available.contains(&"quickstart".to_owned()));
        assert!(!available.contains(&SHARED.to_owned()));
    }
}
