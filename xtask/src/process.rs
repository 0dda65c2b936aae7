//! Child processes: the cargo that started this program, and the tools it may find beside it.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, bail};

/// The root folder of the workspace.
pub(crate) fn workspace_root() -> PathBuf {
    let manifest_folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest_folder
        .parent()
        .map_or_else(|| manifest_folder.to_path_buf(), Path::to_path_buf)
}

/// The cargo that started this program, so that one toolchain does everything.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(cargo_program());
    command.current_dir(workspace_root());
    command
}

/// The program that [`cargo`] runs.
pub(crate) fn cargo_program() -> OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// Runs a command and gives what it wrote to standard output; its errors go to the terminal.
pub(crate) fn capture(command: &mut Command) -> anyhow::Result<String> {
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("cannot start {}", describe(command)))?;
    if !output.status.success() {
        bail!("{} ended with {}", describe(command), output.status);
    }
    String::from_utf8(output.stdout)
        .with_context(|| format!("{} wrote text that is not UTF-8", describe(command)))
}

/// Runs a command whose output goes to the terminal.
pub(crate) fn run(command: &mut Command) -> anyhow::Result<()> {
    let status = command
        .status()
        .with_context(|| format!("cannot start {}", describe(command)))?;
    if !status.success() {
        bail!("{} ended with {status}", describe(command));
    }
    Ok(())
}

/// Whether a probe such as `node --version` starts and succeeds.
pub(crate) fn succeeds(program: &str, arguments: &[&str]) -> bool {
    let mut probe = if program == "cargo" {
        cargo()
    } else {
        Command::new(program)
    };
    probe
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// A command as one would type it.
fn describe(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let name = program.file_name().unwrap_or(program.as_os_str());
    let mut words = vec![name.to_string_lossy()];
    words.extend(command.get_args().map(|word| word.to_string_lossy()));
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_described_as_one_would_type_it() {
        let mut command = Command::new("some/folder/cargo");
        assert_eq!(
            describe(command.args(["deny", "check"])),
            "cargo deny check"
        );
    }

    #[test]
    fn a_program_that_cannot_start_is_named() {
        let error = run(Command::new("no-such-program-anywhere").arg("--now")).unwrap_err();
        assert_eq!(
            error.to_string(),
            "cannot start no-such-program-anywhere --now"
        );
    }

    #[test]
    fn a_program_that_does_not_exist_does_not_succeed() {
        assert!(!succeeds("no-such-program-anywhere", &[]));
        assert!(succeeds("cargo", &["--version"]));
    }
}
