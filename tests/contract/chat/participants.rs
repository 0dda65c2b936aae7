//! Participants, and what becomes of those who cannot be added.

use acs_chat::{
    AddedParticipants, ChatClient, ChatParticipant, CommunicationIdentifier,
    CommunicationUserIdentifier, TeamsExtensionUserIdentifier,
};
use acs_test_support::AcsMockServer;
use futures_util::TryFutureExt as _;
use serde_json::{Value, json};

use super::{Case, THREAD, THREAD_ID, error, participants};
use crate::case::{Called as _, Given, created, listed, no_content, page_at, shown};

const PARTICIPANTS: &str = "/chat/threads/19%3Aabc_1@thread.v2/participants";
const ADD: &str = "/chat/threads/19%3Aabc_1@thread.v2/participants/:add";
const REMOVE: &str = "/chat/threads/19%3Aabc_1@thread.v2/participants/:remove";

fn user(name: &str) -> CommunicationUserIdentifier {
    CommunicationUserIdentifier::new(format!("8:acs:r_{name}"))
}

/// A user as requests carry it.
fn sent(name: &str) -> Value {
    let id = format!("8:acs:r_{name}");
    json!({"communicationIdentifier": {"rawId": id, "communicationUser": {"id": id}}})
}

fn given(added: AddedParticipants) -> Given {
    let errors: Vec<_> = added.failed.iter().map(|failed| &failed.error).collect();
    Given {
        was_created: Some(added.response().was_created()),
        model: json!({"invalidParticipants": errors}),
    }
}

pub(super) fn cases() -> Vec<Case> {
    vec![
        Case {
            name: "listing participants",
            request: |server| {
                server
                    .chat("GET", PARTICIPANTS)
                    .query("maxPageSize", "5")
                    .query("skip", "2")
            },
            answer: page_at(PARTICIPANTS, participants()),
            call: |client| {
                let thread = client.thread_client(THREAD_ID);
                listed(
                    thread
                        .list_participants()
                        .page_size(5)
                        .skip(2)
                        .into_stream(),
                )
            },
        },
        Case {
            name: "adding participants",
            request: |server| {
                let body = json!({"participants": [sent("bob"), sent("cid")]});
                server.chat("POST", ADD).json(body)
            },
            answer: created(json!({"invalidParticipants": [error("8:acs:r_cid")]})),
            call: |client| {
                let others = ["bob", "cid"].map(|name| ChatParticipant::new(user(name)));
                let thread = client.thread_client(THREAD_ID);
                let call = thread.add_participants(others);
                Box::pin(call.into_future().map_ok(given))
            },
        },
        Case {
            name: "removing a participant",
            request: |server| {
                let body =
                    json!({"rawId": "8:acs:r_bob", "communicationUser": {"id": "8:acs:r_bob"}});
                server.chat("POST", REMOVE).json(body)
            },
            answer: no_content(),
            call: |client| {
                shown(
                    client
                        .thread_client(THREAD_ID)
                        .remove_participant(user("bob")),
                )
            },
        },
        Case {
            name: "removing somebody of a kind that chat has no member for",
            request: |server| {
                let body = json!({"rawId": "8:acs:r_t_u"});
                server.chat("POST", REMOVE).json(body)
            },
            answer: no_content(),
            call: |client| {
                let user = TeamsExtensionUserIdentifier::new("r", "t", "u");
                shown(client.thread_client(THREAD_ID).remove_participant(user))
            },
        },
    ]
}

async fn add(answer: &Value, names: &[&str]) -> AddedParticipants {
    let server = AcsMockServer::start().await;
    let sent: Vec<_> = names.iter().map(|name| sent(name)).collect();
    let body = json!({"participants": sent});
    server
        .chat("POST", ADD)
        .json(body)
        .answer(201, answer)
        .mount()
        .await;
    let thread = ChatClient::of(&server).thread_client(THREAD_ID);
    let given = names.iter().map(|name| ChatParticipant::new(user(name)));
    let added = thread.add_participants(given).await.expect("an outcome");
    server.verify().await;
    added
}

#[tokio::test]
async fn when_everybody_was_added_nobody_failed() {
    for answer in [
        json!({}),
        json!({"invalidParticipants": null}),
        json!({"invalidParticipants": []}),
    ] {
        let added = add(&answer, &["bob"]).await;
        assert!(added.is_complete() && added.failed.is_empty());
        assert_eq!(added.response().status(), 201);
    }
}

