//! Jobs come, change, are cancelled and go.

use std::mem;
use std::sync::Arc;

use crate::answer::{Answer, EntityKind};
use crate::command::{CancelOptions, Condition};
use crate::engine::Engine;
use crate::entities::{
    Job, JobClassification, JobDefinition, JobStatus, JobView, MatchingMode, Standing,
};
use crate::events::Happening;
use crate::ids::{Etag, Id};
use crate::members::{Object, Reader};
use crate::refusal::Refusal;
use crate::table::{JobKey, WorkerKey};
use crate::version::Version;

use super::assignments::wrong_status;
use super::{check_id, upserted};

/// The outcome of a job that was cancelled without one.
const CANCELLED: &str = "Cancelled";

impl Engine {
    pub(crate) fn upsert_job(
        &mut self,
        id: &str,
        patch: &Object,
        condition: &Condition,
    ) -> Result<Answer, Refusal> {
        check_id(id)?;
        let key = self.jobs.key(id);
        let stored = key.map(|key| &self.jobs[key]);
        condition.check(stored.map(|job| job.version))?;
        let mut reader = Reader::default();
        let stored_definition = stored.map(|job| &job.definition);
        let definition = JobDefinition::patched(&mut reader, stored_definition, patch, self.now);
        if let Some(definition) = &definition {
            self.check_job_references(&mut reader, stored_definition, definition);
        }
        let definition = reader.finish_with(definition)?;
        if let Some(stored) = stored {
            stored.check_change(&definition)?;
        }
        let stored_key = match key {
            None => self.create_job(id, definition),
            Some(key) => self.change_job(key, definition),
        };
        Ok(upserted(
            key.is_none(),
            &JobView::from(&self.jobs[stored_key]),
        ))
    }

    // O5. What a closed job named may be gone, so only new references must exist.
    fn check_job_references(
        &self,
        reader: &mut Reader,
        stored: Option<&JobDefinition>,
        definition: &JobDefinition,
    ) {
        let old_queue = stored.and_then(|job| job.queue_id.as_ref());
        match &definition.queue_id {
            Some(queue) if old_queue != Some(queue) && self.queues.key(queue).is_none() => {
                reader.unknown_reference("queueId", "queue", queue);
            }
            Some(_) => {}
            None if definition.classification_policy_id.is_some() => {}
            None => reader.missing(
                "queueId",
                "is required unless classificationPolicyId is given",
            ),
        }
        let old_policy = stored.and_then(|job| job.classification_policy_id.as_ref());
        match &definition.classification_policy_id {
            Some(policy)
                if old_policy != Some(policy)
                    && self.classification_policies.key(policy).is_none() =>
            {
                reader.unknown_reference("classificationPolicyId", "classification policy", policy);
            }
            _ => {}
        }
    }

    fn create_job(&mut self, id: &str, definition: JobDefinition) -> JobKey {
        let id = Id::from(id);
        let classification = definition
            .classification_policy_id
            .as_ref()
            .map(|_| Box::new(JobClassification::due(definition.queue_id.is_none())));
        let status = match definition.matching_mode {
            MatchingMode::QueueAndMatch if classification.is_some() => {
                JobStatus::PendingClassification
            }
            MatchingMode::QueueAndMatch => JobStatus::Created,
            MatchingMode::ScheduleAndSuspend { .. } => JobStatus::PendingSchedule,
            MatchingMode::Suspend => JobStatus::WaitingForActivation,
        };
        let job = Job {
            id: id.clone(),
            definition,
            version: Version {
                etag: Etag::first(&mut self.ids),
                modified: self.now,
            },
            status,
            classification,
            enqueued_at: None,
            scheduled_at: None,
            assignment: None,
            unassignments: 0,
            offers: Vec::new(),
            declines: Vec::new(),
            selectors: None,
            standing: Standing::Away,
            stay: None,
            exceptions: None,
            scores: None,
            deadline: None,
            end_of_life: None,
        };
        let received = Happening::job_received(&job);
        self.journal
            .changed(EntityKind::Job, &id, Some(job.version.etag));
        let counted = Counted::of(&job.definition);
        self.count_open_job(&counted, Count::In);
        let key = self.jobs.insert(&id, job);
        self.limit_life(key);
        self.record(received);
        if status == JobStatus::WaitingForActivation {
            let waiting = Happening::job_waiting_for_activation(&self.jobs[key]);
            self.record(waiting);
        }
        self.unsettled.new_jobs.push(key);
        key
    }

