//! Tests against Azurite, the storage emulator: what is deleted, what appears again, and what is moved.
//!
//! They need Node.js and npm, so they run only with the feature `_internal-azurite`. The first run installs Azurite under `target`.

mod access;
mod azurite;
mod gate;
mod killing;
mod poison;
mod receiving;
mod running;
