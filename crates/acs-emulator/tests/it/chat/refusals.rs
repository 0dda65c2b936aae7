//! What chat refuses, and how it says so.

use std::time::Duration;

use acs_emulator::{Clock, Emulator};
use serde_json::{Value, json};

use crate::caller::{Caller, start};
use crate::user::{CHAT, chat_error, user};

// chat 71, 73, 74
#[tokio::test]
async fn those_without_a_user_token_are_told_nothing() {
    let (_emulator, caller) = start().await;
    let target = format!("/chat/threads?{CHAT}");
    let signed = caller.raw("GET", &target).send().await;
    let unsigned = caller.raw("GET", &target).send_unsigned().await;
    let nowhere = caller
        .raw("GET", &format!("/chat/nothing?{CHAT}"))
        .send_unsigned()
        .await;
    for answer in [signed, unsigned, nowhere] {
        let answer = answer.expect(401);
        assert_eq!(
            (answer.body, answer.headers.get("content-type")),
            (Value::Null, None)
        );
    }
}

// chat 8, 25, 71
#[tokio::test]
async fn an_unusable_body_is_refused_by_the_name_of_its_part() {
    let (_emulator, caller) = start().await;
    let alice = user(&caller).await;
    let thread = alice.thread_with(&[]).await;
    let messages = format!("{thread}/messages");
    let add = format!("{thread}/participants/:add");
    let identifier =
        |identifier: Value| json!({ "participants": [{ "communicationIdentifier": identifier }] });
    for (path, body, name) in [
        ("threads", json!({}), "`topic`"),
        ("threads", json!({ "topic": "" }), "`topic`"),
        ("threads", json!({ "topic": 1 }), "`topic`"),
        (
            "threads",
            json!({ "topic": "t", "participants": {} }),
            "`participants`",
        ),
        (
            "threads",
            json!({ "topic": "t", "metadata": { "a": 1 } }),
            "`metadata.a`",
        ),
        (
            "threads",
            json!({ "topic": "t", "retentionPolicy": { "kind": "soon" } }),
            "`retentionPolicy.kind`",
        ),
        (
            "threads",
            json!({ "topic": "t", "retentionPolicy": { "kind": "threadCreationDate" } }),
            "`retentionPolicy.deleteThreadAfterDays`",
        ),
        (&messages, json!({}), "`content`"),
        (
            &messages,
            json!({ "content": "c", "type": "topicUpdated" }),
            "`type`",
        ),
        (
            &add,
            identifier(json!({})),
            "`participants[0].communicationIdentifier`",
        ),
        (
            &add,
            identifier(json!({ "rawId": "" })),
            "`participants[0].communicationIdentifier`",
        ),
        (
            &add,
            identifier(json!("8:acs:a_b")),
            "`participants[0].communicationIdentifier`",
        ),
        (
            &add,
            json!({ "participants": [{}] }),
            "`participants[0].communicationIdentifier`",
        ),
        (&add, json!({ "participants": [7] }), "`participants[0]`"),
        (
            &add,
            json!({ "participants": [{ "communicationIdentifier": { "rawId": "8:acs:a_b" }, "shareHistoryTime": "then" }] }),
            "`participants[0].shareHistoryTime`",
        ),
    ] {
        let answer = alice.post(path, body.clone()).await.expect(400);
        let (code, message) = chat_error(&answer);
        assert_eq!(code, "BadRequest", "{body}");
        assert!(message.contains(name), "{message} for {body}");
    }
    let topic = alice
        .patch(&thread, json!({ "topic": null }))
        .await
        .expect(400);
    assert!(chat_error(&topic).1.contains("`topic`"));
    let listed = alice.get(&messages).await.expect(200).body;
    assert_eq!(listed["value"].as_array().unwrap().len(), 2);
    assert_eq!(
        alice.get("threads").await.body["value"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

// chat 61, 70
#[tokio::test]
async fn strangers_are_forbidden_and_unknown_things_are_not_found() {
    let (_emulator, caller) = start().await;
    let (alice, eve) = (user(&caller).await, user(&caller).await);
    let thread = alice.thread_with(&[]).await;
    for path in [
        "",
        "/messages",
        "/participants",
        "/readReceipts",
        "/messages/1",
    ] {
        let answer = eve.get(&format!("{thread}{path}")).await.expect(403);
        assert_eq!(chat_error(&answer).0, "Forbidden", "{path}");
    }
    eve.delete(&thread).await.expect(403);
    for path in [
        "threads/19:none@thread.v2",
        "threads/..%2F..",
        "threads/%20",
    ] {
        assert_eq!(chat_error(&alice.get(path).await.expect(404)).0, "NotFound");
    }
    let nowhere = alice.get("nothing").await.expect(404);
    assert_eq!(chat_error(&nowhere).0, "NotFound");
    let method = alice
        .request("PUT", "threads")
        .send_unsigned()
        .await
        .expect(405);
    assert_eq!(method.header("allow"), Some("GET, POST"));
}

// chat 75, 78, 79
#[tokio::test]
async fn too_many_calls_are_refused_only_where_that_is_switched_on() {
    let builder = Emulator::builder().clock(Clock::stopped_now());
    for (limited, status) in [(false, 201), (true, 429)] {
        let emulator = builder.clone().rate_limits(limited).start().await.unwrap();
        let caller = Caller::new(emulator.endpoint());
        let alice = user(&caller).await;
        let thread = alice.thread_with(&[]).await;
        for _ in 0..10 {
            alice.send(&thread, "hello").await;
        }
        let messages = format!("{thread}/messages");
        let eleventh = alice.post(&messages, json!({ "content": "more" })).await;
        let eleventh = eleventh.expect(status);
        if limited {
            assert_eq!(
                chat_error(&eleventh),
                ("TooManyRequests", "Rate limit exceeded.")
            );
            assert_eq!(eleventh.header("retry-after"), Some("10"));
        }
        let span = Duration::from_secs(10);
        emulator.clock().advance(span).await.unwrap();
        alice.send(&thread, "again").await;
    }
}
