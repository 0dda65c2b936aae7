//! Participants: who is taken in, who is turned away, and what they see.

use super::*;

fn add(thread_id: &str, participants: Vec<NewParticipant>) -> Command {
    Command::AddParticipants {
        thread_id: thread_id.to_owned(),
        participants,
    }
}

fn remove(thread_id: &str, raw_id: &str) -> Command {
    Command::RemoveParticipant {
        thread_id: thread_id.to_owned(),
        participant: user(raw_id),
    }
}

// chat 53, 54, 55, 77
#[test]
fn those_who_cannot_be_added_are_named_and_the_others_are_added() {
    let mut chat = Chat::new();
    let thread_id = chat.thread();
    let listed = [
        "8:orgid:teams",
        CAROL,
        "8:acs:else_where",
        "4:+1425",
        "nobody",
    ];
    let listed = listed.into_iter().map(participant).collect();
    let outcome = chat.outcome(&caller(ALICE), add(&thread_id, listed));
    let Ok(Answer::Added { invalid }) = outcome.answer else {
        panic!("{:?}", outcome.answer);
    };
    let denied = |target: &str| json!({ "code": "403", "message": "Permissions check failed", "target": target });
    let unknown = |target: &str| json!({ "code": "404", "message": "Not found", "target": target });
    assert_eq!(
        json!(invalid),
        json!([
            denied("8:orgid:teams"),
            unknown("8:acs:else_where"),
            denied("4:+1425"),
            unknown("nobody")
        ])
    );
    let joined = chat.participants(&thread_id);
    assert_eq!(joined[2]["communicationIdentifier"]["rawId"], CAROL);
    assert_eq!(joined.as_array().unwrap().len(), 3);
}

// chat 51, 60
#[test]
fn participants_are_listed_as_they_joined_with_what_was_given() {
    let mut chat = Chat::new();
    let thread = NewThread {
        participants: vec![
            NewParticipant {
                display_name: Some("Bob".to_owned()),
                share_history_time: Some(Timestamp::parse("2024-01-01T11:00:00.9Z").unwrap()),
                ..participant(BOB)
            },
            NewParticipant {
                display_name: Some("Alice".to_owned()),
                ..participant(ALICE)
            },
        ],
        ..with_participants(&[])
    };
    let (thread_id, _) = chat.create(ALICE, thread);
    chat.done(ALICE, add(&thread_id, vec![participant(CAROL)]));
    let joined = chat.participants(&thread_id);
    let names: Vec<&Value> = joined
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["displayName"])
        .collect();
    assert_eq!(json!(names), json!(["Bob", "Alice", null]));
    assert_eq!(joined[0]["shareHistoryTime"], "2024-01-01T11:00:00Z");
    assert_eq!(joined[1]["shareHistoryTime"], "1970-01-01T00:00:00Z");
    assert_eq!(joined[2].get("displayName"), None);
}

// chat 57, 58, 82
#[test]
fn one_call_leaves_one_message_and_an_event_for_each_added() {
    let mut chat = Chat::new();
    let (thread_id, _) = chat.create(ALICE, with_participants(&[]));
    let listed = vec![
        participant(BOB),
        participant(CAROL),
        participant(BOB),
        participant(ALICE),
    ];
    let events = chat.done(ALICE, add(&thread_id, listed));
    assert_eq!(chat.seen_by(ALICE, &thread_id)[0], "participantAdded");
    assert_eq!(chat.seen_by(ALICE, &thread_id).len(), 3);
    let per_user = EventKind::ChatParticipantAddedToThreadWithUser;
    let in_thread = EventKind::ChatThreadParticipantAdded;
    assert_eq!(
        kinds(&events),
        [per_user, per_user, in_thread, per_user, per_user, in_thread]
    );

    let before = chat.engine.clone();
    let again = NewParticipant {
        display_name: Some("Robert".to_owned()),
        ..participant(BOB)
    };
    assert_eq!(chat.done(CAROL, add(&thread_id, vec![again])), []);
    assert!(chat.engine.threads == before.threads);
}

