//! Messages, read receipts and typing.

use acs_chat::{
    ChatAttachmentType, ChatClient, ChatMessage, ChatMessageContent, ChatMessagePatch,
    ChatMessageType, Patch, PatchMap, Timestamp,
};
use acs_test_support::AcsMockServer;
use serde_json::{Value, json};

use super::{Case, THREAD, THREAD_ID, participants, user};
use crate::case::{Called as _, created, listed, no_content, ok, page_at, shown};

const MESSAGES: &str = "/chat/threads/19%3Aabc_1@thread.v2/messages";
const MESSAGE: &str = "/chat/threads/19%3Aabc_1@thread.v2/messages/1623798244331";
const MESSAGE_ID: &str = "1623798244331";
const RECEIPTS: &str = "/chat/threads/19%3Aabc_1@thread.v2/readReceipts";
const TYPING: &str = "/chat/threads/19%3Aabc_1@thread.v2/typing";

/// A message of a user as the service answers it, with every member set.
fn message() -> Value {
    json!({
        "id": MESSAGE_ID,
        "type": "html",
        "sequenceId": "4",
        "version": "1623798250000",
        "content": {
            "message": "<b>hello</b>",
            "attachments": [{
                "id": "a-1",
                "attachmentType": "image",
                "name": "plan.png",
                "url": "https://contoso.example/plan.png",
                "previewUrl": "https://contoso.example/small.png",
            }],
        },
        "senderDisplayName": "Ann",
        "createdOn": "2021-06-15T23:04:04Z",
        "senderCommunicationIdentifier": user(),
        "deletedOn": "2021-06-15T23:04:14Z",
        "editedOn": "2021-06-15T23:04:10Z",
        "metadata": {"tags": "lunch"},
    })
}

fn of_the_system(number: u8, message_type: &str, content: &Value) -> Value {
    let id = format!("162379824433{number}");
    json!({
        "id": id, "type": message_type, "sequenceId": number.to_string(), "version": id,
        "createdOn": "2021-06-15T23:04:04Z", "content": content,
    })
}

/// One message of each type of the system.
fn system_messages() -> Value {
    let initiator = user();
    let members =
        json!({"participants": participants(), "initiatorCommunicationIdentifier": initiator});
    json!([
        of_the_system(3, "participantRemoved", &members),
        of_the_system(
            2,
            "topicUpdated",
            &json!({"topic": "Lunch", "initiatorCommunicationIdentifier": initiator})
        ),
        of_the_system(1, "participantAdded", &members),
    ])
}

