//! Jobs on their way through queues, offers and assignments.

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime};

use acs_jobrouter::{
    JobPatch, NewJob, Patch, RouterJobStatus, RouterJobStatusSelector, RouterWorkerState, Timestamp,
};
use futures_util::TryStreamExt as _;

use crate::target::{eventually, on_each_target};

const LONG: Duration = Duration::from_secs(600);

#[tokio::test]
async fn a_job_travels_from_creation_to_closing() {
    on_each_target("life", |stage| async move {
        let client = &stage.client;
        let queue = stage.queue(LONG).await?;
        let job = stage.job("job", &queue).await?;
        let worker = stage.worker("worker", &queue, 11).await?;

        let offer = stage.offer(&worker, &job).await?;
        let accepted = client.accept_offer(&worker, &offer.offer_id).await?;
        let assigned = client.get_job(&job).await?;
        assert_eq!(assigned.status, Some(RouterJobStatus::Assigned));
        assert_eq!(
            assigned.assignments[&accepted.assignment_id]
                .worker_id
                .as_deref(),
            Some(worker.as_str())
        );

        client.complete_job(&job, &accepted.assignment_id).await?;
        let busy = client.get_worker(&worker).await?;
        assert_eq!((busy.assigned_jobs.len(), busy.load_ratio), (1, Some(1.0)));

        client
            .close_job(&job, &accepted.assignment_id)
            .disposition_code("solved")
            .await?;
        let closed = client.get_job(&job).await?;
        assert_eq!(closed.status, Some(RouterJobStatus::Closed));
        assert_eq!(closed.disposition_code.as_deref(), Some("solved"));
        let free = client.get_worker(&worker).await?;
        assert_eq!((free.assigned_jobs.len(), free.load_ratio), (0, Some(0.0)));
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_job_that_is_closed_later_keeps_its_worker_busy_until_then() {
    on_each_target("later", |stage| async move {
        let client = &stage.client;
        let queue = stage.queue(LONG).await?;
        let worker = stage.worker("worker", &queue, 11).await?;
        let job = stage.job("job", &queue).await?;
        let assignment = stage.assignment(&worker, &job).await?;
        client.complete_job(&job, &assignment).await?;

        let soon = SystemTime::now() + Duration::from_secs(1);
        client.close_job(&job, &assignment).close_at(soon).await?;
        let completed = client.get_job(&job).await?;
        let closed_at = eventually(|| async {
            Ok(client.get_job(&job).await?.assignments[&assignment].closed_at)
        })
        .await?;

        assert_eq!(completed.status, Some(RouterJobStatus::Completed));
        assert!(
            Timestamp::from(soon).duration_since(closed_at) < Duration::from_millis(1),
            "{closed_at}"
        );
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_declined_offer_goes_to_the_next_worker_who_meets_the_selectors() {
    on_each_target("declined", |stage| async move {
        let client = &stage.client;
        let queue = stage.queue(LONG).await?;
        let unskilled = stage.worker("unskilled", &queue, 10).await?;
        let first = stage.worker("first", &queue, 11).await?;
        let job = stage.job("job", &queue).await?;
        let offer = stage.offer(&first, &job).await?;
        let second = stage.worker("second", &queue, 12).await?;

        client.decline_offer(&first, &offer.offer_id).await?;
        stage.offer(&second, &job).await?;

        assert!(client.get_worker(&first).await?.offers.is_empty());
        assert!(client.get_worker(&unskilled).await?.offers.is_empty());
        let gone = client
            .accept_offer(&first, &offer.offer_id)
            .await
            .expect_err("declined already");
        assert!(gone.is_not_found(), "{gone}");
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn an_offer_that_nobody_answers_expires_and_deregisters_its_worker() {
    on_each_target("expired", |stage| async move {
        let queue = stage.queue(Duration::from_secs(1)).await?;
        let worker = stage.worker("worker", &queue, 11).await?;
        let job = stage.job("job", &queue).await?;
        stage.offer(&worker, &job).await?;

        let inactive = eventually(|| async {
            let worker = stage.client.get_worker(&worker).await?.into_inner();
            Ok(Some(worker).filter(|worker| worker.state == Some(RouterWorkerState::Inactive)))
        })
        .await?;

        assert_eq!(
            (inactive.available_for_offers, inactive.offers.len()),
            (Some(false), 0)
        );
        assert_eq!(
            stage.client.get_job(&job).await?.status,
            Some(RouterJobStatus::Queued)
        );
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn an_update_based_on_an_outdated_read_is_refused() {
    on_each_target("conditions", |stage| async move {
        let client = &stage.client;
        let queue = stage.queue(LONG).await?;
        let job = stage.job("job", &queue).await?;
        client
            .wait_for_job_status(&job, RouterJobStatus::Queued)
            .await?;
        let read = client.get_job(&job).await?;
        let priority = |priority| JobPatch {
            priority: Patch::Set(priority),
            ..JobPatch::default()
        };

        let updated = client
            .upsert_job(&job, priority(5))
            .if_match(&read.etag)
            .await?;
        let stale = client
            .upsert_job(&job, priority(6))
            .if_match(&read.etag)
            .await
            .expect_err("outdated");

        assert!(stale.is_precondition_failed(), "{stale}");
        assert_eq!(
            (updated.priority, client.get_job(&job).await?.priority),
            (Some(5), Some(5))
        );
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_list_gives_every_job_of_a_queue_once_whatever_the_page_size() {
    on_each_target("list", |stage| async move {
        let queue = stage.queue(LONG).await?;
        let mut created = BTreeSet::new();
        for number in 0..7 {
            created.insert(stage.job(&format!("job-{number}"), &queue).await?);
        }
        for page_size in [1, 3, 100] {
            let list = stage
                .client
                .list_jobs()
                .queue(&queue)
                .status(RouterJobStatusSelector::All)
                .page_size(page_size);
            let listed: Vec<_> = list
                .into_stream()
                .map_ok(|job| job.id)
                .try_collect()
                .await?;
            assert_eq!(listed.len(), created.len(), "{listed:?}");
            assert_eq!(BTreeSet::from_iter(listed), created);
        }
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_cancelled_job_is_taken_back_from_the_worker_it_was_offered_to() {
    on_each_target("cancelled", |stage| async move {
        let client = &stage.client;
        let queue = stage.queue(LONG).await?;
        let worker = stage.worker("worker", &queue, 11).await?;
        let job = stage.job("job", &queue).await?;
        let offer = stage.offer(&worker, &job).await?;

        client
            .cancel_job(&job)
            .disposition_code("Fraud")
            .note("called twice")
            .await?;
        let cancelled = client
            .wait_for_job_status(&job, RouterJobStatus::Cancelled)
            .await?;

        assert_eq!(cancelled.disposition_code.as_deref(), Some("Fraud"));
        assert_eq!(cancelled.notes[0].message, "called twice");
        eventually(|| async {
            let worker = client.get_worker(&worker).await?;
            Ok(worker.offers.is_empty().then_some(()))
        })
        .await?;
        let gone = client
            .accept_offer(&worker, &offer.offer_id)
            .await
            .expect_err("revoked");
        assert!(gone.is_not_found(), "{gone}");
        let in_vain = client
            .wait_for_job_status(&job, RouterJobStatus::Assigned)
            .await
            .expect_err("cancelled");
        assert!(!in_vain.is_timeout(), "{in_vain}");
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn an_offer_declined_until_a_time_that_has_passed_comes_again() {
    on_each_target("declined-until", |stage| async move {
        let client = &stage.client;
        let queue = stage.queue(LONG).await?;
        let worker = stage.worker("worker", &queue, 11).await?;
        let job = stage.job("job", &queue).await?;
        let first = stage.offer(&worker, &job).await?;

        client
            .decline_offer(&worker, &first.offer_id)
            .retry_offer_at(SystemTime::now())
            .await?;
        let second = stage.offer(&worker, &job).await?;

        assert_ne!(first.offer_id, second.offer_id);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn the_job_with_the_higher_priority_goes_first_and_equals_go_by_age() {
    on_each_target("priority", |stage| async move {
        let client = &stage.client;
        let queue = stage.queue(LONG).await?;
        for (name, priority) in [("old", 1), ("new", 1), ("urgent", 5)] {
            let draft = NewJob::in_queue("voice", &queue).priority(priority);
            client.upsert_job(stage.id(name), draft).await?;
            client
                .wait_for_job_status(stage.id(name), RouterJobStatus::Queued)
                .await?;
        }

        let worker = stage.worker("worker", &queue, 11).await?;
        for name in ["urgent", "old", "new"] {
            let offer = client.wait_for_offer(&worker).await?;
            assert_eq!(offer.job_id, stage.id(name));
            let accepted = client.accept_offer(&worker, &offer.offer_id).await?;
            stage.finish(&offer.job_id, &accepted.assignment_id).await?;
        }
        Ok(())
    })
    .await;
}