// chat 16
#[test]
fn a_thread_takes_250_participants_and_one_call_200() {
    let mut chat = Chat::new();
    let (thread_id, _) = chat.create(ALICE, with_participants(&[]));
    let users = |range: std::ops::Range<u32>| {
        range
            .map(|index| participant(&format!("8:acs:r_{index}")))
            .collect()
    };
    chat.refused(&caller(ALICE), add(&thread_id, users(0..201)));
    chat.done(ALICE, add(&thread_id, users(0..200)));
    let refusal = chat.refused(&caller(ALICE), add(&thread_id, users(200..250)));
    assert!(refusal.message.contains("251 participants"), "{refusal}");
    chat.done(ALICE, add(&thread_id, users(200..249)));
    assert_eq!(chat.participants(&thread_id).as_array().unwrap().len(), 250);
}

// chat 39, 52
#[test]
fn the_share_history_time_decides_what_a_participant_sees() {
    let mut chat = Chat::new();
    let (thread_id, _) = chat.create(ALICE, with_participants(&[]));
    chat.wait(10);
    let old = chat.send(ALICE, &thread_id, "old");
    chat.wait(10);
    let middle = chat.now;
    chat.send(ALICE, &thread_id, "middle");
    chat.wait(10);
    let since = |time| NewParticipant {
        share_history_time: Some(time),
        ..participant(BOB)
    };
    chat.done(ALICE, add(&thread_id, vec![since(middle)]));
    let carol = NewParticipant {
        share_history_time: Some(chat.now),
        ..participant(CAROL)
    };
    chat.done(ALICE, add(&thread_id, vec![carol]));
    chat.send(ALICE, &thread_id, "new");
    assert_eq!(
        chat.seen_by(BOB, &thread_id),
        ["new", "participantAdded", "participantAdded", "middle"]
    );
    assert_eq!(
        chat.seen_by(CAROL, &thread_id),
        ["new", "participantAdded", "participantAdded"]
    );
    assert_eq!(chat.seen_by(ALICE, &thread_id).len(), 7);
    let hidden = chat
        .engine
        .message(&caller(BOB), &thread_id, &old, newest());
    assert_eq!(hidden.unwrap_err().kind, RefusalKind::NotFound);

    // A change does not bring a message into sight.
    let edit = Command::EditMessage {
        thread_id: thread_id.to_string(),
        message_id: old,
        patch: crate::command::MessagePatch {
            content: Some("edited".to_owned()),
            ..Default::default()
        },
    };
    chat.done(ALICE, edit);
    assert!(!chat.seen_by(BOB, &thread_id).contains(&"edited".to_owned()));
}

// chat 58, 59, 61
#[test]
fn a_removed_participant_reads_what_was_before_and_does_nothing_else() {
    let mut chat = Chat::new();
    let thread = NewThread {
        participants: vec![
            NewParticipant {
                display_name: Some("Bob".to_owned()),
                ..participant(BOB)
            },
            participant(CAROL),
        ],
        ..with_participants(&[])
    };
    let (thread_id, _) = chat.create(ALICE, thread);
    chat.send(ALICE, &thread_id, "before");
    let events = chat.done(CAROL, remove(&thread_id, BOB));
    let per_user = EventKind::ChatParticipantRemovedFromThreadWithUser;
    assert_eq!(
        kinds(&events),
        [per_user, per_user, EventKind::ChatThreadParticipantRemoved]
    );
    chat.send(ALICE, &thread_id, "after");

    assert_eq!(chat.seen_by(ALICE, &thread_id)[1], "participantRemoved");
    let removal = chat.message(&thread_id, &(chat.millis() + 3).to_string());
    let removed = &removal["content"]["participants"][0];
    assert_eq!(
        (&removed["displayName"], &removed["shareHistoryTime"]),
        (&json!("Bob"), &json!("1970-01-01T00:00:00Z"))
    );

    assert_eq!(
        chat.seen_by(BOB, &thread_id),
        ["before", "topicUpdated", "participantAdded"]
    );
    let bob = caller(BOB);
    assert_eq!(
        chat.refused(&bob, send(&thread_id, "still here")).kind,
        RefusalKind::Forbidden
    );
    assert!(chat.engine.thread(&bob, &thread_id, newest()).is_err());
    assert!(
        chat.engine
            .threads(&bob, &PageRequest::default())
            .unwrap()
            .items
            .is_empty()
    );

    chat.done(ALICE, add(&thread_id, vec![participant(BOB)]));
    assert_eq!(chat.seen_by(BOB, &thread_id).len(), 6);
}

