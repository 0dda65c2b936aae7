//! A policy that classifies jobs by their labels: the queue by direct map, the priority by expression, and what their
//! workers need by a static rule and a condition.

use std::time::Duration;

use acs_examples::{Target, shown};
use acs_jobrouter::{
    ConditionalWorkerSelectorAttachment, DirectMapRouterRule, ExpressionRouterRule,
    JobRouterClient, LabelOperator, LongestIdleMode, NewClassificationPolicy,
    NewDistributionPolicy, NewJob, NewQueue, RouterJobStatus, RouterWorkerSelector,
    RuleEngineQueueSelectorAttachment, RuleEngineWorkerSelectorAttachment, StaticRouterRule,
};
use serde_json::json;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let target = Target::from_environment().await?;
    let client = target.job_router()?;
    set_up(&client).await?;

    let (plain, vip) = (target.fresh_id("plain"), target.fresh_id("vip"));
    let draft = NewJob::classified("chat", "by-region").label("Region", "EU");
    client.upsert_job(&plain, draft).await?;
    show(&client, &plain).await?;

    let draft = NewJob::classified("chat", "by-region")
        .label("Region", "Moon")
        .label("Spent", 900);
    client.upsert_job(&vip, draft).await?;
    show(&client, &vip).await?;

    for job in [&plain, &vip] {
        client.cancel_job(job).await?;
    }
    target.finish().await;
    Ok(())
}

async fn set_up(client: &JobRouterClient) -> acs_jobrouter::Result<()> {
    let admin = client.admin();
    let distribution = NewDistributionPolicy::new(Duration::from_secs(600), LongestIdleMode::new());
    admin
        .upsert_distribution_policy("regions", distribution)
        .await?;
    let queue = NewQueue::with_distribution_policy("regions");
    admin
        .upsert_queue("europe", queue.clone().label("Region", "EU"))
        .await?;
    admin.upsert_queue("everywhere", queue).await?;

    let trained = json!({"key": "Trained", "labelOperator": "equal", "value": true});
    let experienced =
        RouterWorkerSelector::new("Years", LabelOperator::GreaterThanOrEqual).value(10);
    let policy = NewClassificationPolicy::new()
        // Each label of the job becomes a selector: the job goes to a queue that has all of them.
        .queue_selectors(RuleEngineQueueSelectorAttachment::new(
            DirectMapRouterRule::new(),
        ))
        .fallback_queue("everywhere")
        .prioritization_rule(ExpressionRouterRule::new("If(job.Spent > 500, 10, 1)"))
        .worker_selectors(RuleEngineWorkerSelectorAttachment::new(
            StaticRouterRule::new().value(trained),
        ))
        .worker_selectors(ConditionalWorkerSelectorAttachment::new(
            ExpressionRouterRule::new("job.Spent > 500"),
            [experienced],
        ));
    admin
        .upsert_classification_policy("by-region", policy)
        .await?;
    Ok(())
}

async fn show(client: &JobRouterClient, job: &str) -> acs_jobrouter::Result<()> {
    let job = client
        .wait_for_job_status(job, RouterJobStatus::Queued)
        .await?;
    let needs: Vec<_> = job
        .attached_worker_selectors
        .iter()
        .map(|selector| {
            format!(
                "{} {} {}",
                selector.key,
                selector.label_operator,
                shown(&selector.value)
            )
        })
        .collect();
    println!(
        "{}: queue {}, priority {}, a worker with {}",
        job.id,
        shown(&job.queue_id),
        shown(&job.priority),
        needs.join(" and ")
    );
    Ok(())
}
