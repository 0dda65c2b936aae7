//! One job from creation to closing, and a second one that closes itself two seconds later.
//!
//! `cargo run --example quickstart` starts the emulator inside this program. With `ACS_CONNECTION_STRING` set, the same
//! steps run against that resource, or against an emulator of its own process.

use std::fmt::Display;
use std::time::{Duration, SystemTime};

use acs_emulator::{Emulator, RunningEmulator};
use acs_jobrouter::{
    JobRouterClient, LabelOperator, LongestIdleMode, NewDistributionPolicy, NewJob, NewQueue,
    NewWorker, Patch, RouterChannel, RouterWorkerSelector, Timestamp, WorkerPatch,
};
use anyhow::Context as _;

/// How often to ask for what takes the service a moment, and how long at most.
const POLL_INTERVAL: Duration = Duration::from_millis(100);
const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let (connection_string, emulator) = connect().await?;
    let client = JobRouterClient::from_connection_string(&connection_string)?;

    set_up_queue(&client).await?;
    route_one_job(&client).await?;
    close_one_job_later(&client).await?;
    sign_off_worker(&client).await?;

    if let Some(emulator) = emulator {
        emulator.shutdown().await;
    }
    Ok(())
}

/// The resource that the environment names, or else an emulator in this process.
async fn connect() -> anyhow::Result<(String, Option<RunningEmulator>)> {
    match std::env::var("ACS_CONNECTION_STRING") {
        Ok(connection_string) => Ok((connection_string, None)),
        Err(std::env::VarError::NotPresent) => {
            let emulator = Emulator::builder().start().await?;
            println!(
                "No ACS_CONNECTION_STRING: routing in an emulator at {}",
                emulator.endpoint()
            );
            Ok((emulator.connection_string(), Some(emulator)))
        }
        Err(error) => Err(error).context("ACS_CONNECTION_STRING is unreadable"),
    }
}

async fn set_up_queue(client: &JobRouterClient) -> anyhow::Result<()> {
    let admin = client.admin();

    let one_day = Duration::from_secs(24 * 60 * 60);
    let policy = NewDistributionPolicy::new(one_day, LongestIdleMode::new());
    let policy = admin
        .upsert_distribution_policy("distribution-policy-1", policy)
        .await?;
    println!(
        "Distribution policy {}: offers stand for {} s",
        policy.id,
        shown(&policy.offer_expires_after_seconds)
    );

    let queue = NewQueue::with_distribution_policy("distribution-policy-1");
    let queue = admin.upsert_queue("queue-1", queue).await?;
    println!(
        "Queue {}: hands out jobs by {}",
        queue.id,
        shown(&queue.distribution_policy_id)
    );
    Ok(())
}

async fn register_worker(client: &JobRouterClient) -> anyhow::Result<()> {
    let worker = NewWorker::with_capacity(1)
        .queue("queue-1")
        .label("Some-Skill", 11)
        .channel(RouterChannel::new("my-channel", 1))
        .available_for_offers(true);
    let worker = client.upsert_worker("worker-1", worker).await?;
    println!(
        "Worker {}: {}, skill {}",
        worker.id,
        shown(&worker.state),
        worker.labels["Some-Skill"]
    );
    Ok(())
}

/// Creates a job and a worker who fits it, accepts the offer, completes the job and closes it at once.
async fn route_one_job(client: &JobRouterClient) -> anyhow::Result<()> {
    let job_id = create_job(client, "jobId-1").await?;
    register_worker(client).await?;
    let assignment_id = accept_when_offered(client, &job_id).await?;

    client
        .complete_job(&job_id, &assignment_id)
        .note("The caller is happy")
        .await?;
    println!("Job {job_id}: completed");

    client
        .close_job(&job_id, &assignment_id)
        .disposition_code("Solved")
        .note("Wrapped up")
        .await?;
    let job = client.get_job(&job_id).await?;
    println!(
        "Job {job_id}: {} as {}, with {} notes",
        shown(&job.status),
        shown(&job.disposition_code),
        job.notes.len()
    );
    Ok(())
}

