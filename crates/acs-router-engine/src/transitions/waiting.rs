//! Jobs are scheduled, queued, and put where matching finds them.

use crate::deadlines::Deadline;
use crate::engine::Engine;
use crate::entities::{Job, JobStatus, MatchingMode, Standing};
use crate::events::Happening;
use crate::matching::{JobOrder, Lane, Reason};
use crate::selector::{SelectorStatus, WorkerSelector};
use crate::table::JobKey;

impl Engine {
    /// Lets a job that was just created, or sent back to its start, go where its matching mode and its policy say.
    pub(crate) fn start_job(&mut self, key: JobKey) {
        let Some(job) = self.jobs.get(key) else {
            return;
        };
        match (job.status, &job.definition.matching_mode) {
            (JobStatus::Created, _) => self.enqueue(key),
            (JobStatus::PendingClassification, _) => self.classify(key),
            (JobStatus::PendingSchedule, MatchingMode::ScheduleAndSuspend { schedule_at }) => {
                let at = (*schedule_at).max(self.now);
                let deadline = self
                    .deadlines
                    .set(at, Deadline::ScheduleArrives { job: key });
                let job = &mut self.jobs[key];
                job.status = JobStatus::Scheduled;
                job.deadline = Some(deadline);
                self.touch_job(key);
            }
            _ => {}
        }
    }

    /// A scheduled job's time has come: from now on it waits for the caller (R51).
    pub(crate) fn suspend_at_schedule(&mut self, key: JobKey) {
        let job = &mut self.jobs[key];
        job.deadline = None;
        job.scheduled_at = Some(self.now);
        self.suspend(key);
    }

    /// Has a job wait until the caller has it matched.
    pub(crate) fn suspend(&mut self, key: JobKey) {
        let job = &mut self.jobs[key];
        job.status = JobStatus::WaitingForActivation;
        let waiting = Happening::job_waiting_for_activation(job);
        self.record(waiting);
        self.touch_job(key);
    }

    /// Sends a job that waited for its activation on its way: to its queue, or first to its policy.
    pub(crate) fn activate(&mut self, key: JobKey) {
        let classification = self.jobs[key].classification.as_ref();
        if classification.is_some_and(|classification| classification.is_due()) {
            self.start_classification_over(key);
        } else {
            self.enqueue(key);
        }
    }

    /// Queues a job: from now on it is matched. One that was queued before keeps its place in time (R87).
    pub(crate) fn enqueue(&mut self, key: JobKey) {
        let job = &mut self.jobs[key];
        self.deadlines.cancel(job.deadline.take());
        job.status = JobStatus::Queued;
        job.enqueued_at.get_or_insert(self.now);
        self.hold_selectors(key);
        self.arrive(key);
        let queued = Happening::job_queued(&self.jobs[key]);
        self.record(queued);
        self.touch_job(key);
        self.update_standing(key);
        self.wake_job(key);
    }

    /// Takes a job out of its queue, for whatever comes next.
    pub(crate) fn leave_queue(&mut self, key: JobKey) {
        self.displace(key);
        if self.jobs[key].status == JobStatus::Queued {
            self.depart(key);
        }
        self.forget_scores(key);
        let job = &mut self.jobs[key];
        self.deadlines.cancel(job.deadline.take());
        if let Some(held) = job.selectors.take() {
            self.selector_sets.release(held);
        }
    }

    /// Brings what matching knows of a queued job's selectors in line with those that count now.
    pub(crate) fn hold_selectors(&mut self, key: JobKey) {
        let held = self.selector_sets.hold(self.jobs[key].active_selectors());
        let job = &mut self.jobs[key];
        if let Some(old) = job.selectors.replace(held) {
            self.selector_sets.release(old);
        }
        self.deadlines.cancel(job.deadline.take());
        let expiry = job.next_selector_expiry();
        job.deadline = expiry.map(|at| {
            self.deadlines
                .set(at, Deadline::SelectorsExpire { job: key })
        });
    }

