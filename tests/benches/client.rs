//! CPU per request of the typed client, as a ratio to a loop written by hand. Run by `cargo xtask bench client`.
//!
//! Both send the same requests with the same `reqwest` configuration, models and prepared key to a stub in a process of its
//! own, 32 at a time on one thread. Rounds alternate, so that whatever else the machine does hits both; what counts is the
//! ratio within a pair of rounds. The loop by hand does the least that works: it signs, sends, checks the status and
//! decodes. The client also retries, names its requests, keeps time limits and has tracing compiled in.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use acs_jobrouter::{ConnectionString, JobPatch, JobRouterClient, NewJob, RouterJob};
use axum::Router;
use axum::http::{StatusCode, header};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use cpu_time::ProcessTime;
use futures_util::StreamExt as _;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};

const KEY: &str = "YmVuY2htYXJrIGtleSwgbm90IGEgc2VjcmV0IG9mIGFueW9uZQ==";
const STUB: &str = "--stub";
const AT_A_TIME: usize = 32;
const REQUESTS_A_ROUND: usize = 6_000;
const PAIRS_OF_ROUNDS: usize = 9;
const WARM_UP: usize = 2_000;

const JOB: &str = r#"{"etag":"\"00000005-0000-0000-6653-d0c0efdfdb08\"","id":"job-1","channelReference":"12345","status":"queued","enqueuedAt":"2024-01-18T09:30:00.1234567+00:00","channelId":"voice","queueId":"queue-1","priority":1,"requestedWorkerSelectors":[{"key":"Some-Skill","labelOperator":"greaterThan","value":10,"expedite":false,"status":"active"}],"attachedWorkerSelectors":[],"labels":{"Language":"en","Vip":true},"assignments":{},"tags":{},"notes":[],"matchingMode":{"kind":"queueAndMatch"}}"#;

type Outcome = Result<(), Box<dyn std::error::Error>>;

fn main() -> Outcome {
    if std::env::args().any(|argument| argument == STUB) {
        return serve();
    }
    let stub = Stub::start()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(compare(&stub.address))
}

async fn compare(address: &str) -> Outcome {
    let by_hand = ByHand::new(address)?;
    let connection = ConnectionString::parse(&format!("endpoint={address};accesskey={KEY}"))?;
    let client = JobRouterClient::new(
        connection.endpoint().clone(),
        connection.access_key().clone(),
    )?;

    println!(
        "{AT_A_TIME} at a time, {PAIRS_OF_ROUNDS} pairs of rounds of {REQUESTS_A_ROUND} requests"
    );
    println!(
        "{:12} {:>14} {:>14} {:>8} {:>17}",
        "operation", "by hand", "client", "ratio", "lowest, highest"
    );
    let get = measure(
        || {
            let by_hand = by_hand.clone();
            async move { by_hand.get_job("job-1").await.map(drop) }
        },
        || {
            let call = client.get_job("job-1");
            async move { call.await.map(drop).map_err(Into::into) }
        },
    )
    .await?;
    report("get job", &get);

    let draft = || {
        NewJob::in_queue("voice", "queue-1")
            .channel_reference("12345")
            .priority(1)
            .label("Language", "en")
    };
    let upsert = measure(
        || {
            let by_hand = by_hand.clone();
            async move { by_hand.upsert_job("job-1", draft().into()).await.map(drop) }
        },
        || {
            let call = client.upsert_job("job-1", draft());
            async move { call.await.map(drop).map_err(Into::into) }
        },
    )
    .await?;
    report("upsert job", &upsert);
    Ok(())
}

/// CPU per request of one pair of rounds.
struct Pair {
    by_hand: Duration,
    client: Duration,
}

impl Pair {
    fn ratio(&self) -> f64 {
        self.client.as_secs_f64() / self.by_hand.as_secs_f64()
    }
}

async fn measure<H, C>(
    by_hand: impl Fn() -> H,
    client: impl Fn() -> C,
) -> Result<Vec<Pair>, Box<dyn std::error::Error>>
where
    H: Future<Output = Result<(), Box<dyn std::error::Error>>>,
    C: Future<Output = Result<(), Box<dyn std::error::Error>>>,
{
    round(WARM_UP, &by_hand).await?;
    round(WARM_UP, &client).await?;
    let mut pairs = Vec::with_capacity(PAIRS_OF_ROUNDS);
    for _ in 0..PAIRS_OF_ROUNDS {
        pairs.push(Pair {
            by_hand: round(REQUESTS_A_ROUND, &by_hand).await?,
            client: round(REQUESTS_A_ROUND, &client).await?,
        });
    }
    Ok(pairs)
}

/// Sends this many requests and gives the CPU time of this process for each.
async fn round<F>(
    requests: usize,
    send: impl Fn() -> F,
) -> Result<Duration, Box<dyn std::error::Error>>
where
    F: Future<Output = Result<(), Box<dyn std::error::Error>>>,
{
    let start = ProcessTime::now();
    let mut answers = futures_util::stream::iter(0..requests)
        .map(|_| send())
        .buffer_unordered(AT_A_TIME);
    while let Some(answer) = answers.next().await {
        answer?;
    }
    Ok(start.elapsed() / u32::try_from(requests)?)
}

