//! The handshake before the first event: what an endpoint is asked, and what its answer leads to.

use std::time::Duration;

use acs_emulator::{Clock, Emulator, RunningEmulator};
use serde_json::{Value, json};

use crate::caller::Caller;
use crate::endpoint::{Endpoint, agreeing};
use crate::webhooks::subscription;

async fn start(endpoint: &Endpoint) -> (RunningEmulator, Caller) {
    let emulator = Emulator::builder()
        .webhook(&endpoint.url)
        .clock(Clock::stopped_now())
        .start()
        .await
        .unwrap();
    let caller = Caller::new(emulator.endpoint());
    caller.create_queue().await;
    caller.create_job("j").await.expect(201);
    (emulator, caller)
}

fn silent(_: &str) -> (u16, Value) {
    (200, Value::Null)
}

fn unwilling(_: &str) -> (u16, Value) {
    (403, json!("not for you"))
}

fn accepting(code: &str) -> (u16, Value) {
    (202, agreeing(code).1)
}

fn broken(_: &str) -> (u16, Value) {
    (503, Value::Null)
}

/// The validation address that an endpoint got, without the emulator's own.
async fn validation_target(endpoint: &mut Endpoint, emulator: &RunningEmulator) -> String {
    let handshake = endpoint.next_handshake().await;
    let url = handshake.body[0]["data"]["validationUrl"].as_str().unwrap();
    url.strip_prefix(emulator.endpoint()).unwrap().to_owned()
}

/// Events 23 and 26.
#[tokio::test]
async fn an_endpoint_is_asked_alone_and_before_the_first_event() {
    let mut endpoint = Endpoint::start(&[]).await;
    let (_emulator, _) = start(&endpoint).await;
    assert_eq!(endpoint.next().await.kind(), "JobReceived");
    let handshake = endpoint.handshakes.try_recv().unwrap();
    assert_eq!(handshake.header("aeg-event-type"), "SubscriptionValidation");
    assert_eq!(handshake.header("aeg-subscription-name"), "WEBHOOK-1");
    assert_eq!(handshake.header("aeg-metadata-version"), "1");
    let events = handshake.body.as_array().unwrap();
    assert_eq!(events.len(), 1);
    assert_eq!(
        events[0]["eventType"],
        "Microsoft.EventGrid.SubscriptionValidationEvent"
    );
    assert_eq!(events[0]["subject"], "");
    assert!(endpoint.handshakes.try_recv().is_err(), "once is enough");
}

/// Events 25.
#[tokio::test]
async fn an_endpoint_that_does_not_give_the_code_may_be_validated_by_hand() {
    let mut endpoint = Endpoint::answering(&[silent]).await;
    let (emulator, caller) = start(&endpoint).await;
    let target = validation_target(&mut endpoint, &emulator).await;
    let awaiting = |state: &Value| state["provisioningState"] == "AwaitingManualAction";
    let state = subscription(&caller, awaiting).await;
    assert!(state["validateUntil"].is_string(), "{state}");
    let wrong = target.replace("code=", "code=no");
    caller.raw("GET", &wrong).send_unsigned().await.expect(400);
    assert!(endpoint.received.try_recv().is_err(), "events wait");

    caller.raw("GET", &target).send_unsigned().await.expect(200);
    for kind in ["JobReceived", "JobQueued"] {
        assert_eq!(endpoint.next().await.kind(), kind);
    }
}

#[tokio::test]
async fn validation_by_hand_ends_ten_minutes_later_by_the_emulators_clock() {
    let mut endpoint = Endpoint::answering(&[silent]).await;
    let (emulator, caller) = start(&endpoint).await;
    let target = validation_target(&mut endpoint, &emulator).await;
    subscription(&caller, |state| {
        state["provisioningState"] == "AwaitingManualAction"
    })
    .await;
    let beyond = Duration::from_secs(601);
    emulator.clock().advance(beyond).await.unwrap();
    caller.raw("GET", &target).send_unsigned().await.expect(400);
    let state = subscription(&caller, |state| state["provisioningState"] == "Failed").await;
    let reason = state["reason"].as_str().unwrap();
    assert!(reason.contains("in time"), "{reason}");
}

/// Events 24: 202 is no consent either.
#[tokio::test]
async fn an_endpoint_that_refuses_gets_no_event_until_it_is_asked_again_and_agrees() {
    let mut endpoint = Endpoint::answering(&[unwilling, accepting]).await;
    let (_emulator, caller) = start(&endpoint).await;
    for status in ["403", "202"] {
        let state = subscription(&caller, |state| {
            let reason = state["reason"].as_str();
            state["provisioningState"] == "Failed"
                && reason.is_some_and(|reason| reason.contains(status))
        });
        state.await;
        assert!(endpoint.received.try_recv().is_err());
        let again = caller.raw("POST", "/_emulator/subscriptions/WEBHOOK-1/handshake");
        again.send_unsigned().await.expect(200);
    }
    assert_eq!(endpoint.next().await.kind(), "JobReceived");
    let again = caller.raw("POST", "/_emulator/subscriptions/webhook-1/handshake");
    again.send_unsigned().await.expect(409);
}

#[tokio::test]
async fn an_endpoint_that_cannot_answer_yet_is_asked_again_with_another_code() {
    let mut endpoint = Endpoint::answering(&[broken]).await;
    let (_emulator, _) = start(&endpoint).await;
    assert_eq!(endpoint.next().await.kind(), "JobReceived");
    let mut code = async || {
        let handshake = endpoint.next_handshake().await;
        handshake.body[0]["data"]["validationCode"].clone()
    };
    assert_ne!(code().await, code().await);
}

#[tokio::test]
async fn an_endpoint_without_handshake_gets_events_at_once() {
    let mut endpoint = Endpoint::answering(&[unwilling]).await;
    let emulator = Emulator::builder()
        .webhook_without_handshake(&endpoint.url)
        .start()
        .await
        .unwrap();
    let caller = Caller::new(emulator.endpoint());
    caller.create_queue().await;
    caller.create_job("j").await.expect(201);
    assert_eq!(endpoint.next().await.kind(), "JobReceived");
    assert!(endpoint.handshakes.try_recv().is_err());
}

#[tokio::test]
async fn a_subscription_that_is_not_there_is_named() {
    let endpoint = Endpoint::start(&[]).await;
    let (_emulator, caller) = start(&endpoint).await;
    let target = "/_emulator/subscriptions/WEBHOOK-2/validate?code=1";
    let answer = caller.raw("GET", target).send_unsigned().await.expect(404);
    let message = answer.error()["message"].as_str().unwrap();
    assert!(message.contains("WEBHOOK-2"), "{message}");
}
