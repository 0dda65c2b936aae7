//! The entities: what callers define, and what routing adds to it.

mod classification_policy;
mod distribution_policy;
mod exception_policy;
mod job;
mod job_classification;
mod job_status;
mod job_view;
mod queue;
mod scoring;
mod worker;

pub use classification_policy::ClassificationPolicyView;
pub(crate) use classification_policy::{ClassificationDefinition, ClassificationPolicy};
pub use distribution_policy::DistributionPolicyView;
pub(crate) use distribution_policy::{DistributionPolicy, DistributionPolicyDefinition, Strategy};
pub use exception_policy::ExceptionPolicyView;
pub(crate) use exception_policy::{
    ExceptionActionKind, ExceptionPolicy, ExceptionPolicyDefinition, ExceptionRule,
    ExceptionTrigger,
};
pub(crate) use job::{Assignment, Decline, Job, JobDefinition, MatchingMode, PRIORITIES, Standing};
pub(crate) use job_classification::{AwaitedAnswers, JobClassification, Progress};
pub use job_status::JobStatus;
pub use job_view::JobView;
pub use queue::QueueView;
pub(crate) use queue::{Queue, QueueDefinition};
pub(crate) use scoring::{Scoring, ScoringParameter};
pub(crate) use worker::{Channel, Listing, Offer, Worker, WorkerAssignment, WorkerDefinition};
pub use worker::{WorkerState, WorkerView};

use acs_types::Timestamp;
use serde::Serialize;

use crate::ids::Etag;

/// An entity as the service shows it: serialises to its JSON.
pub trait View: Serialize {
    /// The entity's id.
    fn id(&self) -> &str;

    /// Its version.
    fn etag(&self) -> Etag;

    /// When that version was made.
    fn last_modified(&self) -> Timestamp;
}
