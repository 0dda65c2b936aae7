//! A job as callers see it.

use acs_types::Timestamp;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::job::{Assignment, Job, MatchingMode, Note};
use super::{JobStatus, View};
use crate::ids::Etag;
use crate::labels::LabelMap;
use crate::selector::WorkerSelector;

/// A job as the service shows it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct JobView<'a> {
    etag: Etag,
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    channel_reference: Option<&'a str>,
    status: JobStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    enqueued_at: Option<Timestamp>,
    channel_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    classification_policy_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    queue_id: Option<&'a str>,
    priority: i32,
    #[serde(skip_serializing_if = "Option::is_none")]
    disposition_code: Option<&'a str>,
    requested_worker_selectors: &'a [WorkerSelector],
    attached_worker_selectors: &'a [WorkerSelector],
    labels: &'a LabelMap,
    #[serde(serialize_with = "assignments_by_id")]
    assignments: Option<&'a Assignment>,
    tags: &'a LabelMap,
    notes: &'a [Note],
    #[serde(skip_serializing_if = "Option::is_none")]
    scheduled_at: Option<Timestamp>,
    matching_mode: &'a MatchingMode,
    #[serde(skip)]
    modified: Timestamp,
}

fn assignments_by_id<S: Serializer>(
    assignment: &Option<&Assignment>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(usize::from(assignment.is_some())))?;
    if let Some(assignment) = assignment {
        map.serialize_entry(&assignment.assignment_id, assignment)?;
    }
    map.end()
}

impl JobView<'_> {
    /// How far the job has come.
    #[must_use]
    pub fn status(&self) -> JobStatus {
        self.status
    }
}

impl<'a> From<&'a Job> for JobView<'a> {
    fn from(job: &'a Job) -> Self {
        let definition = &job.definition;
        Self {
            etag: job.version.etag,
            id: &job.id,
            channel_reference: definition.channel_reference.as_deref(),
            status: job.status,
            enqueued_at: job.enqueued_at,
            channel_id: &definition.channel_id,
            classification_policy_id: definition.classification_policy_id.as_deref(),
            queue_id: definition.queue_id.as_deref(),
            priority: definition.priority,
            disposition_code: definition.disposition_code.as_deref(),
            requested_worker_selectors: &definition.requested_selectors,
            attached_worker_selectors: job.attached_selectors(),
            labels: &definition.labels,
            assignments: job.assignment.as_deref(),
            tags: &definition.tags,
            notes: &definition.notes,
            scheduled_at: job.scheduled_at,
            matching_mode: &definition.matching_mode,
            modified: job.version.modified,
        }
    }
}

impl View for JobView<'_> {
    fn id(&self) -> &str {
        self.id
    }

    fn etag(&self) -> Etag {
        self.etag
    }

    fn last_modified(&self) -> Timestamp {
        self.modified
    }
}
