//! Exception rules fire for jobs, and do what they say (R99 to R103).

use crate::command::CancelOptions;
use crate::deadlines::Deadline;
use crate::engine::Engine;
use crate::entities::{ExceptionActionKind, ExceptionRule, ExceptionTrigger, Job, JobStatus};
use crate::events::Happening;
use crate::exceptions::{Arrival, Exceptions, WaitWatch};
use crate::ids::Id;
use crate::labels::LabelMap;
use crate::selector::WorkerSelector;
use crate::table::{JobKey, QueueKey};

/// Jobs come and go, and the rules of their queue look at them.
impl Engine {
    /// Counts a job into its queue. If it was added, and not only put back, settling has the queue's rules look at it.
    pub(crate) fn arrive(&mut self, key: JobKey) {
        let job = &mut self.jobs[key];
        let queue_id = job.definition.queue_id.clone();
        let queue_id = queue_id.expect("a queued job has a queue");
        let is_added = job.stay.as_ref() != Some(&queue_id);
        if is_added {
            job.stay = Some(queue_id.clone());
            if let Some(exceptions) = &mut job.exceptions {
                exceptions.start_stay(self.now);
            }
        }
        let queue = self.queues.named_mut(&queue_id);
        let ahead = queue.queued;
        queue.queued += 1;
        if queue.definition.exception_policy_id.is_none() {
            return;
        }
        if let (Some(watch), Some(enqueued_at)) = (&mut queue.wait_watch, job.enqueued_at) {
            watch.add(enqueued_at, key, job.exceptions.as_deref());
            self.set_wait_deadline(&queue_id);
        }
        if is_added {
            self.unsettled.arrivals.push_back(Arrival {
                job: key,
                queue: queue_id,
                ahead,
            });
        }
    }

    /// Counts a job out of its queue.
    pub(crate) fn depart(&mut self, key: JobKey) {
        let job = &self.jobs[key];
        let queue_id = job.definition.queue_id.clone();
        let queue_id = queue_id.expect("a queued job has a queue");
        let queue = self.queues.named_mut(&queue_id);
        queue.queued -= 1;
        if let (Some(watch), Some(enqueued_at)) = (&mut queue.wait_watch, job.enqueued_at) {
            watch.remove(enqueued_at, key);
            self.set_wait_deadline(&queue_id);
        }
    }

    /// When the job is queued the next time, it counts as added, and every rule may fire for it.
    pub(crate) fn end_stay(&mut self, key: JobKey) {
        let job = &mut self.jobs[key];
        job.stay = None;
        job.exceptions = None;
    }

    /// Fires the rules that apply to a job that was added to a queue, until one of them takes it away.
    pub(crate) fn meet_exception_rules(&mut self, arrival: &Arrival) {
        let policy = &self.queues.named(&arrival.queue).definition;
        let policy = policy.exception_policy_id.as_ref();
        let Some(policy) = policy.map(|id| self.exception_policies.named(id)) else {
            return;
        };
        for rule in policy.definition.rules.clone().iter() {
            let job = &self.jobs[arrival.job];
            if job.is_queued_in(&arrival.queue) && self.applies(rule, job, arrival.ahead) {
                self.fire(arrival.job, rule);
            }
        }
    }

    fn applies(&self, rule: &ExceptionRule, job: &Job, ahead: usize) -> bool {
        match rule.trigger {
            // R99
            ExceptionTrigger::QueueLength { threshold } => {
                usize::try_from(threshold).is_ok_and(|threshold| ahead >= threshold)
            }
            // A job that comes from elsewhere may have waited long enough there (R100).
            ExceptionTrigger::WaitTime { threshold_seconds } => {
                let end = job.enqueued_at.and_then(|at| threshold_seconds.after(at));
                end.is_some_and(|end| end <= self.now)
            }
        }
    }
}

/// Waits end.
impl Engine {
    /// Has a queue watch the waits of its jobs as its exception policy now says. Jobs that wait already are watched too.
    pub(crate) fn watch_waits(&mut self, queue_id: &Id) {
        let queue = self.queues.named(queue_id);
        let policy = queue.definition.exception_policy_id.as_ref();
        let policy = policy.map(|id| self.exception_policies.named(id));
        let mut watch = policy.and_then(|policy| WaitWatch::of(&policy.definition));
        if let Some(watch) = &mut watch {
            for key in queue.queued_jobs() {
                let job = &self.jobs[key];
                if let Some(enqueued_at) = job.enqueued_at {
                    watch.add(enqueued_at, key, job.exceptions.as_deref());
                }
            }
        }
        let queue = self.queues.named_mut(queue_id);
        if let Some(old) = queue.wait_watch.take() {
            self.deadlines.cancel(old.deadline);
        }
        queue.wait_watch = watch.map(Box::new);
        self.set_wait_deadline(queue_id);
    }

    /// Lets every rule fire again for the jobs of a queue, which got another policy.
    pub(crate) fn forget_exceptions(&mut self, queue_id: &Id) {
        for key in self.queues.named(queue_id).queued_jobs() {
            if let Some(exceptions) = &mut self.jobs[key].exceptions {
                exceptions.forget_fired();
            }
        }
    }

    fn set_wait_deadline(&mut self, queue_id: &Id) {
        let Some(key) = self.queues.key(queue_id) else {
            return;
        };
        let Some(watch) = &mut self.queues[key].wait_watch else {
            return;
        };
        let next = watch.next().map(|due| due.at);
        if watch.deadline.map(|(at, _)| at) != next {
            self.deadlines.cancel(watch.deadline);
            let deadline = Deadline::WaitEnds { queue: key };
            watch.deadline = next.map(|at| self.deadlines.set(at, deadline));
        }
    }

