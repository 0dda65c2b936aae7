//! A server that misbehaves as told.

use std::collections::VecDeque;
use std::fmt;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use acs_types::Timestamp;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::sleep;

use crate::server::ACCESS_KEY;
use crate::signature;

/// What the server does with a request.
#[derive(Clone, Debug)]
pub enum Reaction {
    /// Sends these bytes and goes on with the connection.
    Send(String),
    /// Sends these bytes and closes the connection.
    SendAndClose(String),
    /// Sends these bytes and resets the connection.
    SendAndReset(String),
    /// Sends these bytes and then nothing more, ever.
    SendAndStall(String),
    /// Sends these bytes after this time and goes on with the connection.
    SendLater(Duration, String),
    /// Sends one of these bytes each second and goes on with the connection.
    Drip(String),
    /// Resets the connection once the head of the request is there, without reading its body.
    ResetUnread,
}

impl Reaction {
    /// A well-formed answer. Each of the header lines ends with `\r\n`.
    #[must_use]
    pub fn answer(status: u16, headers: &str, body: &str) -> Self {
        let length = body.len();
        Self::Send(format!(
            "HTTP/1.1 {status} Status\r\ncontent-length: {length}\r\n{headers}\r\n{body}"
        ))
    }

    /// A success with a JSON body.
    #[must_use]
    pub fn ok(body: &str) -> Self {
        Self::answer(200, "content-type: application/json\r\n", body)
    }
}

/// A request as it arrived.
#[derive(Clone, Debug)]
pub struct RawRequest {
    head: String,
    /// Empty if the server was told not to read it.
    pub body: String,
}

impl RawRequest {
    /// Method and target, such as `GET /routing/jobs?api-version=2023-11-01`.
    #[must_use]
    pub fn line(&self) -> &str {
        let line = self.head.lines().next().unwrap_or_default();
        line.strip_suffix(" HTTP/1.1").unwrap_or(line)
    }

    /// The value of a header, by its lower-case name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head
            .lines()
            .filter_map(|line| line.split_once(':'))
            .find(|(sent, _)| sent.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim())
    }

    /// Whether the stubs' key signed the request, about this time.
    #[must_use]
    pub fn is_signed(&self, now: Timestamp) -> bool {
        let (method, target) = self.line().split_once(' ').unwrap_or_default();
        signature::is_valid(
            method,
            target,
            |name| self.header(name),
            self.body.as_bytes(),
            now,
        )
    }
}

/// Reacts to one request after the other as its script says, and to those beyond it with 418.
///
/// It runs in the runtime of the test. With paused time, time therefore passes only when client and server both wait for
/// it, at once and exactly.
#[derive(Debug)]
pub struct RawServer {
    address: SocketAddr,
    state: Arc<State>,
    task: JoinHandle<()>,
}

struct State {
    script: Mutex<VecDeque<Reaction>>,
    /// Chooses the reaction by the request, in place of the script.
    choose: Option<Choose>,
    requests: Mutex<Vec<RawRequest>>,
}

type Choose = Box<dyn Fn(&RawRequest) -> Reaction + Send + Sync>;

impl State {
    fn next_of_script(&self) -> Reaction {
        let next = self.script.lock().expect("nothing panics").pop_front();
        next.unwrap_or_else(|| Reaction::answer(418, "", ""))
    }
}

impl fmt::Debug for State {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("State")
            .field("script", &self.script)
            .field("requests", &self.requests)
            .finish_non_exhaustive()
    }
}

impl RawServer {
    /// Starts a server on a free loopback port.
    pub async fn start(script: impl IntoIterator<Item = Reaction>) -> Self {
        let server = Self::listen(None).await;
        server.follow(script);
        server
    }

    /// Starts a server that looks at each request before it reacts.
    pub async fn react(choose: impl Fn(&RawRequest) -> Reaction + Send + Sync + 'static) -> Self {
        Self::listen(Some(Box::new(choose))).await
    }

    async fn listen(choose: Option<Choose>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("bind");
        let address = listener.local_addr().expect("address");
        let state = Arc::new(State {
            script: Mutex::default(),
            choose,
            requests: Mutex::default(),
        });
        let task = tokio::spawn(serve_all(listener, Arc::clone(&state)));
        Self {
            address,
            state,
            task,
        }
    }

