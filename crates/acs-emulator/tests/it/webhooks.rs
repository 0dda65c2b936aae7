//! Events out: what a webhook gets, in which order, and what becomes of failures.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use acs_emulator::{Emulator, StartError};
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::caller::Caller;

/// An endpoint that answers with planned statuses, then 200, and hands over what it got.
struct Endpoint {
    url: String,
    received: UnboundedReceiver<Delivered>,
}

struct Delivered {
    headers: HeaderMap,
    body: Value,
}

#[derive(Clone)]
struct Plan {
    statuses: Arc<Mutex<VecDeque<StatusCode>>>,
    received: UnboundedSender<Delivered>,
}

impl Endpoint {
    async fn start(statuses: &[u16]) -> Self {
        let (sender, received) = unbounded_channel();
        let statuses = statuses
            .iter()
            .map(|status| StatusCode::from_u16(*status).unwrap());
        let plan = Plan {
            statuses: Arc::new(Mutex::new(statuses.collect())),
            received: sender,
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook?code=1", listener.local_addr().unwrap());
        let router = Router::new().fallback(receive).with_state(plan);
        tokio::spawn(async { axum::serve(listener, router).await.unwrap() });
        Self { url, received }
    }

    async fn next(&mut self) -> Delivered {
        self.received.recv().await.unwrap()
    }
}

async fn receive(State(plan): State<Plan>, headers: HeaderMap, body: String) -> StatusCode {
    let body = serde_json::from_str(&body).unwrap();
    plan.received.send(Delivered { headers, body }).unwrap();
    let next = plan.statuses.lock().unwrap().pop_front();
    next.unwrap_or(StatusCode::OK)
}

impl Delivered {
    fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }

    fn kind(&self) -> &str {
        let name = self.body[0]["eventType"].as_str().unwrap();
        name.strip_prefix("Microsoft.Communication.Router").unwrap()
    }
}

/// R107 and R116: the envelope, and the order of the events of a job that goes to a worker.
#[tokio::test]
async fn every_event_arrives_alone_in_order_and_with_event_grid_s_headers() {
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

#[tokio::test]
async fn a_failed_delivery_is_repeated_before_the_next_event_is_sent() {
    let mut endpoint = Endpoint::start(&[500, 302]).await;
    let emulator = Emulator::builder()
        .webhook(&endpoint.url)
        .start()
        .await
        .unwrap();
    let caller = Caller::new(emulator.endpoint());
    caller.create_queue().await;
    caller.create_job("j").await.expect(201);

    let mut ids = Vec::new();
    for attempt in ["0", "1", "2"] {
        let received = endpoint.next().await;
        assert_eq!(received.kind(), "JobReceived");
        assert_eq!(received.header("aeg-delivery-count"), attempt);
        ids.push(received.body[0]["id"].clone());
    }
    ids.dedup();
    assert_eq!(ids.len(), 1, "the same event under the same id");
    let next = endpoint.next().await;
    assert_eq!(
        (next.kind(), next.header("aeg-delivery-count")),
        ("JobQueued", "0")
    );
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
    for kind in ["JobReceived", "JobQueued"] {
        assert_eq!(endpoint.received.try_recv().unwrap().kind(), kind);
    }
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
