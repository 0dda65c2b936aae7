//! Jobs are classified: by their policy they get a queue, a priority and selectors for their workers.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use crate::answer::{Answer, Effect};
use crate::classification::{Attempt, Inputs};
use crate::engine::Engine;
use crate::entities::{
    AwaitedAnswers, ClassificationDefinition, JobClassification, JobDefinition, JobStatus, Progress,
};
use crate::events::Happening;
use crate::ids::{Guid, Id};
use crate::refusal::{Refusal, RefusalDetail};
use crate::rules::{RuleCall, RuleFailure};
use crate::selector::{QueueSelector, WorkerSelector};
use crate::table::JobKey;

use super::assignments::wrong_status;

/// Who waits for the answer to a call of a rule. A call that is not in here any more is answered in vain.
pub(crate) type Askers = BTreeMap<Guid, Asker>;

/// What an answer is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asker {
    /// The classification of a job.
    Classification { job: JobKey },
    /// The scores of workers for a job.
    Scoring { job: JobKey },
}

/// What a policy has made of a job.
struct Classified {
    /// The queue, if the policy chose it.
    queue: Option<Id>,
    /// The priority, if the policy set it.
    priority: Option<i32>,
    selectors: Vec<WorkerSelector>,
}

impl Engine {
    /// Runs a job's policy, or first makes the calls that its rules need.
    pub(crate) fn classify(&mut self, key: JobKey) {
        let job = &self.jobs[key];
        let Some(classification) = job.classification.as_ref().filter(|it| it.is_due()) else {
            return;
        };
        let Some(policy) = &job.definition.classification_policy_id else {
            return;
        };
        let policy = Arc::clone(&self.classification_policies.named(policy).definition);
        let calls = policy.calls(classification.chooses_queue, &job.definition.labels);
        if calls.is_empty() {
            return self.classify_with(key, &policy, Vec::new());
        }
        let asker = Asker::Classification { job: key };
        let calls = calls.into_iter().map(|call| (self.ask(asker, call), None));
        let calls = calls.collect();
        if let Some(classification) = &mut self.jobs[key].classification {
            classification.progress = Progress::Asking(AwaitedAnswers { policy, calls });
        }
    }

    /// Has the engine's owner make a call, whose answer goes to the asker.
    pub(crate) fn ask(&mut self, asker: Asker, call: RuleCall) -> Guid {
        let id = self.ids.guid();
        self.askers.insert(id, asker);
        self.journal.effects.push(Effect::CallRule { id, call });
        id
    }

    pub(crate) fn answer_rule_call(&mut self, id: Guid, result: Result<Value, String>) -> Answer {
        match self.askers.remove(&id) {
            Some(Asker::Classification { job }) => self.classify_on_answer(job, id, result),
            Some(Asker::Scoring { job }) => self.score_on_answer(job, id, &result),
            None => {}
        }
        Answer::Done
    }

    /// Goes on with a classification once it has all of its answers, and ends it with the first that failed.
    fn classify_on_answer(&mut self, key: JobKey, id: Guid, result: Result<Value, String>) {
        let Some(classification) = &mut self.jobs[key].classification else {
            return;
        };
        match result {
            Ok(value) => {
                if let Some(awaited) = classification.take_answer(id, value) {
                    let answers = awaited.calls.into_iter().filter_map(|(_, answer)| answer);
                    self.classify_with(key, &awaited.policy, answers.collect());
                }
            }
            Err(reason) => {
                let reason = format!("a rule could not be called: {reason}");
                self.fail_classification(key, &RuleFailure::new(reason));
            }
        }
    }

    fn classify_with(
        &mut self,
        key: JobKey,
        policy: &ClassificationDefinition,
        answers: Vec<Value>,
    ) {
        match self.run_policy(key, policy, answers) {
            Ok(classified) => self.apply_classification(key, classified),
            Err(failure) => self.fail_classification(key, &failure),
        }
    }

