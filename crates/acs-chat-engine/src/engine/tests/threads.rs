//! Threads: creating, repeating, changing, deleting, expiring.

use acs_types::Patch;

use super::*;
use crate::command::{Metadata, MetadataPatch, ThreadPatch};
use crate::retention::RetentionPolicy;

const DAY: u64 = 86_400;

fn update(thread_id: &str, patch: ThreadPatch) -> Command {
    Command::UpdateThread {
        thread_id: thread_id.to_owned(),
        patch,
    }
}

fn delete(thread_id: &str) -> Command {
    Command::DeleteThread {
        thread_id: thread_id.to_owned(),
    }
}

fn topic(topic: &str) -> ThreadPatch {
    ThreadPatch {
        topic: Some(topic.to_owned()),
        ..ThreadPatch::default()
    }
}

fn after_days(days: i64) -> RetentionPolicy {
    RetentionPolicy::ThreadCreationDate {
        delete_thread_after_days: days,
    }
}

fn metadata(name: &str, value: &str) -> Metadata {
    Metadata::from([(name.to_owned(), value.to_owned())])
}

// chat 8, 9, 11, 28
#[test]
fn a_thread_shows_who_created_it_and_when() {
    let mut chat = Chat::new();
    let (thread_id, invalid) = chat.create(ALICE, with_participants(&[]));
    assert_eq!(invalid, []);
    let view = chat.engine.thread(&caller(ALICE), &thread_id, newest());
    assert_eq!(
        json!(view.unwrap()),
        json!({
            "id": *thread_id,
            "topic": "Topic",
            "createdOn": "2024-01-01T12:00:00Z",
            "createdByCommunicationIdentifier": {
                "kind": "communicationUser", "rawId": ALICE, "communicationUser": { "id": ALICE },
            },
        })
    );
    assert_eq!(chat.participants(&thread_id).as_array().unwrap().len(), 1);
}

// chat 12, 30
#[test]
fn creation_leaves_two_messages_of_the_service() {
    let mut chat = Chat::new();
    let thread_id = chat.thread();
    assert_eq!(
        chat.seen_by(BOB, &thread_id),
        ["topicUpdated", "participantAdded"]
    );
    let first = chat.message(&thread_id, &chat.millis().to_string());
    assert_eq!(
        (&first["sequenceId"], &first["type"]),
        (&json!("1"), &json!("participantAdded"))
    );
    let added = first["content"]["participants"].as_array().unwrap();
    assert_eq!(added.len(), 2);
    assert_eq!(
        first["content"]["initiatorCommunicationIdentifier"]["rawId"],
        ALICE
    );
    for absent in ["senderDisplayName", "senderCommunicationIdentifier"] {
        assert_eq!(first.get(absent), None, "{absent}");
    }
    let second = chat.message(&thread_id, &(chat.millis() + 1).to_string());
    assert_eq!(
        (&second["sequenceId"], &second["content"]["topic"]),
        (&json!("2"), &json!("Topic"))
    );
}

// chat 13, 14, 15
#[test]
fn a_repeated_request_gives_the_same_thread_to_the_same_caller() {
    let mut chat = Chat::new();
    let request = |topic: &str, participants: &[&str]| NewThread {
        topic: topic.to_owned(),
        repeatability_request_id: Some("contoso-1".to_owned()),
        ..with_participants(participants)
    };
    let (first, invalid) = chat.create(ALICE, request("One", &["8:acs:else_where"]));
    assert_eq!(invalid.len(), 1);
    chat.wait(60);
    let before = chat.engine.threads.clone();
    let repeated = Command::CreateThread(request("Two", &[BOB]));
    let outcome = chat.outcome(&caller(ALICE), repeated);
    let thread_id = Arc::clone(&first);
    assert_eq!(outcome.answer, Ok(Answer::Created { thread_id, invalid }));
    assert_eq!(outcome.events, []);
    assert!(chat.engine.threads == before);

    let (of_bob, _) = chat.create(BOB, request("One", &[]));
    let (other, _) = chat.create(ALICE, with_participants(&[]));
    assert!(first != of_bob && first != other);
    chat.done(ALICE, delete(&first));
    assert_ne!(chat.create(ALICE, request("One", &[])).0, first);
}

