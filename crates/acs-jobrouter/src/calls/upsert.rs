//! Creating and updating an entity.

use std::fmt;
use std::future::IntoFuture;

use acs_core::{Etag, Pipeline, Response, Result};
use acs_types::Timestamp;

use super::entity::Entity;
use super::entity::sealed::Conditions;
use super::{CallFuture, check_id};

/// Creates or updates an entity. Set conditions if need be, then await it.
///
/// Without a condition the call is repeated like a read when its answer is lost: sent twice, it leads to the same entity, but
/// [`Response::was_created`] then tells of the last attempt. With a condition it is repeated only when the service
/// certainly did not act on it.
///
/// When the future is dropped, the service may have written the entity or may still do so. Without a condition, the same
/// call can simply be made again; with one, read the entity first.
#[must_use = "a call is sent when it is awaited"]
pub struct Upsert<E: Entity> {
    pipeline: Pipeline,
    id: String,
    conditions: Conditions,
    patch: E::Patch,
}

impl<E: Entity> Upsert<E> {
    pub(crate) fn new(
        pipeline: &Pipeline,
        id: impl Into<String>,
        patch: impl Into<E::Patch>,
    ) -> Self {
        Self {
            pipeline: pipeline.clone(),
            id: id.into(),
            conditions: Conditions::default(),
            patch: patch.into(),
        }
    }

    /// Only if the entity exists and has this ETag; otherwise the call fails with 412,
    /// [`Error::is_precondition_failed`](acs_core::Error::is_precondition_failed), and changes nothing.
    pub fn if_match(mut self, etag: impl Into<Etag>) -> Self {
        self.conditions.if_match = Some(etag.into().to_string());
        self
    }

    /// Only if the entity has not changed since this time, in whole seconds; otherwise the call fails with 412,
    /// [`Error::is_precondition_failed`](acs_core::Error::is_precondition_failed), and changes nothing.
    ///
    /// Two changes within one second look the same to it: prefer [`if_match`](Self::if_match).
    pub fn if_unmodified_since(mut self, time: impl Into<Timestamp>) -> Self {
        self.conditions.if_unmodified_since = Some(time.into().http_date());
        self
    }
}

impl<E: Entity> IntoFuture for Upsert<E> {
    type Output = Result<Response<E>>;
    type IntoFuture = CallFuture<Response<E>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            check_id(E::ID, &self.id)?;
            let call = self.pipeline.call(E::UPSERT);
            E::upsert(call, &self.id, &self.conditions, &self.patch).await
        })
    }
}

impl<E: Entity> fmt::Debug for Upsert<E> {
    /// Shows the id and the conditions, not what is to be written.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_tuple(E::UPSERT.id)
            .field(&self.id)
            .field(&self.conditions)
            .finish()
    }
}
