//! `cargo xtask proof`: the long form of what the routing engine's tests show.
//!
//! Without options: that each rule of the service has a test, then a million random commands. The other parts take long and
//! are asked for by name: breaking the engine on purpose, and cargo-mutants.

mod breakages;
mod engine_tests;
mod mutants;
mod rules;

use std::time::Duration;

use crate::process::{cargo, run as run_command};

/// The package that is proved.
const ENGINE: &str = "acs-router-engine";

/// Options of `cargo xtask proof`.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Only check that each rule of the service is named in a test, and that each breakage still applies and names a test
    #[arg(long, group = "part")]
    rules: bool,
    /// Break the engine on purpose, once for each group of rules, and show that a test fails each time
    #[arg(long, group = "part")]
    breakages: bool,
    /// Run cargo-mutants over selectors, ranking, capacity and expressions
    #[arg(long, group = "part")]
    mutants: bool,
    /// Only breakages whose name or rules contain this text, or mutants whose name matches it as a regular expression
    #[arg(long, value_name = "TEXT", requires = "part", conflicts_with = "rules")]
    only: Option<String>,
    /// Leave out the first so many breakages, to go on after an interruption
    #[arg(long, value_name = "N", requires = "breakages", default_value_t = 0)]
    skip: usize,
    /// How long one program with tests of a broken engine may take before it is ended; more than the minute after which a
    /// test says that it is still running
    #[arg(
        long,
        value_name = "SECONDS",
        requires = "breakages",
        default_value_t = 180
    )]
    #[arg(value_parser = clap::value_parser!(u64).range(61..))]
    limit: u64,
    /// How many random commands
    #[arg(long, value_name = "N", default_value_t = 1_000_000)]
    commands: u64,
    /// Which random commands
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u32,
}

/// Runs the part that was asked for.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    if arguments.breakages {
        let limit = Duration::from_secs(arguments.limit);
        return breakages::run(arguments.only.as_deref(), arguments.skip, limit);
    }
    if arguments.mutants {
        return mutants::run(arguments.only.as_deref());
    }
    rules::check()?;
    breakages::check()?;
    if arguments.rules {
        return Ok(());
    }
    run_command(
        cargo()
            .args(["test", "--release", "--package", ENGINE, "--test", "it"])
            .args(["random_commands", "--", "--nocapture"])
            .env("ROUTER_PROOF_COMMANDS", arguments.commands.to_string())
            .env("ROUTER_PROOF_SEED", arguments.seed.to_string()),
    )
}
