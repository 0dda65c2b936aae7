//! A second router, as simple as the rules allow and as slow: no index, every pair looked at after every change.
//!
//! It says what the engine must do; `random_commands` compares the two.

mod matching;

use std::collections::BTreeMap;

use crate::steps::{JobStep, ModeStep, Selector, Step, WorkerStep};

const OFFER_LIFETIME: [u64; 2] = [7, 11];

/// All there is. Times are whole seconds since the start.
#[derive(Clone, Debug)]
pub(crate) struct Reference {
    now: u64,
    created: u64,
    set: u64,
    modes: [ModeStep; 2],
    last_offered: [Option<u8>; 2],
    /// The waits of accepted jobs, oldest first.
    waits: [Vec<u64>; 2],
    pub(crate) workers: BTreeMap<u8, Worker>,
    pub(crate) jobs: BTreeMap<u8, Job>,
    deadlines: Vec<(u64, u64, Deadline)>,
}

#[derive(Clone, Debug)]
pub(crate) struct Worker {
    step: WorkerStep,
    pub(crate) available: bool,
    registration: u32,
    since: u64,
    /// Newest first.
    pub(crate) offers: Vec<Held>,
    pub(crate) assigned: Vec<Held>,
}

/// A job that takes a part of a worker.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Held {
    pub(crate) job: u8,
    channel: u8,
    cost: u32,
}

#[derive(Clone, Debug)]
pub(crate) struct Job {
    age: u64,
    step: JobStep,
    expired: bool,
    pub(crate) status: Status,
    enqueued_at: u64,
    /// Worker, its registration then, and until when.
    declined: Vec<(u8, u32, Option<u64>)>,
    worker: Option<u8>,
    /// Whether its matching mode is `suspend`.
    suspended: bool,
    unassigned: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    Queued,
    Waiting,
    Assigned,
    Completed,
    Closed,
    Cancelled,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Deadline {
    Offer { worker: u8, job: u8 },
    Retry { worker: u8, job: u8 },
    Selector { job: u8 },
    Close { job: u8 },
}

impl Reference {
    pub(crate) fn new(modes: [ModeStep; 2]) -> Self {
        Self {
            now: 0,
            created: 0,
            set: 0,
            modes,
            last_offered: [None, None],
            waits: [Vec::new(), Vec::new()],
            workers: BTreeMap::new(),
            jobs: BTreeMap::new(),
            deadlines: Vec::new(),
        }
    }

    /// Takes a step; says whether it is allowed.
    pub(crate) fn take(&mut self, step: &Step) -> bool {
        if let Step::Wait(seconds) = step {
            self.pass_deadlines(self.now + u64::from(*seconds));
            return true;
        }
        self.pass_deadlines(self.now);
        let allowed = self.change(step);
        self.settle();
        self.pass_deadlines(self.now);
        allowed
    }

    fn pass_deadlines(&mut self, now: u64) {
        while let Some(due) = self
            .deadlines
            .iter()
            .min_by_key(|(at, set, _)| (*at, *set))
            .copied()
            && due.0 <= now
        {
            self.deadlines.retain(|deadline| *deadline != due);
            self.now = self.now.max(due.0);
            match due.2 {
                Deadline::Offer { worker, job } => {
                    self.take_offer(worker, job);
                    self.deregister(worker);
                }
                Deadline::Retry { worker, job } => {
                    let declined = &mut self.job(job).declined;
                    declined.retain(|(who, _, until)| {
                        *who != worker || until.is_none_or(|until| until > due.0)
                    });
                }
                Deadline::Selector { job } => self.job(job).expired = true,
                Deadline::Close { job } => self.close(job),
            }
            self.settle();
        }
        self.now = now;
    }

    fn change(&mut self, step: &Step) -> bool {
        match step {
            Step::Wait(_) => true,
            Step::Mode(queue, mode) => {
                self.modes[usize::from(*queue)] = mode.clone();
                true
            }
            Step::Worker(id, worker) => {
                self.change_worker(*id, worker);
                true
            }
            Step::Available(id, available) => {
                let Some(worker) = self.workers.get(id) else {
                    return false;
                };
                let step = WorkerStep {
                    available: *available,
                    ..worker.step.clone()
                };
                self.change_worker(*id, &step);
                true
            }
            Step::DeleteWorker(id) => {
                if self.workers.contains_key(id) {
                    self.deregister(*id);
                    self.workers.remove(id);
                }
                for job in self.jobs.values_mut() {
                    job.declined.retain(|(worker, _, _)| worker != id);
                }
                true
            }
            Step::Job(id, job) => self.change_job(*id, job),
            Step::DeleteJob(id) => self.delete_job(*id),
            Step::Accept(worker, index) => self.accept(*worker, *index),
            Step::Decline(worker, index, retry) => self.decline(*worker, *index, *retry),
            Step::Complete(job) => self.advance(*job, Status::Assigned, Status::Completed),
            Step::Close(job, later) => self.close_now_or_later(*job, *later),
            Step::Unassign(job, suspend) => self.unassign(*job, *suspend),
            Step::Resume(job) => self.resume(*job),
            Step::Cancel(job) => self.cancel(*job),
        }
    }