    /// The job that waits longest has waited as long as a rule allows. What is due at the same time follows by itself.
    pub(crate) fn end_wait(&mut self, key: QueueKey) {
        let queue = &mut self.queues[key];
        let queue_id = queue.id.clone();
        let watch = queue.wait_watch.as_mut();
        let due = watch.and_then(|watch| {
            watch.deadline = None;
            watch.take_due(self.now)
        });
        let rule = due
            .as_ref()
            .and_then(|due| self.rule_of(&queue_id, &due.rule));
        if let (Some(due), Some(rule)) = (due, rule) {
            self.fire(due.job, &rule);
        }
        self.set_wait_deadline(&queue_id);
    }

    fn rule_of(&self, queue_id: &Id, rule: &str) -> Option<ExceptionRule> {
        let policy = &self.queues.named(queue_id).definition;
        let policy = self
            .exception_policies
            .named(policy.exception_policy_id.as_ref()?);
        let mut rules = policy.definition.rules.iter();
        rules.find(|known| *known.id == *rule).cloned()
    }
}

/// Rules fire.
impl Engine {
    /// Fires a rule for a queued job, unless it has fired since the job was added to the queue.
    fn fire(&mut self, key: JobKey, rule: &ExceptionRule) {
        let job = &mut self.jobs[key];
        let queue_id = job.definition.queue_id.as_ref();
        let queue = self
            .queues
            .named_mut(queue_id.expect("a queued job has a queue"));
        if let (Some(watch), Some(enqueued_at)) = (&mut queue.wait_watch, job.enqueued_at) {
            watch.remove_from(&rule.id, enqueued_at, key);
        }
        let new = || Box::new(Exceptions::new(self.now));
        let exceptions = job.exceptions.get_or_insert_with(new);
        if exceptions.has_fired(&rule.id) {
            return;
        }
        exceptions.fire(&rule.id, self.now);
        let triggered = Happening::job_exception_triggered(job, &rule.id);
        let queue_id = queue.id.clone();
        self.set_wait_deadline(&queue_id);
        self.record(triggered);
        for action in &rule.actions {
            self.act(key, &action.kind);
        }
    }

    /// Does what an action says, unless an earlier one has ended the job, or rules have moved it too often.
    fn act(&mut self, key: JobKey, action: &ExceptionActionKind) {
        let job = &self.jobs[key];
        if !job.status.comes_before_assignment() {
            return;
        }
        let may_move = job.exceptions.as_ref().is_none_or(|past| past.may_move());
        match action {
            ExceptionActionKind::Cancel {
                note,
                disposition_code,
            } => {
                let options = CancelOptions {
                    note: note.as_deref().map(str::to_owned),
                    disposition_code: disposition_code.as_deref().map(str::to_owned),
                };
                self.cancel(key, &options);
            }
            ExceptionActionKind::ManualReclassify {
                queue_id,
                priority,
                worker_selectors,
            } if may_move => {
                self.reclassify_manually(key, queue_id.as_ref(), *priority, worker_selectors);
            }
            ExceptionActionKind::Reclassify {
                classification_policy_id,
                labels_to_upsert,
            } if may_move => {
                let policy = classification_policy_id.as_ref();
                self.reclassify_with(key, policy, labels_to_upsert.as_ref());
            }
            ExceptionActionKind::ManualReclassify { .. }
            | ExceptionActionKind::Reclassify { .. } => {}
        }
    }

    /// Gives a job what an action says of queue, priority and selectors, as its caller could. An action that names a
    /// queue which is gone by now does nothing.
    fn reclassify_manually(
        &mut self,
        key: JobKey,
        queue: Option<&Id>,
        priority: Option<i32>,
        selectors: &[WorkerSelector],
    ) {
        if queue.is_some_and(|queue| self.queues.key(queue).is_none()) {
            return;
        }
        let job = &self.jobs[key];
        let mut definition = job.definition.clone();
        let stays = queue.is_none() || definition.queue_id.as_ref() == queue;
        definition.queue_id = queue.cloned().or(definition.queue_id);
        definition.priority = priority.unwrap_or(definition.priority);
        if !selectors.is_empty() {
            definition.requested_selectors = selectors.to_vec();
        }
        self.change_job(key, definition);
        let job = &self.jobs[key];
        // A move is told as every move is; a job that stays in its queue is queued there anew.
        if stays && job.status == JobStatus::Queued {
            let queued = Happening::job_queued(job);
            self.record(queued);
        }
    }

    /// Sets labels of a job and has it classified, at once unless a rule of the policy must be called. An action that
    /// names a policy which is gone by now does nothing.
    fn reclassify_with(&mut self, key: JobKey, policy: Option<&Id>, labels: Option<&LabelMap>) {
        if policy.is_some_and(|policy| self.classification_policies.key(policy).is_none()) {
            return;
        }
        if let Some(labels) = labels {
            let job = &mut self.jobs[key];
            job.definition.labels = job.definition.labels.with(labels);
            self.touch_job(key);
        }
        self.reclassify(key, policy.cloned());
        // The actions that follow find the job as its policy leaves it.
        self.start_job(key);
    }
}

impl Job {
    fn is_queued_in(&self, queue: &Id) -> bool {
        self.status == JobStatus::Queued && self.definition.queue_id.as_ref() == Some(queue)
    }
}
