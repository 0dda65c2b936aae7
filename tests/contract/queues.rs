//! Queues.

use acs_jobrouter::NewQueue;
use acs_test_support::AcsMockServer;
use serde_json::{Value, json};

use crate::case::{Case, created, listed, no_content, ok, page, shown};
use crate::client;

/// A queue as the service answers it, with every member set.
pub(crate) fn queue() -> Value {
    json!({
        "etag": "\"7900a2fa-0000-0700-0000-654a714c0000\"",
        "id": "queue-1",
        "name": "Support",
        "distributionPolicyId": "policy-1",
        "labels": {"Id": "queue-1", "Region": "EU"},
        "exceptionPolicyId": "exception-1",
    })
}

pub(crate) fn cases() -> Vec<Case> {
    vec![
        Case {
            name: "a draft of a queue",
            request: |server| {
                server.queue("queue-1").upsert().merge_patch(json!({
                    "name": "Support",
                    "distributionPolicyId": "policy-1",
                    "labels": {"Region": "EU"},
                    "exceptionPolicyId": "exception-1",
                }))
            },
            answer: created(queue()),
            call: |client| {
                let draft = NewQueue::with_distribution_policy("policy-1")
                    .name("Support")
                    .exception_policy("exception-1")
                    .label("Region", "EU");
                shown(client.admin().upsert_queue("queue-1", draft))
            },
        },
        Case {
            name: "reading a queue",
            request: |server| server.queue("queue%201").get(),
            answer: ok(queue()),
            call: |client| shown(client.admin().get_queue("queue 1")),
        },
        Case {
            name: "listing queues",
            request: |server| server.list("queues").query("maxpagesize", "7"),
            answer: page("queues", json!([queue()])),
            call: |client| listed(client.admin().list_queues().page_size(7).into_stream()),
        },
        Case {
            name: "deleting a queue",
            request: |server| server.queue("queue-1").delete(),
            answer: no_content(),
            call: |client| shown(client.admin().delete_queue("queue-1")),
        },
    ]
}

#[tokio::test]
async fn a_queue_reads_into_its_model_member_by_member() {
    let server = AcsMockServer::start().await;
    server
        .queue("queue-1")
        .get()
        .answer(200, &queue())
        .mount()
        .await;

    let queue = client(&server)
        .admin()
        .get_queue("queue-1")
        .await
        .expect("queue")
        .into_inner();

    assert_eq!(queue.id, "queue-1");
    assert_eq!(queue.etag, "\"7900a2fa-0000-0700-0000-654a714c0000\"");
    assert_eq!(queue.name.as_deref(), Some("Support"));
    assert_eq!(queue.distribution_policy_id.as_deref(), Some("policy-1"));
    assert_eq!(queue.exception_policy_id.as_deref(), Some("exception-1"));
    assert_eq!(queue.labels["Region"], "EU".into());
    server.verify().await;
}

/// The service's own words, with several reasons at once.
#[tokio::test]
async fn all_reasons_that_keep_a_queue_from_being_deleted_are_in_the_error() {
    let server = AcsMockServer::start().await;
    let message = "Validation failed: \r\n -- : There is active job with this queue\r\n \
                   -- : There is an assigned worker to this queue";
    let refusal = json!({"communicationError": {"code": "Conflict", "message": message}});
    server
        .queue("queue-1")
        .delete()
        .answer(409, &refusal)
        .mount()
        .await;

    let error = client(&server)
        .admin()
        .delete_queue("queue-1")
        .await
        .expect_err("in use");

    assert!(error.is_conflict());
    let text = error.to_string();
    for reason in ["active job", "assigned worker"] {
        assert!(text.contains(reason), "{text}");
    }
    server.verify().await;
}
