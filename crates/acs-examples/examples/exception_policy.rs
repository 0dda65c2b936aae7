//! A job that waits too long is moved to another queue with a higher priority.

use std::time::Duration;

use acs_examples::{Target, shown};
use acs_jobrouter::{
    ExceptionRule, JobRouterClient, LongestIdleMode, ManualReclassifyExceptionAction,
    NewDistributionPolicy, NewExceptionPolicy, NewJob, NewQueue, RouterJobStatus,
    WaitTimeExceptionTrigger,
};

const MINUTE: Duration = Duration::from_secs(60);

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let target = Target::from_environment().await?;
    let client = target.job_router()?;
    set_up(&client).await?;

    let job = target.fresh_id("patient");
    let draft = NewJob::in_queue("voice", "front-desk").priority(1);
    client.upsert_job(&job, draft).await?;
    client
        .wait_for_job_status(&job, RouterJobStatus::Queued)
        .await?;
    show(&client, &job).await?;

    target.pass(MINUTE).await?;
    if client.get_job(&job).await?.priority == Some(1) {
        println!("A minute is over, and the service takes a moment");
        target.pass(Duration::from_secs(10)).await?;
    }
    println!("After a minute:");
    show(&client, &job).await?;

    client.cancel_job(&job).await?;
    target.finish().await;
    Ok(())
}

async fn set_up(client: &JobRouterClient) -> acs_jobrouter::Result<()> {
    let admin = client.admin();
    let distribution = NewDistributionPolicy::new(10 * MINUTE, LongestIdleMode::new());
    admin
        .upsert_distribution_policy("exception-policy-example", distribution)
        .await?;
    let second_line = NewQueue::with_distribution_policy("exception-policy-example");
    admin.upsert_queue("second-line", second_line).await?;

    let escalate = ExceptionRule::new(
        "waited-a-minute",
        WaitTimeExceptionTrigger::new(MINUTE.as_secs_f64()),
        [ManualReclassifyExceptionAction::new()
            .queue_id("second-line")
            .priority(10)],
    );
    let policy = NewExceptionPolicy::with_rule(escalate);
    admin.upsert_exception_policy("escalate", policy).await?;
    let front_desk =
        NewQueue::with_distribution_policy("exception-policy-example").exception_policy("escalate");
    admin.upsert_queue("front-desk", front_desk).await?;
    Ok(())
}

async fn show(client: &JobRouterClient, job: &str) -> acs_jobrouter::Result<()> {
    let job = client.get_job(job).await?;
    println!(
        "{} is {} in {} with priority {}",
        job.id,
        shown(&job.status),
        shown(&job.queue_id),
        shown(&job.priority)
    );
    Ok(())
}
