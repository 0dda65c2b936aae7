//! The webhook as Event Grid sees it: handshakes, protection, and the status that each delivery gets.

use acs_events::webhook::{Answer, Delivery, Outcome, Protection, Received, Request, Webhook};
use acs_events::{ReadErrorKind, Schema};
use acs_types::Timestamp;
use serde_json::{Value, json};

pub(crate) fn now() -> Timestamp {
    Timestamp::parse("2024-01-18T09:30:00Z").expect("a date")
}

fn open() -> Webhook {
    Webhook::builder(Protection::open()).build()
}

fn event(id: &str) -> Value {
    json!({
        "id": id, "eventType": "Microsoft.Communication.RouterWorkerDeregistered", "subject": "worker/w",
        "eventTime": "2024-01-18T09:30:00Z", "dataVersion": "1.0", "metadataVersion": "1", "data": {"workerId": "w"}
    })
}

fn broken(id: &str) -> Value {
    let mut event = event(id);
    event["data"] = json!({});
    event
}

fn validation() -> Value {
    json!([{
        "id": "1", "topic": "/subscriptions/s", "subject": "", "dataVersion": "2", "metadataVersion": "1",
        "eventType": "Microsoft.EventGrid.SubscriptionValidationEvent", "eventTime": "2024-01-18T09:30:00Z",
        "data": {"validationCode": "code \"1\"", "validationUrl": "https://example.com:553/validate"}
    }])
}

fn post(webhook: &Webhook, body: &Value) -> Received {
    let body = body.to_string();
    let request = Request::new("POST", body.as_bytes())
        .with_headers([("content-type", "application/json; charset=utf-8")]);
    webhook.receive(&request, now())
}

fn answered(received: Received) -> Answer {
    match received {
        Received::Answer(answer) => answer,
        Received::Events(delivery) => panic!("{delivery:?}"),
    }
}

fn delivered(received: Received) -> Delivery {
    match received {
        Received::Events(delivery) => delivery,
        Received::Answer(answer) => panic!("{answer:?}"),
    }
}

/// Delivers events, gives those that are pending these outcomes by their ids, and tells the status.
fn deliver(webhook: &Webhook, events: &[Value], outcomes: &[(&str, Outcome)]) -> u16 {
    let mut delivery = delivered(post(webhook, &Value::from(events.to_vec())));
    let pending = delivery.pending();
    let ids: Vec<_> = pending
        .iter()
        .map(|index| delivery.event(*index).id().to_owned())
        .collect();
    let expected: Vec<_> = outcomes.iter().map(|(id, _)| (*id).to_owned()).collect();
    assert_eq!(ids, expected, "what is pending");
    for (index, (_, outcome)) in pending.into_iter().zip(outcomes) {
        delivery.settle(index, *outcome);
    }
    delivery.finish().status()
}

#[test]
fn the_handshake_of_event_grid_gets_its_code_back() {
    for headers in [
        [("aeg-event-type", "SubscriptionValidation")].as_slice(),
        &[("AEG-EVENT-TYPE", "subscriptionvalidation")],
        &[],
    ] {
        let webhook = open();
        let body = validation().to_string();
        let request = Request::new("POST", body.as_bytes()).with_headers(headers.iter().copied());
        let answer = answered(webhook.receive(&request, now()));
        assert_eq!(answer.status(), 200);
        let code: Value = serde_json::from_str(answer.body()).expect("JSON");
        assert_eq!(code, json!({"validationResponse": "code \"1\""}));
        let content_type = answer
            .headers()
            .find(|(name, _)| *name == "content-type")
            .expect("a type");
        assert_eq!(content_type.1, "application/json; charset=utf-8");
    }
}

