//! `cargo xtask witness`: official SDKs, unpatched, against the emulator, through scripts of our own.
//!
//! The scripts lie in `tests/witness/<language>/<service>`. Each of them starts an emulator of its own, which it trusts because
//! of the variables that `acs-emulator env` prints.

mod javascript;
pub(crate) mod python;

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, ensure};

use crate::choice::chosen;
use crate::metadata::Metadata;
use crate::process::{capture, cargo, run as run_command, workspace_root};

/// Options of `cargo xtask witness`.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    language: Language,
    /// The scripts to run, such as chat/paging; all of them unless given
    scripts: Vec<String>,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Language {
    /// azure-communication-jobrouter, -identity and -chat, driven by the scripts in tests/witness/python
    Python,
    /// @azure/communication-identity and -chat, driven by the scripts in tests/witness/javascript
    Javascript,
}

impl Language {
    /// Where its scripts are, and how their names end.
    fn scripts(self) -> (PathBuf, &'static str) {
        let (name, extension) = match self {
            Self::Python => ("python", "py"),
            Self::Javascript => ("javascript", "mjs"),
        };
        (
            workspace_root().join("tests").join("witness").join(name),
            extension,
        )
    }

    fn rounds(self) -> &'static [Round] {
        match self {
            Self::Python => python::ROUNDS,
            Self::Javascript => javascript::ROUNDS,
        }
    }
}

/// A way in which the scripts of some services are run.
struct Round {
    name: &'static str,
    /// The folders whose scripts take part.
    services: &'static [&'static str],
    /// The file that pins what is peculiar to this round.
    pins: &'static str,
    tls: bool,
}

impl Round {
    fn has(&self, script: &str) -> bool {
        script
            .split_once('/')
            .is_some_and(|(service, _)| self.services.contains(&service))
    }
}

/// Runs the scripts, one after another, and fails when one does.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let language = arguments.language;
    let (folder, extension) = language.scripts();
    let scripts = chosen(
        "script",
        &available(&folder, extension)?,
        &arguments.scripts,
    )?;
    let target = Metadata::load()?.target_directory;
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
    let trust = trust(&emulator, data.path())?;

    let mut failed = Vec::new();
    for round in language.rounds() {
        let scripts: Vec<_> = scripts.iter().filter(|name| round.has(name)).collect();
        if scripts.is_empty() {
            continue;
        }
        println!("witness: {}", round.name);
        let interpreter = match language {
            Language::Python => python::interpreter(
                &[folder.join("requirements.txt"), folder.join(round.pins)],
                &target
                    .join("witness/python")
                    .join(round.pins)
                    .with_extension(""),
            )?,
            Language::Javascript => javascript::interpreter(&folder)?,
        };
        for script in scripts {
            let status = Command::new(&interpreter)
                .arg(folder.join(script).with_extension(extension))
                // What scripts share lies in the folder above theirs.
                .env("PYTHONPATH", &folder)
                .env("PYTHONDONTWRITEBYTECODE", "1")
                .env("ACS_EMULATOR", &emulator)
                .env("ACS_EMULATOR_DATA_DIR", data.path())
                .env("ACS_WITNESS_TLS", if round.tls { "1" } else { "0" })
                .envs(trust.iter().map(|(name, value)| (name, value)))
                .status()
                .with_context(|| format!("cannot start {}", interpreter.display()))?;
            if !status.success() {
                failed.push(format!("{script} ({})", round.name));
            }
        }
    }
    ensure!(
        failed.is_empty(),
        "these do not hold: {}",
        failed.join(", ")
    );
    Ok(())
}

/// The variables that `acs-emulator env` prints.
fn trust(emulator: &Path, data: &Path) -> anyhow::Result<Vec<(String, String)>> {
    let printed = capture(
        Command::new(emulator)
            .arg("env")
            .arg("--data-dir")
            .arg(data),
    )?;
    printed
        .lines()
        .map(|line| {
            let (name, value) = line
                .split_once('=')
                .with_context(|| format!("acs-emulator env printed {line:?}"))?;
            Ok((name.to_owned(), value.to_owned()))
        })
        .collect()
}

/// The names of all scripts, such as `chat/paging`, sorted.
fn available(folder: &Path, extension: &str) -> anyhow::Result<Vec<String>> {
    let mut names = Vec::new();
    for service in entries(folder)? {
        if !service.is_dir() || service.ends_with("node_modules") {
            continue;
        }
        for script in entries(&service)? {
            if script.extension() == Some(OsStr::new(extension)) {
                let name = script.strip_prefix(folder)?.with_extension("");
                names.push(name.to_string_lossy().replace('\\', "/"));
            }
        }
    }
    names.sort();
    Ok(names)
}

fn entries(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).with_context(|| format!("no {}", folder.display()))?;
    entries.map(|entry| Ok(entry?.path())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_script_has_its_rounds_and_what_scripts_share_is_none() {
        for language in [Language::Python, Language::Javascript] {
            let (folder, extension) = language.scripts();
            let available = available(&folder, extension).unwrap();
            assert!(available.contains(&"chat/readme".to_owned()));
            assert!(!available.iter().any(|name| name.contains("witness")));
            for script in available {
                let rounds = language.rounds();
                assert!(rounds.iter().any(|round| round.has(&script)), "{script}");
            }
        }
    }
}
