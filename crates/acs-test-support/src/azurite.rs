//! Azurite, the storage emulator of Azure, as a child process on a free port, with nothing left behind.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// The newest version when this was written. Without a version npm takes an older one for an older Node.js.
const VERSION: &str = "3.37.0";

/// The published key of the only account.
const KEY: &str =
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

/// A running queue service, empty at first and in memory. It ends when dropped.
#[derive(Debug)]
pub struct Azurite {
    process: Child,
    connection_string: String,
}

impl Azurite {
    /// Installs Azurite in a folder below `folder`, unless it is there, and starts its queue service. A test gives
    /// `env!("CARGO_TARGET_TMPDIR")`.
    ///
    /// # Panics
    ///
    /// When Node.js or npm is missing, or Azurite does not start.
    #[must_use]
    pub fn start(folder: &Path) -> Self {
        let mut process = Command::new("node")
            .arg(installed(folder))
            .args(["--queueHost", "127.0.0.1", "--queuePort", "0"])
            .args(["--inMemoryPersistence", "--disableTelemetry"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("Node.js 20 or newer");
        let mut output = BufReader::new(process.stdout.take().expect("piped"));
        let endpoint = loop {
            let mut line = String::new();
            let length = output.read_line(&mut line).expect("text");
            assert!(length > 0, "Azurite ended before it listened");
            if let Some((_, endpoint)) = line.trim_end().split_once("successfully listens on ") {
                break endpoint.to_owned();
            }
        };
        // It logs every request, and stops when nobody reads.
        std::thread::spawn(move || std::io::copy(&mut output, &mut std::io::sink()));
        let connection_string = format!(
            "AccountName=devstoreaccount1;AccountKey={KEY};QueueEndpoint={endpoint}/devstoreaccount1"
        );
        Self {
            process,
            connection_string,
        }
    }

    /// What clients connect with.
    #[must_use]
    pub fn connection_string(&self) -> &str {
        &self.connection_string
    }
}

impl Drop for Azurite {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// The program of the queue service.
fn installed(folder: &Path) -> PathBuf {
    let folder = folder.join(format!("azurite-{VERSION}"));
    let program = folder.join("node_modules/azurite/dist/src/queue/main.js");
    if !program.exists() {
        std::fs::create_dir_all(&folder).expect("a folder");
        let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
        let done = Command::new(npm)
            .args(["install", "--no-audit", "--no-fund", "--ignore-scripts"])
            .args(["--loglevel", "error", "--prefix"])
            .arg(&folder)
            .arg(format!("azurite@{VERSION}"))
            .status()
            .expect("npm");
        assert!(done.success(), "npm could not install Azurite");
    }
    program
}
