//! Events out: what a webhook gets, in which order, and what becomes of failures.

use std::time::Duration;

use acs_emulator::{Clock, Emulator, StartError};
use acs_types::Timestamp;
use serde_json::Value;
use tokio::net::TcpListener;

use crate::caller::Caller;
use crate::endpoint::Endpoint;

/// How the only subscription stands, as soon as that fits. Looks often enough for what will ever come.
pub(crate) async fn subscription(caller: &Caller, fits: impl Fn(&Value) -> bool) -> Value {
    let mut found = Value::Null;
    for _ in 0..5_000 {
        let answer = caller
            .raw("GET", "/_emulator/subscriptions")
            .send_unsigned();
        found = answer.await.expect(200).body["subscriptions"][0].take();
        if fits(&found) {
            return found;
        }
    }
    panic!("it stays {found:#}")
}

/// R107 and R116: the envelope, and the order of the events of a job that goes to a worker.
#[tokio::test]
async fn every_event_arrives_alone_in_order_and_with_event_grids_headers() {
    let mut endpoint = Endpoint::start(&[]).await;
    let emulator = Emulator::builder()
        .webhook(&endpoint.url)
        .start()
        .await
        .unwrap();
    let caller = Caller::new(emulator.endpoint());
    caller.create_queue().await;
    caller.create_job("j").await.expect(201);
    caller.create_worker("w").await.expect(201);

    let received = endpoint.next().await;
    assert_eq!(received.body.as_array().unwrap().len(), 1);
    let event = &received.body[0];
    assert_eq!(event["subject"], "job/j/channel/voice");
    assert_eq!(event["data"]["jobId"], "j");
    assert_eq!(event["dataVersion"], "1.0");
    assert_eq!(event["metadataVersion"], "1");
    assert!(
        event["topic"]
            .as_str()
            .unwrap()
            .starts_with("/subscriptions/")
    );
    assert_eq!(
        received.header("content-type"),
        "application/json; charset=utf-8"
    );
    assert_eq!(received.header("aeg-event-type"), "Notification");
    assert_eq!(received.header("aeg-subscription-name"), "WEBHOOK-1");
    assert_eq!(received.header("aeg-delivery-count"), "0");
    assert_eq!(received.header("aeg-data-version"), "1.0");
    assert_eq!(received.header("aeg-metadata-version"), "1");
    assert_eq!(received.header("aeg-output-event-id"), event["id"]);

    assert_eq!(received.kind(), "JobReceived");
    for kind in ["JobQueued", "WorkerRegistered", "WorkerOfferIssued"] {
        assert_eq!(endpoint.next().await.kind(), kind);
    }
}

/// Events 33, 34 and 36, on a clock that is moved: 10 s to 12 hours, and no further attempt after a day.
#[tokio::test]
async fn a_failed_event_is_tried_again_on_event_grids_schedule_by_the_emulators_clock() {
    const WAITS: [u64; 11] = [
        120, 30, 60, 300, 600, 1_800, 3_600, 10_800, 21_600, 43_200, 43_200,
    ];
    let mut statuses = vec![408, 200];
    statuses.extend([500; 10]);
    let mut endpoint = Endpoint::start(&statuses).await;
    let emulator = Emulator::builder()
        .webhook(&endpoint.url)
        .clock(Clock::stopped_now())
        .start()
        .await
        .unwrap();
    let caller = Caller::new(emulator.endpoint());
    caller.create_queue().await;
    caller.create_job("j").await.expect(201);

    let first = endpoint.next().await;
    assert_eq!(first.header("aeg-delivery-count"), "0");
    let other = endpoint.next().await;
    assert_eq!(other.kind(), "JobQueued", "other events do not wait");
    for (attempts, wait) in (1..).zip(WAITS) {
        let state = subscription(&caller, |state| state["retries"][0]["attempts"] == attempts);
        let state = state.await;
        let retry = &state["retries"][0];
        assert_eq!(retry["eventId"], first.body[0]["id"]);
        let due = Timestamp::parse(retry["nextAttempt"].as_str().unwrap()).unwrap();
        let now = emulator.clock().now();
        assert_eq!(due.duration_since(now), Duration::from_secs(wait));
        assert!(endpoint.received.try_recv().is_err(), "not before its time");
        emulator.clock().set(due).await.unwrap();
        if attempts < 11 {
            let again = endpoint.next().await;
            assert_eq!(again.body, first.body);
            assert_eq!(again.header("aeg-delivery-count"), attempts.to_string());
        }
    }
    let state = subscription(&caller, |state| state["dropped"] == 1).await;
    assert_eq!(
        (&state["accepted"], &state["retrying"]),
        (&1.into(), &0.into())
    );
    assert!(endpoint.received.try_recv().is_err(), "a day has passed");
}

