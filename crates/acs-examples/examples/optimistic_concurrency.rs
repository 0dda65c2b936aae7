//! Two programs that change the same queue: the second one must not undo what the first one did.

use std::time::Duration;

use acs_examples::{Target, shown};
use acs_jobrouter::{LongestIdleMode, NewDistributionPolicy, NewQueue, PatchMap, QueuePatch};

const QUEUE: &str = "shared-queue";

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let target = Target::from_environment().await?;
    let admin = target.job_router()?.admin();
    let policy = NewDistributionPolicy::new(Duration::from_secs(600), LongestIdleMode::new());
    admin
        .upsert_distribution_policy("shared-policy", policy)
        .await?;
    let draft = NewQueue::with_distribution_policy("shared-policy").label("Visits", 0);
    let seen = admin.upsert_queue(QUEUE, draft).await?;

    // Somebody else is faster.
    let renamed = QueuePatch {
        name: "Support".into(),
        ..QueuePatch::default()
    };
    admin.upsert_queue(QUEUE, renamed).await?;

    // What was seen is old by now: the condition keeps this write from happening.
    let overwritten = QueuePatch {
        name: "Sales".into(),
        ..QueuePatch::default()
    };
    match admin
        .upsert_queue(QUEUE, overwritten)
        .if_match(&seen.etag)
        .await
    {
        Err(error) if error.is_precondition_failed() => {
            println!("Somebody else was faster: nothing was written");
        }
        other => anyhow::bail!("expected a conflict, and got {other:?}"),
    }

    // Or let the client read, change and write until nobody comes in between.
    let queue = admin
        .update_queue(QUEUE, |queue| {
            let visits = queue.labels["Visits"].as_number().unwrap_or_default();
            QueuePatch {
                labels: PatchMap::new().set("Visits", visits + 1.0).into(),
                ..QueuePatch::default()
            }
        })
        .await?;
    println!("{}: visits {}", shown(&queue.name), queue.labels["Visits"]);

    target.finish().await;
    Ok(())
}
