//! Offers go out, and are accepted, declined, expired or revoked.

use acs_types::Timestamp;

use crate::answer::{AcceptedOffer, Answer};
use crate::command::DeclineOptions;
use crate::deadlines::Deadline;
use crate::engine::Engine;
use crate::entities::{Assignment, Decline, JobStatus, Offer, WorkerAssignment};
use crate::events::{EventKind, Happening};
use crate::ids::Guid;
use crate::refusal::{Refusal, RefusalKind};
use crate::table::{JobKey, WorkerKey};
use crate::time::to_ticks;

impl Engine {
    /// Offers a waiting job to a worker that may get it.
    pub(crate) fn issue_offer(&mut self, job_key: JobKey, worker_key: WorkerKey) {
        let offer = self.new_offer(job_key, worker_key);
        let queue_id = self.queue_of(&self.jobs[job_key]).id.clone();
        let worker = &mut self.workers[worker_key];
        let job = &mut self.jobs[job_key];
        self.queues.named_mut(&queue_id).last_offered = Some(worker.id.clone());
        job.offers.push((worker_key, offer.offer_id));
        let issued = Happening::offer_issued(job, worker, &offer);
        worker.offers.insert(0, offer);
        self.record(issued);
        self.touch_worker(worker_key);
        self.relist(worker_key);
        self.update_standing(job_key);
    }

    fn new_offer(&mut self, job_key: JobKey, worker_key: WorkerKey) -> Offer {
        let offer_id = self.ids.guid();
        let job = &self.jobs[job_key];
        let channel_id = &job.definition.channel_id;
        let channel = self.workers[worker_key].definition.channel(channel_id);
        let lifetime = self
            .distribution_policy_of(self.queue_of(job))
            .definition
            .offer_expires_after;
        let expires_at = lifetime.and_then(|lifetime| lifetime.after(self.now));
        let deadline = Deadline::OfferExpires {
            worker: worker_key,
            offer: offer_id,
        };
        Offer {
            offer_id,
            job_id: job.id.clone(),
            capacity_cost: channel.map_or(0, |channel| channel.capacity_cost_per_job),
            offered_at: self.now,
            expires_at,
            job: job_key,
            channel_id: channel_id.clone(),
            expiry: expires_at.map(|at| self.deadlines.set(at, deadline)),
        }
    }

    pub(crate) fn accept_offer(
        &mut self,
        worker_id: &str,
        offer_id: &str,
    ) -> Result<Answer, Refusal> {
        let (worker_key, offer_id) = self.find_offer(worker_id, offer_id)?;
        let offer = self.take_offer(worker_key, offer_id);
        let assignment_id = self.ids.guid();
        let job_key = offer.job;
        self.remember_wait(job_key);
        self.leave_queue(job_key);
        self.end_stay(job_key);
        let worker = &mut self.workers[worker_key];
        let job = &mut self.jobs[job_key];
        worker.assignments.push(WorkerAssignment {
            assignment_id,
            job_id: offer.job_id.clone(),
            capacity_cost: offer.capacity_cost,
            assigned_at: self.now,
            channel_id: offer.channel_id,
        });
        job.status = JobStatus::Assigned;
        job.assignment = Some(Box::new(Assignment {
            assignment_id,
            worker_id: worker.id.clone(),
            assigned_at: self.now,
            completed_at: None,
            closed_at: None,
            closing_code: None,
            worker: worker_key,
        }));
        let accepted = Happening::offer_accepted(job, worker, offer_id, assignment_id);
        let answer = AcceptedOffer {
            assignment_id,
            job_id: offer.job_id,
            worker_id: worker.id.clone(),
        };
        self.record(accepted);
        self.touch_job(job_key);
        self.touch_worker(worker_key);
        self.relist(worker_key);
        // One offer less is open: that may be room for another one (R46).
        self.wake_worker(worker_key);
        self.revoke_offers_of(job_key);
        Ok(Answer::Accepted(answer))
    }

    /// Lets an accepted job's wait count in estimates, unless a part of it was work (O13).
    fn remember_wait(&mut self, key: JobKey) {
        let job = &self.jobs[key];
        if job.unassignments == 0
            && let Some(enqueued_at) = job.enqueued_at
        {
            let wait = self.now.duration_since(enqueued_at);
            let queue = self.queue_of(job).id.clone();
            self.queues.named_mut(&queue).accepted_waits.add(wait);
        }
    }

