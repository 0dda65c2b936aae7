//! Assignments: complete, close, unassign.

use acs_jobrouter::Timestamp;
use acs_test_support::AcsMockServer;
use serde_json::json;

use crate::case::{Case, ok, shown};
use crate::client;

pub(crate) fn cases() -> Vec<Case> {
    vec![
        Case {
            name: "completing without options",
            request: |server| server.assignment("job%201", "a%2F1").action("complete"),
            answer: ok(json!({})),
            call: |client| shown(client.complete_job("job 1", "a/1")),
        },
        Case {
            name: "completing with a note",
            request: |server| {
                let complete = server.assignment("job-1", "a-1").action("complete");
                complete.json(json!({"note": "done"}))
            },
            answer: ok(json!({})),
            call: |client| shown(client.complete_job("job-1", "a-1").note("done")),
        },
        Case {
            name: "closing without options",
            request: |server| server.assignment("job%201", "a%2F1").action("close"),
            answer: ok(json!({})),
            call: |client| shown(client.close_job("job 1", "a/1")),
        },
        Case {
            name: "closing with every option",
            request: |server| {
                let close = server.assignment("job-1", "a-1").action("close");
                close.json(json!({
                    "dispositionCode": "solved", "closeAt": "2024-01-18T09:30:00+00:00", "note": "wrapped up",
                }))
            },
            answer: ok(json!({})),
            call: |client| {
                let close = client.close_job("job-1", "a-1").disposition_code("solved");
                let time = Timestamp::parse("2024-01-18T09:30:00Z").expect("a time");
                shown(close.close_at(time).note("wrapped up"))
            },
        },
        Case {
            name: "unassigning without options",
            request: |server| server.assignment("job%201", "a%2F1").action("unassign"),
            answer: ok(json!({"jobId": "job 1", "unassignmentCount": 1})),
            call: |client| shown(client.unassign_job("job 1", "a/1")),
        },
        Case {
            name: "unassigning and holding the job back",
            request: |server| {
                let unassign = server.assignment("job-1", "a-1").action("unassign");
                unassign.json(json!({"suspendMatching": true}))
            },
            answer: ok(json!({"jobId": "job-1", "unassignmentCount": 4})),
            call: |client| shown(client.unassign_job("job-1", "a-1").suspend_matching(true)),
        },
    ]
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
async fn unassigning_gives_the_job_and_how_often_that_happened() {
    let server = AcsMockServer::start().await;
    server
        .assignment("job-1", "assignment-1")
        .action("unassign")
        .answer(200, &json!({"jobId": "job-1", "unassignmentCount": 4}))
        .mount()
        .await;

    let unassigned = client(&server)
        .unassign_job("job-1", "assignment-1")
        .await
        .expect("unassigned");

    assert_eq!(
        (unassigned.job_id.as_str(), unassigned.unassignment_count),
        ("job-1", 4)
    );
    server.verify().await;
}
