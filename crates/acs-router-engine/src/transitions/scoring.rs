//! Jobs wait for the scores that a function or a web service gives their workers, and are offered when all are there.
//!
//! While a job waits, its workers may get other jobs. Each worker is asked for once: a call that fails leaves its workers without
//! a score, so that they come last and the longest idle of them first. A worker that comes meanwhile is asked for too, and the
//! job waits for its score. Scores are forgotten as soon as the job is offered; the next offer asks again.

use serde_json::Value;

use crate::engine::Engine;
use crate::entities::{Job, Scoring, Worker};
use crate::ids::Guid;
use crate::matching::{AskedScores, Reason, best_first};
use crate::table::{JobKey, WorkerKey};

use super::classification::Asker;

impl Engine {
    /// The workers in the order of their scores, the best first; none while scores are missing, which are asked for.
    pub(crate) fn by_asked_scores(
        &mut self,
        key: JobKey,
        mut workers: Vec<WorkerKey>,
    ) -> Option<Vec<WorkerKey>> {
        if workers.is_empty() && self.jobs[key].scores.is_none() {
            return None;
        }
        self.ask_for_scores(key, &workers);
        let scores = self.jobs[key].scores.as_ref()?;
        if scores.are_awaited() {
            return None;
        }
        let descending = self.scoring_of(&self.jobs[key]).is_descending();
        let score = |key: &WorkerKey| {
            let labels = &self.workers[*key].definition.labels;
            scores.score_of(*key, labels)
        };
        workers.sort_by(|left, right| best_first(score(left), score(right), descending));
        self.forget_scores(key);
        Some(workers)
    }

    /// Makes the calls for those of the workers whose scores are neither known nor asked for.
    fn ask_for_scores(&mut self, key: JobKey, workers: &[WorkerKey]) {
        let job = &self.jobs[key];
        let scoring = self.scoring_of(job);
        let held = job.scores.as_ref();
        if held.is_none_or(|scores| !scores.hold_for(scoring, job)) {
            let scores = AskedScores::new(scoring, job);
            self.forget_scores(key);
            self.jobs[key].scores = Some(Box::new(scores));
        }
        let Some(mut scores) = self.jobs[key].scores.take() else {
            return;
        };
        let labels = |worker: &WorkerKey| &self.workers[*worker].definition.labels;
        let unknown = workers
            .iter()
            .filter(|worker| !scores.cover(**worker, labels(worker)));
        let unknown = unknown.map(|worker| (*worker, labels(worker).clone()));
        for made in scores.calls_for(unknown.collect()) {
            let id = self.ask(Asker::Scoring { job: key }, made.call);
            scores.await_answer(id, made.workers);
        }
        self.jobs[key].scores = Some(scores);
    }

    /// Goes on with a job once it has all of its scores.
    pub(super) fn score_on_answer(
        &mut self,
        key: JobKey,
        id: Guid,
        result: &Result<Value, String>,
    ) {
        let Some(scores) = &mut self.jobs[key].scores else {
            return;
        };
        scores.take_answer(id, result.as_ref().ok());
        if !scores.are_awaited() {
            self.wake_job(key);
        }
    }

    /// Forgets a job's scores and the calls for them: their answers will be ignored.
    pub(crate) fn forget_scores(&mut self, key: JobKey) {
        if let Some(scores) = self.jobs[key].scores.take() {
            for call in scores.calls() {
                self.askers.remove(&call);
            }
        }
    }

    /// Whether the job waits for scores, that of this worker among them or known already.
    pub(crate) fn waits_for_scores(&self, job: &Job, key: WorkerKey, worker: &Worker) -> bool {
        let labels = &worker.definition.labels;
        job.scores.as_ref().is_some_and(|scores| {
            scores.are_awaited()
                && scores.cover(key, labels)
                && scores.hold_for(self.scoring_of(job), job)
        })
    }

    /// That a job waits for scores before it is offered to anybody.
    pub(crate) fn awaited_scores(&self, job: &Job) -> Option<Reason<'static>> {
        let calls = job.scores.as_ref()?.calls().count();
        (calls > 0).then_some(Reason::ScoresAwaited { calls })
    }

    /// How workers are scored for a queued job.
    pub(crate) fn scoring_of(&self, job: &Job) -> &Scoring {
        &self
            .distribution_policy_of(self.queue_of(job))
            .definition
            .mode
            .scoring
    }
}
