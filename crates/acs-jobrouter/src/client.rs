//! The client for jobs, workers, offers and assignments.

use acs_core::auth::{ConnectionString, Credential, Endpoint};
use acs_core::{ClientOptions, ClientPackage, Pipeline, Result};
use acs_core_jobrouter::models::{
    JobPatch, RouterJob, RouterJobPositionDetails, RouterJobStatus, RouterQueueStatistics,
    RouterWorker, WorkerPatch,
};
use acs_core_jobrouter::operations::DEFAULT_API_VERSION;

use crate::admin_client::JobRouterAdminClient;
use crate::calls::{
    AcceptOffer, CancelJob, CloseJob, CompleteJob, DeclineOffer, Delete, Get, GetOpt, ListJobs,
    ListQueueStatistics, ListWorkers, ReclassifyJob, RetryOnConflict, UnassignJob, Upsert,
    WaitForJobStatus, WaitForOffer,
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
/// `# Errors` names what a call can meet beyond the failures of every call: 400 `BadRequest` for arguments that the service
/// refuses, 401 for a wrong key or clock, 429 when a resource makes more than 1000 requests in 10 seconds, and what
/// [`Error`](crate::Error) lists besides answers. Codes are what [`Error::code`](crate::Error::code) gives; where several
/// things are wrong at once, the service's words in [`ServiceError::message`](crate::ServiceError::message) and
/// [`details`](crate::ServiceError::details) name them all.
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
    /// `PATCH /routing/jobs/{jobId}`. The answer comes before the consequences: a job for a queue is `created` and is queued
    /// a moment later, one with a classification policy is `pendingClassification`; see
    /// [`wait_for_job_status`](Self::wait_for_job_status). Changing the labels or the policy of a classified job classifies
    /// it again.
    ///
    /// # Errors
    ///
    /// 400 `BadRequest` if the job has neither queue nor classification policy, lacks a channel, names a queue or policy that
    /// does not exist, or has a label that is no text, number or boolean. 409 `Conflict` if the job is closed or cancelled and
    /// more than notes, tags and disposition code would change. 412 if a condition does not hold.
    pub fn upsert_job(
        &self,
        job_id: impl Into<String>,
        job: impl Into<JobPatch>,
    ) -> Upsert<RouterJob> {
        Upsert::new(&self.pipeline, job_id, job)
    }

    /// Changes a job depending on what it is now: reads it, gives it to `change`, and writes the patch unless the job was
    /// changed in between, in which case it does so again.
    ///
    /// `GET` and `PATCH /routing/jobs/{jobId}` with `If-Match`. It never creates a job. If `change` gives the default patch,
    /// nothing is written and the job is returned as it was read.
    ///
    /// ```no_run
    /// use acs_jobrouter::{JobPatch, JobRouterClient};
    ///
    /// # async fn example(client: JobRouterClient) -> acs_jobrouter::Result<()> {
    /// let job = client
    ///     .update_job("job-1", |job| JobPatch {
    ///         priority: (job.priority.unwrap_or(1) + 1).into(),
    ///         ..JobPatch::default()
    ///     })
    ///     .await?;
    /// println!("now at priority {}", job.priority.unwrap_or(1));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`get_job`](Self::get_job) and [`upsert_job`](Self::upsert_job); 412 only when the last of
    /// [`max_attempts`](RetryOnConflict::max_attempts) met a conflict as well.
    #[doc(alias = "retry_on_conflict")]
    pub fn update_job<'a>(
        &self,
        job_id: impl Into<String>,
        change: impl FnMut(&RouterJob) -> JobPatch + Send + 'a,
    ) -> RetryOnConflict<'a, RouterJob> {
        RetryOnConflict::new(&self.pipeline, job_id, change)
    }

    /// Reads a job. `GET /routing/jobs/{jobId}`
    ///
    /// # Errors
    ///
    /// 404 `NotFound` if there is no such job; see [`get_job_opt`](Self::get_job_opt).
    pub fn get_job(&self, job_id: impl Into<String>) -> Get<RouterJob> {
        Get::new(&self.pipeline, job_id)
    }

    /// Reads a job that may not be there: 404 is `None`. `GET /routing/jobs/{jobId}`
    pub fn get_job_opt(&self, job_id: impl Into<String>) -> GetOpt<RouterJob> {
        GetOpt::new(&self.pipeline, job_id)
    }

    /// Deletes a job that is closed, cancelled, or could not be classified. `DELETE /routing/jobs/{jobId}`
    ///
    /// # Errors
    ///
    /// 409 `Conflict` in any other status ("The job is neither closed nor cancelled"): [cancel](Self::cancel_job) it first.
    pub fn delete_job(&self, job_id: impl Into<String>) -> Delete<RouterJob> {
        Delete::new(&self.pipeline, job_id)
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

    /// Waits until a job has a status. Reads the job at growing intervals, for 60 seconds unless set otherwise.
    ///
    /// ```no_run
    /// use std::time::Duration;
    /// use acs_jobrouter::{JobRouterClient, RouterJobStatus};
    ///
    /// # async fn example(client: JobRouterClient) -> acs_jobrouter::Result<()> {
    /// let job = client
    ///     .wait_for_job_status("job-1", RouterJobStatus::Queued)
    ///     .or(RouterJobStatus::ClassificationFailed)
    ///     .timeout(Duration::from_secs(10))
    ///     .await?;
    /// println!("{} went to {}", job.id, job.queue_id.as_deref().unwrap_or("no queue"));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Wait`](crate::Error::Wait) when the time is over, or as soon as the job is closed or cancelled and that was
    /// not what was waited for. Those of [`get_job`](Self::get_job): a read that fails, after its retries, ends the wait.
    pub fn wait_for_job_status(
        &self,
        job_id: impl Into<String>,
        status: RouterJobStatus,
    ) -> WaitForJobStatus {
        WaitForJobStatus::new(&self.pipeline, job_id, status)
    }

    /// Reads where a waiting job stands in its queue. `GET /routing/jobs/{jobId}/position`
    ///
    /// # Errors
    ///
    /// 404 `NotFound` if there is no such job, and an error, 400 as a rule, if it does not wait in a queue.
    pub fn get_queue_position(&self, job_id: impl Into<String>) -> Get<RouterJobPositionDetails> {
        Get::new(&self.pipeline, job_id)
    }

    /// Reads where a job stands in its queue: 404 is `None`. `GET /routing/jobs/{jobId}/position`
    ///
    /// # Errors
    ///
    /// 400 as a rule if the job exists but does not wait in a queue.
    pub fn get_queue_position_opt(
        &self,
        job_id: impl Into<String>,
    ) -> GetOpt<RouterJobPositionDetails> {
        GetOpt::new(&self.pipeline, job_id)
    }

    /// Classifies a job again, by its classification policy. `POST /routing/jobs/{jobId}:reclassify`
    ///
    /// The answer comes before the work is done. Open offers of the job are revoked.
    ///
    /// # Errors
    ///
    /// 404 `NotFound` if there is no such job, 400 `BadRequest` if it has no classification policy, 409 `Conflict` if a worker
    /// has it or it is over.
    pub fn reclassify_job(&self, job_id: impl Into<String>) -> ReclassifyJob {
        ReclassifyJob::new(&self.pipeline, job_id)
    }

    /// Cancels a job that is not completed, whichever way it has come; its open offers are revoked.
    /// `POST /routing/jobs/{jobId}:cancel`
    ///
    /// # Errors
    ///
    /// 404 `NotFound` if there is no such job, 409 `Conflict` if it is completed or closed.
    pub fn cancel_job(&self, job_id: impl Into<String>) -> CancelJob {
        CancelJob::new(&self.pipeline, job_id)
    }

    /// Completes the job of an assignment: the work is done, the capacity stays taken until the job is closed.
    ///
    /// `POST /routing/jobs/{jobId}/assignments/{assignmentId}:complete`
    ///
    /// # Errors
    ///
    /// 404 `NotFound` if there is no such job or assignment, 409 `Conflict` if the job is not assigned.
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
    /// 404 `NotFound` if there is no such job or assignment, 409 `Conflict` if the job is not completed. Whether closing a
    /// closed job again is an error is not documented.
    pub fn close_job(
        &self,
        job_id: impl Into<String>,
        assignment_id: impl Into<String>,
    ) -> CloseJob {
        CloseJob::new(&self.pipeline, job_id, assignment_id)
    }

    /// Takes an assigned job away from its worker; it is queued again with its old place, or held back.
    ///
    /// `POST /routing/jobs/{jobId}/assignments/{assignmentId}:unassign`. The same worker may be offered the job again.
    ///
    /// # Errors
    ///
    /// 404 `NotFound` if there is no such job or assignment, 409 `Conflict` if the job is not assigned.
    pub fn unassign_job(
        &self,
        job_id: impl Into<String>,
        assignment_id: impl Into<String>,
    ) -> UnassignJob {
        UnassignJob::new(&self.pipeline, job_id, assignment_id)
    }

    /// Creates a worker from a [`NewWorker`](crate::NewWorker), or updates one with a [`WorkerPatch`].
    ///
    /// `PATCH /routing/workers/{workerId}`. Setting `available_for_offers` registers the worker for offers; taking it back
    /// revokes its offers and lets open assignments end first.
    ///
    /// # Errors
    ///
    /// 400 `BadRequest` if a member is unusable, a queue does not exist, or a label is no text, number or boolean. 412 if a
    /// condition does not hold.
    pub fn upsert_worker(
        &self,
        worker_id: impl Into<String>,
        worker: impl Into<WorkerPatch>,
    ) -> Upsert<RouterWorker> {
        Upsert::new(&self.pipeline, worker_id, worker)
    }

    /// Changes a worker depending on what it is now; see [`update_job`](Self::update_job).
    /// `GET` and `PATCH /routing/workers/{workerId}`
    ///
    /// A worker changes with each offer as well, so that conflicts are common while it is available.
    ///
    /// # Errors
    ///
    /// Those of [`get_worker`](Self::get_worker) and [`upsert_worker`](Self::upsert_worker); 412 only when the last of
    /// [`max_attempts`](RetryOnConflict::max_attempts) met a conflict as well.
    #[doc(alias = "retry_on_conflict")]
    pub fn update_worker<'a>(
        &self,
        worker_id: impl Into<String>,
        change: impl FnMut(&RouterWorker) -> WorkerPatch + Send + 'a,
    ) -> RetryOnConflict<'a, RouterWorker> {
        RetryOnConflict::new(&self.pipeline, worker_id, change)
    }

    /// Reads a worker with its open offers and assigned jobs. `GET /routing/workers/{workerId}`
    ///
    /// # Errors
    ///
    /// 404 `NotFound` if there is no such worker; see [`get_worker_opt`](Self::get_worker_opt).
    pub fn get_worker(&self, worker_id: impl Into<String>) -> Get<RouterWorker> {
        Get::new(&self.pipeline, worker_id)
    }

    /// Reads a worker that may not be there: 404 is `None`. `GET /routing/workers/{workerId}`
    pub fn get_worker_opt(&self, worker_id: impl Into<String>) -> GetOpt<RouterWorker> {
        GetOpt::new(&self.pipeline, worker_id)
    }

    /// Deletes a worker, available or not; its offers are revoked. `DELETE /routing/workers/{workerId}`
    pub fn delete_worker(&self, worker_id: impl Into<String>) -> Delete<RouterWorker> {
        Delete::new(&self.pipeline, worker_id)
    }

    /// Lists workers. `GET /routing/workers`
    pub fn list_workers(&self) -> ListWorkers {
        ListWorkers::new(&self.pipeline)
    }

    /// Waits until a worker has an offer. Reads the worker at growing intervals, for 60 seconds unless set otherwise.
    ///
    /// ```no_run
    /// use acs_jobrouter::{Error, JobRouterClient};
    ///
    /// # async fn example(client: JobRouterClient) -> acs_jobrouter::Result<()> {
    /// match client.wait_for_offer("worker-1").of_job("job-1").await {
    ///     Ok(offer) => drop(client.accept_offer("worker-1", &offer.offer_id).await?),
    ///     Err(error) if error.is_timeout() => println!("{error}"),
    ///     Err(error) => return Err(error),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Wait`](crate::Error::Wait) when the time is over; its text tells the state of the worker. Those of
    /// [`get_worker`](Self::get_worker): a read that fails, after its retries, ends the wait.
    pub fn wait_for_offer(&self, worker_id: impl Into<String>) -> WaitForOffer {
        WaitForOffer::new(&self.pipeline, worker_id)
    }

    /// Accepts an offer, which assigns the job to the worker and revokes its other offers.
    ///
    /// `POST /routing/workers/{workerId}/offers/{offerId}:accept`
    ///
    /// # Errors
    ///
    /// 404 `NotFound` if the offer is gone: declined, expired or revoked. 409 `Conflict` if another worker was faster; the
    /// service may answer 404 then as well, for it revokes the offer.
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
    /// 404 `NotFound` if the offer is gone: accepted, expired or revoked.
    pub fn decline_offer(
        &self,
        worker_id: impl Into<String>,
        offer_id: impl Into<String>,
    ) -> DeclineOffer {
        DeclineOffer::new(&self.pipeline, worker_id, offer_id)
    }

    /// Reads how long a queue is and how long its jobs wait. `GET /routing/queues/{queueId}/statistics`
    ///
    /// # Errors
    ///
    /// 404 `NotFound` if there is no such queue; see [`get_queue_statistics_opt`](Self::get_queue_statistics_opt).
    pub fn get_queue_statistics(&self, queue_id: impl Into<String>) -> Get<RouterQueueStatistics> {
        Get::new(&self.pipeline, queue_id)
    }

    /// Reads the statistics of a queue that may not be there: 404 is `None`. `GET /routing/queues/{queueId}/statistics`
    pub fn get_queue_statistics_opt(
        &self,
        queue_id: impl Into<String>,
    ) -> GetOpt<RouterQueueStatistics> {
        GetOpt::new(&self.pipeline, queue_id)
    }

    /// Reads the statistics of all queues. `GET /routing/queues` and, a few at a time,
    /// `GET /routing/queues/{queueId}/statistics`
    ///
    /// ```no_run
    /// use acs_jobrouter::JobRouterClient;
    /// use futures_util::TryStreamExt;
    ///
    /// # async fn example(client: JobRouterClient) -> acs_jobrouter::Result<()> {
    /// let mut all = client.list_queue_statistics().into_stream();
    /// while let Some(queue) = all.try_next().await? {
    ///     println!("{}: {} jobs", queue.queue_id, queue.length);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn list_queue_statistics(&self) -> ListQueueStatistics {
        ListQueueStatistics::new(&self.pipeline)
    }
}
