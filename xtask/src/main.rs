//! Development tasks: `cargo xtask <verb>`.

mod codegen;
mod specs;

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
    /// Generate the raw REST crates from the OpenAPI documents
    Codegen(codegen::CodegenArguments),
}

fn main() -> anyhow::Result<()> {
    match Arguments::parse().verb {
        Verb::Specs(arguments) => specs::run(&arguments),
        Verb::Codegen(arguments) => codegen::run(&arguments),
    }
}
