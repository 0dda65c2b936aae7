//! The client for policies and queues.

use acs_core::auth::{Credential, Endpoint};
use acs_core::{ClientOptions, Pipeline, Result};
use acs_core_jobrouter::models::{
    ClassificationPolicy, ClassificationPolicyPatch, DistributionPolicy, DistributionPolicyPatch,
    ExceptionPolicy, ExceptionPolicyPatch, QueuePatch, RouterQueue,
};

use crate::calls::{Delete, Get, GetOpt, List, RetryOnConflict, Upsert};
use crate::client::JobRouterClient;

/// A client for the policies and queues of one resource: what is set up once, before jobs are routed.
///
/// Cheap to clone; clones share connections. All methods return a call that is sent when it is awaited. What `# Errors`
/// leaves out because every call can meet it stands at [`JobRouterClient`].
///
/// ```no_run
/// use std::time::Duration;
/// use acs_jobrouter::{JobRouterAdminClient, LongestIdleMode, NewDistributionPolicy, NewQueue};
///
/// # async fn example(admin: JobRouterAdminClient) -> acs_jobrouter::Result<()> {
/// let policy = NewDistributionPolicy::new(Duration::from_secs(30), LongestIdleMode::new());
/// admin.upsert_distribution_policy("longest-idle", policy).await?;
/// admin.upsert_queue("support", NewQueue::with_distribution_policy("longest-idle")).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct JobRouterAdminClient {
    pipeline: Pipeline,
}

impl JobRouterAdminClient {
    /// A client from a connection string; see [`JobRouterClient::from_connection_string`].
    ///
    /// # Errors
    ///
    /// [`Error::Config`](crate::Error::Config) names the part that is missing or malformed, never the key.
    pub fn from_connection_string(connection_string: &str) -> Result<Self> {
        Ok(JobRouterClient::from_connection_string(connection_string)?.admin())
    }

    /// A client from an endpoint and an access key or a token credential.
    ///
    /// # Errors
    ///
    /// [`Error::Config`](crate::Error::Config) if there is no TLS for an `https` endpoint.
    pub fn new(endpoint: Endpoint, credential: impl Into<Credential>) -> Result<Self> {
        Ok(JobRouterClient::new(endpoint, credential)?.admin())
    }

    /// A client with other options than the defaults; see [`JobRouterClient::with_options`].
    ///
    /// # Errors
    ///
    /// [`Error::Config`](crate::Error::Config) names the option that is unusable.
    pub fn with_options(
        endpoint: Endpoint,
        credential: impl Into<Credential>,
        options: ClientOptions,
    ) -> Result<Self> {
        Ok(JobRouterClient::with_options(endpoint, credential, options)?.admin())
    }

    pub(crate) fn from_pipeline(pipeline: Pipeline) -> Self {
        Self { pipeline }
    }

    /// Creates a distribution policy from a [`NewDistributionPolicy`](crate::NewDistributionPolicy), or updates one with a
    /// [`DistributionPolicyPatch`].
    ///
    /// `PATCH /routing/distributionPolicies/{distributionPolicyId}`. Open offers keep the time they were given.
    ///
    /// # Errors
    ///
    /// 400 `BadRequest` if a member is unusable: offers that expire after no time, more offers at least than at most. 412
    /// if a condition does not hold.
    pub fn upsert_distribution_policy(
        &self,
        distribution_policy_id: impl Into<String>,
        policy: impl Into<DistributionPolicyPatch>,
    ) -> Upsert<DistributionPolicy> {
        Upsert::new(&self.pipeline, distribution_policy_id, policy)
    }

