//! `cargo xtask specs`.
#[derive(clap::Args)]
pub(crate) struct SpecsArguments {}
pub(crate) fn run(_: &SpecsArguments) -> anyhow::Result<()> { anyhow::bail!("not there yet") }
