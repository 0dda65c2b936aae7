//! `cargo xtask contract`: the contract tests, and the proof that they notice wrong names on the wire.
//!
//! `--mutate` works on a copy of the workspace under `target/`. It changes one wire name of the raw client at a time, in the
//! operations that the contract tests call: a path, a query parameter, a header, or a member of a request or an answer. Each
//! time the contract tests must fail; a change that they let pass is reported and fails the command.

mod mutations;

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context as _, bail};

use crate::coverage::exercised_folder;
use crate::process::{cargo, cargo_program, run as run_command, workspace_root};
use crate::workspace_copy::copy_workspace;
use mutations::Mutation;

/// The raw crates with their services.
const RAW_CRATES: [RawCrate; 3] = [
    RawCrate {
        service: "jobrouter",
        folder: "crates/acs-core-jobrouter",
        reads_answers: true,
    },
    RawCrate {
        service: "identity",
        folder: "crates/acs-core-identity",
        reads_answers: true,
    },
    RawCrate {
        service: "chat",
        folder: "crates/acs-core-chat",
        // The typed client reads most answers into models of its own.
        reads_answers: false,
    },
];

/// A raw crate whose wire names are changed.
struct RawCrate {
    service: &'static str,
    folder: &'static str,
    /// Whether the typed client reads answers into the models of this crate, so that changes of those show.
    reads_answers: bool,
}

const TESTS: [&str; 5] = [
    "test",
    "--package",
    "acs-contract-tests",
    "--test",
    "contract",
];

/// Options of `cargo xtask contract`.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Change the raw client's wire names one at a time and show that a test fails each time
    #[arg(long)]
    mutate: bool,
    /// With --mutate, try this many changes, spread evenly over all of them
    #[arg(long, value_name = "N", requires = "mutate")]
    sample: Option<usize>,
}

/// Runs the contract tests, then the mutations if asked to.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    // With all packages chosen, dependencies keep the features that other steps have built them with.
    run_command(cargo().args(["test", "--workspace", "--test", "contract"]))?;
    if !arguments.mutate {
        return Ok(());
    }
    let copy = Copy::make()?;
    let mut all = Vec::new();
    for raw in &RAW_CRATES {
        let folder = copy.0.join(raw.folder);
        let operations = exercised(raw.service)?;
        all.extend(mutations::of(&folder, &operations, raw.reads_answers)?);
    }
    let chosen = spread(&all, arguments.sample.unwrap_or(all.len()));
    println!("{} of {} changes of wire names", chosen.len(), all.len());
    copy.prepare()?;
    let survivors = chosen
        .iter()
        .filter_map(|mutation| copy.survives(mutation).transpose())
        .collect::<anyhow::Result<Vec<_>>>()?;
    if !survivors.is_empty() {
        bail!("no contract test noticed:\n{}", survivors.join("\n"));
    }
    println!("{} passed, 0 failed", chosen.len());
    Ok(())
}

/// The operations of a service that the contract tests have called; the stub leaves a file for each.
fn exercised(service: &str) -> anyhow::Result<Vec<String>> {
    let folder = exercised_folder().join(service);
    let mut names = std::fs::read_dir(&folder)
        .with_context(|| format!("cannot read {}", folder.display()))?
        .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
        .collect::<anyhow::Result<Vec<_>>>()?;
    names.sort();
    Ok(names)
}

/// This many of them, evenly spread, the first and the last among them.
fn spread<T>(all: &[T], wanted: usize) -> Vec<&T> {
    let wanted = wanted.min(all.len());
    (0..wanted)
        .map(|index| &all[index * (all.len() - 1) / (wanted - 1).max(1)])
        .collect()
}

/// A copy of the workspace that may be changed.
struct Copy(PathBuf);

impl Copy {
    fn make() -> anyhow::Result<Self> {
        let copy = workspace_root().join("target/mutants/workspace");
        copy_workspace(&copy)?;
        Ok(Self(copy))
    }

    /// Takes the emulator out of the test package, which would be built anew for each change and is not needed, and makes
    /// sure that the tests pass as they are.
    fn prepare(&self) -> anyhow::Result<()> {
        let manifest = self.0.join("tests/Cargo.toml");
        let text = std::fs::read_to_string(&manifest)?;
        let mut document: toml::Table = text.parse().context("tests/Cargo.toml")?;
        document.remove("bench");
        if let Some(tests) = document.get_mut("test").and_then(toml::Value::as_array_mut) {
            tests.retain(|test| test.get("name").and_then(toml::Value::as_str) == Some("contract"));
        }
        if let Some(dependencies) = document
            .get_mut("dev-dependencies")
            .and_then(toml::Value::as_table_mut)
        {
            dependencies.remove("acs-emulator");
        }
        std::fs::write(&manifest, toml::to_string(&document)?)?;
        if !self.build()? || self.tests_notice()? {
            bail!("the contract tests must build and pass before anything is changed");
        }
        Ok(())
    }

    /// Applies a change, runs the tests and takes the change back. Gives its description if the tests let it pass.
    fn survives(&self, mutation: &Mutation) -> anyhow::Result<Option<String>> {
        let start = Instant::now();
        let original = std::fs::read_to_string(&mutation.file)?;
        std::fs::write(&mutation.file, mutation.apply(&original))?;
        if !self.build()? {
            bail!("this change does not compile, so it shows nothing: {mutation}");
        }
        let noticed = self.tests_notice()?;
        std::fs::write(&mutation.file, &original)?;
        let verdict = if noticed { "noticed" } else { "SURVIVED" };
        println!(
            "{verdict:8} {mutation} ({:.0} s)",
            start.elapsed().as_secs_f64()
        );
        Ok((!noticed).then(|| mutation.to_string()))
    }

    fn build(&self) -> anyhow::Result<bool> {
        self.cargo(&["--no-run"])
    }

    fn tests_notice(&self) -> anyhow::Result<bool> {
        Ok(!self.cargo(&[])?)
    }

    fn cargo(&self, more: &[&str]) -> anyhow::Result<bool> {
        let status = Command::new(cargo_program())
            .args(TESTS)
            .args(more)
            .arg("--quiet")
            .current_dir(&self.0)
            .env("CARGO_TARGET_DIR", self.0.join("../target"))
            .env("RUST_BACKTRACE", "0")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()?;
        Ok(status.success())
    }
}

#[cfg(test)]
mod tests {
    use super::spread;

    #[test]
    fn a_sample_is_spread_over_all() {
        let all: Vec<usize> = (0..10).collect();
        assert_eq!(spread(&all, 3), [&0, &4, &9]);
        assert_eq!(spread(&all, 1), [&0]);
        assert_eq!(spread(&all, 0), Vec::<&usize>::new());
        assert_eq!(spread(&all, 99).len(), 10);
        assert_eq!(spread(&[] as &[usize], 3), Vec::<&usize>::new());
    }
}