    // Workers.

    fn change_worker(&mut self, id: u8, step: &WorkerStep) {
        let created = self.created;
        let worker = self.workers.entry(id).or_insert_with(|| Worker {
            step: WorkerStep {
                age: created,
                ..step.clone()
            },
            available: false,
            registration: 0,
            since: 0,
            offers: Vec::new(),
            assigned: Vec::new(),
        });
        if worker.step.age == created {
            self.created += 1;
        }
        worker.step = WorkerStep {
            age: worker.step.age,
            ..step.clone()
        };
        match (worker.available, step.available) {
            (false, true) => {
                worker.available = true;
                worker.registration += 1;
                worker.since = self.now;
            }
            (true, false) => self.deregister(id),
            _ => self.revoke_unlisted(id),
        }
    }

    fn revoke_unlisted(&mut self, id: u8) {
        let worker = &self.workers[&id];
        let lost = worker.offers.iter().filter(|offer| {
            let queue = self.jobs[&offer.job].step.queue;
            worker.channel(offer.channel).is_none() || !worker.step.queues.contains(&queue)
        });
        for job in lost.map(|offer| offer.job).collect::<Vec<_>>() {
            self.take_offer(id, job);
        }
    }

    fn deregister(&mut self, id: u8) {
        let worker = self.workers.get_mut(&id).expect("a worker");
        worker.available = false;
        for offer in worker.offers.clone() {
            self.take_offer(id, offer.job);
        }
    }

    // Jobs.

    fn change_job(&mut self, id: u8, step: &JobStep) -> bool {
        let Some(job) = self.jobs.get(&id).cloned() else {
            self.create_job(id, step);
            return true;
        };
        let reselects = job.expired || job.step.selector != step.selector;
        let changes = reselects || job.step != *step;
        match job.status {
            Status::Closed | Status::Cancelled if changes => return false,
            Status::Queued if changes => {
                let relocates = (job.step.queue, job.step.channel) != (step.queue, step.channel);
                for worker in self.holders(id) {
                    let level = self.workers[&worker].step.level;
                    let fails = step
                        .selector
                        .as_ref()
                        .is_some_and(|selector| !selector.is_met_by(level));
                    let bypass = self.modes[usize::from(step.queue)].bypass;
                    if relocates || (reselects && fails && !bypass) {
                        self.take_offer(worker, id);
                    }
                }
            }
            _ => {}
        }
        let job = self.job(id);
        job.step = step.clone();
        job.expired = false;
        if job.status == Status::Queued && changes {
            self.watch_selector(id);
        }
        true
    }

    fn create_job(&mut self, id: u8, step: &JobStep) {
        let job = Job {
            age: self.created,
            step: step.clone(),
            expired: false,
            status: Status::Queued,
            enqueued_at: self.now,
            declined: Vec::new(),
            worker: None,
            suspended: false,
            unassigned: false,
        };
        self.created += 1;
        self.jobs.insert(id, job);
        self.watch_selector(id);
    }

    fn watch_selector(&mut self, id: u8) {
        self.cancel_deadline(Deadline::Selector { job: id });
        let job = &self.jobs[&id];
        if let Some(span) = job.selector().and_then(|selector| selector.expires_after) {
            let key = (
                job.enqueued_at + u64::from(span),
                self.set,
                Deadline::Selector { job: id },
            );
            self.set += 1;
            self.deadlines.push(key);
        }
    }

    fn delete_job(&mut self, id: u8) -> bool {
        match self.jobs.get(&id).map(|job| job.status) {
            Some(Status::Closed | Status::Cancelled) => {
                self.jobs.remove(&id);
                true
            }
            Some(_) => false,
            None => true,
        }
    }

    fn accept(&mut self, worker_id: u8, index: u8) -> bool {
        let Some(offer) = self.offer_at(worker_id, index) else {
            return false;
        };
        for worker in self.holders(offer.job) {
            self.take_offer(worker, offer.job);
        }
        self.cancel_deadline(Deadline::Selector { job: offer.job });
        let now = self.now;
        let job = self.job(offer.job);
        let (queue, wait) = (usize::from(job.step.queue), now - job.enqueued_at);
        let waited_only = !job.unassigned;
        job.status = Status::Assigned;
        job.worker = Some(worker_id);
        self.workers
            .get_mut(&worker_id)
            .expect("a worker")
            .assigned
            .push(offer);
        if waited_only {
            self.waits[queue].push(wait);
        }
        true
    }