#[tokio::test]
async fn an_event_that_is_accepted_at_last_is_done_with() {
    let mut endpoint = Endpoint::start(&[302, 200, 202]).await;
    let emulator = Emulator::builder()
        .webhook(&endpoint.url)
        .clock(Clock::stopped_now())
        .start()
        .await
        .unwrap();
    let caller = Caller::new(emulator.endpoint());
    caller.create_queue().await;
    caller.create_job("j").await.expect(201);
    subscription(&caller, |state| state["accepted"] == 1).await;
    let ten_seconds = Duration::from_secs(10);
    emulator.clock().advance(ten_seconds).await.unwrap();
    let state = subscription(&caller, |state| state["accepted"] == 2).await;
    assert_eq!(
        (&state["dropped"], &state["retrying"]),
        (&0.into(), &0.into())
    );
    for kind in ["JobReceived", "JobQueued", "JobReceived"] {
        assert_eq!(endpoint.next().await.kind(), kind);
    }
}

#[tokio::test]
async fn a_refused_event_is_dropped_and_the_next_one_sent() {
    let mut endpoint = Endpoint::start(&[400]).await;
    let emulator = Emulator::builder()
        .webhook(&endpoint.url)
        .start()
        .await
        .unwrap();
    let caller = Caller::new(emulator.endpoint());
    caller.create_queue().await;
    caller.create_job("j").await.expect(201);
    assert_eq!(endpoint.next().await.kind(), "JobReceived");
    assert_eq!(endpoint.next().await.kind(), "JobQueued");
}

#[tokio::test]
async fn an_endpoint_that_fails_does_not_hold_up_another() {
    let mut failing = Endpoint::start(&[500; 1000]).await;
    let mut working = Endpoint::start(&[]).await;
    let emulator = Emulator::builder()
        .webhook(&failing.url)
        .webhook(&working.url)
        .start()
        .await
        .unwrap();
    let caller = Caller::new(emulator.endpoint());
    caller.create_queue().await;
    caller.create_job("j").await.expect(201);
    for kind in ["JobReceived", "JobQueued"] {
        let received = working.next().await;
        assert_eq!(received.kind(), kind);
        assert_eq!(received.header("aeg-subscription-name"), "WEBHOOK-2");
    }
    assert_eq!(failing.next().await.kind(), "JobReceived");
}

#[tokio::test]
async fn a_stop_tries_once_more_to_deliver_what_is_left() {
    let mut endpoint = Endpoint::start(&[503]).await;
    let emulator = Emulator::builder()
        .webhook(&endpoint.url)
        .start()
        .await
        .unwrap();
    let caller = Caller::new(emulator.endpoint());
    caller.create_queue().await;
    caller.create_job("j").await.expect(201);
    assert_eq!(endpoint.next().await.kind(), "JobReceived");
    emulator.shutdown().await;
    let mut kinds = Vec::new();
    while let Ok(delivered) = endpoint.received.try_recv() {
        kinds.push(delivered.kind().to_owned());
    }
    kinds.sort_unstable();
    assert_eq!(kinds, ["JobQueued", "JobReceived"]);
}

#[tokio::test]
async fn an_endpoint_that_is_not_there_does_not_keep_it_from_stopping() {
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", taken.local_addr().unwrap());
    drop(taken);
    let emulator = Emulator::builder().webhook(url).start().await.unwrap();
    let caller = Caller::new(emulator.endpoint());
    caller.create_queue().await;
    caller.create_job("j").await.expect(201);
    emulator.shutdown().await;
}

#[tokio::test]
async fn an_unusable_address_keeps_it_from_starting() {
    let builder = Emulator::builder().webhook("http://127.0.0.1:1/");
    let error = builder.webhook("127.0.0.1:9000").start().await.unwrap_err();
    assert!(matches!(error, StartError::Webhook(_)), "{error}");
    assert!(error.to_string().starts_with("webhook 2 "), "{error}");
}
