//! Each rule of the service is named in a test, or a list says why not.
//!
//! A rule is named by its number, `R45`, in a comment or a name in test code: below a folder `tests`, or after `#[cfg(test)]`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use serde::Deserialize;

use crate::process::workspace_root;

const DATA: &str = include_str!("rules.toml");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rules {
    first: u16,
    last: u16,
    /// The folders whose tests name rules.
    folders: Vec<PathBuf>,
    elsewhere: Vec<Elsewhere>,
}

/// Rules that no test names, and why.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Elsewhere {
    rules: Vec<u16>,
    reason: String,
}

/// Fails with every rule that is neither tested nor listed, and every rule that is both.
pub(super) fn check() -> anyhow::Result<()> {
    let rules: Rules = toml::from_str(DATA).context("proof/rules.toml")?;
    let mut tests = BTreeMap::new();
    for folder in &rules.folders {
        collect(&workspace_root().join(folder), &mut tests)?;
    }
    let problems = rules.problems(&tests);
    if !problems.is_empty() {
        bail!("rules and tests disagree:\n{}", problems.join("\n"));
    }
    let listed: usize = rules.elsewhere.iter().map(|group| group.rules.len()).sum();
    let all = usize::from(rules.last - rules.first) + 1;
    println!(
        "{} rules are named in tests, {listed} are listed",
        all - listed
    );
    Ok(())
}

impl Rules {
    /// What is wrong, given how often each rule is named.
    fn problems(&self, tests: &BTreeMap<u16, usize>) -> Vec<String> {
        let mut problems = Vec::new();
        for rule in self.first..=self.last {
            let mut groups = self.elsewhere.iter();
            let listed = groups.find(|group| group.rules.contains(&rule));
            match (tests.contains_key(&rule), listed) {
                (false, None) => problems.push(format!("R{rule}: no test names it")),
                (true, Some(group)) => problems.push(format!(
                    "R{rule}: a test names it, but rules.toml lists it: {}",
                    group.reason
                )),
                _ => {}
            }
        }
        let beyond = tests
            .keys()
            .filter(|rule| !(self.first..=self.last).contains(*rule));
        problems.extend(
            beyond.map(|rule| format!("R{rule}: a test names it, but there is no such rule")),
        );
        problems
    }
}

/// Counts the rules that the tests below a folder name.
fn collect(folder: &Path, tests: &mut BTreeMap<u16, usize>) -> anyhow::Result<()> {
    let entries =
        std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, tests)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&path)
                .with_context(|| format!("cannot read {}", path.display()))?;
            let all_tests = path.iter().any(|part| part == "tests");
            for rule in named(if all_tests { &text } else { test_part(&text) }) {
                *tests.entry(rule).or_default() += 1;
            }
        }
    }
    Ok(())
}

/// The unit tests at the end of a file.
fn test_part(text: &str) -> &str {
    let start = text.find("#[cfg(test)]\nmod tests");
    start.map_or("", |start| &text[start..])
}

/// The rules that a text names: `R12`, and all from `R12 to R15`.
fn named(text: &str) -> Vec<u16> {
    let mut rules = Vec::new();
    let mut range_from = None;
    for word in text.split(|character: char| !character.is_ascii_alphanumeric() && character != '_')
    {
        let rule = word
            .strip_prefix('R')
            .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))
            .and_then(|digits| digits.parse().ok());
        match (rule, range_from.take()) {
            (Some(rule), Some((first, true))) => rules.extend(first + 1..=rule),
            (Some(rule), _) => rules.push(rule),
            (None, Some((first, false))) if word == "to" => range_from = Some((first, true)),
            (None, _) => {}
        }
        if let (Some(rule), None) = (rule, range_from) {
            range_from = Some((rule, false));
        }
    }
    rules
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_named_one_by_one_and_as_ranges() {
        assert_eq!(named("// R1, R22\nR3 to R5: (R10)"), [1, 22, 3, 4, 5, 10]);
        assert_eq!(named("R, R1a, OR2, R_3, to R7"), [7]);
    }

    #[test]
    fn only_tests_count() {
        let source = "// R1\n#[cfg(test)]\nmod tests {\n    // R2\n}\n";
        assert_eq!(named(test_part(source)), [2]);
        assert_eq!(test_part("// R1\n"), "");
    }

    #[test]
    fn a_rule_is_tested_or_listed_and_never_both() {
        let elsewhere = Elsewhere {
            rules: vec![2, 3],
            reason: "elsewhere".to_owned(),
        };
        let rules = Rules {
            first: 1,
            last: 4,
            folders: Vec::new(),
            elsewhere: vec![elsewhere],
        };
        let tests = BTreeMap::from([(1, 1), (3, 2), (9, 1)]);
        assert_eq!(
            rules.problems(&tests),
            [
                "R3: a test names it, but rules.toml lists it: elsewhere",
                "R4: no test names it",
                "R9: a test names it, but there is no such rule",
            ]
        );
    }
}
