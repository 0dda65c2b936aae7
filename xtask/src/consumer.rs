//! `cargo xtask consumer`: what a program outside the workspace pays for `acs-jobrouter` alone.
//!
//! The program lives in a temporary folder and depends on the crate by path, so nothing of the workspace
//! reaches it: no shared features, no dev-dependencies, no profile.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, bail, ensure};

use crate::metadata::{Metadata, crates_in_tree};
use crate::process::{cargo, run as run_command, workspace_root};

/// Most crates the tree may hold, the program itself counted.
const MOST_CRATES: usize = 125;

/// Most bytes the stripped program may have.
const MOST_BYTES: u64 = 6_500_000;

/// The platform whose tree is counted; others differ by their system libraries.
const PLATFORM: &str = "x86_64-unknown-linux-gnu";

/// Our crates that a user of the Job Router needs.
const EXPECTED: &[&str] = &[
    "acs-auth",
    "acs-core",
    "acs-core-jobrouter",
    "acs-jobrouter",
    "acs-types",
];

const PROGRAM: &str = r#"//! Gets one job and prints its status.

use acs_jobrouter::JobRouterClient;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(connection_string), Some(job)) = (arguments.next(), arguments.next()) else {
        return Err("arguments: <connection string> <job id>".into());
    };
    let client = JobRouterClient::from_connection_string(&connection_string)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let job = runtime.block_on(async { client.get_job(&job).await })?;
    println!("{:?}", job.status);
    Ok(())
}
"#;

/// Options of `cargo xtask consumer`.
#[derive(clap::Args)]
pub(crate) struct Arguments {}

/// Builds the program, prints its figures, and fails when one is over its limit.
pub(crate) fn run(_: &Arguments) -> anyhow::Result<()> {
    let root = workspace_root();
    let folder = tempfile::tempdir().context("cannot make a temporary folder")?;
    write_program(folder.path(), &root)?;

    let mut tree = cargo();
    tree.args(["tree", "--target", PLATFORM]);
    let crates = crates_in_tree(tree.current_dir(folder.path()))?;
    println!("consumer: {} crates, at most {MOST_CRATES}", crates.len());
    only_expected(&crates)?;
    ensure!(
        crates.len() <= MOST_CRATES,
        "the tree of a program that uses acs-jobrouter holds {} crates, more than {MOST_CRATES}; \
         see \"cargo tree -e normal -p acs-jobrouter\"",
        crates.len()
    );

    // Builds are kept between runs; the program itself is new each time.
    let target = Metadata::load()?.target_directory.join("consumer");
    run_command(
        cargo()
            .current_dir(folder.path())
            .args(["build", "--quiet", "--release"])
            .env("CARGO_TARGET_DIR", &target),
    )?;
    let program = target
        .join("release")
        .join(format!("consumer{}", std::env::consts::EXE_SUFFIX));
    let bytes = fs::metadata(&program)
        .with_context(|| format!("cannot find {}", program.display()))?
        .len();
    println!("consumer: {bytes} bytes, at most {MOST_BYTES}");
    ensure!(
        bytes <= MOST_BYTES,
        "a program that gets one job has {bytes} bytes stripped, more than {MOST_BYTES}"
    );
    Ok(())
}

fn write_program(folder: &Path, root: &Path) -> anyhow::Result<()> {
    fs::write(folder.join("Cargo.toml"), manifest(root)?)?;
    // The same versions as in the workspace; cargo drops what the program does not need.
    fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock"))
        .context("cannot copy Cargo.lock")?;
    fs::create_dir(folder.join("src"))?;
    fs::write(folder.join("src/main.rs"), PROGRAM)?;
    Ok(())
}

/// The runtime is named because a program must drive its own futures; the client brings the crate anyway.
fn manifest(root: &Path) -> anyhow::Result<String> {
    let client = root.join("crates").join("acs-jobrouter");
    let client = client
        .to_str()
        .with_context(|| format!("{} is not UTF-8", client.display()))?;
    let mut path = toml::Table::new();
    path.insert("path".to_owned(), client.into());
    Ok(format!(
        "[package]\nname = \"consumer\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
         [workspace]\n\n\
         [profile.release]\nlto = \"thin\"\nstrip = true\n\n\
         [dependencies.tokio]\nversion = \"1\"\ndefault-features = false\nfeatures = [\"rt\"]\n\n\
         [dependencies.acs-jobrouter]\n{path}"
    ))
}

fn only_expected(crates: &BTreeSet<String>) -> anyhow::Result<()> {
    let ours: BTreeSet<&str> = crates
        .iter()
        .filter_map(|line| line.split(' ').next())
        .filter(|name| name.starts_with("acs-"))
        .collect();
    let expected: BTreeSet<&str> = EXPECTED.iter().copied().collect();
    if ours != expected {
        bail!(
            "a program that uses acs-jobrouter should build {expected:?} of ours, but builds {ours:?}"
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_service_in_the_tree_is_refused() {
        let needed: BTreeSet<String> = EXPECTED
            .iter()
            .map(|name| format!("{name} v0.1.0"))
            .collect();
        assert!(only_expected(&needed).is_ok());

        let mut more = needed.clone();
        more.insert("acs-core-chat v0.1.0".to_owned());
        let error = only_expected(&more).unwrap_err().to_string();
        assert!(error.contains("acs-core-chat"), "{error}");
    }

    #[test]
    fn a_tree_without_the_client_is_refused() {
        assert!(only_expected(&BTreeSet::from(["consumer v0.0.0".to_owned()])).is_err());
    }

    #[test]
    fn the_manifest_quotes_the_path_of_the_client() {
        let text = manifest(Path::new("a folder/with \"quotes\"")).unwrap();
        let manifest: toml::Table = text.parse().unwrap();
        let path = manifest["dependencies"]["acs-jobrouter"]["path"]
            .as_str()
            .unwrap();
        assert!(path.starts_with("a folder/with \"quotes\""), "{path}");
    }
}
