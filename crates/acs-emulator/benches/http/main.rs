//! What a request costs the emulator over HTTP, as a ratio to a bare axum echo. Run by `cargo xtask bench emulator`.
//!
//! The requests are the five of a complete job cycle: create a job, read the worker for its offer, accept it, complete the
//! job, close it. Each server is a process of its own with one thread, and what counts is the CPU time it uses; the rate is
//! how many such requests one core answers in a second. Signatures are verified. The echo gets the same requests and sends
//! their bodies back. Rounds alternate between three servers (the echo, an emulator whose queues are empty, and one with
//! jobs waiting in them), so that whatever else the machine does hits all of them.
//!
//! Sending chat messages is compared with the echo in the same way.
//!
//! Each connection has a queue and a worker of its own. Jobs that wait are shared out evenly over the queues, and every
//! worker could take them: a cycle creates one job at the end of the line and finishes the one at its head.

mod chat;

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use acs_auth::AccessKey;
use acs_auth::signing::{RequestToSign, content_hash};
use acs_emulator::{DEVELOPMENT_ACCESS_KEY, Emulator};
use acs_types::Timestamp;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{Response, header};
use cpu_time::ProcessTime;
use reqwest::Method;
use serde_json::{Value, json};

const SERVE: &str = "--serve";
const CONNECTIONS: usize = 16;
const CYCLES_A_ROUND: usize = 100;
const REQUESTS_A_CYCLE: usize = 5;
const ROUNDS: usize = 9;
const WAITING_JOBS: usize = 20_000;

/// What the echo's requests name in place of what an emulator would have answered.
const NO_ID: &str = "00000000-0000-0000-0000-000000000000";

type Outcome<T = ()> = Result<T, Box<dyn std::error::Error>>;

#[tokio::main]
async fn main() -> Outcome {
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(place) = arguments.iter().position(|argument| argument == SERVE) {
        let echo = arguments.get(place + 1).is_some_and(|name| name == "echo");
        return tokio::task::spawn_blocking(move || serve(echo).map_err(|error| error.to_string()))
            .await?
            .map_err(Into::into);
    }
    // An argument chooses one of the two, as it chooses tests.
    let wanted = arguments
        .iter()
        .skip(1)
        .find(|argument| !argument.starts_with('-'));
    let is_wanted = |what: &str| wanted.is_none_or(|wanted| what.contains(wanted.as_str()));
    if is_wanted("jobs") {
        compare().await?;
    }
    if is_wanted("chat") {
        chat::compare().await?;
    }
    Ok(())
}

/// One server on one thread. Tells its address, then its CPU time whenever it is asked by a line.
fn serve(echo: bool) -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    std::thread::spawn(|| {
        for _ in std::io::stdin().lines() {
            println!("{}", ProcessTime::now().as_duration().as_nanos());
        }
        std::process::exit(0);
    });
    runtime.block_on(async {
        if echo {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
            println!("http://{}", listener.local_addr()?);
            axum::serve(listener, Router::new().fallback(answer_with)).await?;
        } else {
            let emulator = Emulator::builder().start().await?;
            println!("{}", emulator.endpoint());
            std::future::pending::<()>().await;
        }
        Ok(())
    })
}

async fn answer_with(body: Bytes) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    let json = header::HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}

async fn compare() -> Outcome {
    let mut echo = Server::start("echo", CONNECTIONS)?;
    let mut empty = Server::start("emulator", CONNECTIONS)?;
    let mut waiting = Server::start("emulator", CONNECTIONS)?;
    for server in [&empty, &waiting] {
        server.prepare().await?;
    }
    waiting.fill().await?;
    println!(
        "{CONNECTIONS} connections, {ROUNDS} rounds of {} requests to each server, {WAITING_JOBS} jobs waiting",
        CONNECTIONS * CYCLES_A_ROUND * REQUESTS_A_CYCLE
    );

    let mut rounds = Vec::with_capacity(ROUNDS);
    for round in 0..=ROUNDS {
        let measured = Round {
            echo: echo.round(true).await?,
            empty: empty.round(false).await?,
            waiting: waiting.round(false).await?,
        };
        // The first one warms up.
        if round > 0 {
            rounds.push(measured);
        }
    }
    report("echo", &rounds, |round| round.echo);
    report("emulator, empty", &rounds, |round| round.empty);
    report("emulator, jobs waiting", &rounds, |round| round.waiting);
    ratio(
        "rate against the echo (must 0.25, aim 0.4)",
        &rounds,
        |round| round.echo.as_secs_f64() / round.empty.as_secs_f64(),
    );
    ratio("cost with jobs waiting (at most 2)", &rounds, |round| {
        round.waiting.as_secs_f64() / round.empty.as_secs_f64()
    });
    Ok(())
}

