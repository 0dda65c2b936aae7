//! No job lives for ever (R47).

use std::time::Duration;

use crate::answer::EntityKind;
use crate::deadlines::Deadline;
use crate::engine::Engine;
use crate::entities::JobStatus;
use crate::events::Happening;
use crate::table::JobKey;

/// How long a job is kept, from its creation.
const LONGEST_LIFE: Duration = Duration::from_secs(90 * 24 * 60 * 60);

impl Engine {
    /// Sets the end of a new job's life.
    pub(super) fn limit_life(&mut self, key: JobKey) {
        let end = self.now.checked_add(LONGEST_LIFE);
        let deadline = Deadline::LifeEnds { job: key };
        self.jobs[key].end_of_life = end.map(|end| self.deadlines.set(end, deadline));
    }

    /// A job has lived as long as a job may: whoever is offered it or works on it is free, and it is gone.
    pub(crate) fn end_life(&mut self, key: JobKey) {
        self.jobs[key].end_of_life = None;
        if !self.jobs[key].status.is_final() {
            self.leave_queue(key);
            self.drop_classification_calls(key);
            // So that nobody is offered it again.
            self.jobs[key].status = JobStatus::Cancelled;
            self.revoke_offers_of(key);
            self.free_assigned_worker(key);
            self.finish_job(key);
        }
        self.remove_job(key);
    }

    /// Removes a job that has ended.
    pub(super) fn remove_job(&mut self, key: JobKey) {
        let job = &mut self.jobs[key];
        self.deadlines.cancel(job.end_of_life.take());
        let job = &self.jobs[key];
        let id = job.id.clone();
        let deleted = Happening::job_deleted(job);
        self.journal.changed(EntityKind::Job, &id, None);
        self.record(deleted);
        self.jobs.remove(&id);
    }
}
