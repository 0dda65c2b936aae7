//! Single messages: bodies, deleting, and what appears again.

use std::sync::Arc;
use std::time::Duration;

use acs_events_queue::{Outcome, Settled};
use futures_util::StreamExt;
use tokio::sync::Notify;

use crate::azurite::{Azurite, assert_empty, event, fill, ids, quick, wait_for};

#[tokio::test]
async fn base64_and_plain_json_are_read_and_deleted_after_success() {
    let azurite = Azurite::start();
    let queue = azurite.queue("router-events").await;
    queue.send(&event(1)).await.expect("sent");
    let plain = serde_json::to_string(&event(2)).expect("writable");
    queue.send_text(plain).await.expect("sent");
    let receiver = quick(&queue).build();
    let messages = wait_for(&receiver, 2).await;
    assert_eq!(ids(&messages), ["1", "2"]);
    for message in messages {
        let settled = message.process(|_| async { Outcome::Done }).await;
        assert_eq!(settled.expect("settled"), Settled::Deleted);
    }
    assert_empty(&queue).await;
}

#[tokio::test]
async fn a_slow_handler_keeps_its_message_hidden_and_deletes_it() {
    let azurite = Azurite::start();
    let queue = azurite.queue("router-events").await;
    fill(&queue, 0..1).await;
    let receiver = quick(&queue).build();
    let message = wait_for(&receiver, 1).await.remove(0);
    let (end, ended) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let working = {
        let (end, ended) = (Arc::clone(&end), Arc::clone(&ended));
        tokio::spawn(async move {
            let settled = message
                .process(|_| async {
                    end.notified().await;
                    Outcome::Done
                })
                .await;
            ended.notify_one();
            settled
        })
    };
    // More than twice the time for which the message was hidden at first.
    for _ in 0..50 {
        assert!(receiver.receive(32).await.expect("an answer").is_empty());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    end.notify_one();
    ended.notified().await;
    let settled = working.await.expect("no panic").expect("settled");
    assert_eq!(settled, Settled::Deleted);
    assert_empty(&queue).await;
}

#[tokio::test]
async fn a_message_that_another_receiver_took_is_lost_and_not_deleted() {
    let azurite = Azurite::start();
    let queue = azurite.queue("router-events").await;
    fill(&queue, 0..1).await;
    let receiver = quick(&queue).build();
    let stale = wait_for(&receiver, 1).await.remove(0);
    // The program stood still for longer than the message was hidden.
    let current = wait_for(&receiver, 1).await.remove(0);
    let settled = stale.process(|_| async { Outcome::Done }).await;
    assert_eq!(settled.expect("an answer"), Settled::Lost);
    let settled = current.process(|_| async { Outcome::Done }).await;
    assert_eq!(settled.expect("an answer"), Settled::Deleted);
    assert_empty(&queue).await;
}

#[tokio::test]
async fn a_message_that_is_given_back_appears_at_once() {
    let azurite = Azurite::start();
    let queue = azurite.queue("router-events").await;
    fill(&queue, 0..1).await;
    let receiver = quick(&queue).hidden_for(Duration::from_secs(600)).build();
    let message = wait_for(&receiver, 1).await.remove(0);
    assert_eq!(message.release().await.expect("released"), Settled::Kept);
    assert_eq!(ids(&wait_for(&receiver, 1).await), ["0"]);
}

#[tokio::test]
async fn a_stream_gives_all_messages() {
    let azurite = Azurite::start();
    let queue = azurite.queue("router-events").await;
    fill(&queue, 0..5).await;
    let receiver = quick(&queue).hidden_for(Duration::from_secs(600)).build();
    let messages: Vec<_> = receiver
        .stream()
        .map(|message| message.expect("an answer"))
        .take(5)
        .collect()
        .await;
    assert_eq!(ids(&messages), ["0", "1", "2", "3", "4"]);
}
