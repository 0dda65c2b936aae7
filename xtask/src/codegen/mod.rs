//! `cargo xtask codegen`.
#[derive(clap::Args)]
pub(crate) struct CodegenArguments {}
pub(crate) fn run(_: &CodegenArguments) -> anyhow::Result<()> { anyhow::bail!("not there yet") }
