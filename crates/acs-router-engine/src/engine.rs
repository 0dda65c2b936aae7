//! The engine: its whole state, and the one way to change it.

use std::mem;

use acs_types::Timestamp;

use crate::answer::{Answer, EntityKind, Outcome};
use crate::command::Command;
use crate::deadlines::{Deadline, Deadlines};
use crate::entities::{
    ClassificationPolicy, ClassificationPolicyView, DistributionPolicy, DistributionPolicyView,
    ExceptionPolicy, ExceptionPolicyView, Job, JobView, Queue, QueueView, Worker, WorkerView,
};
use crate::events::Happening;
use crate::ids::IdSource;
use crate::journal::Journal;
use crate::list::{Cursor, JobFilter, Page, PageRequest, WorkerFilter};
use crate::matching::{SelectorSets, Unsettled};
use crate::refusal::Refusal;
use crate::table::{
    ClassificationPolicyKey, DistributionPolicyKey, ExceptionPolicyKey, JobKey, Key, QueueKey,
    Table, WorkerKey,
};
use crate::time::to_ticks;
use crate::transitions::Askers;

/// The routing state of one resource.
///
/// Nothing in here reads a clock, draws randomness from outside, or does I/O: the same seed and the same commands at the
/// same times give the same state, answers and events. A clone is an independent copy.
#[derive(Clone, Debug, PartialEq)]
pub struct Engine {
    pub(crate) now: Timestamp,
    pub(crate) ids: IdSource,
    pub(crate) distribution_policies: Table<DistributionPolicyKey, DistributionPolicy>,
    pub(crate) classification_policies: Table<ClassificationPolicyKey, ClassificationPolicy>,
    pub(crate) exception_policies: Table<ExceptionPolicyKey, ExceptionPolicy>,
    pub(crate) queues: Table<QueueKey, Queue>,
    pub(crate) workers: Table<WorkerKey, Worker>,
    pub(crate) jobs: Table<JobKey, Job>,
    pub(crate) selector_sets: SelectorSets,
    pub(crate) deadlines: Deadlines,
    pub(crate) askers: Askers,
    pub(crate) unsettled: Unsettled,
    pub(crate) journal: Journal,
}

