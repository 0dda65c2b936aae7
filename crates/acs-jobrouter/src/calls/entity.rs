//! What the calls on single entities have in common, and how the raw client carries them out.

use acs_core::{Call, Pager, Pipeline, Response, Result};
use acs_core_jobrouter::models::{
    ClassificationPolicy, ClassificationPolicyPatch, DistributionPolicy, DistributionPolicyPatch,
    ExceptionPolicy, ExceptionPolicyPatch, JobPatch, QueuePatch, RouterJob,
    RouterJobPositionDetails, RouterQueue, RouterQueueStatistics, RouterWorker, WorkerPatch,
};
use acs_core_jobrouter::operations;
use acs_types::Operation;

/// What can be read under an id: an entity, the statistics of a queue, the position of a job.
///
/// Sealed: the service says what there is.
pub trait Readable: sealed::Read {}

impl<R: sealed::Read> Readable for R {}

/// What lives under an id of the caller's choosing: a job, a worker, a queue or a policy.
///
/// Sealed: the service says which entities there are.
pub trait Entity: sealed::Stored {}

impl<E: sealed::Stored> Entity for E {}

/// Entities whose list has no filters: queues and policies.
///
/// Sealed: the service says which entities there are.
pub trait Listed: sealed::Collected {}

impl<E: sealed::Collected> Listed for E {}

pub(super) mod sealed {
    //! How the raw client does it; private, so that nobody else can implement the traits above.

    use acs_core::{Call, Pager, Pipeline, Response, Result};
    use acs_types::Operation;

    /// The conditions of an upsert, as its headers carry them.
    #[derive(Clone, Debug, Default)]
    pub struct Conditions {
        pub if_match: Option<String>,
        pub if_unmodified_since: Option<String>,
    }

    pub trait Read: Sized + Send + Sync + 'static {
        const GET: &'static Operation;
        /// What the id is called in errors.
        const ID: &'static str;

        fn get(call: Call, id: &str) -> impl Future<Output = Result<Response<Self>>> + Send;
    }

    pub trait Stored: Read {
        type Patch: Default + PartialEq + Send + Sync + 'static;
        const UPSERT: &'static Operation;
        const DELETE: &'static Operation;

        /// The ETag that the answer's body holds.
        fn version(&self) -> &str;

        fn upsert(
            call: Call,
            id: &str,
            conditions: &Conditions,
            patch: &Self::Patch,
        ) -> impl Future<Output = Result<Response<Self>>> + Send;

        fn delete(call: Call, id: &str) -> impl Future<Output = Result<Response<()>>> + Send;
    }

    pub trait Collected: Stored {
        const LIST: &'static Operation;

        fn list(pipeline: &Pipeline, page_size: Option<i32>) -> Pager<Self>;
    }
}

macro_rules! readable {
    ($model:ty, $id:literal, $get:ident $get_row:ident) => {
        impl sealed::Read for $model {
            const GET: &'static Operation = &operations::$get_row;
            const ID: &'static str = $id;

            async fn get(call: Call, id: &str) -> Result<Response<Self>> {
                let result = acs_core_jobrouter::client(&call).$get(id).await;
                call.finish(result)
            }
        }
    };
}

macro_rules! stored {
    ($entity:ty, $patch:ty, $upsert:ident $upsert_row:ident, $delete:ident $delete_row:ident) => {
        impl sealed::Stored for $entity {
            type Patch = $patch;
            const UPSERT: &'static Operation = &operations::$upsert_row;
            const DELETE: &'static Operation = &operations::$delete_row;

            fn version(&self) -> &str {
                &self.etag
            }

            async fn upsert(
                call: Call,
                id: &str,
                conditions: &sealed::Conditions,
                patch: &Self::Patch,
            ) -> Result<Response<Self>> {
                let if_match = conditions.if_match.as_deref();
                let if_unmodified_since = conditions.if_unmodified_since.as_deref();
                let result = acs_core_jobrouter::client(&call)
                    .$upsert(id, if_match, if_unmodified_since, patch)
                    .await;
                call.finish(result)
            }

            async fn delete(call: Call, id: &str) -> Result<Response<()>> {
                let result = acs_core_jobrouter::client(&call).$delete(id).await;
                call.finish(result)
            }
        }
    };
}

macro_rules! collected {
    ($entity:ty, $list:ident $list_row:ident) => {
        impl sealed::Collected for $entity {
            const LIST: &'static Operation = &operations::$list_row;

            fn list(pipeline: &Pipeline, page_size: Option<i32>) -> Pager<Self> {
                Pager::new(pipeline, Self::LIST, move |call| async move {
                    let result = acs_core_jobrouter::client(&call).$list(page_size).await;
                    call.finish(result)
                })
            }
        }
    };
}

readable!(RouterJob, "job id", get_job GET_JOB);
stored!(RouterJob, JobPatch, upsert_job UPSERT_JOB, delete_job DELETE_JOB);

readable!(RouterJobPositionDetails, "job id", get_in_queue_position GET_IN_QUEUE_POSITION);

readable!(RouterWorker, "worker id", get_worker GET_WORKER);
stored!(RouterWorker, WorkerPatch, upsert_worker UPSERT_WORKER, delete_worker DELETE_WORKER);

readable!(RouterQueue, "queue id", get_queue GET_QUEUE);
stored!(RouterQueue, QueuePatch, upsert_queue UPSERT_QUEUE, delete_queue DELETE_QUEUE);
collected!(RouterQueue, list_queues LIST_QUEUES);

readable!(RouterQueueStatistics, "queue id", get_queue_statistics GET_QUEUE_STATISTICS);

readable!(
    DistributionPolicy, "distribution policy id",
    get_distribution_policy GET_DISTRIBUTION_POLICY
);
stored!(
    DistributionPolicy, DistributionPolicyPatch,
    upsert_distribution_policy UPSERT_DISTRIBUTION_POLICY,
    delete_distribution_policy DELETE_DISTRIBUTION_POLICY
);
collected!(DistributionPolicy, list_distribution_policies LIST_DISTRIBUTION_POLICIES);

readable!(
    ClassificationPolicy, "classification policy id",
    get_classification_policy GET_CLASSIFICATION_POLICY
);
stored!(
    ClassificationPolicy, ClassificationPolicyPatch,
    upsert_classification_policy UPSERT_CLASSIFICATION_POLICY,
    delete_classification_policy DELETE_CLASSIFICATION_POLICY
);
collected!(ClassificationPolicy, list_classification_policies LIST_CLASSIFICATION_POLICIES);

readable!(ExceptionPolicy, "exception policy id", get_exception_policy GET_EXCEPTION_POLICY);
stored!(
    ExceptionPolicy, ExceptionPolicyPatch,
    upsert_exception_policy UPSERT_EXCEPTION_POLICY,
    delete_exception_policy DELETE_EXCEPTION_POLICY
);
collected!(ExceptionPolicy, list_exception_policies LIST_EXCEPTION_POLICIES);
