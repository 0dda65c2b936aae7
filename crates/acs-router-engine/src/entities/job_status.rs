//! How far a job has come.

use serde::Serialize;

/// How far a job has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum JobStatus {
    /// It waits for its classification policy to be applied.
    PendingClassification,
    /// It waits for a worker, possibly with offers out.
    Queued,
    /// A worker accepted it.
    Assigned,
    /// The worker finished it; it still takes the worker's capacity.
    Completed,
    /// It is done and takes no capacity.
    Closed,
    /// It was ended early.
    Cancelled,
    /// Its classification policy could not be applied.
    ClassificationFailed,
    /// It is about to be queued.
    Created,
    /// It is about to be scheduled.
    PendingSchedule,
    /// It waits for its time.
    Scheduled,
    /// It could not be scheduled.
    ScheduleFailed,
    /// It waits until the caller has it matched.
    WaitingForActivation,
}

impl JobStatus {
    pub(crate) const ALL: [Self; 12] = [
        Self::PendingClassification,
        Self::Queued,
        Self::Assigned,
        Self::Completed,
        Self::Closed,
        Self::Cancelled,
        Self::ClassificationFailed,
        Self::Created,
        Self::PendingSchedule,
        Self::Scheduled,
        Self::ScheduleFailed,
        Self::WaitingForActivation,
    ];

    /// The status of this name on the wire.
    pub(crate) fn named(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }

    /// The status as it stands on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PendingClassification => "pendingClassification",
            Self::Queued => "queued",
            Self::Assigned => "assigned",
            Self::Completed => "completed",
            Self::Closed => "closed",
            Self::Cancelled => "cancelled",
            Self::ClassificationFailed => "classificationFailed",
            Self::Created => "created",
            Self::PendingSchedule => "pendingSchedule",
            Self::Scheduled => "scheduled",
            Self::ScheduleFailed => "scheduleFailed",
            Self::WaitingForActivation => "waitingForActivation",
        }
    }

    /// Whether the list filter `active` takes it (R28).
    #[must_use]
    pub fn is_active(self) -> bool {
        !matches!(self, Self::Created | Self::Closed | Self::Cancelled)
    }

    /// Whether the job is on its way to a worker, or waits to be sent on it.
    pub(crate) fn comes_before_assignment(self) -> bool {
        !matches!(
            self,
            Self::Assigned | Self::Completed | Self::Closed | Self::Cancelled
        )
    }

    /// Whether the job is on its way to a worker.
    pub(crate) fn is_past_activation(self) -> bool {
        matches!(
            self,
            Self::Created | Self::PendingClassification | Self::ClassificationFailed | Self::Queued
        )
    }

    /// Whether nothing more will happen to the job.
    pub(crate) fn is_final(self) -> bool {
        matches!(self, Self::Closed | Self::Cancelled)
    }
}
