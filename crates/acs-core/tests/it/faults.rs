//! Connections that fail, in every way they can.

use std::time::Duration;

use acs_core::{ClientOptions, Error, RetryOptions, TransportError};
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;
use tokio::time::Instant;

use crate::client::{Client, quick};
use crate::raw_server::{RawServer, Reaction};

const HALF: &str = "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n{\"id\"";

fn transport(error: Error) -> TransportError {
    match error {
        Error::Transport(error) => error,
        other => panic!("{other:?}"),
    }
}

fn without_retries() -> ClientOptions {
    ClientOptions::new().retry(RetryOptions::none())
}

#[tokio::test]
async fn a_refused_connection_is_certain_not_to_have_sent_anything_so_even_actions_are_retried() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("bind");
    let endpoint = format!("http://{}", listener.local_addr().expect("address"));
    drop(listener);
    let error = Client::with(&endpoint, quick())
        .cancel_job("1", "{}")
        .await
        .expect_err("refused");
    assert_eq!(
        error.to_string(),
        "cancelJob was not sent: no connection to the service (4 attempts)"
    );
    assert!(error.is_retryable() && !error.is_timeout());
    assert!(!transport(error).was_sent());
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_no_answer() {
    for reaction in [
        Reaction::SendAndReset(String::new()),
        Reaction::SendAndClose(String::new()),
        Reaction::SendAndReset("HTTP/1.1 200 OK\r\ncont".to_owned()),
        Reaction::SendAndReset(HALF.to_owned()),
        Reaction::SendAndClose(HALF.to_owned()),
        Reaction::SendAndClose(
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{\"id".to_owned(),
        ),
        Reaction::Send("not HTTP at all\r\n\r\n".to_owned()),
    ] {
        let server = RawServer::start([reaction.clone()]).await;
        let error = Client::with(&server.endpoint(), without_retries())
            .get_job("1")
            .await
            .expect_err("broken");
        assert_eq!(
            error.to_string(),
            "getJob got no complete answer: the connection failed",
            "{reaction:?}"
        );
        let error = transport(error);
        assert!(error.was_sent() && !error.is_timeout(), "{reaction:?}");
        assert!(std::error::Error::source(&error).is_some(), "{reaction:?}");
    }
}

#[tokio::test]
async fn a_read_that_breaks_off_is_made_again() {
    let whole = Reaction::answer(200, "", r#"{"id":"1"}"#);
    for cut in [
        Reaction::SendAndReset(HALF.to_owned()),
        Reaction::SendAndClose(HALF.to_owned()),
    ] {
        let server = RawServer::start([cut, whole.clone()]).await;
        let response = Client::new(&server.endpoint())
            .get_job("1")
            .await
            .expect("job");
        assert_eq!(response.attempts(), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_stalls_is_given_up_at_the_limit_of_the_attempt() {
    for stalled in ["", HALF] {
        let server = RawServer::start([Reaction::SendAndStall(stalled.to_owned())]).await;
        let began = Instant::now();
        let error = Client::with(&server.endpoint(), without_retries())
            .cancel_job("1", "{}")
            .await
            .expect_err("stalled");
        assert_eq!(began.elapsed(), Duration::from_secs(30));
        assert_eq!(
            error.to_string(),
            "cancelJob got no complete answer within the limit of 30s for one attempt"
        );
        assert!(error.is_timeout() && transport(error).was_sent());
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_whose_answers_all_stall_ends_at_its_total_limit() {
    let server = RawServer::start((0..9).map(|_| Reaction::SendAndStall(String::new()))).await;
    let began = Instant::now();
    let client = Client::with(&server.endpoint(), ClientOptions::new());
    let error = client.get_job("1").await.expect_err("stalled");
    assert_eq!(began.elapsed(), Duration::from_secs(100));
    assert!(error.is_timeout());
    assert_eq!(
        error.to_string(),
        "getJob got no complete answer within the limit of 100s for the whole call (4 attempts)"
    );
}

#[tokio::test(start_paused = true)]
async fn a_stalled_action_is_not_repeated() {
    let server = RawServer::start([Reaction::SendAndStall(String::new())]).await;
    let client = Client::with(&server.endpoint(), ClientOptions::new());
    let error = client.cancel_job("1", "{}").await.expect_err("stalled");
    assert_eq!((error.attempts(), server.requests().len()), (1, 1));
}

#[cfg(any(feature = "rustls", feature = "native-tls"))]
#[tokio::test(start_paused = true)]
async fn a_connection_that_is_not_ready_by_the_connect_limit_was_not_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("bind");
    let endpoint = format!("https://{}", listener.local_addr().expect("address"));
    let silent = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("connection");
        // Takes what comes and never answers the TLS greeting.
        while stream
            .read(&mut [0; 1024])
            .await
            .is_ok_and(|bytes| bytes > 0)
        {}
    });
    let began = Instant::now();
    let error = Client::with(&endpoint, without_retries())
        .cancel_job("1", "{}")
        .await
        .expect_err("silent");
    assert_eq!(began.elapsed(), Duration::from_secs(10));
    assert_eq!(
        error.to_string(),
        "cancelJob was not sent: no connection to the service within the connect limit"
    );
    assert!(error.is_timeout() && !transport(error).was_sent());
    silent.abort();
}

#[tokio::test]
async fn a_limit_of_the_callers_own_http_client_is_a_timeout_too() {
    let server = RawServer::start([Reaction::SendAndStall(String::new())]).await;
    let own = reqwest::Client::builder()
        .timeout(Duration::from_millis(1))
        .build()
        .expect("client");
    let options = without_retries().http_client(own);
    let error = Client::with(&server.endpoint(), options)
        .get_job("1")
        .await
        .expect_err("stalled");
    assert!(error.is_timeout(), "{error:?}");
}

#[tokio::test]
async fn a_kept_connection_that_the_server_closes_does_no_harm() {
    let whole = "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n{\"id\":\"1\"}".to_owned();
    let server =
        RawServer::start([Reaction::SendAndClose(whole.clone()), Reaction::Send(whole)]).await;
    let client = Client::new(&server.endpoint());
    client.get_job("1").await.expect("job");
    client.get_job("1").await.expect("job");
    assert_eq!(server.requests().len(), 2);
}
