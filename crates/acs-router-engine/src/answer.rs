//! What comes of a command.

use acs_types::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::events::Event;
use crate::ids::{Etag, Guid, Id};
use crate::refusal::Refusal;
use crate::rules::RuleCall;

/// Everything that came of one command, the deadlines that were due before it, and what followed from both.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The answer to the caller, taken when the command was done and before its consequences settled: a created job
    /// answers `created` here, and `queued` when it is read after.
    pub answer: Result<Answer, Refusal>,
    /// What happened, in order.
    pub events: Vec<Event>,
    /// Every entity that now differs from before, once each.
    pub changes: Vec<Change>,
    /// Calls that the owner of the engine must make.
    pub effects: Vec<Effect>,
    /// How many pairs of a job and a worker were compared: the measure of the work that matching took.
    pub pairs_examined: u64,
}

/// The answer to a command that was carried out.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Answer {
    /// An upsert: the whole entity.
    Upserted(Upserted),
    /// A deletion. What did not exist counts as deleted.
    Deleted,
    /// An accepted offer.
    Accepted(AcceptedOffer),
    /// An assignment taken back.
    Unassigned(UnassignedJob),
    /// An action without a result of its own: on the wire an empty object.
    Done,
}

/// The entity that an upsert created or changed.
#[derive(Clone, Debug)]
pub struct Upserted {
    /// Whether it was created.
    pub created: bool,
    /// Its JSON.
    pub entity: Box<RawValue>,
    /// Its version.
    pub etag: Etag,
    /// When that version was made.
    pub last_modified: Timestamp,
}

/// What a worker gets for accepting an offer. Serialises as `AcceptJobOfferResult`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AcceptedOffer {
    /// The new assignment's id.
    pub assignment_id: Guid,
    /// The job's id.
    pub job_id: Id,
    /// The worker's id.
    pub worker_id: Id,
}

/// What taking a job from its worker answers. Serialises as `UnassignJobResult`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UnassignedJob {
    /// The job's id.
    pub job_id: Id,
    /// How often the job has been taken from a worker by now. There is no limit.
    pub unassignment_count: u32,
}

/// One entity that a command, directly or not, has created, changed or deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What kind of entity.
    pub kind: EntityKind,
    /// Its id.
    pub id: Id,
    /// Its new version; `None` when it is gone.
    pub etag: Option<Etag>,
}

/// The kinds of entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum EntityKind {
    /// A distribution policy.
    DistributionPolicy,
    /// A classification policy.
    ClassificationPolicy,
    /// An exception policy.
    ExceptionPolicy,
    /// A queue.
    Queue,
    /// A worker.
    Worker,
    /// A job.
    Job,
}

impl EntityKind {
    /// The kind in words, as messages use it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::DistributionPolicy => "Distribution policy",
            Self::ClassificationPolicy => "Classification policy",
            Self::ExceptionPolicy => "Exception policy",
            Self::Queue => "Queue",
            Self::Worker => "Worker",
            Self::Job => "Job",
        }
    }
}

/// A call that the owner of the engine must make and whose result it feeds back as a command.
///
/// The call need not be made once: an answer that comes a second time, or too late, is ignored.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Effect {
    /// Ask for the value of a rule, and feed it back as
    /// [`Command::AnswerRuleCall`](crate::Command::AnswerRuleCall) under this id. Jobs wait for it.
    CallRule {
        /// Names the call in the answer.
        id: Guid,
        /// What to send, and where.
        call: RuleCall,
    },
}