    pub(super) fn change_job(&mut self, key: JobKey, definition: JobDefinition) -> JobKey {
        let job = &self.jobs[key];
        let changes_mode = job.definition.matching_mode != definition.matching_mode;
        self.prepare_classification(key, &definition);
        if self.jobs[key].status == JobStatus::Queued {
            self.change_queued_job(key, definition);
        } else {
            self.replace_definition(key, definition);
        }
        if changes_mode {
            self.follow_matching_mode(key);
        }
        self.touch_job(key);
        key
    }

    /// Changes a job that matching knows: revokes the offers that do not fit any more and puts it in its new place, with
    /// the time it was queued at (O7).
    fn change_queued_job(&mut self, key: JobKey, definition: JobDefinition) {
        let old = &self.jobs[key].definition;
        let moves = old.queue_id != definition.queue_id;
        let relocates = moves || old.channel_id != definition.channel_id;
        let reselects = old.requested_selectors != definition.requested_selectors;
        if !relocates && !reselects && old.priority == definition.priority {
            self.replace_definition(key, definition);
            // Scores may have been asked for with other labels.
            if self.jobs[key].scores.is_some() {
                self.wake_job(key);
            }
            return;
        }
        if relocates {
            self.revoke_offers_of(key);
        } else if reselects {
            self.revoke_offers_that_fail(key, &definition);
        }
        self.displace(key);
        if moves {
            self.depart(key);
        }
        self.replace_definition(key, definition);
        self.hold_selectors(key);
        self.update_standing(key);
        self.wake_job(key);
        if moves {
            self.arrive(key);
            let queued = Happening::job_queued(&self.jobs[key]);
            self.record(queued);
        }
    }

    /// Revokes the offers to workers that do not meet the selectors that the job is about to get (R82).
    fn revoke_offers_that_fail(&mut self, key: JobKey, definition: &JobDefinition) {
        let job = &self.jobs[key];
        if self.bypasses_selectors(self.queue_of(job)) {
            return;
        }
        let fails = |worker: WorkerKey| {
            let labels = &self.workers[worker].definition.labels;
            let mut selectors = definition.requested_selectors.iter();
            selectors.any(|selector| selector.is_active() && !selector.holds_for(labels))
        };
        let failing = job
            .offers
            .iter()
            .copied()
            .filter(|(worker, _)| fails(*worker));
        for (worker, offer) in failing.collect::<Vec<_>>() {
            self.revoke_offer(worker, offer);
        }
    }

    pub(crate) fn replace_definition(&mut self, key: JobKey, definition: JobDefinition) {
        let job = &mut self.jobs[key];
        let counts = !job.status.is_final();
        let new = Counted::of(&definition);
        let old = mem::replace(&mut job.definition, definition);
        let old = Counted::of(&old);
        if counts && old != new {
            self.count_open_job(&old, Count::Out);
            self.count_open_job(&new, Count::In);
        }
    }

    /// Gives an open job another queue.
    pub(crate) fn move_open_job(&mut self, key: JobKey, queue: &Id) {
        let definition = &mut self.jobs[key].definition;
        let old = Counted::of(definition);
        definition.queue_id = Some(queue.clone());
        let new = Counted::of(definition);
        self.count_open_job(&old, Count::Out);
        self.count_open_job(&new, Count::In);
    }

    /// Does what a new matching mode asks of a job that is not queued (R53).
    fn follow_matching_mode(&mut self, key: JobKey) {
        let job = &mut self.jobs[key];
        match (job.status, &job.definition.matching_mode) {
            (
                JobStatus::Scheduled | JobStatus::WaitingForActivation,
                MatchingMode::QueueAndMatch,
            ) => {
                self.activate(key);
            }
            (
                JobStatus::Scheduled | JobStatus::WaitingForActivation,
                MatchingMode::ScheduleAndSuspend { .. },
            ) => {
                self.deadlines.cancel(job.deadline.take());
                job.status = JobStatus::PendingSchedule;
                job.scheduled_at = None;
                self.unsettled.new_jobs.push(key);
            }
            (JobStatus::Scheduled, MatchingMode::Suspend) => {
                self.deadlines.cancel(job.deadline.take());
                self.suspend(key);
            }
            _ => {}
        }
    }

    // R88
    pub(crate) fn cancel_job(
        &mut self,
        id: &str,
        options: &CancelOptions,
    ) -> Result<Answer, Refusal> {
        let key = self
            .jobs
            .key(id)
            .ok_or_else(|| Refusal::not_found("Job", id))?;
        let status = self.jobs[key].status;
        if matches!(
            status,
            JobStatus::Completed | JobStatus::Closed | JobStatus::Cancelled
        ) {
            return Err(wrong_status(
                status,
                "only a job that is not completed can be cancelled",
            ));
        }
        self.cancel(key, options);
        Ok(Answer::Done)
    }