fn report(operation: &str, pairs: &[Pair]) {
    let median = |mut values: Vec<f64>| {
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    let microseconds = |duration: fn(&Pair) -> Duration| {
        median(
            pairs
                .iter()
                .map(|pair| duration(pair).as_secs_f64() * 1e6)
                .collect(),
        )
    };
    let ratios: Vec<f64> = pairs.iter().map(Pair::ratio).collect();
    println!(
        "{operation:12} {:>11.1} us {:>11.1} us {:>8.3} {:>8.3} {:>8.3}",
        microseconds(|pair| pair.by_hand),
        microseconds(|pair| pair.client),
        median(ratios.clone()),
        ratios.iter().copied().fold(f64::INFINITY, f64::min),
        ratios.iter().copied().fold(0.0, f64::max),
    );
}

/// The comparator: `reqwest`, `serde` and a prepared HMAC key, and nothing that the service does not need.
#[derive(Clone)]
struct ByHand(Arc<Prepared>);

struct Prepared {
    http: reqwest::Client,
    key: Hmac<Sha256>,
    base: String,
    host: String,
}

impl ByHand {
    fn new(address: &str) -> Result<Self, Box<dyn std::error::Error>> {
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .connect_timeout(Duration::from_secs(10))
            .build()?;
        let base = address.trim_end_matches('/').to_owned();
        Ok(Self(Arc::new(Prepared {
            http,
            key: Hmac::new_from_slice(&BASE64_STANDARD.decode(KEY)?)?,
            host: base.trim_start_matches("http://").to_owned(),
            base,
        })))
    }

    async fn get_job(&self, id: &str) -> Result<RouterJob, Box<dyn std::error::Error>> {
        let target = format!("/routing/jobs/{id}?api-version=2023-11-01");
        self.send(reqwest::Method::GET, &target, None).await
    }

    async fn upsert_job(
        &self,
        id: &str,
        job: JobPatch,
    ) -> Result<RouterJob, Box<dyn std::error::Error>> {
        let target = format!("/routing/jobs/{id}?api-version=2023-11-01");
        self.send(
            reqwest::Method::PATCH,
            &target,
            Some(serde_json::to_vec(&job)?),
        )
        .await
    }

    async fn send(
        &self,
        method: reqwest::Method,
        target: &str,
        body: Option<Vec<u8>>,
    ) -> Result<RouterJob, Box<dyn std::error::Error>> {
        let Prepared {
            http,
            key,
            base,
            host,
        } = &*self.0;
        let date = httpdate::fmt_http_date(SystemTime::now());
        let hash = BASE64_STANDARD.encode(Sha256::digest(body.as_deref().unwrap_or_default()));
        let mut mac = key.clone();
        mac.update(format!("{method}\n{target}\n{date};{host};{hash}").as_bytes());
        let signature = BASE64_STANDARD.encode(mac.finalize().into_bytes());
        let mut request = http
            .request(method, format!("{base}{target}"))
            .header("x-ms-date", date)
            .header("x-ms-content-sha256", hash)
            .header(
                header::AUTHORIZATION,
                format!("HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature={signature}"),
            );
        if let Some(body) = body {
            request = request
                .header(header::CONTENT_TYPE, "application/merge-patch+json")
                .body(body);
        }
        let answer = request.send().await?.error_for_status()?;
        Ok(serde_json::from_slice(&answer.bytes().await?)?)
    }
}

/// The stub in its own process, so that its CPU time is not counted; it ends with its standard input.
struct Stub {
    process: Child,
    address: String,
}

impl Stub {
    fn start() -> Result<Self, Box<dyn std::error::Error>> {
        let mut process = Command::new(std::env::current_exe()?)
            .arg(STUB)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let output = process.stdout.take().ok_or("the stub has no output")?;
        let mut address = String::new();
        BufReader::new(output).read_line(&mut address)?;
        Ok(Self {
            process,
            address: address.trim().to_owned(),
        })
    }
}

impl Drop for Stub {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        if let Err(error) = self.process.wait() {
            eprintln!("the stub did not end: {error}");
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn serve() -> Outcome {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("http://{}/", listener.local_addr()?);
    std::io::stdout().flush()?;
    let app = Router::new().fallback(async || {
        (
            StatusCode::OK,
            [(header::CONTENT_TYPE, "application/json")],
            JOB,
        )
    });
    let parent_is_gone = tokio::task::spawn_blocking(|| {
        // Whatever ends the input, an end or an error, means that nobody needs the stub any more.
        let _ = std::io::stdin().read_line(&mut String::new());
    });
    axum::serve(listener, app)
        .with_graceful_shutdown(async {
            if let Err(error) = parent_is_gone.await {
                eprintln!("the stub cannot watch its parent: {error}");
            }
        })
        .await?;
    Ok(())
}