/// CPU time per request.
struct Round {
    echo: Duration,
    empty: Duration,
    waiting: Duration,
}

fn report(name: &str, rounds: &[Round], value: impl Fn(&Round) -> Duration) {
    let micros = median(rounds, |round| value(round).as_secs_f64() * 1e6);
    println!(
        "{name:24} {micros:7.1} us CPU a request, {:7.0} requests a second on one core",
        1e6 / micros
    );
}

fn ratio(name: &str, rounds: &[Round], value: impl Fn(&Round) -> f64) {
    let lowest = rounds.iter().map(&value).fold(f64::INFINITY, f64::min);
    let highest = rounds.iter().map(&value).fold(0.0, f64::max);
    println!(
        "{name}: {:.2} (lowest {lowest:.2}, highest {highest:.2})",
        median(rounds, value)
    );
}

fn median<R>(rounds: &[R], value: impl Fn(&R) -> f64) -> f64 {
    let mut values: Vec<f64> = rounds.iter().map(value).collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// A server in a process of its own. It ends with this one, when its standard input closes.
struct Server {
    process: Child,
    output: BufReader<ChildStdout>,
    endpoint: String,
    clients: Vec<Client>,
    jobs: AtomicU64,
}

impl Server {
    fn start(name: &str, connections: usize) -> Outcome<Self> {
        let mut process = Command::new(std::env::current_exe()?)
            .args([SERVE, name])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut output = BufReader::new(process.stdout.take().ok_or("no output")?);
        let mut endpoint = String::new();
        output.read_line(&mut endpoint)?;
        let endpoint = endpoint.trim().to_owned();
        let clients = (0..connections).map(|number| Client::new(&endpoint, number));
        Ok(Self {
            process,
            output,
            clients: clients.collect::<Outcome<_>>()?,
            endpoint,
            jobs: AtomicU64::new(0),
        })
    }

    async fn prepare(&self) -> Outcome {
        let mode = json!({ "kind": "longestIdle" });
        let policy = json!({ "offerExpiresAfterSeconds": 86_400, "mode": mode });
        let first = &self.clients[0];
        first.patch("distributionPolicies/p", policy).await?;
        for client in &self.clients {
            let number = client.number;
            let queue = json!({ "distributionPolicyId": "p" });
            client.patch(&format!("queues/q-{number}"), queue).await?;
            let worker = json!({
                "capacity": 1,
                "queues": [format!("q-{number}")],
                "labels": { "Skill": 11 },
                "channels": [{ "channelId": "voice", "capacityCostPerJob": 1 }],
                "availableForOffers": true,
            });
            client.patch(&format!("workers/w-{number}"), worker).await?;
        }
        Ok(())
    }

    /// Lets jobs wait: as many as there are, over all queues.
    async fn fill(&self) -> Outcome {
        let fillings = self.clients.iter().map(|client| async move {
            for _ in 0..WAITING_JOBS / CONNECTIONS {
                client.create_job(self.next_job()).await?;
            }
            Ok(())
        });
        all(fillings).await
    }

    /// Runs the cycles of a round on all connections at once: CPU time of the server per request.
    async fn round(&mut self, echo: bool) -> Outcome<Duration> {
        let before = self.cpu_time()?;
        let server = &*self;
        let cycles = server.clients.iter().map(|client| async move {
            for _ in 0..CYCLES_A_ROUND {
                client.cycle(server.next_job(), echo).await?;
            }
            Ok(())
        });
        all(cycles).await?;
        let requests = u32::try_from(CONNECTIONS * CYCLES_A_ROUND * REQUESTS_A_CYCLE)?;
        let used = self.cpu_time()? - before;
        Ok(used / requests)
    }

    fn cpu_time(&mut self) -> Outcome<Duration> {
        let input = self.process.stdin.as_mut().ok_or("no input")?;
        writeln!(input)?;
        let mut nanos = String::new();
        self.output.read_line(&mut nanos)?;
        Ok(Duration::from_nanos(nanos.trim().parse()?))
    }

    fn next_job(&self) -> u64 {
        self.jobs.fetch_add(1, Ordering::Relaxed)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        // It ends by itself, now that its input is closed; that it has ended already is fine too.
        drop(self.process.wait());
    }
}

async fn all<F: Future<Output = Outcome>>(futures: impl Iterator<Item = F>) -> Outcome {
    for outcome in futures_util::future::join_all(futures).await {
        outcome?;
    }
    Ok(())
}

/// One connection, with a queue and a worker of its own.
struct Client {
    http: reqwest::Client,
    endpoint: String,
    key: AccessKey,
    number: usize,
}

impl Client {
    fn new(endpoint: &str, number: usize) -> Outcome<Self> {
        Ok(Self {
            http: reqwest::Client::builder().no_proxy().build()?,
            endpoint: endpoint.to_owned(),
            key: AccessKey::from_base64(DEVELOPMENT_ACCESS_KEY)?,
            number,
        })
    }

    async fn create_job(&self, number: u64) -> Outcome<Value> {
        let selector = json!({ "key": "Skill", "labelOperator": "greaterThan", "value": 10 });
        let job = json!({
            "channelId": "voice",
            "queueId": format!("q-{}", self.number),
            "channelReference": "12345",
            "priority": 1,
            "requestedWorkerSelectors": [selector],
        });
        self.patch(&format!("jobs/j-{number}"), job).await
    }

    async fn cycle(&self, number: u64, echo: bool) -> Outcome {
        self.create_job(number).await?;
        let number = self.number;
        let worker = self
            .call(Method::GET, &format!("workers/w-{number}"), None)
            .await?;
        let id = |value: &Value| match value.as_str() {
            Some(id) => Ok(id.to_owned()),
            None if echo => Ok(NO_ID.to_owned()),
            None => Err(format!("no offer for w-{number}: {worker}")),
        };
        let offer = id(&worker["offers"][0]["offerId"])?;
        let job = id(&worker["offers"][0]["jobId"])?;
        let accept = format!("workers/w-{number}/offers/{offer}:accept");
        let accepted = self.call(Method::POST, &accept, None).await?;
        let assignment = id(&accepted["assignmentId"])?;
        for action in ["complete", "close"] {
            let path = format!("jobs/{job}/assignments/{assignment}:{action}");
            self.call(Method::POST, &path, Some(json!({ "note": "done" })))
                .await?;
        }
        Ok(())
    }

    async fn patch(&self, path: &str, body: Value) -> Outcome<Value> {
        self.call(Method::PATCH, path, Some(body)).await
    }

    async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Outcome<Value> {
        let target = format!("/routing/{path}?api-version=2023-11-01");
        self.signed(method, &target, body).await
    }

    async fn signed(&self, method: Method, target: &str, body: Option<Value>) -> Outcome<Value> {
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        let date = Timestamp::from(SystemTime::now()).http_date();
        let hash = content_hash(body.as_bytes());
        let (_, host) = self.endpoint.split_once("://").ok_or("no host")?;
        let signed = RequestToSign {
            method: method.as_str(),
            target,
            host,
            date: &date,
            content_hash: &hash,
        }
        .sign(&self.key);
        self.send(method.clone(), target, signed.pairs(), body)
            .await
    }

    async fn send<'h>(
        &self,
        method: Method,
        target: &str,
        headers: impl IntoIterator<Item = (&'h str, &'h str)>,
        body: String,
    ) -> Outcome<Value> {
        let content_type = if method == Method::PATCH {
            "application/merge-patch+json"
        } else {
            "application/json"
        };
        let mut request = self
            .http
            .request(method, format!("{}{target}", self.endpoint))
            .header(header::CONTENT_TYPE, content_type);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let response = request.body(body).send().await?.error_for_status()?;
        let bytes = response.bytes().await?;
        Ok(serde_json::from_slice(&bytes).unwrap_or_default())
    }
}
