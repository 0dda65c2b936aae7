//! `cargo xtask fuzz`: runs each fuzz target a fixed number of times, on any compiler.
//!
//! `cargo fuzz` needs a nightly compiler, for sanitizers above all. In safe code panics are what is to be found, and for these
//! it is enough to count what is reached, which stable compilers do too.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::Context;

use crate::choice::chosen;
use crate::metadata::Metadata;
use crate::process::{capture, cargo, run as run_command, workspace_root};

/// Options of `cargo xtask fuzz`.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The targets to run, such as webhook; all of them unless given
    targets: Vec<String>,
    /// Inputs to try for each target
    #[arg(long, default_value_t = 100_000)]
    runs: u32,
    /// Where to begin; the same seed tries the same inputs
    #[arg(long, default_value_t = 1)]
    seed: u32,
}

/// What a target may take, whatever the machine: the steps of `ci` have a bound.
const SECONDS: u32 = 60;

/// What libFuzzer wants of the compiler: counters of branches, and a table of places.
const INSTRUMENTED: &str = "--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
     -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
     -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1";

/// Builds the targets and runs them; the first input that makes one panic is kept and named.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let root = workspace_root();
    let targets = chosen(
        "fuzz target",
        &available(&root.join("fuzz/fuzz_targets"))?,
        &arguments.targets,
    )?;
    let folder = Metadata::load()?.target_directory.join("fuzz");
    let host = host()?;
    run_command(
        cargo()
            .args([
                "build",
                "--release",
                "--locked",
                "--manifest-path",
                "fuzz/Cargo.toml",
            ])
            // With a target of its own, build scripts are not instrumented.
            .args(["--bins", "--target", &host, "--target-dir"])
            .arg(&folder)
            .env("RUSTFLAGS", INSTRUMENTED),
    )?;
    for target in targets {
        println!("fuzz: {target}, {} inputs", arguments.runs);
        // Inputs of earlier runs would make each run another.
        let found = folder.join("found").join(&target);
        if found.exists() {
            fs::remove_dir_all(&found)
                .with_context(|| format!("cannot empty {}", found.display()))?;
        }
        let new = found.join("new");
        fs::create_dir_all(&new).with_context(|| format!("cannot make {}", new.display()))?;
        let mut command = Command::new(folder.join(&host).join("release").join(&target));
        command
            .current_dir(&root)
            .arg(format!("-runs={}", arguments.runs))
            .arg(format!("-seed={}", arguments.seed))
            .arg(format!("-max_total_time={SECONDS}"))
            .arg(format!("-artifact_prefix={}/", found.display()))
            .args(["-timeout=10", "-verbosity=0", "-print_final_stats=1"])
            // New inputs are written to the first folder.
            .arg(&new)
            .arg(format!("fuzz/corpus/{target}"));
        if target != "read_message" {
            command.arg("crates/acs-events/tests/fixtures/samples");
        }
        run_command(&mut command).with_context(|| {
            format!(
                "{target}: the input is in {}; give its path to the same program",
                found.display()
            )
        })?;
    }
    Ok(())
}

/// The names of all targets, sorted.
fn available(folder: &Path) -> anyhow::Result<Vec<String>> {
    let entries = fs::read_dir(folder).with_context(|| format!("no {}", folder.display()))?;
    let mut names = Vec::new();
    for entry in entries {
        let path = entry?.path();
        names.extend(
            path.file_stem()
                .map(|name| name.to_string_lossy().into_owned()),
        );
    }
    names.sort();
    Ok(names)
}

/// The name that the compiler gives to machines like this one.
fn host() -> anyhow::Result<String> {
    let version = capture(Command::new(rustc()).arg("-vV"))?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.context("rustc -vV names no host")?.to_owned())
}

fn rustc() -> std::ffi::OsString {
    std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_target_has_a_corpus_and_a_row_in_the_manifest() {
        let fuzz = workspace_root().join("fuzz");
        let manifest = fs::read_to_string(fuzz.join("Cargo.toml")).unwrap();
        let targets = available(&fuzz.join("fuzz_targets")).unwrap();
        assert_eq!(manifest.matches("[[bin]]").count(), targets.len());
        for target in targets {
            assert!(
                manifest.contains(&format!("name = \"{target}\"")),
                "{target}"
            );
            let corpus = fs::read_dir(fuzz.join("corpus").join(&target)).unwrap();
            assert!(corpus.count() > 3, "{target}");
        }
    }
}