pub(super) fn cases() -> Vec<Case> {
    vec![
        Case {
            name: "sending a message with everything",
            request: |server| {
                server.chat("POST", MESSAGES).json(json!({
                    "content": "<b>hello</b>",
                    "type": "html",
                    "senderDisplayName": "Ann",
                    "metadata": {"tags": "lunch", "kind": "question"},
                }))
            },
            answer: created(json!({"id": MESSAGE_ID})),
            call: |client| {
                let thread = client.thread_client(THREAD_ID);
                let call = thread
                    .send_message("<b>hello</b>")
                    .html()
                    .sender_display_name("Ann")
                    .metadata("tags", "lunch")
                    .metadata("kind", "question");
                shown(call)
            },
        },
        Case {
            name: "sending a message as text",
            request: |server| {
                let body = json!({"content": "hello", "type": "text"});
                server.chat("POST", MESSAGES).json(body)
            },
            answer: created(json!({"id": MESSAGE_ID})),
            call: |client| {
                let thread = client.thread_client(THREAD_ID);
                shown(
                    thread
                        .send_message("hello")
                        .message_type(ChatMessageType::Text),
                )
            },
        },
        Case {
            name: "listing messages",
            request: |server| {
                server
                    .chat("GET", MESSAGES)
                    .query("maxPageSize", "3")
                    .query("startTime", "2024-01-18T09:30:00+00:00")
            },
            answer: page_at(MESSAGES, system_messages()),
            call: |client| {
                let since = Timestamp::parse("2024-01-18T09:30:00Z").expect("a time");
                let thread = client.thread_client(THREAD_ID);
                listed(
                    thread
                        .list_messages()
                        .page_size(3)
                        .start_time(since)
                        .into_stream(),
                )
            },
        },
        Case {
            name: "reading a message",
            request: |server| server.chat("GET", MESSAGE),
            answer: ok(message()),
            call: |client| shown(client.thread_client(THREAD_ID).get_message(MESSAGE_ID)),
        },
        Case {
            name: "changing a message",
            request: |server| {
                let patch =
                    json!({"content": "good bye", "metadata": {"tags": "dinner", "kind": ""}});
                server.chat("PATCH", MESSAGE).merge_patch(patch)
            },
            answer: no_content(),
            call: |client| {
                let thread = client.thread_client(THREAD_ID);
                let call = thread
                    .update_message(MESSAGE_ID)
                    .content("good bye")
                    .metadata("tags", "dinner")
                    .metadata("kind", "");
                shown(call)
            },
        },
        Case {
            name: "changing a message without content",
            request: |server| server.chat("PATCH", MESSAGE).merge_patch(json!({})),
            answer: no_content(),
            call: |client| shown(client.thread_client(THREAD_ID).update_message(MESSAGE_ID)),
        },
        Case {
            name: "a message with everything cleared",
            request: |server| {
                let patch = json!({"content": null, "metadata": null});
                server.chat("PATCH", MESSAGE).merge_patch(patch)
            },
            answer: no_content(),
            call: |client| {
                let patch = ChatMessagePatch {
                    content: Patch::Clear,
                    metadata: Patch::Clear,
                };
                let thread = client.thread_client(THREAD_ID);
                shown(thread.update_message(MESSAGE_ID).patch(patch))
            },
        },
        Case {
            name: "an entry removed from a message",
            request: |server| {
                let patch = json!({"metadata": {"tags": null}});
                server.chat("PATCH", MESSAGE).merge_patch(patch)
            },
            answer: no_content(),
            call: |client| {
                let patch = ChatMessagePatch {
                    metadata: PatchMap::new().remove("tags").into(),
                    ..ChatMessagePatch::default()
                };
                let thread = client.thread_client(THREAD_ID);
                shown(thread.update_message(MESSAGE_ID).patch(patch))
            },
        },
        Case {
            name: "deleting a message",
            request: |server| server.chat("DELETE", MESSAGE),
            answer: no_content(),
            call: |client| shown(client.thread_client(THREAD_ID).delete_message(MESSAGE_ID)),
        },
        Case {
            name: "sending a read receipt",
            request: |server| {
                let body = json!({"chatMessageId": MESSAGE_ID});
                server.chat("POST", RECEIPTS).json(body)
            },
            answer: ok(Value::Null),
            call: |client| {
                shown(
                    client
                        .thread_client(THREAD_ID)
                        .send_read_receipt(MESSAGE_ID),
                )
            },
        },
        Case {
            name: "listing read receipts",
            request: |server| {
                server
                    .chat("GET", RECEIPTS)
                    .query("maxPageSize", "5")
                    .query("skip", "2")
            },
            answer: page_at(
                RECEIPTS,
                json!([{
                    "senderCommunicationIdentifier": user(),
                    "chatMessageId": MESSAGE_ID,
                    "readOn": "2021-06-15T23:04:04Z",
                }]),
            ),
            call: |client| {
                let thread = client.thread_client(THREAD_ID);
                listed(
                    thread
                        .list_read_receipts()
                        .page_size(5)
                        .skip(2)
                        .into_stream(),
                )
            },
        },
        Case {
            name: "typing without a name",
            request: |server| server.chat("POST", TYPING),
            answer: ok(Value::Null),
            call: |client| shown(client.thread_client(THREAD_ID).send_typing_notification()),
        },
        Case {
            name: "typing with a name",
            request: |server| {
                let body = json!({"senderDisplayName": "Ann"});
                server.chat("POST", TYPING).json(body)
            },
            answer: ok(Value::Null),
            call: |client| {
                let thread = client.thread_client(THREAD_ID);
                shown(thread.send_typing_notification().sender_display_name("Ann"))
            },
        },
    ]
}