#[test]
fn only_expected_subscriptions_are_agreed_to_and_delivered() {
    let webhook = Webhook::builder(Protection::open())
        .expect_subscription("Router-Events")
        .expect_subscription("other")
        .build();
    for (body, kind) in [
        (validation(), "SubscriptionValidation"),
        (json!([event("1")]), "Notification"),
    ] {
        let body = body.to_string();
        let call = |name: Option<&'static str>| {
            let names = name.map(|name| ("aeg-subscription-name", name));
            let request = Request::new("POST", body.as_bytes())
                .with_headers([("aeg-event-type", kind)])
                .with_headers(names);
            match webhook.receive(&request, now()) {
                Received::Answer(answer) => answer.status(),
                Received::Events(_) => 0,
            }
        };
        let welcome = if kind == "Notification" { 0 } else { 200 };
        assert_eq!(call(Some("ROUTER-EVENTS")), welcome);
        assert_eq!(call(Some("other")), welcome);
        assert_eq!(call(Some("stranger")), 403);
        assert_eq!(call(None), 403);
    }
}

#[test]
fn a_validation_event_among_others_or_in_a_notification_is_an_event() {
    let webhook = open();
    let mut list = validation();
    list.as_array_mut().expect("a list").push(event("2"));
    assert_eq!(delivered(post(&webhook, &list)).pending().len(), 2);
    let body = validation().to_string();
    let request =
        Request::new("POST", body.as_bytes()).with_headers([("aeg-event-type", "Notification")]);
    assert_eq!(
        delivered(webhook.receive(&request, now())).pending().len(),
        1
    );
}

#[test]
fn a_handshake_that_is_confirmed_by_hand_comes_to_the_handler() {
    let webhook = Webhook::builder(Protection::open())
        .confirm_by_hand()
        .build();
    let mut delivery = delivered(post(&webhook, &validation()));
    assert_eq!(
        delivery.event(0).event_type(),
        "Microsoft.EventGrid.SubscriptionValidationEvent"
    );
    delivery.settle(0, Outcome::Done);
    let answer = delivery.finish();
    assert_eq!((answer.status(), answer.body()), (200, ""));
    let request =
        Request::new("OPTIONS", b"").with_headers([("WebHook-Request-Origin", "example.com")]);
    let answer = answered(webhook.receive(&request, now()));
    assert!(answer.headers().all(|(name, _)| name == "allow"));
}

#[test]
fn the_handshake_of_cloud_events_is_consent_in_headers() {
    let webhook = open();
    let request = Request::new("OPTIONS", b"")
        .with_headers([("WebHook-Request-Origin", "eventemitter.example.com")]);
    let answer = answered(webhook.receive(&request, now()));
    assert_eq!(answer.status(), 200);
    let headers: Vec<_> = answer.headers().collect();
    assert_eq!(
        headers,
        [
            ("allow", "POST"),
            ("webhook-allowed-origin", "eventemitter.example.com"),
            ("webhook-allowed-rate", "*")
        ]
    );
    let without = answered(webhook.receive(&Request::new("OPTIONS", b""), now()));
    assert_eq!(without.status(), 400);
    let choosy = Webhook::builder(Protection::open())
        .expect_origin("Events.example.com")
        .build();
    for (origin, status) in [("events.example.com", 200), ("evil.example.com", 403)] {
        let request =
            Request::new("OPTIONS", b"").with_headers([("webhook-request-origin", origin)]);
        assert_eq!(answered(choosy.receive(&request, now())).status(), status);
    }
}

#[test]
fn a_secret_in_the_query_may_be_the_new_or_the_old_one_and_nothing_else() {
    let webhook = Webhook::builder(Protection::query("code", ["new s+cret", "old"])).build();
    let body = json!([event("1")]).to_string();
    for (query, status) in [
        ("code=new%20s%2Bcret", 0),
        ("a=b&code=old", 0),
        ("", 401),
        ("code", 403),
        ("code=", 403),
        ("code=olD", 403),
        ("code=older", 403),
        ("code=old&code=x", 403),
        ("Code=old", 401),
    ] {
        let request = Request::new("POST", body.as_bytes()).with_query(query);
        let found = match webhook.receive(&request, now()) {
            Received::Answer(answer) => answer.status(),
            Received::Events(_) => 0,
        };
        assert_eq!(found, status, "{query}");
    }
    assert!(!format!("{webhook:?}").contains("old"), "{webhook:?}");
    let empty = Webhook::builder(Protection::query("code", [""])).build();
    let request = Request::new("POST", body.as_bytes()).with_query("code=");
    assert_eq!(answered(empty.receive(&request, now())).status(), 403);
}

