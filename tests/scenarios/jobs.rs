//! Jobs that are held back, taken away, and counted.

use std::time::{Duration, SystemTime};

use acs_jobrouter::{
    JobPatch, NewJob, QueueAndMatchMode, Result, RouterJobStatus, ScheduleAndSuspendMode,
    SuspendMode,
};
use futures_util::TryStreamExt as _;

use crate::target::{Stage, eventually, on_each_target};

const LONG: Duration = Duration::from_secs(600);

/// Lets a job that is held back be matched.
async fn activate(stage: &Stage, job: &str) -> Result<()> {
    let patch = JobPatch {
        matching_mode: QueueAndMatchMode::new().into(),
        ..JobPatch::default()
    };
    stage.client.upsert_job(job, patch).await?;
    Ok(())
}

#[tokio::test]
async fn a_job_that_is_held_back_is_offered_once_it_is_activated() {
    on_each_target("suspended", |stage| async move {
        let client = &stage.client;
        let queue = stage.queue(LONG).await?;
        let worker = stage.worker("worker", &queue, 11).await?;
        let job = stage.id("job");
        let draft = NewJob::in_queue("voice", &queue).matching_mode(SuspendMode::new());
        let held = client.upsert_job(&job, draft).await?;
        assert_eq!(held.status, Some(RouterJobStatus::WaitingForActivation));
        assert!(client.get_worker(&worker).await?.offers.is_empty());

        activate(&stage, &job).await?;

        stage.offer(&worker, &job).await?;
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_scheduled_job_waits_for_its_time_and_then_for_its_activation() {
    on_each_target("scheduled", |stage| async move {
        let client = &stage.client;
        let queue = stage.queue(LONG).await?;
        let job = stage.id("job");
        let soon = SystemTime::now() + Duration::from_secs(1);
        let mode = ScheduleAndSuspendMode::new(soon.into());
        let draft = NewJob::in_queue("voice", &queue).matching_mode(mode);
        client.upsert_job(&job, draft).await?;

        let ready = client
            .wait_for_job_status(&job, RouterJobStatus::WaitingForActivation)
            .await?;
        let scheduled_at = ready.scheduled_at.expect("the time it became ready");
        assert!(scheduled_at.duration_since(soon.into()) < Duration::from_secs(60));

        activate(&stage, &job).await?;
        client
            .wait_for_job_status(&job, RouterJobStatus::Queued)
            .await?;
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_job_that_is_taken_away_keeps_its_place_and_may_come_back_to_its_worker() {
    on_each_target("unassigned", |stage| async move {
        let client = &stage.client;
        let queue = stage.queue(LONG).await?;
        let worker = stage.worker("worker", &queue, 11).await?;
        let job = stage.job("job", &queue).await?;
        let first = stage.assignment(&worker, &job).await?;
        let enqueued_at = client.get_job(&job).await?.enqueued_at;

        let unassigned = client.unassign_job(&job, &first).await?;
        assert_eq!(
            (unassigned.job_id.as_str(), unassigned.unassignment_count),
            (job.as_str(), 1)
        );
        let second = stage.assignment(&worker, &job).await?;
        assert_ne!(first, second);
        assert_eq!(client.get_job(&job).await?.enqueued_at, enqueued_at);

        let held = client
            .unassign_job(&job, &second)
            .suspend_matching(true)
            .await?;
        assert_eq!(held.unassignment_count, 2);
        client
            .wait_for_job_status(&job, RouterJobStatus::WaitingForActivation)
            .await?;
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn waiting_jobs_are_counted_and_know_their_place() {
    on_each_target("counted", |stage| async move {
        let client = &stage.client;
        let queue = stage.queue(LONG).await?;
        for (name, priority) in [("last", 1), ("first", 5), ("second", 3)] {
            let draft = NewJob::in_queue("voice", &queue).priority(priority);
            client.upsert_job(stage.id(name), draft).await?;
            client
                .wait_for_job_status(stage.id(name), RouterJobStatus::Queued)
                .await?;
        }

        for (name, place) in [("first", 1), ("second", 2), ("last", 3)] {
            let position = client.get_queue_position(stage.id(name)).await?;
            assert_eq!(
                (position.position, position.queue_length),
                (place, 3),
                "{name}"
            );
            assert_eq!(position.queue_id, queue);
        }
        let statistics = client.get_queue_statistics(&queue).await?;
        assert_eq!(statistics.length, 3);
        let mut all = client.list_queue_statistics().page_size(1).into_stream();
        let mut ours = None;
        while let Some(statistics) = all.try_next().await? {
            if statistics.queue_id == queue {
                ours = Some(statistics.length);
            }
        }
        assert_eq!(ours, Some(3));

        client.cancel_job(stage.id("first")).await?;
        eventually(|| async {
            let second = client.get_queue_position(stage.id("second")).await?;
            Ok((second.position == 1).then_some(()))
        })
        .await?;
        let over = client.get_queue_position(stage.id("first")).await;
        assert!(over.is_err(), "{over:?}");
        let unknown = client.get_queue_position_opt(stage.id("unknown")).await?;
        assert!(unknown.is_none());
        Ok(())
    })
    .await;
}
