#![doc = include_str!("../README.md")]

mod builder;
mod clock;
mod clock_handle;
mod connections;
mod control;
mod conversations;
mod entra;
mod events;
mod gate;
mod handlers;
mod outbound;
mod rate_limits;
mod routes;
mod rule_calls;
mod server;
mod service;
mod shell;
mod signature;
mod tls;
mod wire;

pub use builder::{Emulator, EmulatorBuilder, RunningEmulator, StartError, implemented_operations};
pub use clock::{Clock, ClockError, EventPattern};
pub use clock_handle::ClockHandle;
pub use events::{Event, EventData, EventKind, EventStream, StorageQueueError, WebhookError};
pub use tls::{TlsAuthority, TlsError};

pub use acs_chat_engine::EventKind as ChatEventKind;
pub use acs_router_engine::EventKind as RouterEventKind;

/// The key of an emulator that is given no other: the base64 form of `acs-rs emulator development key, not a secret`.
///
/// It is published on purpose, so that scripts need no setup. Never put it on anything that is worth protecting.
pub const DEVELOPMENT_ACCESS_KEY: &str =
    "YWNzLXJzIGVtdWxhdG9yIGRldmVsb3BtZW50IGtleSwgbm90IGEgc2VjcmV0";

/// The port the program listens on unless told otherwise.
pub const DEFAULT_PORT: u16 = 7777;