// chat 59
#[test]
fn participants_may_leave_and_the_unknown_cannot_be_removed() {
    let mut chat = Chat::new();
    let thread_id = chat.thread();
    let refusal = chat.refused(&caller(ALICE), remove(&thread_id, CAROL));
    assert_eq!(refusal.kind, RefusalKind::NotFound);
    let events = chat.done(BOB, remove(&thread_id, BOB));
    assert_eq!(
        kinds(&events),
        [
            EventKind::ChatParticipantRemovedFromThreadWithUser,
            EventKind::ChatThreadParticipantRemoved
        ]
    );
    assert_eq!(chat.participants(&thread_id).as_array().unwrap().len(), 1);
}

// chat 61, 70
#[test]
fn strangers_may_do_nothing() {
    let mut chat = Chat::new();
    let thread_id = chat.thread();
    let message_id = chat.send(ALICE, &thread_id, "secret");
    let carol = caller(CAROL);
    let part = SkipRequest { skip: 0, limit: 1 };
    let engine = &chat.engine;
    let refusals = [
        engine.thread(&carol, &thread_id, newest()).err(),
        engine
            .message(&carol, &thread_id, &message_id, newest())
            .err(),
        engine
            .messages(&carol, &thread_id, &PageRequest::default(), newest())
            .err(),
        engine
            .participants(&carol, &thread_id, part, newest())
            .err(),
        engine.receipts(&carol, &thread_id, part, newest()).err(),
    ];
    for refusal in refusals {
        assert_eq!(
            refusal.map(|refusal| refusal.kind),
            Some(RefusalKind::Forbidden)
        );
    }
    for command in [
        send(&thread_id, "hello"),
        add(&thread_id, vec![participant(CAROL)]),
        remove(&thread_id, BOB),
    ] {
        assert_eq!(chat.refused(&carol, command).kind, RefusalKind::Forbidden);
    }
}

// chat 68
#[test]
fn limited_tokens_add_and_remove_nobody() {
    let mut chat = Chat::new();
    let thread_id = chat.thread();
    let limited = Caller::new(user(BOB), Access::JoinLimited);
    chat.refused(&limited, add(&thread_id, vec![participant(CAROL)]));
    chat.refused(&limited, remove(&thread_id, ALICE));
    let joining = Caller::new(user(BOB), Access::Join);
    assert!(
        chat.outcome(&joining, add(&thread_id, vec![participant(CAROL)]))
            .answer
            .is_ok()
    );
    assert!(
        chat.outcome(&limited, send(&thread_id, "hello"))
            .answer
            .is_ok()
    );
}

// auth 77
#[test]
fn a_deleted_user_leaves_its_messages_and_nothing_else() {
    let mut chat = Chat::new();
    let thread_id = chat.thread();
    chat.send(BOB, &thread_id, "from bob");
    chat.engine.forget_user(BOB);
    assert_eq!(chat.participants(&thread_id).as_array().unwrap().len(), 1);
    assert_eq!(
        chat.seen_by(ALICE, &thread_id),
        ["from bob", "topicUpdated", "participantAdded"]
    );
    let page = PageRequest::default();
    let gone = chat
        .engine
        .messages(&caller(BOB), &thread_id, &page, newest());
    assert_eq!(gone.unwrap_err().kind, RefusalKind::Forbidden);
}
