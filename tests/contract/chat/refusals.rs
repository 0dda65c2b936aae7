//! What is refused before anything is sent.

use acs_chat::{
    ChatClient, ChatParticipant, CommunicationIdentifier, CommunicationUserIdentifier, Error,
    UnknownIdentifier, UserTokenCredential,
};
use acs_test_support::{AcsMockServer, USER_TOKEN};
use futures_util::TryStreamExt as _;

use super::THREAD_ID;
use crate::case::Called as _;

fn user() -> CommunicationUserIdentifier {
    CommunicationUserIdentifier::new("8:acs:r_u")
}

/// What the calls on a thread with this id, and on messages with this one, become.
async fn calls(
    chat: &ChatClient,
    thread_id: &str,
    message_id: &str,
) -> Vec<(&'static str, acs_chat::Result<()>)> {
    let thread = chat.thread_client(thread_id);
    let bob = || [ChatParticipant::new(user())];
    vec![
        ("thread id", chat.delete_thread(thread_id).await.map(drop)),
        ("thread id", thread.get_properties().await.map(drop)),
        ("thread id", thread.get_properties_opt().await.map(drop)),
        ("thread id", thread.update_topic("t").await.map(drop)),
        ("thread id", thread.send_message("m").await.map(drop)),
        (
            "thread id",
            thread
                .list_messages()
                .into_stream()
                .try_next()
                .await
                .map(drop),
        ),
        (
            "thread id",
            thread
                .messages_since(acs_chat::Timestamp::UNIX_EPOCH)
                .into_stream()
                .try_next()
                .await
                .map(drop),
        ),
        (
            "thread id",
            thread
                .list_participants()
                .into_stream()
                .try_next()
                .await
                .map(drop),
        ),
        ("thread id", thread.is_participant(user()).await.map(drop)),
        ("thread id", thread.add_participants(bob()).await.map(drop)),
        (
            "thread id",
            thread.add_participants_in_batches(bob()).await.map(drop),
        ),
        (
            "thread id",
            thread.remove_participant(user()).await.map(drop),
        ),
        (
            "thread id",
            thread.send_typing_notification().await.map(drop),
        ),
        (
            "thread id",
            thread
                .list_read_receipts()
                .into_stream()
                .try_next()
                .await
                .map(drop),
        ),
        ("message id", thread.get_message(message_id).await.map(drop)),
        (
            "message id",
            thread.get_message_opt(message_id).await.map(drop),
        ),
        (
            "message id",
            thread.update_message(message_id).await.map(drop),
        ),
        (
            "message id",
            thread.delete_message(message_id).await.map(drop),
        ),
        (
            "message id",
            thread.send_read_receipt(message_id).await.map(drop),
        ),
    ]
}

#[tokio::test]
async fn ids_that_would_call_something_else_are_refused_by_name() {
    let server = AcsMockServer::start().await;
    let chat = ChatClient::of(&server);
    for id in ["", ".", ".."] {
        for (name, refusal) in calls(&chat, id, id).await {
            let error = refusal.expect_err(name);
            assert!(matches!(error, Error::Config(_)), "{error:?}");
            assert!(error.to_string().contains(name), "{name}: {error}");
        }
    }
    assert_eq!(server.requests().await.len(), 0);
}

#[tokio::test]
async fn ids_cannot_lead_out_of_their_place_in_the_path() {
    let server = AcsMockServer::start().await;
    for (id, sent) in [
        ("../../identities", "..%2F..%2Fidentities"),
        ("a/messages/1?x=y#z", "a%2Fmessages%2F1%3Fx=y%23z"),
        ("a\\..\\b", "a%5C..%5Cb"),
        ("%2e%2e", "%252e%252e"),
    ] {
        let path = format!("/chat/threads/{sent}");
        server.chat("DELETE", path).answer_empty(204).mount().await;
        ChatClient::of(&server).delete_thread(id).await.expect(id);
    }
    server.verify().await;
}

