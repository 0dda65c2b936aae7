//! The engine broken on purpose: each time at least the tests that `breakages.toml` names must fail.
//!
//! A breakage is a change of one place in the engine's source, as text. It is made in a copy of the workspace under `target/`,
//! where all tests of the engine run. What survives, and what no longer applies, fails the command.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context as _, bail};
use serde::Deserialize;

use super::ENGINE;
use crate::process::{cargo_program, workspace_root};
use crate::workspace_copy::copy_workspace;

const DATA: &str = include_str!("breakages.toml");
const SOURCE: &str = "crates/acs-router-engine/src";
/// Enough random commands to meet most mistakes, and few enough to run often.
const RANDOM_COMMANDS: &str = "8000";
const RANDOM_CASES: &str = "50";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Catalogue {
    breakage: Vec<Breakage>,
}

/// One mistake.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Breakage {
    /// What is wrong with the engine then.
    name: String,
    /// The rules that it breaks.
    rules: Vec<String>,
    /// Below the engine's `src`.
    file: PathBuf,
    find: String,
    replace: String,
    /// Tests that must fail, by their path.
    noticed_by: Vec<String>,
}

/// That each breakage applies to the source as it is.
pub(super) fn check() -> anyhow::Result<()> {
    let all = read()?;
    let source = workspace_root().join(SOURCE);
    let stale = all.iter().filter_map(|breakage| {
        let error = breakage.applied_to(&source).err()?;
        Some(format!("{}: {error:#}", breakage.name))
    });
    let stale: Vec<_> = stale.collect();
    if !stale.is_empty() {
        bail!(
            "breakages.toml does not fit the engine any more:\n{}",
            stale.join("\n")
        );
    }
    println!("{} breakages apply", all.len());
    Ok(())
}

/// Makes the breakages whose name or rules contain the text, one after the other.
pub(super) fn run(only: Option<&str>, skip: usize) -> anyhow::Result<()> {
    let all = read()?;
    let chosen = all
        .iter()
        .filter(|breakage| only.is_none_or(|text| breakage.is_about(text)));
    let chosen: Vec<_> = chosen.skip(skip).collect();
    let copy = workspace_root().join("target/proof/workspace");
    copy_workspace(&copy)?;
    let failing = failing_tests(&copy)?;
    if failing.as_ref().is_none_or(|failing| !failing.is_empty()) {
        bail!("the engine's tests must build and pass before anything is broken: {failing:?}");
    }
    let mut problems = Vec::new();
    for breakage in &chosen {
        problems.extend(breakage.try_in(&copy)?);
    }
    if !problems.is_empty() {
        bail!(
            "these were not noticed as they should be:\n{}",
            problems.join("\n")
        );
    }
    println!("{} of {} breakages, all noticed", chosen.len(), all.len());
    Ok(())
}

fn read() -> anyhow::Result<Vec<Breakage>> {
    let catalogue: Catalogue = toml::from_str(DATA).context("proof/breakages.toml")?;
    Ok(catalogue.breakage)
}

impl Breakage {
    fn is_about(&self, text: &str) -> bool {
        self.name.contains(text) || self.rules.iter().any(|rule| rule == text)
    }

    /// The text of its file, before and after.
    fn applied_to(&self, source: &Path) -> anyhow::Result<(String, String)> {
        let path = source.join(&self.file);
        let text = std::fs::read_to_string(&path)
            .with_context(|| format!("cannot read {}", path.display()))?;
        match text.matches(&self.find).count() {
            1 => {
                let broken = text.replacen(&self.find, &self.replace, 1);
                Ok((text, broken))
            }
            found => bail!(
                "{} must hold this text once, but holds it {found} times: {}",
                self.file.display(),
                self.find
            ),
        }
    }

    /// Breaks the copy, runs its tests and repairs it. Says what is wrong, if the tests did not notice as they should.
    fn try_in(&self, copy: &Path) -> anyhow::Result<Option<String>> {
        let start = Instant::now();
        let source = copy.join(SOURCE);
        let (text, broken) = self
            .applied_to(&source)
            .with_context(|| self.name.clone())?;
        let path = source.join(&self.file);
        std::fs::write(&path, broken)?;
        let failing = failing_tests(copy);
        std::fs::write(&path, text)?;
        let rules = self.rules.join(", ");
        let Some(failing) = failing? else {
            return Ok(Some(format!("{} ({rules}): does not compile", self.name)));
        };
        let seconds = start.elapsed().as_secs();
        println!(
            "{} ({rules}): {} tests failed ({seconds} s)",
            self.name,
            failing.len()
        );
        for test in &failing {
            println!("    {test}");
        }
        let silent = self
            .noticed_by
            .iter()
            .filter(|test| !failing.contains(*test));
        let silent: Vec<_> = silent.map(String::as_str).collect();
        Ok(if failing.is_empty() {
            Some(format!("{} ({rules}): SURVIVED", self.name))
        } else if !silent.is_empty() {
            Some(format!(
                "{} ({rules}): passed by {}",
                self.name,
                silent.join(", ")
            ))
        } else {
            None
        })
    }
}

/// The names of the engine's tests that fail in the copy; none if it does not compile.
fn failing_tests(copy: &Path) -> anyhow::Result<Option<BTreeSet<String>>> {
    let test = |more: &[&str]| {
        let mut command = Command::new(cargo_program());
        command
            .args(["test", "--package", ENGINE, "--lib", "--test", "it"])
            .args(more)
            .current_dir(copy)
            .env("CARGO_TARGET_DIR", copy.join("../target"))
            .env("ROUTER_PROOF_COMMANDS", RANDOM_COMMANDS)
            .env("PROPTEST_CASES", RANDOM_CASES)
            // Nobody looks at a backtrace, and debug information takes half of the build.
            .env("CARGO_PROFILE_TEST_DEBUG", "false")
            .env("CARGO_PROFILE_DEV_DEBUG", "false")
            .env("RUST_BACKTRACE", "0")
            .stdin(Stdio::null())
            .stderr(Stdio::null());
        command
    };
    if !test(&["--no-run"])
        .stdout(Stdio::null())
        .status()?
        .success()
    {
        return Ok(None);
    }
    let output = test(&["--no-fail-fast"]).output()?;
    let output = String::from_utf8_lossy(&output.stdout);
    Ok(Some(failed_in(&output)))
}

/// The names of failed tests in what a test run prints.
fn failed_in(output: &str) -> BTreeSet<String> {
    let failed = output.lines().filter_map(|line| {
        let name = line.strip_prefix("test ")?.strip_suffix(" ... FAILED")?;
        Some(name.to_owned())
    });
    failed.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failed_tests_are_found_in_the_output() {
        let output =
            "running 2 tests\ntest a::b ... ok\ntest a::c ... FAILED\n\nfailures:\n    a::c\n";
        assert_eq!(failed_in(output), BTreeSet::from(["a::c".to_owned()]));
    }

    #[test]
    fn a_breakage_is_chosen_by_rule_or_by_name() {
        let breakage = Breakage {
            name: "offers never expire".to_owned(),
            rules: vec!["R81".to_owned()],
            file: PathBuf::new(),
            find: String::new(),
            replace: String::new(),
            noticed_by: Vec::new(),
        };
        assert!(breakage.is_about("R81") && breakage.is_about("expire"));
        assert!(!breakage.is_about("R8"));
    }
}
