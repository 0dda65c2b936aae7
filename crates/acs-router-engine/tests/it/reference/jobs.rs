//! The simple router's jobs, until they are assigned.

use super::{Deadline, Job, LONGEST_LIFE, Mode, Reference, Status};
use crate::steps::JobStep;

impl Reference {
    pub(super) fn change_job(&mut self, id: u8, step: &JobStep) -> bool {
        let sent_mode = step.start.map(|start| Mode::of(start, self.now));
        let step = &JobStep {
            start: None,
            ..step.clone()
        };
        let Some(job) = self.jobs.get(&id).cloned() else {
            return self.create_job(id, step, sent_mode.unwrap_or(Mode::Match));
        };
        let mode = sent_mode.unwrap_or(job.mode);
        let reselects = job.expired || job.step.selector != step.selector;
        let changes = reselects || job.step != *step;
        if job.step.queue != step.queue && !self.exists(step.queue) {
            return false;
        }
        match job.status {
            Status::Closed | Status::Cancelled if changes || mode != job.mode => return false,
            Status::Queued | Status::Assigned | Status::Completed if mode != job.mode => {
                return false;
            }
            Status::Queued if changes => self.revoke_unfit(id, step, reselects),
            _ => {}
        }
        let job = self.job(id);
        let changes_mode = job.mode != mode;
        let rematches = reselects || job.step.place() != step.place();
        job.step = step.clone();
        job.expired = false;
        if job.status == Status::Queued && rematches {
            self.watch_selector(id);
        }
        if changes_mode {
            self.follow(id, mode);
        }
        true
    }

    /// Revokes the offers of a queued job that do not fit what it is about to be.
    fn revoke_unfit(&mut self, id: u8, new: &JobStep, reselects: bool) {
        let old = &self.jobs[&id].step;
        let relocates = (old.queue, old.channel) != (new.queue, new.channel);
        let bypass = self.policy_of(old.queue).1.bypass;
        for worker in self.holders(id) {
            let level = self.workers[&worker].step.level;
            let mut selectors = new.selector.iter();
            let fails = selectors.any(|selector| !selector.is_met_by(level));
            if relocates || (reselects && fails && !bypass) {
                self.take_offer(worker, id);
            }
        }
    }

    fn create_job(&mut self, id: u8, step: &JobStep, mode: Mode) -> bool {
        if !self.exists(step.queue) {
            return false;
        }
        let job = Job {
            age: self.created,
            step: step.clone(),
            expired: false,
            status: Status::Waiting,
            mode: Mode::Suspend,
            enqueued_at: None,
            declined: Vec::new(),
            worker: None,
            unassigned: false,
        };
        self.created += 1;
        self.jobs.insert(id, job);
        self.set_deadline(self.now + LONGEST_LIFE, Deadline::Life { job: id });
        self.follow(id, mode);
        true
    }

    /// Has a job that waits do what the matching mode says.
    fn follow(&mut self, id: u8, mode: Mode) {
        let now = self.now;
        let job = self.job(id);
        job.mode = mode;
        if !matches!(job.status, Status::Waiting | Status::Scheduled) {
            return;
        }
        self.cancel_deadline(Deadline::Schedule { job: id });
        match mode {
            Mode::Match => self.enqueue(id),
            Mode::Suspend => self.job(id).status = Status::Waiting,
            Mode::Schedule(at) => {
                self.job(id).status = Status::Scheduled;
                self.set_deadline(at.max(now), Deadline::Schedule { job: id });
            }
        }
    }

    pub(super) fn enqueue(&mut self, id: u8) {
        let now = self.now;
        let job = self.job(id);
        job.status = Status::Queued;
        job.enqueued_at.get_or_insert(now);
        self.watch_selector(id);
    }

    fn watch_selector(&mut self, id: u8) {
        self.cancel_deadline(Deadline::Selector { job: id });
        let job = &self.jobs[&id];
        let span = job.selector().and_then(|selector| selector.expires_after);
        if let Some((enqueued_at, span)) = job.enqueued_at.zip(span) {
            let end = enqueued_at + u64::from(span);
            self.set_deadline(end, Deadline::Selector { job: id });
        }
    }

    pub(super) fn delete_job(&mut self, id: u8) -> bool {
        match self.jobs.get(&id).map(|job| job.status) {
            Some(Status::Closed | Status::Cancelled) => {
                self.cancel_deadline(Deadline::Life { job: id });
                self.jobs.remove(&id);
                true
            }
            Some(_) => false,
            None => true,
        }
    }

    pub(super) fn resume(&mut self, id: u8) -> bool {
        let Some(job) = self.jobs.get(&id) else {
            return false;
        };
        match job.status {
            _ if job.mode == Mode::Match => true,
            Status::Waiting | Status::Scheduled => {
                self.follow(id, Mode::Match);
                true
            }
            _ => false,
        }
    }

    pub(super) fn cancel(&mut self, id: u8) -> bool {
        let status = self.jobs.get(&id).map(|job| job.status);
        if matches!(
            status,
            None | Some(Status::Completed | Status::Closed | Status::Cancelled)
        ) {
            return false;
        }
        self.end(id);
        self.job(id).status = Status::Cancelled;
        true
    }

    /// The job has lived as long as a job may.
    pub(super) fn end_life(&mut self, id: u8) {
        if !matches!(self.jobs[&id].status, Status::Closed | Status::Cancelled) {
            self.end(id);
        }
        self.jobs.remove(&id);
    }

    /// Stops whatever goes on with a job that is not over.
    fn end(&mut self, id: u8) {
        for worker in self.holders(id) {
            self.take_offer(worker, id);
        }
        self.cancel_deadline(Deadline::Selector { job: id });
        self.cancel_deadline(Deadline::Schedule { job: id });
        self.cancel_deadline(Deadline::Close { job: id });
        self.finish(id);
    }

    /// Frees whoever works on the job; declines do not matter any more.
    pub(super) fn finish(&mut self, id: u8) {
        self.job(id).declined.clear();
        self.deadlines.retain(
            |(_, _, deadline)| !matches!(deadline, Deadline::Retry { job, .. } if *job == id),
        );
        self.free_worker(id);
    }

    pub(super) fn job(&mut self, id: u8) -> &mut Job {
        self.jobs.get_mut(&id).expect("a job")
    }
}

impl JobStep {
    /// What decides, beside selectors, where a job waits.
    fn place(&self) -> (u8, u8, i8) {
        (self.queue, self.channel, self.priority)
    }
}
