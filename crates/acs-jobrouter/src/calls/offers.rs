//! What a worker does with an offer.

use std::future::IntoFuture;

use acs_core::{Pipeline, Response, Result};
use acs_core_jobrouter::models::{
    AcceptJobOfferResult, DeclineJobOfferOptions, DeclineJobOfferResult,
};
use acs_core_jobrouter::operations;
use acs_types::Timestamp;

use super::{CallFuture, check_id};

/// Accepts an offer. Await it.
///
/// When the future is dropped, or the call fails without an answer, the service may have assigned the job or may still do so:
/// the worker's `assigned_jobs` tell.
#[must_use = "a call is sent when it is awaited"]
#[derive(Debug)]
pub struct AcceptOffer {
    pipeline: Pipeline,
    worker_id: String,
    offer_id: String,
}

impl AcceptOffer {
    pub(crate) fn new(
        pipeline: &Pipeline,
        worker_id: impl Into<String>,
        offer_id: impl Into<String>,
    ) -> Self {
        Self {
            pipeline: pipeline.clone(),
            worker_id: worker_id.into(),
            offer_id: offer_id.into(),
        }
    }
}

impl IntoFuture for AcceptOffer {
    type Output = Result<Response<AcceptJobOfferResult>>;
    type IntoFuture = CallFuture<Response<AcceptJobOfferResult>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            check_id("worker id", &self.worker_id)?;
            check_id("offer id", &self.offer_id)?;
            let call = self.pipeline.call(&operations::ACCEPT_JOB_OFFER);
            let result = acs_core_jobrouter::client(&call)
                .accept_job_offer(&self.worker_id, &self.offer_id)
                .await;
            call.finish(result)
        })
    }
}

/// Declines an offer. Set when to try again if need be, then await it.
///
/// When the future is dropped, or the call fails without an answer, the service may have withdrawn the offer or may still do
/// so: declining again then gives 404.
#[must_use = "a call is sent when it is awaited"]
#[derive(Debug)]
pub struct DeclineOffer {
    pipeline: Pipeline,
    worker_id: String,
    offer_id: String,
    options: DeclineJobOfferOptions,
}

impl DeclineOffer {
    pub(crate) fn new(
        pipeline: &Pipeline,
        worker_id: impl Into<String>,
        offer_id: impl Into<String>,
    ) -> Self {
        Self {
            pipeline: pipeline.clone(),
            worker_id: worker_id.into(),
            offer_id: offer_id.into(),
            options: DeclineJobOfferOptions::default(),
        }
    }

    /// When the job may be offered to this worker again; never, unless set, until the worker has registered anew.
    pub fn retry_offer_at(mut self, time: impl Into<Timestamp>) -> Self {
        self.options.retry_offer_at = Some(time.into());
        self
    }
}

impl IntoFuture for DeclineOffer {
    type Output = Result<Response<DeclineJobOfferResult>>;
    type IntoFuture = CallFuture<Response<DeclineJobOfferResult>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            check_id("worker id", &self.worker_id)?;
            check_id("offer id", &self.offer_id)?;
            let call = self.pipeline.call(&operations::DECLINE_JOB_OFFER);
            let result = acs_core_jobrouter::client(&call)
                .decline_job_offer(&self.worker_id, &self.offer_id, &self.options)
                .await;
            call.finish(result)
        })
    }
}
