//! Assignments are completed and closed, now or later, or taken back.

use std::sync::Arc;

use crate::answer::{Answer, UnassignedJob};
use crate::command::{CloseOptions, CompleteOptions, UnassignOptions};
use crate::deadlines::Deadline;
use crate::engine::Engine;
use crate::entities::{Assignment, JobStatus, MatchingMode};
use crate::events::Happening;
use crate::refusal::Refusal;
use crate::table::JobKey;
use crate::time::to_ticks;

/// The outcome of a job that was closed without one.
const CLOSED: &str = "Closed";

impl Engine {
    pub(crate) fn complete_job(
        &mut self,
        job_id: &str,
        assignment_id: &str,
        options: &CompleteOptions,
    ) -> Result<Answer, Refusal> {
        let key = self.find_assignment(job_id, assignment_id)?;
        let job = &mut self.jobs[key];
        if job.status != JobStatus::Assigned {
            return Err(wrong_status(
                job.status,
                "only an assigned job can be completed",
            ));
        }
        job.status = JobStatus::Completed;
        job.add_note(options.note.as_deref(), self.now);
        let assignment = job
            .assignment
            .as_mut()
            .expect("an assigned job has an assignment");
        assignment.completed_at = Some(self.now);
        let assignment = assignment.clone();
        let completed = Happening::job_completed(job, &assignment);
        self.record(completed);
        self.touch_job(key);
        Ok(Answer::Done)
    }

    pub(crate) fn close_job(
        &mut self,
        job_id: &str,
        assignment_id: &str,
        options: CloseOptions,
    ) -> Result<Answer, Refusal> {
        let key = self.find_assignment(job_id, assignment_id)?;
        let now = self.now;
        let job = &mut self.jobs[key];
        match job.status {
            // O9
            JobStatus::Closed => return Ok(Answer::Done),
            JobStatus::Completed => {}
            status => return Err(wrong_status(status, "only a completed job can be closed")),
        }
        job.add_note(options.note.as_deref(), now);
        if let Some(assignment) = &mut job.assignment
            && let Some(code) = options.disposition_code
        {
            assignment.closing_code = Some(Arc::from(code));
        }
        self.deadlines.cancel(job.deadline.take());
        match options.close_at.map(to_ticks).filter(|at| *at > now) {
            None => self.close_completed(key),
            Some(at) => {
                job.deadline = Some(self.deadlines.set(at, Deadline::JobCloses { job: key }));
                self.touch_job(key);
            }
        }
        Ok(Answer::Done)
    }

    /// Closes a completed job and frees its worker's capacity (R84, R85).
    pub(crate) fn close_completed(&mut self, key: JobKey) {
        let job = &mut self.jobs[key];
        job.deadline = None;
        job.status = JobStatus::Closed;
        let assignment = job
            .assignment
            .as_mut()
            .expect("a completed job has an assignment");
        assignment.closed_at = Some(self.now);
        let assignment = assignment.clone();
        let earlier = job.definition.disposition_code.take();
        let code = assignment.closing_code.clone().or(earlier);
        job.definition.disposition_code = Some(code.unwrap_or_else(|| Arc::from(CLOSED)));
        let closed = Happening::job_closed(job, &assignment);
        self.record(closed);
        self.free_worker(&assignment);
        self.finish_job(key);
    }

    /// Takes a job from its worker and queues it again, or has it wait for the caller (R87).
    pub(crate) fn unassign_job(
        &mut self,
        job_id: &str,
        assignment_id: &str,
        options: &UnassignOptions,
    ) -> Result<Answer, Refusal> {
        let key = self.find_assignment(job_id, assignment_id)?;
        let job = &mut self.jobs[key];
        if job.status != JobStatus::Assigned {
            return Err(wrong_status(
                job.status,
                "only an assigned job can be unassigned",
            ));
        }
        let assignment = job
            .assignment
            .take()
            .expect("an assigned job has an assignment");
        job.unassignments += 1;
        let answer = UnassignedJob {
            job_id: job.id.clone(),
            unassignment_count: job.unassignments,
        };
        let unassigned = Happening::job_unassigned(job, &assignment);
        self.record(unassigned);
        self.free_worker(&assignment);
        if options.suspend_matching {
            let job = &mut self.jobs[key];
            // The mode that the caller changes to have the job matched (R53).
            job.definition.matching_mode = MatchingMode::Suspend;
            job.status = JobStatus::WaitingForActivation;
            self.touch_job(key);
        } else {
            self.enqueue(key);
        }
        Ok(Answer::Unassigned(answer))
    }

    /// Takes an assignment off its worker, which may get another job.
    pub(crate) fn free_worker(&mut self, assignment: &Assignment) {
        let key = assignment.worker;
        let Some(worker) = self.workers.get_mut(key) else {
            return;
        };
        worker
            .assignments
            .retain(|held| held.assignment_id != assignment.assignment_id);
        worker.available_since = self.now;
        self.touch_worker(key);
        self.relist(key);
        self.wake_worker(key);
    }

    // R83
    fn find_assignment(&self, job_id: &str, assignment_id: &str) -> Result<JobKey, Refusal> {
        let key = self
            .jobs
            .key(job_id)
            .ok_or_else(|| Refusal::not_found("Job", job_id))?;
        let assignment = self.jobs[key].assignment.as_ref();
        let is_meant =
            assignment.is_some_and(|held| Ok(held.assignment_id) == assignment_id.parse());
        is_meant
            .then_some(key)
            .ok_or_else(|| Refusal::not_found("Assignment", assignment_id))
    }
}

/// The refusal of an action that the job's status does not allow.
pub(crate) fn wrong_status(status: JobStatus, needed: &str) -> Refusal {
    let reason = format!("The job is {}; {needed}", status.as_str());
    Refusal::conflict(&[("JobStatus", &reason)])
}
