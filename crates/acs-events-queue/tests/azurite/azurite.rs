//! One Azurite for all tests, and what they do with its queues.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use acs_events::Event;
use acs_events::models::AcsRouterWorkerDeregisteredEventData;
use acs_events_queue::{Message, Queue, Receiver, ReceiverBuilder};

/// The one that tests share while any of them runs.
static RUNNING: Mutex<Weak<Azurite>> = Mutex::new(Weak::new());
static QUEUES: AtomicUsize = AtomicUsize::new(0);

/// A running queue service. It ends with the last test that uses it.
pub(crate) struct Azurite(acs_test_support::Azurite);

impl Azurite {
    pub(crate) fn start() -> Arc<Self> {
        let mut running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
        running.upgrade().unwrap_or_else(|| {
            let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
            let azurite = Arc::new(Self(acs_test_support::Azurite::start(folder)));
            *running = Arc::downgrade(&azurite);
            azurite
        })
    }

    pub(crate) fn connection_string(&self) -> &str {
        self.0.connection_string()
    }

    /// A new queue, whose name begins so.
    pub(crate) async fn queue(&self, name: &str) -> Queue {
        let name = format!("{name}-{}", QUEUES.fetch_add(1, Ordering::Relaxed));
        let queue =
            Queue::from_connection_string(self.connection_string(), &name).expect("a queue");
        queue.create_if_missing().await.expect("made");
        queue
    }
}

/// An event that names its number.
pub(crate) fn event(number: usize) -> Event {
    Event::builder(AcsRouterWorkerDeregisteredEventData::new("w"))
        .id(format!("{number}"))
        .build()
        .expect("writable")
}

/// Puts events with these numbers into the queue.
pub(crate) async fn fill(queue: &Queue, numbers: std::ops::Range<usize>) {
    for number in numbers {
        queue.send(&event(number)).await.expect("sent");
    }
}

/// A receiver that hides for the shortest time and looks again at once.
pub(crate) fn quick(queue: &Queue) -> ReceiverBuilder {
    Receiver::builder(queue.clone())
        .hidden_for(Duration::from_secs(2))
        .pause(Duration::from_millis(20))
}

/// Takes messages until `count` have come, which may take until hidden ones appear.
pub(crate) async fn wait_for(receiver: &Receiver, count: usize) -> Vec<Message> {
    let mut found = Vec::new();
    while found.len() < count {
        let more = receiver.receive(32).await.expect("an answer");
        if more.is_empty() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        found.extend(more);
    }
    found
}

/// The ids of the events in some messages, sorted.
pub(crate) fn ids(messages: &[Message]) -> Vec<String> {
    let mut ids: Vec<_> = messages
        .iter()
        .flat_map(|message| message.events().expect("events"))
        .map(|event| event.id().to_owned())
        .collect();
    ids.sort();
    ids
}

/// Checks that a queue has no message, hidden ones included: what is hidden for two seconds would appear meanwhile.
pub(crate) async fn assert_empty(queue: &Queue) {
    let receiver = quick(queue).build();
    tokio::time::sleep(Duration::from_millis(2_200)).await;
    let left = receiver.receive(32).await.expect("an answer");
    assert!(left.is_empty(), "{left:?}");
}
