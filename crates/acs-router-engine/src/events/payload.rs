//! The payloads of events. Absent values are written as null, as in the guide's samples.

use std::sync::Arc;

use acs_types::{LabelValue, Timestamp};
use serde::Serialize;

use crate::entities::{Channel, Job, Queue, Worker};
use crate::ids::{Guid, Id};
use crate::labels::LabelMap;
use crate::selector::{LabelOperator, SelectorStatus, WorkerSelector};
use crate::time::Seconds;

/// The payloads are written as null, as in the guide's samples.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged, rename_all_fields = "camelCase")]
pub(crate) enum Payload {
    JobReceived {
        #[serde(flatten)]
        job: JobPart,
        job_status: &'static str,
        classification_policy_id: Option<Id>,
        priority: Option<i32>,
        requested_worker_selectors: Vec<SelectorPart>,
        scheduled_on: Option<Timestamp>,
        unavailable_for_matching: bool,
    },
    JobClassified {
        #[serde(flatten)]
        job: JobPart,
        queue_details: QueuePart,
        classification_policy_id: Option<Id>,
        priority: Option<i32>,
        attached_worker_selectors: Vec<SelectorPart>,
    },
    JobClassificationFailed {
        #[serde(flatten)]
        job: JobPart,
        classification_policy_id: Option<Id>,
        errors: Vec<ErrorPart>,
    },
    JobQueued {
        #[serde(flatten)]
        job: JobPart,
        priority: i32,
        requested_worker_selectors: Vec<SelectorPart>,
        attached_worker_selectors: Vec<SelectorPart>,
    },
    JobWaitingForActivation {
        #[serde(flatten)]
        job: JobPart,
        priority: i32,
        requested_worker_selectors: Vec<SelectorPart>,
        attached_worker_selectors: Vec<SelectorPart>,
        scheduled_on: Option<Timestamp>,
        unavailable_for_matching: bool,
    },
    JobWorkerSelectorsExpired {
        #[serde(flatten)]
        job: JobPart,
        requested_worker_selectors_expired: Vec<SelectorPart>,
        attached_worker_selectors_expired: Vec<SelectorPart>,
    },
    JobCompleted {
        #[serde(flatten)]
        job: JobPart,
        assignment_id: Guid,
        worker_id: Id,
    },
    JobUnassigned {
        #[serde(flatten)]
        job: JobPart,
        assignment_id: Guid,
        worker_id: Id,
    },
    JobClosed {
        #[serde(flatten)]
        job: JobPart,
        assignment_id: Guid,
        worker_id: Id,
        disposition_code: Option<Arc<str>>,
    },
    JobCancelled {
        #[serde(flatten)]
        job: JobPart,
        note: Option<Arc<str>>,
        disposition_code: Option<Arc<str>>,
    },
    JobExceptionTriggered {
        #[serde(flatten)]
        job: JobPart,
        rule_key: Arc<str>,
        exception_rule_id: Arc<str>,
    },
    JobDeleted {
        #[serde(flatten)]
        job: JobPart,
    },
    OfferIssued {
        #[serde(flatten)]
        offer: OfferPart,
        #[serde(flatten)]
        both: BothSides,
        offered_on: Timestamp,
        expires_on: Option<Timestamp>,
    },
    OfferAccepted {
        #[serde(flatten)]
        offer: OfferPart,
        #[serde(flatten)]
        both: BothSides,
        assignment_id: Guid,
    },
    OfferEnded(OfferPart),
    WorkerRegistered(WorkerPart),
    WorkerUpdated {
        #[serde(flatten)]
        worker: WorkerPart,
        available_for_offers: bool,
        updated_worker_properties: Vec<&'static str>,
    },
    WorkerGone {
        worker_id: Id,
    },
}

/// What every event of a job says about it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct JobPart {
    job_id: Id,
    channel_reference: Option<Arc<str>>,
    channel_id: Id,
    queue_id: Option<Id>,
    labels: LabelMap,
    tags: LabelMap,
}

/// What every event of an offer says about it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OfferPart {
    offer_id: Guid,
    worker_id: Id,
    job_id: Id,
    channel_reference: Option<Arc<str>>,
    channel_id: Id,
    queue_id: Option<Id>,
}

/// Job and worker, as the events of issued and accepted offers describe them.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BothSides {
    job_priority: i32,
    job_labels: LabelMap,
    job_tags: LabelMap,
    worker_labels: LabelMap,
    worker_tags: LabelMap,
}

