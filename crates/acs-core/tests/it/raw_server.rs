//! A server that misbehaves as told, in the runtime of the test, so that paused time passes only when everything rests.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// What the server does with a request that it has read.
#[derive(Clone, Debug)]
pub(crate) enum Reaction {
    /// Sends these bytes and goes on with the connection.
    Send(String),
    /// Sends these bytes and closes the connection.
    SendAndClose(String),
    /// Sends these bytes and resets the connection.
    SendAndReset(String),
    /// Sends these bytes and then nothing more, ever.
    SendAndStall(String),
}

impl Reaction {
    /// A well-formed answer.
    pub(crate) fn answer(status: u16, headers: &str, body: &str) -> Self {
        let length = body.len();
        Self::Send(format!(
            "HTTP/1.1 {status} X\r\ncontent-length: {length}\r\n{headers}\r\n{body}"
        ))
    }
}

/// Reacts to one request after the other as the script says, and to those beyond it with 418.
pub(crate) struct RawServer {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
}

impl RawServer {
    pub(crate) async fn start(script: impl IntoIterator<Item = Reaction>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("bind");
        let address = listener.local_addr().expect("address");
        let requests = Arc::new(Mutex::new(Vec::new()));
        let script = Arc::new(Mutex::new(
            script.into_iter().collect::<Vec<_>>().into_iter(),
        ));
        let seen = Arc::clone(&requests);
        let task = tokio::spawn(async move {
            // Dropping the set ends the connections with the server.
            let mut connections = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let (script, seen) = (Arc::clone(&script), Arc::clone(&seen));
                connections.spawn(async move {
                    serve(stream, &seen, || script.lock().expect("script").next()).await;
                });
            }
        });
        Self {
            address,
            requests,
            task,
        }
    }

    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The requests so far, head and body.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().expect("requests").clone()
    }
}

impl Drop for RawServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(
    mut stream: TcpStream,
    seen: &Mutex<Vec<String>>,
    mut next: impl FnMut() -> Option<Reaction>,
) {
    while let Some(request) = read_request(&mut stream).await {
        seen.lock().expect("requests").push(request);
        let reaction = next().unwrap_or_else(|| Reaction::answer(418, "", ""));
        let (Reaction::Send(text)
        | Reaction::SendAndClose(text)
        | Reaction::SendAndReset(text)
        | Reaction::SendAndStall(text)) = &reaction;
        if stream.write_all(text.as_bytes()).await.is_err() {
            return;
        }
        match reaction {
            Reaction::Send(_) => {}
            Reaction::SendAndClose(_) => return,
            Reaction::SendAndReset(_) => {
                stream.set_zero_linger().expect("socket option");
                return;
            }
            Reaction::SendAndStall(_) => std::future::pending().await,
        }
    }
}

/// Reads a request with its body; `None` when the client has gone.
async fn read_request(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes);
        if let Some((head, body)) = text.split_once("\r\n\r\n")
            && body.len() >= content_length(head)
        {
            return Some(text.into_owned());
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
}

fn content_length(head: &str) -> usize {
    head.lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .map_or(0, |(_, value)| value.trim().parse().expect("length"))
}