#[test]
fn a_secret_in_a_header_protects_handshakes_too() {
    let webhook = Webhook::builder(Protection::header("X-Secret", ["s"])).build();
    let body = validation().to_string();
    for (headers, status) in [
        ([("x-secret", "s")].as_slice(), 200),
        (&[("x-secret", "t")], 403),
        (&[], 401),
    ] {
        let request = Request::new("POST", body.as_bytes()).with_headers(headers.iter().copied());
        assert_eq!(answered(webhook.receive(&request, now())).status(), status);
        let request = Request::new("OPTIONS", b"")
            .with_headers(headers.iter().copied())
            .with_headers([("webhook-request-origin", "o")]);
        assert_eq!(answered(webhook.receive(&request, now())).status(), status);
    }
}

#[test]
fn what_can_never_be_events_is_refused_for_good() {
    let webhook = Webhook::builder(Protection::open())
        .largest_body(2_000)
        .build();
    let large = vec![b' '; 2_001];
    for (method, content_type, body, status) in [
        ("GET", "application/json", b"[]".as_slice(), 405),
        ("PUT", "application/json", b"[]", 405),
        ("POST", "text/plain", b"[]", 400),
        ("POST", "application/x-www-form-urlencoded", b"a=b", 400),
        ("POST", "application/json", b"", 400),
        ("POST", "application/json", b"{\"a\":\"\xff\"}", 400),
        ("POST", "application/json", b"{}", 400),
        ("POST", "application/json", &large, 413),
    ] {
        let request = Request::new(method, body).with_headers([("content-type", content_type)]);
        let answer = answered(webhook.receive(&request, now()));
        assert_eq!(answer.status(), status, "{method} {content_type}");
    }
}

#[test]
fn bodies_of_both_schemas_and_batches_are_taken() {
    let webhook = open();
    let cloud = |id: &str| json!({"id": id, "type": "A.B", "source": "s", "specversion": "1.0", "data": {}});
    for (content_type, body, count) in [
        (
            "application/json; charset=utf-8",
            json!([event("1"), event("2")]),
            2,
        ),
        ("application/json", event("3"), 1),
        ("application/cloudevents+json; charset=utf-8", cloud("4"), 1),
        (
            "Application/CloudEvents-Batch+JSON",
            json!([cloud("5"), cloud("6")]),
            2,
        ),
        ("application/json", json!([]), 0),
    ] {
        let body = body.to_string();
        let request =
            Request::new("POST", body.as_bytes()).with_headers([("content-type", content_type)]);
        let delivery = delivered(webhook.receive(&request, now()));
        assert_eq!(delivery.pending().len(), count, "{content_type}");
        let schema = if content_type.to_lowercase().contains("cloud") {
            Schema::CloudEvents
        } else {
            Schema::EventGrid
        };
        for index in delivery.pending() {
            assert_eq!(delivery.event(index).schema(), schema);
        }
    }
}

#[test]
fn one_wrong_event_loses_no_other_and_is_told() {
    let webhook = open();
    let body = json!([event("1"), broken("2"), 5, event("3")]);
    let mut delivery = delivered(post(&webhook, &body));
    assert_eq!(delivery.pending(), [0, 1]);
    let kinds: Vec<_> = delivery
        .unreadable()
        .iter()
        .map(|error| (error.kind(), error.id()))
        .collect();
    assert_eq!(
        kinds,
        [
            (ReadErrorKind::Data, Some("2")),
            (ReadErrorKind::Envelope, None)
        ]
    );
    for index in delivery.pending() {
        delivery.settle(index, Outcome::Done);
    }
    assert_eq!(delivery.finish().status(), 200);
}

