//! Test support of this workspace: a stub of the services that checks every request completely, a server that
//! misbehaves on purpose, and Azurite.
//!
//! What the stub expects is written by hand from the fact tables under `specs/facts`, never read back from generated
//! code, so that a mistake of the generator cannot agree with itself.

mod azurite;
mod exercised;
mod expectation;
mod jobrouter;
mod raw_server;
mod round_trips;
mod server;
mod signature;

pub use azurite::Azurite;
pub use exercised::path_fits;
pub use expectation::Expectation;
pub use jobrouter::EntityEndpoint;
pub use raw_server::{RawRequest, RawServer, Reaction};
pub use round_trips::{Model, check_carried, check_round_trips, json_difference};
pub use server::{ACCESS_KEY, AcsMockServer, USER_TOKEN};
