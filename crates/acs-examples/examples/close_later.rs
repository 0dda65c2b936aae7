//! A job that is completed and closes an hour later, so that its worker has time for the paperwork.
//!
//! Until it closes, the job takes the worker's capacity: the next one is offered only then.

use std::time::Duration;

use acs_examples::{Target, shown};
use acs_jobrouter::{
    LongestIdleMode, NewDistributionPolicy, NewJob, NewQueue, NewWorker, RouterChannel,
    RouterJobStatus,
};

const HOUR: Duration = Duration::from_secs(60 * 60);

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let target = Target::from_environment().await?;
    let client = target.job_router()?;
    let admin = client.admin();
    let policy = NewDistributionPolicy::new(24 * HOUR, LongestIdleMode::new());
    admin
        .upsert_distribution_policy("later-policy", policy)
        .await?;
    let queue = NewQueue::with_distribution_policy("later-policy");
    admin.upsert_queue("later-queue", queue).await?;
    let worker = NewWorker::with_capacity(1)
        .queue("later-queue")
        .channel(RouterChannel::new("voice", 1))
        .available_for_offers(true);
    client.upsert_worker("later-worker", worker).await?;

    let (first, second) = (target.fresh_id("first"), target.fresh_id("second"));
    for job in [&first, &second] {
        client
            .upsert_job(job, NewJob::in_queue("voice", "later-queue"))
            .await?;
    }

    let offer = client.wait_for_offer("later-worker").of_job(&first).await?;
    let accepted = client.accept_offer("later-worker", &offer.offer_id).await?;
    let assignment = &accepted.assignment_id;
    client.complete_job(&first, assignment).await?;
    client
        .close_job(&first, assignment)
        .close_at(target.now() + HOUR)
        .disposition_code("Solved")
        .await?;

    let job = client.get_job(&first).await?;
    let worker = client.get_worker("later-worker").await?;
    println!(
        "{first} is {}; the worker's load is {} and there are {} offers",
        shown(&job.status),
        shown(&worker.load_ratio),
        worker.offers.len()
    );

    target.pass(HOUR).await?;
    let job = client
        .wait_for_job_status(&first, RouterJobStatus::Closed)
        .await?;
    println!(
        "An hour later {first} is closed as {}",
        shown(&job.disposition_code)
    );
    client
        .wait_for_offer("later-worker")
        .of_job(&second)
        .await?;
    println!("Now {second} is offered");

    client.cancel_job(&second).await?;
    target.finish().await;
    Ok(())
}
