//! Connections that fail in every way they can.

use std::time::Duration;

use acs_contract_tests::calls;
use acs_jobrouter::{Error, TransportError};
use acs_test_support::{RawServer, Reaction};
use tokio::time::Instant;

use crate::{ATTEMPTS, Outcome, Stage, WAITS, attempts_if_unknown, client, name, success};

fn transport(outcome: &Outcome) -> &TransportError {
    match outcome.error() {
        Error::Transport(error) => error,
        other => panic!("{other:?}"),
    }
}

/// The first half of an answer that announces more than comes.
fn half() -> String {
    "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"id\":\"a\"".to_owned()
}

#[tokio::test(start_paused = true)]
async fn a_refused_connection_has_sent_nothing_so_that_every_call_is_tried_again() {
    let nowhere = RawServer::nowhere().await;
    let client = client(&nowhere);
    for call in calls() {
        let began = Instant::now();
        let error = (call.call)(client.clone()).await.expect_err("refused");

        let Error::Transport(transport) = &error else {
            panic!("{}: {error:?}", name(call));
        };
        assert!(!transport.was_sent(), "{}", name(call));
        assert_eq!(transport.attempts() as usize, ATTEMPTS, "{}", name(call));
        assert_eq!(began.elapsed(), WAITS);
        assert!(error.is_retryable() && !error.is_timeout());
    }
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_breaks_is_tried_again_only_where_a_second_time_does_no_harm() {
    let stage = Stage::new().await;
    let breaks = [
        Reaction::ResetUnread,
        Reaction::SendAndReset(String::new()),
        Reaction::SendAndClose(String::new()),
        Reaction::SendAndReset("HTTP/1.1 200 OK\r\ncontent-le".to_owned()),
        Reaction::SendAndReset("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n".to_owned()),
        Reaction::SendAndReset(half()),
        Reaction::SendAndClose(half()),
        Reaction::SendAndClose(
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n9\r\n{\"id\"".to_owned(),
        ),
        Reaction::Send("this is not HTTP\r\n\r\n".to_owned()),
    ];
    for call in calls() {
        for reaction in &breaks {
            let outcome = stage.outcome(call, std::slice::from_ref(reaction)).await;
            let error = transport(&outcome);
            assert!(error.was_sent(), "{} {reaction:?}", name(call));
            assert!(!error.is_timeout(), "{} {reaction:?}", name(call));
            assert!(outcome.error().is_retryable());
            assert_eq!(
                outcome.requests,
                attempts_if_unknown(call),
                "{} {reaction:?}",
                name(call)
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_whose_first_connection_breaks_succeeds_over_the_second() {
    let stage = Stage::new().await;
    for call in calls().filter(|call| call.is_repeatable) {
        for cut in [Reaction::ResetUnread, Reaction::SendAndReset(half())] {
            let outcome = stage.outcome(call, &[cut, success(call)]).await;
            assert!(outcome.result.is_ok(), "{} {outcome:?}", name(call));
            assert_eq!(outcome.requests, 2);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_stalls_or_drips_is_given_up_at_the_limits() {
    let stage = Stage::new().await;
    let slow = [
        Reaction::SendAndStall(String::new()),
        Reaction::SendAndStall("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n".to_owned()),
        Reaction::SendAndStall(half()),
        Reaction::Drip(format!("{}{}", half(), "x".repeat(100))),
    ];
    for call in calls() {
        for reaction in &slow {
            let outcome = stage.outcome(call, std::slice::from_ref(reaction)).await;
            let error = transport(&outcome);
            assert!(
                error.is_timeout() && error.was_sent(),
                "{} {outcome:?}",
                name(call)
            );
            let limit = if call.is_repeatable { 100 } else { 30 };
            assert_eq!(
                (outcome.requests, outcome.took),
                (attempts_if_unknown(call), Duration::from_secs(limit)),
                "{} {reaction:?}",
                name(call)
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_resets_or_closes_after_a_whole_answer_does_no_harm() {
    let stage = Stage::new().await;
    for call in calls() {
        let Reaction::Send(answer) = success(call) else {
            panic!("{}", name(call));
        };
        for end in [Reaction::SendAndClose, Reaction::SendAndReset] {
            stage.server.follow([end(answer.clone()), success(call)]);
            for _ in 0..2 {
                (call.call)(stage.client.clone())
                    .await
                    .unwrap_or_else(|error| panic!("{}: {error}", name(call)));
            }
            assert_eq!(stage.server.requests().len(), 2, "{}", name(call));
        }
    }
}
