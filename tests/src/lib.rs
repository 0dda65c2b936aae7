//! Tests across crates; there is nothing here to use.
//!
//! - `contract/`: what each typed call sends and what it makes of each answer, against a stub.
//! - `scenarios/`: whole stories, written once and run against a target: the emulator, or a live resource when asked.
