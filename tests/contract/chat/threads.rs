//! Threads.

use acs_chat::{
    ChatClient, ChatParticipant, ChatRetentionPolicy, ChatThreadPatch, ClientOptions,
    CommunicationIdentifier, CommunicationUserIdentifier, CreatedThread,
    MicrosoftTeamsAppIdentifier, MicrosoftTeamsUserIdentifier, NoneRetentionPolicy, Patch,
    PatchMap, PhoneNumberIdentifier, RetryOptions, ThreadCreationDateRetentionPolicy, Timestamp,
};
use acs_test_support::{AcsMockServer, RawServer, Reaction};
use futures_util::TryFutureExt as _;
use serde_json::{Value, json};

use super::{Case, THREAD, THREAD_ID, client_of, error, user};
use crate::case::{Called as _, Given, created, listed, no_content, ok, page_at, shown};

/// A thread as the service answers it, with every member set.
fn thread(retention_policy: &Value) -> Value {
    json!({
        "id": THREAD_ID,
        "topic": "Lunch",
        "createdOn": "2021-06-15T23:04:04Z",
        "createdByCommunicationIdentifier": user(),
        "deletedOn": "2021-06-16T23:04:04Z",
        "metadata": {"case": "4711"},
        "retentionPolicy": retention_policy,
    })
}

fn in_sixty_days() -> Value {
    json!({"kind": "threadCreationDate", "deleteThreadAfterDays": 60})
}

fn never() -> Value {
    json!({"kind": "none"})
}

fn given(created: CreatedThread) -> Given {
    let errors: Vec<_> = created.failed.iter().map(|failed| &failed.error).collect();
    Given {
        was_created: Some(created.response().was_created()),
        model: json!({"chatThread": created.thread, "invalidParticipants": errors}),
    }
}

fn half_past_nine() -> Timestamp {
    Timestamp::parse("2024-01-18T09:30:00Z").expect("a time")
}

