//! The draft of a worker.

use acs_core_jobrouter::models::{RouterChannel, WorkerPatch};
use acs_types::{LabelValue, PatchMap};

/// A worker to be created.
///
/// Hand it to [`JobRouterClient::upsert_worker`](crate::JobRouterClient::upsert_worker). To change a worker that exists,
/// use [`WorkerPatch`].
///
/// ```
/// use acs_jobrouter::{NewWorker, RouterChannel};
///
/// let worker = NewWorker::with_capacity(1)
///     .queue("support")
///     .channel(RouterChannel::new("voice", 1))
///     .label("Some-Skill", 11)
///     .available_for_offers(true);
/// # let _ = worker;
/// ```
#[derive(Clone, Debug, PartialEq)]
#[must_use = "a draft does nothing until it is handed to `upsert_worker`"]
pub struct NewWorker {
    patch: WorkerPatch,
    queues: Vec<String>,
    channels: Vec<RouterChannel>,
    labels: PatchMap<LabelValue>,
    tags: PatchMap<LabelValue>,
}

impl NewWorker {
    /// A worker who can carry jobs that cost this much in all; each channel says what a job costs there.
    pub fn with_capacity(capacity: i32) -> Self {
        Self {
            patch: WorkerPatch {
                capacity: capacity.into(),
                ..WorkerPatch::default()
            },
            queues: Vec::new(),
            channels: Vec::new(),
            labels: PatchMap::new(),
            tags: PatchMap::new(),
        }
    }

    /// Adds a queue to take jobs from.
    pub fn queue(mut self, queue_id: impl Into<String>) -> Self {
        self.queues.push(queue_id.into());
        self
    }

    /// Adds a channel to work on, with the cost of a job on it.
    pub fn channel(mut self, channel: RouterChannel) -> Self {
        self.channels.push(channel);
        self
    }

    /// Adds a label: what selectors look at.
    pub fn label(mut self, key: impl Into<String>, value: impl Into<LabelValue>) -> Self {
        self.labels = self.labels.set(key, value);
        self
    }

    /// Adds a tag: kept with the worker, without influence on routing.
    pub fn tag(mut self, key: impl Into<String>, value: impl Into<LabelValue>) -> Self {
        self.tags = self.tags.set(key, value);
        self
    }

    /// Whether the worker registers for offers at once; not unless set.
    pub fn available_for_offers(mut self, available: bool) -> Self {
        self.patch.available_for_offers = available.into();
        self
    }

    /// How many offers may be open at once, besides the limit that capacity sets. Since api-version 2024-01-18-preview.
    pub fn max_concurrent_offers(mut self, offers: i32) -> Self {
        self.patch.max_concurrent_offers = offers.into();
        self
    }
}

impl From<NewWorker> for WorkerPatch {
    fn from(draft: NewWorker) -> Self {
        Self {
            queues: super::unless_empty(draft.queues),
            channels: super::unless_empty(draft.channels),
            labels: super::unless_unchanged(draft.labels),
            tags: super::unless_unchanged(draft.tags),
            ..draft.patch
        }
    }
}
