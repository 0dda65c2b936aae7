//! A server that asks for patience.

use std::sync::Arc;
use std::time::Duration;

use acs_contract_tests::calls;
use acs_jobrouter::{Clock, Error, Timestamp};
use acs_test_support::{RawServer, Reaction};
use tokio::time::Instant;

use crate::{Stage, client, client_with, name, options, success};

fn busy(headers: &str) -> Reaction {
    Reaction::answer(429, headers, "")
}

/// Each form of the header, and the wait that it asks for in milliseconds; 800 is the client's own first wait.
const FORMS: [(&str, u64); 12] = [
    ("retry-after: 3\r\n", 3_000),
    ("Retry-After: 0\r\n", 0),
    ("retry-after: 2.5\r\n", 2_500),
    (
        "date: Wed, 16 Jun 2021 00:04:04 GMT\r\nretry-after: Wed, 16 Jun 2021 00:04:09 GMT\r\n",
        5_000,
    ),
    (
        "date: Wed, 16 Jun 2021 00:04:04 GMT\r\nretry-after: Wednesday, 16-Jun-21 00:04:10 GMT\r\n",
        6_000,
    ),
    (
        "date: Wed, 16 Jun 2021 00:04:04 GMT\r\nretry-after: Wed Jun 16 00:04:11 2021\r\n",
        7_000,
    ),
    (
        "date: Wed, 16 Jun 2021 00:04:04 GMT\r\nretry-after: Wed, 16 Jun 2021 00:00:00 GMT\r\n",
        0,
    ),
    ("retry-after-ms: 250\r\n", 250),
    ("x-ms-retry-after-ms: 1250\r\nretry-after: 9\r\n", 1_250),
    ("", 800),
    ("retry-after: soon\r\n", 800),
    ("retry-after: -3\r\n", 800),
];

#[tokio::test(start_paused = true)]
async fn a_throttled_call_of_any_kind_waits_as_asked_and_is_made_again() {
    let stage = Stage::new().await;
    for call in calls() {
        for (headers, wait) in FORMS {
            let outcome = stage.outcome(call, &[busy(headers), success(call)]).await;
            assert!(outcome.result.is_ok(), "{} {outcome:?}", name(call));
            assert_eq!(outcome.requests, 2, "{headers:?}");
            assert_eq!(outcome.took, Duration::from_millis(wait), "{headers:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_overloaded_server_that_names_a_time_has_not_acted_and_one_that_does_not_may_have() {
    let stage = Stage::new().await;
    for call in calls().filter(|call| !call.is_repeatable) {
        let named = Reaction::answer(503, "retry-after: 1\r\n", "");
        let outcome_of_named = stage.outcome(call, &[named, success(call)]).await;
        assert!(outcome_of_named.result.is_ok(), "{}", name(call));

        let silent = Reaction::answer(503, "", "");
        let outcome_of_silent = stage.outcome(call, &[silent, success(call)]).await;
        assert!(outcome_of_silent.result.is_err(), "{}", name(call));
        assert_eq!(outcome_of_silent.requests, 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_would_exceed_the_limit_of_the_call_ends_it_at_once() {
    let stage = Stage::new().await;
    for call in calls() {
        let outcome = stage
            .outcome(call, &[busy("retry-after: 101\r\n"), success(call)])
            .await;
        assert_eq!((outcome.requests, outcome.took), (1, Duration::ZERO));
        let Error::Service(error) = outcome.error() else {
            panic!("{}: {outcome:?}", name(call));
        };
        assert_eq!(error.retry_after(), Some(Duration::from_secs(101)));
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_stays_busy_is_left_alone_after_three_retries() {
    let server = RawServer::start((0..9).map(|_| busy("retry-after: 2\r\n"))).await;
    let began = Instant::now();

    let error = client(&server.connection_string())
        .router
        .accept_offer("worker-1", "offer-1")
        .await
        .expect_err("busy");

    assert_eq!((error.attempts(), server.requests().len()), (4, 4));
    assert_eq!(began.elapsed(), Duration::from_secs(6));
    assert!(error.is_retryable());
}

#[derive(Debug)]
struct Stopped(Timestamp);

impl Clock for Stopped {
    fn now(&self) -> Timestamp {
        self.0
    }
}

#[tokio::test(start_paused = true)]
async fn without_a_date_of_the_server_the_clock_of_the_client_counts() {
    let now = Timestamp::parse("2021-06-16T00:04:00Z").expect("a time");
    let until = "retry-after: Wed, 16 Jun 2021 00:04:09 GMT\r\n";
    let server = RawServer::start([busy(until), Reaction::ok(r#"{"id":"a","etag":"x"}"#)]).await;
    let options = options().clock(Arc::new(Stopped(now)));
    let began = Instant::now();

    client_with(&server.connection_string(), options)
        .router
        .get_job("a")
        .await
        .expect("job");

    assert_eq!(began.elapsed(), Duration::from_secs(9));
}
