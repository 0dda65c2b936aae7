//! `cargo xtask tidy`: the rules of this workspace that no compiler checks.
//!
//! Every finding names a place and what to do about it. The rules read the files that git tracks or would
//! track, and `cargo metadata`; nothing is built.

mod layers;
mod manifests;
mod paths;
mod public_surface;
mod rust_files;
mod text_files;

use std::fmt;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, bail};

use crate::metadata::Metadata;
use crate::process::{capture, workspace_root};

/// Options of `cargo xtask tidy`.
#[derive(clap::Args)]
pub(crate) struct Arguments {}

/// Checks every rule and fails when one is broken.
pub(crate) fn run(_: &Arguments) -> anyhow::Result<()> {
    let root = workspace_root();
    let files = read_files(&root)?;
    let metadata = Metadata::load()?;

    let mut findings = layers::check(&metadata)?;
    findings.extend(manifests::check(&metadata, &root)?);
    for file in &files {
        findings.extend(text_files::check(file));
        if file.is_rust() {
            findings.extend(rust_files::check(file));
            findings.extend(public_surface::check(file));
        }
    }

    for finding in &findings {
        println!("{finding}");
    }
    if !findings.is_empty() {
        bail!("tidy found {} problem(s)", findings.len());
    }
    println!("tidy: {} files, no problem", files.len());
    Ok(())
}

/// One broken rule.
#[derive(Debug, PartialEq)]
struct Finding {
    /// A path relative to the root, with a line where there is one.
    place: String,
    problem: String,
    fix: String,
}

impl Finding {
    fn new(place: impl Into<String>, problem: impl Into<String>, fix: impl Into<String>) -> Self {
        Self {
            place: place.into(),
            problem: problem.into(),
            fix: fix.into(),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}; {}", self.place, self.problem, self.fix)
    }
}

/// A text file of the repository.
struct SourceFile {
    /// Relative to the root, with forward slashes.
    path: String,
    text: String,
}

impl SourceFile {
    fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    fn is_markdown(&self) -> bool {
        self.path.ends_with(".md")
    }

    fn is_generated(&self) -> bool {
        self.path.contains("/generated/")
    }

    /// A finding at a line, counted from one.
    fn finding(&self, line: usize, problem: impl Into<String>, fix: impl Into<String>) -> Finding {
        Finding::new(format!("{}:{line}", self.path), problem, fix)
    }
}

/// Reads the text files that are tracked or would be; binary files and deleted ones are left out.
fn read_files(root: &Path) -> anyhow::Result<Vec<SourceFile>> {
    let list = capture(Command::new("git").current_dir(root).args([
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ]))?;
    let mut files = Vec::new();
    for path in list.split_terminator('\0') {
        let full = root.join(path);
        if !full.is_file() {
            continue;
        }
        let bytes = std::fs::read(&full).with_context(|| format!("cannot read {path}"))?;
        if let Some(text) = as_text(bytes) {
            files.push(SourceFile {
                path: path.to_owned(),
                text,
            });
        }
    }
    Ok(files)
}

fn as_text(bytes: Vec<u8>) -> Option<String> {
    if bytes.contains(&0) {
        return None;
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod testing {
    //! Makes small inputs for the tests of the rules.

    use super::{Finding, SourceFile};

    pub(super) fn file(path: &str, text: &str) -> SourceFile {
        SourceFile {
            path: path.to_owned(),
            text: text.to_owned(),
        }
    }

    /// What was found, one line each, as the user reads it.
    pub(super) fn lines(findings: &[Finding]) -> Vec<String> {
        findings.iter().map(ToString::to_string).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_with_a_nul_byte_or_broken_utf8_are_not_text() {
        assert_eq!(as_text(b"plain".to_vec()).as_deref(), Some("plain"));
        assert_eq!(as_text(b"a\0b".to_vec()), None);
        assert_eq!(as_text(vec![0xff, 0xfe]), None);
    }

    #[test]
    fn a_finding_reads_as_place_problem_and_fix() {
        let file = testing::file("src/lib.rs", "");
        assert_eq!(
            file.finding(3, "too long", "split it").to_string(),
            "src/lib.rs:3: too long; split it"
        );
    }
}
