//! Prints type, subject and data of each event that comes out of a storage queue.
//!
//! `AZURE_STORAGE_CONNECTION_STRING` names the storage account, or Azurite with `UseDevelopmentStorage=true`. An emulator in this
//! process puts the events of one job into the queue `router-events` there, and the example ends when it has read as many. With
//! `ACS_CONNECTION_STRING` set too, Event Grid feeds the queue, and the example runs until Ctrl-C.

use std::time::Duration;

use acs_emulator::Emulator;
use acs_events::Event;
use acs_events_queue::{Outcome, Queue, Receiver};
use acs_jobrouter::{
    JobRouterClient, LongestIdleMode, NewDistributionPolicy, NewJob, NewQueue, NewWorker,
    RouterChannel, WorkerPatch,
};
use tokio::sync::mpsc;

const QUEUE: &str = "router-events";

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let Ok(storage) = std::env::var("AZURE_STORAGE_CONNECTION_STRING") else {
        println!("AZURE_STORAGE_CONNECTION_STRING names no storage account: nothing to receive");
        return Ok(());
    };
    let queue = Queue::from_connection_string(&storage, QUEUE)?;
    if std::env::var_os("ACS_CONNECTION_STRING").is_some() {
        // Without a signal handler it runs until it is killed.
        let stop = async { tokio::signal::ctrl_c().await.unwrap_or_default() };
        receive(queue, stop, |event| print(&event)).await;
        return Ok(());
    }
    let expected = feed(&storage).await?;
    let (sender, mut printed) = mpsc::unbounded_channel();
    let all_printed = async move {
        for _ in 0..expected {
            printed.recv().await;
        }
    };
    receive(queue, all_printed, move |event| {
        print(&event);
        // Once all are printed nobody counts any more.
        sender.send(()).unwrap_or_default();
    })
    .await;
    Ok(())
}

/// Hands events to `handle` until `stop` is done. A message is deleted after its event was handled.
async fn receive(
    queue: Queue,
    stop: impl Future<Output = ()> + Send,
    handle: impl Fn(Event) + Send + Sync + Clone + 'static,
) {
    let receiver = Receiver::builder(queue)
        .pause(Duration::from_millis(200))
        .build();
    let summary = receiver
        .run(stop, move |event| {
            handle(event);
            async { Outcome::Done }
        })
        .await;
    println!("{} messages are handled", summary.deleted);
}

fn print(event: &Event) {
    println!(
        "{} {} {}",
        event.event_type(),
        event.subject(),
        event.raw_data()
    );
}

/// Has an emulator put the events of one job into the queue, and tells how many there are.
async fn feed(storage: &str) -> anyhow::Result<usize> {
    let emulator = Emulator::builder().storage_queue(storage, QUEUE);
    let emulator = emulator.start().await?;
    let mut events = emulator.events();
    let client = JobRouterClient::from_connection_string(&emulator.connection_string())?;
    work_off_a_job(&client).await?;
    // Returns when the queue has them all.
    emulator.shutdown().await;
    let mut count = 0;
    while events.next().await.is_some() {
        count += 1;
    }
    Ok(count)
}

async fn work_off_a_job(client: &JobRouterClient) -> acs_jobrouter::Result<()> {
    let admin = client.admin();
    let policy = NewDistributionPolicy::new(Duration::from_secs(60), LongestIdleMode::new());
    admin.upsert_distribution_policy("policy", policy).await?;
    let queue = NewQueue::with_distribution_policy("policy");
    admin.upsert_queue("support", queue).await?;
    let worker = NewWorker::with_capacity(1)
        .queue("support")
        .channel(RouterChannel::new("calls", 1))
        .available_for_offers(true);
    client.upsert_worker("alice", worker).await?;
    let job = NewJob::in_queue("calls", "support").label("Language", "fr");
    client.upsert_job("job-1", job).await?;

    let offer = client.wait_for_offer("alice").of_job("job-1").await?;
    let accepted = client.accept_offer("alice", &offer.offer_id).await?;
    client
        .complete_job("job-1", &accepted.assignment_id)
        .await?;
    client.close_job("job-1", &accepted.assignment_id).await?;
    let leaves = WorkerPatch {
        available_for_offers: false.into(),
        ..WorkerPatch::default()
    };
    client.upsert_worker("alice", leaves).await?;
    Ok(())
}