#[tokio::test]
async fn what_is_empty_or_cannot_be_sent_is_refused_by_name() {
    let server = AcsMockServer::start().await;
    let chat = ChatClient::of(&server);
    let thread = chat.thread_client(THREAD_ID);
    for (name, refusal) in [
        ("topic", chat.create_thread("").await.map(drop)),
        ("topic", thread.update_topic("").await.map(drop)),
        (
            "idempotency token",
            chat.create_thread("t")
                .idempotency_token("")
                .await
                .map(drop),
        ),
        (
            "idempotency token",
            chat.create_thread("t")
                .idempotency_token("a\nb")
                .await
                .map(drop),
        ),
        ("participants", thread.add_participants([]).await.map(drop)),
        (
            "participants",
            thread.add_participants_in_batches([]).await.map(drop),
        ),
    ] {
        let error = refusal.expect_err(name);
        assert!(matches!(error, Error::Config(_)), "{error:?}");
        assert!(error.to_string().contains(name), "{name}: {error}");
    }
    assert_eq!(server.requests().await.len(), 0);
}

#[tokio::test]
async fn a_participant_whose_raw_id_names_nobody_is_refused_by_place() {
    let server = AcsMockServer::start().await;
    let chat = ChatClient::of(&server);
    let thread = chat.thread_client(THREAD_ID);
    for (raw_id, reason) in [("", "empty"), ("8:orgid:", "8:orgid:")] {
        let nobody = || CommunicationIdentifier::from(UnknownIdentifier::new(raw_id));
        let two = || [user().into(), nobody()].map(ChatParticipant::new);
        for (name, refusal) in [
            (
                "participants[1]",
                chat.create_thread("t").participants(two()).await.map(drop),
            ),
            (
                "participants[1]",
                thread.add_participants(two()).await.map(drop),
            ),
            (
                "participants[1]",
                thread
                    .add_participants_in_batches(two())
                    .batch_size(1)
                    .await
                    .map(drop),
            ),
            (
                "the participant",
                thread.remove_participant(nobody()).await.map(drop),
            ),
            (
                "the participant",
                thread.is_participant(nobody()).await.map(drop),
            ),
        ] {
            let error = refusal.expect_err(name);
            assert!(matches!(error, Error::Config(_)), "{error:?}");
            let error = error.to_string();
            assert!(error.contains(name) && error.contains(reason), "{error}");
        }
    }
    assert_eq!(server.requests().await.len(), 0);
}

#[test]
fn malformed_tokens_are_refused_by_the_part_and_never_shown() {
    for (token, part) in [
        ("", "text"),
        ("secret", "text"),
        ("eyJhbGciOiJub25lIn0.eyJleHAiOjk5OTk5OTk5OTl9.", "signature"),
        ("eyJhbGciOiJIUzI1NiJ9.e30.c2VjcmV0", "`exp` claim"),
    ] {
        let error = UserTokenCredential::from_token(token).expect_err(token);
        assert_eq!(error.part(), part);
        assert!(token.is_empty() || !format!("{error} {error:?}").contains(token));
    }
}

#[tokio::test]
async fn clients_and_calls_show_neither_token_nor_message() {
    let server = AcsMockServer::start().await;
    let chat = ChatClient::of(&server);
    let thread = chat.thread_client(THREAD_ID);
    let shown = format!(
        "{chat:?} {thread:?} {:?} {:?} {:?} {:?}",
        thread.send_message("between us"),
        thread.update_message("1").content("between us"),
        thread.get_properties(),
        thread
            .messages_since(acs_chat::Timestamp::UNIX_EPOCH)
            .into_stream(),
    );
    assert!(
        !shown.contains(USER_TOKEN) && !shown.contains("between us"),
        "{shown}"
    );
    assert!(shown.contains(THREAD_ID), "{shown}");
}
