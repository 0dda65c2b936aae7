//! The two calls that all entities share: reading one and upserting one.

use std::fmt;
use std::future::IntoFuture;
use std::marker::PhantomData;

use acs_core::{Error, Etag, Pipeline, Response};
use acs_core_jobrouter::models::{
    DistributionPolicy, DistributionPolicyPatch, JobPatch, QueuePatch, RouterJob, RouterQueue,
    RouterWorker, WorkerPatch,
};
use acs_core_jobrouter::operations;
use acs_types::Timestamp;

use super::{CallFuture, check_id};

/// An entity under an id of the caller's choosing: a job, a worker, a queue or a distribution policy.
///
/// Sealed: the service says which entities there are.
pub trait Entity: sealed::Raw {}

impl<E: sealed::Raw> Entity for E {}

mod sealed {
    use acs_core::{Call, Response, Result};
    use acs_types::Operation;

    /// The conditions of an upsert, as its headers carry them.
    #[derive(Clone, Debug, Default)]
    pub struct Conditions {
        pub if_match: Option<String>,
        pub if_unmodified_since: Option<String>,
    }

    /// How the raw client reads and upserts one kind of entity.
    pub trait Raw: Sized + Send + 'static {
        type Patch: Send + Sync + 'static;
        const GET: &'static Operation;
        const UPSERT: &'static Operation;
        const ID: &'static str;

        fn get(call: Call, id: &str) -> impl Future<Output = Result<Response<Self>>> + Send;

        fn upsert(
            call: Call,
            id: &str,
            conditions: &Conditions,
            patch: &Self::Patch,
        ) -> impl Future<Output = Result<Response<Self>>> + Send;
    }
}

use sealed::Conditions;

macro_rules! entity {
    ($entity:ty, $patch:ty, $id:literal, $get:ident $get_row:ident, $upsert:ident $upsert_row:ident) => {
        impl sealed::Raw for $entity {
            type Patch = $patch;
            const GET: &'static acs_types::Operation = &operations::$get_row;
            const UPSERT: &'static acs_types::Operation = &operations::$upsert_row;
            const ID: &'static str = $id;

            async fn get(call: acs_core::Call, id: &str) -> acs_core::Result<Response<Self>> {
                let result = acs_core_jobrouter::client(&call).$get(id).await;
                call.finish(result)
            }

            async fn upsert(
                call: acs_core::Call,
                id: &str,
                conditions: &Conditions,
                patch: &Self::Patch,
            ) -> acs_core::Result<Response<Self>> {
                let Conditions {
                    if_match,
                    if_unmodified_since,
                } = conditions;
                let result = acs_core_jobrouter::client(&call)
                    .$upsert(
                        id,
                        if_match.as_deref(),
                        if_unmodified_since.as_deref(),
                        patch,
                    )
                    .await;
                call.finish(result)
            }
        }
    };
}

entity!(RouterJob, JobPatch, "job id", get_job GET_JOB, upsert_job UPSERT_JOB);
entity!(RouterWorker, WorkerPatch, "worker id", get_worker GET_WORKER, upsert_worker UPSERT_WORKER);
entity!(RouterQueue, QueuePatch, "queue id", get_queue GET_QUEUE, upsert_queue UPSERT_QUEUE);
entity!(
    DistributionPolicy, DistributionPolicyPatch, "distribution policy id",
    get_distribution_policy GET_DISTRIBUTION_POLICY,
    upsert_distribution_policy UPSERT_DISTRIBUTION_POLICY
);

/// Reads an entity. Await it.
#[must_use = "a call is sent when it is awaited"]
pub struct Get<E> {
    pipeline: Pipeline,
    id: String,
    entity: PhantomData<fn() -> E>,
}

impl<E: Entity> Get<E> {
    pub(crate) fn new(pipeline: &Pipeline, id: impl Into<String>) -> Self {
        Self {
            pipeline: pipeline.clone(),
            id: id.into(),
            entity: PhantomData,
        }
    }
}

impl<E: Entity> IntoFuture for Get<E> {
    type Output = acs_core::Result<Response<E>>;
    type IntoFuture = CallFuture<Response<E>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            check_id(E::ID, &self.id)?;
            E::get(self.pipeline.call(E::GET), &self.id).await
        })
    }
}

/// Reads an entity that may not be there. Await it.
#[must_use = "a call is sent when it is awaited"]
pub struct GetOpt<E>(Get<E>);

impl<E: Entity> GetOpt<E> {
    pub(crate) fn new(pipeline: &Pipeline, id: impl Into<String>) -> Self {
        Self(Get::new(pipeline, id))
    }
}

impl<E: Entity> IntoFuture for GetOpt<E> {
    type Output = acs_core::Result<Option<Response<E>>>;
    type IntoFuture = CallFuture<Option<Response<E>>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { self.0.await.map(Some).or_else(none_if_not_found) })
    }
}

fn none_if_not_found<T>(error: Error) -> acs_core::Result<Option<T>> {
    if error.is_not_found() {
        Ok(None)
    } else {
        Err(error)
    }
}

/// Creates or updates an entity. Set conditions if need be, then await it.
///
/// Without a condition the call is repeated like a read when its answer is lost: sent twice, it leads to the same entity, but
/// [`Response::was_created`] then tells of the last attempt. With a condition it is repeated only when the service
/// certainly did not act on it.
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
    pub fn if_unmodified_since(mut self, time: impl Into<Timestamp>) -> Self {
        self.conditions.if_unmodified_since = Some(time.into().http_date());
        self
    }
}

impl<E: Entity> IntoFuture for Upsert<E> {
    type Output = acs_core::Result<Response<E>>;
    type IntoFuture = CallFuture<Response<E>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            check_id(E::ID, &self.id)?;
            E::upsert(
                self.pipeline.call(E::UPSERT),
                &self.id,
                &self.conditions,
                &self.patch,
            )
            .await
        })
    }
}

impl<E: Entity> fmt::Debug for Get<E> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple(E::GET.id).field(&self.id).finish()
    }
}

impl<E: Entity> fmt::Debug for GetOpt<E> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
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
