//! Development tasks: `cargo xtask <verb>`.

mod bench;
mod catalogue;
mod choice;
mod ci;
mod codegen;
mod consumer;
mod contract;
mod coverage;
mod fuzz;
mod lock;
mod metadata;
mod node;
mod parity;
mod process;
mod proof;
mod specs;
mod tidy;
mod witness;
mod workspace_copy;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Development tasks of this workspace")]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Emit the OpenAPI documents from the TypeSpec sources (needs node)
    Specs(specs::SpecsArguments),
    /// Compare the OpenAPI documents with the table of facts about each service
    Parity,
    /// Generate the raw REST crates from the OpenAPI documents
    Codegen(codegen::CodegenArguments),
    /// Check the rules of this workspace that no compiler checks
    Tidy(tidy::Arguments),
    /// Build a program outside the workspace on acs-jobrouter alone and measure it
    Consumer(consumer::Arguments),
    /// Run the contract tests, and prove that they notice wrong names on the wire
    Contract(contract::Arguments),
    /// Compute how far each operation has come, and write the page about it
    Coverage(coverage::Arguments),
    /// Write the pages about the types of events
    Catalogue(catalogue::Arguments),
    /// Measure, in ratios to a comparator of the same run
    Bench(bench::Arguments),
    /// Prove the routing engine: a million random commands, a test for each rule, and tests that notice mistakes
    Proof(proof::Arguments),
    /// Feed the readers of events with whatever comes, a fixed number of times
    Fuzz(fuzz::Arguments),
    /// Drive the emulator with an official SDK in another language
    Witness(witness::Arguments),
    /// Run every gate in order
    Ci(ci::Arguments),
}

fn main() -> ExitCode {
    match run(Arguments::parse().verb) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(verb: Verb) -> anyhow::Result<()> {
    match verb {
        Verb::Specs(arguments) => specs::run(&arguments),
        Verb::Parity => parity::run(),
        Verb::Codegen(arguments) => codegen::run(&arguments),
        Verb::Tidy(arguments) => tidy::run(&arguments),
        Verb::Consumer(arguments) => consumer::run(&arguments),
        Verb::Contract(arguments) => contract::run(&arguments),
        Verb::Coverage(arguments) => coverage::run(&arguments),
        Verb::Catalogue(arguments) => catalogue::run(&arguments),
        Verb::Bench(arguments) => bench::run(&arguments),
        Verb::Proof(arguments) => proof::run(&arguments),
        Verb::Fuzz(arguments) => fuzz::run(&arguments),
        Verb::Witness(arguments) => witness::run(&arguments),
        Verb::Ci(arguments) => ci::run(&arguments),
    }
}
