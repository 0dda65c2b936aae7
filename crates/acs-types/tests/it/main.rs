//! Tests through the public interface.

#![allow(
    clippy::unwrap_used,
    reason = "clippy exempts test functions, not the functions they share"
)]

mod identifier_json;
mod identifier_vectors;
