//! A copy of the workspace that may be changed.

use std::path::Path;
use std::process::Command;

use anyhow::Context as _;

use crate::process::{capture, workspace_root};

/// Copies what git knows or would add into a folder of its own; what was there before goes.
pub(crate) fn copy_workspace(copy: &Path) -> anyhow::Result<()> {
    let root = workspace_root();
    let files = [
        "ls-files",
        "--cached",
        "--others",
        "--exclude-standard",
        "-z",
    ];
    let files = capture(Command::new("git").args(files).current_dir(&root))?;
    if copy.exists() {
        std::fs::remove_dir_all(copy)
            .with_context(|| format!("cannot remove {}", copy.display()))?;
    }
    for file in files
        .split_terminator('\0')
        .filter(|file| root.join(file).is_file())
    {
        copy_file(&root.join(file), &copy.join(file))?;
    }
    Ok(())
}

fn copy_file(from: &Path, to: &Path) -> anyhow::Result<()> {
    if let Some(folder) = to.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::copy(from, to).with_context(|| format!("cannot copy {}", from.display()))?;
    Ok(())
}
