//! Deleting an entity.

use std::fmt;
use std::future::IntoFuture;
use std::marker::PhantomData;

use acs_core::{Pipeline, Response, Result};

use super::entity::Entity;
use super::{CallFuture, check_id};

/// Deletes an entity. Await it.
///
/// The call is repeated like a read when its answer is lost. When the future is dropped, the service may have deleted the
/// entity or may still do so; deleting again is safe.
#[must_use = "a call is sent when it is awaited"]
pub struct Delete<E> {
    pipeline: Pipeline,
    id: String,
    entity: PhantomData<fn() -> E>,
}

impl<E: Entity> Delete<E> {
    pub(crate) fn new(pipeline: &Pipeline, id: impl Into<String>) -> Self {
        Self {
            pipeline: pipeline.clone(),
            id: id.into(),
            entity: PhantomData,
        }
    }
}

impl<E: Entity> IntoFuture for Delete<E> {
    type Output = Result<Response<()>>;
    type IntoFuture = CallFuture<Response<()>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            check_id(E::ID, &self.id)?;
            E::delete(self.pipeline.call(E::DELETE), &self.id).await
        })
    }
}

impl<E: Entity> fmt::Debug for Delete<E> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple(E::DELETE.id).field(&self.id).finish()
    }
}
