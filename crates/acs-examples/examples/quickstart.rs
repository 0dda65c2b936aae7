//! One job from creation to closing, and a second one that closes itself two seconds later.
//!
//! `cargo run --example quickstart` starts the emulator inside this program. With `ACS_CONNECTION_STRING` set, the same
//! steps run against that resource, or against an emulator of its own process.

use std::time::Duration;

use acs_examples::{Target, shown};
use acs_jobrouter::{
    JobRouterClient, LabelOperator, LongestIdleMode, NewDistributionPolicy, NewJob, NewQueue,
    NewWorker, RouterChannel, RouterJobStatus, RouterWorkerSelector, Timestamp, WorkerPatch,
};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let target = Target::from_environment().await?;
    let client = target.job_router()?;

    set_up_queue(&client).await?;
    route_one_job(&client, &target.fresh_id("job-1")).await?;
    close_one_job_later(&client, &target).await?;
    sign_off_worker(&client).await?;

    target.finish().await;
    Ok(())
}

async fn set_up_queue(client: &JobRouterClient) -> acs_jobrouter::Result<()> {
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

/// Creates a job and a worker who fits it, accepts the offer, completes the job and closes it at once.
async fn route_one_job(client: &JobRouterClient, job_id: &str) -> acs_jobrouter::Result<()> {
    create_job(client, job_id).await?;
    register_worker(client).await?;
    let assignment_id = accept_when_offered(client, job_id).await?;

    client
        .complete_job(job_id, &assignment_id)
        .note("The caller is happy")
        .await?;
    println!("Job {job_id}: completed");

    client
        .close_job(job_id, &assignment_id)
        .disposition_code("Solved")
        .note("Wrapped up")
        .await?;
    let job = client.get_job(job_id).await?;
    println!(
        "Job {job_id}: {} as {}, with {} notes",
        shown(&job.status),
        shown(&job.disposition_code),
        job.notes.len()
    );
    Ok(())
}

/// Does the same with a second job, which stays with the worker for two more seconds after it is completed.
async fn close_one_job_later(client: &JobRouterClient, target: &Target) -> anyhow::Result<()> {
    let job_id = &target.fresh_id("job-2");
    create_job(client, job_id).await?;
    let assignment_id = accept_when_offered(client, job_id).await?;
    client.complete_job(job_id, &assignment_id).await?;

    let two_seconds = Duration::from_secs(2);
    let at = target.now() + two_seconds;
    client
        .close_job(job_id, &assignment_id)
        .close_at(at)
        .await?;
    let job = client.get_job(job_id).await?;
    println!(
        "Job {job_id}: {}, to be closed at {}",
        shown(&job.status),
        Timestamp::from(at)
    );

    target.pass(two_seconds).await?;
    let job = client
        .wait_for_job_status(job_id, RouterJobStatus::Closed)
        .await?;
    println!(
        "Job {job_id}: closed at {}",
        shown(&job.assignments[&assignment_id].closed_at)
    );
    Ok(())
}

/// Takes the worker out of service again: a patch changes this member and leaves all others alone.
async fn sign_off_worker(client: &JobRouterClient) -> acs_jobrouter::Result<()> {
    let patch = WorkerPatch {
        available_for_offers: false.into(),
        ..WorkerPatch::default()
    };
    let worker = client.upsert_worker("worker-1", patch).await?;
    println!("Worker {}: {}", worker.id, shown(&worker.state));
    Ok(())
}

async fn register_worker(client: &JobRouterClient) -> acs_jobrouter::Result<()> {
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

/// Creates a job for a worker with more than ten points of skill.
async fn create_job(client: &JobRouterClient, job_id: &str) -> acs_jobrouter::Result<()> {
    let selector = RouterWorkerSelector::new("Some-Skill", LabelOperator::GreaterThan).value(10);
    let job = NewJob::in_queue("my-channel", "queue-1")
        .channel_reference("12345")
        .priority(1)
        .worker_selector(selector);
    let job = client.upsert_job(job_id, job).await?;
    println!("Job {job_id}: {}", shown(&job.status));
    Ok(())
}

async fn accept_when_offered(
    client: &JobRouterClient,
    job_id: &str,
) -> acs_jobrouter::Result<String> {
    let offer = client.wait_for_offer("worker-1").of_job(job_id).await?;
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
