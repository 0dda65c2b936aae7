//! Tests of reading and writing events, of the generated payloads and of the table of event types.

mod bodies;
mod envelopes;
mod event_types;
#[rustfmt::skip]
mod generated;
mod payloads;
mod samples;
