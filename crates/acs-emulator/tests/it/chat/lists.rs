//! Lists: pages, links in every form that clients send them back, and limits.

use serde_json::{Value, json};

use crate::caller::start;
use crate::user::{chat_error, pages, target_of, user};

fn contents(pages: &[Vec<Value>]) -> Vec<&str> {
    let messages = pages.iter().flatten();
    messages
        .filter_map(|message| message["content"]["message"].as_str())
        .collect()
}

// chat 31, 42, 43, 44, 48
#[tokio::test]
async fn messages_come_in_pages_whose_links_are_absolute() {
    let (emulator, caller) = start().await;
    let alice = user(&caller).await;
    let thread = alice.thread_with(&[]).await;
    for content in ["one", "two", "three", "four"] {
        alice.send(&thread, content).await;
    }
    let path = format!("{thread}/messages?maxPageSize=3");
    let first = alice.get(&path).await.expect(200).body;
    let link = first["nextLink"].as_str().unwrap();
    let plain = thread.replace("%3A", ":").replace("%40", "@");
    let begin = format!("{}/chat/{plain}/messages?syncState=3e", emulator.endpoint());
    assert!(link.starts_with(&begin), "{link}");
    let end = "&startTime=1%2F1%2F1970%2012%3A00%3A00%20AM%20%2B00%3A00&maxPageSize=3&api-version=2025-03-15";
    assert!(link.ends_with(end), "{link}");

    let pages = pages(&alice, &path).await;
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [3, 3]);
    assert_eq!(contents(&pages), ["four", "three", "two", "one"]);
}

// chat 47
#[tokio::test]
async fn a_link_works_as_python_rewrites_it() {
    let (_emulator, caller) = start().await;
    let alice = user(&caller).await;
    let thread = alice.thread_with(&[]).await;
    let first = alice
        .get(&format!("{thread}/messages?maxPageSize=1"))
        .await
        .expect(200)
        .body;
    let link = target_of(&alice, first["nextLink"].as_str().unwrap()).to_owned();
    let rewritten = link
        .replace("%2F", "/")
        .replace("%3A", ":")
        .replace("2025-03-15", "2024-03-07");
    for target in [&link, &rewritten, &rewritten.replace("%2B", "+")] {
        let page = alice
            .bearing("GET", target)
            .send_unsigned()
            .await
            .expect(200)
            .body;
        assert_eq!(page["value"][0]["type"], "participantAdded", "{target}");
    }
}

// chat 43, 50
#[tokio::test]
async fn participants_and_receipts_are_passed_over_by_number() {
    let (emulator, caller) = start().await;
    let (alice, bob, carol) = (
        user(&caller).await,
        user(&caller).await,
        user(&caller).await,
    );
    let thread = alice.thread_with(&[&bob, &carol]).await;
    let path = format!("{thread}/participants?maxPageSize=2");
    let first = alice.get(&path).await.expect(200).body;
    let plain = thread.replace("%3A", ":").replace("%40", "@");
    let link = format!(
        "{}/chat/{plain}/participants?skip=2&maxPageSize=2&api-version=2025-03-15",
        emulator.endpoint()
    );
    assert_eq!(first["nextLink"], link);
    assert_eq!(
        pages(&alice, &path)
            .await
            .iter()
            .map(Vec::len)
            .collect::<Vec<_>>(),
        [2, 1]
    );
    let beyond = alice
        .get(&format!("{thread}/participants?skip=7"))
        .await
        .expect(200);
    assert_eq!(beyond.body, json!({ "value": [] }));

    let id = alice.send(&thread, "hello").await;
    for user in [&alice, &bob, &carol] {
        let receipts = format!("{thread}/readReceipts");
        user.post(&receipts, json!({ "chatMessageId": id }))
            .await
            .expect(200);
    }
    let receipts = pages(&alice, &format!("{thread}/readReceipts?maxPageSize=1")).await;
    assert_eq!(receipts.len(), 3);
}

// chat 46
#[tokio::test]
async fn pages_are_stable_while_others_send_change_and_delete() {
    let (_emulator, caller) = start().await;
    let alice = user(&caller).await;
    let thread = alice.thread_with(&[]).await;
    let mut ids = Vec::new();
    for content in ["one", "two", "three", "four", "five"] {
        ids.push(alice.send(&thread, content).await);
    }
    let first = alice
        .get(&format!("{thread}/messages?maxPageSize=2"))
        .await
        .expect(200)
        .body;
    alice.send(&thread, "later").await;
    alice
        .patch(
            &format!("{thread}/messages/{}", ids[1]),
            json!({ "content": "two, changed" }),
        )
        .await
        .expect(204);
    alice
        .delete(&format!("{thread}/messages/{}", ids[4]))
        .await
        .expect(204);
    let mut seen = vec![first["value"].as_array().unwrap().clone()];
    let mut link = first["nextLink"].as_str().map(str::to_owned);
    while let Some(next) = link {
        let page = alice
            .bearing("GET", target_of(&alice, &next))
            .send_unsigned()
            .await
            .expect(200)
            .body;
        seen.push(page["value"].as_array().unwrap().clone());
        link = page["nextLink"].as_str().map(str::to_owned);
    }
    assert_eq!(
        contents(&seen),
        ["five", "four", "three", "two, changed", "one"]
    );
}

// chat 19, 20, 42
#[tokio::test]
async fn threads_come_in_pages_too() {
    let (_emulator, caller) = start().await;
    let alice = user(&caller).await;
    for _ in 0..5 {
        alice.thread_with(&[]).await;
    }
    let pages = pages(&alice, "threads?maxPageSize=2").await;
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [2, 2, 1]);
    let item = &pages[0][0];
    assert!(
        item["lastMessageReceivedOn"].is_string() && item["topic"] == "Lunch",
        "{item}"
    );
}

// chat 39, 49, 50
#[tokio::test]
async fn unusable_parameters_are_refused_by_name() {
    let (_emulator, caller) = start().await;
    let alice = user(&caller).await;
    let thread = alice.thread_with(&[]).await;
    for (query, name) in [
        ("messages?maxPageSize=0", "maxPageSize"),
        ("messages?maxPageSize=-1", "maxPageSize"),
        ("messages?maxPageSize=many", "maxPageSize"),
        ("messages?startTime=yesterday", "startTime"),
        ("messages?syncState=xyz", "syncState"),
        ("participants?skip=-1", "skip"),
        ("participants?skip=1&skip=2", "skip"),
    ] {
        let answer = alice.get(&format!("{thread}/{query}")).await.expect(400);
        let (code, message) = chat_error(&answer);
        assert_eq!(code, "BadRequest");
        assert!(message.contains(&format!("`{name}`")), "{message}");
    }
    alice
        .get(&format!("{thread}/messages?maxPageSize=2147483647"))
        .await
        .expect(200);
    let future = "messages?startTime=2999-01-01T00:00:00.5Z";
    let none = alice.get(&format!("{thread}/{future}")).await.expect(200);
    assert_eq!(none.body, json!({ "value": [] }));
}
