//! Entities: creating, changing and deleting them, and who may.

use std::time::Duration;

use acs_jobrouter::{JobPatch, NewJob, Patch, PatchMap, QueuePatch, RouterJobStatus, WorkerPatch};
use futures_util::TryStreamExt as _;
use futures_util::future::try_join_all;

use crate::target::on_each_target;

const LONG: Duration = Duration::from_secs(600);

#[tokio::test]
async fn a_job_can_be_deleted_once_it_is_over() {
    on_each_target("deleted", |stage| async move {
        let client = &stage.client;
        let queue = stage.queue(LONG).await?;
        let job = stage.job("job", &queue).await?;

        let waiting = client.delete_job(&job).await.expect_err("it waits");
        assert!(waiting.is_conflict(), "{waiting}");
        client.cancel_job(&job).await?;
        client
            .wait_for_job_status(&job, RouterJobStatus::Cancelled)
            .await?;
        client.delete_job(&job).await?;

        assert!(client.get_job_opt(&job).await?.is_none());
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn what_others_depend_on_is_not_deleted_before_them() {
    on_each_target("in-use", |stage| async move {
        let (client, admin) = (&stage.client, stage.client.admin());
        let queue = stage.queue(LONG).await?;
        let worker = stage.worker("worker", &queue, 1).await?;
        let job = stage.job("job", &queue).await?;
        let policy = stage.id("policy");

        let used = admin.delete_queue(&queue).await.expect_err("in use");
        assert!(used.is_conflict(), "{used}");
        let used = admin
            .delete_distribution_policy(&policy)
            .await
            .expect_err("in use");
        assert_eq!(used.status().map(|status| status.as_u16()), Some(400));

        client.cancel_job(&job).await?;
        client
            .wait_for_job_status(&job, RouterJobStatus::Cancelled)
            .await?;
        client.delete_worker(&worker).await?;
        admin.delete_queue(&queue).await?;
        admin.delete_distribution_policy(&policy).await?;

        assert!(client.get_worker_opt(&worker).await?.is_none());
        assert!(admin.get_queue_opt(&queue).await?.is_none());
        let policy = admin.get_distribution_policy_opt(&policy).await?;
        assert!(policy.is_none());
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_patch_keeps_clears_and_sets_members_and_entries() {
    on_each_target("patches", |stage| async move {
        let client = &stage.client;
        let queue = stage.queue(LONG).await?;
        let job = stage.id("job");
        let draft = NewJob::in_queue("voice", &queue)
            .channel_reference("call-1")
            .priority(3)
            .label("Language", "en")
            .label("Vip", true)
            .tag("source", "web");
        let created = client.upsert_job(&job, draft).await?;
        assert!(created.was_created());

        let patch = JobPatch {
            channel_reference: Patch::Clear,
            labels: PatchMap::from([("Language", "fr")]).remove("Vip").into(),
            disposition_code: "open".into(),
            ..JobPatch::default()
        };
        let changed = client.upsert_job(&job, patch).await?;

        assert!(!changed.was_created());
        assert_eq!(changed.channel_reference, None);
        assert_eq!(changed.labels.get("Language"), Some(&"fr".into()));
        assert_eq!(changed.labels.get("Vip"), None);
        assert_eq!(changed.tags.get("source"), Some(&"web".into()));
        assert_eq!(changed.priority, Some(3));
        assert_eq!(changed.disposition_code.as_deref(), Some("open"));
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn updates_at_the_same_time_lose_nothing() {
    on_each_target("updates", |stage| async move {
        let queue = stage.queue(LONG).await?;
        let job = stage.job("job", &queue).await?;
        stage
            .client
            .wait_for_job_status(&job, RouterJobStatus::Queued)
            .await?;

        let updates = (0..8).map(|_| {
            let update = stage.client.update_job(&job, |job| JobPatch {
                priority: (job.priority.unwrap_or(1) + 1).into(),
                ..JobPatch::default()
            });
            update.max_attempts(100).into_future()
        });
        try_join_all(updates).await?;

        assert_eq!(stage.client.get_job(&job).await?.priority, Some(9));
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn an_update_that_finds_nothing_to_change_leaves_the_version_alone() {
    on_each_target("unchanged", |stage| async move {
        let queue = stage.queue(LONG).await?;
        let worker = stage.worker("worker", &queue, 11).await?;
        let before = stage.client.get_worker(&worker).await?;

        let after = stage
            .client
            .update_worker(&worker, |_| WorkerPatch::default())
            .await?;

        assert_eq!(before.etag, after.etag);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn lists_of_queues_and_policies_hold_what_was_created() {
    on_each_target("lists", |stage| async move {
        let admin = stage.client.admin();
        let queue = stage.queue(LONG).await?;
        let patch = QueuePatch {
            name: "Support".into(),
            ..QueuePatch::default()
        };
        admin.upsert_queue(&queue, patch).await?;

        let queues: Vec<_> = admin
            .list_queues()
            .page_size(1)
            .into_stream()
            .try_collect()
            .await?;
        let policies: Vec<_> = admin
            .list_distribution_policies()
            .page_size(1)
            .into_stream()
            .try_collect()
            .await?;

        let ours = queues.iter().find(|listed| listed.id == queue);
        assert_eq!(ours.and_then(|ours| ours.name.as_deref()), Some("Support"));
        let policy = stage.id("policy");
        assert!(policies.iter().any(|listed| listed.id == policy));
        Ok(())
    })
    .await;
}