impl Engine {
    /// An engine without entities, whose ids and entity tags follow from the seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            now: Timestamp::UNIX_EPOCH,
            ids: IdSource::new(seed),
            distribution_policies: Table::new(),
            classification_policies: Table::new(),
            exception_policies: Table::new(),
            queues: Table::new(),
            workers: Table::new(),
            jobs: Table::new(),
            selector_sets: SelectorSets::default(),
            deadlines: Deadlines::default(),
            askers: Askers::new(),
            unsettled: Unsettled::default(),
            journal: Journal::default(),
        }
    }

    /// Carries out one command at the given time.
    ///
    /// First every deadline up to that time passes, each at its own time and in order. Then the command runs and is
    /// answered. Last, what follows from it settles: new jobs are queued, offers go out. A refused command changes
    /// nothing, beyond what was due anyway. Afterwards nothing is due any more.
    ///
    /// Times count in tenths of a microsecond. A time before that of the previous command counts as that time.
    pub fn apply(&mut self, now: Timestamp, command: Command) -> Outcome {
        let now = to_ticks(now).max(self.now);
        self.pass_deadlines(now);
        self.now = now;
        let answer = self.run(command);
        self.settle();
        // What the command has set for a time that is past takes effect at once.
        self.pass_deadlines(now);
        let mut journal = mem::take(&mut self.journal);
        Outcome {
            answer,
            events: mem::take(&mut journal.events),
            pairs_examined: journal.pairs_examined,
            effects: mem::take(&mut journal.effects),
            changes: journal.into_changes(),
        }
    }

    /// When something will happen by itself next: the latest time to apply a [`Command::Tick`], if nothing else comes
    /// before.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Timestamp> {
        self.deadlines.next()
    }

    fn pass_deadlines(&mut self, now: Timestamp) {
        while let Some((at, deadline)) = self.deadlines.take_due(now) {
            self.now = at.max(self.now);
            match deadline {
                Deadline::OfferExpires { worker, offer } => self.expire_offer(worker, offer),
                Deadline::OfferRetries { job, worker } => self.retry_offer(job, worker),
                Deadline::SelectorsExpire { job } => self.expire_selectors(job),
                Deadline::ScheduleArrives { job } => self.suspend_at_schedule(job),
                Deadline::IdlenessEnds { worker } => self.deregister_idle(worker),
                Deadline::WaitEnds { queue } => self.end_wait(queue),
                Deadline::JobCloses { job } => self.close_completed(job),
                Deadline::LifeEnds { job } => self.end_life(job),
            }
            self.settle();
        }
    }

    fn run(&mut self, command: Command) -> Result<Answer, Refusal> {
        match command {
            Command::UpsertDistributionPolicy {
                id,
                patch,
                condition,
            } => self.upsert_distribution_policy(&id, &patch, &condition),
            Command::DeleteDistributionPolicy { id } => self.delete_distribution_policy(&id),
            Command::UpsertClassificationPolicy {
                id,
                patch,
                condition,
            } => self.upsert_classification_policy(&id, &patch, &condition),
            Command::DeleteClassificationPolicy { id } => self.delete_classification_policy(&id),
            Command::UpsertExceptionPolicy {
                id,
                patch,
                condition,
            } => self.upsert_exception_policy(&id, &patch, &condition),
            Command::DeleteExceptionPolicy { id } => self.delete_exception_policy(&id),
            Command::UpsertQueue {
                id,
                patch,
                condition,
            } => self.upsert_queue(&id, &patch, &condition),
            Command::DeleteQueue { id } => self.delete_queue(&id),
            Command::UpsertWorker {
                id,
                patch,
                condition,
            } => self.upsert_worker(&id, &patch, &condition),
            Command::DeleteWorker { id } => self.delete_worker(&id),
            Command::UpsertJob {
                id,
                patch,
                condition,
            } => self.upsert_job(&id, &patch, &condition),
            Command::DeleteJob { id } => self.delete_job(&id),
            Command::AcceptOffer {
                worker_id,
                offer_id,
            } => self.accept_offer(&worker_id, &offer_id),
            Command::DeclineOffer {
                worker_id,
                offer_id,
                options,
            } => self.decline_offer(&worker_id, &offer_id, &options),
            Command::CompleteJob {
                job_id,
                assignment_id,
                options,
            } => self.complete_job(&job_id, &assignment_id, &options),
            Command::CloseJob {
                job_id,
                assignment_id,
                options,
            } => self.close_job(&job_id, &assignment_id, options),
            Command::UnassignJob {
                job_id,
                assignment_id,
                options,
            } => self.unassign_job(&job_id, &assignment_id, &options),
            Command::ReclassifyJob { job_id } => self.reclassify_job(&job_id),
            Command::CancelJob { job_id, options } => self.cancel_job(&job_id, &options),
            Command::AnswerRuleCall { id, result } => Ok(self.answer_rule_call(id, result)),
            Command::Tick => Ok(Answer::Done),
        }
    }
}

