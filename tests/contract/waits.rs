//! Waiting for offers and statuses, in paused time.

use std::time::Duration;

use acs_jobrouter::{Error, RouterJobStatus};
use acs_test_support::{RawServer, Reaction};
use serde_json::{Value, json};
use tokio::time::{Instant, timeout};

use crate::client_of;

fn worker(offers: &[(&str, &str)]) -> Reaction {
    let offers: Vec<_> = offers
        .iter()
        .map(|(offer, job)| json!({"offerId": offer, "jobId": job, "capacityCost": 1}))
        .collect();
    let worker = json!({"id": "worker-1", "etag": "x", "state": "active", "offers": offers});
    Reaction::ok(&worker.to_string())
}

fn job(status: &str) -> Reaction {
    let job = json!({"id": "job-1", "etag": "x", "status": status});
    Reaction::ok(&job.to_string())
}

/// Milliseconds since then.
fn since(began: Instant) -> u128 {
    began.elapsed().as_millis()
}

#[tokio::test(start_paused = true)]
async fn an_offer_that_is_there_is_given_at_once() {
    let server = RawServer::start([worker(&[("offer-2", "job-2"), ("offer-1", "job-1")])]).await;
    let client = client_of(&server.connection_string());
    let began = Instant::now();

    let offer = client.wait_for_offer("worker-1").await.expect("an offer");

    assert_eq!((offer.offer_id.as_str(), since(began)), ("offer-2", 0));
}

#[tokio::test(start_paused = true)]
async fn the_time_between_looks_doubles_up_to_its_limit() {
    let none = (0..8).map(|_| worker(&[]));
    let server = RawServer::start(none.chain([worker(&[("offer-1", "job-1")])])).await;
    let client = client_of(&server.connection_string());
    let began = Instant::now();

    client.wait_for_offer("worker-1").await.expect("an offer");

    // 0.1 + 0.2 + 0.4 + 0.8 + 1.6 + 2 + 2 + 2
    assert_eq!((server.requests().len(), since(began)), (9, 9_100));
}

