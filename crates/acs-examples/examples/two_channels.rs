//! Capacity over two channels: a worker who takes one call, or up to three chats, and never both.
//!
//! A call costs 100 of the worker's capacity of 100. A chat costs 20, which would allow five; the channel allows three.

use std::time::Duration;

use acs_examples::{Target, shown};
use acs_jobrouter::{
    JobRouterClient, LongestIdleMode, NewDistributionPolicy, NewJob, NewQueue, NewWorker,
    RouterChannel,
};

const WORKER: &str = "all-rounder";

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let target = Target::from_environment().await?;
    let client = target.job_router()?;
    let admin = client.admin();
    let policy = NewDistributionPolicy::new(Duration::from_secs(600), LongestIdleMode::new());
    admin
        .upsert_distribution_policy("channels-policy", policy)
        .await?;
    let queue = NewQueue::with_distribution_policy("channels-policy");
    admin.upsert_queue("channels-queue", queue).await?;

    let worker = NewWorker::with_capacity(100)
        .queue("channels-queue")
        .channel(RouterChannel::new("voice", 100))
        .channel(RouterChannel::new("chat", 20).max_number_of_jobs(3))
        .available_for_offers(true);
    client.upsert_worker(WORKER, worker).await?;

    let mut jobs = Vec::new();
    for (name, channel) in [
        ("chat-1", "chat"),
        ("chat-2", "chat"),
        ("chat-3", "chat"),
        ("chat-4", "chat"),
        ("call-1", "voice"),
    ] {
        let job = target.fresh_id(name);
        let draft = NewJob::in_queue(channel, "channels-queue");
        client.upsert_job(&job, draft).await?;
        jobs.push(job);
    }
    for chat in &jobs[..3] {
        client.wait_for_offer(WORKER).of_job(chat).await?;
    }
    show(&client).await?;

    println!("The customers of three chats leave; the fourth and the call wait");
    for chat in &jobs[..3] {
        client.cancel_job(chat).await?;
    }
    client.wait_for_offer(WORKER).of_job(&jobs[3]).await?;
    show(&client).await?;

    println!("The fourth leaves, too");
    client.cancel_job(&jobs[3]).await?;
    client.wait_for_offer(WORKER).of_job(&jobs[4]).await?;
    show(&client).await?;

    client.cancel_job(&jobs[4]).await?;
    target.finish().await;
    Ok(())
}

async fn show(client: &JobRouterClient) -> acs_jobrouter::Result<()> {
    let worker = client.get_worker(WORKER).await?;
    let mut offers: Vec<_> = worker
        .offers
        .iter()
        .map(|offer| format!("{} ({})", offer.job_id, offer.capacity_cost))
        .collect();
    offers.sort();
    println!(
        "{WORKER} is offered {}; load {}",
        offers.join(", "),
        shown(&worker.load_ratio)
    );
    Ok(())
}
