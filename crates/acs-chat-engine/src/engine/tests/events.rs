//! Every kind of event, against what is published about the events.

use std::collections::BTreeSet;

use acs_events::{EventData, EventType, models};

use super::*;
use crate::command::{MessagePatch, ThreadPatch};

/// Fails the test unless the data reads as its model and says the same when written again, in the members that the model has.
#[track_caller]
fn assert_fits<M: EventData>(event: &Event) {
    assert_eq!(M::TYPE.name, event.kind.event_type());
    let data = json!(event.data);
    let model: M = serde_json::from_value(data.clone()).unwrap();
    for (name, value) in json!(model).as_object().unwrap() {
        if !name.to_lowercase().ends_with("time") {
            assert_eq!(Some(value), data.get(name), "{name} of {:?}", event.kind);
        }
    }
}

fn assert_is_as_published(event: &Event) {
    match event.kind {
        EventKind::ChatMessageReceived => {
            assert_fits::<models::AcsChatMessageReceivedEventData>(event)
        }
        EventKind::ChatMessageReceivedInThread => {
            assert_fits::<models::AcsChatMessageReceivedInThreadEventData>(event)
        }
        EventKind::ChatMessageEdited => assert_fits::<models::AcsChatMessageEditedEventData>(event),
        EventKind::ChatMessageEditedInThread => {
            assert_fits::<models::AcsChatMessageEditedInThreadEventData>(event)
        }
        EventKind::ChatMessageDeleted => {
            assert_fits::<models::AcsChatMessageDeletedEventData>(event)
        }
        EventKind::ChatMessageDeletedInThread => {
            assert_fits::<models::AcsChatMessageDeletedInThreadEventData>(event)
        }
        EventKind::ChatThreadCreatedWithUser => {
            assert_fits::<models::AcsChatThreadCreatedWithUserEventData>(event)
        }
        EventKind::ChatThreadCreated => assert_fits::<models::AcsChatThreadCreatedEventData>(event),
        EventKind::ChatThreadWithUserDeleted => {
            assert_fits::<models::AcsChatThreadWithUserDeletedEventData>(event)
        }
        EventKind::ChatThreadDeleted => assert_fits::<models::AcsChatThreadDeletedEventData>(event),
        EventKind::ChatThreadPropertiesUpdatedPerUser => {
            assert_fits::<models::AcsChatThreadPropertiesUpdatedPerUserEventData>(event)
        }
        EventKind::ChatThreadPropertiesUpdated => {
            assert_fits::<models::AcsChatThreadPropertiesUpdatedEventData>(event)
        }
        EventKind::ChatParticipantAddedToThreadWithUser => {
            assert_fits::<models::AcsChatParticipantAddedToThreadWithUserEventData>(event)
        }
        EventKind::ChatThreadParticipantAdded => {
            assert_fits::<models::AcsChatParticipantAddedToThreadEventData>(event)
        }
        EventKind::ChatParticipantRemovedFromThreadWithUser => {
            assert_fits::<models::AcsChatParticipantRemovedFromThreadWithUserEventData>(event)
        }
        EventKind::ChatThreadParticipantRemoved => {
            assert_fits::<models::AcsChatParticipantRemovedFromThreadEventData>(event)
        }
        EventKind::ChatTypingIndicatorReceivedInThread => {
            assert_fits::<models::AcsChatTypingIndicatorReceivedInThreadEventData>(event)
        }
    }
}

/// Whether a subject has the form of a pattern with placeholders; samples write some of them without braces.
fn has_form(subject: &str, pattern: &str) -> bool {
    let (mut parts, mut forms) = (subject.split('/'), pattern.split('/'));
    let is_free = |form: &str| form.starts_with('{') || form == "rawId";
    forms.by_ref().all(|form| {
        parts
            .next()
            .is_some_and(|part| is_free(form) || part == form)
    }) && parts.next().is_none()
}

