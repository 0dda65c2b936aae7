//! Read receipts and typing.

use super::*;

fn read(thread_id: &str, message_id: &str) -> Command {
    Command::SendReadReceipt {
        thread_id: thread_id.to_owned(),
        message_id: message_id.to_owned(),
    }
}

fn typing(thread_id: &str, name: Option<&str>) -> Command {
    Command::SendTyping {
        thread_id: thread_id.to_owned(),
        sender_display_name: name.map(str::to_owned),
    }
}

fn receipts(chat: &Chat, thread_id: &str) -> Value {
    let all = SkipRequest {
        skip: 0,
        limit: 100,
    };
    let page = chat
        .engine
        .receipts(&caller(ALICE), thread_id, all, newest());
    json!(page.unwrap().items)
}

// chat 62, 63
#[test]
fn each_reader_has_one_receipt_which_never_goes_back() {
    let mut chat = Chat::new();
    let thread_id = chat.thread();
    let first = chat.send(ALICE, &thread_id, "one");
    let second = chat.send(ALICE, &thread_id, "two");
    assert_eq!(chat.done(BOB, read(&thread_id, &first)), []);
    chat.wait(1);
    chat.done(BOB, read(&thread_id, &second));
    chat.wait(1);
    chat.done(BOB, read(&thread_id, &first));
    chat.done(ALICE, read(&thread_id, &second));
    let shown = receipts(&chat, &thread_id);
    assert_eq!(shown.as_array().unwrap().len(), 2);
    assert_eq!(
        shown[0],
        json!({
            "senderCommunicationIdentifier": {
                "kind": "communicationUser", "rawId": BOB, "communicationUser": { "id": BOB },
            },
            "chatMessageId": second,
            "readOn": "2024-01-01T12:00:01Z",
        })
    );
    let refusal = chat.refused(&caller(BOB), read(&thread_id, "1"));
    assert_eq!(refusal.kind, RefusalKind::NotFound);
}

// chat 65
#[test]
fn large_threads_have_neither_receipts_nor_typing() {
    let mut chat = Chat::new();
    let users: Vec<String> = (0..20).map(|index| format!("8:acs:r_{index}")).collect();
    let users: Vec<&str> = users.iter().map(String::as_str).collect();
    let (small, _) = chat.create(ALICE, with_participants(&users[..19]));
    let (large, _) = chat.create(ALICE, with_participants(&users));
    for (thread_id, works) in [(small, true), (large, false)] {
        let message_id = chat.send(ALICE, &thread_id, "hello");
        for command in [read(&thread_id, &message_id), typing(&thread_id, None)] {
            let answer = chat.outcome(&caller(ALICE), command).answer;
            let kind = answer.err().map(|refusal| refusal.kind);
            assert_eq!(kind, (!works).then_some(RefusalKind::BadRequest));
        }
    }
}

// chat 67, 81
#[test]
fn typing_is_told_to_the_thread_and_leaves_nothing() {
    let mut chat = Chat::new();
    let thread_id = chat.thread();
    let before = chat.engine.threads.clone();
    let events = chat.done(BOB, typing(&thread_id, Some("Bob")));
    assert_eq!(
        kinds(&events),
        [EventKind::ChatTypingIndicatorReceivedInThread]
    );
    assert_eq!(
        events[0].subject,
        format!("thread/{thread_id}/sender/{BOB}")
    );
    assert_eq!(json!(events[0].data)["senderDisplayName"], "Bob");
    assert!(chat.engine.threads == before);
}
