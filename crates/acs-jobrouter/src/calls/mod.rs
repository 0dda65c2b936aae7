//! The calls: values that hold what to send, have a setter for each option, and are awaited.

mod assignments;
mod delete;
mod entity;
mod get;
mod job_actions;
mod jobs;
mod list;
mod offers;
mod statistics;
mod update;
mod upsert;
mod wait;
mod workers;

pub use assignments::{CloseJob, CompleteJob, UnassignJob};
pub use delete::Delete;
pub use entity::{Entity, Listed, Readable};
pub use get::{Get, GetOpt};
pub use job_actions::{CancelJob, ReclassifyJob};
pub use jobs::ListJobs;
pub use list::List;
pub use offers::{AcceptOffer, DeclineOffer};
pub use statistics::ListQueueStatistics;
pub use update::RetryOnConflict;
pub use upsert::Upsert;
pub use wait::{WaitForJobStatus, WaitForOffer};
pub use workers::ListWorkers;

use std::pin::Pin;

use acs_core::{Result, check_id};

/// What awaiting a call gives.
pub type CallFuture<T> = Pin<Box<dyn Future<Output = Result<T>> + Send>>;