pub(super) fn cases() -> Vec<Case> {
    vec![
        Case {
            name: "creating a thread with everything",
            request: |server| {
                server
                    .chat("POST", "/chat/threads")
                    .header("repeatability-request-id", "lunch-1")
                    .json(json!({
                        "topic": "Lunch",
                        "participants": [
                            {
                                "communicationIdentifier": {
                                    "rawId": "8:acs:r_bob", "communicationUser": {"id": "8:acs:r_bob"},
                                },
                                "displayName": "Bob",
                                "shareHistoryTime": "2024-01-18T09:30:00+00:00",
                                "metadata": {"desk": "8"},
                            },
                            {"communicationIdentifier": {
                                "rawId": "4:+14255550123", "phoneNumber": {"value": "+14255550123"},
                            }},
                            {"communicationIdentifier": {
                                "rawId": "8:teamsvisitor:v-1",
                                "microsoftTeamsUser": {"userId": "v-1", "isAnonymous": true, "cloud": "public"},
                            }},
                            {"communicationIdentifier": {
                                "rawId": "28:orgid:a-1",
                                "microsoftTeamsApp": {"appId": "a-1", "cloud": "public"},
                            }},
                            {"communicationIdentifier": {"rawId": "48:somebody"}},
                        ],
                        "metadata": {"case": "4711"},
                        "retentionPolicy": in_sixty_days(),
                    }))
            },
            answer: created(json!({
                "chatThread": thread(&in_sixty_days()),
                "invalidParticipants": [error("8:acs:r_bob")],
            })),
            call: |client| {
                let bob = CommunicationUserIdentifier::new("8:acs:r_bob");
                let bob = ChatParticipant::new(bob)
                    .display_name("Bob")
                    .share_history_time(half_past_nine())
                    .metadata("desk", "8");
                let others: [CommunicationIdentifier; 4] = [
                    PhoneNumberIdentifier::new("+14255550123").into(),
                    MicrosoftTeamsUserIdentifier::anonymous("v-1").into(),
                    MicrosoftTeamsAppIdentifier::new("a-1").into(),
                    "48:somebody".parse().expect("a raw id"),
                ];
                let call = client
                    .create_thread("Lunch")
                    .participant(bob)
                    .participants(others.map(ChatParticipant::from))
                    .metadata("case", "4711")
                    .retention_policy(ThreadCreationDateRetentionPolicy::new(60))
                    .idempotency_token("lunch-1");
                Box::pin(call.into_future().map_ok(given))
            },
        },
        Case {
            name: "listing threads",
            request: |server| {
                server
                    .chat("GET", "/chat/threads")
                    .query("maxPageSize", "5")
                    .query("startTime", "2024-01-18T09:30:00+00:00")
            },
            answer: page_at(
                "/chat/threads",
                json!([{
                    "id": THREAD_ID,
                    "topic": "Lunch",
                    "deletedOn": "2021-06-16T23:04:04Z",
                    "lastMessageReceivedOn": "2021-06-15T23:04:04Z",
                }]),
            ),
            call: |client| {
                let list = client
                    .list_threads()
                    .page_size(5)
                    .start_time(half_past_nine());
                listed(list.into_stream())
            },
        },
        Case {
            name: "reading a thread",
            request: |server| server.chat("GET", THREAD),
            answer: ok(thread(&never())),
            call: |client| shown(client.thread_client(THREAD_ID).get_properties()),
        },
        Case {
            name: "deleting a thread",
            request: |server| server.chat("DELETE", THREAD),
            answer: no_content(),
            call: |client| shown(client.delete_thread(THREAD_ID)),
        },
        Case {
            name: "a new topic",
            request: |server| {
                let topic = json!({"topic": "Dinner"});
                server.chat("PATCH", THREAD).merge_patch(topic)
            },
            answer: no_content(),
            call: |client| shown(client.thread_client(THREAD_ID).update_topic("Dinner")),
        },
        Case {
            name: "new properties",
            request: |server| {
                server.chat("PATCH", THREAD).merge_patch(json!({
                    "topic": "Dinner",
                    "metadata": {"case": "4712", "desk": "7"},
                    "retentionPolicy": never(),
                }))
            },
            answer: no_content(),
            call: |client| {
                let thread = client.thread_client(THREAD_ID);
                let update = thread
                    .update_properties()
                    .topic("Dinner")
                    .metadata("case", "4712")
                    .metadata("desk", "7")
                    .retention_policy(NoneRetentionPolicy::new());
                shown(update)
            },
        },
        Case {
            name: "a retention policy by its days",
            request: |server| {
                let patch = json!({"retentionPolicy": in_sixty_days(), "metadata": {"case": null}});
                server.chat("PATCH", THREAD).merge_patch(patch)
            },
            answer: no_content(),
            call: |client| {
                let policy = ThreadCreationDateRetentionPolicy::new(60);
                let patch = ChatThreadPatch {
                    retention_policy: ChatRetentionPolicy::from(policy).into(),
                    metadata: PatchMap::new().remove("case").into(),
                    ..ChatThreadPatch::default()
                };
                let thread = client.thread_client(THREAD_ID);
                shown(thread.update_properties().patch(patch))
            },
        },
        Case {
            name: "a thread with everything cleared",
            request: |server| {
                let patch = json!({"topic": null, "metadata": null, "retentionPolicy": null});
                server.chat("PATCH", THREAD).merge_patch(patch)
            },
            answer: no_content(),
            call: |client| {
                let patch = ChatThreadPatch {
                    topic: Patch::Clear,
                    metadata: Patch::Clear,
                    retention_policy: Patch::Clear,
                };
                let thread = client.thread_client(THREAD_ID);
                shown(thread.update_properties().patch(patch))
            },
        },
    ]
}

