//! The engine broken on purpose: each time at least the tests that `breakages.toml` names must fail, or not end.
//!
//! A breakage is a change of one place in the engine's source, as text. It is made in a copy of the workspace under `target/`,
//! where all tests of the engine run. What survives, and what no longer applies, fails the command.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use serde::Deserialize;

use super::engine_tests::{self, Noticed};
use crate::process::workspace_root;
use crate::workspace_copy::copy_workspace;

const DATA: &str = include_str!("breakages.toml");
const SOURCE: &str = "crates/acs-router-engine/src";

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
    /// Tests that must fail or not end, by their path; the most telling ones.
    noticed_by: Vec<String>,
}

/// That each breakage applies to the source as it is, and names a test.
pub(super) fn check() -> anyhow::Result<()> {
    let all = read()?;
    let source = workspace_root().join(SOURCE);
    let problems: Vec<_> = all
        .iter()
        .filter_map(|breakage| {
            let problem = breakage.problem(&source)?;
            Some(format!("{}: {problem}", breakage.name))
        })
        .collect();
    if !problems.is_empty() {
        bail!(
            "breakages.toml is incomplete or does not fit the engine any more:\n{}",
            problems.join("\n")
        );
    }
    println!("{} breakages apply", all.len());
    Ok(())
}

/// Makes the breakages whose name or rules contain the text, one after the other. What takes longer than the limit counts as
/// noticed by the tests that it is stuck in.
pub(super) fn run(only: Option<&str>, skip: usize, limit: Duration) -> anyhow::Result<()> {
    let all = read()?;
    let chosen = all
        .iter()
        .filter(|breakage| only.is_none_or(|text| breakage.is_about(text)));
    let chosen: Vec<_> = chosen.skip(skip).collect();
    let copy = workspace_root().join("target/proof/workspace");
    copy_workspace(&copy)?;
    let before = engine_tests::run(&copy, limit)?;
    if before != Some(Noticed::default()) {
        bail!("the engine's tests must build and pass before anything is broken: {before:?}");
    }
    let mut problems = Vec::new();
    for breakage in &chosen {
        problems.extend(breakage.try_in(&copy, limit)?);
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

    /// What keeps it from being made, or from showing anything.
    fn problem(&self, source: &Path) -> Option<String> {
        if self.noticed_by.is_empty() {
            return Some("noticed_by names no test".to_owned());
        }
        let error = self.applied_to(source).err()?;
        Some(format!("{error:#}"))
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
    fn try_in(&self, copy: &Path, limit: Duration) -> anyhow::Result<Option<String>> {
        let start = Instant::now();
        let source = copy.join(SOURCE);
        let (text, broken) = self
            .applied_to(&source)
            .with_context(|| self.name.clone())?;
        let path = source.join(&self.file);
        std::fs::write(&path, broken)?;
        let noticed = engine_tests::run(copy, limit);
        std::fs::write(&path, text)?;
        let seconds = start.elapsed().as_secs();
        let title = format!("{} ({})", self.name, self.rules.join(", "));
        let Some(noticed) = noticed.with_context(|| title.clone())? else {
            return Ok(Some(format!("{title}: does not compile")));
        };
        println!("{title}: {noticed} ({seconds} s)");
        Ok(self
            .disagreement(&noticed)
            .map(|problem| format!("{title}: {problem}")))
    }

    /// What is wrong with the tests that noticed.
    fn disagreement(&self, noticed: &Noticed) -> Option<String> {
        if noticed.is_empty() {
            return Some("SURVIVED".to_owned());
        }
        let tests = self.noticed_by.iter();
        let silent: Vec<_> = tests
            .filter(|test| !noticed.contains(test))
            .map(String::as_str)
            .collect();
        (!silent.is_empty()).then(|| format!("passed by {}", silent.join(", ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn breakage(noticed_by: &[&str]) -> Breakage {
        Breakage {
            name: "offers never expire".to_owned(),
            rules: vec!["R81".to_owned()],
            file: PathBuf::from("breakages.rs"),
            find: String::new(),
            replace: String::new(),
            noticed_by: noticed_by.iter().map(|test| (*test).to_owned()).collect(),
        }
    }

    #[test]
    fn a_breakage_is_chosen_by_rule_or_by_name() {
        let breakage = breakage(&[]);
        assert!(breakage.is_about("R81") && breakage.is_about("expire"));
        assert!(!breakage.is_about("R8"));
    }

    #[test]
    fn a_breakage_names_a_test() {
        let problem = breakage(&[]).problem(Path::new(""));
        assert_eq!(problem.as_deref(), Some("noticed_by names no test"));
    }

    #[test]
    fn all_tests_that_a_breakage_names_must_notice_it() {
        let noticed = Noticed {
            failed: ["a".to_owned()].into(),
            endless: ["b".to_owned()].into(),
        };
        assert_eq!(breakage(&["a", "b"]).disagreement(&noticed), None);
        let problem = breakage(&["a", "c"]).disagreement(&noticed);
        assert_eq!(problem.as_deref(), Some("passed by c"));
        let problem = breakage(&["a"]).disagreement(&Noticed::default());
        assert_eq!(problem.as_deref(), Some("SURVIVED"));
    }
}