    pub(crate) fn decline_offer(
        &mut self,
        worker_id: &str,
        offer_id: &str,
        options: &DeclineOptions,
    ) -> Result<Answer, Refusal> {
        let (worker_key, offer_id) = self.find_offer(worker_id, offer_id)?;
        let job_key = self.end_offer(worker_key, offer_id, EventKind::RouterWorkerOfferDeclined);
        let retry_at = options.retry_offer_at.map(to_ticks);
        // A retry time that has passed excludes nobody (O14).
        if retry_at.is_none_or(|at| at > self.now) {
            self.exclude(job_key, worker_key, retry_at);
        }
        Ok(Answer::Done)
    }

    /// Keeps a job from a worker that declined it, until the worker registers anew or the retry time has come (R80).
    fn exclude(&mut self, job_key: JobKey, worker: WorkerKey, retry_at: Option<Timestamp>) {
        let deadline = Deadline::OfferRetries {
            job: job_key,
            worker,
        };
        let retry = retry_at.map(|at| self.deadlines.set(at, deadline));
        let registration = self.workers[worker].registrations;
        let declines = &mut self.jobs[job_key].declines;
        // One of an earlier registration does not count any more.
        for outdated in declines.extract_if(.., |decline| decline.worker == worker) {
            self.deadlines.cancel(outdated.retry);
        }
        declines.push(Decline {
            worker,
            registration,
            retry,
        });
    }

    /// A retry time has come: the worker may get the job again (R80).
    pub(crate) fn retry_offer(&mut self, job_key: JobKey, worker: WorkerKey) {
        self.jobs[job_key]
            .declines
            .retain(|decline| decline.worker != worker);
        self.wake_job(job_key);
    }

    /// An offer was not answered: the worker counts as gone (R81).
    pub(crate) fn expire_offer(&mut self, worker: WorkerKey, offer: Guid) {
        self.end_offer(worker, offer, EventKind::RouterWorkerOfferExpired);
        self.deregister(worker);
    }

    /// Takes back all offers of a job.
    pub(crate) fn revoke_offers_of(&mut self, job: JobKey) {
        for (worker, offer) in self.jobs[job].offers.clone() {
            self.revoke_offer(worker, offer);
        }
    }

    pub(crate) fn revoke_offer(&mut self, worker: WorkerKey, offer: Guid) {
        self.end_offer(worker, offer, EventKind::RouterWorkerOfferRevoked);
    }

    /// Ends an offer without an assignment: its job and its worker look for others. Gives the job.
    fn end_offer(&mut self, worker_key: WorkerKey, offer_id: Guid, kind: EventKind) -> JobKey {
        let offer = self.take_offer(worker_key, offer_id);
        let (job, worker) = (&self.jobs[offer.job], &self.workers[worker_key]);
        let ended = Happening::offer_ended(kind, job, worker, offer_id);
        self.record(ended);
        self.touch_worker(worker_key);
        self.relist(worker_key);
        self.wake_worker(worker_key);
        self.update_standing(offer.job);
        self.wake_job(offer.job);
        offer.job
    }

    /// Takes an open offer from its worker, its job and the deadlines.
    fn take_offer(&mut self, worker: WorkerKey, offer_id: Guid) -> Offer {
        let offers = &mut self.workers[worker].offers;
        let index = offers.iter().position(|offer| offer.offer_id == offer_id);
        let offer = offers.remove(index.expect("only open offers are taken"));
        self.jobs[offer.job]
            .offers
            .retain(|(_, of_job)| *of_job != offer_id);
        self.deadlines.cancel(offer.expiry);
        offer
    }

    // R11
    fn find_offer(&self, worker_id: &str, offer_id: &str) -> Result<(WorkerKey, Guid), Refusal> {
        let worker = self.workers.key(worker_id);
        let offer = offer_id.parse().ok();
        let found = worker
            .zip(offer)
            .filter(|(key, offer)| self.workers[*key].offer(*offer).is_some());
        found.ok_or_else(|| Refusal {
            kind: RefusalKind::NotFound,
            message: format!("Offer not found. OfferId: '{offer_id}', WorkerId: '{worker_id}'"),
            details: Vec::new(),
        })
    }
}
