//! What is built and published is what Event Grid would send, and our own webhook and reader take it.

use std::collections::BTreeMap;
use std::time::Duration;

use acs_events::models::{
    AcsRouterJobReceivedEventData, AcsRouterWorkerDeregisteredEventData, AcsRouterWorkerSelector,
};
use acs_events::publish::{Call, Verdict, queue_message};
use acs_events::webhook::{Protection, Received, Request, Webhook};
use acs_events::{AcsEvent, Event, Schema, read_message};
use acs_types::{LabelValue, Timestamp};
use serde_json::{Value, json};

use crate::webhook::now;

fn left(worker: &str) -> Event {
    Event::builder(AcsRouterWorkerDeregisteredEventData::new(worker))
        .id(format!("event-{worker}"))
        .source("/subscriptions/s")
        .time(now())
        .build()
        .expect("writable")
}

fn headers(call: &Call) -> BTreeMap<&str, String> {
    call.headers()
        .map(|(name, value)| (name, value.to_owned()))
        .collect()
}

fn receive(webhook: &Webhook, call: &Call) -> Received {
    let request = Request::new(call.method(), call.body().as_bytes()).with_headers(call.headers());
    webhook.receive(&request, now())
}

#[test]
fn an_event_has_defaults_for_all_but_its_data() {
    let before = Timestamp::from(std::time::SystemTime::now());
    let event = Event::builder(AcsRouterWorkerDeregisteredEventData::new("w"))
        .build()
        .expect("writable");
    let other = Event::builder(AcsRouterWorkerDeregisteredEventData::new("w"))
        .build()
        .expect("writable");
    assert_ne!(event.id(), other.id());
    assert_eq!(event.subject(), "worker/w");
    assert!(event.time().expect("a time") >= before);
    let written = serde_json::to_value(&event).expect("writable");
    assert_eq!(written["dataVersion"], "1.0");
    assert_eq!(written["metadataVersion"], "1");
    assert_eq!(written.get("topic"), None);
    assert_eq!(event.raw_data(), r#"{"workerId":"w"}"#);
}

#[test]
fn data_is_made_of_what_is_required_and_setters_for_the_rest() {
    let selector = AcsRouterWorkerSelector::new("Language", "Equal", "nl").ttl_seconds(50);
    let data =
        AcsRouterJobReceivedEventData::new("job-1", "voice", [("a", "b")], [("c", "d")], true)
            .queue_id("queue-1")
            .requested_worker_selectors([selector]);
    let event = Event::builder(data).build().expect("writable");
    assert_eq!(event.subject(), "job/job-1/channel/voice");
    let AcsEvent::RouterJobReceived(data) = event.data() else {
        panic!("{event:?}");
    };
    let selectors = data.requested_worker_selectors.as_ref().expect("some");
    assert_eq!(selectors[0].value, LabelValue::from("nl"));
}

#[test]
fn a_number_that_json_cannot_carry_is_an_error() {
    let selector = AcsRouterWorkerSelector::new("k", "Equal", f64::NAN);
    let none: [(&str, &str); 0] = [];
    let data = AcsRouterJobReceivedEventData::new("j", "c", none, none, true)
        .requested_worker_selectors([selector]);
    let error = Event::builder(data).build().expect_err("not a number");
    assert!(error.to_string().contains("cannot be written"), "{error}");
}

#[test]
fn a_delivery_in_the_schema_of_event_grid_is_a_list_with_its_headers() {
    let call =
        Call::notification(Schema::EventGrid, &[left("w")], "Router-Events").expect("writable");
    let body: Value = serde_json::from_str(call.body()).expect("JSON");
    assert_eq!(
        body,
        json!([{
            "id": "event-w", "topic": "/subscriptions/s", "subject": "worker/w", "data": {"workerId": "w"},
            "eventType": "Microsoft.Communication.RouterWorkerDeregistered", "eventTime": "2024-01-18T09:30:00Z",
            "dataVersion": "1.0", "metadataVersion": "1"
        }])
    );
    let again = call.clone().attempt(3);
    let mut found = headers(&again);
    assert_eq!(
        found.remove("aeg-output-event-id").expect("an id").len(),
        36
    );
    let expected = BTreeMap::from(
        [
            ("content-type", "application/json; charset=utf-8"),
            ("aeg-event-type", "Notification"),
            ("aeg-subscription-name", "ROUTER-EVENTS"),
            ("aeg-delivery-count", "3"),
            ("aeg-metadata-version", "1"),
            ("aeg-data-version", "1.0"),
        ]
        .map(|(name, value)| (name, value.to_owned())),
    );
    assert_eq!(found, expected);
    assert_eq!(headers(&call)["aeg-delivery-count"], "0");
}

#[test]
fn cloud_events_go_alone_or_as_a_batch() {
    let single = Call::notification(Schema::CloudEvents, &[left("w")], "s").expect("writable");
    let body: Value = serde_json::from_str(single.body()).expect("JSON");
    assert_eq!(body["specversion"], "1.0");
    assert_eq!(body.get("dataVersion"), None);
    let found = headers(&single);
    assert_eq!(
        found["content-type"],
        "application/cloudevents+json; charset=utf-8"
    );
    assert_eq!(found["aeg-metadata-version"], "1.0");
    assert_eq!(found.get("aeg-data-version"), None);
    let both =
        Call::notification(Schema::CloudEvents, &[left("a"), left("b")], "s").expect("writable");
    assert_eq!(
        headers(&both)["content-type"],
        "application/cloudevents-batch+json; charset=utf-8"
    );
    let body: Value = serde_json::from_str(both.body()).expect("JSON");
    assert_eq!(body.as_array().map(Vec::len), Some(2));
}

#[test]
fn our_webhook_takes_what_is_published() {
    let webhook = Webhook::builder(Protection::open())
        .expect_subscription("router-events")
        .build();
    for (schema, worker) in [(Schema::EventGrid, "a"), (Schema::CloudEvents, "b")] {
        let call = Call::notification(schema, &[left(worker)], "router-events").expect("writable");
        let Received::Events(delivery) = receive(&webhook, &call) else {
            panic!("{call:?}");
        };
        assert_eq!(delivery.event(0).subject(), format!("worker/{worker}"));
    }
    let call =
        Call::validation("code", "https://example.com", "/s", "router-events").expect("writable");
    let Received::Answer(answer) = receive(&webhook, &call) else {
        panic!("{call:?}");
    };
    assert!(Call::is_agreed("code", answer.status(), answer.body()));
    assert!(!Call::is_agreed("other", answer.status(), answer.body()));
    assert!(!Call::is_agreed("code", 202, answer.body()));
    assert!(!Call::is_agreed("code", 200, ""));
    let Received::Answer(answer) = receive(&webhook, &Call::consent("o")) else {
        panic!("a handshake");
    };
    assert!(
        answer
            .headers()
            .any(|header| header == ("webhook-allowed-origin", "o"))
    );
}

#[test]
fn a_queue_message_is_read_back_and_has_a_largest_size() {
    let text = queue_message(&left("w")).expect("short");
    assert!(!text.contains('{'));
    let events = read_message(&text).expect("a message");
    assert_eq!(events[0].as_ref().expect("an event").id(), "event-w");
    let long = "w".repeat(49_152);
    let error = queue_message(&left(&long)).expect_err("too long");
    assert!(error.to_string().contains("65536"), "{error}");
}

#[test]
fn the_verdict_on_a_status_is_that_of_event_grid() {
    let retry = |seconds| Verdict::Retry(Duration::from_secs(seconds));
    for (status, verdict) in [
        (200, Verdict::Delivered),
        (202, Verdict::Delivered),
        (204, Verdict::Delivered),
        (205, retry(10)),
        (301, retry(10)),
        (400, Verdict::GivenUp),
        (401, Verdict::GivenUp),
        (403, Verdict::GivenUp),
        (404, retry(10)),
        (408, retry(120)),
        (413, Verdict::GivenUp),
        (500, retry(10)),
        (503, retry(30)),
    ] {
        assert_eq!(Verdict::of(status), verdict, "{status}");
    }
}
