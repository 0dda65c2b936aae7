//! Azurite as a child process on a free port, with nothing left behind.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use acs_events::Event;
use acs_events::models::AcsRouterWorkerDeregisteredEventData;
use acs_events_queue::{Message, Queue, Receiver, ReceiverBuilder};

/// The newest version when this was written. Without a version npm takes an older one for an older Node.js.
const VERSION: &str = "3.37.0";
const KEY: &str =
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

/// The one that tests share while any of them runs.
static RUNNING: Mutex<Weak<Azurite>> = Mutex::new(Weak::new());
static QUEUES: AtomicUsize = AtomicUsize::new(0);

/// A running queue service. It ends with the last test that uses it.
pub(crate) struct Azurite {
    process: Child,
    pub(crate) connection_string: String,
}

impl Azurite {
    pub(crate) fn start() -> Arc<Self> {
        let mut running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
        running.upgrade().unwrap_or_else(|| {
            let azurite = Arc::new(Self::start_another());
            *running = Arc::downgrade(&azurite);
            azurite
        })
    }

    fn start_another() -> Self {
        let mut process = Command::new("node")
            .arg(installed())
            .args(["--queueHost", "127.0.0.1", "--queuePort", "0"])
            .args(["--inMemoryPersistence", "--disableTelemetry"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("Node.js 20 or newer");
        let mut output = BufReader::new(process.stdout.take().expect("piped"));
        let endpoint = loop {
            let mut line = String::new();
            let length = output.read_line(&mut line).expect("text");
            assert!(length > 0, "Azurite ended before it listened");
            if let Some((_, endpoint)) = line.trim_end().split_once("successfully listens on ") {
                break endpoint.to_owned();
            }
        };
        // Azurite logs every request and stops when nobody reads.
        std::thread::spawn(move || std::io::copy(&mut output, &mut std::io::sink()));
        let connection_string = format!(
            "AccountName=devstoreaccount1;AccountKey={KEY};QueueEndpoint={endpoint}/devstoreaccount1"
        );
        Self {
            process,
            connection_string,
        }
    }

    /// A new queue, whose name begins so.
    pub(crate) async fn queue(&self, name: &str) -> Queue {
        let name = format!("{name}-{}", QUEUES.fetch_add(1, Ordering::Relaxed));
        let queue = Queue::from_connection_string(&self.connection_string, &name).expect("a queue");
        queue.create_if_missing().await.expect("made");
        queue
    }
}

impl Drop for Azurite {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The program of the queue service.
fn installed() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("azurite-{VERSION}"));
    let program = folder.join("node_modules/azurite/dist/src/queue/main.js");
    if !program.exists() {
        std::fs::create_dir_all(&folder).expect("a folder");
        let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
        let done = Command::new(npm)
            .args(["install", "--no-audit", "--no-fund", "--ignore-scripts"])
            .args(["--loglevel", "error", "--prefix"])
            .arg(&folder)
            .arg(format!("azurite@{VERSION}"))
            .status()
            .expect("npm");
        assert!(done.success(), "npm could not install Azurite");
    }
    program
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