// chat 8, 16, 17, 18
#[test]
fn what_a_thread_may_not_have_is_refused_by_name() {
    let mut chat = Chat::new();
    let many: Vec<NewParticipant> = (0..201)
        .map(|index| participant(&format!("8:acs:r_{index}")))
        .collect();
    let thread = || with_participants(&[]);
    for (wrong, name) in [
        (
            NewThread {
                topic: " \n".to_owned(),
                ..thread()
            },
            "`topic`",
        ),
        (
            NewThread {
                topic: "x".repeat(28_673),
                ..thread()
            },
            "`topic`",
        ),
        (
            NewThread {
                participants: many,
                ..thread()
            },
            "`participants`",
        ),
        (
            NewThread {
                metadata: metadata("n", &"x".repeat(1024)),
                ..thread()
            },
            "`metadata`",
        ),
        (
            NewThread {
                retention_policy: Some(after_days(29)),
                ..thread()
            },
            "`retentionPolicy.deleteThreadAfterDays`",
        ),
        (
            NewThread {
                retention_policy: Some(after_days(91)),
                ..thread()
            },
            "`retentionPolicy.deleteThreadAfterDays`",
        ),
        (
            NewThread {
                participants: vec![NewParticipant {
                    metadata: metadata("n", &"x".repeat(1024)),
                    ..participant(BOB)
                }],
                ..thread()
            },
            "`participants[0].metadata`",
        ),
    ] {
        let refusal = chat.refused(&caller(ALICE), Command::CreateThread(wrong));
        assert_eq!(refusal.kind, RefusalKind::BadRequest);
        assert!(refusal.message.contains(name), "{refusal}");
    }
}

// chat 22, 23
#[test]
fn any_participant_may_change_the_topic_which_leaves_a_message() {
    let mut chat = Chat::new();
    let thread_id = chat.thread();
    let events = chat.done(BOB, update(&thread_id, topic("New")));
    assert_eq!(
        kinds(&events),
        [
            EventKind::ChatThreadPropertiesUpdatedPerUser,
            EventKind::ChatThreadPropertiesUpdated
        ]
    );
    assert_eq!(chat.seen_by(ALICE, &thread_id)[0], "topicUpdated");
    let view = chat
        .engine
        .thread(&caller(ALICE), &thread_id, newest())
        .unwrap();
    assert_eq!(json!(view)["topic"], "New");
    assert_eq!(
        chat.done(ALICE, update(&thread_id, ThreadPatch::default())),
        []
    );
    assert_eq!(chat.seen_by(ALICE, &thread_id).len(), 3);
    let refusal = chat.refused(&caller(ALICE), update(&thread_id, topic("")));
    assert_eq!(refusal.kind, RefusalKind::BadRequest);
}

// chat 2, 17
#[test]
fn metadata_is_merged_and_only_the_newest_version_shows_it() {
    let mut chat = Chat::new();
    let thread = NewThread {
        metadata: metadata("a", "1"),
        ..with_participants(&[])
    };
    let (thread_id, _) = chat.create(ALICE, thread);
    let merge = MetadataPatch::Set([("b".to_owned(), Some("2".to_owned()))].into());
    let patch = ThreadPatch {
        metadata: merge,
        ..ThreadPatch::default()
    };
    let events = chat.done(ALICE, update(&thread_id, patch));
    assert_eq!(
        json!(events[0].data)["metadata"],
        json!({ "a": "1", "b": "2" })
    );
    let shown = |dialect| {
        let view = chat
            .engine
            .thread(&caller(ALICE), &thread_id, dialect)
            .unwrap();
        json!(view)
    };
    assert_eq!(shown(newest())["metadata"], json!({ "a": "1", "b": "2" }));
    let older = shown(Dialect::of("2024-03-07"));
    assert_eq!(older.get("metadata"), None);
    // auth 71
    assert_eq!(
        older["createdByCommunicationIdentifier"]["kind"],
        "communicationUser"
    );
    let oldest = shown(Dialect::of("2021-09-07"));
    assert_eq!(oldest["createdByCommunicationIdentifier"].get("kind"), None);

    let too_much = MetadataPatch::Set([("c".to_owned(), Some("x".repeat(1020)))].into());
    let patch = ThreadPatch {
        metadata: too_much,
        ..ThreadPatch::default()
    };
    chat.refused(&caller(ALICE), update(&thread_id, patch));
}

