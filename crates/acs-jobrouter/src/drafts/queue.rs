//! The draft of a queue.

use acs_core_jobrouter::models::QueuePatch;
use acs_types::{LabelValue, PatchMap};

/// A queue to be created.
///
/// Hand it to [`JobRouterAdminClient::upsert_queue`](crate::JobRouterAdminClient::upsert_queue). To change a queue that
/// exists, use [`QueuePatch`].
#[derive(Clone, Debug, PartialEq)]
#[must_use = "a draft does nothing until it is handed to `upsert_queue`"]
pub struct NewQueue {
    patch: QueuePatch,
    labels: PatchMap<LabelValue>,
}

impl NewQueue {
    /// A queue whose jobs this distribution policy hands out.
    pub fn with_distribution_policy(distribution_policy_id: impl Into<String>) -> Self {
        Self {
            patch: QueuePatch {
                distribution_policy_id: distribution_policy_id.into().into(),
                ..QueuePatch::default()
            },
            labels: PatchMap::new(),
        }
    }

    /// The name that people see.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.patch.name = name.into().into();
        self
    }

    /// The exception policy that watches over the waiting jobs; none unless set.
    pub fn exception_policy(mut self, exception_policy_id: impl Into<String>) -> Self {
        self.patch.exception_policy_id = exception_policy_id.into().into();
        self
    }

    /// Adds a label: what queue selectors of classification policies look at.
    pub fn label(mut self, key: impl Into<String>, value: impl Into<LabelValue>) -> Self {
        self.labels = self.labels.set(key, value);
        self
    }
}

impl From<NewQueue> for QueuePatch {
    fn from(draft: NewQueue) -> Self {
        Self {
            labels: super::unless_unchanged(draft.labels),
            ..draft.patch
        }
    }
}
