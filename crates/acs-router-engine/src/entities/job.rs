//! Jobs: what callers want done, and what routing keeps of them.

use std::sync::Arc;

use acs_types::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::{JobClassification, JobStatus};
use crate::deadlines::DeadlineKey;
use crate::exceptions::Exceptions;
use crate::ids::{Guid, Id};
use crate::labels::LabelMap;
use crate::matching::{AskedScores, SetKey};
use crate::members::{self, Object, Reader};
use crate::merge_patch;
use crate::selector::WorkerSelector;
use crate::table::WorkerKey;
use crate::version::Version;

/// The least and the greatest priority.
pub(crate) const PRIORITIES: (i32, i32) = (-100, 100);

/// A stored job.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Job {
    pub(crate) id: Id,
    pub(crate) definition: JobDefinition,
    pub(crate) version: Version,
    pub(crate) status: JobStatus,
    /// There if and only if it names a classification policy.
    pub(crate) classification: Option<Box<JobClassification>>,
    pub(crate) enqueued_at: Option<Timestamp>,
    /// When a schedule made it wait for activation.
    pub(crate) scheduled_at: Option<Timestamp>,
    /// Its only assignment, open or closed. A job is never in two.
    pub(crate) assignment: Option<Box<Assignment>>,
    /// How often it was taken from a worker.
    pub(crate) unassignments: u32,
    /// Its open offers: who has which.
    pub(crate) offers: Vec<(WorkerKey, Guid)>,
    /// Who declined it.
    pub(crate) declines: Vec<Decline>,
    /// Its selectors that still count, interned. Held while it is queued.
    pub(crate) selectors: Option<SetKey>,
    pub(crate) standing: Standing,
    /// The queue that it has been in since it was last added to one.
    pub(crate) stay: Option<Id>,
    /// What exception rules have done to it, if any has fired.
    pub(crate) exceptions: Option<Box<Exceptions>>,
    /// The scores of workers that it has asked for, until it is offered.
    pub(crate) scores: Option<Box<AskedScores>>,
    /// What it waits for: activation, a selector's expiry, or the time it closes. Never two of these at once.
    pub(crate) deadline: Option<DeadlineKey>,
    /// When it has lived as long as a job may.
    pub(crate) end_of_life: Option<DeadlineKey>,
}

/// What a caller defines.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct JobDefinition {
    pub(crate) channel_reference: Option<Arc<str>>,
    pub(crate) channel_id: Id,
    pub(crate) classification_policy_id: Option<Id>,
    pub(crate) queue_id: Option<Id>,
    pub(crate) priority: i32,
    pub(crate) disposition_code: Option<Arc<str>>,
    pub(crate) requested_selectors: Vec<WorkerSelector>,
    pub(crate) labels: LabelMap,
    pub(crate) tags: LabelMap,
    /// By time.
    pub(crate) notes: Vec<Note>,
    pub(crate) matching_mode: MatchingMode,
}

/// A note on a job.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Note {
    pub(crate) message: Arc<str>,
    pub(crate) added_at: Timestamp,
}

/// When a job is matched.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(
    tag = "kind",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub(crate) enum MatchingMode {
    /// At once.
    QueueAndMatch,
    /// When the caller says so, and not before this time.
    ScheduleAndSuspend { schedule_at: Timestamp },
    /// When the caller says so.
    Suspend,
}

/// Who works on a job, and since when.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Assignment {
    pub(crate) assignment_id: Guid,
    pub(crate) worker_id: Id,
    pub(crate) assigned_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) completed_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) closed_at: Option<Timestamp>,
    /// The code that a later close will give the job.
    #[serde(skip)]
    pub(crate) closing_code: Option<Arc<str>>,
    #[serde(skip)]
    pub(crate) worker: WorkerKey,
}

/// A worker's refusal of an offer. It counts while the worker stays registered, or until the retry time.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Decline {
    pub(crate) worker: WorkerKey,
    pub(crate) registration: u32,
    pub(crate) retry: Option<DeadlineKey>,
}

/// Whether matching looks at a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It is not queued.
    Away,
    /// It waits in its lane for one more offer.
    Waiting,
    /// It is queued and has as many offers as it may.
    Saturated,
}

impl Job {
    /// When a schedule took or takes effect: what the list filters look at.
    pub(crate) fn schedule(&self) -> Option<Timestamp> {
        self.scheduled_at.or(match self.definition.matching_mode {
            MatchingMode::ScheduleAndSuspend { schedule_at } => Some(schedule_at),
            MatchingMode::QueueAndMatch | MatchingMode::Suspend => None,
        })
    }

    /// The decline by which a worker, in its present registration, may not get this job again yet (R80).
    pub(crate) fn decline_of(&self, worker: WorkerKey, registration: u32) -> Option<&Decline> {
        let current =
            |decline: &&Decline| decline.worker == worker && decline.registration == registration;
        self.declines.iter().find(current)
    }

    /// The selectors that its classification policy attached.
    pub(crate) fn attached_selectors(&self) -> &[WorkerSelector] {
        let classification = self.classification.as_ref();
        classification.map_or(&[], |classification| &classification.attached_selectors)
    }

