//! Jobs are classified: what a policy gives them, and what the events say.

use acs_router_engine::EventKind;
use serde_json::{Value, json};

use crate::world::{World, simple_worker, text};

/// Queues `q` (any), `eu` and `us` (by label), and a policy `c` that passes the region on and falls back on `q`.
pub(crate) fn world() -> World {
    let mut world = World::with_queue();
    for (queue, region) in [("eu", "EU"), ("us", "US")] {
        let labels = json!({"distributionPolicyId": "idle", "labels": {"Region": region}});
        world.queue(queue, labels);
    }
    world.classification_policy("c", by_region());
    world
}

fn by_region() -> Value {
    json!({
        "fallbackQueueId": "q",
        "queueSelectorAttachments": [{"kind": "passThrough", "key": "Region", "labelOperator": "equal"}],
    })
}

fn expression(text: &str) -> Value {
    json!({"kind": "expression", "expression": text})
}

pub(crate) fn classified(labels: Value) -> Value {
    json!({"channelId": "chat", "classificationPolicyId": "c", "labels": labels})
}

fn failure(world: &World) -> String {
    let failed = world.latest(EventKind::RouterJobClassificationFailed);
    text(&failed["errors"][0]["message"])
}

// R50, R91, R92
#[test]
fn a_job_with_a_policy_is_answered_pending_and_then_queued_where_its_labels_lead() {
    let mut world = world();
    for (job, labels, queue) in [
        ("to-eu", json!({"Region": "EU"}), "eu"),
        ("to-us", json!({"Region": "US"}), "us"),
        ("nowhere", json!({"Region": "AP"}), "q"),
        ("unlabelled", json!({}), "q"),
    ] {
        let answer = world.job(job, classified(labels));
        assert_eq!(answer["status"], "pendingClassification");
        assert_eq!(answer.get("queueId"), None);
        let read = world.read_job(job);
        assert_eq!(read["status"], "queued", "{job}");
        assert_eq!(read["queueId"], queue, "{job}");
        assert_eq!(read["priority"], 1);
    }
}

// R92
#[test]
fn a_queue_that_the_job_names_wins_over_the_policy() {
    let mut world = world();
    let mut job = classified(json!({"Region": "EU"}));
    job["queueId"] = json!("us");
    world.job("j", job);
    assert_eq!(world.read_job("j")["queueId"], "us");
    world.job("j", json!({"labels": {"Region": "AP"}}));
    assert_eq!(world.read_job("j")["queueId"], "us");
    let data = world.latest(EventKind::RouterJobClassified);
    assert_eq!(data["queueId"], Value::Null);
}

// R92: all selectors must hold, and the oldest of the queues that meet them is taken.
#[test]
fn every_selector_must_hold_for_the_queue() {
    let mut world = world();
    for queue in ["eu-1", "eu-2"] {
        let labels = json!({"Region": "EU", "Level": 2});
        world.queue(
            queue,
            json!({"distributionPolicyId": "idle", "labels": labels}),
        );
    }
    let level = json!({"key": "Level", "labelOperator": "greaterThan", "value": 1});
    world.classification_policy(
        "c",
        json!({"queueSelectorAttachments": [
            {"kind": "passThrough", "key": "Region", "labelOperator": "equal"},
            {"kind": "static", "queueSelector": level},
        ]}),
    );
    world.job("j", classified(json!({"Region": "EU"})));
    assert_eq!(world.read_job("j")["queueId"], "eu-1");
}

// R92, R118
#[test]
fn without_a_queue_and_without_a_fallback_classification_fails() {
    let mut world = world();
    world.classification_policy("c", json!({"fallbackQueueId": null}));
    world.job("j", classified(json!({"Region": "AP"})));
    assert_eq!(world.status("j"), "classificationFailed");
    assert_eq!(
        failure(&world),
        "no queue meets the attached selectors, and the policy has no fallback queue"
    );
    world.job("k", classified(json!({})));
    assert_eq!(
        failure(&world),
        "no queue selectors were attached, and the policy has no fallback queue"
    );
}

// R94
#[test]
fn a_prioritization_rule_sets_the_priority_and_without_one_the_job_keeps_its_own() {
    let mut world = world();
    let mut job = classified(json!({"Vip": true}));
    job["priority"] = json!(7);
    world.job("before", job.clone());
    assert_eq!(world.read_job("before")["priority"], 7);
    let rule = expression("If(job.Vip = true, 50, 1)");
    world.classification_policy("c", json!({ "prioritizationRule": rule }));
    world.job("after", job);
    assert_eq!(world.read_job("after")["priority"], 50);
}

// R97, R118
#[test]
fn a_rule_without_a_usable_value_fails_the_classification_and_says_where() {
    let mut world = world();
    let rule = expression("job.Waited / job.Nothing");
    world.classification_policy("c", json!({ "prioritizationRule": rule }));
    world.job("j", classified(json!({"Waited": 3})));
    assert_eq!(world.status("j"), "classificationFailed");
    let message = failure(&world);
    assert!(
        message.starts_with("prioritizationRule: the expression has no value: division by zero"),
        "{message}"
    );
}

