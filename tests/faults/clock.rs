//! Clocks that differ between client and service, and signatures over time.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use acs_contract_tests::{OperationCall, Proof, calls};
use acs_jobrouter::{Clock, Timestamp};
use acs_test_support::{RawRequest, RawServer, Reaction};
use tokio::time::Instant;

use crate::{client_with, name, options, success};

const HOUR: i128 = 3_600_000_000_000;

/// A clock that goes with the paused time of the test, off by some nanoseconds.
#[derive(Clone, Copy, Debug)]
struct Moving {
    began: Instant,
    off_by: i128,
}

impl Moving {
    fn new(off_by: i128) -> Self {
        let began = Instant::now();
        Self { began, off_by }
    }
}

impl Clock for Moving {
    fn now(&self) -> Timestamp {
        let noon = Timestamp::parse("2024-01-18T12:00:00Z").expect("a time");
        let elapsed = i128::try_from(self.began.elapsed().as_nanos()).expect("a short time");
        Timestamp::from_unix_nanos(noon.unix_nanos() + elapsed + self.off_by).expect("a date")
    }
}

/// The success of whichever call this is.
fn answer(request: &RawRequest) -> Reaction {
    let (path, _) = request.line().split_once('?').expect("a query");
    let call = calls().find(|call| path == format!("{} {}", call.method, call.path));
    success(call.expect("one of the calls"))
}

/// The calls that are proven by a signature; tokens have no date.
fn signed() -> impl Iterator<Item = &'static OperationCall> {
    calls().filter(|call| call.proof == Proof::Key)
}

/// Lets signed requests pass and answers others as the service's gateway does.
fn gateway(request: &RawRequest, clock: Moving, answer: Reaction) -> Reaction {
    if request.is_signed(clock.now()) {
        return answer;
    }
    let body = r#"{"error":{"code":"Denied","message":"Denied by the resource provider."}}"#;
    Reaction::answer(401, "content-type: application/json\r\n", body)
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_is_wrong_by_an_hour_is_denied_and_not_tried_again() {
    let service = Moving::new(0);
    let server = RawServer::react(move |request| gateway(request, service, answer(request))).await;
    for (off_by, is_denied) in [(HOUR, true), (-HOUR, true), (HOUR / 6, false), (0, false)] {
        let options = options().clock(Arc::new(Moving::new(off_by)));
        let client = client_with(&server.connection_string(), options);
        for call in signed() {
            server.follow([]);

            let result = (call.call)(client.clone()).await;

            assert_eq!(server.requests().len(), 1, "{}", name(call));
            match result {
                Ok(()) => assert!(!is_denied, "{}", name(call)),
                Err(error) => {
                    assert!(is_denied, "{}: {error}", name(call));
                    assert_eq!(error.status().map(|it| it.as_u16()), Some(401));
                    assert_eq!(error.code(), Some("Denied"));
                    assert!(!error.is_retryable());
                }
            }
        }
    }
}

/// A signature is good for 15 minutes: were it reused, the second attempt would be denied.
#[tokio::test(start_paused = true)]
async fn each_attempt_is_signed_anew_however_long_the_service_asked_to_wait() {
    let service = Moving::new(0);
    let is_busy = AtomicBool::new(false);
    let server = RawServer::react(move |request| {
        let answer = if is_busy.fetch_xor(true, Ordering::SeqCst) {
            answer(request)
        } else {
            Reaction::answer(429, "retry-after: 1800\r\n", "")
        };
        gateway(request, service, answer)
    })
    .await;
    let options = options().clock(Arc::new(service)).timeout(None);
    let client = client_with(&server.connection_string(), options);
    for call in signed() {
        server.follow([]);

        let result = (call.call)(client.clone()).await;

        assert!(result.is_ok(), "{}: {result:?}", name(call));
        let requests = server.requests();
        let dates: Vec<_> = requests
            .iter()
            .map(|request| request.header("x-ms-date"))
            .collect();
        assert_eq!(dates.len(), 2);
        assert_ne!(dates[0], dates[1]);
    }
}
