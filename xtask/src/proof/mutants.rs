//! cargo-mutants over selectors, ranking, capacity and expressions: what survives has been looked at.
//!
//! Which files are mutated is in `.cargo/mutants.toml`; which survivors are known, and why they change nothing, in
//! `mutants.toml` beside this file.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use anyhow::{Context as _, bail};
use serde::Deserialize;

use crate::process::{capture, cargo, succeeds, workspace_root};

const DATA: &str = include_str!("mutants.toml");
const OUTPUT: &str = "target/mutants-out";
/// Few, since each mutant costs them.
const RANDOM_COMMANDS: &str = "1000";
const RANDOM_CASES: &str = "20";
/// Tests that take long and are not about what is mutated.
const SKIPPED: [&str; 1] = ["deadlines::"];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reviewed {
    #[serde(default)]
    survivor: Vec<Survivor>,
}

/// A mutant that no test notices, since it changes nothing that can be seen.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Survivor {
    /// As cargo-mutants names it, without line and column.
    mutant: String,
    /// How many mutants of this name survive, in several places of one function.
    #[serde(default = "once")]
    times: usize,
    reason: String,
}

fn once() -> usize {
    1
}

/// Makes the mutants whose name, `file:line:column: change`, matches the regular expression, or all.
pub(super) fn run(only: Option<&str>) -> anyhow::Result<()> {
    if !succeeds("cargo", &["mutants", "--version"]) {
        bail!("cargo-mutants is missing: cargo install --locked cargo-mutants");
    }
    let listed = capture(mutants(only).arg("--list"))?;
    // Its own verdict counts every survivor as a failure; ours forgives those that were reviewed.
    mutants(only)
        .args(["--output", OUTPUT, "--", "--lib", "--tests", "--"])
        .args(SKIPPED.iter().flat_map(|tests| ["--skip", *tests]))
        .env("ROUTER_PROOF_COMMANDS", RANDOM_COMMANDS)
        .env("PROPTEST_CASES", RANDOM_CASES)
        // Nobody looks at a backtrace, and debug information takes half of the build.
        .env("CARGO_PROFILE_TEST_DEBUG", "false")
        .env("CARGO_PROFILE_DEV_DEBUG", "false")
        .status()?;
    let results = workspace_root().join(OUTPUT).join("mutants.out");
    let read = |name: &str| {
        let path = results.join(name);
        std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))
    };
    let run = Run {
        made: listed.lines().map(without_place).collect(),
        survived: counted(&read("missed.txt")?),
        whole: only.is_none(),
    };
    let ended: usize = ["caught.txt", "missed.txt", "timeout.txt", "unviable.txt"]
        .iter()
        .map(|name| Ok(read(name)?.lines().count()))
        .sum::<anyhow::Result<_>>()?;
    if ended != listed.lines().count() {
        bail!("cargo-mutants did not come to its end");
    }
    let reviewed: Reviewed = toml::from_str(DATA).context("proof/mutants.toml")?;
    let problems = reviewed.problems(&run);
    if !problems.is_empty() {
        bail!(
            "survivors and mutants.toml disagree:\n{}",
            problems.join("\n")
        );
    }
    println!("{ended} mutants; all survivors are reviewed");
    Ok(())
}

fn mutants(only: Option<&str>) -> Command {
    let mut command = cargo();
    command.arg("mutants");
    if let Some(only) = only {
        command.args(["--re", only]);
    }
    command
}

/// The mutants of one run, without their places.
struct Run {
    made: BTreeSet<String>,
    /// With how many survive of each name.
    survived: BTreeMap<String, usize>,
    /// Whether no mutant was left out.
    whole: bool,
}

impl Reviewed {
    /// Survivors that nobody has looked at, and known ones that do not survive any more.
    fn problems(&self, run: &Run) -> Vec<String> {
        let known = |mutant: &String| {
            let mut survivors = self.survivor.iter();
            survivors.find(|known| known.mutant == *mutant)
        };
        let new = run.survived.iter().filter_map(|(mutant, times)| {
            let reviewed = known(mutant).map_or(0, |known| known.times);
            (reviewed != *times).then(|| format!("{times} survived, {reviewed} reviewed: {mutant}"))
        });
        let gone = self.survivor.iter().filter_map(|known| {
            let Survivor { mutant, reason, .. } = known;
            if run.survived.contains_key(mutant) {
                None
            } else if run.made.contains(mutant) {
                Some(format!("is noticed now: {mutant} ({reason})"))
            } else {
                run.whole
                    .then(|| format!("there is no such mutant: {mutant}"))
            }
        });
        new.chain(gone).collect()
    }
}

/// How often each name is there.
fn counted(mutants: &str) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for mutant in mutants.lines() {
        *counts.entry(without_place(mutant)).or_default() += 1;
    }
    counts
}

/// `src/a.rs:10:5: replace x` without the numbers, which move with every edit.
fn without_place(line: &str) -> String {
    let mut parts = line.splitn(4, ':');
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(file), Some(_), Some(_), Some(change)) => format!("{file}:{change}"),
        _ => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn survivor(mutant: &str, times: usize) -> Survivor {
        Survivor {
            mutant: mutant.to_owned(),
            times,
            reason: "equal".to_owned(),
        }
    }

    #[test]
    fn new_survivors_and_outdated_reviews_are_told_apart_from_known_ones() {
        let reviewed = Reviewed {
            survivor: vec![
                survivor("a.rs: replace x", 2),
                survivor("b.rs: replace y", 1),
                survivor("d.rs: replace z", 1),
            ],
        };
        let survived =
            "a.rs:10:5: replace x\na.rs:10:9: replace x\nc.rs:1:1: replace a::b -> c with d\n";
        let mut run = Run {
            made: counted(&format!("{survived}b.rs:3:3: replace y"))
                .into_keys()
                .collect(),
            survived: counted(survived),
            whole: false,
        };
        let mut problems = vec![
            "1 survived, 0 reviewed: c.rs: replace a::b -> c with d",
            "is noticed now: b.rs: replace y (equal)",
        ];
        assert_eq!(reviewed.problems(&run), problems);
        run.whole = true;
        problems.push("there is no such mutant: d.rs: replace z");
        assert_eq!(reviewed.problems(&run), problems);
    }

    #[test]
    fn a_review_counts_the_survivors_of_one_name() {
        let reviewed = Reviewed {
            survivor: vec![survivor("a.rs: replace x", 1)],
        };
        let survived = "a.rs:10:5: replace x\na.rs:11:5: replace x\n";
        let run = Run {
            made: counted(survived).into_keys().collect(),
            survived: counted(survived),
            whole: true,
        };
        assert_eq!(
            reviewed.problems(&run),
            ["2 survived, 1 reviewed: a.rs: replace x"]
        );
    }
}
