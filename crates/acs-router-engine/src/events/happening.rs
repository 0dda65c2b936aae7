//! What to tell of each transition, and under which subject (R108).

use std::sync::Arc;

use super::EventKind;
use super::payload::{
    BothSides, ErrorPart, JobPart, OfferPart, Payload, QueuePart, SelectorPart, WorkerPart,
};
use crate::entities::{Assignment, Job, MatchingMode, Offer, Queue, Worker};
use crate::ids::Guid;
use crate::selector::WorkerSelector;

/// An event that has no id and time yet.
#[derive(Debug)]
pub(crate) struct Happening {
    pub(super) kind: EventKind,
    pub(super) subject: String,
    pub(super) payload: Payload,
}

impl Happening {
    /// A job given straight to a queue counts as queued here, although the caller is answered `created` (O17).
    pub(crate) fn job_received(job: &Job) -> Self {
        let definition = &job.definition;
        let direct = definition.classification_policy_id.is_none();
        Self::of_job(
            EventKind::RouterJobReceived,
            job,
            None,
            Payload::JobReceived {
                job: JobPart::with_chosen_queue(job),
                job_status: if direct {
                    "Queued"
                } else {
                    "PendingClassification"
                },
                classification_policy_id: definition.classification_policy_id.clone(),
                priority: direct.then_some(definition.priority),
                requested_worker_selectors: requested_selectors(job),
                scheduled_on: job.schedule(),
                unavailable_for_matching: definition.matching_mode == MatchingMode::Suspend,
            },
        )
    }

    /// Queue and priority are told only where the policy decided them (R111); the details of the queue always are.
    pub(crate) fn job_classified(
        job: &Job,
        queue: &Queue,
        chose_queue: bool,
        priority: Option<i32>,
    ) -> Self {
        let part = if chose_queue {
            JobPart::new(job)
        } else {
            JobPart::without_queue(job)
        };
        Self::of_job(
            EventKind::RouterJobClassified,
            job,
            queue_path(job),
            Payload::JobClassified {
                job: part,
                queue_details: QueuePart::from(queue),
                classification_policy_id: job.definition.classification_policy_id.clone(),
                priority,
                attached_worker_selectors: selector_parts(job.attached_selectors(), job),
            },
        )
    }

    pub(crate) fn job_classification_failed(job: &Job, reason: &str) -> Self {
        let policy = job.definition.classification_policy_id.as_deref();
        let path = policy.map(|policy| format!("classificationpolicy/{policy}"));
        Self::of_job(
            EventKind::RouterJobClassificationFailed,
            job,
            path,
            Payload::JobClassificationFailed {
                job: JobPart::without_queue(job),
                classification_policy_id: job.definition.classification_policy_id.clone(),
                errors: vec![ErrorPart::new(reason)],
            },
        )
    }

    pub(crate) fn job_queued(job: &Job) -> Self {
        Self::of_job(
            EventKind::RouterJobQueued,
            job,
            queue_path(job),
            Payload::JobQueued {
                job: JobPart::new(job),
                priority: job.definition.priority,
                requested_worker_selectors: requested_selectors(job),
                attached_worker_selectors: selector_parts(job.attached_selectors(), job),
            },
        )
    }

    pub(crate) fn job_waiting_for_activation(job: &Job) -> Self {
        let kind = EventKind::RouterJobWaitingForActivation;
        Self::of_job(
            kind,
            job,
            None,
            Payload::JobWaitingForActivation {
                job: JobPart::with_chosen_queue(job),
                priority: job.definition.priority,
                requested_worker_selectors: requested_selectors(job),
                attached_worker_selectors: selector_parts(job.attached_selectors(), job),
                scheduled_on: job.schedule(),
                unavailable_for_matching: job.definition.matching_mode == MatchingMode::Suspend,
            },
        )
    }

    pub(crate) fn job_selectors_expired(
        job: &Job,
        requested: &[WorkerSelector],
        attached: &[WorkerSelector],
    ) -> Self {
        let kind = EventKind::RouterJobWorkerSelectorsExpired;
        Self::of_job(
            kind,
            job,
            queue_path(job),
            Payload::JobWorkerSelectorsExpired {
                job: JobPart::new(job),
                requested_worker_selectors_expired: selector_parts(requested, job),
                attached_worker_selectors_expired: selector_parts(attached, job),
            },
        )
    }

    pub(crate) fn job_completed(job: &Job, assignment: &Assignment) -> Self {
        let path = assignment_path(assignment);
        Self::of_job(
            EventKind::RouterJobCompleted,
            job,
            path,
            Payload::JobCompleted {
                job: JobPart::new(job),
                assignment_id: assignment.assignment_id,
                worker_id: assignment.worker_id.clone(),
            },
        )
    }

    pub(crate) fn job_unassigned(job: &Job, assignment: &Assignment) -> Self {
        let path = assignment_path(assignment);
        Self::of_job(
            EventKind::RouterJobUnassigned,
            job,
            path,
            Payload::JobUnassigned {
                job: JobPart::with_chosen_queue(job),
                assignment_id: assignment.assignment_id,
                worker_id: assignment.worker_id.clone(),
            },
        )
    }

    pub(crate) fn job_closed(job: &Job, assignment: &Assignment) -> Self {
        let path = assignment_path(assignment);
        Self::of_job(
            EventKind::RouterJobClosed,
            job,
            path,
            Payload::JobClosed {
                job: JobPart::new(job),
                assignment_id: assignment.assignment_id,
                worker_id: assignment.worker_id.clone(),
                disposition_code: job.definition.disposition_code.clone(),
            },
        )
    }

