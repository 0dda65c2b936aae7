//! The draft of a classification policy.

use acs_core_jobrouter::models::{
    ClassificationPolicyPatch, QueueSelectorAttachment, RouterRule, WorkerSelectorAttachment,
};
use acs_types::Patch;

/// A classification policy to be created: how jobs get their queue, their priority and selectors for workers.
///
/// Hand it to
/// [`JobRouterAdminClient::upsert_classification_policy`](crate::JobRouterAdminClient::upsert_classification_policy). To
/// change a policy that exists, use [`ClassificationPolicyPatch`].
///
/// ```
/// use acs_jobrouter::{
///     ExpressionRouterRule, LabelOperator, NewClassificationPolicy, PassThroughQueueSelectorAttachment,
///     RouterWorkerSelector, StaticWorkerSelectorAttachment,
/// };
///
/// let policy = NewClassificationPolicy::new()
///     .queue_selectors(PassThroughQueueSelectorAttachment::new("Region", LabelOperator::Equal))
///     .fallback_queue("everywhere")
///     .prioritization_rule(ExpressionRouterRule::new("If(job.Escalated = true, 10, 1)"))
///     .worker_selectors(StaticWorkerSelectorAttachment::new(
///         RouterWorkerSelector::new("Trained", LabelOperator::Equal).value(true),
///     ));
/// # let _ = policy;
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[must_use = "a draft does nothing until it is handed to `upsert_classification_policy`"]
pub struct NewClassificationPolicy {
    patch: ClassificationPolicyPatch,
    queue_selectors: Vec<QueueSelectorAttachment>,
    worker_selectors: Vec<WorkerSelectorAttachment>,
}

impl NewClassificationPolicy {
    /// A policy that leaves jobs as they are: one without a queue of its own fails classification unless a selector or the
    /// fallback queue gives it one.
    pub fn new() -> Self {
        Self::default()
    }

    /// The name that people see.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.patch.name = name.into().into();
        self
    }

    /// Adds selectors that the labels of a queue must meet; the first queue that meets all of them gets the job.
    pub fn queue_selectors(mut self, attachment: impl Into<QueueSelectorAttachment>) -> Self {
        self.queue_selectors.push(attachment.into());
        self
    }

    /// The queue for jobs whose selectors no queue meets; without it, their classification fails.
    pub fn fallback_queue(mut self, queue_id: impl Into<String>) -> Self {
        self.patch.fallback_queue_id = queue_id.into().into();
        self
    }

    /// The rule that gives the priority; jobs keep their own unless set.
    pub fn prioritization_rule(mut self, rule: impl Into<RouterRule>) -> Self {
        self.patch.prioritization_rule = Patch::Set(rule.into());
        self
    }

    /// Adds selectors that the labels of a worker must meet, beside those that the job asks for.
    pub fn worker_selectors(mut self, attachment: impl Into<WorkerSelectorAttachment>) -> Self {
        self.worker_selectors.push(attachment.into());
        self
    }
}

impl From<NewClassificationPolicy> for ClassificationPolicyPatch {
    fn from(draft: NewClassificationPolicy) -> Self {
        Self {
            queue_selector_attachments: super::unless_empty(draft.queue_selectors),
            worker_selector_attachments: super::unless_empty(draft.worker_selectors),
            ..draft.patch
        }
    }
}
