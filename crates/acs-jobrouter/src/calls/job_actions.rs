//! What is done to a job that is not, or no longer, with a worker.

use std::future::IntoFuture;

use acs_core::{Pipeline, Response, Result};
use acs_core_jobrouter::models::{
    CancelJobOptions, CancelJobResult, ReclassifyJobOptions, ReclassifyJobResult,
};
use acs_core_jobrouter::operations;

use super::{CallFuture, check_id};

/// Cancels a job. Set code and note if need be, then await it.
///
/// When the future is dropped, or the call fails without an answer, the service may have cancelled the job or may still do
/// so: read the job to find out.
#[must_use = "a call is sent when it is awaited"]
#[derive(Debug)]
pub struct CancelJob {
    pipeline: Pipeline,
    job_id: String,
    options: CancelJobOptions,
}

impl CancelJob {
    pub(crate) fn new(pipeline: &Pipeline, job_id: impl Into<String>) -> Self {
        Self {
            pipeline: pipeline.clone(),
            job_id: job_id.into(),
            options: CancelJobOptions::default(),
        }
    }

    /// Why the job ended, in words of your own; the service writes `Cancelled` unless set.
    pub fn disposition_code(mut self, code: impl Into<String>) -> Self {
        self.options.disposition_code = Some(code.into());
        self
    }

    /// Adds a note to the job.
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.options.note = Some(note.into());
        self
    }
}

impl IntoFuture for CancelJob {
    type Output = Result<Response<CancelJobResult>>;
    type IntoFuture = CallFuture<Response<CancelJobResult>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            check_id("job id", &self.job_id)?;
            let call = self.pipeline.call(&operations::CANCEL_JOB);
            let result = acs_core_jobrouter::client(&call)
                .cancel_job(&self.job_id, &self.options)
                .await;
            call.finish(result)
        })
    }
}

/// Classifies a job again. Await it.
///
/// When the future is dropped, or the call fails without an answer, the service may have begun or may still do so; to
/// classify once more does no harm.
#[must_use = "a call is sent when it is awaited"]
#[derive(Debug)]
pub struct ReclassifyJob {
    pipeline: Pipeline,
    job_id: String,
}

impl ReclassifyJob {
    pub(crate) fn new(pipeline: &Pipeline, job_id: impl Into<String>) -> Self {
        Self {
            pipeline: pipeline.clone(),
            job_id: job_id.into(),
        }
    }
}

impl IntoFuture for ReclassifyJob {
    type Output = Result<Response<ReclassifyJobResult>>;
    type IntoFuture = CallFuture<Response<ReclassifyJobResult>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            check_id("job id", &self.job_id)?;
            let call = self.pipeline.call(&operations::RECLASSIFY_JOB);
            let result = acs_core_jobrouter::client(&call)
                .reclassify_job(&self.job_id, &ReclassifyJobOptions::default())
                .await;
            call.finish(result)
        })
    }
}
