//! The interpreter of the Python scripts: a virtual environment below the target folder.
//!
//! What it holds is pinned with hashes: `requirements.txt` names all but the chat package, `chat-<release>.txt` that one.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context;

use super::Round;
use crate::process::run;

/// The Job Router's package speaks http if it is told to; chat insists on https.
pub(super) const ROUNDS: &[Round] = &[
    Round {
        name: "Python over http",
        services: &["router"],
        pins: "chat-1.3.0.txt",
        tls: false,
    },
    Round {
        name: "Python over https, chat 1.3.0",
        services: &["router", "identity", "chat"],
        pins: "chat-1.3.0.txt",
        tls: true,
    },
    Round {
        name: "Python over https, chat 1.2.0",
        services: &["chat"],
        pins: "chat-1.2.0.txt",
        tls: true,
    },
];

/// The interpreter of an environment that holds what the files pin; made anew when they change.
pub(crate) fn interpreter(requirements: &[PathBuf], environment: &Path) -> anyhow::Result<PathBuf> {
    let mut wanted = String::new();
    for file in requirements {
        wanted +=
            &fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    }
    let python = if cfg!(windows) {
        environment.join("Scripts").join("python.exe")
    } else {
        environment.join("bin").join("python")
    };
    // Written last, so that an installation that broke off does not count.
    let installed = environment.join("requirements.txt");
    if fs::read_to_string(&installed).is_ok_and(|installed| installed == wanted) {
        return Ok(python);
    }
    println!(
        "installing the Python packages of {}",
        environment.display()
    );
    let system = if cfg!(windows) { "python" } else { "python3" };
    run(Command::new(system)
        .args(["-m", "venv", "--clear"])
        .arg(environment))?;
    let mut pip = Command::new(&python);
    pip.args(["-m", "pip", "install", "--quiet", "--require-hashes"])
        .arg("--disable-pip-version-check");
    for file in requirements {
        pip.arg("--requirement").arg(file);
    }
    run(&mut pip)?;
    fs::write(&installed, wanted)
        .with_context(|| format!("cannot write {}", installed.display()))?;
    Ok(python)
}
