//! Messages, receipts and typing.

use serde_json::json;

use crate::caller::start;
use crate::user::{chat_error, user};

// chat 7, 25, 26, 32, 33, 34, 35
#[tokio::test]
async fn a_message_is_sent_read_changed_and_deleted() {
    let (emulator, caller) = start().await;
    let alice = user(&caller).await;
    let thread = alice.thread_with(&[]).await;
    let body = json!({ "content": "<b>hi</b>", "type": "html", "senderDisplayName": "Alice", "metadata": { "k": "v" } });
    let sent = alice
        .post(&format!("{thread}/messages"), body)
        .await
        .expect(201);
    let id = sent.body["id"].as_str().unwrap();
    let address = format!(
        "{}/chat/{}/messages/{id}",
        emulator.endpoint(),
        thread.replace("%40", "@")
    );
    assert_eq!(sent.header("location"), Some(address.as_str()));

    let path = format!("{thread}/messages/{id}");
    let message = alice.get(&path).await.expect(200).body;
    assert_eq!(message["content"], json!({ "message": "<b>hi</b>" }));
    assert_eq!(
        (&message["type"], &message["sequenceId"]),
        (&json!("html"), &json!("3"))
    );
    assert_eq!(message["senderDisplayName"], "Alice");

    alice
        .patch(&path, json!({ "content": "hello" }))
        .await
        .expect(204);
    alice
        .patch(&path, json!({ "metadata": { "k": "" } }))
        .await
        .expect(204);
    alice.patch(&path, json!({})).await.expect(204);
    let edited = alice.get(&path).await.expect(200).body;
    assert_eq!(edited["content"], json!({ "message": "hello" }));
    assert_eq!(
        (edited.get("metadata"), &edited["sequenceId"]),
        (None, &json!("5"))
    );
    assert!(edited["editedOn"].is_string() && edited["version"].as_str() > Some(id));

    alice.delete(&path).await.expect(204);
    let tombstone = alice.get(&path).await.expect(200).body;
    assert_eq!(tombstone["content"], json!({ "message": "" }));
    assert!(tombstone["deletedOn"].is_string() && tombstone.get("editedOn").is_none());
}

// chat 5, 6, 62, 63, 67
#[tokio::test]
async fn receipts_and_typing_are_answered_without_a_body() {
    let (_emulator, caller) = start().await;
    let (alice, bob) = (user(&caller).await, user(&caller).await);
    let thread = alice.thread_with(&[&bob]).await;
    let id = alice.send(&thread, "hello").await;
    let receipts = format!("{thread}/readReceipts");
    let read = bob
        .post(&receipts, json!({ "chatMessageId": id }))
        .await
        .expect(200);
    assert_eq!(
        (read.body, read.headers.get("content-type")),
        (json!(null), None)
    );
    let shown = alice.get(&receipts).await.expect(200).body;
    assert_eq!(shown["value"][0]["chatMessageId"], id);
    assert_eq!(
        shown["value"][0]["senderCommunicationIdentifier"]["rawId"],
        bob.id
    );

    let typing = format!("{thread}/typing");
    bob.request("POST", &typing)
        .send_unsigned()
        .await
        .expect(200);
    bob.post(&typing, json!({})).await.expect(200);
    bob.post(&typing, json!({ "senderDisplayName": "Bob" }))
        .await
        .expect(200);
    let messages = alice.get(&format!("{thread}/messages")).await.body;
    assert_eq!(messages["value"].as_array().unwrap().len(), 3);
}

// chat 36
#[tokio::test]
async fn nobody_changes_the_messages_of_others() {
    let (_emulator, caller) = start().await;
    let (alice, bob) = (user(&caller).await, user(&caller).await);
    let thread = alice.thread_with(&[&bob]).await;
    let path = format!("{thread}/messages/{}", alice.send(&thread, "mine").await);
    for answer in [
        bob.patch(&path, json!({ "content": "his" })).await,
        bob.delete(&path).await,
    ] {
        assert_eq!(chat_error(&answer.expect(403)).0, "Forbidden");
    }
    assert_eq!(alice.get(&path).await.body["content"]["message"], "mine");
}

// chat 2, 5, 26
#[tokio::test]
async fn the_oldest_version_knows_no_metadata_of_messages_and_no_name_of_who_types() {
    let (_emulator, caller) = start().await;
    let alice = user(&caller).await;
    let thread = alice.thread_with(&[]).await;
    let at = |version: &str, path: &str| format!("/chat/{thread}{path}?api-version={version}");
    let mut shown = Vec::new();
    for version in ["2021-03-07", "2021-09-07"] {
        let body = json!({ "content": "hi", "metadata": { "k": "v" } });
        let send = alice.bearing("POST", &at(version, "/messages")).json(&body);
        let sent = send.send_unsigned().await.expect(201);
        let path = format!("/messages/{}", sent.body["id"].as_str().unwrap());
        for reader in ["2021-03-07", "2021-09-07"] {
            let read = alice.bearing("GET", &at(reader, &path));
            let message = read.send_unsigned().await.expect(200).body;
            shown.push(message.get("metadata").is_some());
        }
    }
    assert_eq!(shown, [false, false, false, true]);
    for (version, status) in [("2021-03-07", 200), ("2021-09-07", 400)] {
        let name = json!({ "senderDisplayName": 7 });
        let typing = alice.bearing("POST", &at(version, "/typing")).json(&name);
        typing.send_unsigned().await.expect(status);
    }
}
