//! A second router, as simple as the rules allow and as slow: no index, every pair looked at after every change.
//!
//! It says what the engine must do; `random_commands` compares the two.

mod aim;
mod assignments;
mod jobs;
mod matching;
mod workers;

use std::collections::BTreeMap;

use crate::steps::{JobStep, ModeStep, Selector, Start, Step, WorkerStep};

/// How long a worker may be registered and have nothing to do.
const LONGEST_IDLENESS: u64 = 7 * 24 * 60 * 60;

/// How long a job lives.
const LONGEST_LIFE: u64 = 90 * 24 * 60 * 60;

/// All there is. Times are whole seconds since the start.
#[derive(Clone, Debug)]
pub(crate) struct Reference {
    now: u64,
    created: u64,
    set: u64,
    policies: [Option<ModeStep>; 2],
    queues: [Option<Queue>; 2],
    pub(crate) workers: BTreeMap<u8, Worker>,
    pub(crate) jobs: BTreeMap<u8, Job>,
    deadlines: Vec<(u64, u64, Deadline)>,
}

#[derive(Clone, Debug)]
struct Queue {
    policy: u8,
    last_offered: Option<u8>,
    /// The waits of accepted jobs, oldest first.
    waits: Vec<u64>,
}

#[derive(Clone, Debug)]
pub(crate) struct Worker {
    step: WorkerStep,
    pub(crate) available: bool,
    registration: u32,
    since: u64,
    /// Since when it has been registered and had nothing to do.
    idle_since: Option<u64>,
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
    mode: Mode,
    enqueued_at: Option<u64>,
    /// Worker, its registration then, and until when.
    declined: Vec<(u8, u32, Option<u64>)>,
    worker: Option<u8>,
    unassigned: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    Scheduled,
    Waiting,
    Queued,
    Assigned,
    Completed,
    Closed,
    Cancelled,
}

/// When a job is matched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Match,
    Suspend,
    /// Suspended, at this time.
    Schedule(u64),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Deadline {
    Offer { worker: u8, job: u8 },
    Retry { worker: u8, job: u8 },
    Selector { job: u8 },
    Schedule { job: u8 },
    Close { job: u8 },
    Life { job: u8 },
}

impl Reference {
    /// Each queue with a policy of its own.
    pub(crate) fn new(modes: [ModeStep; 2]) -> Self {
        Self {
            now: 0,
            created: 0,
            set: 0,
            policies: modes.map(Some),
            queues: [0, 1].map(|policy| Some(Queue::new(policy))),
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
        loop {
            let due = self
                .deadlines
                .iter()
                .min_by_key(|(at, set, _)| (*at, *set))
                .copied();
            let due = due.filter(|(at, _, _)| *at <= now);
            let idle = self.first_idle().filter(|(end, _)| *end <= now);
            match (due, idle) {
                (Some(due), idle) if idle.is_none_or(|(end, _)| due.0 <= end) => {
                    self.deadlines.retain(|deadline| *deadline != due);
                    self.now = self.now.max(due.0);
                    self.pass(due.2);
                }
                (_, Some((end, worker))) => {
                    self.now = self.now.max(end);
                    self.deregister(worker);
                }
                _ => break,
            }
            self.settle();
        }
        self.now = now;
    }

    fn pass(&mut self, deadline: Deadline) {
        match deadline {
            Deadline::Offer { worker, job } => {
                self.take_offer(worker, job);
                self.deregister(worker);
            }
            Deadline::Retry { worker, job } => {
                let now = self.now;
                let declined = &mut self.job(job).declined;
                declined
                    .retain(|(who, _, until)| *who != worker || until.is_none_or(|end| end > now));
            }
            Deadline::Selector { job } => self.job(job).expired = true,
            Deadline::Schedule { job } => self.job(job).status = Status::Waiting,
            Deadline::Close { job } => self.close(job),
            Deadline::Life { job } => self.end_life(job),
        }
    }

    fn change(&mut self, step: &Step) -> bool {
        match step {
            Step::Wait(_) => true,
            Step::Policy(id, mode) => {
                self.policies[usize::from(*id)] = Some(mode.clone());
                true
            }
            Step::DeletePolicy(id) => self.delete_policy(*id),
            Step::Queue(id, policy) => self.change_queue(*id, *policy),
            Step::DeleteQueue(id) => self.delete_queue(*id),
            Step::Worker(id, worker) => self.change_worker(*id, worker),
            Step::Available(id, available) => {
                let Some(worker) = self.workers.get(id) else {
                    return false;
                };
                let step = WorkerStep {
                    available: *available,
                    ..worker.step.clone()
                };
                self.change_worker(*id, &step)
            }
            Step::DeleteWorker(id) => {
                self.delete_worker(*id);
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
            Step::Remark(job) => self.jobs.contains_key(job),
            Step::Wrong(_) => false,
        }
    }

    // Policies and queues.

    fn delete_policy(&mut self, id: u8) -> bool {
        let mut queues = self.queues.iter().flatten();
        let unused = queues.all(|queue| queue.policy != id);
        if unused {
            self.policies[usize::from(id)] = None;
        }
        unused
    }

    fn change_queue(&mut self, id: u8, policy: u8) -> bool {
        if self.policies[usize::from(policy)].is_none() {
            return false;
        }
        let queue = &mut self.queues[usize::from(id)];
        queue.get_or_insert_with(|| Queue::new(policy)).policy = policy;
        true
    }

    fn delete_queue(&mut self, id: u8) -> bool {
        let mut workers = self.workers.values();
        let mut open = self
            .jobs
            .values()
            .filter(|job| !matches!(job.status, Status::Closed | Status::Cancelled));
        let used = workers.any(|worker| worker.step.queues.contains(&id))
            || open.any(|job| job.step.queue == id);
        if !used {
            self.queues[usize::from(id)] = None;
        }
        !used
    }

    fn exists(&self, queue: u8) -> bool {
        self.queues[usize::from(queue)].is_some()
    }

    fn queue(&mut self, id: u8) -> &mut Queue {
        let queue = self.queues[usize::from(id)].as_mut();
        queue.expect("a queue of open jobs is not deleted")
    }

    fn policy_of(&self, queue: u8) -> (u8, &ModeStep) {
        let id = self.queues[usize::from(queue)]
            .as_ref()
            .expect("a queue")
            .policy;
        let mode = self.policies[usize::from(id)].as_ref();
        (id, mode.expect("a policy in use is not deleted"))
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

    fn set_deadline(&mut self, at: u64, deadline: Deadline) {
        self.deadlines.push((at, self.set, deadline));
        self.set += 1;
    }

    fn cancel_deadline(&mut self, cancelled: Deadline) {
        self.deadlines
            .retain(|(_, _, deadline)| *deadline != cancelled);
    }
}

impl Queue {
    fn new(policy: u8) -> Self {
        Self {
            policy,
            last_offered: None,
            waits: Vec::new(),
        }
    }
}

impl Mode {
    fn of(start: Start, now: u64) -> Self {
        match start {
            Start::Match => Self::Match,
            Start::Suspend => Self::Suspend,
            Start::Schedule(seconds) => Self::Schedule(now + u64::from(seconds)),
        }
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