/// A worker, as events of its registration describe it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WorkerPart {
    worker_id: Id,
    total_capacity: i32,
    queue_assignments: Vec<QueuePart>,
    channel_configurations: Vec<ChannelPart>,
    labels: LabelMap,
    tags: LabelMap,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct QueuePart {
    id: Id,
    name: Option<Arc<str>>,
    labels: LabelMap,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ChannelPart {
    channel_id: Id,
    capacity_cost_per_job: i32,
    max_number_of_jobs: Option<i32>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SelectorPart {
    key: Box<str>,
    label_operator: LabelOperator,
    value: Option<LabelValue>,
    ttl_seconds: Option<Seconds>,
    expiration_time: Option<Timestamp>,
    state: SelectorStatus,
}

/// Why a job could not be classified.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ErrorPart {
    code: Option<&'static str>,
    message: String,
    target: Option<&'static str>,
    inner_error: Option<&'static str>,
    details: Option<&'static str>,
}

impl ErrorPart {
    /// An error that has a message only, as in the guide's sample.
    pub(crate) fn new(message: &str) -> Self {
        Self {
            code: None,
            message: message.to_owned(),
            target: None,
            inner_error: None,
            details: None,
        }
    }
}

impl JobPart {
    pub(crate) fn new(job: &Job) -> Self {
        let definition = &job.definition;
        Self {
            job_id: job.id.clone(),
            channel_reference: definition.channel_reference.clone(),
            channel_id: definition.channel_id.clone(),
            queue_id: definition.queue_id.clone(),
            labels: definition.labels.clone(),
            tags: definition.tags.clone(),
        }
    }

    /// Without the queue if a classification policy is to choose it (R110, R112).
    pub(crate) fn with_chosen_queue(job: &Job) -> Self {
        if job.definition.classification_policy_id.is_some() {
            Self::without_queue(job)
        } else {
            Self::new(job)
        }
    }

    pub(crate) fn without_queue(job: &Job) -> Self {
        Self {
            queue_id: None,
            ..Self::new(job)
        }
    }
}

impl OfferPart {
    pub(crate) fn new(job: &Job, worker: &Worker, offer_id: Guid) -> Self {
        Self {
            offer_id,
            worker_id: worker.id.clone(),
            job_id: job.id.clone(),
            channel_reference: job.definition.channel_reference.clone(),
            channel_id: job.definition.channel_id.clone(),
            queue_id: job.definition.queue_id.clone(),
        }
    }
}

impl BothSides {
    pub(crate) fn new(job: &Job, worker: &Worker) -> Self {
        Self {
            job_priority: job.definition.priority,
            job_labels: job.definition.labels.clone(),
            job_tags: job.definition.tags.clone(),
            worker_labels: worker.definition.labels.clone(),
            worker_tags: worker.definition.tags.clone(),
        }
    }
}

impl WorkerPart {
    pub(crate) fn new<'a>(worker: &Worker, queues: impl Iterator<Item = &'a Queue>) -> Self {
        let definition = &worker.definition;
        Self {
            worker_id: worker.id.clone(),
            total_capacity: definition.capacity,
            queue_assignments: queues.map(QueuePart::from).collect(),
            channel_configurations: definition.channels.iter().map(ChannelPart::from).collect(),
            labels: definition.labels.clone(),
            tags: definition.tags.clone(),
        }
    }
}

impl From<&Queue> for QueuePart {
    fn from(queue: &Queue) -> Self {
        Self {
            id: queue.id.clone(),
            name: queue.definition.name.clone(),
            labels: queue.definition.labels.clone(),
        }
    }
}

impl From<&Channel> for ChannelPart {
    fn from(channel: &Channel) -> Self {
        Self {
            channel_id: channel.channel_id.clone(),
            capacity_cost_per_job: channel.capacity_cost_per_job,
            max_number_of_jobs: channel.max_number_of_jobs,
        }
    }
}

impl SelectorPart {
    /// The selector of a job that was queued at the given time, from which its expiry counts (R67).
    pub(crate) fn new(selector: &WorkerSelector, enqueued_at: Option<Timestamp>) -> Self {
        Self {
            key: selector.key.clone(),
            label_operator: selector.label_operator,
            value: selector.value.clone(),
            ttl_seconds: selector.expires_after_seconds,
            expiration_time: selector.expires_at(enqueued_at),
            state: selector.status,
        }
    }
}