    /// Changes a distribution policy depending on what it is now; see [`JobRouterClient::update_job`]. `GET` and `PATCH
    /// /routing/distributionPolicies/{distributionPolicyId}`
    ///
    /// # Errors
    ///
    /// Those of [`get_distribution_policy`](Self::get_distribution_policy) and
    /// [`upsert_distribution_policy`](Self::upsert_distribution_policy); 412 only when the last of
    /// [`max_attempts`](RetryOnConflict::max_attempts) met a conflict as well.
    #[doc(alias = "retry_on_conflict")]
    pub fn update_distribution_policy<'a>(
        &self,
        distribution_policy_id: impl Into<String>,
        change: impl FnMut(&DistributionPolicy) -> DistributionPolicyPatch + Send + 'a,
    ) -> RetryOnConflict<'a, DistributionPolicy> {
        RetryOnConflict::new(&self.pipeline, distribution_policy_id, change)
    }

    /// Reads a distribution policy. `GET /routing/distributionPolicies/{distributionPolicyId}`
    ///
    /// # Errors
    ///
    /// 404 `NotFound` if there is none of this id; see [`get_distribution_policy_opt`](Self::get_distribution_policy_opt).
    pub fn get_distribution_policy(
        &self,
        distribution_policy_id: impl Into<String>,
    ) -> Get<DistributionPolicy> {
        Get::new(&self.pipeline, distribution_policy_id)
    }

    /// Reads a distribution policy that may not be there: 404 is `None`. `GET
    /// /routing/distributionPolicies/{distributionPolicyId}`
    pub fn get_distribution_policy_opt(
        &self,
        distribution_policy_id: impl Into<String>,
    ) -> GetOpt<DistributionPolicy> {
        GetOpt::new(&self.pipeline, distribution_policy_id)
    }

    /// Deletes a distribution policy. `DELETE /routing/distributionPolicies/{distributionPolicyId}`
    ///
    /// # Errors
    ///
    /// 400 `BadRequest` with the detail `QueueExistsWithDistributionPolicy` while a queue uses it.
    pub fn delete_distribution_policy(
        &self,
        distribution_policy_id: impl Into<String>,
    ) -> Delete<DistributionPolicy> {
        Delete::new(&self.pipeline, distribution_policy_id)
    }

    /// Lists all distribution policies. `GET /routing/distributionPolicies`
    pub fn list_distribution_policies(&self) -> List<DistributionPolicy> {
        List::new(&self.pipeline)
    }

    /// Creates a classification policy from a [`NewClassificationPolicy`](crate::NewClassificationPolicy), or updates one
    /// with a [`ClassificationPolicyPatch`].
    ///
    /// `PATCH /routing/classificationPolicies/{classificationPolicyId}`. Jobs that were classified keep what they were
    /// given until they are classified again.
    ///
    /// # Errors
    ///
    /// 400 `BadRequest` if a member is unusable or the fallback queue does not exist. 412 if a condition does not hold.
    pub fn upsert_classification_policy(
        &self,
        classification_policy_id: impl Into<String>,
        policy: impl Into<ClassificationPolicyPatch>,
    ) -> Upsert<ClassificationPolicy> {
        Upsert::new(&self.pipeline, classification_policy_id, policy)
    }

    /// Changes a classification policy depending on what it is now; see [`JobRouterClient::update_job`]. `GET` and `PATCH
    /// /routing/classificationPolicies/{classificationPolicyId}`
    ///
    /// # Errors
    ///
    /// Those of [`get_classification_policy`](Self::get_classification_policy) and
    /// [`upsert_classification_policy`](Self::upsert_classification_policy); 412 only when the last of
    /// [`max_attempts`](RetryOnConflict::max_attempts) met a conflict as well.
    #[doc(alias = "retry_on_conflict")]
    pub fn update_classification_policy<'a>(
        &self,
        classification_policy_id: impl Into<String>,
        change: impl FnMut(&ClassificationPolicy) -> ClassificationPolicyPatch + Send + 'a,
    ) -> RetryOnConflict<'a, ClassificationPolicy> {
        RetryOnConflict::new(&self.pipeline, classification_policy_id, change)
    }

    /// Reads a classification policy. `GET /routing/classificationPolicies/{classificationPolicyId}`
    ///
    /// # Errors
    ///
    /// 404 `NotFound` if there is none of this id; see
    /// [`get_classification_policy_opt`](Self::get_classification_policy_opt).
    pub fn get_classification_policy(
        &self,
        classification_policy_id: impl Into<String>,
    ) -> Get<ClassificationPolicy> {
        Get::new(&self.pipeline, classification_policy_id)
    }

    /// Reads a classification policy that may not be there: 404 is `None`. `GET
    /// /routing/classificationPolicies/{classificationPolicyId}`
    pub fn get_classification_policy_opt(
        &self,
        classification_policy_id: impl Into<String>,
    ) -> GetOpt<ClassificationPolicy> {
        GetOpt::new(&self.pipeline, classification_policy_id)
    }

    /// Deletes a classification policy. `DELETE /routing/classificationPolicies/{classificationPolicyId}`
    ///
    /// # Errors
    ///
    /// 400 `BadRequest` with the detail `ActiveJobWithClassificationPolicyExist` while an active job uses it.
    pub fn delete_classification_policy(
        &self,
        classification_policy_id: impl Into<String>,
    ) -> Delete<ClassificationPolicy> {
        Delete::new(&self.pipeline, classification_policy_id)
    }

    /// Lists all classification policies. `GET /routing/classificationPolicies`
    pub fn list_classification_policies(&self) -> List<ClassificationPolicy> {
        List::new(&self.pipeline)
    }

    /// Creates an exception policy from a [`NewExceptionPolicy`](crate::NewExceptionPolicy), or updates one with a
    /// [`ExceptionPolicyPatch`].
    ///
    /// `PATCH /routing/exceptionPolicies/{exceptionPolicyId}`. Actions without an id get a new one with each write, and
    /// the policy a new ETag.
    ///
    /// # Errors
    ///
    /// 400 `BadRequest` if a member is unusable or an action names a queue or policy that does not exist. 412 if a
    /// condition does not hold.
    pub fn upsert_exception_policy(
        &self,
        exception_policy_id: impl Into<String>,
        policy: impl Into<ExceptionPolicyPatch>,
    ) -> Upsert<ExceptionPolicy> {
        Upsert::new(&self.pipeline, exception_policy_id, policy)
    }

    /// Changes an exception policy depending on what it is now; see [`JobRouterClient::update_job`]. `GET` and `PATCH
    /// /routing/exceptionPolicies/{exceptionPolicyId}`
    ///
    /// # Errors
    ///
    /// Those of [`get_exception_policy`](Self::get_exception_policy) and
    /// [`upsert_exception_policy`](Self::upsert_exception_policy); 412 only when the last of
    /// [`max_attempts`](RetryOnConflict::max_attempts) met a conflict as well.
    #[doc(alias = "retry_on_conflict")]
    pub fn update_exception_policy<'a>(
        &self,
        exception_policy_id: impl Into<String>,
        change: impl FnMut(&ExceptionPolicy) -> ExceptionPolicyPatch + Send + 'a,
    ) -> RetryOnConflict<'a, ExceptionPolicy> {
        RetryOnConflict::new(&self.pipeline, exception_policy_id, change)
    }

    /// Reads an exception policy. `GET /routing/exceptionPolicies/{exceptionPolicyId}`
    ///
    /// # Errors
    ///
    /// 404 `NotFound` if there is none of this id; see [`get_exception_policy_opt`](Self::get_exception_policy_opt).
    pub fn get_exception_policy(
        &self,
        exception_policy_id: impl Into<String>,
    ) -> Get<ExceptionPolicy> {
        Get::new(&self.pipeline, exception_policy_id)
    }

    /// Reads an exception policy that may not be there: 404 is `None`. `GET
    /// /routing/exceptionPolicies/{exceptionPolicyId}`
    pub fn get_exception_policy_opt(
        &self,
        exception_policy_id: impl Into<String>,
    ) -> GetOpt<ExceptionPolicy> {
        GetOpt::new(&self.pipeline, exception_policy_id)
    }

    /// Deletes an exception policy. `DELETE /routing/exceptionPolicies/{exceptionPolicyId}`
    ///
    /// # Errors
    ///
    /// 400 `BadRequest` with the detail `QueueExistsWithExceptionPolicy` while a queue uses it.
    pub fn delete_exception_policy(
        &self,
        exception_policy_id: impl Into<String>,
    ) -> Delete<ExceptionPolicy> {
        Delete::new(&self.pipeline, exception_policy_id)
    }

    /// Lists all exception policies. `GET /routing/exceptionPolicies`
    pub fn list_exception_policies(&self) -> List<ExceptionPolicy> {
        List::new(&self.pipeline)
    }

    /// Creates a queue from a [`NewQueue`](crate::NewQueue), or updates one with a [`QueuePatch`].
    ///
    /// `PATCH /routing/queues/{queueId}`
    ///
    /// # Errors
    ///
    /// 400 `BadRequest` if a member is unusable or names a policy that does not exist. 412 if a condition does not hold.
    pub fn upsert_queue(
        &self,
        queue_id: impl Into<String>,
        queue: impl Into<QueuePatch>,
    ) -> Upsert<RouterQueue> {
        Upsert::new(&self.pipeline, queue_id, queue)
    }

    /// Changes a queue depending on what it is now; see [`JobRouterClient::update_job`]. `GET` and `PATCH
    /// /routing/queues/{queueId}`
    ///
    /// # Errors
    ///
    /// Those of [`get_queue`](Self::get_queue) and [`upsert_queue`](Self::upsert_queue); 412 only when the last of
    /// [`max_attempts`](RetryOnConflict::max_attempts) met a conflict as well.
    #[doc(alias = "retry_on_conflict")]
    pub fn update_queue<'a>(
        &self,
        queue_id: impl Into<String>,
        change: impl FnMut(&RouterQueue) -> QueuePatch + Send + 'a,
    ) -> RetryOnConflict<'a, RouterQueue> {
        RetryOnConflict::new(&self.pipeline, queue_id, change)
    }

    /// Reads a queue. `GET /routing/queues/{queueId}`
    ///
    /// # Errors
    ///
    /// 404 `NotFound` if there is none of this id; see [`get_queue_opt`](Self::get_queue_opt).
    pub fn get_queue(&self, queue_id: impl Into<String>) -> Get<RouterQueue> {
        Get::new(&self.pipeline, queue_id)
    }

    /// Reads a queue that may not be there: 404 is `None`. `GET /routing/queues/{queueId}`
    pub fn get_queue_opt(&self, queue_id: impl Into<String>) -> GetOpt<RouterQueue> {
        GetOpt::new(&self.pipeline, queue_id)
    }

    /// Deletes a queue. `DELETE /routing/queues/{queueId}`
    ///
    /// # Errors
    ///
    /// 409 `Conflict` while an active job is in it, a worker lists it, available or not, or a classification policy falls
    /// back to it. The message names all reasons at once.
    pub fn delete_queue(&self, queue_id: impl Into<String>) -> Delete<RouterQueue> {
        Delete::new(&self.pipeline, queue_id)
    }

    /// Lists all queues. `GET /routing/queues`
    pub fn list_queues(&self) -> List<RouterQueue> {
        List::new(&self.pipeline)
    }
}
