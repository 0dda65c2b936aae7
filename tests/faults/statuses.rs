//! Answers with a status that is no success.

use std::time::Duration;

use acs_contract_tests::calls;
use acs_jobrouter::Error;
use acs_test_support::Reaction;

use crate::{Stage, WAITS, attempts_if_unknown, name, success};

fn status(error: &Error) -> Option<u16> {
    error.status().map(|status| status.as_u16())
}

#[tokio::test(start_paused = true)]
async fn a_server_in_trouble_is_asked_again_only_where_a_second_time_does_no_harm() {
    let stage = Stage::new().await;
    for call in calls() {
        for code in [408, 500, 502, 503, 504] {
            let outcome = stage.outcome(call, &[Reaction::answer(code, "", "")]).await;

            let waits = if call.is_repeatable {
                WAITS
            } else {
                Duration::ZERO
            };
            assert_eq!(status(outcome.error()), Some(code), "{}", name(call));
            assert!(outcome.error().is_retryable(), "{}", name(call));
            assert_eq!(
                (outcome.requests, outcome.took),
                (attempts_if_unknown(call), waits),
                "{} {code}",
                name(call)
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_recovers_lets_the_call_succeed() {
    let stage = Stage::new().await;
    for call in calls().filter(|call| call.is_repeatable) {
        for code in [408, 500, 502, 503, 504] {
            let trouble = Reaction::answer(code, "", "<html>gateway</html>");
            let outcome = stage
                .outcome(call, &[trouble.clone(), trouble, success(call)])
                .await;
            assert!(outcome.result.is_ok(), "{} {outcome:?}", name(call));
            assert_eq!(outcome.requests, 3);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_final() {
    let stage = Stage::new().await;
    for call in calls() {
        for code in [400, 401, 403, 404, 405, 409, 410, 412, 413, 501, 505] {
            let outcome = stage
                .outcome(call, &[Reaction::answer(code, "", "{}")])
                .await;
            assert_eq!(status(outcome.error()), Some(code), "{}", name(call));
            assert_eq!((outcome.requests, outcome.took), (1, Duration::ZERO));
            assert!(!outcome.error().is_retryable());
        }
    }
}
