//! Explanations: why workers are or are not offered jobs, by the tests that matching makes.

mod job;
mod worker;

pub use job::{JobExplanation, OpenOffer, QueuedJob};
pub use worker::WorkerExplanation;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::answer::EntityKind;
use crate::engine::Engine;
use crate::entities::{Job, JobStatus, Worker};
use crate::ids::Id;
use crate::matching::Reason;
use crate::refusal::{Refusal, RefusalDetail};
use crate::table::{JobKey, WorkerKey};

/// How many ids a list of jobs names that only illustrates.
const MOST_NAMED: usize = 10;

/// Why one worker is or is not offered one queued job: the first test that the pair fails.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PairExplanation<'a> {
    job_id: &'a str,
    worker_id: &'a str,
    #[serde(flatten)]
    reason: Reason<'a>,
    sentence: String,
    /// The jobs, at most ten, that take what the worker lacks.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    busy_with: Vec<&'a str>,
}

impl<'a> PairExplanation<'a> {
    /// The job.
    #[must_use]
    pub fn job_id(&self) -> &'a str {
        self.job_id
    }

    /// The worker.
    #[must_use]
    pub fn worker_id(&self) -> &'a str {
        self.worker_id
    }

    /// The first test that fails, or that there is none.
    #[must_use]
    pub fn reason(&self) -> &Reason<'a> {
        &self.reason
    }

    fn new(job: &'a Job, worker: &'a Worker, reason: Reason<'a>) -> Self {
        let mut busy_with = Vec::new();
        if reason.is_about_other_jobs() {
            let offered = worker.offers.iter().map(|offer| &*offer.job_id);
            let assigned = worker.assignments.iter().map(|assigned| &*assigned.job_id);
            busy_with.extend(offered.chain(assigned).take(MOST_NAMED));
        }
        Self {
            job_id: &job.id,
            worker_id: &worker.id,
            sentence: reason.to_string(),
            reason,
            busy_with,
        }
    }
}

/// Many pairs: how many there are of each reason, and the first of them one by one.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ExplainedPairs<'a> {
    count: usize,
    by_reason: BTreeMap<&'static str, usize>,
    explained: Vec<PairExplanation<'a>>,
}

impl<'a> ExplainedPairs<'a> {
    /// How many pairs there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.count
    }

    /// How many there are of each reason, by its name.
    #[must_use]
    pub fn by_reason(&self) -> &BTreeMap<&'static str, usize> {
        &self.by_reason
    }

    /// The pairs that are explained one by one: as many as the caller asked for, at most.
    #[must_use]
    pub fn explained(&self) -> &[PairExplanation<'a>] {
        &self.explained
    }

    fn count_in(&mut self, reason: &Reason<'_>) {
        self.count += 1;
        *self.by_reason.entry(reason.name()).or_default() += 1;
    }
}

/// Explanations. They look at every worker of a queue, or at every job of a worker's queues.
impl Engine {
    /// Why a worker is or is not offered a queued job.
    ///
    /// # Errors
    ///
    /// There is no such job or no such worker, or the job is not queued: [`explain_job`](Self::explain_job) says then what
    /// it waits for.
    pub fn explain_pair(
        &self,
        job_id: &str,
        worker_id: &str,
    ) -> Result<PairExplanation<'_>, Refusal> {
        let job_key = self.job_to_explain(job_id)?;
        let worker_key = self.worker_to_explain(worker_id)?;
        let job = &self.jobs[job_key];
        if job.status != JobStatus::Queued {
            let reason = format!(
                "the job is {}; only a queued job can be offered",
                job.status.as_str()
            );
            let detail = RefusalDetail::new("JobNotQueued", reason);
            return Err(Refusal::bad_request(vec![detail]));
        }
        Ok(self.explain(job_key, worker_key))
    }

    fn job_to_explain(&self, id: &str) -> Result<JobKey, Refusal> {
        let key = self.jobs.key(id);
        key.ok_or_else(|| Refusal::not_found(EntityKind::Job.name(), id))
    }

    fn worker_to_explain(&self, id: &str) -> Result<WorkerKey, Refusal> {
        let key = self.workers.key(id);
        key.ok_or_else(|| Refusal::not_found(EntityKind::Worker.name(), id))
    }

    fn explain(&self, job_key: JobKey, worker_key: WorkerKey) -> PairExplanation<'_> {
        let reason = self.reason(job_key, worker_key);
        PairExplanation::new(&self.jobs[job_key], &self.workers[worker_key], reason)
    }

    /// The first test that a queued job and a worker fail (R62).
    fn reason(&self, job_key: JobKey, worker_key: WorkerKey) -> Reason<'_> {
        let (job, worker) = (&self.jobs[job_key], &self.workers[worker_key]);
        if let Some(offer) = worker.offer_of(job_key) {
            return Reason::Offered {
                offer_id: offer.offer_id,
                expires_at: offer.expires_at,
            };
        }
        let queue_id: &Id = &self.queue_of(job).id;
        let not_listed = || {
            let lists = worker.definition.lists(queue_id);
            (!lists).then_some(Reason::QueueNotListed { queue_id })
        };
        let obstacle = not_listed()
            .or_else(|| worker.not_active())
            .or_else(|| no_slot_for(job, worker))
            .or_else(|| self.unmet_selector(job, worker))
            .or_else(|| Reason::declined(job, worker_key, worker))
            .or_else(|| worker.offer_limit())
            .or_else(|| self.job_offer_limit(job))
            .or_else(|| self.awaited_scores(job));
        obstacle.unwrap_or(Reason::Nothing)
    }

    fn unmet_selector<'a>(&'a self, job: &Job, worker: &'a Worker) -> Option<Reason<'a>> {
        if self.bypasses_selectors(self.queue_of(job)) {
            return None;
        }
        let set = self.selector_sets.get(job.selectors?);
        let selector = set.first_unmet(&worker.definition.labels)?;
        Some(Reason::unmet(selector, worker))
    }
}

fn no_slot_for<'a>(job: &'a Job, worker: &'a Worker) -> Option<Reason<'a>> {
    let channel_id = &*job.definition.channel_id;
    match worker.definition.channel(channel_id) {
        Some(channel) => worker.no_slot(channel),
        None => Some(Reason::ChannelNotListed { channel_id }),
    }
}
