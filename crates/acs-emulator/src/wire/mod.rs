//! The typed HTTP pieces: what handlers read from a request and what they answer.

mod call;
mod failure;
mod list;
mod members;
mod query;
mod reply;

pub(crate) use call::{Call, origin};
pub(crate) use failure::Failure;
pub(crate) use list::ListCall;
pub(crate) use members::Members;
pub(crate) use query::Query;
pub(crate) use reply::Reply;
