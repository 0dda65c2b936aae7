//! The interpreter of the JavaScript scripts: node, with the packages of the lock file beside them.

use std::path::{Path, PathBuf};

use super::Round;
use crate::node;

pub(super) const ROUNDS: &[Round] = &[Round {
    name: "JavaScript over https",
    services: &["identity", "chat"],
    pins: "package-lock.json",
    tls: true,
}];

/// node, once the packages are installed.
pub(super) fn interpreter(folder: &Path) -> anyhow::Result<PathBuf> {
    node::require()?;
    node::install(folder)?;
    Ok(PathBuf::from("node"))
}
