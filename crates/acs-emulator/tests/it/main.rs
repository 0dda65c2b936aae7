//! The emulator over HTTP, driven by a plain client that signs its requests.
#![expect(
    clippy::unwrap_used,
    reason = "a helper that cannot do its part fails the test"
)]

mod caller;
mod chat;
mod classification;
mod clock;
mod control;
mod endpoint;
mod entra;
mod exceptions;
mod explain;
mod handshakes;
mod identity;
mod lists;
mod program;
mod requests;
mod routing;
mod storage_queues;
mod tls;
mod upserts;
mod user;
mod webhooks;
