//! Exception policies over HTTP.

use std::time::Duration;

use acs_emulator::{Clock, Emulator, RouterEventKind};
use acs_types::Timestamp;
use serde_json::{Value, json};

use crate::caller::{Caller, start};

fn escalation() -> Value {
    json!({
        "name": "Escalation",
        "exceptionRules": [{
            "id": "late",
            "trigger": { "kind": "waitTime", "thresholdSeconds": 10 },
            "actions": [{ "kind": "manualReclassify", "priority": 9 }, { "kind": "cancel" }],
        }],
    })
}

// R17, R20, R22, R32, R40
#[tokio::test]
async fn an_exception_policy_is_created_changed_read_listed_and_deleted() {
    let (_emulator, caller) = start().await;
    caller.create_queue().await;
    let path = "exceptionPolicies/e";
    let created = caller.patch(path, escalation()).await.expect(201);
    let rule = &created.body["exceptionRules"][0];
    assert_eq!(rule["actions"][0]["workerSelectors"], json!([]));
    assert!(rule["actions"][1]["id"].is_string());
    let changed = caller.patch(path, json!({})).await.expect(200);
    assert_ne!(changed.header("etag"), created.header("etag"));
    let read = caller.get(path).await.expect(200);
    assert_eq!(read.body, changed.body);
    let list = caller.get("exceptionPolicies").await.expect(200);
    assert_eq!(list.body["value"], json!([read.body]));

    let attach = json!({ "exceptionPolicyId": "e" });
    caller.patch("queues/q", attach).await.expect(200);
    let refused = caller.delete(path).await.expect(400);
    assert_eq!(
        refused.error()["details"][0]["code"],
        "QueueExistsWithExceptionPolicy"
    );
    let detach = json!({ "exceptionPolicyId": null });
    caller.patch("queues/q", detach).await.expect(200);
    caller.delete(path).await.expect(204);
    caller.get(path).await.expect(404);
}

// R100, R130
#[tokio::test]
async fn a_rule_fires_when_the_clock_reaches_its_time() {
    let at = Timestamp::parse("2024-03-01T10:00:00Z").unwrap();
    let clock = Clock::Manual(at);
    let emulator = Emulator::builder().clock(clock).start().await.unwrap();
    let caller = Caller::new(emulator.endpoint());
    caller.create_queue().await;
    caller
        .patch("exceptionPolicies/e", escalation())
        .await
        .expect(201);
    let attach = json!({ "exceptionPolicyId": "e" });
    caller.patch("queues/q", attach).await.expect(200);
    caller.create_job("j").await.expect(201);
    let mut events = emulator.events();
    let clock = emulator.clock();
    clock.advance(Duration::from_secs(10)).await.unwrap();
    let told: Vec<_> = std::iter::from_fn(|| events.try_next()).collect();
    let kinds: Vec<_> = told.iter().map(|event| event.kind).collect();
    assert_eq!(
        kinds,
        [
            RouterEventKind::RouterJobExceptionTriggered,
            RouterEventKind::RouterJobQueued,
            RouterEventKind::RouterJobCancelled,
        ]
    );
    assert_eq!(told[0].subject, "job/j/channel/voice/exceptionrule/late");
    let job = caller.get("jobs/j").await.expect(200).body;
    assert_eq!(
        (&job["status"], &job["priority"]),
        (&json!("cancelled"), &json!(9))
    );
}
