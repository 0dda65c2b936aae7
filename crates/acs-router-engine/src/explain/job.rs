//! A job explained: what it waits for, and what each worker of its queue has to do with it.

use std::cmp::Reverse;

use acs_types::Timestamp;
use serde::Serialize;

use super::{ExplainedPairs, MOST_NAMED};
use crate::engine::Engine;
use crate::entities::{Assignment, Job, JobStatus, Progress, Queue};
use crate::ids::Guid;
use crate::refusal::Refusal;
use crate::table::JobKey;

/// What a job waits for and, while it is queued, why each worker of its queue is or is not offered it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct JobExplanation<'a> {
    job_id: &'a str,
    status: JobStatus,
    sentence: String,
    /// When what it waits for comes by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    waits_until: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    queued: Option<QueuedJob<'a>>,
}

/// A queued job among the jobs and workers of its queue.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct QueuedJob<'a> {
    queue_id: &'a str,
    channel_id: &'a str,
    position: usize,
    /// The first of the jobs that are served before it, at most ten.
    ahead: Vec<&'a str>,
    /// Whether the queue's distribution policy leaves selectors out of account.
    bypass_selectors: bool,
    offer_limit: usize,
    offers: Vec<OpenOffer<'a>>,
    /// How many workers do not list the queue.
    workers_elsewhere: usize,
    workers: ExplainedPairs<'a>,
}

/// An offer of the job that waits for its worker's answer.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OpenOffer<'a> {
    worker_id: &'a str,
    offer_id: Guid,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<Timestamp>,
}

impl<'a> JobExplanation<'a> {
    /// How far the job has come.
    #[must_use]
    pub fn status(&self) -> JobStatus {
        self.status
    }

    /// The workers that list the job's queue, while it is queued; those nearest to an offer come first.
    #[must_use]
    pub fn workers(&self) -> Option<&ExplainedPairs<'a>> {
        self.queued.as_ref().map(|queued| &queued.workers)
    }
}

impl Engine {
    /// Why a job is or is not offered to each worker of its queue, at most `limit` of them one by one; or what it waits for
    /// if it is not queued.
    ///
    /// # Errors
    ///
    /// There is no job of this id.
    pub fn explain_job(&self, id: &str, limit: usize) -> Result<JobExplanation<'_>, Refusal> {
        let key = self.job_to_explain(id)?;
        let job = &self.jobs[key];
        let queued = (job.status == JobStatus::Queued).then(|| self.explain_queued(key, limit));
        Ok(JobExplanation {
            job_id: &job.id,
            status: job.status,
            sentence: match &queued {
                Some(queued) => queued.sentence(),
                None => sentence_of(job),
            },
            // A queued job's deadline is that of a selector.
            waits_until: job.deadline.filter(|_| queued.is_none()).map(|(at, _)| at),
            queued,
        })
    }

    fn explain_queued(&self, key: JobKey, limit: usize) -> QueuedJob<'_> {
        let job = &self.jobs[key];
        let queue = self.queue_of(job);
        let (position, ahead) = self.jobs_ahead(key, queue);
        let mode = &self.distribution_policy_of(queue).definition.mode;
        let offers = job.offers.iter().filter_map(|(worker, offer)| {
            let worker = &self.workers[*worker];
            Some(OpenOffer {
                worker_id: &worker.id,
                offer_id: *offer,
                expires_at: worker.offer(*offer)?.expires_at,
            })
        });
        QueuedJob {
            queue_id: &queue.id,
            channel_id: &job.definition.channel_id,
            position,
            ahead,
            bypass_selectors: mode.bypass_selectors,
            offer_limit: mode.offers_at_once(),
            offers: offers.collect(),
            workers_elsewhere: self.workers.iter().count() - queue.workers.len(),
            workers: self.explain_workers(key, queue, limit),
        }
    }

    /// The job's position, and the first of the jobs before it.
    fn jobs_ahead(&self, key: JobKey, queue: &Queue) -> (usize, Vec<&str>) {
        let own = self.order_of(key, &self.jobs[key]);
        let orders = queue
            .queued_jobs()
            .filter_map(|other| self.order_of(other, &self.jobs[other]));
        let mut ahead: Vec<_> = orders.filter(|order| Some(*order) < own).collect();
        ahead.sort_unstable();
        let ids = ahead
            .iter()
            .take(MOST_NAMED)
            .map(|order| &*self.jobs[order.job].id);
        (ahead.len() + 1, ids.collect())
    }

    fn explain_workers(&self, job: JobKey, queue: &Queue, limit: usize) -> ExplainedPairs<'_> {
        let mut pairs = ExplainedPairs::default();
        let mut nearest = Vec::new();
        for worker in &queue.workers {
            let reason = self.reason(job, *worker);
            pairs.count_in(&reason);
            nearest.push((Reverse(reason.tests_passed()), *worker));
        }
        nearest.sort_unstable();
        let workers = nearest.into_iter().take(limit);
        pairs.explained = workers
            .map(|(_, worker)| self.explain(job, worker))
            .collect();
        pairs
    }
}

impl QueuedJob<'_> {
    fn sentence(&self) -> String {
        format!(
            "The job is number {} in the queue '{}', has {} of at most {} open offers, and the queue has {} workers.",
            self.position,
            self.queue_id,
            self.offers.len(),
            self.offer_limit,
            self.workers.count(),
        )
    }
}

/// What a job that is not queued waits for.
fn sentence_of(job: &Job) -> String {
    match job.status {
        JobStatus::Created | JobStatus::Queued => "The job is about to be queued.".to_owned(),
        JobStatus::PendingSchedule => "The job is about to be scheduled.".to_owned(),
        JobStatus::Scheduled => {
            "The job waits for the time of its schedule, and then for its activation.".to_owned()
        }
        JobStatus::WaitingForActivation => {
            "The job waits until its matchingMode is set to queueAndMatch.".to_owned()
        }
        JobStatus::PendingClassification => sentence_of_classification(job),
        JobStatus::ClassificationFailed => {
            "The job's classification policy could not be applied; it waits for other labels, another policy or a queueId."
                .to_owned()
        }
        JobStatus::ScheduleFailed => "The job could not be scheduled.".to_owned(),
        JobStatus::Assigned => format!("The job waits for the worker {} to complete it.", worker_of(job)),
        JobStatus::Completed => format!(
            "The job was completed by the worker {} and waits to be closed.",
            worker_of(job)
        ),
        JobStatus::Closed | JobStatus::Cancelled => "The job has ended.".to_owned(),
    }
}

fn sentence_of_classification(job: &Job) -> String {
    let asked = match job.classification.as_ref().map(|it| &it.progress) {
        Some(Progress::Asking(awaited)) => awaited.calls.len(),
        _ => 0,
    };
    format!("The job waits for its classification policy, which has called {asked} rules.")
}

fn worker_of(job: &Job) -> String {
    let named = |assignment: &Assignment| format!("'{}'", assignment.worker_id);
    job.assignment.as_deref().map(named).unwrap_or_default()
}
