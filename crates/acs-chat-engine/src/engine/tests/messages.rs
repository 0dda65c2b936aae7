//! Messages: sending, changing, deleting, and what their events say.

use super::*;
use crate::command::{MessagePatch, Metadata, MetadataPatch};
use crate::message::MessageType;

fn edit(thread_id: &str, message_id: &str, content: &str) -> Command {
    let content = Some(content.to_owned());
    patch(
        thread_id,
        message_id,
        MessagePatch {
            content,
            ..MessagePatch::default()
        },
    )
}

fn patch(thread_id: &str, message_id: &str, patch: MessagePatch) -> Command {
    Command::EditMessage {
        thread_id: thread_id.to_owned(),
        message_id: message_id.to_owned(),
        patch,
    }
}

fn delete(thread_id: &str, message_id: &str) -> Command {
    Command::DeleteMessage {
        thread_id: thread_id.to_owned(),
        message_id: message_id.to_owned(),
    }
}

// chat 25, 26, 27, 29
#[test]
fn a_message_is_named_by_its_arrival_and_numbered_after_those_before() {
    let mut chat = Chat::new();
    let thread_id = chat.thread();
    chat.wait(60);
    let message_id = chat.send(BOB, &thread_id, "hello");
    assert_eq!(message_id, chat.millis().to_string());
    assert_eq!(
        chat.message(&thread_id, &message_id),
        json!({
            "id": message_id,
            "type": "text",
            "sequenceId": "3",
            "version": message_id,
            "content": { "message": "hello" },
            "senderDisplayName": "",
            "createdOn": "2024-01-01T12:01:00Z",
            "senderCommunicationIdentifier": {
                "kind": "communicationUser", "rawId": BOB, "communicationUser": { "id": BOB },
            },
        })
    );
    let next = chat.send(BOB, &thread_id, "in the same millisecond");
    assert_eq!(next, (chat.millis() + 1).to_string());
}

// chat 32, 34, 93
#[test]
fn an_edited_message_keeps_its_id_and_moves_to_the_top() {
    let mut chat = Chat::new();
    let thread_id = chat.thread();
    let command = Command::SendMessage {
        thread_id: thread_id.to_string(),
        message: NewMessage {
            content: "one".to_owned(),
            metadata: Metadata::from([("k".to_owned(), "v".to_owned())]),
            sender_display_name: Some("Bob".to_owned()),
            message_type: MessageType::Html,
        },
    };
    let Ok(Answer::Sent { message_id }) = chat.outcome(&caller(BOB), command).answer else {
        panic!("not sent");
    };
    let message_id = message_id.to_string();
    chat.send(ALICE, &thread_id, "two");
    chat.wait(60);
    let events = chat.done(BOB, edit(&thread_id, &message_id, "one again"));
    let edited = chat.message(&thread_id, &message_id);
    assert_eq!(edited["sequenceId"], "5");
    assert_eq!(edited["version"], chat.millis().to_string());
    assert_eq!(edited["createdOn"], "2024-01-01T12:00:00Z");
    assert_eq!(edited["editedOn"], "2024-01-01T12:01:00Z");
    assert_eq!(edited["metadata"], json!({ "k": "v" }));
    assert_eq!(chat.seen_by(ALICE, &thread_id)[..2], ["one again", "two"]);

    assert_eq!(
        kinds(&events),
        [
            EventKind::ChatMessageEdited,
            EventKind::ChatMessageEditedInThread
        ]
    );
    let data = json!(events[0].data);
    assert_eq!(data["messageId"], message_id);
    assert_eq!(data["version"], chat.millis());
    assert_eq!(data["editTime"], "2024-01-01T12:01:00.250Z");

    let removal = MetadataPatch::Set([("k".to_owned(), Some(String::new()))].into());
    chat.done(
        BOB,
        patch(
            &thread_id,
            &message_id,
            MessagePatch {
                metadata: removal,
                content: None,
            },
        ),
    );
    let edited = chat.message(&thread_id, &message_id);
    assert_eq!(
        (edited.get("metadata"), &edited["content"]["message"]),
        (None, &json!("one again"))
    );
}

// chat 35
#[test]
fn an_edit_that_says_nothing_changes_nothing() {
    let mut chat = Chat::new();
    let thread_id = chat.thread();
    let message_id = chat.send(BOB, &thread_id, "hello");
    let before = chat.message(&thread_id, &message_id);
    chat.wait(60);
    assert_eq!(
        chat.done(BOB, patch(&thread_id, &message_id, MessagePatch::default())),
        []
    );
    assert_eq!(chat.message(&thread_id, &message_id), before);
}