#[test]
fn a_delivery_comes_again_exactly_while_an_event_of_it_is_not_handled() {
    use Outcome::{Done, Reject, Retry};
    for (events, outcomes, status) in [
        (vec![], vec![], 200),
        (vec![event("1")], vec![("1", Done)], 200),
        (vec![event("1")], vec![("1", Retry)], 503),
        (vec![event("1")], vec![("1", Reject)], 400),
        (vec![broken("1")], vec![], 400),
        (vec![event("1"), broken("2")], vec![("1", Done)], 200),
        (vec![event("1"), broken("2")], vec![("1", Retry)], 503),
        (vec![event("1"), broken("2")], vec![("1", Reject)], 400),
        (
            vec![event("1"), event("2"), event("3")],
            vec![("1", Done), ("2", Reject), ("3", Retry)],
            503,
        ),
        (
            vec![event("1"), event("2")],
            vec![("1", Reject), ("2", Done)],
            200,
        ),
    ] {
        let found = deliver(&open(), &events, &outcomes);
        assert_eq!(found, status, "{outcomes:?} of {events:?}");
    }
}

#[test]
fn a_retried_batch_skips_what_was_done() {
    use Outcome::{Done, Retry};
    let webhook = open();
    let events = [event("1"), event("2"), event("3")];
    let first = [("1", Done), ("2", Retry), ("3", Done)];
    assert_eq!(deliver(&webhook, &events, &first), 503);
    assert_eq!(deliver(&webhook, &events, &[("2", Done)]), 200);
    assert_eq!(deliver(&webhook, &events, &[]), 200);
}

#[test]
fn an_event_that_is_being_handled_is_not_handled_twice() {
    let webhook = open();
    let mut first = delivered(post(&webhook, &json!([event("1")])));
    assert_eq!(deliver(&webhook, &[event("1")], &[]), 503);
    first.settle(0, Outcome::Done);
    assert_eq!(first.finish().status(), 200);
    assert_eq!(deliver(&webhook, &[event("1")], &[]), 200);
}

#[test]
fn a_delivery_that_is_dropped_gives_its_events_back() {
    let webhook = open();
    drop(delivered(post(&webhook, &json!([event("1")]))));
    assert_eq!(
        deliver(&webhook, &[event("1")], &[("1", Outcome::Done)]),
        200
    );
}

#[test]
fn an_event_twice_in_one_delivery_is_handled_once_and_shares_its_fate() {
    for (outcome, status) in [
        (Outcome::Done, 200),
        (Outcome::Retry, 503),
        (Outcome::Reject, 400),
    ] {
        let found = deliver(&open(), &[event("1"), event("1")], &[("1", outcome)]);
        assert_eq!(found, status);
    }
}

#[test]
fn only_the_first_word_on_an_event_counts() {
    let webhook = open();
    let mut delivery = delivered(post(&webhook, &json!([event("1")])));
    delivery.settle(0, Ok::<(), ()>(()));
    delivery.settle(0, Outcome::Retry);
    delivery.settle(7, Outcome::Retry);
    assert_eq!(delivery.finish().status(), 200);
}

#[test]
fn a_future_handles_events_one_after_the_other() {
    let webhook = open();
    let body = json!([event("1"), event("2")]).to_string();
    let mut ids = Vec::new();
    let request = Request::new("POST", body.as_bytes());
    let answered = webhook.handle(&request, now(), |event| {
        ids.push(event.id().to_owned());
        std::future::ready(if event.id() == "2" {
            Outcome::Retry
        } else {
            Outcome::Done
        })
    });
    let answer = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime")
        .block_on(answered);
    assert_eq!(answer.status(), 503);
    assert_eq!(ids, ["1", "2"]);
}
