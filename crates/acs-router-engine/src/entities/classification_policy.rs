//! Classification policies: how jobs come by a queue, a priority and selectors for their workers.

use std::sync::Arc;

use acs_types::Timestamp;
use serde::Serialize;

use super::View;
use crate::classification::Attachment;
use crate::ids::{Etag, Id};
use crate::labels::LabelMap;
use crate::members::{self, Object, Reader};
use crate::rules::{Parameters, RouterRule, RuleCall};
use crate::selector::{QueueSelector, WorkerSelector};
use crate::version::Version;

/// A stored classification policy.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ClassificationPolicy {
    pub(crate) id: Id,
    /// Shared with the jobs that wait for answers of its rules: they are classified as it was when they asked.
    pub(crate) definition: Arc<ClassificationDefinition>,
    pub(crate) version: Version,
    /// How many jobs that are neither closed nor cancelled name it.
    pub(crate) open_jobs: usize,
}

/// What a caller defines.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ClassificationDefinition {
    pub(crate) name: Option<Arc<str>>,
    pub(crate) fallback_queue_id: Option<Id>,
    pub(crate) queue_attachments: Vec<Attachment<QueueSelector>>,
    pub(crate) prioritization_rule: Option<RouterRule>,
    pub(crate) worker_attachments: Vec<Attachment<WorkerSelector>>,
}

impl ClassificationDefinition {
    /// The definition that a merge patch makes of the stored one, or of nothing.
    pub(crate) fn patched(reader: &mut Reader, stored: Option<&Self>, patch: &Object) -> Self {
        let stored_rule = stored.and_then(|policy| policy.prioritization_rule.as_ref());
        let name = stored.and_then(|policy| policy.name.clone());
        let fallback = stored.and_then(|policy| policy.fallback_queue_id.clone());
        Self {
            name: reader.optional(patch, "name", name, members::text),
            fallback_queue_id: reader.optional(patch, "fallbackQueueId", fallback, members::id),
            queue_attachments: reader.defaulted(
                patch,
                "queueSelectorAttachments",
                stored.map(|policy| policy.queue_attachments.clone()),
                Vec::new(),
                |reader, value| members::list(reader, value, Attachment::read),
            ),
            prioritization_rule: reader.optional(
                patch,
                "prioritizationRule",
                stored_rule.cloned(),
                |reader, patch| RouterRule::merged(reader, stored_rule, patch),
            ),
            worker_attachments: reader.defaulted(
                patch,
                "workerSelectorAttachments",
                stored.map(|policy| policy.worker_attachments.clone()),
                Vec::new(),
                |reader, value| members::list(reader, value, Attachment::read),
            ),
        }
    }

    /// The calls that its rules need for a job with these labels, in the order in which a run asks for the answers.
    pub(crate) fn calls(&self, chooses_queue: bool, labels: &LabelMap) -> Vec<RuleCall> {
        let of_queue = self.queue_attachments.iter().filter(|_| chooses_queue);
        let of_queue = of_queue.filter_map(Attachment::rule);
        let of_workers = self.worker_attachments.iter().filter_map(Attachment::rule);
        let rules = of_queue.chain(&self.prioritization_rule).chain(of_workers);
        rules
            .filter_map(|rule| rule.call(|| Parameters::of_job(labels).to_json()))
            .collect()
    }

    /// Whether it has a say in which queue a job gets.
    pub(crate) fn names_queues(&self) -> bool {
        self.fallback_queue_id.is_some() || !self.queue_attachments.is_empty()
    }
}

/// A classification policy as the service shows it. Keys and secrets of rules are left out.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ClassificationPolicyView<'a> {
    etag: Etag,
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fallback_queue_id: Option<&'a str>,
    queue_selector_attachments: &'a [Attachment<QueueSelector>],
    #[serde(skip_serializing_if = "Option::is_none")]
    prioritization_rule: Option<&'a RouterRule>,
    worker_selector_attachments: &'a [Attachment<WorkerSelector>],
    #[serde(skip)]
    modified: Timestamp,
}

impl<'a> From<&'a ClassificationPolicy> for ClassificationPolicyView<'a> {
    fn from(policy: &'a ClassificationPolicy) -> Self {
        let definition = &policy.definition;
        Self {
            etag: policy.version.etag,
            id: &policy.id,
            name: definition.name.as_deref(),
            fallback_queue_id: definition.fallback_queue_id.as_deref(),
            queue_selector_attachments: &definition.queue_attachments,
            prioritization_rule: definition.prioritization_rule.as_ref(),
            worker_selector_attachments: &definition.worker_attachments,
            modified: policy.version.modified,
        }
    }
}

impl View for ClassificationPolicyView<'_> {
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