async fn read(answer: &Value) -> ChatMessage {
    let server = AcsMockServer::start().await;
    server
        .chat("GET", MESSAGE)
        .answer(200, answer)
        .mount()
        .await;
    let thread = ChatClient::of(&server).thread_client(THREAD_ID);
    let message = thread.get_message(MESSAGE_ID).await.expect("message");
    server.verify().await;
    message.into_inner()
}

#[tokio::test]
async fn a_message_reads_into_its_model_member_by_member() {
    let message = read(&message()).await;

    assert_eq!(message.id, MESSAGE_ID);
    assert_eq!(
        (message.sequence_id.as_str(), message.version.as_str()),
        ("4", "1623798250000")
    );
    assert_eq!(
        message.sender.as_ref().expect("sender").raw_id(),
        "8:acs:r_ann"
    );
    assert_eq!(message.sender_display_name.as_deref(), Some("Ann"));
    assert_eq!(message.metadata["tags"], "lunch");
    let times = [
        Some(message.created_on),
        message.edited_on,
        message.deleted_on,
    ];
    assert!(times.is_sorted() && times.iter().all(Option::is_some));
    assert!(message.is_deleted() && !message.is_system());
    assert_eq!(message.text(), Some("<b>hello</b>"));
    let ChatMessageContent::Html { attachments, .. } = &message.content else {
        panic!("{message:?}");
    };
    assert_eq!(attachments[0].attachment_type, ChatAttachmentType::Image);
}

#[tokio::test]
async fn messages_of_the_system_are_typed() {
    let all = system_messages();
    let removed = read(&all[0]).await;
    let topic = read(&all[1]).await;
    let added = read(&all[2]).await;

    for message in [&removed, &topic, &added] {
        assert!(message.is_system() && message.sender.is_none() && message.text().is_none());
    }
    let ChatMessageContent::TopicUpdated { topic, initiator } = topic.content else {
        panic!("a topic");
    };
    assert_eq!(topic, "Lunch");
    assert_eq!(initiator.expect("initiator").raw_id(), "8:acs:r_ann");
    let ChatMessageContent::ParticipantAdded { participants, .. } = added.content else {
        panic!("an addition");
    };
    let kinds: Vec<_> = participants.iter().map(|it| it.identifier.kind()).collect();
    assert_eq!(
        kinds,
        [
            "communicationUser",
            "phoneNumber",
            "microsoftTeamsUser",
            "microsoftTeamsApp"
        ]
    );
    let ChatMessageContent::ParticipantRemoved { participants, .. } = removed.content else {
        panic!("a removal");
    };
    assert_eq!(participants[0].display_name.as_deref(), Some("Ann"));
}

#[tokio::test]
async fn a_sent_message_says_where_it_is() {
    let server = AcsMockServer::start().await;
    let location = format!("https://contoso.example{THREAD}/messages/{MESSAGE_ID}");
    let answer = wiremock::ResponseTemplate::new(201)
        .insert_header("location", location.as_str())
        .set_body_json(json!({"id": MESSAGE_ID}));
    let body = json!({"content": "hello"});
    server
        .chat("POST", MESSAGES)
        .json(body)
        .answer_with(answer)
        .mount()
        .await;

    let thread = ChatClient::of(&server).thread_client(THREAD_ID);
    let sent = thread.send_message("hello").await.expect("sent");

    assert_eq!(sent.id, MESSAGE_ID);
    assert_eq!(sent.headers()["location"], location);
    server.verify().await;
}