#[tokio::test]
async fn each_error_comes_with_the_participant_that_it_is_about() {
    let answer = json!({"invalidParticipants": [
        {"code": "404", "message": "Not found", "target": "8:acs:r_dan"},
        {"code": "403", "message": "Permissions check failed", "target": "8:acs:r_bob"},
        {"code": "403", "message": "Permissions check failed", "target": "8:acs:r_nobody"},
        {"code": "400", "message": "?"},
    ]});
    let added = add(&answer, &["bob", "cid", "dan"]).await;

    assert!(!added.is_complete());
    let failed: Vec<_> = added
        .failed
        .iter()
        .map(|failed| {
            (
                failed.participant.as_ref().map(|it| it.identifier.raw_id()),
                failed.to_string(),
            )
        })
        .collect();
    let expected = [
        (
            Some("8:acs:r_dan"),
            "8:acs:r_dan was not added: 404 Not found",
        ),
        (
            Some("8:acs:r_bob"),
            "8:acs:r_bob was not added: 403 Permissions check failed",
        ),
        (
            None,
            "8:acs:r_nobody was not added: 403 Permissions check failed",
        ),
        (None, "a participant was not added: 400 ?"),
    ];
    assert_eq!(failed, expected.map(|(id, text)| (id, text.to_owned())));
}

/// Expects three batches of two, two and one, and answers them with these.
async fn batches(
    answers: [(u16, Value); 3],
    wanted: usize,
) -> (AcsMockServer, acs_chat::AddedInBatches) {
    let server = AcsMockServer::start().await;
    let batches = [&["a", "b"][..], &["c", "d"], &["e"]];
    for (names, (status, answer)) in batches.into_iter().zip(&answers).take(wanted) {
        let sent: Vec<_> = names.iter().map(|name| sent(name)).collect();
        let body = json!({"participants": sent});
        server
            .chat("POST", ADD)
            .json(body)
            .answer(*status, answer)
            .mount()
            .await;
    }
    let thread = ChatClient::of(&server).thread_client(THREAD_ID);
    let given = ["a", "b", "c", "d", "e"].map(|name| ChatParticipant::new(user(name)));
    let outcome = thread
        .add_participants_in_batches(given)
        .batch_size(2)
        .await;
    (server, outcome.expect("an outcome"))
}

fn refused(name: &str) -> Value {
    json!({"invalidParticipants": [error(&format!("8:acs:r_{name}"))]})
}

#[tokio::test]
async fn batches_collect_the_failures_of_all() {
    let answers = [(201, refused("b")), (201, json!({})), (201, refused("e"))];
    let (server, outcome) = batches(answers, 3).await;
    let failed: Vec<_> = outcome
        .failed
        .iter()
        .filter_map(|failed| Some(failed.participant.as_ref()?.identifier.raw_id()))
        .collect();
    assert_eq!(failed, ["8:acs:r_b", "8:acs:r_e"]);
    assert!(outcome.interrupted.is_none() && !outcome.is_complete());
    server.verify().await;
}

#[tokio::test]
async fn a_batch_that_fails_ends_the_work_and_what_is_left_is_told() {
    let answers = [
        (201, refused("b")),
        (400, json!({"CommunicationError": {"Code": "BadRequest"}})),
        (201, json!({})),
    ];
    let (server, outcome) = batches(answers, 2).await;
    assert_eq!(outcome.failed.len(), 1);
    assert!(!outcome.is_complete());
    let interrupted = outcome.interrupted.expect("an interruption");
    assert_eq!(interrupted.error.code(), Some("BadRequest"));
    let left: Vec<_> = interrupted
        .left
        .iter()
        .map(|it| it.identifier.raw_id())
        .collect();
    assert_eq!(left, ["8:acs:r_c", "8:acs:r_d", "8:acs:r_e"]);
    server.verify().await;
}

#[tokio::test]
async fn a_participant_is_found_by_raw_id_on_whichever_page() {
    let teams_user: CommunicationIdentifier = "8:dod:u-1".parse().expect("a raw id");
    for (wanted, is_there, pages) in [
        (CommunicationIdentifier::from(user("ann")), true, 1),
        (teams_user, true, 2),
        (user("zoe").into(), false, 2),
    ] {
        let server = AcsMockServer::start().await;
        let all = participants();
        let first = json!({"value": [all[0]], "nextLink": format!("{PARTICIPANTS}?skip=1")});
        server
            .chat("GET", PARTICIPANTS)
            .answer(200, &first)
            .mount()
            .await;
        if pages == 2 {
            let second = json!({"value": [all[1], all[2], all[3]]});
            server
                .chat("GET", PARTICIPANTS)
                .query("skip", "1")
                .answer(200, &second)
                .mount()
                .await;
        }
        let thread = ChatClient::of(&server).thread_client(THREAD_ID);
        assert_eq!(
            thread.is_participant(wanted).await.expect("an answer"),
            is_there
        );
        server.verify().await;
    }
}

#[tokio::test]
async fn who_may_not_ask_who_takes_part_gets_an_error() {
    let server = AcsMockServer::start().await;
    let refusal =
        json!({"CommunicationError": {"Code": "Forbidden", "Message": "no", "Details": []}});
    server
        .chat("GET", format!("{THREAD}/participants"))
        .answer(403, &refusal)
        .mount()
        .await;
    let thread = ChatClient::of(&server).thread_client(THREAD_ID);
    let error = thread
        .is_participant(user("ann"))
        .await
        .expect_err("forbidden");
    assert!(error.is_forbidden(), "{error}");
    server.verify().await;
}