    /// Ends a job that is not completed.
    pub(super) fn cancel(&mut self, key: JobKey, options: &CancelOptions) {
        self.leave_queue(key);
        self.drop_classification_calls(key);
        let job = &mut self.jobs[key];
        job.status = JobStatus::Cancelled;
        job.add_note(options.note.as_deref(), self.now);
        let code = options.disposition_code.as_deref().map(Arc::from);
        let code = code.or_else(|| job.definition.disposition_code.take());
        job.definition.disposition_code = Some(code.unwrap_or_else(|| Arc::from(CANCELLED)));
        let cancelled = Happening::job_cancelled(job, options.note.as_deref());
        self.record(cancelled);
        self.revoke_offers_of(key);
        self.free_assigned_worker(key);
        self.finish_job(key);
    }

    pub(super) fn free_assigned_worker(&mut self, key: JobKey) {
        if let Some(assignment) = &mut self.jobs[key].assignment {
            assignment.closed_at = Some(self.now);
            let assignment = assignment.clone();
            self.free_worker(&assignment);
        }
    }

    /// Nothing more will happen to this job.
    pub(crate) fn finish_job(&mut self, key: JobKey) {
        self.end_stay(key);
        let job = &mut self.jobs[key];
        for decline in mem::take(&mut job.declines) {
            self.deadlines.cancel(decline.retry);
        }
        let counted = Counted::of(&job.definition);
        self.count_open_job(&counted, Count::Out);
        self.touch_job(key);
    }

    // R90
    pub(crate) fn delete_job(&mut self, id: &str) -> Result<Answer, Refusal> {
        let Some(key) = self.jobs.key(id) else {
            return Ok(Answer::Deleted);
        };
        match self.jobs[key].status {
            JobStatus::Closed | JobStatus::Cancelled => {}
            JobStatus::ClassificationFailed => self.finish_job(key),
            _ => {
                let reason = "The job is neither closed nor cancelled";
                return Err(Refusal::conflict(&[("JobStatus", reason)]));
            }
        }
        self.remove_job(key);
        Ok(Answer::Deleted)
    }

    fn count_open_job(&mut self, counted: &Counted, count: Count) {
        let change = |open_jobs: &mut usize| match count {
            Count::In => *open_jobs += 1,
            Count::Out => *open_jobs -= 1,
        };
        if let Some(queue) = &counted.queue {
            change(&mut self.queues.named_mut(queue).open_jobs);
        }
        if let Some(policy) = &counted.policy {
            change(&mut self.classification_policies.named_mut(policy).open_jobs);
        }
    }
}

/// What an open job keeps from being deleted.
#[derive(PartialEq)]
struct Counted {
    queue: Option<Id>,
    policy: Option<Id>,
}

impl Counted {
    fn of(definition: &JobDefinition) -> Self {
        Self {
            queue: definition.queue_id.clone(),
            policy: definition.classification_policy_id.clone(),
        }
    }
}

/// Whether an open job comes or goes.
#[derive(Clone, Copy)]
enum Count {
    In,
    Out,
}

impl Job {
    /// Whether its policy must run again when it gets this definition (R56, R57). A job with a worker is left alone.
    pub(super) fn is_due_for_classification(&self, new: &JobDefinition) -> bool {
        let old = &self.definition;
        let requeues = match self.status {
            // One that has been classified just moves, unless its queue is to be chosen again (O7).
            JobStatus::Queued => new.queue_id.is_none(),
            _ => old.queue_id != new.queue_id,
        };
        self.status.comes_before_assignment()
            && (requeues
                || old.labels != new.labels
                || old.classification_policy_id != new.classification_policy_id)
    }

    /// Refuses a change that the job's status does not allow.
    fn check_change(&self, new: &JobDefinition) -> Result<(), Refusal> {
        let changes_mode = self.definition.matching_mode != new.matching_mode;
        match self.status {
            // O8
            JobStatus::Closed | JobStatus::Cancelled if !self.changes_remarks_only(new) => {
                Err(wrong_status(
                    self.status,
                    "of such a job only notes, tags and dispositionCode can be changed",
                ))
            }
            JobStatus::Queued
            | JobStatus::PendingClassification
            | JobStatus::ClassificationFailed
            | JobStatus::Assigned
            | JobStatus::Completed
                if changes_mode =>
            {
                Err(wrong_status(
                    self.status,
                    "matchingMode can be changed only before a job is queued",
                ))
            }
            _ => Ok(()),
        }
    }

    fn changes_remarks_only(&self, new: &JobDefinition) -> bool {
        let allowed = JobDefinition {
            notes: new.notes.clone(),
            tags: new.tags.clone(),
            disposition_code: new.disposition_code.clone(),
            ..self.definition.clone()
        };
        allowed == *new
    }
}