/// Does the same with a second job, which stays with the worker for two more seconds after it is completed.
async fn close_one_job_later(client: &JobRouterClient) -> anyhow::Result<()> {
    let job_id = create_job(client, "jobId-2").await?;
    let assignment_id = accept_when_offered(client, &job_id).await?;
    client.complete_job(&job_id, &assignment_id).await?;

    let in_two_seconds = SystemTime::now() + Duration::from_secs(2);
    client
        .close_job(&job_id, &assignment_id)
        .close_at(in_two_seconds)
        .await?;
    let job = client.get_job(&job_id).await?;
    println!(
        "Job {job_id}: {}, to be closed at {}",
        shown(&job.status),
        Timestamp::from(in_two_seconds)
    );

    let closed_at = poll("the job to be closed", || async {
        let job = client.get_job(&job_id).await?;
        Ok(job
            .assignments
            .get(&assignment_id)
            .and_then(|assignment| assignment.closed_at))
    })
    .await?;
    println!("Job {job_id}: closed at {closed_at}");
    Ok(())
}

/// Takes the worker out of service again: a patch changes this member and leaves all others alone.
async fn sign_off_worker(client: &JobRouterClient) -> anyhow::Result<()> {
    let patch = WorkerPatch {
        available_for_offers: Patch::Set(false),
        ..WorkerPatch::default()
    };
    let worker = client.upsert_worker("worker-1", patch).await?;
    println!("Worker {}: {}", worker.id, shown(&worker.state));
    Ok(())
}

/// Creates a job for a worker with more than ten points of skill, under an id that no earlier run has used.
async fn create_job(client: &JobRouterClient, name: &str) -> anyhow::Result<String> {
    let job_id = format!(
        "{name}-{}",
        Timestamp::from(SystemTime::now()).unix_seconds()
    );
    let job = NewJob::in_queue("my-channel", "queue-1")
        .channel_reference("12345")
        .priority(1)
        .worker_selector(
            RouterWorkerSelector::new("Some-Skill", LabelOperator::GreaterThan).value(10),
        );
    let job = client.upsert_job(&job_id, job).await?;
    println!("Job {job_id}: {}", shown(&job.status));
    Ok(job_id)
}

async fn accept_when_offered(client: &JobRouterClient, job_id: &str) -> anyhow::Result<String> {
    let offer = poll("an offer", || async {
        let worker = client.get_worker("worker-1").await?.into_inner();
        Ok(worker
            .offers
            .into_iter()
            .find(|offer| offer.job_id == job_id))
    })
    .await?;
    println!("Offer {}: job {job_id} to worker-1", offer.offer_id);

    let accepted = client.accept_offer("worker-1", &offer.offer_id).await?;
    let job = client.get_job(job_id).await?;
    println!(
        "Assignment {}: job {job_id} is {}",
        accepted.assignment_id,
        shown(&job.status)
    );
    Ok(accepted.assignment_id.clone())
}

/// Members that the service may leave out are options.
fn shown<T: Display>(value: &Option<T>) -> String {
    value
        .as_ref()
        .map_or_else(|| "unset".to_owned(), T::to_string)
}

/// Asks again and again until there is an answer: the service matches and closes a moment after it has answered.
async fn poll<T, F>(what: &str, ask: impl Fn() -> F) -> anyhow::Result<T>
where
    F: Future<Output = acs_jobrouter::Result<Option<T>>>,
{
    let answer = async {
        loop {
            if let Some(answer) = ask().await? {
                return anyhow::Ok(answer);
            }
            tokio::time::sleep(POLL_INTERVAL).await;
        }
    };
    tokio::time::timeout(PATIENCE, answer)
        .await
        .with_context(|| format!("waited {PATIENCE:?} for {what}"))?
}
