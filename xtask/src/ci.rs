//! `cargo xtask ci`: every gate in order, as a contributor and continuous integration run them.
//!
//! Cheap steps come first. All steps share one target directory, and the steps that build whole crates share
//! one feature set, so nothing is built twice. The first failure ends the run.

use std::process::ExitStatus;
use std::time::{Duration, Instant};

use anyhow::bail;

use crate::process::{cargo, succeeds};

/// Options of `cargo xtask ci`.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Add the steps that need node or other tools, or more time
    #[arg(long)]
    full: bool,
}

/// One gate: a cargo command that must succeed.
struct Step {
    name: &'static str,
    /// What follows `cargo`, words separated by spaces.
    command: &'static str,
    environment: Option<(&'static str, &'static str)>,
    needs: &'static [Tool],
    only_in_full: bool,
}

const fn step(name: &'static str, command: &'static str) -> Step {
    Step {
        name,
        command,
        environment: None,
        needs: &[],
        only_in_full: false,
    }
}

impl Step {
    const fn needs(self, needs: &'static [Tool]) -> Self {
        Self { needs, ..self }
    }

    const fn with(self, variable: &'static str, value: &'static str) -> Self {
        let environment = Some((variable, value));
        Self {
            environment,
            ..self
        }
    }

    const fn only_in_full(self) -> Self {
        Self {
            only_in_full: true,
            ..self
        }
    }

    /// The command to repeat the step by hand.
    fn as_typed(&self) -> String {
        let command = format!("cargo {}", self.command);
        match self.environment {
            Some((variable, value)) => format!("{variable}=\"{value}\" {command}"),
            None => command,
        }
    }
}

