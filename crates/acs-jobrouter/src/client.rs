//! The client for jobs, workers, offers and assignments.

use acs_core::auth::{ConnectionString, Credential, Endpoint};
use acs_core::{ClientOptions, ClientPackage, Pipeline, Result};
use acs_core_jobrouter::models::{JobPatch, RouterJob, RouterWorker, WorkerPatch};
use acs_core_jobrouter::operations::DEFAULT_API_VERSION;

use crate::admin_client::JobRouterAdminClient;
use crate::calls::{
    AcceptOffer, CloseJob, CompleteJob, DeclineOffer, Get, GetOpt, ListJobs, ListWorkers, Upsert,
};

const PACKAGE: ClientPackage = ClientPackage {
    name: env!("CARGO_PKG_NAME"),
    version: env!("CARGO_PKG_VERSION"),
    api_version: DEFAULT_API_VERSION,
};

/// A client for the jobs, workers, offers and assignments of one resource.
///
/// Cheap to clone; clones share connections. All methods return a call that is sent when it is awaited.
///
/// ```no_run
/// use acs_jobrouter::{JobRouterClient, NewJob};
///
/// # async fn example() -> acs_jobrouter::Result<()> {
/// let client = JobRouterClient::from_connection_string("endpoint=https://…/;accesskey=…")?;
/// let job = client.upsert_job("job-1", NewJob::in_queue("voice", "support")).await?;
/// println!("{} is {}", job.id, job.status.as_ref().map_or("new", |status| status.as_str()));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct JobRouterClient {
    pipeline: Pipeline,
}

impl JobRouterClient {
    /// A client from a connection string, as the Azure portal and the emulator show it:
    /// `endpoint=https://<resource>.communication.azure.com/;accesskey=<key>`.
    ///
    /// # Errors
    ///
    /// [`Error::Config`](crate::Error::Config) names the part that is missing or malformed, never the key.
    pub fn from_connection_string(connection_string: &str) -> Result<Self> {
        let connection = ConnectionString::parse(connection_string)?;
        Self::new(
            connection.endpoint().clone(),
            connection.access_key().clone(),
        )
    }

    /// A client from an endpoint and an access key or a token credential.
    ///
    /// # Errors
    ///
    /// [`Error::Config`](crate::Error::Config) if there is no TLS for an `https` endpoint.
    pub fn new(endpoint: Endpoint, credential: impl Into<Credential>) -> Result<Self> {
        Self::with_options(endpoint, credential, ClientOptions::new())
    }

    /// A client with other options than the defaults.
    ///
    /// ```
    /// use std::time::Duration;
    /// use acs_jobrouter::{ClientOptions, ConnectionString, JobRouterClient, RetryOptions};
    ///
    /// # fn main() -> acs_jobrouter::Result<()> {
    /// let connection = ConnectionString::parse("endpoint=http://127.0.0.1:7777/;accesskey=c2VjcmV0IGFjY2VzcyBrZXk=")?;
    /// let options = ClientOptions::new().timeout(Duration::from_secs(5)).retry(RetryOptions::none());
    /// let client = JobRouterClient::with_options(
    ///     connection.endpoint().clone(),
    ///     connection.access_key().clone(),
    ///     options,
    /// )?;
    /// # let _ = client;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Config`](crate::Error::Config) names the option that is unusable.
    pub fn with_options(
        endpoint: Endpoint,
        credential: impl Into<Credential>,
        options: ClientOptions,
    ) -> Result<Self> {
        let pipeline = Pipeline::new(endpoint, credential.into(), PACKAGE, options)?;
        Ok(Self { pipeline })
    }

    /// The client for policies and queues of the same resource; it shares this client's connections.
    #[must_use]
    pub fn admin(&self) -> JobRouterAdminClient {
        JobRouterAdminClient::from_pipeline(self.pipeline.clone())
    }

    /// Creates a job from a [`NewJob`](crate::NewJob), or updates one with a [`JobPatch`].
    ///
    /// `PATCH /routing/jobs/{jobId}`. A job that goes into a queue is answered as `created` and is queued a moment later.
    ///
    /// # Errors
    ///
    /// 400 if a member is unusable or names something that does not exist, 409 if the job is closed or cancelled and more than
    /// notes, tags and disposition code would change, 412 if a condition does not hold.
    pub fn upsert_job(
        &self,
        job_id: impl Into<String>,
        job: impl Into<JobPatch>,
    ) -> Upsert<RouterJob> {
        Upsert::new(&self.pipeline, job_id, job)
    }

