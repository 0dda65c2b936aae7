//! cargo-mutants over selectors, ranking, capacity and expressions: what survives has been looked at.
//!
//! Which files are mutated is in `.cargo/mutants.toml`; which survivors are known, and why they change nothing, in
//! `mutants.toml` beside this file.

use std::collections::BTreeSet;

use anyhow::{Context as _, bail};
use serde::Deserialize;

use crate::process::{cargo, succeeds, workspace_root};

const DATA: &str = include_str!("mutants.toml");
const OUTPUT: &str = "target/mutants-out";

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
    reason: String,
}

pub(super) fn run() -> anyhow::Result<()> {
    if !succeeds("cargo", &["mutants", "--version"]) {
        bail!("cargo-mutants is missing: cargo install --locked cargo-mutants");
    }
    let root = workspace_root();
    // Its own verdict counts every survivor as a failure; ours forgives those that were reviewed.
    cargo()
        .args(["mutants", "--no-times", "--output", OUTPUT])
        .env("ROUTER_PROOF_COMMANDS", "8000")
        .status()?;
    let missed = root.join(OUTPUT).join("mutants.out/missed.txt");
    let missed = std::fs::read_to_string(&missed)
        .with_context(|| format!("cannot read {}", missed.display()))?;
    let reviewed: Reviewed = toml::from_str(DATA).context("proof/mutants.toml")?;
    let problems = reviewed.problems(&missed);
    if !problems.is_empty() {
        bail!(
            "survivors and mutants.toml disagree:\n{}",
            problems.join("\n")
        );
    }
    println!("{} survivors, all reviewed", reviewed.survivor.len());
    Ok(())
}

impl Reviewed {
    /// Survivors that nobody has looked at, and known ones that do not survive any more.
    fn problems(&self, missed: &str) -> Vec<String> {
        let survived: BTreeSet<String> = missed.lines().map(without_place).collect();
        let known = |mutant: &String| self.survivor.iter().any(|known| known.mutant == *mutant);
        let new = survived.iter().filter(|mutant| !known(mutant));
        let new = new.map(|mutant| format!("survived: {mutant}"));
        let gone = self
            .survivor
            .iter()
            .filter(|known| !survived.contains(&known.mutant));
        let gone = gone.map(|known| format!("is noticed now: {} ({})", known.mutant, known.reason));
        new.chain(gone).collect()
    }
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

    #[test]
    fn new_survivors_and_outdated_reviews_are_told_apart_from_known_ones() {
        let survivor = |mutant: &str| Survivor {
            mutant: mutant.to_owned(),
            reason: "equal".to_owned(),
        };
        let reviewed = Reviewed {
            survivor: vec![survivor("a.rs: replace x"), survivor("b.rs: replace y")],
        };
        let missed = "a.rs:10:5: replace x\nc.rs:1:1: replace a::b -> c with d\n";
        assert_eq!(
            reviewed.problems(missed),
            [
                "survived: c.rs: replace a::b -> c with d",
                "is noticed now: b.rs: replace y (equal)",
            ]
        );
    }
}
