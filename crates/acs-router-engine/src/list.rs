//! Lists: filters, and pages that stay right while entities come and go.

use std::fmt;
use std::str::FromStr;

use acs_types::Timestamp;

use crate::entities::{Job, JobStatus, Worker, WorkerState};

/// Which jobs to list. All conditions must hold; the default lists every job.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct JobFilter {
    /// By status.
    pub status: JobStatusFilter,
    /// In this queue.
    pub queue_id: Option<String>,
    /// Of this channel.
    pub channel_id: Option<String>,
    /// With this classification policy.
    pub classification_policy_id: Option<String>,
    /// Scheduled at this time or earlier.
    pub scheduled_before: Option<Timestamp>,
    /// Scheduled at this time or later.
    pub scheduled_after: Option<Timestamp>,
}

/// Which statuses of jobs to list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum JobStatusFilter {
    /// Every status: `all`.
    #[default]
    All,
    /// Every status but `created`, `closed` and `cancelled`: `active`.
    Active,
    /// Only this status.
    Only(JobStatus),
}

/// Which workers to list. All conditions must hold; the default lists every worker.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WorkerFilter {
    /// By state; `None` for every state (`all`).
    pub state: Option<WorkerState>,
    /// With this channel.
    pub channel_id: Option<String>,
    /// Listing this queue.
    pub queue_id: Option<String>,
    /// Only with a free slot: on the channel of this filter, or on any if it names none.
    pub has_capacity: bool,
}

impl JobFilter {
    // R27
    pub(crate) fn takes(&self, job: &Job) -> bool {
        let definition = &job.definition;
        let schedule = job.schedule();
        self.status.takes(job.status)
            && is_asked_for(self.queue_id.as_deref(), definition.queue_id.as_deref())
            && is_asked_for(self.channel_id.as_deref(), Some(&definition.channel_id))
            && is_asked_for(
                self.classification_policy_id.as_deref(),
                definition.classification_policy_id.as_deref(),
            )
            && self
                .scheduled_before
                .is_none_or(|end| schedule.is_some_and(|at| at <= end))
            && self
                .scheduled_after
                .is_none_or(|start| schedule.is_some_and(|at| at >= start))
    }
}

fn is_asked_for(asked: Option<&str>, actual: Option<&str>) -> bool {
    asked.is_none() || asked == actual
}

impl JobStatusFilter {
    fn takes(self, status: JobStatus) -> bool {
        match self {
            Self::All => true,
            Self::Active => status.is_active(),
            Self::Only(only) => status == only,
        }
    }
}

impl FromStr for JobStatusFilter {
    type Err = UnknownFilterError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "all" => Ok(Self::All),
            "active" => Ok(Self::Active),
            _ => JobStatus::named(text).map(Self::Only).ok_or_else(|| {
                let known = JobStatus::ALL.map(JobStatus::as_str).join(", ");
                UnknownFilterError::new(text, format!("all, active, {known}"))
            }),
        }
    }
}

impl WorkerFilter {
    // R29
    pub(crate) fn takes(&self, worker: &Worker) -> bool {
        let definition = &worker.definition;
        let channel = self.channel_id.as_deref();
        let queue = self.queue_id.as_deref();
        self.state.is_none_or(|state| worker.state() == state)
            && channel.is_none_or(|id| definition.channel(id).is_some())
            && queue.is_none_or(|id| definition.lists(id))
            && (!self.has_capacity || worker.has_free_slot(channel))
    }

    /// Reads a `state` parameter: `all` gives `None`.
    ///
    /// # Errors
    ///
    /// The text names no state; the error lists what it may be.
    pub fn state_named(text: &str) -> Result<Option<WorkerState>, UnknownFilterError> {
        match text {
            "all" => Ok(None),
            _ => WorkerState::named(text).map(Some).ok_or_else(|| {
                let known = WorkerState::ALL.map(WorkerState::as_str).join(", ");
                UnknownFilterError::new(text, format!("all, {known}"))
            }),
        }
    }
}

/// A filter value that is none of those there are.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{excerpt:?} is none of {known}")]
pub struct UnknownFilterError {
    excerpt: String,
    known: String,
}

impl UnknownFilterError {
    fn new(text: &str, known: String) -> Self {
        const LONGEST_EXCERPT: usize = 64;
        let excerpt = text.chars().take(LONGEST_EXCERPT).collect();
        Self { excerpt, known }
    }
}

/// Which part of a list to give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageRequest {
    /// Where the previous page ended; `None` for the first page.
    pub after: Option<Cursor>,
    /// How many entities to give at most; at least one is given.
    pub limit: usize,
}

/// One part of a list, newest entities first.
#[derive(Clone, Debug)]
pub struct Page<V> {
    /// The entities.
    pub items: Vec<V>,
    /// Where the next page starts; `None` at the end.
    pub next: Option<Cursor>,
}

/// A place in a list. It names the last entity given by its age, so entities that are created or deleted between two
/// pages make no other entity appear twice or get lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor(pub(crate) u64);

impl fmt::Display for Cursor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl FromStr for Cursor {
    type Err = ParseCursorError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self).map_err(|_| ParseCursorError)
    }
}

/// The text is not a cursor that this engine has given out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the place in a list that a previous page ended at")]
pub struct ParseCursorError;
