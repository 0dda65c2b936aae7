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

use acs_core::{ConfigError, Result};

/// What awaiting a call gives.
pub type CallFuture<T> = Pin<Box<dyn Future<Output = Result<T>> + Send>>;

/// Refuses ids that cannot stand in a path: an empty one names the collection, and `.` and `..` are removed from paths
/// before they are sent, which would call something else.
fn check_id(name: &str, id: &str) -> Result<()> {
    match id {
        "" => Err(ConfigError::new(format!("the {name} is empty")).into()),
        "." | ".." => Err(ConfigError::new(format!(
            "the {name} {id:?} cannot be sent: paths give it a meaning of its own"
        ))
        .into()),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::check_id;

    #[test]
    fn ids_that_would_change_the_path_are_refused_by_name() {
        for id in ["", ".", ".."] {
            let error = check_id("job id", id).expect_err(id);
            assert!(error.to_string().contains("job id"), "{error}");
        }
        for id in ["a", "...", "a/b", "a b", "ä", "%2e"] {
            assert!(check_id("job id", id).is_ok(), "{id}");
        }
    }
}
