//! Connection strings, signatures and what the queue refuses.

use acs_events_queue::{Queue, Receiver};

use crate::azurite::{Azurite, event, ids, quick, wait_for};

#[tokio::test]
async fn a_connection_string_with_a_key_signs_every_call() {
    let azurite = Azurite::start();
    let queue = azurite.queue("router-events").await;
    queue.create_if_missing().await.expect("it exists");
    queue.send(&event(1)).await.expect("sent");
    let receiver = quick(&queue).build();
    assert_eq!(ids(&wait_for(&receiver, 1).await), ["1"]);
}

#[tokio::test]
async fn a_wrong_key_is_told_without_showing_anything() {
    let azurite = Azurite::start();
    let wrong = azurite.connection_string().replace("Eby8", "AAAA");
    let queue = Queue::from_connection_string(&wrong, "router-events").expect("a queue");
    let error = queue.send(&event(1)).await.expect_err("a wrong key");
    assert_eq!(error.status(), Some(403));
    let shown = format!("{error} {error:?} {queue:?}");
    assert!(!shown.contains("sig") && !shown.contains("AAAA"), "{shown}");
}

#[tokio::test]
async fn a_queue_that_is_missing_and_one_that_is_away_are_told_apart() {
    let azurite = Azurite::start();
    let queue =
        Queue::from_connection_string(azurite.connection_string(), "nowhere").expect("a queue");
    let receiver = Receiver::builder(queue).build();
    let error = receiver.receive(1).await.expect_err("no queue");
    assert!(error.is_queue_missing(), "{error}");
    assert_eq!(error.status(), Some(404));
}
