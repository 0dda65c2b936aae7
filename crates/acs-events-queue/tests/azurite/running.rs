//! Handlers side by side, and the end of a receiver.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use acs_events::Event;
use acs_events_queue::{Message, Outcome, Queue};
use tokio::sync::{Notify, Semaphore};

use crate::azurite::{Azurite, assert_empty, fill, ids, quick, wait_for};

/// How often each event was handled.
#[derive(Clone, Default)]
struct Handled(Arc<Mutex<BTreeMap<String, usize>>>, Arc<Notify>);

impl Handled {
    fn note(&self, event: &Event) {
        *self
            .0
            .lock()
            .expect("alive")
            .entry(event.id().to_owned())
            .or_default() += 1;
        self.1.notify_waiters();
    }

    /// Ready when that many events were handled.
    async fn reach(&self, count: usize) {
        loop {
            let changed = self.1.notified();
            if self.0.lock().expect("alive").len() >= count {
                return;
            }
            changed.await;
        }
    }

    fn counts(&self) -> Vec<usize> {
        self.0.lock().expect("alive").values().copied().collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn handlers_work_side_by_side_up_to_the_limit() {
    let azurite = Azurite::start();
    let queue = azurite.queue("router-events").await;
    fill(&queue, 0..6).await;
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let gate = Arc::new(Semaphore::new(0));
    let handled = Handled::default();
    let handler = {
        let (now, most, gate, handled) = (
            Arc::clone(&now),
            Arc::clone(&most),
            Arc::clone(&gate),
            handled.clone(),
        );
        move |event: Event| {
            let (now, most, gate, handled) = (
                Arc::clone(&now),
                Arc::clone(&most),
                Arc::clone(&gate),
                handled.clone(),
            );
            async move {
                let current = now.fetch_add(1, Ordering::SeqCst) + 1;
                most.fetch_max(current, Ordering::SeqCst);
                if current == 3 {
                    // All three work at this moment: let everybody pass.
                    gate.add_permits(100);
                }
                gate.acquire().await.expect("open").forget();
                now.fetch_sub(1, Ordering::SeqCst);
                handled.note(&event);
                Outcome::Done
            }
        }
    };
    let receiver = quick(&queue).concurrency(3).build();
    let summary = receiver.run(handled.reach(6), handler).await;
    assert_eq!((summary.deleted, summary.kept), (6, 0));
    assert_eq!(most.load(Ordering::SeqCst), 3);
    assert_eq!(handled.counts(), [1; 6]);
    assert_empty(&queue).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn at_the_end_what_runs_is_finished_and_what_waits_is_given_back() {
    let azurite = Azurite::start();
    let queue = azurite.queue("router-events").await;
    fill(&queue, 0..3).await;
    let (begun, stop, go_on) = (
        Arc::new(Notify::new()),
        Arc::new(Notify::new()),
        Arc::new(Notify::new()),
    );
    let handler = {
        let (begun, go_on) = (Arc::clone(&begun), Arc::clone(&go_on));
        move |_: Event| {
            let (begun, go_on) = (Arc::clone(&begun), Arc::clone(&go_on));
            async move {
                begun.notify_one();
                go_on.notified().await;
                Outcome::Done
            }
        }
    };
    // One is handled and one waits; the third is not taken.
    let receiver = quick(&queue)
        .hidden_for(Duration::from_secs(600))
        .concurrency(1)
        .ahead(1)
        .build();
    let running = {
        let (receiver, stop) = (receiver.clone(), Arc::clone(&stop));
        tokio::spawn(async move { receiver.run(stop.notified(), handler).await })
    };
    begun.notified().await;
    stop.notify_one();
    tokio::task::yield_now().await;
    assert!(!running.is_finished());
    go_on.notify_one();
    let summary = running.await.expect("no panic");
    assert_eq!((summary.deleted, summary.kept), (1, 0));
    let left = wait_for(&receiver, 2).await;
    let mut counts: Vec<_> = left.iter().map(Message::dequeue_count).collect();
    counts.sort_unstable();
    assert_eq!(counts, [1, 2], "what waited was given back");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handler_that_panics_harms_no_other() {
    let azurite = Azurite::start();
    let queue = azurite.queue("router-events").await;
    fill(&queue, 0..3).await;
    let handled = Handled::default();
    let handler = {
        let handled = handled.clone();
        move |event: Event| {
            let handled = handled.clone();
            async move {
                handled.note(&event);
                assert_ne!(event.id(), "1", "a handler with a mistake");
                Outcome::Done
            }
        }
    };
    let receiver = quick(&queue).build();
    let summary = receiver.run(handled.reach(3), handler).await;
    assert_eq!((summary.deleted, summary.kept), (2, 1));
    assert_eq!(ids(&wait_for(&receiver, 1).await), ["1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_that_fails_is_asked_again() {
    let azurite = Azurite::start();
    let queue =
        Queue::from_connection_string(azurite.connection_string(), "late").expect("a queue");
    let handled = Handled::default();
    let handler = {
        let handled = handled.clone();
        move |event: Event| {
            handled.note(&event);
            std::future::ready(Outcome::Done)
        }
    };
    let receiver = quick(&queue).build();
    let running = {
        let handled = handled.clone();
        tokio::spawn(async move { receiver.run(handled.reach(1), handler).await })
    };
    tokio::time::sleep(Duration::from_millis(200)).await;
    queue.create_if_missing().await.expect("made");
    fill(&queue, 0..1).await;
    assert_eq!(running.await.expect("no panic").deleted, 1);
}