// chat 24
#[test]
fn a_deleted_thread_is_gone_for_everybody() {
    let mut chat = Chat::new();
    let thread_id = chat.thread();
    let events = chat.done(BOB, delete(&thread_id));
    assert_eq!(
        kinds(&events),
        [
            EventKind::ChatThreadWithUserDeleted,
            EventKind::ChatThreadDeleted
        ]
    );
    for raw_id in [ALICE, BOB] {
        let refusal = chat
            .engine
            .thread(&caller(raw_id), &thread_id, newest())
            .unwrap_err();
        assert_eq!(refusal.kind, RefusalKind::NotFound);
        let refusal = chat.refused(&caller(raw_id), delete(&thread_id));
        assert_eq!(refusal.kind, RefusalKind::NotFound);
        let page = PageRequest::default();
        let listed = chat.engine.threads(&caller(raw_id), &page).unwrap();
        assert!(listed.items.is_empty());
    }
}

// chat 18
#[test]
fn a_thread_is_deleted_by_itself_on_the_day_that_its_policy_says() {
    let mut chat = Chat::new();
    let thread = NewThread {
        retention_policy: Some(after_days(30)),
        ..with_participants(&[BOB])
    };
    let (thread_id, _) = chat.create(ALICE, thread);
    let view = chat
        .engine
        .thread(&caller(ALICE), &thread_id, newest())
        .unwrap();
    assert_eq!(
        json!(view)["retentionPolicy"],
        json!({ "kind": "threadCreationDate", "deleteThreadAfterDays": 30 })
    );
    let deadline = chat.engine.next_deadline().unwrap();
    assert_eq!(deadline.duration_since(chat.now).as_secs(), 30 * DAY);

    let longer = ThreadPatch {
        retention_policy: Patch::Set(after_days(31)),
        ..ThreadPatch::default()
    };
    assert_eq!(chat.done(ALICE, update(&thread_id, longer)), []);
    chat.wait(31 * DAY - 1);
    assert_eq!(chat.engine.tick(chat.now), []);
    chat.wait(1);
    let events = chat.engine.tick(chat.now);
    assert_eq!(
        kinds(&events),
        [
            EventKind::ChatThreadWithUserDeleted,
            EventKind::ChatThreadWithUserDeleted,
            EventKind::ChatThreadDeleted
        ]
    );
    assert!(chat.engine.threads.is_empty() && chat.engine.deadlines.is_empty());
}

// chat 18
#[test]
fn a_policy_that_is_taken_back_keeps_the_thread() {
    let mut chat = Chat::new();
    for patch in [Patch::Clear, Patch::Set(RetentionPolicy::None)] {
        let thread = NewThread {
            retention_policy: Some(after_days(30)),
            ..with_participants(&[])
        };
        let (thread_id, _) = chat.create(ALICE, thread);
        let patch = ThreadPatch {
            retention_policy: patch,
            ..ThreadPatch::default()
        };
        chat.done(ALICE, update(&thread_id, patch));
    }
    assert_eq!(chat.engine.next_deadline(), None);
}

// chat 68, 70
#[test]
fn only_participants_with_the_scope_chat_change_threads() {
    let mut chat = Chat::new();
    let thread_id = chat.thread();
    for access in [Access::Join, Access::JoinLimited] {
        let bob = Caller::new(user(BOB), access);
        for command in [
            Command::CreateThread(with_participants(&[])),
            update(&thread_id, topic("New")),
            delete(&thread_id),
        ] {
            let refusal = chat.refused(&bob, command);
            assert_eq!(refusal.kind, RefusalKind::Forbidden);
            // chat 71
            assert!(
                refusal.message.starts_with(
                    "The initiator doesn't have the permission to perform the requested operation."
                ),
                "{refusal}"
            );
        }
    }
    for command in [update(&thread_id, topic("New")), delete(&thread_id)] {
        let refusal = chat.refused(&caller(CAROL), command);
        assert_eq!(refusal.kind, RefusalKind::Forbidden);
    }
}

#[test]
fn the_same_seed_and_commands_give_the_same_threads_and_events() {
    let story = || {
        let mut chat = Chat::new();
        let thread_id = chat.thread();
        let events = chat.done(BOB, update(&thread_id, topic("New")));
        (chat.engine, events)
    };
    assert!(story() == story());
}
