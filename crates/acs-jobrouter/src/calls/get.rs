//! Reading under an id.

use std::fmt;
use std::future::IntoFuture;
use std::marker::PhantomData;

use acs_core::{Error, Pipeline, Response, Result};

use super::entity::Readable;
use super::{CallFuture, check_id};

/// Reads what stands under an id. Await it.
///
/// It changes nothing: dropping the future is safe at any time, and the client repeats it as its
/// [`RetryOptions`](acs_core::RetryOptions) say.
#[must_use = "a call is sent when it is awaited"]
pub struct Get<R> {
    pipeline: Pipeline,
    id: String,
    model: PhantomData<fn() -> R>,
}

impl<R: Readable> Get<R> {
    pub(crate) fn new(pipeline: &Pipeline, id: impl Into<String>) -> Self {
        Self {
            pipeline: pipeline.clone(),
            id: id.into(),
            model: PhantomData,
        }
    }
}

impl<R: Readable> IntoFuture for Get<R> {
    type Output = Result<Response<R>>;
    type IntoFuture = CallFuture<Response<R>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            check_id(R::ID, &self.id)?;
            R::get(self.pipeline.call(R::GET), &self.id).await
        })
    }
}

/// Reads what may not be there: 404 is `None`, other failures stay errors. Await it.
///
/// Dropping the future is safe at any time.
#[must_use = "a call is sent when it is awaited"]
pub struct GetOpt<R>(Get<R>);

impl<R: Readable> GetOpt<R> {
    pub(crate) fn new(pipeline: &Pipeline, id: impl Into<String>) -> Self {
        Self(Get::new(pipeline, id))
    }
}

impl<R: Readable> IntoFuture for GetOpt<R> {
    type Output = Result<Option<Response<R>>>;
    type IntoFuture = CallFuture<Option<Response<R>>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { self.0.await.map(Some).or_else(none_if_not_found) })
    }
}

fn none_if_not_found<T>(error: Error) -> Result<Option<T>> {
    if error.is_not_found() {
        Ok(None)
    } else {
        Err(error)
    }
}

impl<R: Readable> fmt::Debug for Get<R> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple(R::GET.id).field(&self.id).finish()
    }
}

impl<R: Readable> fmt::Debug for GetOpt<R> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}
