//! Queues: upsert and get.

use acs_jobrouter::{NewQueue, Patch, QueuePatch, Timestamp};
use acs_test_support::AcsMockServer;
use serde_json::{Value, json};

use crate::answers::{broken_successes_become_decode_errors, failures_become_errors};
use crate::client;

fn queue() -> Value {
    json!({
        "etag": "\"7900a2fa-0000-0700-0000-654a714c0000\"",
        "id": "queue-1",
        "name": "Support",
        "distributionPolicyId": "policy-1",
        "labels": {"Id": "queue-1", "Region": "EU"},
        "exceptionPolicyId": "exception-1",
    })
}

fn draft() -> NewQueue {
    NewQueue::with_distribution_policy("policy-1")
        .name("Support")
        .exception_policy("exception-1")
        .label("Region", "EU")
}

fn draft_on_the_wire() -> Value {
    json!({
        "name": "Support",
        "distributionPolicyId": "policy-1",
        "labels": {"Region": "EU"},
        "exceptionPolicyId": "exception-1",
    })
}

#[tokio::test]
async fn a_draft_sends_every_member_under_its_wire_name() {
    let server = AcsMockServer::start().await;
    server
        .queue("queue-1")
        .upsert()
        .merge_patch(draft_on_the_wire())
        .answer(201, &queue())
        .mount()
        .await;

    let answer = client(&server)
        .admin()
        .upsert_queue("queue-1", draft())
        .await
        .expect("queue");

    assert!(answer.was_created());
    server.verify().await;
}

#[tokio::test]
async fn a_patch_clears_the_exception_policy_under_its_conditions() {
    let server = AcsMockServer::start().await;
    server
        .queue("queue-1")
        .upsert()
        .header("if-match", "\"q1\"")
        .header("if-unmodified-since", "Thu, 18 Jan 2024 09:30:00 GMT")
        .merge_patch(json!({"exceptionPolicyId": null}))
        .answer(200, &queue())
        .mount()
        .await;

    let patch = QueuePatch {
        exception_policy_id: Patch::Clear,
        ..QueuePatch::default()
    };
    client(&server)
        .admin()
        .upsert_queue("queue-1", patch)
        .if_match("\"q1\"")
        .if_unmodified_since(Timestamp::parse("2024-01-18T09:30:00Z").expect("a time"))
        .await
        .expect("queue");

    server.verify().await;
}

#[tokio::test]
async fn a_queue_reads_into_its_model_with_every_member() {
    let server = AcsMockServer::start().await;
    server
        .queue("queue-1")
        .get()
        .answer(200, &queue())
        .mount()
        .await;
    let gone = json!({"communicationError": {"code": "NotFound", "message": "no such queue"}});
    server.queue("gone").get().answer(404, &gone).mount().await;

    let admin = client(&server).admin();
    let queue = admin
        .get_queue("queue-1")
        .await
        .expect("queue")
        .into_inner();

    assert_eq!(
        (queue.id.as_str(), queue.etag.as_str()),
        ("queue-1", "\"7900a2fa-0000-0700-0000-654a714c0000\"")
    );
    assert_eq!(
        (
            queue.name.as_deref(),
            queue.distribution_policy_id.as_deref()
        ),
        (Some("Support"), Some("policy-1"))
    );
    assert_eq!(queue.exception_policy_id.as_deref(), Some("exception-1"));
    assert_eq!(queue.labels["Region"], "EU".into());
    assert!(admin.get_queue_opt("gone").await.expect("none").is_none());
    server.verify().await;
}

#[tokio::test]
async fn failures_of_queue_calls_become_errors() {
    failures_become_errors(
        |server| {
            server
                .queue("queue-1")
                .upsert()
                .merge_patch(draft_on_the_wire())
        },
        |client| async move { client.admin().upsert_queue("queue-1", draft()).await },
    )
    .await;
    broken_successes_become_decode_errors(
        |server| {
            server
                .queue("queue-1")
                .upsert()
                .merge_patch(draft_on_the_wire())
        },
        |client| async move { client.admin().upsert_queue("queue-1", draft()).await },
    )
    .await;
    failures_become_errors(
        |server| server.queue("queue-1").get(),
        |client| async move { client.admin().get_queue("queue-1").await },
    )
    .await;
    broken_successes_become_decode_errors(
        |server| server.queue("queue-1").get(),
        |client| async move { client.admin().get_queue("queue-1").await },
    )
    .await;
}