#[tokio::test(start_paused = true)]
async fn delays_can_be_chosen_and_are_never_none_at_all() {
    let began = Instant::now();
    for (base, max, took) in [(50, 60, 50 + 60 + 60), (500, 60, 180), (0, 0, 3)] {
        let none = (0..3).map(|_| worker(&[]));
        let server = RawServer::start(none.chain([worker(&[("offer-1", "job-1")])])).await;
        let client = client_of(&server.connection_string());
        let before = since(began);

        client
            .wait_for_offer("worker-1")
            .base_delay(Duration::from_millis(base))
            .max_delay(Duration::from_millis(max))
            .await
            .expect("an offer");

        assert_eq!(since(began) - before, took, "{base} {max}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_offer_of_one_job_is_waited_for_while_there_are_others() {
    let other = worker(&[("offer-2", "job-2")]);
    let both = worker(&[("offer-2", "job-2"), ("offer-1", "job-1")]);
    let server = RawServer::start([worker(&[]), other, both]).await;
    let client = client_of(&server.connection_string());

    let offer = client
        .wait_for_offer("worker-1")
        .of_job("job-1")
        .await
        .expect("an offer");

    assert_eq!(offer.offer_id, "offer-1");
    assert_eq!(server.requests().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_wait_ends_at_its_limit_and_tells_what_it_saw() {
    let server = RawServer::react(|_| worker(&[("offer-2", "job-2")])).await;
    let client = client_of(&server.connection_string());
    for (limit, took, text) in [
        (
            None,
            60_000,
            "waited 60s for an offer of job-1 to worker-1: worker-1 is active, with offers of other jobs only",
        ),
        (
            Some(Duration::from_millis(250)),
            250,
            "waited 250ms for an offer of job-1 to worker-1: worker-1 is active, with offers of other jobs only",
        ),
    ] {
        let began = Instant::now();
        let mut wait = client.wait_for_offer("worker-1").of_job("job-1");
        if let Some(limit) = limit {
            wait = wait.timeout(limit);
        }

        let error = wait.await.expect_err("never offered");

        assert_eq!(since(began), took);
        assert_eq!(error.to_string(), text);
        assert!(matches!(error, Error::Wait(_)), "{error:?}");
        assert!(error.is_timeout() && error.is_retryable());
    }
}

#[tokio::test(start_paused = true)]
async fn a_look_that_stalls_does_not_keep_a_wait_beyond_its_limit() {
    let server = RawServer::react(|_| Reaction::SendAndStall(String::new())).await;
    let client = client_of(&server.connection_string());
    let began = Instant::now();

    let error = client
        .wait_for_job_status("job-1", RouterJobStatus::Queued)
        .timeout(Duration::from_secs(5))
        .await
        .expect_err("stalled");

    assert_eq!(since(began), 5_000);
    assert_eq!(
        error.to_string(),
        "waited 5s for job-1 to be queued: no answer came in time"
    );
}

#[tokio::test(start_paused = true)]
async fn without_a_limit_a_wait_goes_on_for_as_long_as_it_takes() {
    let queued = (0..1_000).map(|_| job("queued"));
    let server = RawServer::start(queued.chain([job("assigned")])).await;
    let client = client_of(&server.connection_string());
    let began = Instant::now();

    let job = client
        .wait_for_job_status("job-1", RouterJobStatus::Assigned)
        .timeout(None)
        .await
        .expect("assigned");

    assert_eq!(job.status, Some(RouterJobStatus::Assigned));
    assert!(began.elapsed() > Duration::from_secs(30 * 60));
}

#[tokio::test(start_paused = true)]
async fn any_of_several_statuses_ends_a_wait() {
    for status in ["queued", "classificationFailed"] {
        let server = RawServer::start([job("pendingClassification"), job(status)]).await;
        let client = client_of(&server.connection_string());

        let job = client
            .wait_for_job_status("job-1", RouterJobStatus::Queued)
            .or(RouterJobStatus::ClassificationFailed)
            .await
            .expect("classified or not");

        assert_eq!(job.status, Some(status.into()));
    }
}

#[tokio::test(start_paused = true)]
async fn a_job_that_has_ended_is_not_waited_for_any_longer() {
    for status in ["closed", "cancelled"] {
        let server = RawServer::start([job("queued"), job(status)]).await;
        let client = client_of(&server.connection_string());

        let error = client
            .wait_for_job_status("job-1", RouterJobStatus::Assigned)
            .or(RouterJobStatus::Completed)
            .await
            .expect_err("ended");

        let text =
            format!("waited in vain for job-1 to be assigned or completed: job-1 is {status}");
        assert_eq!(error.to_string(), text);
        assert!(!error.is_timeout() && !error.is_retryable());

        let server = RawServer::start([job(status)]).await;
        let client = client_of(&server.connection_string());
        let ended = client.wait_for_job_status("job-1", status.into()).await;
        assert_eq!(
            ended.expect("that was the wish").status,
            Some(status.into())
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_look_that_fails_ends_the_wait_with_its_error() {
    let gone: Value = json!({"communicationError": {"code": "NotFound", "message": "no job"}});
    let server =
        RawServer::start([job("queued"), Reaction::answer(404, "", &gone.to_string())]).await;
    let client = client_of(&server.connection_string());

    let error = client
        .wait_for_job_status("job-1", RouterJobStatus::Assigned)
        .await
        .expect_err("gone");

    assert!(error.is_not_found(), "{error}");
    assert_eq!(error.operation(), Some("getJob"));
}

#[tokio::test(start_paused = true)]
async fn a_dropped_wait_looks_no_more() {
    let server = RawServer::react(|_| worker(&[])).await;
    let client = client_of(&server.connection_string());

    let dropped = timeout(
        Duration::from_secs(1),
        client.wait_for_offer("worker-1").into_future(),
    );
    assert!(dropped.await.is_err());
    let looks = server.requests().len();
    tokio::time::advance(Duration::from_secs(3600)).await;
    tokio::task::yield_now().await;

    assert_eq!(server.requests().len(), looks);
}

#[tokio::test]
async fn an_id_that_would_call_something_else_is_refused() {
    let server = RawServer::react(|_| worker(&[])).await;
    let client = client_of(&server.connection_string());
    for error in [
        client.wait_for_offer("").await.map(drop),
        client
            .wait_for_job_status("..", RouterJobStatus::Queued)
            .await
            .map(drop),
        client
            .update_job("", |_| acs_jobrouter::JobPatch::default())
            .await
            .map(drop),
    ] {
        let error = error.expect_err("refused");
        assert!(matches!(error, Error::Config(_)), "{error:?}");
    }
    assert!(server.requests().is_empty());
}