    /// Reads a job. `GET /routing/jobs/{jobId}`
    ///
    /// # Errors
    ///
    /// 404 if there is no such job; see [`get_job_opt`](Self::get_job_opt).
    pub fn get_job(&self, job_id: impl Into<String>) -> Get<RouterJob> {
        Get::new(&self.pipeline, job_id)
    }

    /// Reads a job that may not be there: 404 is `None`. `GET /routing/jobs/{jobId}`
    pub fn get_job_opt(&self, job_id: impl Into<String>) -> GetOpt<RouterJob> {
        GetOpt::new(&self.pipeline, job_id)
    }

    /// Lists jobs. `GET /routing/jobs`
    ///
    /// ```no_run
    /// use acs_jobrouter::{JobRouterClient, RouterJobStatusSelector};
    /// use futures_util::TryStreamExt;
    ///
    /// # async fn example(client: JobRouterClient) -> acs_jobrouter::Result<()> {
    /// let mut jobs = client.list_jobs().status(RouterJobStatusSelector::Active).page_size(50).into_stream();
    /// while let Some(job) = jobs.try_next().await? {
    ///     println!("{}", job.id);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn list_jobs(&self) -> ListJobs {
        ListJobs::new(&self.pipeline)
    }

    /// Completes the job of an assignment: the work is done, the capacity stays taken until the job is closed.
    ///
    /// `POST /routing/jobs/{jobId}/assignments/{assignmentId}:complete`
    ///
    /// # Errors
    ///
    /// 404 if there is no such job or assignment, 409 if the job is not assigned.
    pub fn complete_job(
        &self,
        job_id: impl Into<String>,
        assignment_id: impl Into<String>,
    ) -> CompleteJob {
        CompleteJob::new(&self.pipeline, job_id, assignment_id)
    }

    /// Closes a completed job, now or at a later time, which frees the worker's capacity.
    ///
    /// `POST /routing/jobs/{jobId}/assignments/{assignmentId}:close`
    ///
    /// # Errors
    ///
    /// 404 if there is no such job or assignment, 409 if the job is not completed.
    pub fn close_job(
        &self,
        job_id: impl Into<String>,
        assignment_id: impl Into<String>,
    ) -> CloseJob {
        CloseJob::new(&self.pipeline, job_id, assignment_id)
    }

    /// Creates a worker from a [`NewWorker`](crate::NewWorker), or updates one with a [`WorkerPatch`].
    ///
    /// `PATCH /routing/workers/{workerId}`. Setting `available_for_offers` registers the worker for offers; taking it back lets
    /// open assignments end first.
    ///
    /// # Errors
    ///
    /// 400 if a member is unusable or names something that does not exist, 412 if a condition does not hold.
    pub fn upsert_worker(
        &self,
        worker_id: impl Into<String>,
        worker: impl Into<WorkerPatch>,
    ) -> Upsert<RouterWorker> {
        Upsert::new(&self.pipeline, worker_id, worker)
    }

    /// Reads a worker with its open offers and assigned jobs. `GET /routing/workers/{workerId}`
    ///
    /// # Errors
    ///
    /// 404 if there is no such worker; see [`get_worker_opt`](Self::get_worker_opt).
    pub fn get_worker(&self, worker_id: impl Into<String>) -> Get<RouterWorker> {
        Get::new(&self.pipeline, worker_id)
    }

    /// Reads a worker that may not be there: 404 is `None`. `GET /routing/workers/{workerId}`
    pub fn get_worker_opt(&self, worker_id: impl Into<String>) -> GetOpt<RouterWorker> {
        GetOpt::new(&self.pipeline, worker_id)
    }

    /// Lists workers. `GET /routing/workers`
    pub fn list_workers(&self) -> ListWorkers {
        ListWorkers::new(&self.pipeline)
    }

    /// Accepts an offer, which assigns the job to the worker.
    ///
    /// `POST /routing/workers/{workerId}/offers/{offerId}:accept`
    ///
    /// # Errors
    ///
    /// 404 if the offer is gone: declined, expired or revoked; 409 if another worker was faster.
    pub fn accept_offer(
        &self,
        worker_id: impl Into<String>,
        offer_id: impl Into<String>,
    ) -> AcceptOffer {
        AcceptOffer::new(&self.pipeline, worker_id, offer_id)
    }

    /// Declines an offer, which lets the job be offered to others.
    ///
    /// `POST /routing/workers/{workerId}/offers/{offerId}:decline`
    ///
    /// # Errors
    ///
    /// 404 if the offer is gone: accepted, expired or revoked.
    pub fn decline_offer(
        &self,
        worker_id: impl Into<String>,
        offer_id: impl Into<String>,
    ) -> DeclineOffer {
        DeclineOffer::new(&self.pipeline, worker_id, offer_id)
    }
}
