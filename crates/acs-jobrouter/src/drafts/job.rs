//! The draft of a job.

use acs_core_jobrouter::models::{JobMatchingMode, JobPatch, RouterJobNote, RouterWorkerSelector};
use acs_types::{LabelValue, Patch, PatchMap};

/// A job to be created: what it needs is asked for by the constructors, all else has setters.
///
/// Hand it to [`JobRouterClient::upsert_job`](crate::JobRouterClient::upsert_job). To change a job that exists, use
/// [`JobPatch`], which can also clear members.
///
/// ```
/// use acs_jobrouter::{LabelOperator, NewJob, RouterWorkerSelector};
///
/// let job = NewJob::in_queue("voice", "support")
///     .priority(10)
///     .label("Language", "en")
///     .worker_selector(RouterWorkerSelector::new("Some-Skill", LabelOperator::GreaterThan).value(10));
/// # let _ = job;
/// ```
#[derive(Clone, Debug, PartialEq)]
#[must_use = "a draft does nothing until it is handed to `upsert_job`"]
pub struct NewJob {
    patch: JobPatch,
    selectors: Vec<RouterWorkerSelector>,
    labels: PatchMap<LabelValue>,
    tags: PatchMap<LabelValue>,
    notes: Vec<RouterJobNote>,
}

impl NewJob {
    /// A job on this channel that goes straight into this queue.
    pub fn in_queue(channel_id: impl Into<String>, queue_id: impl Into<String>) -> Self {
        Self::of(JobPatch {
            channel_id: channel_id.into().into(),
            queue_id: queue_id.into().into(),
            ..JobPatch::default()
        })
    }

    /// A job on this channel whose queue, priority and further selectors this classification policy chooses.
    pub fn classified(
        channel_id: impl Into<String>,
        classification_policy_id: impl Into<String>,
    ) -> Self {
        Self::of(JobPatch {
            channel_id: channel_id.into().into(),
            classification_policy_id: classification_policy_id.into().into(),
            ..JobPatch::default()
        })
    }

    fn of(patch: JobPatch) -> Self {
        Self {
            patch,
            selectors: Vec::new(),
            labels: PatchMap::new(),
            tags: PatchMap::new(),
            notes: Vec::new(),
        }
    }

    /// A classification policy beside the queue: it gives priority and further selectors, and leaves the job in its queue.
    pub fn classification_policy(mut self, classification_policy_id: impl Into<String>) -> Self {
        self.patch.classification_policy_id = classification_policy_id.into().into();
        self
    }

    /// What the job is called in the system it comes from, for instance the id of a call.
    pub fn channel_reference(mut self, reference: impl Into<String>) -> Self {
        self.patch.channel_reference = reference.into().into();
        self
    }

    /// The priority, -100 to 100, higher first; the service takes 1 unless set.
    pub fn priority(mut self, priority: i32) -> Self {
        self.patch.priority = priority.into();
        self
    }

    /// How the job stands, in words of your own; it can be changed at any time, and closing or cancelling overwrites it.
    pub fn disposition_code(mut self, code: impl Into<String>) -> Self {
        self.patch.disposition_code = code.into().into();
        self
    }

    /// When to begin matching; at once unless set.
    pub fn matching_mode(mut self, mode: impl Into<JobMatchingMode>) -> Self {
        self.patch.matching_mode = Patch::Set(mode.into());
        self
    }

    /// Adds a condition that a worker's labels must meet.
    pub fn worker_selector(mut self, selector: RouterWorkerSelector) -> Self {
        self.selectors.push(selector);
        self
    }

    /// Adds a label: what rules and scoring look at.
    pub fn label(mut self, key: impl Into<String>, value: impl Into<LabelValue>) -> Self {
        self.labels = self.labels.set(key, value);
        self
    }

    /// Adds a tag: kept with the job, without influence on routing.
    pub fn tag(mut self, key: impl Into<String>, value: impl Into<LabelValue>) -> Self {
        self.tags = self.tags.set(key, value);
        self
    }

    /// Adds a note; the service fills in the time unless the note has one.
    pub fn note(mut self, note: RouterJobNote) -> Self {
        self.notes.push(note);
        self
    }
}

impl From<NewJob> for JobPatch {
    fn from(draft: NewJob) -> Self {
        Self {
            requested_worker_selectors: super::unless_empty(draft.selectors),
            labels: super::unless_unchanged(draft.labels),
            tags: super::unless_unchanged(draft.tags),
            notes: super::unless_empty(draft.notes),
            ..draft.patch
        }
    }
}