    pub(crate) fn job_cancelled(job: &Job, note: Option<&str>) -> Self {
        let code = job
            .definition
            .disposition_code
            .as_deref()
            .unwrap_or_default();
        let path = Some(format!("disposition/{code}"));
        Self::of_job(
            EventKind::RouterJobCancelled,
            job,
            path,
            Payload::JobCancelled {
                job: JobPart::new(job),
                note: note.map(Arc::from),
                disposition_code: job.definition.disposition_code.clone(),
            },
        )
    }

    /// The rule's key and its id are one: callers give rules an id and nothing else.
    pub(crate) fn job_exception_triggered(job: &Job, rule: &Arc<str>) -> Self {
        Self::of_job(
            EventKind::RouterJobExceptionTriggered,
            job,
            Some(format!("exceptionrule/{rule}")),
            Payload::JobExceptionTriggered {
                job: JobPart::new(job),
                rule_key: rule.clone(),
                exception_rule_id: rule.clone(),
            },
        )
    }

    pub(crate) fn job_deleted(job: &Job) -> Self {
        let payload = Payload::JobDeleted {
            job: JobPart::new(job),
        };
        Self::of_job(EventKind::RouterJobDeleted, job, None, payload)
    }

    pub(crate) fn offer_issued(job: &Job, worker: &Worker, offer: &Offer) -> Self {
        Self::of_offer(
            EventKind::RouterWorkerOfferIssued,
            job,
            worker,
            Payload::OfferIssued {
                offer: OfferPart::new(job, worker, offer.offer_id),
                both: BothSides::new(job, worker),
                offered_on: offer.offered_at,
                expires_on: offer.expires_at,
            },
        )
    }

    pub(crate) fn offer_accepted(
        job: &Job,
        worker: &Worker,
        offer: Guid,
        assignment: Guid,
    ) -> Self {
        let kind = EventKind::RouterWorkerOfferAccepted;
        Self::of_offer(
            kind,
            job,
            worker,
            Payload::OfferAccepted {
                offer: OfferPart::new(job, worker, offer),
                both: BothSides::new(job, worker),
                assignment_id: assignment,
            },
        )
    }

    /// An offer declined, expired or revoked: the kind says which.
    pub(crate) fn offer_ended(kind: EventKind, job: &Job, worker: &Worker, offer: Guid) -> Self {
        let payload = Payload::OfferEnded(OfferPart::new(job, worker, offer));
        Self::of_offer(kind, job, worker, payload)
    }

    pub(crate) fn worker_registered<'a>(
        worker: &Worker,
        queues: impl Iterator<Item = &'a Queue>,
    ) -> Self {
        let payload = Payload::WorkerRegistered(WorkerPart::new(worker, queues));
        Self::of_worker(EventKind::RouterWorkerRegistered, worker, payload)
    }

    pub(crate) fn worker_updated<'a>(
        worker: &Worker,
        queues: impl Iterator<Item = &'a Queue>,
        updated: Vec<&'static str>,
    ) -> Self {
        Self::of_worker(
            EventKind::RouterWorkerUpdated,
            worker,
            Payload::WorkerUpdated {
                worker: WorkerPart::new(worker, queues),
                available_for_offers: worker.definition.available_for_offers,
                updated_worker_properties: updated,
            },
        )
    }

    pub(crate) fn worker_deregistered(worker: &Worker) -> Self {
        let payload = Payload::WorkerGone {
            worker_id: worker.id.clone(),
        };
        Self::of_worker(EventKind::RouterWorkerDeregistered, worker, payload)
    }

    pub(crate) fn worker_deleted(worker: &Worker) -> Self {
        let payload = Payload::WorkerGone {
            worker_id: worker.id.clone(),
        };
        Self::of_worker(EventKind::RouterWorkerDeleted, worker, payload)
    }

    fn of_job(kind: EventKind, job: &Job, path: Option<String>, payload: Payload) -> Self {
        let mut subject = format!("job/{}/channel/{}", job.id, job.definition.channel_id);
        if let Some(path) = path {
            subject.push('/');
            subject.push_str(&path);
        }
        Self {
            kind,
            subject,
            payload,
        }
    }

    fn of_offer(kind: EventKind, job: &Job, worker: &Worker, payload: Payload) -> Self {
        let subject = format!("worker/{}/job/{}", worker.id, job.id);
        Self {
            kind,
            subject,
            payload,
        }
    }

    fn of_worker(kind: EventKind, worker: &Worker, payload: Payload) -> Self {
        let subject = format!("worker/{}", worker.id);
        Self {
            kind,
            subject,
            payload,
        }
    }
}

fn queue_path(job: &Job) -> Option<String> {
    let queue = job.definition.queue_id.as_ref();
    queue.map(|queue| format!("queue/{queue}"))
}

fn assignment_path(assignment: &Assignment) -> Option<String> {
    Some(format!("assignment/{}", assignment.assignment_id))
}

fn requested_selectors(job: &Job) -> Vec<SelectorPart> {
    selector_parts(&job.definition.requested_selectors, job)
}

fn selector_parts(selectors: &[WorkerSelector], job: &Job) -> Vec<SelectorPart> {
    let part = |selector| SelectorPart::new(selector, job.enqueued_at);
    selectors.iter().map(part).collect()
}
