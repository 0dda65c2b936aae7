//! What each typed call makes of a server that misbehaves on purpose.
//!
//! The server runs in the test's own runtime with paused time: nobody waits for real, and times can be compared exactly.
//! The defaults of the client apply, but for the random part of its waits: three retries after 0.8, 1.6 and 3.2 seconds,
//! 30 seconds for an attempt and 100 for a call.

mod cancellation;
mod clock;
mod connections;
mod content;
mod statuses;
mod throttling;
mod tokens;

use std::time::Duration;

use acs_contract_tests::{Clients, OperationCall};
use acs_jobrouter::{ClientOptions, Error, RetryOptions};
use acs_test_support::{RawServer, Reaction, USER_TOKEN};
use tokio::time::Instant;

/// How many attempts the client makes where repeating is safe.
const ATTEMPTS: usize = 4;

/// How long it waits between them, all in all.
const WAITS: Duration = Duration::from_millis(800 + 1_600 + 3_200);

fn options() -> ClientOptions {
    ClientOptions::new().retry(RetryOptions::new().jitter(0.0))
}

fn client(connection_string: &str) -> Clients {
    client_with(connection_string, options())
}

fn client_with(connection_string: &str, options: ClientOptions) -> Clients {
    Clients::new(connection_string, USER_TOKEN, options).expect("clients")
}

/// The answer that lets a call succeed.
fn success(call: &OperationCall) -> Reaction {
    match call.status {
        204 => Reaction::Send("HTTP/1.1 204 No Content\r\n\r\n".to_owned()),
        status => Reaction::answer(status, "", call.answer),
    }
}

/// What became of a call.
#[derive(Debug)]
struct Outcome {
    result: Result<(), Error>,
    requests: usize,
    took: Duration,
}

impl Outcome {
    fn error(&self) -> &Error {
        self.result.as_ref().expect_err("the server misbehaves")
    }
}

/// A server and a client of it, for any number of calls.
struct Stage {
    server: RawServer,
    client: Clients,
}

impl Stage {
    async fn new() -> Self {
        let server = RawServer::start([]).await;
        let client = client(&server.connection_string());
        Self { server, client }
    }

    /// Makes a call against the server, which reacts so, and always the last way in the end.
    async fn outcome(&self, call: &OperationCall, reactions: &[Reaction]) -> Outcome {
        let (last, first) = reactions.split_last().expect("a reaction");
        let script = first.iter().chain(std::iter::repeat_n(last, 20));
        self.server.follow(script.cloned());
        let began = Instant::now();
        let result = (call.call)(self.client.clone()).await;
        Outcome {
            result,
            requests: self.server.requests().len(),
            took: began.elapsed(),
        }
    }
}

/// How often a call is tried whose answers all fail in a way that leaves open whether the service acted.
fn attempts_if_unknown(call: &OperationCall) -> usize {
    if call.is_repeatable { ATTEMPTS } else { 1 }
}

/// What a server says of the call, for messages.
fn name(call: &OperationCall) -> String {
    match call.if_match {
        Some(_) => format!("{} with a condition", call.operation),
        None => call.operation.to_owned(),
    }
}