/// Reading. What is read is as of the last command: apply a [`Command::Tick`] first to see what is due by now.
impl Engine {
    /// A distribution policy.
    ///
    /// # Errors
    ///
    /// There is none of this id.
    pub fn distribution_policy(&self, id: &str) -> Result<DistributionPolicyView<'_>, Refusal> {
        let policy = self
            .distribution_policies
            .by_id(id)
            .map(DistributionPolicyView::from);
        policy.ok_or_else(|| not_found(EntityKind::DistributionPolicy, id))
    }

    /// A classification policy.
    ///
    /// # Errors
    ///
    /// There is none of this id.
    pub fn classification_policy(&self, id: &str) -> Result<ClassificationPolicyView<'_>, Refusal> {
        let policy = self.classification_policies.by_id(id);
        let policy = policy.map(ClassificationPolicyView::from);
        policy.ok_or_else(|| not_found(EntityKind::ClassificationPolicy, id))
    }

    /// An exception policy.
    ///
    /// # Errors
    ///
    /// There is none of this id.
    pub fn exception_policy(&self, id: &str) -> Result<ExceptionPolicyView<'_>, Refusal> {
        let policy = self.exception_policies.by_id(id);
        let policy = policy.map(ExceptionPolicyView::from);
        policy.ok_or_else(|| not_found(EntityKind::ExceptionPolicy, id))
    }

    /// A queue.
    ///
    /// # Errors
    ///
    /// There is none of this id.
    pub fn queue(&self, id: &str) -> Result<QueueView<'_>, Refusal> {
        let queue = self.queues.by_id(id).map(QueueView::from);
        queue.ok_or_else(|| not_found(EntityKind::Queue, id))
    }

    /// A worker.
    ///
    /// # Errors
    ///
    /// There is none of this id.
    pub fn worker(&self, id: &str) -> Result<WorkerView<'_>, Refusal> {
        let worker = self.workers.by_id(id).map(WorkerView::from);
        worker.ok_or_else(|| not_found(EntityKind::Worker, id))
    }

    /// A job.
    ///
    /// # Errors
    ///
    /// There is none of this id.
    pub fn job(&self, id: &str) -> Result<JobView<'_>, Refusal> {
        let job = self.jobs.by_id(id).map(JobView::from);
        job.ok_or_else(|| not_found(EntityKind::Job, id))
    }

    /// Distribution policies, newest first.
    #[must_use]
    pub fn distribution_policies(&self, page: PageRequest) -> Page<DistributionPolicyView<'_>> {
        list(&self.distribution_policies, page, |_| true)
    }

    /// Classification policies, newest first.
    #[must_use]
    pub fn classification_policies(&self, page: PageRequest) -> Page<ClassificationPolicyView<'_>> {
        list(&self.classification_policies, page, |_| true)
    }

    /// Exception policies, newest first.
    #[must_use]
    pub fn exception_policies(&self, page: PageRequest) -> Page<ExceptionPolicyView<'_>> {
        list(&self.exception_policies, page, |_| true)
    }

    /// Queues, newest first.
    #[must_use]
    pub fn queues(&self, page: PageRequest) -> Page<QueueView<'_>> {
        list(&self.queues, page, |_| true)
    }

    /// The workers that the filter takes, newest first.
    #[must_use]
    pub fn workers(&self, filter: &WorkerFilter, page: PageRequest) -> Page<WorkerView<'_>> {
        list(&self.workers, page, |worker| filter.takes(worker))
    }

    /// The jobs that the filter takes, newest first.
    #[must_use]
    pub fn jobs(&self, filter: &JobFilter, page: PageRequest) -> Page<JobView<'_>> {
        list(&self.jobs, page, |job| filter.takes(job))
    }
}

fn not_found(kind: EntityKind, id: &str) -> Refusal {
    Refusal::not_found(kind.name(), id)
}

fn list<'a, K: Key, E, V: From<&'a E>>(
    table: &'a Table<K, E>,
    page: PageRequest,
    takes: impl Fn(&E) -> bool,
) -> Page<V> {
    let older_than = page.after.map(|Cursor(age)| age);
    let mut found = table
        .youngest_first(older_than)
        .filter(|(_, entity)| takes(entity));
    let limit = page.limit.max(1);
    let (keys, items): (Vec<K>, Vec<V>) = found
        .by_ref()
        .take(limit)
        .map(|(key, entity)| (key, V::from(entity)))
        .unzip();
    let more = found.next().is_some();
    let next = keys.last().filter(|_| more).map(|last| Cursor(last.age()));
    Page { items, next }
}

/// Bookkeeping for every transition.
impl Engine {
    pub(crate) fn record(&mut self, happening: Happening) {
        self.journal.record(&mut self.ids, self.now, happening);
    }

    /// Gives a job that has changed its next version.
    pub(crate) fn touch_job(&mut self, key: JobKey) {
        let job = &mut self.jobs[key];
        job.version.advance(&mut self.ids, self.now);
        self.journal
            .changed(EntityKind::Job, &job.id, Some(job.version.etag));
    }

    /// Gives a worker that has changed its next version.
    pub(crate) fn touch_worker(&mut self, key: WorkerKey) {
        let worker = &mut self.workers[key];
        worker.version.advance(&mut self.ids, self.now);
        self.journal
            .changed(EntityKind::Worker, &worker.id, Some(worker.version.etag));
    }

    /// The queue of a job that is queued.
    pub(crate) fn queue_of(&self, job: &Job) -> &Queue {
        let id = job.definition.queue_id.as_ref();
        self.queues.named(id.expect("a queued job has a queue"))
    }

    pub(crate) fn distribution_policy_of(&self, queue: &Queue) -> &DistributionPolicy {
        self.distribution_policies
            .named(&queue.definition.distribution_policy_id)
    }

    pub(crate) fn bypasses_selectors(&self, queue: &Queue) -> bool {
        self.distribution_policy_of(queue)
            .definition
            .mode
            .bypass_selectors
    }
}
