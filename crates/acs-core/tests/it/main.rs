//! The pipeline against servers: what is sent, what is returned, when something goes wrong and when nothing does.

#![cfg(feature = "rustls")]

mod answers;
mod cancellation;
mod client;
mod faults;
mod paging;
mod raw_server;
mod redaction;
mod requests;
mod retries;
