//! Node.js and the packages that a lock file names.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, bail};

use crate::{lock, process};

/// Oldest major version of Node.js that all pinned packages run on.
const OLDEST: u32 = 20;

const HOW_TO_INSTALL: &str = "Node.js 20 or newer with npm is needed: \
                              install it from https://nodejs.org or with the package manager of your system";

/// Fails unless node is new enough and npm is there.
pub(crate) fn require() -> anyhow::Result<()> {
    let version = probe("node")?;
    probe(npm_program())?;
    match major_version(&version) {
        Some(major) if major >= OLDEST => Ok(()),
        _ => bail!("node is version {}. {HOW_TO_INSTALL}", version.trim()),
    }
}

/// Installs the packages that a folder's lock file names, unless those at hand were installed from the same lock.
pub(crate) fn install(folder: &Path) -> anyhow::Result<()> {
    let wanted = lock::digest(&folder.join("package-lock.json"))?;
    let stamp = folder.join("node_modules/.installed-from");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    let mut npm = Command::new(npm_program());
    npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
    process::run(npm.current_dir(folder))?;
    fs::write(&stamp, wanted).with_context(|| format!("cannot write {}", stamp.display()))
}

fn probe(program: &str) -> anyhow::Result<String> {
    let mut command = Command::new(program);
    process::capture(command.arg("--version"))
        .with_context(|| format!("{program} does not run. {HOW_TO_INSTALL}"))
}

/// The number before the first dot of a version such as `v20.1.0`.
fn major_version(version: &str) -> Option<u32> {
    let version = version.trim();
    let numbers = version.strip_prefix('v').unwrap_or(version);
    numbers.split('.').next()?.parse().ok()
}

fn npm_program() -> &'static str {
    if cfg!(windows) { "npm.cmd" } else { "npm" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn major_versions_are_read_from_the_output_of_node() {
        assert_eq!(major_version("v20.20.2\n"), Some(20));
        assert_eq!(major_version("9.1"), Some(9));
        assert_eq!(major_version("node"), None);
    }

    #[test]
    fn a_tool_that_is_not_installed_is_named_with_what_to_install() {
        let error = probe("no-such-program-anywhere").unwrap_err();
        let message = format!("{error:#}");
        assert!(
            message.contains("no-such-program-anywhere does not run"),
            "{message}"
        );
        assert!(message.contains("https://nodejs.org"), "{message}");
    }
}