    fn run_policy(
        &mut self,
        key: JobKey,
        policy: &ClassificationDefinition,
        answers: Vec<Value>,
    ) -> Result<Classified, RuleFailure> {
        let job = &self.jobs[key];
        let classification = job.classification.as_ref();
        let chooses_queue = classification.is_some_and(|it| it.chooses_queue);
        let mut answers = answers.into_iter();
        let mut inputs = Inputs {
            labels: &job.definition.labels,
            chooses_queue,
            ids: &mut self.ids,
            answers: &mut |_| {
                let answer = answers.next();
                answer.ok_or_else(|| RuleFailure::new("its call has no answer"))
            },
        };
        let attempt = Attempt::run(policy, &mut inputs);
        let current = job.definition.queue_id.as_ref();
        let keeps_queue = !chooses_queue || (current.is_some() && !policy.names_queues());
        let queue = if keeps_queue {
            None
        } else {
            let selectors = attempt.queue_selectors()?;
            Some(self.choose_queue(policy, &selectors)?)
        };
        Ok(Classified {
            queue,
            priority: attempt.priority()?,
            selectors: attempt.worker_selectors()?,
        })
    }

    /// The oldest queue that meets all of the selectors, or else the policy's fallback (R92).
    pub(crate) fn choose_queue(
        &self,
        policy: &ClassificationDefinition,
        selectors: &[QueueSelector],
    ) -> Result<Id, RuleFailure> {
        let found = self.first_queue_with(selectors);
        found
            .or_else(|| policy.fallback_queue_id.clone())
            .ok_or_else(|| {
                RuleFailure::new(if selectors.is_empty() {
                    "no queue selectors were attached, and the policy has no fallback queue"
                } else {
                    "no queue meets the attached selectors, and the policy has no fallback queue"
                })
            })
    }

    /// The oldest queue that meets all of the selectors. Without selectors there is no choice to be made.
    pub(crate) fn first_queue_with(&self, selectors: &[QueueSelector]) -> Option<Id> {
        let mut queues = self.queues.iter().filter(|_| !selectors.is_empty());
        let found = queues.find(|queue| {
            let labels = &queue.definition.labels;
            selectors.iter().all(|selector| selector.holds_for(labels))
        });
        found.map(|queue| queue.id.clone())
    }

    // R91, R94, R95
    fn apply_classification(&mut self, key: JobKey, classified: Classified) {
        let Classified {
            queue,
            priority,
            selectors,
        } = classified;
        if let Some(queue) = &queue {
            self.move_open_job(key, queue);
        }
        let job = &mut self.jobs[key];
        if let Some(priority) = priority {
            job.definition.priority = priority;
        }
        if let Some(classification) = &mut job.classification {
            classification.attached_selectors = selectors;
            classification.progress = Progress::Done;
        }
        let job = &self.jobs[key];
        let happening =
            Happening::job_classified(job, self.queue_of(job), queue.is_some(), priority);
        self.record(happening);
        self.enqueue(key);
    }

    // R118
    fn fail_classification(&mut self, key: JobKey, failure: &RuleFailure) {
        self.drop_classification_calls(key);
        let job = &mut self.jobs[key];
        job.status = JobStatus::ClassificationFailed;
        if let Some(classification) = &mut job.classification {
            classification.attached_selectors = Vec::new();
        }
        let failed = Happening::job_classification_failed(job, &failure.to_string());
        self.record(failed);
        self.touch_job(key);
    }

    /// Forgets the calls of a job's classification: their answers will be ignored.
    pub(crate) fn drop_classification_calls(&mut self, key: JobKey) {
        if let Some(classification) = &mut self.jobs[key].classification {
            for call in classification.restart() {
                self.askers.remove(&call);
            }
        }
    }

