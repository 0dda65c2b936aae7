//! Events into storage queues: the calls, their signature, the messages, and what becomes of failures.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

use acs_emulator::{Clock, Emulator, RunningEmulator, StartError};
use axum::Router;
use axum::body::{Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::Value;
use sha2::Sha256;
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use url::form_urlencoded;

use crate::caller::Caller;
use crate::webhooks::subscription;

const KEY: &[u8] = b"some key";

/// A queue service that answers with planned statuses, then 201.
struct Service {
    connection_string: String,
    calls: UnboundedReceiver<Called>,
}

struct Called {
    line: String,
    version: String,
    query: BTreeMap<String, String>,
    body: Bytes,
}

#[derive(Clone)]
struct Plan {
    statuses: Arc<Mutex<VecDeque<u16>>>,
    calls: UnboundedSender<Called>,
}

impl Service {
    async fn start(statuses: &[u16]) -> Self {
        let (sender, calls) = unbounded_channel();
        let plan = Plan {
            statuses: Arc::new(Mutex::new(statuses.iter().copied().collect())),
            calls: sender,
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let connection_string = format!(
            "AccountName=acc;AccountKey={};QueueEndpoint=http://{}/acc",
            STANDARD.encode(KEY),
            listener.local_addr().unwrap()
        );
        let router = Router::new().fallback(answer).with_state(plan);
        tokio::spawn(async { axum::serve(listener, router).await.unwrap() });
        Self {
            connection_string,
            calls,
        }
    }

    async fn emulator(&self) -> (RunningEmulator, Caller) {
        let emulator = Emulator::builder()
            .storage_queue(&self.connection_string, "events")
            .clock(Clock::stopped_now())
            .start()
            .await
            .unwrap();
        let caller = Caller::new(emulator.endpoint());
        caller.create_queue().await;
        caller.create_job("j").await.expect(201);
        (emulator, caller)
    }

    async fn next(&mut self) -> Called {
        self.calls.recv().await.unwrap()
    }
}

async fn answer(State(plan): State<Plan>, request: Request) -> StatusCode {
    let (head, body) = request.into_parts();
    let query = head.uri.query().unwrap_or_default();
    let called = Called {
        line: format!("{} {}", head.method, head.uri.path()),
        version: head.headers["x-ms-version"].to_str().unwrap().to_owned(),
        query: form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect(),
        body: to_bytes(body, usize::MAX).await.unwrap(),
    };
    plan.calls.send(called).unwrap();
    let status = plan.statuses.lock().unwrap().pop_front();
    StatusCode::from_u16(status.unwrap_or(201)).unwrap()
}

impl Called {
    /// The event of a message.
    fn event(&self) -> Value {
        let body = std::str::from_utf8(&self.body).unwrap();
        let text = body.strip_prefix("<QueueMessage><MessageText>");
        let text = text.and_then(|text| text.strip_suffix("</MessageText></QueueMessage>"));
        serde_json::from_slice(&STANDARD.decode(text.unwrap()).unwrap()).unwrap()
    }

    /// The signature that the parameters of the query should have.
    fn expected_signature(&self) -> String {
        let part = |name| &self.query[name];
        // Address range and encryption scope are left out.
        let lines = [
            "acc",
            part("sp"),
            part("ss"),
            part("srt"),
            part("st"),
            part("se"),
            "",
            part("spr"),
            part("sv"),
            "",
            "",
        ];
        let hmac = Hmac::<Sha256>::new_from_slice(KEY).unwrap();
        let signed = hmac.chain_update(lines.join("\n")).finalize();
        STANDARD.encode(signed.into_bytes())
    }
}

/// Events 4 and 45.
#[tokio::test]
async fn the_queue_is_made_and_gets_each_event_as_base64_of_one_object() {
    let mut service = Service::start(&[]).await;
    let (_emulator, caller) = service.emulator().await;
    let created = service.next().await;
    assert_eq!(created.line, "PUT /acc/events");
    for kind in ["JobReceived", "JobQueued"] {
        let put = service.next().await;
        assert_eq!(put.line, "POST /acc/events/messages");
        assert_eq!(put.version, "2021-12-02");
        assert_eq!(put.query["sig"], put.expected_signature());
        let event = put.event();
        assert_eq!(
            event["eventType"],
            format!("Microsoft.Communication.Router{kind}")
        );
        assert_eq!(event["data"]["jobId"], "j");
        assert_eq!(event["metadataVersion"], "1");
    }
    let state = subscription(&caller, |state| state["accepted"] == 2).await;
    assert_eq!(state["name"], "QUEUE-1");
    let destination = state["destination"].as_str().unwrap();
    assert!(destination.ends_with("/acc/events"), "{destination}");
}

#[tokio::test]
async fn a_service_that_is_not_ready_is_asked_again_and_a_failed_message_is_put_off() {
    let mut service = Service::start(&[503, 201, 500]).await;
    let (emulator, caller) = service.emulator().await;
    for line in [
        "PUT /acc/events",
        "PUT /acc/events",
        "POST /acc/events/messages",
        "POST /acc/events/messages",
    ] {
        assert_eq!(service.next().await.line, line);
    }
    let state = subscription(&caller, |state| state["accepted"] == 1).await;
    assert_eq!(state["retrying"], 1);
    let ten_seconds = std::time::Duration::from_secs(10);
    emulator.clock().advance(ten_seconds).await.unwrap();
    let event = service.next().await.event();
    assert_eq!(event["id"], state["retries"][0]["eventId"]);
    subscription(&caller, |state| state["accepted"] == 2).await;
}

#[tokio::test]
async fn a_wrong_key_is_told_and_no_event_is_sent() {
    let mut service = Service::start(&[403]).await;
    let (_emulator, caller) = service.emulator().await;
    let state = subscription(&caller, |state| state["provisioningState"] == "Failed").await;
    let reason = state["reason"].as_str().unwrap();
    assert!(reason.contains("403"), "{reason}");
    assert_eq!(service.next().await.line, "PUT /acc/events");
    assert!(service.calls.try_recv().is_err());
}

#[tokio::test]
async fn a_given_signature_is_used_as_it_is() {
    let mut service = Service::start(&[]).await;
    let (_, endpoint) = service.connection_string.rsplit_once(';').unwrap();
    let given = format!("{endpoint};SharedAccessSignature=sv=1&sig=x%3D");
    let builder = Emulator::builder().storage_queue(given, "events");
    let _emulator = builder.start().await.unwrap();
    let query = service.next().await.query;
    assert_eq!((query["sv"].as_str(), query["sig"].as_str()), ("1", "x="));
}

#[tokio::test]
async fn an_unusable_queue_keeps_it_from_starting() {
    let builder = Emulator::builder().storage_queue("UseDevelopmentStorage=true", "Events");
    let error = builder.start().await.unwrap_err();
    assert!(matches!(error, StartError::StorageQueue(_)), "{error}");
}
