//! Calls that are dropped before they end.

use std::time::Duration;

use acs_contract_tests::calls;
use acs_test_support::{RawServer, Reaction};
use futures_util::TryStreamExt as _;
use tokio::time::timeout;

use crate::{Stage, client, name, success};

const SECOND: Duration = Duration::from_secs(1);

/// Lets pass what time it takes for anything that goes on in the background to show.
async fn a_day_passes() {
    tokio::time::sleep(Duration::from_secs(24 * 60 * 60)).await;
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_dropped_before_it_is_awaited_sends_nothing() {
    let stage = Stage::new().await;
    for call in calls() {
        drop((call.call)(stage.client.clone()));
    }
    a_day_passes().await;
    assert!(stage.server.requests().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_dropped_is_not_made_again_and_leaves_a_client_that_works() {
    let waiting_for_the_answer = Reaction::SendAndStall(String::new());
    let between_two_attempts = Reaction::answer(429, "retry-after: 60\r\n", "");
    let stage = Stage::new().await;
    for call in calls() {
        for first in [&waiting_for_the_answer, &between_two_attempts] {
            stage.server.follow([first.clone(), success(call)]);
            let dropped = timeout(SECOND, (call.call)(stage.client.clone())).await;
            assert!(dropped.is_err(), "{}: {dropped:?}", name(call));
            a_day_passes().await;
            assert_eq!(stage.server.requests().len(), 1, "{}", name(call));

            let again = (call.call)(stage.client.clone()).await;
            assert!(again.is_ok(), "{}: {again:?}", name(call));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_list_goes_on_where_it_was_when_taking_the_next_item_is_given_up() {
    let slow = |body: &str| {
        let Reaction::Send(answer) = Reaction::ok(body) else {
            panic!("a whole answer");
        };
        Reaction::SendLater(Duration::from_millis(2_500), answer)
    };
    let server = RawServer::start([
        slow(r#"{"value":[{"id":"a","etag":"x"}],"nextLink":"/routing/jobs?continuationToken=2"}"#),
        slow(r#"{"value":[{"id":"b","etag":"x"}]}"#),
    ])
    .await;
    let mut jobs = client(&server.connection_string())
        .router
        .list_jobs()
        .into_stream();

    let mut ids = Vec::new();
    let mut given_up = 0;
    loop {
        match timeout(SECOND, jobs.try_next()).await {
            Ok(Ok(Some(job))) => ids.push(job.id),
            Ok(Ok(None)) => break,
            Ok(Err(error)) => panic!("{error}"),
            Err(_elapsed) => given_up += 1,
        }
    }

    assert_eq!((ids, given_up), (vec!["a".to_owned(), "b".to_owned()], 4));
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn an_update_that_is_dropped_while_it_writes_does_not_write_again() {
    let server = RawServer::react(|request| {
        if request.line().starts_with("GET") {
            Reaction::ok(r#"{"id":"a","etag":"\"1\""}"#)
        } else {
            Reaction::SendAndStall(String::new())
        }
    })
    .await;
    let client = client(&server.connection_string());
    let update = client.router.update_job("a", |_| acs_jobrouter::JobPatch {
        priority: 2.into(),
        ..acs_jobrouter::JobPatch::default()
    });
    assert!(timeout(SECOND, update.into_future()).await.is_err());
    a_day_passes().await;
    assert_eq!(server.requests().len(), 2);
}
