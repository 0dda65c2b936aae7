//! A worker explained: what it may take, and why it is or is not offered each job of its queues.

use serde::Serialize;

use super::ExplainedPairs;
use crate::engine::Engine;
use crate::entities::{Worker, WorkerState};
use crate::ids::Id;
use crate::refusal::Refusal;

/// What a worker may take, and why it is or is not offered the jobs that wait in its queues.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WorkerExplanation<'a> {
    worker_id: &'a str,
    state: WorkerState,
    sentence: String,
    queues: &'a [Id],
    capacity: i32,
    free_capacity: i64,
    open_offers: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    offer_limit: Option<i32>,
    assignments: usize,
    jobs: ExplainedPairs<'a>,
}

impl<'a> WorkerExplanation<'a> {
    /// Where the worker stands.
    #[must_use]
    pub fn state(&self) -> WorkerState {
        self.state
    }

    /// The jobs that wait in the worker's queues, those to be served first in front.
    #[must_use]
    pub fn jobs(&self) -> &ExplainedPairs<'a> {
        &self.jobs
    }
}

impl Engine {
    /// Why a worker is or is not offered each job that is queued in one of its queues, at most `limit` of them one by one.
    ///
    /// # Errors
    ///
    /// There is no worker of this id.
    pub fn explain_worker(&self, id: &str, limit: usize) -> Result<WorkerExplanation<'_>, Refusal> {
        let key = self.worker_to_explain(id)?;
        let worker = &self.workers[key];
        let mut jobs = ExplainedPairs::default();
        let mut orders = Vec::new();
        for queue in &worker.definition.queues {
            for job in self.queues.named(queue).queued_jobs() {
                jobs.count_in(&self.reason(job, key));
                orders.extend(self.order_of(job, &self.jobs[job]));
            }
        }
        orders.sort_unstable();
        let first = orders.iter().take(limit);
        jobs.explained = first.map(|order| self.explain(order.job, key)).collect();
        Ok(WorkerExplanation {
            worker_id: &worker.id,
            state: worker.state(),
            sentence: sentence_of(worker, jobs.count()),
            queues: &worker.definition.queues,
            capacity: worker.definition.capacity,
            free_capacity: worker.free_capacity(),
            open_offers: worker.offers.len(),
            offer_limit: worker.definition.max_concurrent_offers,
            assignments: worker.assignments.len(),
            jobs,
        })
    }
}

fn sentence_of(worker: &Worker, jobs: usize) -> String {
    let state = match worker.state() {
        WorkerState::Active => "is active",
        WorkerState::Draining => "finishes what it has and gets no offers",
        WorkerState::Inactive => "gets no offers until availableForOffers is true",
    };
    format!(
        "The worker {state}, has {} of its capacity of {} free, and {jobs} jobs wait in its queues.",
        worker.free_capacity(),
        worker.definition.capacity,
    )
}
