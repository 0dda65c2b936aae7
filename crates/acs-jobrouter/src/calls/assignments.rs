//! What becomes of a job once it is assigned.

use std::future::IntoFuture;

use acs_core::{Pipeline, Response, Result};
use acs_core_jobrouter::models::{
    CloseJobOptions, CloseJobResult, CompleteJobOptions, CompleteJobResult, UnassignJobOptions,
    UnassignJobResult,
};
use acs_core_jobrouter::operations;
use acs_types::Timestamp;

use super::{CallFuture, check_id};

/// Completes a job. Add a note if need be, then await it.
///
/// When the future is dropped, or the call fails without an answer, the service may have completed the job or may still do
/// so: read the job to find out.
#[must_use = "a call is sent when it is awaited"]
#[derive(Debug)]
pub struct CompleteJob {
    pipeline: Pipeline,
    job_id: String,
    assignment_id: String,
    options: CompleteJobOptions,
}

impl CompleteJob {
    pub(crate) fn new(
        pipeline: &Pipeline,
        job_id: impl Into<String>,
        assignment_id: impl Into<String>,
    ) -> Self {
        Self {
            pipeline: pipeline.clone(),
            job_id: job_id.into(),
            assignment_id: assignment_id.into(),
            options: CompleteJobOptions::default(),
        }
    }

    /// Adds a note to the job.
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.options.note = Some(note.into());
        self
    }
}

impl IntoFuture for CompleteJob {
    type Output = Result<Response<CompleteJobResult>>;
    type IntoFuture = CallFuture<Response<CompleteJobResult>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            check_id("job id", &self.job_id)?;
            check_id("assignment id", &self.assignment_id)?;
            let call = self.pipeline.call(&operations::COMPLETE_JOB);
            let result = acs_core_jobrouter::client(&call)
                .complete_job(&self.job_id, &self.assignment_id, &self.options)
                .await;
            call.finish(result)
        })
    }
}

/// Closes a job. Set code, time and note if need be, then await it.
///
/// When the future is dropped, or the call fails without an answer, the service may have closed the job or may still do so:
/// read the job to find out.
#[must_use = "a call is sent when it is awaited"]
#[derive(Debug)]
pub struct CloseJob {
    pipeline: Pipeline,
    job_id: String,
    assignment_id: String,
    options: CloseJobOptions,
}

impl CloseJob {
    pub(crate) fn new(
        pipeline: &Pipeline,
        job_id: impl Into<String>,
        assignment_id: impl Into<String>,
    ) -> Self {
        Self {
            pipeline: pipeline.clone(),
            job_id: job_id.into(),
            assignment_id: assignment_id.into(),
            options: CloseJobOptions::default(),
        }
    }

    /// How the job ended, in words of your own; the service writes `Closed` unless set.
    pub fn disposition_code(mut self, code: impl Into<String>) -> Self {
        self.options.disposition_code = Some(code.into());
        self
    }

    /// When to close the job; at once unless set, or if the time has passed. Until then it stays completed and takes up the
    /// worker's capacity.
    pub fn close_at(mut self, time: impl Into<Timestamp>) -> Self {
        self.options.close_at = Some(time.into());
        self
    }

    /// Adds a note to the job.
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.options.note = Some(note.into());
        self
    }
}

impl IntoFuture for CloseJob {
    type Output = Result<Response<CloseJobResult>>;
    type IntoFuture = CallFuture<Response<CloseJobResult>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            check_id("job id", &self.job_id)?;
            check_id("assignment id", &self.assignment_id)?;
            let call = self.pipeline.call(&operations::CLOSE_JOB);
            let result = acs_core_jobrouter::client(&call)
                .close_job(&self.job_id, &self.assignment_id, &self.options)
                .await;
            call.finish(result)
        })
    }
}

/// Takes a job away from its worker. Set whether it stays out of matching if need be, then await it.
///
/// When the future is dropped, or the call fails without an answer, the service may have unassigned the job or may still do
/// so: read the job to find out.
#[must_use = "a call is sent when it is awaited"]
#[derive(Debug)]
pub struct UnassignJob {
    pipeline: Pipeline,
    job_id: String,
    assignment_id: String,
    options: UnassignJobOptions,
}

impl UnassignJob {
    pub(crate) fn new(
        pipeline: &Pipeline,
        job_id: impl Into<String>,
        assignment_id: impl Into<String>,
    ) -> Self {
        Self {
            pipeline: pipeline.clone(),
            job_id: job_id.into(),
            assignment_id: assignment_id.into(),
            options: UnassignJobOptions::default(),
        }
    }

    /// With `true`, the job is not queued again: it waits until its matching mode is set to
    /// [`QueueAndMatchMode`](crate::QueueAndMatchMode). Default: `false`.
    pub fn suspend_matching(mut self, suspend: bool) -> Self {
        self.options.suspend_matching = Some(suspend);
        self
    }
}

impl IntoFuture for UnassignJob {
    type Output = Result<Response<UnassignJobResult>>;
    type IntoFuture = CallFuture<Response<UnassignJobResult>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            check_id("job id", &self.job_id)?;
            check_id("assignment id", &self.assignment_id)?;
            let call = self.pipeline.call(&operations::UNASSIGN_JOB);
            let result = acs_core_jobrouter::client(&call)
                .unassign_job(&self.job_id, &self.assignment_id, &self.options)
                .await;
            call.finish(result)
        })
    }
}