/// A program that a step cannot do without.
#[derive(PartialEq)]
struct Tool {
    name: &'static str,
    /// Program and arguments that succeed where the tool is there.
    probe: (&'static str, &'static [&'static str]),
    install: &'static str,
}

const RUSTFMT: Tool = Tool {
    name: "rustfmt",
    probe: ("cargo", &["fmt", "--version"]),
    install: "rustup component add rustfmt",
};
const CLIPPY: Tool = Tool {
    name: "clippy",
    probe: ("cargo", &["clippy", "--version"]),
    install: "rustup component add clippy",
};
const GIT: Tool = Tool {
    name: "git",
    probe: ("git", &["--version"]),
    install: "see https://git-scm.com",
};
const NODE: Tool = Tool {
    name: "node",
    probe: ("node", &["--version"]),
    install: "see https://nodejs.org, version 20 or newer",
};
const NPM: Tool = Tool {
    name: "npm",
    probe: ("npm", &["--version"]),
    install: "it comes with node",
};
const PYTHON: Tool = Tool {
    name: "python3 with venv",
    probe: (
        if cfg!(windows) { "python" } else { "python3" },
        &["-c", "import ensurepip, venv"],
    ),
    install: "see https://www.python.org, version 3.10 or newer",
};
const CARGO_DENY: Tool = Tool {
    name: "cargo-deny",
    probe: ("cargo", &["deny", "--version"]),
    install: "cargo install --locked --debug cargo-deny",
};
/// libFuzzer is built from its source.
const CPP: Tool = Tool {
    name: "C++ compiler",
    probe: (
        if cfg!(windows) { "cl" } else { "c++" },
        if cfg!(windows) { &[] } else { &["--version"] },
    ),
    install: "apt-get install g++, or what your system calls it",
};
/// Only on Linux; elsewhere the operating system brings the library.
const OPENSSL: Tool = Tool {
    name: "OpenSSL headers",
    probe: if cfg!(target_os = "linux") {
        ("pkg-config", &["--exists", "openssl"])
    } else {
        ("cargo", &["--version"])
    },
    install: "apt-get install libssl-dev pkg-config, or what your system calls them",
};

/// What would have examples or scenarios talk to a real resource, which gates never do, whatever the terminal is set up for.
const REAL_RESOURCES: [&str; 5] = [
    "ACS_CONNECTION_STRING",
    "ACS_LIVE_CONNECTION_STRING",
    "AZURE_COMMUNICATION_SERVICE_ENDPOINT",
    "AZURE_STORAGE_CONNECTION_STRING",
    "COMMUNICATION_SAMPLES_CONNECTION_STRING",
];

/// All gates, in the order they run.
const STEPS: &[Step] = &[
    step("fmt", "fmt --all --check").needs(&[RUSTFMT]),
    step("tidy", "xtask tidy").needs(&[GIT]),
    step("parity", "xtask parity"),
    step("codegen --check", "xtask codegen --check"),
    step("catalogue --check", "xtask catalogue --check"),
    step("specs --check", "xtask specs --check")
        .needs(&[NODE, NPM])
        .only_in_full(),
    step("deny", "deny --workspace check bans licenses sources")
        .needs(&[CARGO_DENY])
        .only_in_full(),
    step(
        "clippy",
        "clippy --workspace --all-targets -- --deny warnings",
    )
    .needs(&[CLIPPY]),
    step(
        "clippy, no TLS",
        "clippy -p acs-core -p acs-chat -p acs-identity -p acs-jobrouter --no-default-features -- --deny warnings",
    )
    .needs(&[CLIPPY]),
    step(
        "clippy, rustls-no-provider",
        "clippy -p acs-core -p acs-chat -p acs-events -p acs-identity -p acs-jobrouter --no-default-features \
         --features rustls-no-provider -- --deny warnings",
    )
    .needs(&[CLIPPY]),
    step(
        "clippy, native-tls",
        "clippy -p acs-core -p acs-chat -p acs-events -p acs-identity -p acs-jobrouter --no-default-features \
         --features native-tls -- --deny warnings",
    )
    .needs(&[CLIPPY, OPENSSL])
    .only_in_full(),
    step(
        "clippy, azure-core",
        "clippy -p acs-auth --features azure-core --all-targets -- --deny warnings",
    )
    .needs(&[CLIPPY])
    .only_in_full(),
    step(
        "clippy, webhooks",
        "clippy -p acs-events --features axum,entra,send --all-targets -- --deny warnings",
    )
    .needs(&[CLIPPY])
    .only_in_full(),
    step("test", "test --workspace"),
    step("proof --rules", "xtask proof --rules"),
    step("coverage --check", "xtask coverage --check"),
    step(
        "test, rustls-no-provider",
        "test -p acs-core --no-default-features --features rustls-no-provider --lib --tests",
    )
    .only_in_full(),
    step("test, azure-core", "test -p acs-auth --features azure-core").only_in_full(),
    step(
        "clippy, Azurite",
        "clippy -p acs-events-queue -p acs-examples --features _internal-azurite --all-targets -- --deny warnings",
    )
    .needs(&[CLIPPY])
    .only_in_full(),
    step(
        "test, Azurite",
        "test -p acs-events-queue --features _internal-azurite",
    )
    .needs(&[NODE, NPM])
    .only_in_full(),
    step(
        "test, Azurite with the emulator",
        "test -p acs-examples --features _internal-azurite",
    )
    .needs(&[NODE, NPM])
    .only_in_full(),
    step("test, webhooks", "test -p acs-events --features axum,entra,send").only_in_full(),
    step("fuzz", "xtask fuzz").needs(&[CPP]).only_in_full(),
    step("contract --mutate", "xtask contract --mutate --sample 6").only_in_full(),
    // Examples bring the features of dev-dependencies, so that doc reads what clippy has built.
    step(
        "doc",
        "doc --workspace --no-deps --lib --bin xtask --examples",
    )
    .with("RUSTDOCFLAGS", "--deny warnings"),
    step("quickstart", "run --example quickstart").only_in_full(),
    step("witness python", "xtask witness python")
        .needs(&[PYTHON])
        .only_in_full(),
    step("witness javascript", "xtask witness javascript")
        .needs(&[NODE, NPM])
        .only_in_full(),
    step(
        "package",
        "package --workspace --exclude acs-contract-tests --exclude acs-examples --exclude acs-test-support \
         --exclude xtask --allow-dirty",
    )
    .only_in_full(),
    step("consumer", "xtask consumer").only_in_full(),
];

/// A step that ran, and how long it took.
struct Done {
    name: &'static str,
    took: Duration,
    passed: bool,
}

/// Runs the steps and fails at the first that does.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let (chosen, left_out): (Vec<&Step>, Vec<&Step>) = STEPS
        .iter()
        .partition(|step| arguments.full || !step.only_in_full);
    let missing = missing_tools(&chosen, |tool| succeeds(tool.probe.0, tool.probe.1));
    if !missing.is_empty() {
        bail!("tools are missing:\n{}", missing.join("\n"));
    }

    let mut done = Vec::new();
    for step in chosen {
        let status = run_step(step, &mut done)?;
        if !status.success() {
            println!("{}", summary(&done));
            bail!(
                "{} ended with {status}; repeat it with: {}",
                step.name,
                step.as_typed()
            );
        }
    }
    println!("{}", summary(&done));
    if !left_out.is_empty() {
        let names: Vec<_> = left_out.iter().map(|step| step.name).collect();
        println!("only with --full: {}", names.join(", "));
    }
    Ok(())
}

fn run_step(step: &Step, done: &mut Vec<Done>) -> anyhow::Result<ExitStatus> {
    println!("\n==> {}: {}", step.name, step.as_typed());
    let start = Instant::now();
    let mut command = cargo();
    command
        .args(step.command.split_whitespace())
        .envs(step.environment);
    for name in REAL_RESOURCES {
        command.env_remove(name);
    }
    let status = command.status()?;
    let took = start.elapsed();
    println!("<== {}: {:.1} s", step.name, took.as_secs_f64());
    done.push(Done {
        name: step.name,
        took,
        passed: status.success(),
    });
    Ok(status)
}

/// One line for each tool that is not there: what needs it and how to get it.
fn missing_tools(steps: &[&Step], is_there: impl Fn(&Tool) -> bool) -> Vec<String> {
    let mut tools: Vec<&Tool> = Vec::new();
    for tool in steps.iter().flat_map(|step| step.needs) {
        if !tools.contains(&tool) {
            tools.push(tool);
        }
    }
    tools
        .into_iter()
        .filter(|tool| !is_there(tool))
        .map(|tool| {
            let users: Vec<_> = steps
                .iter()
                .filter(|step| step.needs.contains(tool))
                .map(|step| step.name)
                .collect();
            format!(
                "  {} (for {}): {}",
                tool.name,
                users.join("; "),
                tool.install
            )
        })
        .collect()
}

fn summary(done: &[Done]) -> String {
    let total: Duration = done.iter().map(|step| step.took).sum();
    let mut lines = vec![String::new()];
    for step in done {
        let result = if step.passed { "ok" } else { "FAILED" };
        lines.push(row(step.name, step.took, result));
    }
    lines.push(row("total", total, ""));
    lines.join("\n")
}

fn row(name: &str, took: Duration, result: &str) -> String {
    format!("{name:<28}{:>8.1} s  {result}", took.as_secs_f64())
        .trim_end()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_tool_is_named_once_with_its_steps_and_its_installation() {
        let steps: Vec<&Step> = STEPS.iter().collect();
        let missing = missing_tools(&steps, |tool| tool.name != "clippy");
        assert_eq!(missing.len(), 1, "{missing:?}");
        assert!(
            missing[0].contains("clippy (for clippy; clippy, no TLS"),
            "{missing:?}"
        );
        assert!(
            missing[0].contains("rustup component add clippy"),
            "{missing:?}"
        );
    }

    #[test]
    fn the_short_run_needs_rust_and_git_only() {
        let short: Vec<&Step> = STEPS.iter().filter(|step| !step.only_in_full).collect();
        let needed = missing_tools(&short, |_| false).join("\n");
        for tool in ["node", "npm", "python3", "cargo-deny", "OpenSSL", "C++"] {
            assert!(!needed.contains(tool), "{needed}");
        }
    }

    #[test]
    fn a_step_can_be_repeated_by_hand() {
        let doc = STEPS.iter().find(|step| step.name == "doc").unwrap();
        assert_eq!(
            doc.as_typed(),
            "RUSTDOCFLAGS=\"--deny warnings\" \
             cargo doc --workspace --no-deps --lib --bin xtask --examples"
        );
    }

    #[test]
    fn the_summary_lists_steps_and_the_total() {
        let step = |name, millis, passed| Done {
            name,
            took: Duration::from_millis(millis),
            passed,
        };
        assert_eq!(
            summary(&[step("fmt", 1_200, true), step("test", 60_040, false)]),
            "\nfmt                              1.2 s  ok\
             \ntest                            60.0 s  FAILED\
             \ntotal                           61.2 s"
        );
    }
}
