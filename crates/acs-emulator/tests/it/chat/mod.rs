//! Chat over HTTP.

mod events;
mod lists;
mod messages;
mod participants;
mod refusals;
mod threads;
