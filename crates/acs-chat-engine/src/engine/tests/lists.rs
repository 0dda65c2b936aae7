//! Lists and their pages, while others send, change and delete.

use proptest::prelude::{any, prop_assert_eq, proptest};

use super::*;
use crate::command::MessagePatch;

fn page(after: Option<Cursor>, limit: usize) -> PageRequest {
    PageRequest {
        after,
        limit,
        start_time: None,
    }
}

fn listed(chat: &Chat, raw_id: &str) -> Vec<String> {
    let page = chat
        .engine
        .threads(&caller(raw_id), &page(None, 100))
        .unwrap();
    let id = |item: &ThreadItemView<'_>| json!(item)["id"].as_str().unwrap().to_owned();
    page.items.iter().map(id).collect()
}

// chat 19, 20
#[test]
fn threads_are_listed_to_those_who_are_in_by_their_last_message() {
    let mut chat = Chat::new();
    let first = chat.thread();
    chat.wait(60);
    let (second, _) = chat.create(ALICE, with_participants(&[]));
    assert_eq!(listed(&chat, ALICE), [&*second, &*first]);
    assert_eq!(listed(&chat, BOB), [&*first]);
    assert_eq!(listed(&chat, CAROL), [""; 0]);
    chat.wait(60);
    chat.send(BOB, &first, "hello");
    assert_eq!(listed(&chat, ALICE), [&*first, &*second]);
    let items = chat
        .engine
        .threads(&caller(ALICE), &page(None, 1))
        .unwrap()
        .items;
    assert_eq!(
        json!(items),
        json!([{ "id": *first, "topic": "Topic", "lastMessageReceivedOn": "2024-01-01T12:02:00Z" }])
    );
}

