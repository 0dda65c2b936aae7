//! Offers: accept and decline.

use acs_jobrouter::Timestamp;
use acs_test_support::AcsMockServer;
use serde_json::json;

use crate::answers::{broken_successes_become_decode_errors, failures_become_errors};
use crate::client;

#[tokio::test]
async fn accepting_sends_no_body_and_gives_the_assignment() {
    let server = AcsMockServer::start().await;
    server
        .offer("worker%201", "offer-1")
        .action("accept")
        .answer(
            200,
            &json!({"assignmentId": "assignment-1", "jobId": "job-1", "workerId": "worker 1"}),
        )
        .mount()
        .await;

    let accepted = client(&server)
        .accept_offer("worker 1", "offer-1")
        .await
        .expect("accepted");

    assert_eq!(accepted.assignment_id, "assignment-1");
    assert_eq!(
        (accepted.job_id.as_str(), accepted.worker_id.as_str()),
        ("job-1", "worker 1")
    );
    server.verify().await;
}

#[tokio::test]
async fn declining_without_options_sends_no_body() {
    let server = AcsMockServer::start().await;
    server
        .offer("worker-1", "offer-1")
        .action("decline")
        .answer(200, &json!({}))
        .mount()
        .await;

    client(&server)
        .decline_offer("worker-1", "offer-1")
        .await
        .expect("declined");

    server.verify().await;
}

#[tokio::test]
async fn declining_sends_when_to_offer_again() {
    let server = AcsMockServer::start().await;
    server
        .offer("worker-1", "offer-1")
        .action("decline")
        .json(json!({"retryOfferAt": "2024-01-18T09:30:00.25+00:00"}))
        .answer(200, &json!({}))
        .mount()
        .await;

    let later = Timestamp::parse("2024-01-18T09:30:00.25Z").expect("a time");
    client(&server)
        .decline_offer("worker-1", "offer-1")
        .retry_offer_at(later)
        .await
        .expect("declined");

    server.verify().await;
}

#[tokio::test]
async fn failures_of_offer_calls_become_errors() {
    failures_become_errors(
        |server| server.offer("worker-1", "offer-1").action("accept"),
        |client| async move { client.accept_offer("worker-1", "offer-1").await },
    )
    .await;
    broken_successes_become_decode_errors(
        |server| server.offer("worker-1", "offer-1").action("accept"),
        |client| async move { client.accept_offer("worker-1", "offer-1").await },
    )
    .await;
    failures_become_errors(
        |server| server.offer("worker-1", "offer-1").action("decline"),
        |client| async move { client.decline_offer("worker-1", "offer-1").await },
    )
    .await;
}
