//! Chat events come out of the same stream as routing's, and chat goes by the same clock.

use std::time::Duration;

use acs_emulator::{ChatEventKind, Clock, Emulator, EventKind, RouterEventKind};
use acs_types::Timestamp;
use serde_json::json;

use crate::caller::{Caller, start};
use crate::user::{IDENTITY, user};

// chat 80, 81
#[tokio::test]
async fn chat_and_routing_share_one_stream_in_order() {
    let (emulator, caller) = start().await;
    let (alice, bob) = (user(&caller).await, user(&caller).await);
    let mut events = emulator.events();
    let thread = alice.thread_with(&[&bob]).await;
    caller.create_queue().await;
    caller.create_job("j").await.expect(201);
    alice.send(&thread, "hello").await;
    let happened: Vec<_> = std::iter::from_fn(|| events.try_next()).collect();
    let kinds: Vec<EventKind> = happened.iter().map(|event| event.kind).collect();
    assert_eq!(
        kinds,
        [
            EventKind::Chat(ChatEventKind::ChatThreadCreatedWithUser),
            EventKind::Chat(ChatEventKind::ChatThreadCreated),
            EventKind::Router(RouterEventKind::RouterJobReceived),
            EventKind::Router(RouterEventKind::RouterJobQueued),
            EventKind::Chat(ChatEventKind::ChatMessageReceived),
            EventKind::Chat(ChatEventKind::ChatMessageReceivedInThread),
        ]
    );
    let received = &happened[4];
    assert!(
        received
            .subject
            .ends_with(&format!("/sender/{}/recipient/{}", alice.id, bob.id)),
        "{}",
        received.subject
    );
    assert_eq!(json!(received.data)["messageBody"], "hello");
}

// chat 18
#[tokio::test]
async fn the_clock_times_messages_and_ends_threads() {
    let start = Timestamp::parse("2024-03-01T10:00:00Z").unwrap();
    let emulator = Emulator::builder()
        .clock(Clock::Manual(start))
        .start()
        .await
        .unwrap();
    let caller = Caller::new(emulator.endpoint());
    let alice = user(&caller).await;
    let retention = json!({ "kind": "threadCreationDate", "deleteThreadAfterDays": 30 });
    let created = alice
        .post(
            "threads",
            json!({ "topic": "Lunch", "retentionPolicy": retention }),
        )
        .await;
    let thread = &created.expect(201).body["chatThread"];
    assert_eq!(thread["createdOn"], "2024-03-01T10:00:00Z");

    let month = Duration::from_secs(31 * 86_400);
    assert_eq!(
        emulator
            .clock()
            .next_deadline()
            .map(|at| at.to_string())
            .as_deref(),
        Some("2024-03-31T10:00:00+00:00")
    );
    let deleted = emulator
        .clock()
        .run_until(ChatEventKind::ChatThreadDeleted, month)
        .await
        .unwrap();
    assert_eq!(
        deleted.unwrap().time.to_string(),
        "2024-03-31T10:00:00+00:00"
    );

    // The month has ended the token as well.
    let id = thread["id"].as_str().unwrap();
    alice.get(&format!("threads/{id}")).await.expect(401);
    let issue = format!("/identities/{}/:issueAccessToken?{IDENTITY}", alice.id);
    let issued = caller
        .raw("POST", &issue)
        .json(&json!({ "scopes": ["chat"] }))
        .send()
        .await;
    let token = issued.expect(200).body["token"]
        .as_str()
        .unwrap()
        .to_owned();
    let alice = crate::user::User { token, ..alice };
    alice.get(&format!("threads/{id}")).await.expect(404);
}

#[tokio::test]
async fn calls_of_chat_and_identity_are_counted_and_all_are_implemented() {
    let (emulator, caller) = start().await;
    let alice = user(&caller).await;
    alice.thread_with(&[]).await;
    let counted = emulator.exercised_operations();
    assert_eq!((counted["create"], counted["createChatThread"]), (1, 1));
    let operations = emulator.operations();
    let tables = [
        acs_core_chat::operations::OPERATIONS,
        acs_core_identity::operations::OPERATIONS,
    ];
    for operation in tables.into_iter().flatten() {
        assert!(operations.contains(&operation.id), "{}", operation.id);
    }
}
