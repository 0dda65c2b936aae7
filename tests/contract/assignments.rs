//! Assignments: complete and close.

use acs_jobrouter::Timestamp;
use acs_test_support::AcsMockServer;
use serde_json::json;

use crate::answers::failures_become_errors;
use crate::client;

#[tokio::test]
async fn completing_sends_the_note_or_no_body() {
    let server = AcsMockServer::start().await;
    let assignment = server.assignment("job%201", "assignment-1");
    assignment
        .action("complete")
        .json(json!({"note": "done"}))
        .answer(200, &json!({}))
        .mount()
        .await;
    assignment
        .action("complete")
        .answer(200, &json!({}))
        .mount()
        .await;

    let client = client(&server);
    client
        .complete_job("job 1", "assignment-1")
        .note("done")
        .await
        .expect("completed");
    client
        .complete_job("job 1", "assignment-1")
        .await
        .expect("completed");

    server.verify().await;
}

#[tokio::test]
async fn closing_sends_every_option_or_no_body() {
    let server = AcsMockServer::start().await;
    let assignment = server.assignment("job-1", "assignment-1");
    assignment
        .action("close")
        .json(json!({
            "dispositionCode": "solved", "closeAt": "2024-01-18T09:30:00+00:00", "note": "wrapped up",
        }))
        .answer(200, &json!({}))
        .mount()
        .await;
    assignment
        .action("close")
        .answer(200, &json!({}))
        .mount()
        .await;

    let client = client(&server);
    client
        .close_job("job-1", "assignment-1")
        .disposition_code("solved")
        .close_at(Timestamp::parse("2024-01-18T09:30:00Z").expect("a time"))
        .note("wrapped up")
        .await
        .expect("closed");
    client
        .close_job("job-1", "assignment-1")
        .await
        .expect("closed");

    server.verify().await;
}

#[tokio::test]
async fn a_job_that_will_be_closed_may_be_answered_with_202_as_older_services_do() {
    let server = AcsMockServer::start().await;
    server
        .assignment("job-1", "assignment-1")
        .action("close")
        .answer(202, &json!({}))
        .mount()
        .await;

    let answer = client(&server)
        .close_job("job-1", "assignment-1")
        .await
        .expect("accepted");

    assert_eq!(answer.status().as_u16(), 202);
    server.verify().await;
}

#[tokio::test]
async fn failures_of_assignment_calls_become_errors() {
    for action in ["complete", "close"] {
        failures_become_errors(
            |server| server.assignment("job-1", "assignment-1").action(action),
            |client| async move {
                match action {
                    "complete" => client
                        .complete_job("job-1", "assignment-1")
                        .await
                        .map(|_| ()),
                    _ => client.close_job("job-1", "assignment-1").await.map(|_| ()),
                }
            },
        )
        .await;
    }
}
