//! What the stories run against, and what they share.

use std::time::{Duration, SystemTime};

use acs_emulator::Emulator;
use acs_identity::IdentityClient;
use acs_jobrouter::{
    ConnectionString, Endpoint, JobRouterClient, LabelOperator, LongestIdleMode,
    NewDistributionPolicy, NewJob, NewQueue, NewWorker, Result, RouterChannel, RouterJobOffer,
    RouterWorkerSelector, Timestamp,
};

const LIVE: &str = "ACS_LIVE_CONNECTION_STRING";
const POLL_INTERVAL: Duration = Duration::from_millis(20);
const PATIENCE: Duration = Duration::from_secs(60);

/// A place to tell a story in: clients, and names that no other story uses.
pub(crate) struct Stage {
    pub(crate) client: JobRouterClient,
    pub(crate) identity: IdentityClient,
    pub(crate) endpoint: Endpoint,
    name: String,
}

/// Runs a story against a fresh emulator, and against the live resource if there is one.
pub(crate) async fn on_each_target<F>(story: &str, tell: impl Fn(Stage) -> F)
where
    F: Future<Output = Result<()>>,
{
    let emulator = Emulator::builder()
        .start()
        .await
        .expect("the emulator starts");
    tell(Stage::new(story, &emulator.connection_string()))
        .await
        .expect(story);
    emulator.shutdown().await;

    if let Ok(connection_string) = std::env::var(LIVE) {
        tell(Stage::new(story, &connection_string))
            .await
            .expect(story);
    }
}

impl Stage {
    fn new(story: &str, connection_string: &str) -> Self {
        let client =
            JobRouterClient::from_connection_string(connection_string).expect("connection string");
        let connection = ConnectionString::parse(connection_string).expect("connection string");
        let now = Timestamp::from(SystemTime::now());
        Self {
            client,
            identity: IdentityClient::from_connection_string(connection_string)
                .expect("connection string"),
            endpoint: connection.endpoint().clone(),
            name: format!("{story}-{}", now.unix_nanos()),
        }
    }

    /// An id of this story and run alone.
    pub(crate) fn id(&self, name: &str) -> String {
        format!("{}-{name}", self.name)
    }

    /// A queue whose offers stand this long.
    pub(crate) async fn queue(&self, offers_stand: Duration) -> Result<String> {
        let (admin, policy, queue) = (self.client.admin(), self.id("policy"), self.id("queue"));
        let draft = NewDistributionPolicy::new(offers_stand, LongestIdleMode::new());
        admin.upsert_distribution_policy(&policy, draft).await?;
        admin
            .upsert_queue(&queue, NewQueue::with_distribution_policy(&policy))
            .await?;
        Ok(queue)
    }

    /// A worker of the queue who can carry one job at a time and is available for offers.
    pub(crate) async fn worker(&self, name: &str, queue: &str, skill: i32) -> Result<String> {
        let id = self.id(name);
        let draft = NewWorker::with_capacity(1)
            .queue(queue)
            .channel(RouterChannel::new("voice", 1))
            .label("Some-Skill", skill)
            .available_for_offers(true);
        self.client.upsert_worker(&id, draft).await?;
        Ok(id)
    }

    /// A job in the queue for workers with more than ten points of skill.
    pub(crate) async fn job(&self, name: &str, queue: &str) -> Result<String> {
        let id = self.id(name);
        let selector =
            RouterWorkerSelector::new("Some-Skill", LabelOperator::GreaterThan).value(10);
        let draft = NewJob::in_queue("voice", queue).worker_selector(selector);
        self.client.upsert_job(&id, draft).await?;
        Ok(id)
    }

    /// Waits for the offer of this job to this worker.
    pub(crate) async fn offer(&self, worker: &str, job: &str) -> Result<RouterJobOffer> {
        self.client.wait_for_offer(worker).of_job(job).await
    }

    /// Has a worker accept the offer of a job; gives the assignment.
    pub(crate) async fn assignment(&self, worker: &str, job: &str) -> Result<String> {
        let offer = self.offer(worker, job).await?;
        let accepted = self.client.accept_offer(worker, &offer.offer_id).await?;
        Ok(accepted.into_inner().assignment_id)
    }

    /// Completes and closes a job.
    pub(crate) async fn finish(&self, job: &str, assignment: &str) -> Result<()> {
        self.client.complete_job(job, assignment).await?;
        self.client.close_job(job, assignment).await?;
        Ok(())
    }
}

/// Asks until there is an answer; the service does what follows from a call a moment after it has answered.
pub(crate) async fn eventually<T, F>(ask: impl Fn() -> F) -> Result<T>
where
    F: Future<Output = Result<Option<T>>>,
{
    let answer = async {
        loop {
            if let Some(answer) = ask().await? {
                return Ok(answer);
            }
            tokio::time::sleep(POLL_INTERVAL).await;
        }
    };
    tokio::time::timeout(PATIENCE, answer)
        .await
        .expect("an answer in time")
}
