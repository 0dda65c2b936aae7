//! Calls without options.

use std::fmt;
use std::future::IntoFuture;
use std::pin::Pin;

use acs_types::Operation;

use crate::error::Result;

/// What awaiting a call gives.
pub type CallFuture<T> = Pin<Box<dyn Future<Output = Result<T>> + Send>>;

/// A call without options. Await it.
///
/// Nothing is sent before that. Dropping it afterwards ends the call; the service may have acted by then.
#[must_use = "a call is sent when it is awaited"]
pub struct Request<T> {
    operation: &'static Operation,
    future: CallFuture<T>,
}

impl<T> Request<T> {
    /// The call of this operation that the future makes.
    pub fn new(
        operation: &'static Operation,
        future: impl Future<Output = Result<T>> + Send + 'static,
    ) -> Self {
        Self {
            operation,
            future: Box::pin(future),
        }
    }
}

impl<T> IntoFuture for Request<T> {
    type Output = Result<T>;
    type IntoFuture = CallFuture<T>;

    fn into_future(self) -> Self::IntoFuture {
        self.future
    }
}

impl<T> fmt::Debug for Request<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_tuple("Request")
            .field(&self.operation.id)
            .finish()
    }
}