/// A story in which every kind of event happens.
fn everything() -> Vec<Event> {
    let mut chat = Chat::new();
    let mut events = chat.done(ALICE, Command::CreateThread(with_participants(&[BOB])));
    let thread_id = chat.engine.threads.keys().next().unwrap().to_string();
    let message_id = chat.send(BOB, &thread_id, "to be changed");
    let thread = || thread_id.clone();
    for command in [
        Command::SendMessage {
            thread_id: thread(),
            message: NewMessage {
                content: "hello".to_owned(),
                ..NewMessage::default()
            },
        },
        Command::EditMessage {
            thread_id: thread(),
            message_id: message_id.clone(),
            patch: MessagePatch {
                content: Some("changed".to_owned()),
                ..MessagePatch::default()
            },
        },
        Command::DeleteMessage {
            thread_id: thread(),
            message_id,
        },
        Command::SendTyping {
            thread_id: thread(),
            sender_display_name: None,
        },
        Command::UpdateThread {
            thread_id: thread(),
            patch: ThreadPatch {
                topic: Some("New".to_owned()),
                ..ThreadPatch::default()
            },
        },
        Command::AddParticipants {
            thread_id: thread(),
            participants: vec![NewParticipant {
                display_name: Some("Carol".to_owned()),
                ..participant(CAROL)
            }],
        },
        Command::RemoveParticipant {
            thread_id: thread(),
            participant: user(CAROL),
        },
        Command::DeleteThread {
            thread_id: thread(),
        },
    ] {
        events.extend(chat.done(BOB, command));
    }
    events
}

// chat 81, 84, 85, 86, 88, 89
#[test]
fn every_kind_of_event_has_the_published_subject_and_data() {
    let events = everything();
    let told: BTreeSet<EventKind> = events.iter().map(|event| event.kind).collect();
    assert!(
        told.iter()
            .eq(EventKind::ALL.iter().collect::<BTreeSet<_>>())
    );
    for event in &events {
        let published = EventType::find(event.kind.event_type()).unwrap();
        assert_eq!(published.family, "chat");
        assert_is_as_published(event);
        // Typing is told to the thread, so its subject names no recipient (chat 84).
        if event.kind != EventKind::ChatTypingIndicatorReceivedInThread {
            let pattern = published.subjects[0];
            assert!(
                has_form(&event.subject, pattern),
                "{} for {pattern}",
                event.subject
            );
        }
    }
    let ids: BTreeSet<_> = events.iter().map(|event| event.id).collect();
    assert_eq!(ids.len(), events.len());
}

// chat 86, 88, 92
#[test]
fn events_for_a_user_have_the_older_flat_members_as_well() {
    let events = everything();
    let data = |kind| {
        let event = events.iter().find(|event| event.kind == kind).unwrap();
        json!(event.data)
    };
    let created = data(EventKind::ChatThreadCreatedWithUser);
    assert_eq!(created["createdBy"], ALICE);
    assert_eq!(created["recipientId"], BOB);
    assert_eq!(
        created["members"],
        json!([{ "memberId": ALICE }, { "memberId": BOB }])
    );
    assert_eq!(created["properties"], json!({ "topic": "Topic" }));
    assert_eq!(data(EventKind::ChatThreadWithUserDeleted)["deletedBy"], BOB);
    assert_eq!(
        data(EventKind::ChatThreadPropertiesUpdatedPerUser)["editedBy"],
        BOB
    );
    let added = data(EventKind::ChatParticipantAddedToThreadWithUser);
    assert_eq!(added["createTime"], "2024-01-01T12:00:00.250Z");
    assert_eq!(added["participantAdded"]["displayName"], "Carol");
    for absent in ["recipientId", "addedBy"] {
        assert_eq!(added.get(absent), None, "{absent}");
    }
    let in_thread = data(EventKind::ChatThreadCreated);
    for absent in ["createdBy", "members", "recipientId"] {
        assert_eq!(in_thread.get(absent), None, "{absent}");
    }
}

// chat 83
#[test]
fn messages_of_the_service_are_not_told_as_messages() {
    let mut chat = Chat::new();
    let events = chat.done(ALICE, Command::CreateThread(with_participants(&[BOB])));
    assert_eq!(
        kinds(&events),
        [
            EventKind::ChatThreadCreatedWithUser,
            EventKind::ChatThreadCreated
        ]
    );
}
