//! `cargo xtask bench`: measurements that are looked at, never asserted by tests.

use std::path::PathBuf;

use crate::metadata::Metadata;
use crate::process::{cargo, run as run_command, workspace_root};
use crate::witness::python;

/// Options of `cargo xtask bench`.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    subject: Subject,
    /// Only what has this text in its name
    filter: Option<String>,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Subject {
    /// CPU of the typed client, as a ratio to a loop written by hand, and its memory
    Client,
    /// CPU of the emulator per request of a job cycle over HTTP, as a ratio to a bare echo
    Emulator,
    /// What a command of the routing engine costs while 1,000 to 1,000,000 jobs wait, and 10,000 timers
    Engine,
    /// Reading events, as a ratio to JSON without types
    Events,
    /// Draining a storage queue, beside the official Python package; needs node, npm and python3 with venv
    Queue,
}

/// Builds the bench with optimisation and runs it.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let (package, benches): (_, &[_]) = match arguments.subject {
        Subject::Client => ("acs-contract-tests", &["client", "resident"]),
        Subject::Emulator => ("acs-emulator", &["http"]),
        Subject::Engine => ("acs-router-engine", &["commands"]),
        Subject::Events => ("acs-events", &["events"]),
        Subject::Queue => ("acs-events-queue", &["drain"]),
    };
    let mut command = cargo();
    command.args(["bench", "--package", package]);
    for bench in benches {
        command.args(["--bench", bench]);
    }
    if matches!(arguments.subject, Subject::Queue) {
        command
            .args(["--features", "_internal-azurite"])
            .env("ACS_BENCH_PYTHON", python()?);
    }
    command.arg("--").args(&arguments.filter);
    run_command(&mut command)
}

/// The interpreter of an environment with the official queue package.
fn python() -> anyhow::Result<PathBuf> {
    let requirements = [
        "tests/witness/python/requirements.txt",
        "crates/acs-events-queue/benches/requirements.txt",
    ];
    let environment = Metadata::load()?.target_directory.join("bench/python");
    python::interpreter(
        &requirements.map(|file| workspace_root().join(file)),
        &environment,
    )
}
