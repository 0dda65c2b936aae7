//! Futures that are dropped before they end.

use std::time::Duration;

use tokio::time::timeout;

use crate::client::{Client, quick};
use crate::raw_server::{RawServer, Reaction};

#[tokio::test(start_paused = true)]
async fn a_call_dropped_while_it_waits_for_its_answer_leaves_the_client_usable() {
    let server = RawServer::start([
        Reaction::SendAndStall(String::new()),
        Reaction::answer(200, "", r#"{"id":"1"}"#),
    ])
    .await;
    let client = Client::with(&server.endpoint(), quick());
    let dropped = timeout(Duration::from_secs(1), client.get_job("1")).await;
    assert!(dropped.is_err());
    assert_eq!(client.get_job("1").await.expect("job").id, "1");
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_call_dropped_between_two_attempts_makes_no_other() {
    let busy = || Reaction::answer(503, "retry-after: 60\r\n", "");
    let server = RawServer::start([busy(), busy()]).await;
    let client = Client::with(&server.endpoint(), quick());
    let dropped = timeout(Duration::from_secs(1), client.get_job("1")).await;
    assert!(dropped.is_err());
    // Long after the retry would have come.
    tokio::time::advance(Duration::from_secs(3600)).await;
    tokio::task::yield_now().await;
    assert_eq!(server.requests().len(), 1);
}
