//! Draining 10,000 messages from Azurite, beside the official Python package with equal concurrency. Run by `cargo xtask bench queue`.
//!
//! Both get queues that hold the same events. The time is that of the clock on the wall, as most of it passes in Azurite; rounds
//! alternate, so that whatever else the machine does hits both sides. A message that is lost, or comes twice, fails the run.

use std::collections::HashSet;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use acs_events::Event;
use acs_events::models::AcsRouterWorkerDeregisteredEventData;
use acs_events_queue::{Outcome, Queue, Receiver};
use acs_test_support::Azurite;
use futures_util::{StreamExt, TryStreamExt, stream};
use tokio::sync::Notify;

const MESSAGES: usize = 10_000;
const CONCURRENCY: usize = 16;
const PAIRS_OF_ROUNDS: usize = 2;

#[tokio::main]
async fn main() {
    let python = std::env::var("ACS_BENCH_PYTHON").expect("set by cargo xtask bench queue");
    let azurite = Azurite::start(Path::new(env!("CARGO_TARGET_TMPDIR")));
    println!("{MESSAGES} messages, {CONCURRENCY} at a time, messages a second");
    println!("{:>10} {:>10} {:>8}", "ours", "python", "ratio");
    for round in 0..PAIRS_OF_ROUNDS {
        let queue = full(&azurite, &format!("ours-{round}")).await;
        let ours = drain(&queue).await;
        let queue = full(&azurite, &format!("python-{round}")).await;
        let theirs = drain_by_python(&python, azurite.connection_string(), &queue);
        for queue in [format!("ours-{round}"), format!("python-{round}")] {
            assert_drained(&azurite, &queue).await;
        }
        println!(
            "{:>10.0} {:>10.0} {:>8.2}",
            rate(ours),
            rate(theirs),
            theirs.as_secs_f64() / ours.as_secs_f64(),
        );
    }
}

fn queue(azurite: &Azurite, name: &str) -> Queue {
    Queue::from_connection_string(azurite.connection_string(), name).expect("a queue")
}

/// A queue with as many events, each with a number as its id.
async fn full(azurite: &Azurite, name: &str) -> Queue {
    let queue = queue(azurite, name);
    queue.create_if_missing().await.expect("made");
    stream::iter(0..MESSAGES)
        .map(|number| {
            let data = AcsRouterWorkerDeregisteredEventData::new("w");
            let event = Event::builder(data).id(number.to_string()).build();
            let queue = &queue;
            async move { queue.send(&event.expect("writable")).await }
        })
        .buffer_unordered(CONCURRENCY)
        .try_collect::<()>()
        .await
        .expect("sent");
    queue
}

async fn drain(queue: &Queue) -> Duration {
    let (ids, all) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Notify::new()));
    let handler = {
        let (ids, all) = (Arc::clone(&ids), Arc::clone(&all));
        move |event: Event| {
            let mut ids = ids.lock().expect("alive");
            ids.push(event.id().to_owned());
            if ids.len() == MESSAGES {
                all.notify_one();
            }
            std::future::ready(Outcome::Done)
        }
    };
    let receiver = Receiver::builder(queue.clone())
        .concurrency(CONCURRENCY)
        .build();
    let start = Instant::now();
    let summary = receiver.run(all.notified(), handler).await;
    let time = start.elapsed();
    let ids = ids.lock().expect("alive");
    let distinct: HashSet<_> = ids.iter().collect();
    assert_eq!((ids.len(), distinct.len()), (MESSAGES, MESSAGES));
    assert_eq!(summary.deleted, MESSAGES as u64, "{summary:?}");
    time
}

fn drain_by_python(python: &str, connection_string: &str, queue: &Queue) -> Duration {
    let output = Command::new(python)
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/benches/drain.py"))
        .args([connection_string, queue.name()])
        .args([MESSAGES, CONCURRENCY].map(|number| number.to_string()))
        .output()
        .expect("Python starts");
    assert!(output.status.success(), "{output:?}");
    let result: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(result["messages"], MESSAGES, "{result}");
    assert_eq!(result["distinct"], MESSAGES, "{result}");
    Duration::from_secs_f64(result["seconds"].as_f64().expect("a number"))
}

async fn assert_drained(azurite: &Azurite, name: &str) {
    let receiver = Receiver::builder(queue(azurite, name)).build();
    let left = receiver.receive(1).await.expect("an answer");
    assert!(left.is_empty(), "{left:?}");
}

#[expect(clippy::cast_precision_loss, reason = "some thousands")]
fn rate(time: Duration) -> f64 {
    MESSAGES as f64 / time.as_secs_f64()
}
