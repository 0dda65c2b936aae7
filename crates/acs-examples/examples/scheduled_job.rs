//! A call-back: a job that is created now, waits for its time, and is matched when the program says so.

use std::time::Duration;

use acs_examples::{Target, shown};
use acs_jobrouter::{
    JobPatch, LongestIdleMode, NewDistributionPolicy, NewJob, NewQueue, NewWorker,
    QueueAndMatchMode, RouterChannel, RouterJobStatus, ScheduleAndSuspendMode,
};

const MINUTE: Duration = Duration::from_secs(60);

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let target = Target::from_environment().await?;
    let client = target.job_router()?;
    let admin = client.admin();
    let policy = NewDistributionPolicy::new(10 * MINUTE, LongestIdleMode::new());
    admin
        .upsert_distribution_policy("callback-policy", policy)
        .await?;
    let queue = NewQueue::with_distribution_policy("callback-policy");
    admin.upsert_queue("callback-queue", queue).await?;
    let worker = NewWorker::with_capacity(1)
        .queue("callback-queue")
        .channel(RouterChannel::new("voice", 1))
        .available_for_offers(true);
    client.upsert_worker("callback-worker", worker).await?;

    let job = target.fresh_id("callback");
    let at = target.now() + 3 * MINUTE;
    let draft = NewJob::in_queue("voice", "callback-queue")
        .matching_mode(ScheduleAndSuspendMode::new(at.into()));
    let created = client.upsert_job(&job, draft).await?;
    println!("{job} is {}", shown(&created.status));
    let scheduled = client
        .wait_for_job_status(&job, RouterJobStatus::Scheduled)
        .await?;
    println!("{job} is {}", shown(&scheduled.status));

    target.pass(3 * MINUTE).await?;
    let ready = client
        .wait_for_job_status(&job, RouterJobStatus::WaitingForActivation)
        .await?;
    println!("Three minutes later {job} is {}", shown(&ready.status));

    // The time has come, but the job is matched only when somebody wants it to be, after a look at the calendar, say.
    let activate = JobPatch {
        matching_mode: QueueAndMatchMode::new().into(),
        ..JobPatch::default()
    };
    let queued = client.upsert_job(&job, activate).await?;
    println!("Activated, {job} is {}", shown(&queued.status));
    let offer = client
        .wait_for_offer("callback-worker")
        .of_job(&job)
        .await?;
    println!("{} is offered", offer.job_id);

    client.cancel_job(&job).await?;
    target.finish().await;
    Ok(())
}
