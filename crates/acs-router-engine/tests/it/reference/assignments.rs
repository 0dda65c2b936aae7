//! The simple router's offers and assignments, as workers answer and end them.

use super::{Deadline, Mode, Reference, Status};

impl Reference {
    pub(super) fn accept(&mut self, worker_id: u8, index: u8) -> bool {
        let Some(offer) = self.offer_at(worker_id, index) else {
            return false;
        };
        for worker in self.holders(offer.job) {
            self.take_offer(worker, offer.job);
        }
        self.cancel_deadline(Deadline::Selector { job: offer.job });
        let now = self.now;
        let job = self.job(offer.job);
        let (queue, first_wait) = (job.step.queue, !job.unassigned);
        let wait = now - job.enqueued_at.expect("an offered job was queued");
        job.status = Status::Assigned;
        job.worker = Some(worker_id);
        let worker = self.workers.get_mut(&worker_id).expect("a worker");
        worker.assigned.push(offer);
        if first_wait {
            self.queue(queue).waits.push(wait);
        }
        true
    }

    pub(super) fn decline(&mut self, worker: u8, index: u8, retry: Option<u8>) -> bool {
        let Some(offer) = self.offer_at(worker, index) else {
            return false;
        };
        let job = offer.job;
        self.take_offer(worker, job);
        if retry == Some(0) {
            return true;
        }
        let until = retry.map(|span| self.now + u64::from(span));
        if let Some(until) = until {
            self.set_deadline(until, Deadline::Retry { worker, job });
        }
        let registration = self.workers[&worker].registration;
        self.job(job).declined.push((worker, registration, until));
        true
    }

    pub(super) fn advance(&mut self, id: u8, from: Status, to: Status) -> bool {
        match self.jobs.get_mut(&id) {
            Some(job) if job.status == from => {
                job.status = to;
                true
            }
            _ => false,
        }
    }

    pub(super) fn close_now_or_later(&mut self, id: u8, later: u8) -> bool {
        match self.jobs.get(&id).map(|job| job.status) {
            Some(Status::Closed) => return true,
            Some(Status::Completed) => {}
            _ => return false,
        }
        self.cancel_deadline(Deadline::Close { job: id });
        if later == 0 {
            self.close(id);
        } else {
            self.set_deadline(self.now + u64::from(later), Deadline::Close { job: id });
        }
        true
    }

    pub(super) fn close(&mut self, id: u8) {
        self.job(id).status = Status::Closed;
        self.finish(id);
    }

    pub(super) fn unassign(&mut self, id: u8, suspend: bool) -> bool {
        if self.jobs.get(&id).map(|job| job.status) != Some(Status::Assigned) {
            return false;
        }
        self.free_worker(id);
        let job = self.job(id);
        job.unassigned = true;
        if suspend {
            job.mode = Mode::Suspend;
            job.status = Status::Waiting;
        } else {
            self.enqueue(id);
        }
        true
    }

    pub(super) fn free_worker(&mut self, id: u8) {
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
}
