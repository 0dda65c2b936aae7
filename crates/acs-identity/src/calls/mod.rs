//! The calls with options: values that hold what to send, have a setter for each option, and are awaited.

mod assignments;
mod tokens;

pub(crate) use assignments::Place;
pub use assignments::UpsertTeamsExtensionAssignment;
pub use tokens::{CreateUserWithToken, IssueToken};
