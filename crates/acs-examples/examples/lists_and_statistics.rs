//! Lists as streams and by page, with filters, and what the service counts.

use std::time::Duration;

use acs_examples::{Target, shown};
use acs_jobrouter::{
    JobRouterClient, LongestIdleMode, NewDistributionPolicy, NewJob, NewQueue, NewWorker,
    RouterChannel, RouterJobStatus, RouterJobStatusSelector, RouterWorkerStateSelector,
};
use futures_util::TryStreamExt as _;

const QUEUE: &str = "lists-queue";

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let target = Target::from_environment().await?;
    let client = target.job_router()?;
    let jobs: Vec<String> = (1..=7)
        .map(|number| target.fresh_id(&format!("listed-{number}")))
        .collect();
    set_up(&client, &jobs).await?;

    // A stream asks for the next page when it comes to it, so the list can have any length.
    let queued = || {
        let jobs = client.list_jobs().queue(QUEUE);
        jobs.status(RouterJobStatusSelector::Queued).page_size(3)
    };
    let mut stream = queued().into_stream();
    let mut count = 0;
    while let Some(job) = stream.try_next().await? {
        println!("{}: priority {}", job.id, shown(&job.priority));
        count += 1;
    }
    println!("{count} jobs are queued");

    // A page at a time, and from where another program, or another day, has stopped.
    let mut pages = queued().into_stream().by_page();
    if let Some(page) = pages.try_next().await?
        && let Some(rest) = page.continuation
    {
        let rest: Vec<_> = queued().into_stream().resume(rest).try_collect().await?;
        println!(
            "A page of {}, and {} more after it",
            page.items.len(),
            rest.len()
        );
    }

    let free = client
        .list_workers()
        .queue(QUEUE)
        .state(RouterWorkerStateSelector::Active)
        .has_capacity(true);
    let free: Vec<_> = free.into_stream().try_collect().await?;
    println!("{} worker has room for more", free.len());

    let position = client.get_queue_position(&jobs[6]).await?;
    println!(
        "{}: position {} of {}",
        position.job_id, position.position, position.queue_length
    );
    let mut statistics = client.list_queue_statistics().into_stream();
    while let Some(queue) = statistics.try_next().await? {
        println!("{}: {} jobs wait", queue.queue_id, queue.length);
    }

    for job in &jobs {
        client.cancel_job(job).await?;
    }
    target.finish().await;
    Ok(())
}

async fn set_up(client: &JobRouterClient, jobs: &[String]) -> acs_jobrouter::Result<()> {
    let admin = client.admin();
    let policy = NewDistributionPolicy::new(Duration::from_secs(600), LongestIdleMode::new());
    admin
        .upsert_distribution_policy("lists-policy", policy)
        .await?;
    let queue = NewQueue::with_distribution_policy("lists-policy");
    admin.upsert_queue(QUEUE, queue).await?;
    for (number, job) in (1..).zip(jobs) {
        let draft = NewJob::in_queue("voice", QUEUE).priority(number);
        client.upsert_job(job, draft).await?;
        client
            .wait_for_job_status(job, RouterJobStatus::Queued)
            .await?;
    }
    // Of another channel, so that no job is offered to it.
    let worker = NewWorker::with_capacity(1)
        .queue(QUEUE)
        .channel(RouterChannel::new("chat", 1))
        .available_for_offers(true);
    client.upsert_worker("lists-worker", worker).await?;
    Ok(())
}
