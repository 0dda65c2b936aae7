//! Tests through the public interface.

#![allow(
    clippy::unwrap_used,
    reason = "clippy exempts test functions, not the functions they share"
)]

#[cfg(feature = "azure-core")]
mod azure_credential;
mod support;
mod token_cache;
mod token_exchange;
mod user_token;
mod user_token_faults;
mod vectors;
mod verification;
