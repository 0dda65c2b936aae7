//! The emulator as a program.

use std::io::{self, Write as _};
use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::process::ExitCode;

use acs_emulator::{
    Clock, DEFAULT_PORT, DEVELOPMENT_ACCESS_KEY, Emulator, RunningEmulator, TlsAuthority,
};
use acs_types::Timestamp;
use anyhow::Context as _;
use clap::{Args, Parser, Subcommand};
use tracing_subscriber::EnvFilter;

/// Job Router, Chat and Identity of Azure Communication Services on this machine, in memory.
///
/// Prints two lines on stdout once it answers, on one port:
///
///   ACS_CONNECTION_STRING=endpoint=http://127.0.0.1:7777/;accesskey=...
///   ACS_CONNECTION_STRING_TLS=endpoint=https://127.0.0.1:7777/;accesskey=...
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
    Start(Box<StartOptions>),
    /// Print the variables that let programs trust its TLS certificate
    Env(Folder),
}

#[derive(Args)]
struct Folder {
    /// Folder for what is kept between starts, which is the authority that TLS clients trust; without it one of the
    /// user's own
    #[arg(long, env = "ACS_EMULATOR_DATA_DIR", value_name = "FOLDER")]
    data_dir: Option<PathBuf>,
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
    /// An http or https address that gets every event as Event Grid would send it, after a handshake; may be given several
    /// times
    #[arg(long = "webhook", value_name = "URL")]
    webhooks: Vec<String>,
    /// The same for an address that does not answer handshakes
    #[arg(long = "webhook-without-handshake", value_name = "URL")]
    webhooks_without_handshake: Vec<String>,
    /// A queue of a storage account, or of Azurite, that gets every event; may be given several times
    #[arg(
        long = "storage-queue",
        env = "ACS_EMULATOR_STORAGE_QUEUE",
        hide_env_values = true,
        value_name = "CONNECTION_STRING=QUEUE"
    )]
    storage_queues: Vec<String>,
    /// Refuse with 429 what goes beyond the rate limits of chat and identity
    #[arg(long)]
    rate_limits: bool,
    #[command(flatten)]
    folder: Folder,
    /// Answer plain HTTP only, and keep nothing on disk
    #[arg(long, conflicts_with = "data_dir")]
    no_tls: bool,
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
    let done = match program.verb {
        Some(Verb::Start(options)) => run(*options).await,
        None => run(program.start).await,
        Some(Verb::Env(folder)) => print_environment(&folder),
    };
    match done {
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
            "warning: {} can be reached from other machines; whoever knows the key is let in",
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
    for url in options.webhooks_without_handshake {
        builder = builder.webhook_without_handshake(url);
    }
    for option in options.storage_queues {
        // The connection string has `=` itself, the name of the queue has none.
        let (connection_string, queue) = option.rsplit_once('=').unwrap_or((&option, ""));
        builder = builder.storage_queue(connection_string, queue);
    }
    if !options.no_tls {
        let authority = options.folder.authority()?;
        announce_trust(&authority);
        builder = builder.tls(authority);
    }
    let emulator = builder.start().await?;
    announce(&emulator).context("cannot write the ready lines to stdout")?;
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

impl Folder {
    fn authority(&self) -> anyhow::Result<TlsAuthority> {
        let folder = match &self.data_dir {
            Some(folder) => folder.clone(),
            None => user_folder()?,
        };
        // Programs that are told of it may run in other folders.
        let folder = std::path::absolute(folder).context("cannot tell the current folder")?;
        TlsAuthority::in_folder(folder)
            .context("no TLS (--data-dir names another folder, --no-tls does without)")
    }
}

/// Where this user's programs keep their data.
fn user_folder() -> anyhow::Result<PathBuf> {
    let from = |variable: &str| {
        let path = std::env::var_os(variable).map(PathBuf::from);
        path.filter(|path| path.is_absolute())
    };
    let base = if cfg!(windows) {
        from("LOCALAPPDATA")
    } else if cfg!(target_os = "macos") {
        from("HOME").map(|home| home.join("Library/Application Support"))
    } else {
        from("XDG_DATA_HOME").or_else(|| from("HOME").map(|home| home.join(".local/share")))
    };
    let base = base.context(
        "the user's data folder is not known; name one with --data-dir, or do without TLS by --no-tls",
    )?;
    Ok(base.join("acs-emulator"))
}

/// The variables by which OpenSSL and Rust, Python's requests, and Node.js are told what else to trust.
const TRUST: [&str; 3] = ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"];

fn print_environment(folder: &Folder) -> anyhow::Result<()> {
    let authority = folder.authority()?;
    let mut lines = String::new();
    for variable in TRUST {
        lines.push_str(&format!(
            "{variable}={}\n",
            authority.certificate().display()
        ));
    }
    print(&lines).context("cannot write to stdout")
}

fn announce_trust(authority: &TlsAuthority) {
    eprintln!("Programs that use TLS need one of these variables:");
    for variable in TRUST {
        eprintln!("  {variable}={}", authority.certificate().display());
    }
}

fn announce(emulator: &RunningEmulator) -> io::Result<()> {
    eprintln!(
        "The Job Router answers on {}. Ctrl-C stops it.",
        emulator.endpoint()
    );
    let plain = emulator.connection_string();
    let mut lines = format!("ACS_CONNECTION_STRING={plain}\n");
    if let Some(tls) = emulator.tls_connection_string() {
        lines.push_str(&format!("ACS_CONNECTION_STRING_TLS={tls}\n"));
    }
    print(&lines)
}

/// Writes all lines at once, so that whoever waits for the first one has them all.
fn print(lines: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(lines.as_bytes())?;
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