    fn decline(&mut self, worker_id: u8, index: u8, retry: Option<u8>) -> bool {
        let Some(offer) = self.offer_at(worker_id, index) else {
            return false;
        };
        self.take_offer(worker_id, offer.job);
        if retry == Some(0) {
            return true;
        }
        let registration = self.workers[&worker_id].registration;
        let until = retry.map(|span| self.now + u64::from(span));
        if let Some(span) = retry {
            self.set_deadline(
                span.into(),
                Deadline::Retry {
                    worker: worker_id,
                    job: offer.job,
                },
            );
        }
        self.job(offer.job)
            .declined
            .push((worker_id, registration, until));
        true
    }

    fn advance(&mut self, id: u8, from: Status, to: Status) -> bool {
        match self.jobs.get_mut(&id) {
            Some(job) if job.status == from => {
                job.status = to;
                true
            }
            _ => false,
        }
    }

    fn close_now_or_later(&mut self, id: u8, later: u8) -> bool {
        match self.jobs.get(&id).map(|job| job.status) {
            Some(Status::Closed) => return true,
            Some(Status::Completed) => {}
            _ => return false,
        }
        self.cancel_deadline(Deadline::Close { job: id });
        if later == 0 {
            self.close(id);
        } else {
            self.set_deadline(later.into(), Deadline::Close { job: id });
        }
        true
    }

    fn close(&mut self, id: u8) {
        self.job(id).status = Status::Closed;
        self.finish(id);
    }

    fn unassign(&mut self, id: u8, suspend: bool) -> bool {
        if self.jobs.get(&id).map(|job| job.status) != Some(Status::Assigned) {
            return false;
        }
        self.free_worker(id);
        self.job(id).suspended = suspend;
        self.job(id).unassigned = true;
        self.wait_or_queue(id);
        true
    }

    fn resume(&mut self, id: u8) -> bool {
        let Some(job) = self.jobs.get_mut(&id) else {
            return false;
        };
        if !job.suspended {
            return true;
        }
        if job.status != Status::Waiting {
            return false;
        }
        job.suspended = false;
        self.wait_or_queue(id);
        true
    }

    fn wait_or_queue(&mut self, id: u8) {
        let job = self.job(id);
        if job.suspended {
            job.status = Status::Waiting;
        } else {
            job.status = Status::Queued;
            self.watch_selector(id);
        }
    }

    fn cancel(&mut self, id: u8) -> bool {
        let status = self.jobs.get(&id).map(|job| job.status);
        if !matches!(
            status,
            Some(Status::Queued | Status::Waiting | Status::Assigned)
        ) {
            return false;
        }
        for worker in self.holders(id) {
            self.take_offer(worker, id);
        }
        self.cancel_deadline(Deadline::Selector { job: id });
        self.job(id).status = Status::Cancelled;
        self.finish(id);
        true
    }

    /// Frees whoever works on the job; declines do not matter any more.
    fn finish(&mut self, id: u8) {
        self.job(id).declined.clear();
        self.deadlines.retain(
            |(_, _, deadline)| !matches!(deadline, Deadline::Retry { job, .. } if *job == id),
        );
        self.free_worker(id);
    }

    fn free_worker(&mut self, id: u8) {
        let now = self.now;
        let freed = self.job(id).worker.take();
        // A worker created anew under the same id does not have the assignment.
        let worker = freed.and_then(|worker| self.workers.get_mut(&worker));
        if let Some(worker) =
            worker.filter(|worker| worker.assigned.iter().any(|held| held.job == id))
        {
            worker.assigned.retain(|held| held.job != id);
            worker.since = now;
        }
    }

    // Offers and deadlines.

    fn offer_at(&self, worker: u8, index: u8) -> Option<Held> {
        let offers = &self.workers.get(&worker)?.offers;
        offers.get(usize::from(index)).cloned()
    }

    fn take_offer(&mut self, worker: u8, job: u8) {
        self.cancel_deadline(Deadline::Offer { worker, job });
        let worker = self.workers.get_mut(&worker).expect("a worker");
        worker.offers.retain(|offer| offer.job != job);
    }

    fn set_deadline(&mut self, span: u64, deadline: Deadline) {
        self.deadlines.push((self.now + span, self.set, deadline));
        self.set += 1;
    }

    fn cancel_deadline(&mut self, cancelled: Deadline) {
        self.deadlines
            .retain(|(_, _, deadline)| *deadline != cancelled);
    }

    fn job(&mut self, id: u8) -> &mut Job {
        self.jobs.get_mut(&id).expect("a job")
    }
}

impl Worker {
    fn age(&self) -> u64 {
        self.step.age
    }

    fn channel(&self, id: u8) -> Option<(u32, Option<usize>)> {
        let mut channels = self.step.channels.iter();
        channels
            .find(|(channel, _, _)| *channel == id)
            .map(|(_, cost, limit)| (*cost, *limit))
    }
}

impl Job {
    /// The selector, while it counts.
    fn selector(&self) -> Option<&Selector> {
        self.step.selector.as_ref().filter(|_| !self.expired)
    }

    fn expedited(&self) -> bool {
        self.selector().is_some_and(|selector| selector.expedite)
    }
}
