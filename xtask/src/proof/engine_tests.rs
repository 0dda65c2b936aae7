//! The engine's tests in a copy of the workspace, where the engine may be broken: which fail, and which do not end.

use std::collections::BTreeSet;
use std::fmt;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use serde_json::Value;

use super::ENGINE;
use crate::process::cargo_program;

/// Enough random commands to meet most mistakes, and few enough to run often.
const RANDOM_COMMANDS: &str = "8000";
const RANDOM_CASES: &str = "50";

/// The tests that did not pass.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Noticed {
    pub(super) failed: BTreeSet<String>,
    /// Those that had been running for over a minute when the time was over.
    pub(super) endless: BTreeSet<String>,
}

impl Noticed {
    pub(super) fn is_empty(&self) -> bool {
        self.failed.is_empty() && self.endless.is_empty()
    }

    pub(super) fn contains(&self, test: &str) -> bool {
        self.failed.contains(test) || self.endless.contains(test)
    }
}

impl fmt::Display for Noticed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (failed, endless) = (self.failed.len(), self.endless.len());
        write!(formatter, "{failed} tests failed, {endless} did not end")?;
        for test in self.failed.iter().chain(&self.endless) {
            write!(formatter, "\n    {test}")?;
        }
        Ok(())
    }
}

/// Runs the engine's tests, each program no longer than the limit. None if they do not compile.
pub(super) fn run(copy: &Path, limit: Duration) -> anyhow::Result<Option<Noticed>> {
    let Some(programs) = build(copy)? else {
        return Ok(None);
    };
    let mut noticed = Noticed::default();
    for program in programs {
        let mut command = Command::new(&program);
        command
            .current_dir(copy.join("crates").join(ENGINE))
            .env("ROUTER_PROOF_COMMANDS", RANDOM_COMMANDS)
            .env("PROPTEST_CASES", RANDOM_CASES)
            .env("RUST_BACKTRACE", "0")
            .stdin(Stdio::null())
            .stderr(Stdio::null());
        let run = run_within(&mut command, limit)?;
        let found = noticed_in(&run.printed, run.ended);
        if found.is_empty() && !(run.ended && run.succeeded) {
            bail!(
                "{} neither passed nor named a test that fails or does not end; perhaps it needs a longer --limit",
                program.display()
            );
        }
        noticed.failed.extend(found.failed);
        noticed.endless.extend(found.endless);
    }
    Ok(Some(noticed))
}

/// Builds the programs that hold the engine's tests. None if that fails.
fn build(copy: &Path) -> anyhow::Result<Option<Vec<PathBuf>>> {
    let output = Command::new(cargo_program())
        .args(["test", "--package", ENGINE, "--lib", "--test", "it"])
        .args(["--no-run", "--message-format", "json"])
        .current_dir(copy)
        .env("CARGO_TARGET_DIR", copy.join("../target"))
        // Nobody looks at a backtrace, and debug information takes half of the build.
        .env("CARGO_PROFILE_TEST_DEBUG", "false")
        .env("CARGO_PROFILE_DEV_DEBUG", "false")
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()?;
    if !output.status.success() {
        return Ok(None);
    }
    let programs = programs_in(&String::from_utf8_lossy(&output.stdout))?;
    if programs.is_empty() {
        bail!("cargo names no program with tests of {ENGINE}");
    }
    Ok(Some(programs))
}

/// The programs that cargo's messages name.
fn programs_in(messages: &str) -> anyhow::Result<Vec<PathBuf>> {
    let mut programs = Vec::new();
    for line in messages.lines() {
        let message: Value = serde_json::from_str(line).context("a message of cargo")?;
        programs.extend(message["executable"].as_str().map(PathBuf::from));
    }
    Ok(programs)
}

/// What became of a program.
struct Run {
    printed: Vec<String>,
    /// Whether it ended by itself.
    ended: bool,
    succeeded: bool,
}

/// Runs a program and kills it when the time is over.
fn run_within(command: &mut Command, limit: Duration) -> anyhow::Result<Run> {
    let end = Instant::now() + limit;
    let mut child = command.stdout(Stdio::piped()).spawn()?;
    let output = child.stdout.take().context("the output is piped")?;
    let (sender, lines) = channel();
    let reader = thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                // The time is over.
                break;
            }
        }
    });
    let mut printed = Vec::new();
    let ended = loop {
        match lines.recv_timeout(end.saturating_duration_since(Instant::now())) {
            Ok(line) => printed.push(line),
            Err(RecvTimeoutError::Disconnected) => break true,
            Err(RecvTimeoutError::Timeout) => {
                child.kill().context("cannot end a test program")?;
                break false;
            }
        }
    };
    let succeeded = child.wait()?.success();
    drop(lines);
    if reader.join().is_err() {
        bail!("the output of a test program could not be read");
    }
    Ok(Run {
        printed,
        ended,
        succeeded,
    })
}

/// The tests that failed, by what their program printed, and those that it was stuck in if it did not end.
fn noticed_in(printed: &[String], ended: bool) -> Noticed {
    let mut noticed = Noticed::default();
    for line in printed {
        let Some(line) = line.strip_prefix("test ") else {
            continue;
        };
        if let Some(test) = line.strip_suffix(" has been running for over 60 seconds") {
            noticed.endless.insert(test.to_owned());
        } else if let Some((test, result)) = line.rsplit_once(" ... ") {
            noticed.endless.remove(test);
            if result == "FAILED" {
                noticed.failed.insert(test.to_owned());
            }
        }
    }
    if ended {
        noticed.endless.clear();
    }
    noticed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        text.lines().map(str::to_owned).collect()
    }

    fn names<const N: usize>(names: [&str; N]) -> BTreeSet<String> {
        names.map(str::to_owned).into()
    }

    #[test]
    fn failed_and_endless_tests_are_found_in_the_output() {
        let printed = lines(
            "running 4 tests\n\
             test a::b ... ok\n\
             test a::slow has been running for over 60 seconds\n\
             test a::stuck has been running for over 60 seconds\n\
             test a::c ... FAILED\n\
             test a::slow ... ok",
        );
        let expected = Noticed {
            failed: names(["a::c"]),
            endless: names(["a::stuck"]),
        };
        assert_eq!(noticed_in(&printed, false), expected);
        assert_eq!(noticed_in(&printed, true).endless, names([]));
    }

    #[test]
    fn programs_are_named_by_the_messages_that_have_one() {
        let messages = "{\"reason\":\"compiler-artifact\",\"executable\":null}\n\
            {\"reason\":\"compiler-artifact\",\"executable\":\"target/it\"}\n\
            {\"reason\":\"build-finished\",\"success\":true}\n";
        let programs = programs_in(messages).expect("messages");
        assert_eq!(programs, [PathBuf::from("target/it")]);
    }

    #[test]
    fn a_program_that_does_not_end_is_killed() {
        let mut command = Command::new("git");
        command
            .args(["hash-object", "--stdin"])
            .stdin(Stdio::piped());
        let run = run_within(&mut command, Duration::from_millis(10)).expect("a run");
        assert!(!run.ended && !run.succeeded);
    }

    #[test]
    fn a_program_that_ends_in_time_is_heard_to_its_end() {
        let mut command = Command::new("git");
        command.arg("--version");
        let run = run_within(&mut command, Duration::from_secs(60)).expect("a run");
        assert!(run.ended && run.succeeded);
        assert!(run.printed[0].starts_with("git version"));
    }
}
