//! `cargo xtask bench`: measurements that are looked at, never asserted by tests.

use crate::process::{cargo, run as run_command};

/// Options of `cargo xtask bench`.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    subject: Subject,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Subject {
    /// CPU per request of the typed client, as a ratio to a loop written by hand
    Client,
}

/// Builds the bench with optimisation and runs it.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let (package, bench) = match arguments.subject {
        Subject::Client => ("acs-contract-tests", "client"),
    };
    run_command(cargo().args(["bench", "--package", package, "--bench", bench]))
}
