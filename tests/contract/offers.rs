//! Offers: accept and decline.

use acs_jobrouter::Timestamp;
use acs_test_support::AcsMockServer;
use serde_json::{Value, json};

use crate::case::{Case, ok, shown};
use crate::client;

fn accepted() -> Value {
    json!({"assignmentId": "assignment-1", "jobId": "job-1", "workerId": "worker-1"})
}

pub(crate) fn cases() -> Vec<Case> {
    vec![
        Case {
            name: "accepting an offer",
            request: |server| server.offer("worker%201", "o%2F1").action("accept"),
            answer: ok(accepted()),
            call: |client| shown(client.accept_offer("worker 1", "o/1")),
        },
        Case {
            name: "declining an offer without options",
            request: |server| server.offer("worker%201", "o%2F1").action("decline"),
            answer: ok(json!({})),
            call: |client| shown(client.decline_offer("worker 1", "o/1")),
        },
        Case {
            name: "declining an offer until later",
            request: |server| {
                let decline = server.offer("worker-1", "offer-1").action("decline");
                decline.json(json!({"retryOfferAt": "2024-01-18T09:30:00.25+00:00"}))
            },
            answer: ok(json!({})),
            call: |client| {
                let later = Timestamp::parse("2024-01-18T09:30:00.25Z").expect("a time");
                let decline = client.decline_offer("worker-1", "offer-1");
                shown(decline.retry_offer_at(later))
            },
        },
    ]
}

#[tokio::test]
async fn accepting_gives_the_assignment() {
    let server = AcsMockServer::start().await;
    let offer = server.offer("worker-1", "offer-1");
    offer
        .action("accept")
        .answer(200, &accepted())
        .mount()
        .await;

    let accepted = client(&server)
        .accept_offer("worker-1", "offer-1")
        .await
        .expect("accepted");

    assert_eq!(accepted.assignment_id, "assignment-1");
    assert_eq!(
        (accepted.job_id.as_str(), accepted.worker_id.as_str()),
        ("job-1", "worker-1")
    );
    server.verify().await;
}
