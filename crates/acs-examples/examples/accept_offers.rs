//! A webhook that accepts offers as they are issued.
//!
//! `cargo run --example accept_offers` starts an emulator that sends its events here, and gives its worker three jobs. With
//! `ACS_CONNECTION_STRING` set it serves the subscription of that resource until Ctrl-C, behind the secret in
//! `ACS_WEBHOOK_SECRET`, on `ACS_WEBHOOK_LISTEN` or 127.0.0.1:9000. Event Grid wants `https`, so a proxy has to stand in front.

use std::sync::Arc;
use std::time::Duration;

use acs_emulator::Emulator;
use acs_events::webhook::{Outcome, Protection, Webhook, router};
use acs_events::{AcsEvent, Event};
use acs_jobrouter::{
    JobRouterClient, LongestIdleMode, NewDistributionPolicy, NewJob, NewQueue, NewWorker,
    RouterChannel,
};
use anyhow::Context as _;
use tokio::net::TcpListener;
use tokio::sync::mpsc;

/// A job that has found its worker.
struct Accepted {
    job_id: String,
    worker_id: String,
    assignment_id: String,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    match std::env::var("ACS_CONNECTION_STRING") {
        Ok(connection_string) => serve(&connection_string).await,
        Err(_) => demonstrate().await,
    }
}

/// Accepts offers of a resource until Ctrl-C.
async fn serve(connection_string: &str) -> anyhow::Result<()> {
    let secret = std::env::var("ACS_WEBHOOK_SECRET").context("ACS_WEBHOOK_SECRET is needed")?;
    let address = std::env::var("ACS_WEBHOOK_LISTEN");
    let listener = TcpListener::bind(address.as_deref().unwrap_or("127.0.0.1:9000")).await?;
    println!("http://{}/events takes events", listener.local_addr()?);

    let client = JobRouterClient::from_connection_string(connection_string)?;
    let (sender, mut accepted) = mpsc::channel(16);
    let served = axum::serve(listener, webhook(client, secret, sender)).with_graceful_shutdown(
        // Without a signal handler it runs until it is killed.
        async { tokio::signal::ctrl_c().await.unwrap_or_default() },
    );
    let told = async {
        while let Some(accepted) = accepted.recv().await {
            println!("{} takes {}", accepted.worker_id, accepted.job_id);
        }
        Ok(())
    };
    tokio::try_join!(served, told)?;
    Ok(())
}

/// What answers Event Grid: an offer is accepted, all other events need no handling.
fn webhook(
    client: JobRouterClient,
    secret: String,
    accepted: mpsc::Sender<Accepted>,
) -> axum::Router {
    let webhook = Webhook::builder(Protection::query("code", [secret])).build();
    router("/events", Arc::new(webhook), move |event: Event| {
        let (client, accepted) = (client.clone(), accepted.clone());
        async move {
            match event.data() {
                AcsEvent::RouterWorkerOfferIssued(offer) => {
                    accept(&client, &offer.worker_id, &offer.offer_id, &accepted).await
                }
                _ => Outcome::Done,
            }
        }
    })
}

/// Accepts an offer. One that is gone (accepted before, expired, revoked) needs no further delivery: events may come twice and
/// in any order.
async fn accept(
    client: &JobRouterClient,
    worker_id: &str,
    offer_id: &str,
    accepted: &mpsc::Sender<Accepted>,
) -> Outcome {
    match client.accept_offer(worker_id, offer_id).await {
        Ok(result) => {
            let told = accepted.send(Accepted {
                job_id: result.job_id.clone(),
                worker_id: result.worker_id.clone(),
                assignment_id: result.assignment_id.clone(),
            });
            // Nobody listens when the program ends; the offer is accepted all the same.
            told.await.unwrap_or_default();
            Outcome::Done
        }
        Err(error) if error.status().is_some() && !error.is_retryable() => {
            eprintln!("{offer_id} is gone: {error}");
            Outcome::Done
        }
        Err(error) => {
            eprintln!("{offer_id} has to come again: {error}");
            Outcome::Retry
        }
    }
}

/// Lets an emulator send its events here, and works off three jobs.
async fn demonstrate() -> anyhow::Result<()> {
    println!("No ACS_CONNECTION_STRING: an emulator in this process answers");
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}/events?code=secret", listener.local_addr()?);
    let emulator = Emulator::builder().webhook(url).start().await?;
    let client = JobRouterClient::from_connection_string(&emulator.connection_string())?;
    let (sender, mut accepted) = mpsc::channel(16);
    let webhook = webhook(client.clone(), "secret".to_owned(), sender);
    let served = tokio::spawn(axum::serve(listener, webhook).into_future());

    set_up(&client).await?;
    let jobs = ["job-1", "job-2", "job-3"];
    for job in jobs {
        client
            .upsert_job(job, NewJob::in_queue("calls", "support"))
            .await?;
    }
    for _ in jobs {
        let Accepted {
            job_id,
            worker_id,
            assignment_id,
        } = accepted.recv().await.context("the webhook has ended")?;
        println!("{worker_id} takes {job_id}");
        client.complete_job(&job_id, &assignment_id).await?;
        client.close_job(&job_id, &assignment_id).await?;
        println!("{job_id} is closed");
    }
    emulator.shutdown().await;
    served.abort();
    Ok(())
}

async fn set_up(client: &JobRouterClient) -> acs_jobrouter::Result<()> {
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
    Ok(())
}