    /// Forgets the script and the requests so far, and follows this script.
    pub fn follow(&self, script: impl IntoIterator<Item = Reaction>) {
        *self.state.script.lock().expect("nothing panics") = script.into_iter().collect();
        self.state.requests.lock().expect("nothing panics").clear();
    }

    /// An address on which nothing listens.
    pub async fn nowhere() -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("bind");
        connection_string(listener.local_addr().expect("address"))
    }

    /// The server's origin, such as `http://127.0.0.1:4711`.
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// A connection string for the server.
    #[must_use]
    pub fn connection_string(&self) -> String {
        connection_string(self.address)
    }

    /// The requests that arrived so far, in order.
    #[must_use]
    pub fn requests(&self) -> Vec<RawRequest> {
        self.state.requests.lock().expect("nothing panics").clone()
    }
}

impl Drop for RawServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn connection_string(address: SocketAddr) -> String {
    format!("endpoint=http://{address}/;accesskey={ACCESS_KEY}")
}

async fn serve_all(listener: TcpListener, state: Arc<State>) {
    // Dropping the set ends the connections with the server.
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        connections.spawn(serve(stream, Arc::clone(&state)));
    }
}

async fn serve(mut stream: TcpStream, state: Arc<State>) {
    let mut bytes = Vec::new();
    while let Some(mut request) = read_head(&mut stream, &mut bytes).await {
        let scripted = state.choose.is_none().then(|| state.next_of_script());
        if !matches!(scripted, Some(Reaction::ResetUnread)) {
            let Some(body) = read_body(&mut stream, &mut bytes, &request).await else {
                return;
            };
            request.body = body;
        }
        let chosen = state.choose.as_ref().map(|choose| choose(&request));
        state.requests.lock().expect("nothing panics").push(request);
        let Some(reaction) = scripted.or(chosen) else {
            return;
        };
        if !carry_out(&mut stream, reaction).await {
            return;
        }
    }
}

/// Whether the connection goes on.
async fn carry_out(stream: &mut TcpStream, reaction: Reaction) -> bool {
    const SECOND: Duration = Duration::from_secs(1);
    match reaction {
        Reaction::Send(text) => send(stream, text).await,
        Reaction::SendAndClose(text) => {
            send(stream, text).await;
            false
        }
        Reaction::SendAndReset(text) => {
            send(stream, text).await;
            reset(stream)
        }
        Reaction::SendAndStall(text) => {
            send(stream, text).await;
            std::future::pending().await
        }
        Reaction::SendLater(delay, text) => {
            sleep(delay).await;
            send(stream, text).await
        }
        Reaction::Drip(text) => {
            for byte in text.bytes() {
                sleep(SECOND).await;
                if stream.write_all(&[byte]).await.is_err() {
                    return false;
                }
            }
            true
        }
        Reaction::ResetUnread => reset(stream),
    }
}

/// Whether the client was still there.
async fn send(stream: &mut TcpStream, text: String) -> bool {
    stream.write_all(text.as_bytes()).await.is_ok()
}

/// Has the connection reset when it is dropped.
fn reset(stream: &TcpStream) -> bool {
    stream.set_zero_linger().expect("socket option");
    false
}

/// Reads up to the body; `None` when the client has gone. What follows stays in `bytes`.
async fn read_head(stream: &mut TcpStream, bytes: &mut Vec<u8>) -> Option<RawRequest> {
    const END: &[u8] = b"\r\n\r\n";
    loop {
        if let Some(end) = bytes.windows(END.len()).position(|window| window == END) {
            let head: Vec<u8> = bytes.drain(..end + END.len()).collect();
            return Some(RawRequest {
                head: String::from_utf8_lossy(&head).into_owned(),
                body: String::new(),
            });
        }
        if stream.read_buf(bytes).await.ok()? == 0 {
            return None;
        }
    }
}

async fn read_body(
    stream: &mut TcpStream,
    bytes: &mut Vec<u8>,
    request: &RawRequest,
) -> Option<String> {
    let length = request.header("content-length").unwrap_or("0");
    let length: usize = length.parse().expect("a length");
    while bytes.len() < length {
        if stream.read_buf(bytes).await.ok()? == 0 {
            return None;
        }
    }
    let body: Vec<u8> = bytes.drain(..length).collect();
    Some(String::from_utf8_lossy(&body).into_owned())
}
