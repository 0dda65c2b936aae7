//! The calls of the chat service.

use acs_chat::{ChatParticipant, ChatThreadClient, CommunicationUserIdentifier};

use crate::{Clients, OperationCall, Proof, action, all, delete, done, read};

const THREADS: &str = "/chat/threads";
const THREAD: &str = "/chat/threads/t";
const MESSAGES: &str = "/chat/threads/t/messages";
const MESSAGE: &str = "/chat/threads/t/messages/1";
const PARTICIPANTS: &str = "/chat/threads/t/participants";
const RECEIPTS: &str = "/chat/threads/t/readReceipts";

const PAGE: &str = r#"{"value":[]}"#;
const CREATED: &str = r#"{"chatThread":{"id":"t","topic":"a","createdOn":"2024-01-18T09:30:00Z",
    "createdByCommunicationIdentifier":{"rawId":"8:acs:r_u"}}}"#;
const PROPERTIES: &str = r#"{"id":"t","topic":"a","createdOn":"2024-01-18T09:30:00Z",
    "createdByCommunicationIdentifier":{"rawId":"8:acs:r_u"}}"#;
const SENT: &str = r#"{"id":"1"}"#;
const RECEIVED: &str =
    r#"{"id":"1","type":"text","sequenceId":"1","version":"1","createdOn":"2024-01-18T09:30:00Z"}"#;
const USER: &str = r#"{"rawId":"8:acs:r_u","communicationUser":{"id":"8:acs:r_u"}}"#;
const ADDITION: &str = r#"{"participants":[{"communicationIdentifier":
    {"rawId":"8:acs:r_u","communicationUser":{"id":"8:acs:r_u"}}}]}"#;

/// One call of each operation, in the order of the fact table.
pub(crate) const CALLS: [OperationCall; 16] = [
    OperationCall {
        body: r#"{"topic":"a"}"#,
        status: 201,
        // It carries an idempotency token.
        is_repeatable: true,
        ..of_chat(action("createChatThread", THREADS, CREATED, |client| {
            done(client.chat.create_thread("a"))
        }))
    },
    of_chat(read("listChatThreads", THREADS, PAGE, |client| {
        all(client.chat.list_threads().into_stream())
    })),
    of_chat(delete("deleteChatThread", THREAD, |client| {
        done(client.chat.delete_thread("t"))
    })),
    of_chat(read("listChatReadReceipts", RECEIPTS, PAGE, |client| {
        all(thread(&client).list_read_receipts().into_stream())
    })),
    OperationCall {
        body: r#"{"chatMessageId":"1"}"#,
        ..of_chat(action("sendChatReadReceipt", RECEIPTS, "", |client| {
            done(thread(&client).send_read_receipt("1"))
        }))
    },
    OperationCall {
        body: r#"{"content":"hello"}"#,
        status: 201,
        ..of_chat(action("sendChatMessage", MESSAGES, SENT, |client| {
            done(thread(&client).send_message("hello"))
        }))
    },
    of_chat(read("listChatMessages", MESSAGES, PAGE, |client| {
        all(thread(&client).list_messages().into_stream())
    })),
    of_chat(read("getChatMessage", MESSAGE, RECEIVED, |client| {
        done(thread(&client).get_message("1"))
    })),
    change("updateChatMessage", MESSAGE, "{}", |client| {
        done(thread(&client).update_message("1"))
    }),
    of_chat(delete("deleteChatMessage", MESSAGE, |client| {
        done(thread(&client).delete_message("1"))
    })),
    of_chat(read("listChatParticipants", PARTICIPANTS, PAGE, |client| {
        all(thread(&client).list_participants().into_stream())
    })),
    OperationCall {
        body: USER,
        status: 204,
        ..of_chat(action(
            "removeChatParticipant",
            "/chat/threads/t/participants/:remove",
            "",
            |client| done(thread(&client).remove_participant(user())),
        ))
    },
    OperationCall {
        body: ADDITION,
        status: 201,
        ..of_chat(action(
            "addChatParticipants",
            "/chat/threads/t/participants/:add",
            "{}",
            |client| done(thread(&client).add_participants([ChatParticipant::new(user())])),
        ))
    },
    change(
        "updateChatThreadProperties",
        THREAD,
        r#"{"topic":"b"}"#,
        |client| done(thread(&client).update_topic("b")),
    ),
    of_chat(read(
        "getChatThreadProperties",
        THREAD,
        PROPERTIES,
        |client| done(thread(&client).get_properties()),
    )),
    of_chat(action(
        "sendTypingNotification",
        "/chat/threads/t/typing",
        "",
        |client| done(thread(&client).send_typing_notification()),
    )),
];

const fn of_chat(call: OperationCall) -> OperationCall {
    OperationCall {
        api_version: "2025-03-15",
        proof: Proof::UserToken,
        ..call
    }
}

const fn change(
    operation: &'static str,
    path: &'static str,
    body: &'static str,
    call: crate::Call,
) -> OperationCall {
    OperationCall {
        method: "PATCH",
        body,
        ..of_chat(delete(operation, path, call))
    }
}

fn thread(client: &Clients) -> ChatThreadClient {
    client.chat.thread_client("t")
}

fn user() -> CommunicationUserIdentifier {
    CommunicationUserIdentifier::new("8:acs:r_u")
}
