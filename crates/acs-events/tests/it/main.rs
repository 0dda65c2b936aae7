//! Tests of the generated payloads and the table of event types.

mod event_types;
#[rustfmt::skip]
mod generated;
mod payloads;
