//! Jobs are classified: what a policy gives them, when it runs again, and what the events say.

use acs_router_engine::{Command, EventKind, RefusalKind};
use serde_json::{Value, json};

use crate::world::{
    World, done, reclassify_job, simple_worker, text, upsert_classification_policy, upsert_job,
    upsert_queue,
};

/// Queues `q` (any), `eu` and `us` (by label), and a policy `c` that passes the region on and falls back on `q`.
fn world() -> World {
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

fn classified(labels: Value) -> Value {
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

// R56, R95, R123
#[test]
fn new_labels_classify_a_queued_job_again_and_keep_its_place_in_time() {
    let mut world = world();
    let mut worker = simple_worker();
    worker["queues"] = json!(["eu"]);
    world.worker("w", worker);
    world.job("j", classified(json!({"Region": "EU"})));
    let before = world.read_job("j");
    world.wait(5.0);
    let seen = world.events.len();
    let answer = world.job("j", json!({"labels": {"Region": "US"}}));
    assert_eq!(answer["status"], "pendingClassification");
    assert_eq!(answer["queueId"], "eu");
    assert_eq!(answer["enqueuedAt"], before["enqueuedAt"]);
    let read = world.read_job("j");
    assert_eq!(read["status"], "queued");
    assert_eq!(read["queueId"], "us");
    assert_eq!(read["enqueuedAt"], before["enqueuedAt"]);
    assert_eq!(
        world.told_since(seen),
        [
            (EventKind::RouterWorkerOfferRevoked, "worker/w/job/j"),
            (
                EventKind::RouterJobClassified,
                "job/j/channel/chat/queue/us"
            ),
            (EventKind::RouterJobQueued, "job/j/channel/chat/queue/us"),
        ]
    );
}

// R18, R56
#[test]
fn an_update_that_changes_no_label_does_not_classify_again() {
    let mut world = world();
    world.job("j", classified(json!({"Region": "EU"})));
    for patch in [
        json!({"labels": {}}),
        json!({"labels": {"Region": "EU"}}),
        json!({"tags": {"a": 1}}),
    ] {
        assert_eq!(world.job("j", patch)["status"], "queued");
    }
}

// R56
#[test]
fn without_a_policy_new_labels_leave_a_job_queued() {
    let mut world = world();
    world.simple_job("j");
    let answer = world.job("j", json!({"labels": {"Region": "US"}}));
    assert_eq!(answer["status"], "queued");
    assert_eq!(answer["queueId"], "q");
}

// R57, R95
#[test]
fn another_policy_classifies_again_and_replaces_what_was_attached() {
    let mut world = world();
    let attachment = |key: &str| {
        let selector = json!({"key": key, "labelOperator": "equal", "value": 1});
        json!([{"kind": "static", "workerSelector": selector}])
    };
    world.classification_policy("c", json!({"workerSelectorAttachments": attachment("a")}));
    world.classification_policy(
        "d",
        json!({"fallbackQueueId": "us", "workerSelectorAttachments": attachment("b")}),
    );
    let mut job = classified(json!({"Region": "EU"}));
    job["requestedWorkerSelectors"] =
        json!([{"key": "own", "labelOperator": "notEqual", "value": 1}]);
    world.job("j", job);
    let answer = world.job("j", json!({"classificationPolicyId": "d"}));
    assert_eq!(answer["status"], "pendingClassification");
    let read = world.read_job("j");
    assert_eq!(read["queueId"], "us");
    let attached = read["attachedWorkerSelectors"]
        .as_array()
        .expect("selectors");
    let keys: Vec<_> = attached
        .iter()
        .map(|selector| text(&selector["key"]))
        .collect();
    assert_eq!(keys, ["b"]);
    assert_eq!(read["requestedWorkerSelectors"][0]["key"], "own");
}

#[test]
fn a_job_that_loses_its_policy_keeps_its_queue_and_loses_what_was_attached() {
    let mut world = world();
    let selector = json!({"key": "Gold", "labelOperator": "equal", "value": true});
    world.classification_policy(
        "c",
        json!({"workerSelectorAttachments": [{"kind": "static", "workerSelector": selector}]}),
    );
    world.simple_worker("w");
    world.job("j", classified(json!({})));
    assert!(world.offered("w").is_empty());
    let answer = world.job("j", json!({"classificationPolicyId": null}));
    assert_eq!(answer["status"], "queued");
    assert_eq!(answer["queueId"], "q");
    assert_eq!(answer["attachedWorkerSelectors"], json!([]));
    assert_eq!(world.offered("w"), ["j"]);
}

// R92, O7
#[test]
fn a_queue_given_later_moves_the_job_and_stays_while_null_leaves_the_choice_to_the_policy() {
    let mut world = world();
    world.job("j", classified(json!({"Region": "EU"})));
    assert_eq!(world.job("j", json!({"queueId": "us"}))["status"], "queued");
    world.job("j", json!({"labels": {"Region": "AP"}}));
    assert_eq!(world.read_job("j")["queueId"], "us");
    let answer = world.job("j", json!({"queueId": null, "labels": {"Region": "EU"}}));
    assert_eq!(answer["status"], "pendingClassification");
    assert_eq!(world.read_job("j")["queueId"], "eu");
}

#[test]
fn a_queue_that_is_sent_back_as_it_was_read_stays_the_choice_of_the_policy() {
    let mut world = world();
    world.job("j", classified(json!({"Region": "EU"})));
    world.job("j", json!({"queueId": "eu", "labels": {"Region": "US"}}));
    assert_eq!(world.read_job("j")["queueId"], "us");
}

// R89, R123
#[test]
fn reclassifying_runs_the_policy_as_it_is_now() {
    let mut world = world();
    world.simple_worker("w");
    world.job("j", classified(json!({})));
    world.classification_policy("c", json!({"fallbackQueueId": "us"}));
    assert_eq!(world.read_job("j")["queueId"], "q");
    let seen = world.events.len();
    done(world.run(reclassify_job("j")));
    assert_eq!(world.read_job("j")["queueId"], "us");
    assert_eq!(
        world.kinds_since(seen),
        [
            EventKind::RouterWorkerOfferRevoked,
            EventKind::RouterJobClassified,
            EventKind::RouterJobQueued,
        ]
    );
}

// R89, R90
#[test]
fn a_job_whose_classification_failed_is_queued_by_a_later_run_or_can_be_deleted() {
    let mut world = world();
    world.classification_policy("c", json!({"fallbackQueueId": null}));
    for job in ["again", "changed", "given", "freed", "gone"] {
        world.job(job, classified(json!({})));
        assert_eq!(world.status(job), "classificationFailed");
    }
    world.job("changed", json!({"labels": {"Region": "EU"}}));
    world.job("given", json!({"queueId": "us"}));
    world.job(
        "freed",
        json!({"queueId": "us", "classificationPolicyId": null}),
    );
    world
        .run(Command::DeleteJob {
            id: "gone".to_owned(),
        })
        .expect("deleted");
    world.classification_policy("c", json!({"fallbackQueueId": "q"}));
    done(world.run(reclassify_job("again")));
    for (job, queue) in [
        ("again", "q"),
        ("changed", "eu"),
        ("given", "us"),
        ("freed", "us"),
    ] {
        assert_eq!(world.status(job), "queued", "{job}");
        assert_eq!(world.read_job(job)["queueId"], queue, "{job}");
    }
    assert!(world.engine.job("gone").is_err());
}

// R89
#[test]
fn reclassifying_needs_a_policy_and_a_job_that_no_worker_has() {
    let mut world = world();
    world.simple_job("direct");
    world.assert_invalid(
        reclassify_job("direct"),
        &["the job 'direct' has no classification policy; set its classificationPolicyId"],
    );
    world.assert_refused(reclassify_job("none"), RefusalKind::NotFound);
    world.cancel("direct");
    world.simple_worker("w");
    world.job("j", classified(json!({})));
    world.accept("w");
    world.assert_refused(reclassify_job("j"), RefusalKind::Conflict);
    world.complete("j");
    world.close("j");
    world.assert_refused(reclassify_job("j"), RefusalKind::Conflict);
}

// R53, R50
#[test]
fn a_job_that_waits_for_its_activation_is_classified_when_it_is_activated() {
    let mut world = world();
    let mut job = classified(json!({"Region": "EU"}));
    job["matchingMode"] = json!({"kind": "suspend"});
    assert_eq!(world.job("j", job)["status"], "waitingForActivation");
    world.job("j", json!({"labels": {"Region": "US"}}));
    done(world.run(reclassify_job("j")));
    assert_eq!(world.status("j"), "waitingForActivation");
    let seen = world.events.len();
    let answer = world.job("j", json!({"matchingMode": {"kind": "queueAndMatch"}}));
    assert_eq!(answer["status"], "pendingClassification");
    assert_eq!(world.read_job("j")["queueId"], "us");
    assert_eq!(
        world.kinds_since(seen),
        [EventKind::RouterJobClassified, EventKind::RouterJobQueued]
    );
}

// R82: a worker's job is not taken away by new labels.
#[test]
fn an_assigned_job_is_not_classified_again() {
    let mut world = world();
    world.simple_worker("w");
    world.job("j", classified(json!({})));
    world.accept("w");
    let answer = world.job("j", json!({"labels": {"Region": "EU"}}));
    assert_eq!(answer["status"], "assigned");
    assert_eq!(answer["queueId"], "q");
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

// R35, R39
#[test]
fn what_a_policy_or_a_job_refers_to_cannot_be_deleted() {
    let mut world = world();
    let queue = |id: &str| Command::DeleteQueue { id: id.to_owned() };
    let policy = || Command::DeleteClassificationPolicy { id: "c".to_owned() };
    let refusal = world.assert_refused(queue("q"), RefusalKind::Conflict);
    assert_eq!(
        refusal.message,
        "Validation failed: \r\n -- : There is classification policy with this queue as fallback queue"
    );
    world.job("j", classified(json!({"Region": "EU"})));
    world.assert_refused(queue("eu"), RefusalKind::Conflict);
    let refusal = world.assert_refused(policy(), RefusalKind::BadRequest);
    assert_eq!(
        refusal.details[0].code,
        "ActiveJobWithClassificationPolicyExist"
    );
    world.job("j", json!({"classificationPolicyId": null}));
    world.run(policy()).expect("unused");
    world.run(queue("q")).expect("unused");
    world.assert_invalid(
        upsert_job("k", classified(json!({}))),
        &["classificationPolicyId names the classification policy 'c', which does not exist"],
    );
    world.cancel("j");
    world.run(queue("eu")).expect("unused");
}

// R39
#[test]
fn a_policy_is_free_once_its_jobs_are_cancelled_closed_or_deleted() {
    let mut world = world();
    world.classification_policy("c", json!({"fallbackQueueId": null}));
    world.job("failed", classified(json!({})));
    world.job("queued", classified(json!({"Region": "EU"})));
    let policy = || Command::DeleteClassificationPolicy { id: "c".to_owned() };
    world.assert_refused(policy(), RefusalKind::BadRequest);
    world.cancel("queued");
    world.assert_refused(policy(), RefusalKind::BadRequest);
    world
        .run(Command::DeleteJob {
            id: "failed".to_owned(),
        })
        .expect("deleted");
    world.run(policy()).expect("unused");
    assert!(world.engine.classification_policy("c").is_err());
    world.run(policy()).expect("deleting again is fine");
    assert!(
        world
            .run(upsert_queue("q", json!({"name": "still here"})))
            .is_ok()
    );
}

// R20, R36, R37, R40
#[test]
fn a_policy_shows_its_defaults_and_keeps_its_version_without_a_change() {
    let mut world = World::with_queue();
    let first = world.classification_policy("c", json!({}));
    assert_eq!(first["queueSelectorAttachments"], json!([]));
    assert_eq!(first["workerSelectorAttachments"], json!([]));
    assert_eq!(first.get("prioritizationRule"), None);
    assert_eq!(first.get("fallbackQueueId"), None);
    let same = world.classification_policy("c", json!({"queueSelectorAttachments": []}));
    assert_eq!(same["etag"], first["etag"]);
    let selector = json!({"key": "k", "labelOperator": "equal", "value": 1});
    let changed = world.classification_policy(
        "c",
        json!({"name": "n", "workerSelectorAttachments": [{"kind": "static", "workerSelector": selector}]}),
    );
    assert_ne!(changed["etag"], first["etag"]);
    let shown = &changed["workerSelectorAttachments"][0]["workerSelector"];
    assert_eq!(shown["expedite"], false);
    assert_eq!(shown["status"], "active");
    let read = json!(world.engine.classification_policy("c").expect("a policy"));
    assert_eq!(read, changed);
    let again = world.classification_policy("c", read);
    assert_eq!(again["etag"], changed["etag"]);
}

// R41 for the fallback, O1, O19
#[test]
fn invalid_policies_are_refused_with_every_reason() {
    let mut world = World::with_queue();
    world.assert_invalid(
        upsert_classification_policy(
            "c",
            json!({
                "fallbackQueueId": "none",
                "queueSelectorAttachments": [{"kind": "static"}, 5],
                "prioritizationRule": {"kind": "expression", "expression": "1 +"},
                "workerSelectorAttachments": [{"kind": "conditional", "workerSelectors": [], "condition": {"value": 1}}],
            }),
        ),
        &[
            "queueSelectorAttachments[0].queueSelector is required",
            "queueSelectorAttachments[1] must be an object",
            "prioritizationRule.expression is not an expression: expected a value, a name or a function, found the end, at line 1, column 4",
            "workerSelectorAttachments[0].condition.kind is required",
            "fallbackQueueId names the queue 'none', which does not exist",
        ],
    );
}
