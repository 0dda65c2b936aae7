//! Runnable examples of all crates: see the `examples` folder beside this file.
