//! Updates that depend on what is there, and conflicts.

use acs_jobrouter::{JobPatch, Patch, QueuePatch};
use acs_test_support::{AcsMockServer, RawServer, Reaction};
use serde_json::{Value, json};
use wiremock::ResponseTemplate;

use crate::{client, client_of};

fn job(etag: &str, priority: i32) -> Value {
    json!({"id": "job-1", "etag": etag, "priority": priority})
}

fn answer(status: u16, body: &Value) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_json(body)
}

fn outdated() -> Value {
    json!({"communicationError": {"code": "PreconditionFailed", "message": "the ETag differs"}})
}

/// Raises the priority by one.
fn raised(job: &acs_jobrouter::RouterJob) -> JobPatch {
    JobPatch {
        priority: (job.priority.unwrap_or(1) + 1).into(),
        ..JobPatch::default()
    }
}

#[tokio::test]
async fn an_update_is_written_under_the_etag_that_was_read_and_made_again_after_a_conflict() {
    let server = AcsMockServer::start().await;
    let reads = vec![answer(200, &job("\"1\"", 5)), answer(200, &job("\"2\"", 9))];
    server
        .job("job-1")
        .get()
        .answer_in_turn(reads)
        .mount()
        .await;
    for (etag, priority, status, body) in [
        ("\"1\"", 6, 412, outdated()),
        ("\"2\"", 10, 200, job("\"3\"", 10)),
    ] {
        let write = server.job("job-1").upsert().header("if-match", etag);
        write
            .merge_patch(json!({"priority": priority}))
            .answer(status, &body)
            .mount()
            .await;
    }

    let job = client(&server)
        .update_job("job-1", raised)
        .await
        .expect("updated");

    assert_eq!((job.etag.as_str(), job.priority), ("\"3\"", Some(10)));
    server.verify().await;
}

#[tokio::test]
async fn an_update_that_changes_nothing_is_not_written() {
    let server = AcsMockServer::start().await;
    let body = json!({"id": "queue-1", "etag": "\"1\"", "name": "Support"});
    server
        .queue("queue-1")
        .get()
        .answer(200, &body)
        .mount()
        .await;

    let name = "Support".to_owned();
    let queue = client(&server)
        .admin()
        .update_queue("queue-1", |queue| {
            // What is borrowed from outside may be used.
            if queue.name.as_deref() == Some(&name) {
                return QueuePatch::default();
            }
            QueuePatch {
                name: Patch::Set(name.clone()),
                ..QueuePatch::default()
            }
        })
        .await
        .expect("as it was");

    assert_eq!(queue.etag, "\"1\"");
    server.verify().await;
}

#[tokio::test(start_paused = true)]
async fn an_update_gives_up_after_its_attempts_with_the_last_conflict() {
    for (limit, attempts) in [(None, 5), (Some(2), 2), (Some(0), 1)] {
        let server = RawServer::react(|request| {
            if request.line().starts_with("GET") {
                Reaction::ok(&job("\"1\"", 5).to_string())
            } else {
                Reaction::answer(412, "", &outdated().to_string())
            }
        })
        .await;
        let mut asked = 0;
        let client = client_of(&server.connection_string());
        let mut update = client.update_job("job-1", |job| {
            asked += 1;
            raised(job)
        });
        if let Some(limit) = limit {
            update = update.max_attempts(limit);
        }

        let error = update.await.expect_err("always outdated");

        assert!(error.is_precondition_failed(), "{error}");
        assert_eq!((asked, server.requests().len()), (attempts, 2 * attempts));
    }
}

#[tokio::test]
async fn other_failures_end_an_update_at_once() {
    for status in [400, 404, 409] {
        let server = AcsMockServer::start().await;
        let read = answer(200, &job("\"1\"", 5));
        server.job("job-1").get().answer_with(read).mount().await;
        let write = server.job("job-1").upsert().header("if-match", "\"1\"");
        write
            .merge_patch(json!({"priority": 6}))
            .answer_empty(status)
            .mount()
            .await;

        let error = client(&server)
            .update_job("job-1", raised)
            .await
            .expect_err("refused");

        assert_eq!(error.status().map(|it| it.as_u16()), Some(status));
        server.verify().await;
    }
}

#[tokio::test]
async fn an_update_of_what_is_not_there_creates_nothing() {
    let server = AcsMockServer::start().await;
    server.job("job-1").get().answer_empty(404).mount().await;
    let error = client(&server)
        .update_job("job-1", raised)
        .await
        .expect_err("not there");
    assert!(error.is_not_found());
    server.verify().await;
}