// R62, R93, R95
#[test]
fn attached_selectors_take_part_in_matching_like_requested_ones() {
    let mut world = world();
    world.classification_policy(
        "c",
        json!({"workerSelectorAttachments": [
            {"kind": "conditional", "condition": expression("job.Vip = true"), "workerSelectors": [
                {"key": "Gold", "labelOperator": "equal", "value": true},
            ]},
            {"kind": "passThrough", "key": "Language", "labelOperator": "equal"},
        ]}),
    );
    let labelled = |labels: Value| {
        let mut worker = simple_worker();
        worker["labels"] = labels;
        worker
    };
    world.worker("plain", labelled(json!({"Language": "fr"})));
    world.worker("gold", labelled(json!({"Language": "fr", "Gold": true})));
    world.job("j", classified(json!({"Vip": true, "Language": "fr"})));
    assert_eq!(world.offered("gold"), ["j"]);
    assert!(world.offered("plain").is_empty());
    assert_eq!(
        world.read_job("j")["attachedWorkerSelectors"],
        json!([
            {"key": "Gold", "labelOperator": "equal", "value": true, "expedite": false, "status": "active"},
            {"key": "Language", "labelOperator": "equal", "value": "fr", "expedite": false, "status": "active"},
        ])
    );
}

// R67, R68, R131
#[test]
fn attached_selectors_expedite_and_expire() {
    let mut world = world();
    world.classification_policy(
        "c",
        json!({"workerSelectorAttachments": [{"kind": "static", "workerSelector": {
            "key": "Gold", "labelOperator": "equal", "value": true,
            "expedite": true, "expiresAfterSeconds": 10,
        }}]}),
    );
    world.simple_job("first");
    world.job("j", classified(json!({})));
    let mut gold = simple_worker();
    gold["labels"] = json!({"Gold": true});
    world.worker("gold", gold);
    assert_eq!(world.offered("gold"), ["j"], "expedited");
    world.worker("gold", json!({"availableForOffers": false}));

    world.wait(10.0);
    let expired = world.latest(EventKind::RouterJobWorkerSelectorsExpired);
    assert_eq!(expired["requestedWorkerSelectorsExpired"], json!([]));
    assert_eq!(expired["attachedWorkerSelectorsExpired"][0]["key"], "Gold");
    let read = world.read_job("j");
    assert_eq!(read["attachedWorkerSelectors"][0]["status"], "expired");
    world.simple_worker("plain");
    assert_eq!(world.offered("plain"), ["first"], "no longer expedited");
    world.cancel("first");
    assert_eq!(world.offered("plain"), ["j"]);
}

// R108, R110, R111, R117
#[test]
fn classification_is_told_between_receiving_and_queueing() {
    let mut world = world();
    let rule = json!({"kind": "static", "value": 9});
    let selector = json!({"key": "Gold", "labelOperator": "equal", "value": true});
    world.classification_policy(
        "c",
        json!({
            "prioritizationRule": rule,
            "workerSelectorAttachments": [{"kind": "static", "workerSelector": selector}],
        }),
    );
    let seen = world.events.len();
    world.job("j", classified(json!({"Region": "EU"})));
    assert_eq!(
        world.told_since(seen),
        [
            (EventKind::RouterJobReceived, "job/j/channel/chat"),
            (
                EventKind::RouterJobClassified,
                "job/j/channel/chat/queue/eu"
            ),
            (EventKind::RouterJobQueued, "job/j/channel/chat/queue/eu"),
        ]
    );
    let received = world.latest(EventKind::RouterJobReceived);
    assert_eq!(received["jobStatus"], "PendingClassification");
    assert_eq!(received["classificationPolicyId"], "c");
    assert_eq!(received["queueId"], Value::Null);
    assert_eq!(received["priority"], Value::Null);
    let mut shown = json!({
        "key": "Gold", "labelOperator": "equal", "value": true,
        "ttlSeconds": null, "expirationTime": null, "state": "active",
    });
    assert_eq!(
        world.latest(EventKind::RouterJobClassified),
        json!({
            "jobId": "j", "channelReference": null, "channelId": "chat", "queueId": "eu",
            "labels": {"Region": "EU"}, "tags": {},
            "queueDetails": {"id": "eu", "name": null, "labels": {"Id": "eu", "Region": "EU"}},
            "classificationPolicyId": "c", "priority": 9, "attachedWorkerSelectors": [shown.take()],
        })
    );
    let queued = world.latest(EventKind::RouterJobQueued);
    assert_eq!(queued["attachedWorkerSelectors"][0]["key"], "Gold");
    assert_eq!(queued["queueId"], "eu");
}

// R108, R118
#[test]
fn a_failed_classification_is_told_with_its_policy_and_reason() {
    let mut world = world();
    world.classification_policy("c", json!({"fallbackQueueId": null}));
    let seen = world.events.len();
    world.job("j", classified(json!({})));
    assert_eq!(
        world.told_since(seen),
        [
            (EventKind::RouterJobReceived, "job/j/channel/chat"),
            (
                EventKind::RouterJobClassificationFailed,
                "job/j/channel/chat/classificationpolicy/c"
            ),
        ]
    );
    let data = world.latest(EventKind::RouterJobClassificationFailed);
    assert_eq!(
        data["errors"],
        json!([{
            "code": null,
            "message": "no queue selectors were attached, and the policy has no fallback queue",
            "target": null, "innerError": null, "details": null,
        }])
    );
    assert_eq!(data["classificationPolicyId"], "c");
}

// R27
#[test]
fn jobs_are_listed_by_their_policy() {
    use acs_router_engine::{JobFilter, PageRequest};
    let mut world = world();
    world.simple_job("direct");
    world.job("j", classified(json!({})));
    let filter = JobFilter {
        classification_policy_id: Some("c".to_owned()),
        ..JobFilter::default()
    };
    let page = world.engine.jobs(
        &filter,
        PageRequest {
            after: None,
            limit: 10,
        },
    );
    let ids: Vec<_> = page
        .items
        .iter()
        .map(|job| text(&json!(job)["id"]))
        .collect();
    assert_eq!(ids, ["j"]);
}
