//! The webhook example under a sender that retries, duplicates, reorders and sends garbage.

mod example;

use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStdout, Stdio};
use std::time::Duration;

use acs_emulator::{Emulator, RunningEmulator};
use acs_jobrouter::{
    JobRouterClient, LongestIdleMode, NewDistributionPolicy, NewJob, NewQueue, NewWorker,
    RouterChannel, RouterJobStatus,
};
use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use reqwest::StatusCode;
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

const JOBS: [&str; 3] = ["job-1", "job-2", "job-3"];

/// What the emulator would have posted.
#[derive(Clone)]
struct Posted {
    headers: HeaderMap,
    body: String,
}

/// The example as a program of its own. It ends with the test.
struct Webhook {
    process: Child,
    output: BufReader<ChildStdout>,
    url: String,
}

impl Webhook {
    fn start(emulator: &RunningEmulator) -> Self {
        let mut process = example::program("accept_offers")
            .env("ACS_CONNECTION_STRING", emulator.connection_string())
            .env("ACS_WEBHOOK_SECRET", "secret")
            .env("ACS_WEBHOOK_LISTEN", "127.0.0.1:0")
            .stdout(Stdio::piped())
            .spawn()
            .expect("examples are built with the tests");
        let mut output = BufReader::new(process.stdout.take().expect("piped"));
        let mut line = String::new();
        output.read_line(&mut line).expect("text");
        let url = line.strip_suffix(" takes events\n").expect("its address");
        Self {
            url: url.to_owned(),
            process,
            output,
        }
    }

    async fn post(&self, secret: &str, posted: &Posted) -> StatusCode {
        let url = format!("{}?code={secret}", self.url);
        let request = reqwest::Client::new().post(url);
        let request = request
            .headers(posted.headers.clone())
            .body(posted.body.clone());
        request.send().await.expect("an answer").status()
    }

    fn next_line(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).expect("text");
        line.trim_end().to_owned()
    }
}

impl Drop for Webhook {
    fn drop(&mut self) {
        // It may have ended by itself, which has failed the test by then.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// An emulator with a worker for three jobs, and everything that it posts.
async fn emulator() -> (RunningEmulator, JobRouterClient, UnboundedReceiver<Posted>) {
    let (sender, posted) = unbounded_channel();
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}/", listener.local_addr().expect("an address"));
    let router = Router::new().fallback(record).with_state(sender);
    tokio::spawn(axum::serve(listener, router).into_future());
    let emulator = Emulator::builder().webhook_without_handshake(url);
    let emulator = emulator.start().await.expect("started");
    let client = JobRouterClient::from_connection_string(&emulator.connection_string());
    let client = client.expect("a connection string");
    set_up(&client).await.expect("an empty emulator");
    (emulator, client, posted)
}

async fn record(State(posted): State<UnboundedSender<Posted>>, headers: HeaderMap, body: String) {
    // What the request to the example needs is its own.
    let mut headers = headers;
    headers.remove("host");
    headers.remove("content-length");
    posted.send(Posted { headers, body }).unwrap_or_default();
}

async fn set_up(client: &JobRouterClient) -> acs_jobrouter::Result<()> {
    let admin = client.admin();
    let policy = NewDistributionPolicy::new(Duration::from_secs(600), LongestIdleMode::new());
    admin.upsert_distribution_policy("policy", policy).await?;
    let queue = NewQueue::with_distribution_policy("policy");
    admin.upsert_queue("queue", queue).await?;
    let worker = NewWorker::with_capacity(JOBS.len().try_into().unwrap_or_default())
        .queue("queue")
        .channel(RouterChannel::new("calls", 1))
        .available_for_offers(true);
    client.upsert_worker("alice", worker).await?;
    for job in JOBS {
        client
            .upsert_job(job, NewJob::in_queue("calls", "queue"))
            .await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn each_offer_is_accepted_once_whatever_the_sender_does() {
    let (emulator, client, mut received) = emulator().await;
    let mut posted = Vec::new();
    let mut offers = 0;
    while offers < JOBS.len() {
        let next = received.recv().await.expect("more events");
        offers += usize::from(next.body.contains("RouterWorkerOfferIssued"));
        posted.push(next);
    }
    let mut webhook = Webhook::start(&emulator);

    let with_body = |body: &str| Posted {
        body: body.to_owned(),
        ..posted[0].clone()
    };
    for garbage in ["", "[", "{}", "[1, 2]", "\u{0}", &"[".repeat(100_000)] {
        let status = webhook.post("secret", &with_body(garbage)).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{garbage:.20}");
    }
    let large = with_body(&" ".repeat(2 << 20));
    assert_eq!(
        webhook.post("secret", &large).await,
        StatusCode::PAYLOAD_TOO_LARGE
    );
    for strange in &posted {
        let status = webhook.post("guess", strange).await;
        assert!(status.is_client_error(), "{status}");
    }

    // The last first, each of them three times at once; who comes while another is at it has to come again.
    for event in posted.iter().rev() {
        let thrice = tokio::join!(
            webhook.post("secret", event),
            webhook.post("secret", event),
            webhook.post("secret", event)
        );
        for status in [thrice.0, thrice.1, thrice.2] {
            let fits = [StatusCode::OK, StatusCode::SERVICE_UNAVAILABLE].contains(&status);
            assert!(fits, "{status}");
        }
    }
    for event in &posted {
        assert_eq!(webhook.post("secret", event).await, StatusCode::OK);
    }

    let mut lines: Vec<_> = JOBS.iter().map(|_| webhook.next_line()).collect();
    lines.sort_unstable();
    assert_eq!(lines, JOBS.map(|job| format!("alice takes {job}")));
    for job in JOBS {
        let job = client.get_job(job).await.expect("a job");
        assert_eq!(job.status, Some(RouterJobStatus::Assigned));
        assert_eq!(job.assignments.len(), 1);
    }
}
