//! Threads: what is answered, under which address, and what each api-version shows.

use serde_json::json;

use crate::caller::start;
use crate::user::{chat_error, user};

// chat 1, 7, 8, 9, 10
#[tokio::test]
async fn a_created_thread_is_answered_with_its_address() {
    let (emulator, caller) = start().await;
    let alice = user(&caller).await;
    let created = alice
        .post("threads", json!({ "topic": "Lunch" }))
        .await
        .expect(201);
    let thread = &created.body["chatThread"];
    let id = thread["id"].as_str().unwrap();
    assert!(id.starts_with("19:") && id.ends_with("1@thread.v2"), "{id}");
    assert_eq!(thread["topic"], "Lunch");
    assert_eq!(
        thread["createdByCommunicationIdentifier"]["rawId"],
        alice.id
    );
    assert!(thread["createdOn"].as_str().unwrap().ends_with('Z'));
    for absent in ["metadata", "retentionPolicy"] {
        assert_eq!(thread.get(absent), None, "{absent}");
    }
    assert_eq!(created.body.get("invalidParticipants"), None);
    let address = format!(
        "{}/chat/threads/{}",
        emulator.endpoint(),
        id.replace(':', "%3A")
    );
    assert_eq!(created.header("location"), Some(address.as_str()));
    // chat 6
    assert_eq!(
        created.header("content-type"),
        Some("application/json; charset=utf-8")
    );
}

// chat 4
#[tokio::test]
async fn a_thread_is_found_by_its_id_encoded_and_not() {
    let (_emulator, caller) = start().await;
    let alice = user(&caller).await;
    let encoded = alice.thread_with(&[]).await;
    let plain = encoded.replace("%3A", ":").replace("%40", "@");
    let lower_case = encoded.replace("%3A", "%3a");
    for path in [&encoded, &plain, &lower_case] {
        alice.get(path).await.expect(200);
        alice.get(&format!("{path}/participants")).await.expect(200);
    }
}

// chat 13, 14
#[tokio::test]
async fn the_same_request_id_gives_the_same_thread_under_either_header() {
    let (_emulator, caller) = start().await;
    let alice = user(&caller).await;
    let create = |header: &'static str, value: &str, topic: &str| {
        let request = alice.request("POST", "threads").header(header, value);
        request.json(&json!({ "topic": topic })).send_unsigned()
    };
    let first = create("repeatability-request-id", "contoso-1", "One")
        .await
        .expect(201)
        .body;
    let again = create("Repeatability-Request-ID", "contoso-1", "Two")
        .await
        .expect(201)
        .body;
    let alias = create("idempotency-token", "contoso-1", "One")
        .await
        .expect(201)
        .body;
    assert_eq!(first, again);
    assert_eq!(first, alias);
    let other = create("repeatability-request-id", "contoso-2", "One")
        .await
        .expect(201)
        .body;
    assert_ne!(first, other);
    assert_eq!(
        alice.get("threads").await.expect(200).body["value"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
}

// chat 3, 17, 18, 22, 24
#[tokio::test]
async fn a_thread_is_changed_and_deleted_without_an_answer_s_body() {
    let (_emulator, caller) = start().await;
    let alice = user(&caller).await;
    let retention = json!({ "kind": "threadCreationDate", "deleteThreadAfterDays": 30 });
    let body = json!({ "topic": "Lunch", "metadata": { "a": "1", "b": "2" }, "retentionPolicy": retention });
    let created = alice.post("threads", body).await.expect(201).body;
    let path = format!("threads/{}", created["chatThread"]["id"].as_str().unwrap());
    assert_eq!(created["chatThread"]["retentionPolicy"], retention);

    let patch = json!({ "topic": "Dinner", "metadata": { "a": null, "c": "3" }, "retentionPolicy": { "kind": "none" } });
    let changed = alice.patch(&path, patch).await.expect(204);
    assert_eq!(
        (changed.body, changed.headers.get("content-type")),
        (json!(null), None)
    );
    let thread = alice.get(&path).await.expect(200).body;
    assert_eq!(thread["topic"], "Dinner");
    assert_eq!(thread["metadata"], json!({ "b": "2", "c": "3" }));
    assert_eq!(thread["retentionPolicy"], json!({ "kind": "none" }));
    alice
        .patch(&path, json!({ "metadata": null, "retentionPolicy": null }))
        .await
        .expect(204);
    let thread = alice.get(&path).await.expect(200).body;
    assert_eq!(
        (thread.get("metadata"), thread.get("retentionPolicy")),
        (None, None)
    );

    alice.delete(&path).await.expect(204);
    let gone = alice.get(&path).await.expect(404);
    assert_eq!(chat_error(&gone).0, "NotFound");
}

// chat 2, auth 71
#[tokio::test]
async fn older_versions_neither_show_nor_take_what_came_later() {
    let (_emulator, caller) = start().await;
    let alice = user(&caller).await;
    let body = json!({ "topic": "Lunch", "metadata": { "a": "1" }, "retentionPolicy": "not even looked at" });
    let target = "/chat/threads?api-version=2024-03-07";
    let old = alice
        .bearing("POST", target)
        .json(&body)
        .send_unsigned()
        .await
        .expect(201)
        .body;
    let id = old["chatThread"]["id"].as_str().unwrap().to_owned();
    assert_eq!(
        old["chatThread"]["createdByCommunicationIdentifier"]["kind"],
        "communicationUser"
    );
    assert_eq!(
        alice
            .get(&format!("threads/{id}"))
            .await
            .body
            .get("metadata"),
        None
    );

    alice
        .patch(
            &format!("threads/{id}"),
            json!({ "metadata": { "a": "1" } }),
        )
        .await
        .expect(204);
    for (version, has_metadata, has_kind) in [
        ("2025-03-15", true, true),
        ("2024-03-07", false, true),
        ("2023-11-07", false, true),
        ("2021-09-07", false, false),
        ("2021-03-07", false, false),
    ] {
        let target = format!("/chat/threads/{id}?api-version={version}");
        let shown = alice
            .bearing("GET", &target)
            .send_unsigned()
            .await
            .expect(200)
            .body;
        assert_eq!(shown.get("metadata").is_some(), has_metadata, "{version}");
        let creator = &shown["createdByCommunicationIdentifier"];
        assert_eq!(creator.get("kind").is_some(), has_kind, "{version}");
    }
    let unknown = alice.bearing("GET", "/chat/threads?api-version=2020-01-01");
    let unknown = unknown.send_unsigned().await.expect(400);
    assert_eq!(chat_error(&unknown).0, "UnsupportedApiVersion");
    let versions = "2021-03-07, 2021-09-07, 2023-11-07, 2024-03-07, 2025-03-15";
    assert_eq!(unknown.header("api-supported-versions"), Some(versions));
}
