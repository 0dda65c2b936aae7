//! `cargo xtask bench`: measurements that are looked at, never asserted by tests.

use crate::process::{cargo, run as run_command};

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
}

/// Builds the bench with optimisation and runs it.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let (package, benches): (_, &[_]) = match arguments.subject {
        Subject::Client => ("acs-contract-tests", &["client", "resident"]),
        Subject::Emulator => ("acs-emulator", &["http"]),
        Subject::Engine => ("acs-router-engine", &["commands"]),
        Subject::Events => ("acs-events", &["events"]),
    };
    let mut command = cargo();
    command.args(["bench", "--package", package]);
    for bench in benches {
        command.args(["--bench", bench]);
    }
    command.arg("--").args(&arguments.filter);
    run_command(&mut command)
}
