//! The emulator as a program.

use std::io::{self, Write as _};
use std::net::{IpAddr, Ipv4Addr};
use std::process::ExitCode;

use acs_emulator::{Clock, DEFAULT_PORT, DEVELOPMENT_ACCESS_KEY, Emulator, RunningEmulator};
use acs_types::Timestamp;
use anyhow::Context as _;
use clap::{Args, Parser, Subcommand};
use tracing_subscriber::EnvFilter;

/// A local Job Router of Azure Communication Services, in memory.
///
/// Prints one line on stdout once it answers:
///
///   ACS_CONNECTION_STRING=endpoint=http://127.0.0.1:7777/;accesskey=...
///
/// Everything else goes to stderr. Ctrl-C or SIGTERM stops it.
#[derive(Parser)]
#[command(
    name = "acs-emulator",
    version,
    args_conflicts_with_subcommands = true,
    verbatim_doc_comment
)]
struct Program {
    #[command(subcommand)]
    verb: Option<Verb>,
    #[command(flatten)]
    start: StartOptions,
}

#[derive(Subcommand)]
enum Verb {
    /// Start answering requests (also what happens without a verb)
    Start(StartOptions),
}

#[derive(Args)]
struct StartOptions {
    /// Port to listen on; 0 takes a free one
    #[arg(long, default_value_t = DEFAULT_PORT)]
    port: u16,
    /// Address to listen on
    #[arg(long, default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    host: IpAddr,
    /// Key that clients sign with, in base64; without it a published development key
    #[arg(
        long,
        env = "ACS_EMULATOR_ACCESS_KEY",
        hide_env_values = true,
        value_name = "BASE64"
    )]
    access_key: Option<String>,
    /// Seed of the ids that the service makes; the same seed and requests give the same ids
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Where routing time comes from: `system` runs with the computer, `paused` stands still at the present moment, an
    /// instant such as 2026-01-31T09:00:00Z stands still there; /_emulator/clock moves it
    #[arg(long, default_value = "system", value_name = "TIME", value_parser = clock)]
    clock: Clock,
    /// An http address that gets every event as Event Grid would send it; may be given several times
    #[arg(long = "webhook", value_name = "URL")]
    webhooks: Vec<String>,
    /// Refuse with 429 what goes beyond the rate limits of chat and identity
    #[arg(long)]
    rate_limits: bool,
    /// What to log on stderr: error, warn, info, debug, trace, or a filter such as `acs_emulator=debug`
    #[arg(
        long,
        env = "ACS_EMULATOR_LOG",
        default_value = "warn",
        value_name = "FILTER"
    )]
    log: EnvFilter,
}

#[tokio::main]
async fn main() -> ExitCode {
    let program = Program::parse();
    let options = match program.verb {
        Some(Verb::Start(options)) => options,
        None => program.start,
    };
    match run(options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(options: StartOptions) -> anyhow::Result<()> {
    tracing_subscriber::fmt()
        .with_env_filter(options.log)
        .with_writer(io::stderr)
        .init();
    // Listened for from the start, so that a signal sent right after the ready line is not lost.
    let stop = stop_signal()?;
    if !options.host.is_loopback() {
        eprintln!(
            "warning: {} can be reached from other machines; there is no TLS, and whoever knows the key is let in",
            options.host
        );
    }
    let key = options
        .access_key
        .unwrap_or_else(|| DEVELOPMENT_ACCESS_KEY.to_owned());
    let mut builder = Emulator::builder()
        .host(options.host)
        .port(options.port)
        .access_key(key)
        .seed(options.seed)
        .clock(options.clock)
        .rate_limits(options.rate_limits);
    for url in options.webhooks {
        builder = builder.webhook(url);
    }
    let emulator = builder.start().await?;
    announce(&emulator).context("cannot write the ready line to stdout")?;
    stop.await;
    eprintln!("stopping");
    emulator.shutdown().await;
    Ok(())
}

fn clock(text: &str) -> Result<Clock, String> {
    match text {
        "system" => Ok(Clock::System),
        "paused" => Ok(Clock::stopped_now()),
        instant => Timestamp::parse(instant)
            .map(Clock::Manual)
            .map_err(|error| format!("neither `system` nor `paused` nor an instant: {error}")),
    }
}

fn announce(emulator: &RunningEmulator) -> io::Result<()> {
    eprintln!(
        "The Job Router answers on {}. Ctrl-C stops it.",
        emulator.endpoint()
    );
    let mut stdout = io::stdout().lock();
    writeln!(
        stdout,
        "ACS_CONNECTION_STRING={}",
        emulator.connection_string()
    )?;
    stdout.flush()
}

#[cfg(unix)]
fn stop_signal() -> anyhow::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let listen = |kind| signal(kind).context("cannot listen for signals");
    let (mut interrupt, mut terminate) = (
        listen(SignalKind::interrupt())?,
        listen(SignalKind::terminate())?,
    );
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

#[cfg(not(unix))]
fn stop_signal() -> anyhow::Result<impl Future<Output = ()>> {
    Ok(async {
        if let Err(error) = tokio::signal::ctrl_c().await {
            eprintln!("cannot listen for Ctrl-C: {error}");
            std::future::pending::<()>().await;
        }
    })
}