#[tokio::test]
async fn a_thread_reads_into_its_model_member_by_member() {
    let server = AcsMockServer::start().await;
    let answer = thread(&in_sixty_days());
    server
        .chat("GET", THREAD)
        .answer(200, &answer)
        .mount()
        .await;

    let thread = ChatClient::of(&server).thread_client(THREAD_ID);
    assert_eq!(thread.thread_id(), THREAD_ID);
    let properties = thread.get_properties().await.expect("thread");

    assert_eq!(properties.id, THREAD_ID);
    assert_eq!(properties.topic, "Lunch");
    assert_eq!(properties.created_by.raw_id(), "8:acs:r_ann");
    assert_eq!(properties.created_by.kind(), "communicationUser");
    assert_eq!(properties.metadata["case"], "4711");
    let Some(ChatRetentionPolicy::ThreadCreationDate(policy)) = &properties.retention_policy else {
        panic!("{properties:?}");
    };
    assert_eq!(policy.delete_thread_after_days, 60);
    server.verify().await;
}

/// What the service answered until 2021.
#[tokio::test]
async fn an_identifier_without_kind_is_understood() {
    let server = AcsMockServer::start().await;
    let mut answer = thread(&never());
    answer["createdByCommunicationIdentifier"] =
        json!({"rawId": "8:acs:r_ann", "communicationUser": {"id": "8:acs:r_ann"}});
    server
        .chat("GET", THREAD)
        .answer(200, &answer)
        .mount()
        .await;
    let thread = ChatClient::of(&server).thread_client(THREAD_ID);
    let created_by = thread
        .get_properties()
        .await
        .expect("thread")
        .into_inner()
        .created_by;
    assert_eq!(
        created_by,
        CommunicationUserIdentifier::new("8:acs:r_ann").into()
    );
    server.verify().await;
}

#[tokio::test]
async fn what_may_not_be_there_is_none_and_other_failures_stay_errors() {
    let gone = json!({"CommunicationError": {"Code": "NotFound", "Message": "gone"}});
    for (status, is_none) in [(404, true), (403, false)] {
        let server = AcsMockServer::start().await;
        for path in [THREAD.to_owned(), format!("{THREAD}/messages/1")] {
            server.chat("GET", path).answer(status, &gone).mount().await;
        }
        let thread = ChatClient::of(&server).thread_client(THREAD_ID);
        let properties = thread
            .get_properties_opt()
            .await
            .map(|found| found.is_none());
        let message = thread
            .get_message_opt("1")
            .await
            .map(|found| found.is_none());
        for found in [properties, message] {
            match found {
                Ok(found) => assert!(found && is_none),
                Err(error) => assert!(error.is_forbidden() && !is_none, "{error}"),
            }
        }
        server.verify().await;
    }
}

fn created_answer() -> Value {
    json!({"chatThread": thread(&never())})
}

#[tokio::test(start_paused = true)]
async fn the_idempotency_token_is_the_same_in_all_attempts_and_new_for_each_call() {
    let created = Reaction::answer(201, "", &created_answer().to_string());
    let busy = Reaction::answer(503, "", "");
    let server = RawServer::start([
        Reaction::SendAndReset(String::new()),
        busy,
        created.clone(),
        created,
    ])
    .await;
    let client = client_of(&server.endpoint(), ClientOptions::new());
    for _ in 0..2 {
        let created = client.create_thread("Lunch").await.expect("thread");
        assert!(created.is_complete());
    }
    let requests = server.requests();
    let tokens: Vec<_> = requests
        .iter()
        .map(|request| request.header("repeatability-request-id").expect("a token"))
        .collect();
    assert_eq!(tokens.len(), 4);
    assert!(tokens[0].len() == 36 && tokens[0] == tokens[1] && tokens[1] == tokens[2]);
    assert_ne!(tokens[2], tokens[3]);
}

#[tokio::test(start_paused = true)]
async fn a_chosen_idempotency_token_is_sent_as_it_is_each_time() {
    let created = Reaction::answer(201, "", &created_answer().to_string());
    let server = RawServer::start([created.clone(), created]).await;
    let options = ClientOptions::new().retry(RetryOptions::none());
    let client = client_of(&server.endpoint(), options);
    let call = client.create_thread("Lunch").idempotency_token("lunch-1");
    for call in [call.clone(), call] {
        assert_eq!(call.await.expect("thread").thread.id, THREAD_ID);
    }
    for request in server.requests() {
        assert_eq!(request.header("repeatability-request-id"), Some("lunch-1"));
    }
}
