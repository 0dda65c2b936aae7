//! Which requests are repeated, when, and what changes from one attempt to the next.

use std::time::Duration;

use acs_core::{ClientOptions, Error, RetryOptions};
use tokio::time::Instant;

use crate::client::{Client, job, quick, ticking};
use crate::raw_server::{RawServer, Reaction};

fn ok() -> Reaction {
    Reaction::answer(200, "", r#"{"id":"1"}"#)
}

fn header<'a>(request: &'a str, name: &str) -> &'a str {
    request
        .lines()
        .filter_map(|line| line.split_once(": "))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value)
        .unwrap_or_else(|| panic!("no {name} in {request}"))
}

#[tokio::test]
async fn each_attempt_has_a_date_and_a_signature_of_its_own_and_the_same_request_id() {
    let busy = || Reaction::answer(503, "", "");
    let server = RawServer::start([busy(), busy(), ok()]).await;
    let client = Client::with(&server.endpoint(), quick().clock(ticking()));
    let response = client.upsert_job(&job("1"), None).await.expect("job");
    assert_eq!(response.attempts(), 3);

    let requests = server.requests();
    let all = |name| {
        requests
            .iter()
            .map(|request| header(request, name))
            .collect::<Vec<_>>()
    };
    let dates = all("x-ms-date");
    assert_eq!(
        dates,
        [
            "Thu, 18 Jan 2024 09:30:00 GMT",
            "Thu, 18 Jan 2024 09:30:01 GMT",
            "Thu, 18 Jan 2024 09:30:02 GMT"
        ]
    );
    let mut signatures = all("authorization");
    signatures.dedup();
    assert_eq!(signatures.len(), 3);
    let mut ids = all("x-ms-client-request-id");
    ids.dedup();
    assert_eq!(ids, [response.request_id().expect("id")]);
    assert!(
        requests
            .iter()
            .all(|request| request.ends_with("\r\n\r\n{\"id\":\"1\"}"))
    );
}

/// How often a request is sent when the first answers are these.
async fn attempts(reaction: Reaction, send: impl AsyncFn(Client) -> Option<Error>) -> usize {
    let server = RawServer::start([reaction, ok()]).await;
    let client = Client::with(&server.endpoint(), quick());
    let error = send(client).await;
    let requests = server.requests().len();
    assert_eq!(error.is_none(), requests == 2, "{error:?}");
    requests
}

#[tokio::test]
async fn only_what_is_safe_is_repeated() {
    let get = async |client: Client| client.get_job("1").await.err();
    let upsert = async |client: Client| client.upsert_job(&job("1"), None).await.err();
    let conditional =
        async |client: Client| client.upsert_job(&job("1"), Some("\"1\"")).await.err();
    let cancel = async |client: Client| client.cancel_job("1", "{}").await.err();

    let busy = Reaction::answer(503, "", "");
    let busy_until = Reaction::answer(503, "retry-after: 0\r\n", "");
    let throttled = Reaction::answer(429, "", "");
    let broken = Reaction::answer(500, "retry-after: 0\r\n", "");
    let reset = Reaction::SendAndReset(String::new());
    let cut = Reaction::SendAndClose("HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{".to_owned());
    for (reaction, reads, actions) in [
        (&busy, 2, 1),
        (&busy_until, 2, 2),
        (&throttled, 2, 2),
        (&broken, 2, 1),
        (&reset, 2, 1),
        (&cut, 2, 1),
        (&Reaction::answer(400, "", ""), 1, 1),
        (&Reaction::answer(501, "", ""), 1, 1),
    ] {
        assert_eq!(
            attempts(reaction.clone(), get).await,
            reads,
            "get, {reaction:?}"
        );
        assert_eq!(
            attempts(reaction.clone(), upsert).await,
            reads,
            "upsert, {reaction:?}"
        );
        assert_eq!(
            attempts(reaction.clone(), conditional).await,
            actions,
            "conditional, {reaction:?}"
        );
        assert_eq!(
            attempts(reaction.clone(), cancel).await,
            actions,
            "cancel, {reaction:?}"
        );
    }
}

#[tokio::test]
async fn the_last_error_is_returned_when_no_retries_are_left() {
    let server = RawServer::start((500..=504).map(|status| Reaction::answer(status, "", ""))).await;
    let error = Client::new(&server.endpoint())
        .delete_job("1")
        .await
        .expect_err("busy");
    // 501 ends it.
    assert_eq!(
        (
            error.attempts(),
            error.status().map(|status| status.as_u16())
        ),
        (2, Some(501))
    );

    let server = RawServer::start((0..9).map(|_| Reaction::answer(503, "", ""))).await;
    let error = Client::new(&server.endpoint())
        .get_job("1")
        .await
        .expect_err("busy");
    assert_eq!((error.attempts(), server.requests().len()), (4, 4));
    assert_eq!(
        error.to_string(),
        "getJob answered 503 Service Unavailable (4 attempts)"
    );
    assert!(error.is_retryable());
}

#[tokio::test(start_paused = true)]
async fn every_form_of_retry_after_is_waited_for() {
    for (headers, seconds) in [
        ("retry-after: 3\r\n", 3.0),
        ("retry-after: 1.5\r\n", 1.5),
        ("retry-after: 0\r\n", 0.0),
        ("retry-after-ms: 250\r\n", 0.25),
        ("x-ms-retry-after-ms: 750\r\nretry-after: 9\r\n", 0.75),
        (
            "date: Thu, 18 Jan 2024 09:00:00 GMT\r\nretry-after: Thu, 18 Jan 2024 09:00:20 GMT\r\n",
            20.0,
        ),
        (
            "date: Thu, 18 Jan 2024 09:00:00 GMT\r\nretry-after: Thu, 18 Jan 2024 08:00:00 GMT\r\n",
            0.0,
        ),
        // Our own wait where theirs makes no sense.
        ("retry-after: -5\r\n", 0.8),
        ("retry-after: soon\r\n", 0.8),
        ("retry-after-ms: \r\n", 0.8),
        ("", 0.8),
    ] {
        let server = RawServer::start([Reaction::answer(429, headers, ""), ok()]).await;
        let options = ClientOptions::new().retry(RetryOptions::new().jitter(0.0));
        let client = Client::with(&server.endpoint(), options);
        let began = Instant::now();
        client.cancel_job("1", "{}").await.expect("job");
        // The timer counts whole milliseconds.
        let waited = began
            .elapsed()
            .saturating_sub(Duration::from_secs_f64(seconds));
        assert!(
            waited <= Duration::from_millis(1),
            "{headers:?}: {:?}",
            began.elapsed()
        );
        assert!(
            began.elapsed().as_secs_f64() >= seconds,
            "{headers:?}: {:?}",
            began.elapsed()
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_would_pass_the_total_limit_ends_the_call_with_the_answer_at_hand() {
    let server = RawServer::start([Reaction::answer(429, "retry-after: 10\r\n", ""), ok()]).await;
    let options = ClientOptions::new().timeout(Duration::from_secs(10));
    let began = Instant::now();
    let error = Client::with(&server.endpoint(), options)
        .get_job("1")
        .await
        .expect_err("throttled");
    assert_eq!((began.elapsed(), error.attempts()), (Duration::ZERO, 1));
    let Error::Service(error) = error else {
        panic!("{error:?}");
    };
    assert_eq!(error.retry_after(), Some(Duration::from_secs(10)));
}