    /// Takes a job back to before its classification, which runs anew when all settles. It leaves its queue and loses its
    /// offers (R82, R123), but keeps its place in time (R56).
    pub(crate) fn start_classification_over(&mut self, key: JobKey) {
        self.leave_queue(key);
        self.drop_classification_calls(key);
        self.jobs[key].status = JobStatus::PendingClassification;
        self.revoke_offers_of(key);
        self.unsettled.new_jobs.push(key);
    }

    /// Does what the definition that a job is about to get means for its classification.
    pub(crate) fn prepare_classification(&mut self, key: JobKey, new: &JobDefinition) {
        let job = &self.jobs[key];
        if new.classification_policy_id.is_none() {
            if job.classification.is_some() {
                self.end_classification(key);
            }
            return;
        }
        let due = job.is_due_for_classification(new);
        let is_new = job.classification.is_none();
        let requeues = job.definition.queue_id != new.queue_id;
        let job = &mut self.jobs[key];
        let classification = job
            .classification
            .get_or_insert_with(|| Box::new(JobClassification::due(false)));
        // Whose choice a queue is changes only with the queue: what was read can be sent back.
        if is_new || requeues {
            classification.chooses_queue = new.queue_id.is_none();
        }
        if !due {
            if is_new {
                classification.progress = Progress::Done;
            }
        } else if job.status.is_past_activation() {
            self.start_classification_over(key);
        } else {
            self.drop_classification_calls(key);
        }
    }

    /// Makes a job one that no policy classifies: what a policy attached counts no more.
    fn end_classification(&mut self, key: JobKey) {
        self.drop_classification_calls(key);
        let job = &mut self.jobs[key];
        match job.status {
            JobStatus::Queued => {
                self.displace(key);
                self.jobs[key].classification = None;
                self.hold_selectors(key);
                self.update_standing(key);
                self.wake_job(key);
            }
            JobStatus::PendingClassification | JobStatus::ClassificationFailed => {
                job.classification = None;
                job.status = JobStatus::Created;
                self.unsettled.new_jobs.push(key);
            }
            _ => job.classification = None,
        }
    }

    // R89
    pub(crate) fn reclassify_job(&mut self, id: &str) -> Result<Answer, Refusal> {
        let key = self.jobs.key(id);
        let key = key.ok_or_else(|| Refusal::not_found("Job", id))?;
        let job = &self.jobs[key];
        if job.classification.is_none() {
            return Err(Refusal::bad_request(vec![RefusalDetail::new(
                "MissingClassificationPolicy",
                format!(
                    "the job '{id}' has no classification policy; set its classificationPolicyId"
                ),
            )]));
        }
        if !job.status.comes_before_assignment() {
            return Err(wrong_status(
                job.status,
                "only a job that has not been assigned can be classified again",
            ));
        }
        self.reclassify(key, None);
        Ok(Answer::Done)
    }

    /// Has a job that is not assigned classified again: by its own policy, or by another one from now on (R89, R101).
    ///
    /// Another policy chooses the queue too, if it has a say in that, even if the job's caller named the present one. A job
    /// that waits for its activation is classified when it is activated. Without any policy nothing happens.
    pub(crate) fn reclassify(&mut self, key: JobKey, policy: Option<Id>) {
        if let Some(policy) = policy {
            self.drop_classification_calls(key);
            let mut definition = self.jobs[key].definition.clone();
            definition.classification_policy_id = Some(policy);
            self.replace_definition(key, definition);
            let classification = self.jobs[key].classification.take();
            let attached = classification.map(|it| it.attached_selectors);
            self.jobs[key].classification = Some(Box::new(JobClassification {
                attached_selectors: attached.unwrap_or_default(),
                ..JobClassification::due(true)
            }));
        }
        let job = &self.jobs[key];
        if job.classification.is_none() {
            return;
        }
        if job.status.is_past_activation() {
            self.start_classification_over(key);
        } else {
            self.drop_classification_calls(key);
        }
        self.touch_job(key);
    }
}
