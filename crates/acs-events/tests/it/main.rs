//! Tests of reading and writing events, of the webhook, of the generated payloads and of the table of event types.

mod arbitrary;
mod bodies;
mod catalogue;
mod envelopes;
mod event_types;
#[rustfmt::skip]
mod generated;
mod payloads;
mod publishing;
mod samples;
#[cfg(all(feature = "axum", feature = "send"))]
mod sending;
mod templates;
mod webhook;
#[cfg(feature = "axum")]
mod webhook_axum;
#[cfg(feature = "entra")]
mod webhook_token;
