//! Queues: where jobs of several channels wait for the workers that list the queue.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use acs_types::Timestamp;
use serde::Serialize;

use super::View;
use crate::exceptions::WaitWatch;
use crate::ids::{Etag, Id};
use crate::labels::LabelMap;
use crate::matching::{Guard, Lane};
use crate::members::{self, Object, Reader};
use crate::statistics::WaitHistory;
use crate::table::{JobKey, WorkerKey};
use crate::version::Version;

/// A stored queue.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Queue {
    pub(crate) id: Id,
    pub(crate) definition: QueueDefinition,
    pub(crate) version: Version,
    /// The workers that list it, in whatever state.
    pub(crate) workers: BTreeSet<WorkerKey>,
    /// The same workers by each of their labels.
    pub(crate) workers_by_label: BTreeMap<Guard, BTreeSet<WorkerKey>>,
    /// How many jobs that are neither closed nor cancelled name it.
    pub(crate) open_jobs: usize,
    /// By channel: the jobs that wait and the workers with a free slot.
    pub(crate) lanes: BTreeMap<Id, Lane>,
    /// Queued jobs that have as many offers as they may.
    pub(crate) saturated: BTreeSet<JobKey>,
    /// The worker that got the last offer: round robin goes on after it.
    pub(crate) last_offered: Option<Id>,
    pub(crate) accepted_waits: WaitHistory,
    /// How many jobs are queued.
    pub(crate) queued: usize,
    /// The rules of its exception policy that look at waits, if it has any.
    pub(crate) wait_watch: Option<Box<WaitWatch>>,
}

impl Queue {
    /// Adds a worker that lists the queue and has labels with these guards.
    pub(crate) fn join(&mut self, worker: WorkerKey, guards: &[Guard]) {
        self.workers.insert(worker);
        for guard in guards {
            self.workers_by_label
                .entry(guard.clone())
                .or_default()
                .insert(worker);
        }
    }

    /// Removes a worker that was added with these guards.
    pub(crate) fn leave(&mut self, worker: WorkerKey, guards: &[Guard]) {
        self.workers.remove(&worker);
        for guard in guards {
            if let Some(workers) = self.workers_by_label.get_mut(guard) {
                workers.remove(&worker);
                if workers.is_empty() {
                    self.workers_by_label.remove(guard);
                }
            }
        }
    }

    /// The jobs that are queued, in no particular order.
    pub(crate) fn queued_jobs(&self) -> impl Iterator<Item = JobKey> {
        let waiting = self.lanes.values().flat_map(|lane| lane.waiting.jobs());
        waiting.chain(self.saturated.iter().copied())
    }

    /// The smallest set of workers that one of the guards leaves; `None` without guards.
    pub(crate) fn fewest_with(&self, guards: &[Guard]) -> Option<&BTreeSet<WorkerKey>> {
        static NONE: BTreeSet<WorkerKey> = BTreeSet::new();
        let workers = guards
            .iter()
            .map(|guard| self.workers_by_label.get(guard).unwrap_or(&NONE));
        workers.min_by_key(|workers| workers.len())
    }
}

/// What a caller defines.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct QueueDefinition {
    pub(crate) name: Option<Arc<str>>,
    pub(crate) distribution_policy_id: Id,
    pub(crate) exception_policy_id: Option<Id>,
    /// With the queue's `Id`.
    pub(crate) labels: LabelMap,
}

impl QueueDefinition {
    /// The definition that a merge patch makes of the stored one, or of nothing.
    pub(crate) fn patched(
        reader: &mut Reader,
        id: &str,
        stored: Option<&Self>,
        patch: &Object,
    ) -> Option<Self> {
        let stored_name = stored.and_then(|queue| queue.name.clone());
        let stored_policy = stored.map(|queue| Arc::clone(&queue.distribution_policy_id));
        let stored_exceptions = stored.and_then(|queue| queue.exception_policy_id.clone());
        let stored_labels = stored.map(|queue| queue.labels.clone()).unwrap_or_default();
        let merge = |reader: &mut Reader, patch: &_| stored_labels.merged(reader, patch);
        let name = reader.optional(patch, "name", stored_name, members::text);
        let policy = reader.required(patch, "distributionPolicyId", stored_policy, members::id);
        let exceptions =
            reader.optional(patch, "exceptionPolicyId", stored_exceptions, members::id);
        let labels = reader.optional(patch, "labels", Some(stored_labels.clone()), merge);
        Some(Self {
            name,
            distribution_policy_id: policy?,
            exception_policy_id: exceptions,
            labels: labels.unwrap_or_default().with_id(id),
        })
    }
}

/// A queue as the service shows it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct QueueView<'a> {
    etag: Etag,
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    distribution_policy_id: &'a str,
    labels: &'a LabelMap,
    #[serde(skip_serializing_if = "Option::is_none")]
    exception_policy_id: Option<&'a str>,
    #[serde(skip)]
    modified: Timestamp,
}

impl<'a> From<&'a Queue> for QueueView<'a> {
    fn from(queue: &'a Queue) -> Self {
        Self {
            etag: queue.version.etag,
            id: &queue.id,
            name: queue.definition.name.as_deref(),
            distribution_policy_id: &queue.definition.distribution_policy_id,
            labels: &queue.definition.labels,
            exception_policy_id: queue.definition.exception_policy_id.as_deref(),
            modified: queue.version.modified,
        }
    }
}

impl View for QueueView<'_> {
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
