//! Workers: what they can carry, how they are picked, how they leave.

use std::time::Duration;

use acs_jobrouter::{
    BestWorkerMode, NewDistributionPolicy, NewJob, NewQueue, NewWorker, Patch, RoundRobinMode,
    RouterChannel, RouterJobStatus, RouterWorkerState, RouterWorkerStateSelector, WorkerPatch,
};
use futures_util::TryStreamExt as _;

use crate::target::{eventually, on_each_target};

const LONG: Duration = Duration::from_secs(600);

#[tokio::test]
async fn a_call_waits_until_the_chats_of_its_worker_are_over() {
    on_each_target("capacity", |stage| async move {
        let client = &stage.client;
        let queue = stage.queue(LONG).await?;
        let (worker, voice, chats) = (
            stage.id("worker"),
            stage.id("call"),
            ["1", "2", "3"].map(|number| stage.id(number)),
        );
        let draft = NewWorker::with_capacity(100)
            .queue(&queue)
            .channel(RouterChannel::new("voice", 100))
            .channel(RouterChannel::new("chat", 30).max_number_of_jobs(2))
            .available_for_offers(true);
        client.upsert_worker(&worker, draft).await?;

        let mut assignments = Vec::new();
        for chat in &chats[..2] {
            client
                .upsert_job(chat, NewJob::in_queue("chat", &queue))
                .await?;
            assignments.push(stage.assignment(&worker, chat).await?);
        }
        client
            .upsert_job(&chats[2], NewJob::in_queue("chat", &queue))
            .await?;
        client
            .upsert_job(&voice, NewJob::in_queue("voice", &queue))
            .await?;
        client
            .wait_for_job_status(&voice, RouterJobStatus::Queued)
            .await?;

        // A third chat would fit by its cost but not by number, the call not by its cost.
        let full = client.get_worker(&worker).await?;
        assert_eq!((full.assigned_jobs.len(), full.offers.len()), (2, 0));
        assert_eq!(full.load_ratio, Some(0.6));

        stage.finish(&chats[0], &assignments[0]).await?;
        assignments.push(stage.assignment(&worker, &chats[2]).await?);
        stage.finish(&chats[1], &assignments[1]).await?;
        stage.finish(&chats[2], &assignments[2]).await?;
        stage.offer(&worker, &voice).await?;
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn round_robin_goes_through_the_workers_by_their_ids() {
    on_each_target("round-robin", |stage| async move {
        let client = &stage.client;
        let (policy, queue) = (stage.id("policy"), stage.id("queue"));
        let admin = client.admin();
        let draft = NewDistributionPolicy::new(LONG, RoundRobinMode::new());
        admin.upsert_distribution_policy(&policy, draft).await?;
        let draft = NewQueue::with_distribution_policy(&policy);
        admin.upsert_queue(&queue, draft).await?;
        let workers = ["b", "a", "c"].map(|name| stage.id(name));
        for worker in &workers {
            let draft = NewWorker::with_capacity(10)
                .queue(&queue)
                .channel(RouterChannel::new("voice", 1))
                .available_for_offers(true);
            client.upsert_worker(worker, draft).await?;
        }

        for (job, worker) in ["a", "b", "c", "a"].iter().enumerate() {
            let job = stage.id(&format!("job-{job}"));
            let draft = NewJob::in_queue("voice", &queue);
            client.upsert_job(&job, draft).await?;
            stage.offer(&stage.id(worker), &job).await?;
        }
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn the_best_worker_is_the_one_whose_labels_are_most_like_those_of_the_job() {
    on_each_target("best-worker", |stage| async move {
        let client = &stage.client;
        let (policy, queue) = (stage.id("policy"), stage.id("queue"));
        let admin = client.admin();
        let draft = NewDistributionPolicy::new(LONG, BestWorkerMode::new());
        admin.upsert_distribution_policy(&policy, draft).await?;
        let draft = NewQueue::with_distribution_policy(&policy);
        admin.upsert_queue(&queue, draft).await?;
        for (name, language, is_vip) in [
            ("one-of-two", "en", false),
            ("two-of-two", "en", true),
            ("none", "fr", false),
        ] {
            let draft = NewWorker::with_capacity(1)
                .queue(&queue)
                .channel(RouterChannel::new("voice", 1))
                .label("Language", language)
                .label("Vip", is_vip)
                .available_for_offers(true);
            client.upsert_worker(stage.id(name), draft).await?;
        }

        let job = stage.id("job");
        let draft = NewJob::in_queue("voice", &queue)
            .label("Language", "en")
            .label("Vip", true);
        client.upsert_job(&job, draft).await?;

        stage.offer(&stage.id("two-of-two"), &job).await?;
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_worker_who_leaves_finishes_what_was_begun() {
    on_each_target("draining", |stage| async move {
        let client = &stage.client;
        let queue = stage.queue(LONG).await?;
        let worker = stage.worker("worker", &queue, 11).await?;
        let job = stage.job("job", &queue).await?;
        let assignment = stage.assignment(&worker, &job).await?;

        let patch = WorkerPatch {
            available_for_offers: Patch::Set(false),
            ..WorkerPatch::default()
        };
        let leaving = client.upsert_worker(&worker, patch).await?;
        assert_eq!(leaving.state, Some(RouterWorkerState::Draining));
        let nothing = client
            .wait_for_offer(&worker)
            .timeout(Duration::from_millis(1))
            .await
            .expect_err("leaving");
        assert!(nothing.is_timeout(), "{nothing}");

        stage.finish(&job, &assignment).await?;
        eventually(|| async {
            let worker = client.get_worker(&worker).await?;
            Ok((worker.state == Some(RouterWorkerState::Inactive)).then_some(()))
        })
        .await
    })
    .await;
}

#[tokio::test]
async fn a_list_of_workers_knows_who_can_take_one_more_job() {
    on_each_target("free-workers", |stage| async move {
        let queue = stage.queue(LONG).await?;
        let busy = stage.worker("busy", &queue, 11).await?;
        let job = stage.job("job", &queue).await?;
        stage.assignment(&busy, &job).await?;
        let free = stage.worker("free", &queue, 11).await?;

        let list = || stage.client.list_workers().queue(&queue).page_size(1);
        let with_capacity: Vec<_> = list()
            .has_capacity(true)
            .channel("voice")
            .into_stream()
            .map_ok(|worker| worker.id)
            .try_collect()
            .await?;
        let mut active: Vec<_> = list()
            .state(RouterWorkerStateSelector::Active)
            .into_stream()
            .map_ok(|worker| worker.id)
            .try_collect()
            .await?;

        active.sort();
        assert_eq!(
            (with_capacity, active),
            (vec![free.clone()], vec![busy, free])
        );
        Ok(())
    })
    .await;
}