    /// Selectors of a queued job have had their time: they do not count any more (R67).
    pub(crate) fn expire_selectors(&mut self, key: JobKey) {
        self.displace(key);
        let now = self.now;
        let job = &mut self.jobs[key];
        job.deadline = None;
        let enqueued_at = job.enqueued_at;
        let expire = |selectors: &mut [WorkerSelector]| {
            let mut expired = Vec::new();
            for selector in selectors {
                let over = selector.expires_at(enqueued_at).is_some_and(|at| at <= now);
                if selector.is_active() && over {
                    selector.status = SelectorStatus::Expired;
                    expired.push(selector.clone());
                }
            }
            expired
        };
        let requested = expire(&mut job.definition.requested_selectors);
        let attached = match &mut job.classification {
            Some(classification) => expire(&mut classification.attached_selectors),
            None => Vec::new(),
        };
        let expired = Happening::job_selectors_expired(job, &requested, &attached);
        self.record(expired);
        self.touch_job(key);
        self.hold_selectors(key);
        self.update_standing(key);
        self.wake_job(key);
    }

    /// Puts a job where matching finds it, or takes it away, by its status and the number of its offers.
    pub(crate) fn update_standing(&mut self, key: JobKey) {
        let standing = self.due_standing(&self.jobs[key]);
        if self.jobs[key].standing == standing {
            return;
        }
        self.displace(key);
        let job = &self.jobs[key];
        match standing {
            Standing::Away => return,
            Standing::Waiting => self.join_lane(key),
            Standing::Saturated => {
                let id = self.queue_of(job).id.clone();
                self.queues.named_mut(&id).saturated.insert(key);
            }
        }
        self.jobs[key].standing = standing;
    }

    fn due_standing(&self, job: &Job) -> Standing {
        if job.status != JobStatus::Queued {
            return Standing::Away;
        }
        match self.job_offer_limit(job) {
            None => Standing::Waiting,
            Some(_) => Standing::Saturated,
        }
    }

    /// That a queued job has as many offers as it may (R70).
    pub(crate) fn job_offer_limit(&self, job: &Job) -> Option<Reason<'static>> {
        let policy = self.distribution_policy_of(self.queue_of(job));
        let limit = policy.definition.mode.offers_at_once();
        let open = job.offers.len();
        (open >= limit).then_some(Reason::JobOfferLimit { limit, open })
    }

    fn join_lane(&mut self, key: JobKey) {
        let job = &self.jobs[key];
        let Some((set, order)) = job.selectors.zip(self.order_of(key, job)) else {
            return;
        };
        let queue = self.queue_of(job);
        let id = queue.id.clone();
        let strategy = self.distribution_policy_of(queue).definition.mode.strategy;
        let channel = job.definition.channel_id.clone();
        let lanes = &mut self.queues.named_mut(&id).lanes;
        let lane = lanes.entry(channel).or_insert_with(|| Lane::new(strategy));
        lane.waiting.insert(set, self.selector_sets.get(set), order);
    }

    /// Takes a job from where matching finds it. Must come before a change of anything that decides its place.
    pub(crate) fn displace(&mut self, key: JobKey) {
        let job = &self.jobs[key];
        match job.standing {
            Standing::Away => return,
            Standing::Waiting => self.leave_lane(key),
            Standing::Saturated => {
                let id = self.queue_of(job).id.clone();
                self.queues.named_mut(&id).saturated.remove(&key);
            }
        }
        self.jobs[key].standing = Standing::Away;
    }

    fn leave_lane(&mut self, key: JobKey) {
        let job = &self.jobs[key];
        let Some((set, order)) = job.selectors.zip(self.order_of(key, job)) else {
            return;
        };
        let id = self.queue_of(job).id.clone();
        let lanes = &mut self.queues.named_mut(&id).lanes;
        let channel = &job.definition.channel_id;
        if let Some(lane) = lanes.get_mut(channel) {
            lane.waiting.remove(set, self.selector_sets.get(set), order);
            if lane.is_empty() {
                lanes.remove(channel);
            }
        }
    }

    /// A queued job's place in the order in which jobs are served.
    pub(crate) fn order_of(&self, key: JobKey, job: &Job) -> Option<JobOrder> {
        let expedited = self.selector_sets.get(job.selectors?).expedite;
        let priority = job.definition.priority;
        Some(JobOrder::new(expedited, priority, job.enqueued_at?, key))
    }
}
