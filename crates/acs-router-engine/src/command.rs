//! What can be asked of the engine.

use acs_types::Timestamp;
use serde_json::{Map, Value};

use crate::ids::Guid;

/// One change to the routing state, as [`Engine::apply`](crate::Engine::apply) takes it.
///
/// Upserts carry the caller's JSON object as it came: it is merged into what is stored (RFC 7396), with member names
/// compared without regard to case, and unknown and read-only members ignored. Ids are the caller's.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Command {
    /// Creates or changes a distribution policy.
    UpsertDistributionPolicy {
        /// The policy's id.
        id: String,
        /// The members to set, change or (null) remove.
        patch: Map<String, Value>,
        /// What must hold for the change to be made.
        condition: Condition,
    },
    /// Deletes a distribution policy that no queue uses.
    DeleteDistributionPolicy {
        /// The policy's id.
        id: String,
    },
    /// Creates or changes a classification policy. Jobs that it has classified stay as they are.
    UpsertClassificationPolicy {
        /// The policy's id.
        id: String,
        /// The members to set, change or (null) remove.
        patch: Map<String, Value>,
        /// What must hold for the change to be made.
        condition: Condition,
    },
    /// Deletes a classification policy that no open job uses.
    DeleteClassificationPolicy {
        /// The policy's id.
        id: String,
    },
    /// Creates or changes an exception policy.
    UpsertExceptionPolicy {
        /// The policy's id.
        id: String,
        /// The members to set, change or (null) remove.
        patch: Map<String, Value>,
        /// What must hold for the change to be made.
        condition: Condition,
    },
    /// Deletes an exception policy that no queue uses.
    DeleteExceptionPolicy {
        /// The policy's id.
        id: String,
    },
    /// Creates or changes a queue.
    UpsertQueue {
        /// The queue's id.
        id: String,
        /// The members to set, change or (null) remove.
        patch: Map<String, Value>,
        /// What must hold for the change to be made.
        condition: Condition,
    },
    /// Deletes a queue that no open job is in, no worker lists, and no classification policy falls back on.
    DeleteQueue {
        /// The queue's id.
        id: String,
    },
    /// Creates or changes a worker; `availableForOffers` registers or deregisters it.
    UpsertWorker {
        /// The worker's id.
        id: String,
        /// The members to set, change or (null) remove.
        patch: Map<String, Value>,
        /// What must hold for the change to be made.
        condition: Condition,
    },
    /// Deletes a worker; its open offers are revoked.
    DeleteWorker {
        /// The worker's id.
        id: String,
    },
    /// Creates or changes a job.
    UpsertJob {
        /// The job's id.
        id: String,
        /// The members to set, change or (null) remove.
        patch: Map<String, Value>,
        /// What must hold for the change to be made.
        condition: Condition,
    },
    /// Deletes a job that is closed or cancelled, or whose classification failed.
    DeleteJob {
        /// The job's id.
        id: String,
    },
    /// Takes an offer: the job becomes the worker's.
    AcceptOffer {
        /// The worker's id.
        worker_id: String,
        /// The offer's id.
        offer_id: String,
    },
    /// Turns an offer down.
    DeclineOffer {
        /// The worker's id.
        worker_id: String,
        /// The offer's id.
        offer_id: String,
        /// When the worker may get the job offered again, if at all.
        options: DeclineOptions,
    },
    /// Marks an assigned job as done; it keeps the worker's capacity until it is closed.
    CompleteJob {
        /// The job's id.
        job_id: String,
        /// The assignment's id.
        assignment_id: String,
        /// What to note.
        options: CompleteOptions,
    },
    /// Closes a completed job, now or later, and so frees the worker's capacity.
    CloseJob {
        /// The job's id.
        job_id: String,
        /// The assignment's id.
        assignment_id: String,
        /// When, and with which outcome.
        options: CloseOptions,
    },
    /// Takes an assigned job from its worker and queues it again, at the time it was first queued.
    UnassignJob {
        /// The job's id.
        job_id: String,
        /// The assignment's id.
        assignment_id: String,
        /// Whether the job is matched again.
        options: UnassignOptions,
    },
    /// Has a job classified again that has not been assigned: it leaves its queue until its policy has run.
    ReclassifyJob {
        /// The job's id.
        job_id: String,
    },
    /// Ends a job that has not been completed.
    CancelJob {
        /// The job's id.
        job_id: String,
        /// With which outcome.
        options: CancelOptions,
    },
    /// Gives the value of a rule that an [`Effect::CallRule`](crate::Effect::CallRule) asked for. An answer that nobody
    /// waits for any more changes nothing.
    AnswerRuleCall {
        /// The id of the call.
        id: Guid,
        /// The value as JSON, or why there is none.
        result: Result<Value, String>,
    },
    /// Changes nothing itself: only the deadlines that are due take effect.
    Tick,
}

/// What the caller demands of the stored entity before an upsert changes it. Nothing by default.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Condition {
    /// `If-Match` as sent: the entity tag that must be current, with its quotes, or `*` for any.
    pub if_match: Option<String>,
    /// `If-Unmodified-Since`: the entity must not have changed after this second.
    pub if_unmodified_since: Option<Timestamp>,
}

/// How an offer is declined.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DeclineOptions {
    /// From when on the worker may get the job offered again. Without it, not before the worker registers anew.
    /// A time in the past counts as now.
    pub retry_offer_at: Option<Timestamp>,
}

/// How a job is completed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CompleteOptions {
    /// A note to add to the job.
    pub note: Option<String>,
}

/// How a job is closed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CloseOptions {
    /// When the job closes. At once without it, or when it is not in the future.
    pub close_at: Option<Timestamp>,
    /// The outcome; `Closed` without it, unless the job has one already.
    pub disposition_code: Option<String>,
    /// A note to add to the job.
    pub note: Option<String>,
}

/// How a job is taken from its worker.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct UnassignOptions {
    /// Whether the job waits for activation instead of being queued. Its matching mode becomes `suspend`; changing that
    /// to `queueAndMatch` queues the job.
    pub suspend_matching: bool,
}

/// How a job is cancelled.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CancelOptions {
    /// The outcome; `Cancelled` without it, unless the job has one already.
    pub disposition_code: Option<String>,
    /// A note to add to the job.
    pub note: Option<String>,
}
