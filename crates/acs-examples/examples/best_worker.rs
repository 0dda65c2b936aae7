//! The best worker for a job, twice: by how well labels match, and by a rule of one's own.

use std::time::Duration;

use acs_examples::Target;
use acs_jobrouter::{
    BestWorkerMode, DistributionMode, ExpressionRouterRule, JobRouterClient, LabelOperator,
    NewDistributionPolicy, NewJob, NewQueue, NewWorker, RouterChannel, RouterWorkerSelector,
};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let target = Target::from_environment().await?;
    let client = target.job_router()?;

    // One label of two is the same, or both are, and the skill is scored by how far it is above what is asked for.
    set_up(&client, "by-labels", BestWorkerMode::new()).await?;
    let rule =
        ExpressionRouterRule::new("If(worker.Language = job.Language, 50, 0) + worker.Years");
    set_up(&client, "by-rule", BestWorkerMode::new().scoring_rule(rule)).await?;

    for (queue, best) in [("by-labels", "nadia"), ("by-rule", "omar")] {
        let job = target.fresh_id(queue);
        let skilled = RouterWorkerSelector::new("Skill", LabelOperator::GreaterThan).value(5);
        let draft = NewJob::in_queue("voice", queue)
            .label("Language", "fr")
            .label("Product", "router")
            .worker_selector(skilled);
        client.upsert_job(&job, draft).await?;
        client
            .wait_for_offer(format!("{best}-{queue}"))
            .of_job(&job)
            .await?;
        println!("{queue}: {best} is offered the job");
        client.cancel_job(&job).await?;
    }

    target.finish().await;
    Ok(())
}

/// A queue with this mode and three workers of its own.
async fn set_up(
    client: &JobRouterClient,
    queue: &str,
    mode: impl Into<DistributionMode>,
) -> acs_jobrouter::Result<()> {
    let admin = client.admin();
    let policy = NewDistributionPolicy::new(Duration::from_secs(600), mode);
    admin.upsert_distribution_policy(queue, policy).await?;
    let draft = NewQueue::with_distribution_policy(queue);
    admin.upsert_queue(queue, draft).await?;
    for (name, language, product, skill, years) in [
        ("lena", "de", "router", 9, 30),
        ("nadia", "fr", "router", 8, 2),
        ("omar", "fr", "switch", 7, 20),
    ] {
        let worker = NewWorker::with_capacity(1)
            .queue(queue)
            .channel(RouterChannel::new("voice", 1))
            .label("Language", language)
            .label("Product", product)
            .label("Skill", skill)
            .label("Years", years)
            .available_for_offers(true);
        client
            .upsert_worker(format!("{name}-{queue}"), worker)
            .await?;
    }
    Ok(())
}
