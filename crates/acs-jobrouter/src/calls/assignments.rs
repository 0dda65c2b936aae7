//! What a worker does with a job once it is assigned.

use std::future::IntoFuture;

use acs_core::{Pipeline, Response};
use acs_core_jobrouter::models::{
    CloseJobOptions, CloseJobResult, CompleteJobOptions, CompleteJobResult,
};
use acs_core_jobrouter::operations;
use acs_types::Timestamp;

use super::{CallFuture, check_id};

/// Completes a job. Add a note if need be, then await it.
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
    type Output = acs_core::Result<Response<CompleteJobResult>>;
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
    type Output = acs_core::Result<Response<CloseJobResult>>;
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