    /// The selectors that have not expired: those it asks for, and those attached to it.
    pub(crate) fn active_selectors(&self) -> impl Iterator<Item = &WorkerSelector> {
        self.definition
            .requested_selectors
            .iter()
            .chain(self.attached_selectors())
            .filter(|selector| selector.is_active())
    }

    /// When the next of its selectors stops counting.
    pub(crate) fn next_selector_expiry(&self) -> Option<Timestamp> {
        self.active_selectors()
            .filter_map(|selector| selector.expires_at(self.enqueued_at))
            .min()
    }

    /// Adds a note, keeping them in the order of time (R60).
    pub(crate) fn add_note(&mut self, message: Option<&str>, now: Timestamp) {
        if let Some(message) = message {
            let message = Arc::from(message);
            self.definition.notes.push(Note {
                message,
                added_at: now,
            });
            self.definition.notes.sort_by_key(|note| note.added_at);
        }
    }
}

impl JobDefinition {
    /// The definition that a merge patch makes of the stored one, or of nothing.
    pub(crate) fn patched(
        reader: &mut Reader,
        stored: Option<&Self>,
        patch: &Object,
        now: Timestamp,
    ) -> Option<Self> {
        let stored_labels = stored.map(|job| job.labels.clone()).unwrap_or_default();
        let stored_tags = stored.map(|job| job.tags.clone()).unwrap_or_default();
        let channel = reader.required(
            patch,
            "channelId",
            stored.map(|job| job.channel_id.clone()),
            members::id,
        );
        let channel_reference = reader.optional(
            patch,
            "channelReference",
            stored.and_then(|job| job.channel_reference.clone()),
            members::text,
        );
        let policy = reader.optional(
            patch,
            "classificationPolicyId",
            stored.and_then(|job| job.classification_policy_id.clone()),
            members::id,
        );
        let queue = reader.optional(
            patch,
            "queueId",
            stored.and_then(|job| job.queue_id.clone()),
            members::id,
        );
        let priority = reader.defaulted(
            patch,
            "priority",
            stored.map(|job| job.priority),
            1,
            members::integer(PRIORITIES.0, PRIORITIES.1),
        );
        let disposition = reader.optional(
            patch,
            "dispositionCode",
            stored.and_then(|job| job.disposition_code.clone()),
            members::text,
        );
        let selectors = reader.defaulted(
            patch,
            "requestedWorkerSelectors",
            stored.map(|job| job.requested_selectors.clone()),
            Vec::new(),
            |reader, value| members::list(reader, value, WorkerSelector::read),
        );
        let labels = reader.optional(
            patch,
            "labels",
            Some(stored_labels.clone()),
            |reader, patch| stored_labels.merged(reader, patch),
        );
        let tags = reader.optional(patch, "tags", Some(stored_tags.clone()), |reader, patch| {
            stored_tags.merged(reader, patch)
        });
        let notes = reader.defaulted(
            patch,
            "notes",
            stored.map(|job| job.notes.clone()),
            Vec::new(),
            |reader, value| read_notes(reader, value, now),
        );
        let stored_mode = stored.map(|job| &job.matching_mode);
        let mode = reader.defaulted(
            patch,
            "matchingMode",
            stored_mode.cloned(),
            MatchingMode::QueueAndMatch,
            |reader, patch| MatchingMode::merged(reader, stored_mode, patch),
        );
        Some(Self {
            channel_reference,
            channel_id: channel?,
            classification_policy_id: policy,
            queue_id: queue,
            priority,
            disposition_code: disposition,
            requested_selectors: selectors,
            labels: labels.unwrap_or_default(),
            tags: tags.unwrap_or_default(),
            notes,
            matching_mode: mode,
        })
    }
}

fn read_notes(reader: &mut Reader, value: &Value, now: Timestamp) -> Option<Vec<Note>> {
    let mut notes = members::list(reader, value, |reader, value| {
        let note = members::object(reader, value)?;
        let message = reader.required(note, "message", None, members::text);
        let added_at = reader.defaulted(note, "addedAt", None, now, members::timestamp);
        let message = message?;
        Some(Note { message, added_at })
    })?;
    notes.sort_by_key(|note| note.added_at);
    Some(notes)
}

impl MatchingMode {
    fn merged(reader: &mut Reader, stored: Option<&Self>, patch: &Value) -> Option<Self> {
        members::object(reader, patch)?;
        let mut mode = stored.map_or(Value::Null, |mode| serde_json::json!(mode));
        merge_patch::merge(&mut mode, patch);
        Self::read(reader, &mode)
    }

    fn read(reader: &mut Reader, value: &Value) -> Option<Self> {
        let mode = members::object(reader, value)?;
        let kind = reader.required(mode, "kind", None, members::text)?;
        match &*kind {
            "queueAndMatch" => Some(Self::QueueAndMatch),
            "suspend" => Some(Self::Suspend),
            "scheduleAndSuspend" => reader
                .required(mode, "scheduleAt", None, members::timestamp)
                .map(|schedule_at| Self::ScheduleAndSuspend { schedule_at }),
            _ => reader.within("kind", |reader| {
                reader.invalid("must be queueAndMatch, scheduleAndSuspend or suspend")
            }),
        }
    }
}
