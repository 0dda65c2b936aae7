//! The client for policies and queues.

use acs_core::auth::{Credential, Endpoint};
use acs_core::{ClientOptions, Pipeline, Result};
use acs_core_jobrouter::models::{
    DistributionPolicy, DistributionPolicyPatch, QueuePatch, RouterQueue,
};

use crate::calls::{Get, GetOpt, Upsert};
use crate::client::JobRouterClient;

/// A client for the policies and queues of one resource: what is set up once, before jobs are routed.
///
/// Cheap to clone; clones share connections. All methods return a call that is sent when it is awaited.
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
    /// 400 if a member is unusable, 412 if a condition does not hold.
    pub fn upsert_distribution_policy(
        &self,
        distribution_policy_id: impl Into<String>,
        policy: impl Into<DistributionPolicyPatch>,
    ) -> Upsert<DistributionPolicy> {
        Upsert::new(&self.pipeline, distribution_policy_id, policy)
    }

    /// Reads a distribution policy. `GET /routing/distributionPolicies/{distributionPolicyId}`
    ///
    /// # Errors
    ///
    /// 404 if there is none of this id; see [`get_distribution_policy_opt`](Self::get_distribution_policy_opt).
    pub fn get_distribution_policy(
        &self,
        distribution_policy_id: impl Into<String>,
    ) -> Get<DistributionPolicy> {
        Get::new(&self.pipeline, distribution_policy_id)
    }

    /// Reads a distribution policy that may not be there: 404 is `None`.
    /// `GET /routing/distributionPolicies/{distributionPolicyId}`
    pub fn get_distribution_policy_opt(
        &self,
        distribution_policy_id: impl Into<String>,
    ) -> GetOpt<DistributionPolicy> {
        GetOpt::new(&self.pipeline, distribution_policy_id)
    }

    /// Creates a queue from a [`NewQueue`](crate::NewQueue), or updates one with a [`QueuePatch`].
    ///
    /// `PATCH /routing/queues/{queueId}`
    ///
    /// # Errors
    ///
    /// 400 if a member is unusable or names a policy that does not exist, 412 if a condition does not hold.
    pub fn upsert_queue(
        &self,
        queue_id: impl Into<String>,
        queue: impl Into<QueuePatch>,
    ) -> Upsert<RouterQueue> {
        Upsert::new(&self.pipeline, queue_id, queue)
    }

    /// Reads a queue. `GET /routing/queues/{queueId}`
    ///
    /// # Errors
    ///
    /// 404 if there is no such queue; see [`get_queue_opt`](Self::get_queue_opt).
    pub fn get_queue(&self, queue_id: impl Into<String>) -> Get<RouterQueue> {
        Get::new(&self.pipeline, queue_id)
    }

    /// Reads a queue that may not be there: 404 is `None`. `GET /routing/queues/{queueId}`
    pub fn get_queue_opt(&self, queue_id: impl Into<String>) -> GetOpt<RouterQueue> {
        GetOpt::new(&self.pipeline, queue_id)
    }
}
