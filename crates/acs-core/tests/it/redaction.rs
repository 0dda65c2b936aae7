//! What the log shows, and what it must not.

use std::io;
use std::sync::{Arc, Mutex};

use acs_core::auth::{AccessToken, AuthError, Credential, TokenCredential};
use acs_core::{ClientOptions, Timestamp};
use async_trait::async_trait;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::format::FmtSpan;

use crate::client::{Client, KEY, job, quick};
use crate::raw_server::{RawServer, Reaction};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// Everything that the current thread logs from now on, of all levels, spans included.
    fn capture(&self) -> tracing::subscriber::DefaultGuard {
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_span_events(FmtSpan::FULL)
            .with_ansi(false)
            .with_writer(self.clone())
            .finish();
        tracing::subscriber::set_default(subscriber)
    }

    fn text(&self) -> String {
        String::from_utf8(self.0.lock().expect("log").clone()).expect("text")
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("log").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

#[derive(Debug)]
struct Token;

#[async_trait]
impl TokenCredential for Token {
    async fn token(&self, _scopes: &[&str]) -> Result<AccessToken, AuthError> {
        let expires_on = Timestamp::parse("2999-01-01T00:00:00Z").expect("time");
        Ok(AccessToken::new("t0p-s3cret-token".to_owned(), expires_on))
    }
}

fn script() -> Vec<Reaction> {
    vec![
        Reaction::answer(503, "", "answer body"),
        Reaction::SendAndReset(String::new()),
        Reaction::answer(
            200,
            "x-ms-request-id: theirs\r\n",
            r#"{"id":"answer body"}"#,
        ),
        Reaction::answer(400, "", "answer body"),
        Reaction::answer(200, "", r#"{"id":["answer body"]}"#),
    ]
}

/// The log of a call that is retried, one that the service refuses, and one whose answer cannot be read, with all errors.
async fn log_of(credential: Credential) -> (String, Vec<String>) {
    let server = RawServer::start(script()).await;
    let log = Log::default();
    let guard = log.capture();
    let client = Client::with_credential(&server.endpoint(), credential, quick());
    let secret_job = job("request-body");
    client.upsert_job(&secret_job, None).await.expect("job");
    for _ in 0..2 {
        let error = client
            .upsert_job(&secret_job, None)
            .await
            .expect_err("fails");
        tracing::error!(error = %error, debug = ?error, client = ?client, "failed");
    }
    drop(guard);
    (log.text(), server.requests())
}

fn assert_shows_no(text: &str, secrets: &[&str]) {
    for secret in secrets {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}

#[tokio::test]
async fn neither_key_nor_signature_nor_body_is_ever_logged() {
    let (log, requests) = log_of(crate::client::key().into()).await;
    let signatures: Vec<_> = requests
        .iter()
        .filter_map(|request| request.split_once("Signature="))
        .filter_map(|(_, rest)| rest.split_once("\r\n"))
        .map(|(signature, _)| signature)
        .collect();
    assert_eq!(signatures.len(), 5);
    assert_shows_no(&log, &signatures);
    assert_shows_no(
        &log,
        &[KEY, "secret access key", "answer body", "\"request-body\""],
    );
}

#[tokio::test]
async fn a_token_is_never_logged() {
    let (log, requests) = log_of(Credential::from(Arc::new(Token))).await;
    assert!(requests[0].contains("Bearer t0p-s3cret-token"));
    assert_shows_no(&log, &["t0p-s3cret-token", "Bearer", "answer body"]);
}

#[tokio::test]
async fn the_string_to_sign_is_shown_at_trace_level() {
    let (log, _) = log_of(crate::client::key().into()).await;
    let shown: Vec<_> = log
        .lines()
        .filter(|line| line.contains("string_to_sign="))
        .collect();
    assert_eq!(shown.len(), 5, "once for each attempt");
    for line in shown {
        assert!(line.contains("TRACE"), "{line}");
        assert!(
            line.contains("string_to_sign=\"PATCH\\n/routing/jobs/"),
            "{line}"
        );
    }
}

#[tokio::test]
async fn the_log_tells_each_attempt_and_how_the_call_ended() {
    let (log, _) = log_of(crate::client::key().into()).await;
    let events: Vec<_> = log
        .lines()
        .filter(|line| line.contains("attempt "))
        .collect();
    let expected = [
        "attempt failed, trying again attempt=1 outcome=\"answered 503 Service Unavailable\" reason=\"the answer is transient\" wait_ms=0",
        "attempt failed, trying again attempt=2 outcome=\"got no complete answer: the connection failed\" reason=\"no complete answer\" wait_ms=0",
        "attempt succeeded attempt=3",
        "attempt failed, giving up attempt=1 outcome=\"answered 400 Bad Request\" reason=\"the answer is final\"",
        "attempt succeeded attempt=1",
    ];
    assert_eq!(events.len(), expected.len(), "{log}");
    for (event, expected) in events.iter().zip(expected) {
        assert!(
            event.contains("DEBUG") && event.contains(expected),
            "{event}\n{expected}"
        );
        assert!(
            event.contains("acs_call{operation=\"upsertJob\" client_request_id="),
            "{event}"
        );
    }
    let end = log
        .lines()
        .find(|line| line.contains(" close "))
        .expect("end of span");
    assert!(
        end.contains("attempts=3 status=200 request_id=\"theirs\""),
        "{end}"
    );
}

#[tokio::test]
async fn options_and_clients_show_no_secret_when_printed() {
    let client = Client::with("http://localhost:1", ClientOptions::new());
    let text = format!("{client:?} {:?} {:?}", client.pipeline, client.list_jobs(1));
    assert_shows_no(&text, &[KEY, "secret access key"]);
}