// chat 33
#[test]
fn a_deleted_message_stays_as_a_tombstone() {
    let mut chat = Chat::new();
    let thread_id = chat.thread();
    let message_id = chat.send(BOB, &thread_id, "hello");
    chat.done(BOB, edit(&thread_id, &message_id, "hello?"));
    chat.wait(60);
    let events = chat.done(BOB, delete(&thread_id, &message_id));
    let tombstone = chat.message(&thread_id, &message_id);
    assert_eq!(tombstone["content"], json!({ "message": "" }));
    assert_eq!(tombstone["deletedOn"], "2024-01-01T12:01:00Z");
    assert_eq!(
        (&tombstone["sequenceId"], &tombstone["type"]),
        (&json!("5"), &json!("text"))
    );
    assert_eq!(tombstone["senderCommunicationIdentifier"]["rawId"], BOB);
    for absent in ["editedOn", "metadata"] {
        assert_eq!(tombstone.get(absent), None, "{absent}");
    }
    let data = json!(events[1].data);
    assert_eq!(data["deleteTime"], "2024-01-01T12:01:00.25+00:00");
    assert_eq!(data.get("messageBody"), None);

    assert_eq!(chat.done(BOB, delete(&thread_id, &message_id)), []);
    let refusal = chat.refused(&caller(BOB), edit(&thread_id, &message_id, "back"));
    assert_eq!(refusal.kind, RefusalKind::NotFound);
}

// chat 36
#[test]
fn only_the_sender_changes_a_message_and_nobody_those_of_the_service() {
    let mut chat = Chat::new();
    let thread_id = chat.thread();
    let message_id = chat.send(BOB, &thread_id, "hello");
    let of_service = chat.millis().to_string();
    for (message_id, raw_id) in [
        (&message_id, ALICE),
        (&of_service, ALICE),
        (&of_service, BOB),
    ] {
        for command in [
            edit(&thread_id, message_id, "mine"),
            delete(&thread_id, message_id),
        ] {
            let refusal = chat.refused(&caller(raw_id), command);
            assert_eq!(refusal.kind, RefusalKind::Forbidden);
        }
    }
}

// chat 41
#[test]
fn an_unknown_message_is_not_found_under_any_spelling() {
    let mut chat = Chat::new();
    let thread_id = chat.thread();
    let message_id = chat.send(BOB, &thread_id, "hello");
    for wrong in [
        "1",
        "",
        "x",
        "-1",
        "99999999999999999999999",
        &format!("+{message_id}"),
        &format!("0{message_id}"),
    ] {
        let refusal = chat
            .engine
            .message(&caller(BOB), &thread_id, wrong, newest());
        assert_eq!(refusal.unwrap_err().kind, RefusalKind::NotFound, "{wrong}");
        chat.refused(&caller(BOB), edit(&thread_id, wrong, "x"));
        chat.refused(&caller(BOB), delete(&thread_id, wrong));
    }
}

// chat 37
#[test]
fn a_message_may_have_28_kilobytes() {
    let mut chat = Chat::new();
    let thread_id = chat.thread();
    let most = 28 * 1024;
    let message_id = chat.send(BOB, &thread_id, &"x".repeat(most));
    let refusal = chat.refused(&caller(BOB), send(&thread_id, &"x".repeat(most + 1)));
    assert!(refusal.message.contains("`content`"), "{refusal}");
    chat.refused(
        &caller(BOB),
        edit(&thread_id, &message_id, &"é".repeat(most / 2 + 1)),
    );
}

// chat 80, 81, 84, 86, 87, 90
#[test]
fn a_message_is_told_to_each_other_participant_and_once_to_the_thread() {
    let mut chat = Chat::new();
    let (thread_id, _) = chat.create(ALICE, with_participants(&[BOB, CAROL]));
    let events = chat.done(BOB, send(&thread_id, "hello"));
    let per_user = EventKind::ChatMessageReceived;
    assert_eq!(
        kinds(&events),
        [per_user, per_user, EventKind::ChatMessageReceivedInThread]
    );
    let sender = format!("thread/{thread_id}/sender/{BOB}");
    let subjects: Vec<&str> = events.iter().map(|event| event.subject.as_str()).collect();
    assert_eq!(
        subjects,
        [
            format!("{sender}/recipient/{ALICE}"),
            format!("{sender}/recipient/{CAROL}"),
            sender
        ]
    );
    let who = |raw_id: &str| json!({ "kind": "communicationUser", "rawId": raw_id, "communicationUser": { "id": raw_id } });
    let data = json!(events[0].data);
    let transaction = data["transactionId"].as_str().unwrap();
    let version = chat.millis() + 2;
    assert_eq!(
        data,
        json!({
            "recipientCommunicationIdentifier": who(ALICE),
            "recipientId": ALICE,
            "transactionId": transaction,
            "threadId": *thread_id,
            "messageId": version.to_string(),
            "senderCommunicationIdentifier": who(BOB),
            "senderId": BOB,
            "senderDisplayName": "",
            "composeTime": "2024-01-01T12:00:00.250Z",
            "type": "Text",
            "version": version,
            "messageBody": "hello",
            "metadata": {},
        })
    );
    let in_thread = json!(events[2].data);
    assert_eq!(in_thread["transactionId"], transaction);
    assert_eq!(in_thread["composeTime"], "2024-01-01T12:00:00.25+00:00");
    for absent in [
        "recipientCommunicationIdentifier",
        "recipientId",
        "senderId",
    ] {
        assert_eq!(in_thread.get(absent), None, "{absent}");
    }
}
