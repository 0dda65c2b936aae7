//! A worker who declines for ten minutes, and one who declines for good.

use std::time::Duration;

use acs_examples::Target;
use acs_jobrouter::{
    JobRouterClient, LongestIdleMode, NewDistributionPolicy, NewJob, NewQueue, NewWorker,
    RouterChannel,
};

const MINUTE: Duration = Duration::from_secs(60);

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let target = Target::from_environment().await?;
    let client = target.job_router()?;
    let admin = client.admin();
    let policy = NewDistributionPolicy::new(60 * MINUTE, LongestIdleMode::new());
    admin
        .upsert_distribution_policy("decline-policy", policy)
        .await?;
    let queue = NewQueue::with_distribution_policy("decline-policy");
    admin.upsert_queue("decline-queue", queue).await?;

    let job = target.fresh_id("unpopular");
    client
        .upsert_job(&job, NewJob::in_queue("voice", "decline-queue"))
        .await?;

    register(&client, "ann").await?;
    let offer = client.wait_for_offer("ann").of_job(&job).await?;
    println!("ann is offered {job} and asks to be asked again in ten minutes");
    client
        .decline_offer("ann", &offer.offer_id)
        .retry_offer_at(target.now() + 10 * MINUTE)
        .await?;

    register(&client, "bob").await?;
    let offer = client.wait_for_offer("bob").of_job(&job).await?;
    println!("bob is offered {job} and declines for good");
    client.decline_offer("bob", &offer.offer_id).await?;
    let offers = client.get_worker("bob").await?.offers.len();
    println!("bob has {offers} offers left");

    target.pass(10 * MINUTE).await?;
    let offer = client.wait_for_offer("ann").of_job(&job).await?;
    println!("Ten minutes later ann is offered {job} again and takes it");
    client.accept_offer("ann", &offer.offer_id).await?;

    client.cancel_job(&job).await?;
    target.finish().await;
    Ok(())
}

async fn register(client: &JobRouterClient, worker_id: &str) -> acs_jobrouter::Result<()> {
    let worker = NewWorker::with_capacity(1)
        .queue("decline-queue")
        .channel(RouterChannel::new("voice", 1))
        .available_for_offers(true);
    client.upsert_worker(worker_id, worker).await?;
    Ok(())
}
