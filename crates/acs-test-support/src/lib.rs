//! Test support of this workspace: a stub of the services that checks every request completely.
//!
//! What the stub expects is written by hand from the fact tables under `specs/facts`, never read back from generated
//! code, so that a mistake of the generator cannot agree with itself.

mod exercised;
mod expectation;
mod jobrouter;
mod server;

pub use expectation::Expectation;
pub use jobrouter::EntityEndpoint;
pub use server::{ACCESS_KEY, AcsMockServer};