// chat 21
#[test]
fn a_start_time_keeps_threads_with_activity_since() {
    let mut chat = Chat::new();
    let quiet = chat.thread();
    chat.wait(60);
    let busy = chat.thread();
    let since = |time| PageRequest {
        start_time: Some(time),
        ..page(None, 100)
    };
    let ids = |chat: &Chat, time| {
        let page = chat.engine.threads(&caller(ALICE), &since(time)).unwrap();
        page.items
            .iter()
            .map(|item| json!(item)["id"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(ids(&chat, chat.now), [json!(*busy)]);
    let minute = std::time::Duration::from_secs(60);
    let before = chat.now.checked_sub(minute).unwrap();
    assert_eq!(ids(&chat, before), [json!(*busy), json!(*quiet)]);
}

// chat 46
#[test]
fn a_list_of_threads_shows_each_once_while_messages_arrive() {
    let mut chat = Chat::new();
    let threads: Vec<Arc<str>> = (0..5).map(|_| chat.thread()).collect();
    let mut seen = Vec::new();
    let mut after = None;
    loop {
        let found = chat
            .engine
            .threads(&caller(ALICE), &page(after.take(), 2))
            .unwrap();
        let ids = found
            .items
            .iter()
            .map(|item| json!(item)["id"].as_str().unwrap().to_owned());
        seen.extend(ids);
        after = found.next;
        if after.is_none() {
            break;
        }
        chat.send(BOB, &threads[0], "moves its thread to the top");
        chat.thread();
    }
    let expected: Vec<&str> = threads.iter().rev().map(|id| &**id).collect();
    assert_eq!(seen, expected);
}

// chat 31, 42
#[test]
fn messages_are_listed_newest_first_and_the_last_page_has_no_next() {
    let mut chat = Chat::new();
    let thread_id = chat.thread();
    chat.send(BOB, &thread_id, "one");
    chat.send(BOB, &thread_id, "two");
    let alice = caller(ALICE);
    let first = chat
        .engine
        .messages(&alice, &thread_id, &page(None, 2), newest())
        .unwrap();
    assert_eq!(
        first.items.iter().map(gist).collect::<Vec<_>>(),
        ["two", "one"]
    );
    let second = chat
        .engine
        .messages(&alice, &thread_id, &page(first.next, 2), newest())
        .unwrap();
    assert_eq!(
        second.items.iter().map(gist).collect::<Vec<_>>(),
        ["topicUpdated", "participantAdded"]
    );
    assert_eq!(second.next, None);
}

// chat 39
#[test]
fn a_start_time_keeps_messages_that_were_sent_or_changed_since() {
    let mut chat = Chat::new();
    let thread_id = chat.thread();
    let old = chat.send(BOB, &thread_id, "old");
    chat.send(BOB, &thread_id, "untouched");
    chat.wait(60);
    let start = chat.now;
    chat.send(BOB, &thread_id, "new");
    let delete = Command::DeleteMessage {
        thread_id: thread_id.to_string(),
        message_id: old,
    };
    chat.done(BOB, delete);
    let request = PageRequest {
        start_time: Some(start),
        ..page(None, 100)
    };
    let found = chat
        .engine
        .messages(&caller(ALICE), &thread_id, &request, newest())
        .unwrap();
    assert_eq!(
        found.items.iter().map(gist).collect::<Vec<_>>(),
        ["", "new"]
    );
}

// chat 45
#[test]
fn the_cursor_of_one_list_is_none_of_another() {
    let mut chat = Chat::new();
    let (first, second) = (chat.thread(), chat.thread());
    let alice = caller(ALICE);
    let cursor = chat
        .engine
        .messages(&alice, &first, &page(None, 1), newest())
        .unwrap()
        .next;
    let refusal = chat
        .engine
        .messages(&alice, &second, &page(cursor.clone(), 1), newest());
    assert_eq!(refusal.unwrap_err().kind, RefusalKind::BadRequest);
    assert!(chat.engine.threads(&alice, &page(cursor, 1)).is_err());
    let threads = chat.engine.threads(&alice, &page(None, 1)).unwrap().next;
    assert!(
        chat.engine
            .threads(&caller(BOB), &page(threads, 1))
            .is_err()
    );
}

// chat 43, 50
#[test]
fn participants_are_passed_over_from_the_start() {
    let mut chat = Chat::new();
    let (thread_id, _) = chat.create(ALICE, with_participants(&[BOB, CAROL]));
    let part = |skip, limit| {
        let part = SkipRequest { skip, limit };
        let page = chat
            .engine
            .participants(&caller(ALICE), &thread_id, part, newest())
            .unwrap();
        (page.items.len(), page.next)
    };
    assert_eq!(part(0, 2), (2, Some(2)));
    assert_eq!(part(2, 2), (1, None));
    assert_eq!(part(0, 3), (3, None));
    assert_eq!(part(3, 2), (0, None));
    assert_eq!(part(usize::MAX, 2), (0, None));
}

/// What others do between two pages.
fn disturb(chat: &mut Chat, thread_id: &str, ids: &[String], what: u8, which: usize) {
    let message_id = ids[which % ids.len()].clone();
    let thread_id = thread_id.to_owned();
    let command = match what % 3 {
        0 => send(&thread_id, "later"),
        1 => Command::EditMessage {
            thread_id,
            message_id,
            patch: MessagePatch {
                content: Some("edited".to_owned()),
                ..MessagePatch::default()
            },
        },
        _ => Command::DeleteMessage {
            thread_id,
            message_id,
        },
    };
    // Deleted messages cannot be edited; that is no disturbance then.
    drop(chat.outcome(&caller(BOB), command));
}

proptest! {
    // chat 46: whatever happens meanwhile, the pages of a list show each message that there was once, in the order there was.
    #[test]
    fn pages_neither_repeat_nor_miss_a_message(
        before in proptest::collection::vec(any::<(u8, usize)>(), 0..20),
        between in proptest::collection::vec(any::<(u8, usize)>(), 0..40),
        limit in 1_usize..5,
    ) {
        let mut chat = Chat::new();
        let thread_id = chat.thread();
        let ids: Vec<String> = (0..10).map(|_| chat.send(BOB, &thread_id, "hello")).collect();
        for (what, which) in before {
            disturb(&mut chat, &thread_id, &ids, what, which);
        }
        let alice = caller(ALICE);
        let id = |message: &MessageView<'_>| json!(message)["id"].as_str().unwrap().to_owned();
        let all = chat.engine.messages(&alice, &thread_id, &page(None, 1000), newest()).unwrap();
        let expected: Vec<String> = all.items.iter().map(id).collect();

        let (mut seen, mut after, mut between) = (Vec::new(), None, between.into_iter());
        loop {
            let found = chat.engine.messages(&alice, &thread_id, &page(after, limit), newest()).unwrap();
            seen.extend(found.items.iter().map(id));
            after = found.next;
            if after.is_none() {
                break;
            }
            for (what, which) in between.by_ref().take(5) {
                disturb(&mut chat, &thread_id, &ids, what, which);
            }
        }
        prop_assert_eq!(seen, expected);
    }
}
