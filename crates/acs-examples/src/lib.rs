//! Runnable examples of all crates: see the `examples` folder beside this file.

/// Compiles the code of the repository's README.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
