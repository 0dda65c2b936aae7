//! Messages that nobody can handle.

use std::time::Duration;

use acs_events_queue::{Outcome, Queue, Receiver, Settled};
use serde_json::Value;

use crate::azurite::{Azurite, assert_empty, event, fill, quick, wait_for};

/// The one poison message of a queue.
async fn poisoned(queue: &Queue) -> Value {
    let message = wait_for(&quick(queue).build(), 1).await.remove(0);
    serde_json::from_str(message.text()).expect("JSON")
}

/// A receiver that gives up after two attempts, and sees failed messages again at once.
fn giving_up(queue: &Queue, poison: &Queue) -> Receiver {
    quick(queue)
        .retry_after(Duration::ZERO)
        .poison_queue(poison.clone(), 2)
        .build()
}

async fn process_one(receiver: &Receiver, outcome: Outcome) -> Settled {
    let message = wait_for(receiver, 1).await.remove(0);
    message
        .process(|_| std::future::ready(outcome.clone()))
        .await
        .expect("an answer")
}

#[tokio::test]
async fn a_message_that_fails_too_often_is_moved_with_the_reason() {
    let azurite = Azurite::start();
    let queue = azurite.queue("router-events").await;
    let poison = azurite.queue("poison").await;
    fill(&queue, 0..1).await;
    let receiver = giving_up(&queue, &poison);
    let fails = Outcome::from(Err::<(), _>("the database is away"));
    assert_eq!(process_one(&receiver, fails.clone()).await, Settled::Kept);
    assert_eq!(process_one(&receiver, fails).await, Settled::Poisoned);
    let found = poisoned(&poison).await;
    assert_eq!(found["reason"], "the database is away");
    assert_eq!(found["dequeueCount"], 2);
    let text = found["text"].as_str().expect("a text");
    let events = acs_events::read_message(text).expect("as it was");
    assert_eq!(events[0].as_ref().expect("an event").id(), "0");
    assert_empty(&queue).await;
}

#[tokio::test]
async fn a_message_that_can_never_be_handled_is_moved_at_once() {
    let azurite = Azurite::start();
    let queue = azurite.queue("router-events").await;
    let poison = azurite.queue("poison").await;
    fill(&queue, 0..1).await;
    let receiver = giving_up(&queue, &poison);
    let outcome = Outcome::Poison("of another tenant".to_owned());
    assert_eq!(process_one(&receiver, outcome).await, Settled::Poisoned);
    assert_eq!(poisoned(&poison).await["reason"], "of another tenant");
    assert_empty(&queue).await;
}

#[tokio::test]
async fn what_cannot_be_read_is_moved_after_the_same_number_of_attempts() {
    let azurite = Azurite::start();
    let queue = azurite.queue("router-events").await;
    let poison = azurite.queue("poison").await;
    queue
        .send_text("neither <base64> & nor JSON".to_owned())
        .await
        .expect("sent");
    let receiver = giving_up(&queue, &poison);
    assert_eq!(process_one(&receiver, Outcome::Done).await, Settled::Kept);
    assert_eq!(
        process_one(&receiver, Outcome::Done).await,
        Settled::Poisoned
    );
    let found = poisoned(&poison).await;
    assert_eq!(found["text"], "neither <base64> & nor JSON");
    let reason = found["reason"].as_str().expect("a text");
    assert!(reason.contains("neither JSON nor base64"), "{reason}");
    assert_empty(&queue).await;
}

#[tokio::test]
async fn a_message_that_ended_every_program_before_does_not_reach_the_handler_again() {
    let azurite = Azurite::start();
    let queue = azurite.queue("router-events").await;
    let poison = azurite.queue("poison").await;
    fill(&queue, 0..1).await;
    let receiver = giving_up(&queue, &poison);
    for _ in 0..2 {
        drop(wait_for(&receiver, 1).await);
    }
    let message = wait_for(&receiver, 1).await.remove(0);
    assert_eq!(message.dequeue_count(), 3);
    let settled = message
        .process(|_| async { panic!("it ends every program") })
        .await;
    assert_eq!(settled.expect("an answer"), Settled::Poisoned);
    assert_eq!(
        poisoned(&poison).await["reason"],
        "taken 2 times and never finished"
    );
    assert_empty(&queue).await;
}

#[tokio::test]
async fn without_a_poison_queue_nothing_is_given_up() {
    let azurite = Azurite::start();
    let queue = azurite.queue("router-events").await;
    queue.send(&event(0)).await.expect("sent");
    let receiver = quick(&queue).retry_after(Duration::ZERO).build();
    for _ in 0..7 {
        let outcome = Outcome::Poison("never".to_owned());
        assert_eq!(process_one(&receiver, outcome).await, Settled::Kept);
    }
}

#[tokio::test]
async fn a_poison_queue_that_is_missing_loses_nothing() {
    let azurite = Azurite::start();
    let queue = azurite.queue("router-events").await;
    let missing =
        Queue::from_connection_string(azurite.connection_string(), "missing").expect("a queue");
    fill(&queue, 0..1).await;
    let receiver = giving_up(&queue, &missing);
    let message = wait_for(&receiver, 1).await.remove(0);
    let error = message
        .process(|_| async { Outcome::Poison("never".to_owned()) })
        .await
        .expect_err("no poison queue");
    assert!(error.is_queue_missing(), "{error}");
    assert_eq!(wait_for(&receiver, 1).await.len(), 1);
}
