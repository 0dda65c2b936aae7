//! Exception rules that have jobs classified again.

use acs_router_engine::{Command, EventKind};
use serde_json::{Value, json};

use crate::exceptions::{length_rule, wait_rule};
use crate::world::{World, simple_worker};

/// A policy `c` that leads from the label `Team` to the queues `q` and `experts`, and gives escalated jobs priority 10;
/// and an exception policy `e` of queue `q` with one rule: after ten seconds these actions.
fn with_actions(actions: Value) -> World {
    with_rule(wait_rule("late", 10.0, actions))
}

fn with_rule(rule: Value) -> World {
    let mut world = World::with_queue();
    world.queue("q", json!({"labels": {"Team": "all"}}));
    world.queue(
        "experts",
        json!({"distributionPolicyId": "idle", "labels": {"Team": "experts"}}),
    );
    world.classification_policy(
        "c",
        json!({
            "fallbackQueueId": "q",
            "queueSelectorAttachments": [{"kind": "passThrough", "key": "Team", "labelOperator": "equal"}],
            "prioritizationRule": {"kind": "expression", "expression": "If(job.Escalated = true, 10, 1)"},
        }),
    );
    world.exception_policy("e", json!({ "exceptionRules": [rule] }));
    world.queue("q", json!({"exceptionPolicyId": "e"}));
    world
}

fn reclassify(labels: Value) -> Value {
    json!({"kind": "reclassify", "labelsToUpsert": labels})
}

fn classified() -> Value {
    json!({"channelId": "chat", "classificationPolicyId": "c"})
}

// R101, R123, R130
#[test]
fn a_job_is_classified_by_its_own_policy_with_the_new_labels() {
    let labels = json!({"Team": "experts", "Escalated": true});
    let mut world = with_actions(json!([reclassify(labels)]));
    world.simple_worker("w");
    world.job("j", classified());
    assert_eq!(world.offered("w"), ["j"]);
    let seen = world.events.len();
    world.wait(10.0);
    assert_eq!(
        world.kinds_since(seen),
        [
            EventKind::RouterJobExceptionTriggered,
            EventKind::RouterWorkerOfferRevoked,
            EventKind::RouterJobClassified,
            EventKind::RouterJobQueued,
        ]
    );
    let job = world.read_job("j");
    assert_eq!(
        (&job["queueId"], &job["priority"]),
        (&json!("experts"), &json!(10))
    );
    assert_eq!(job["enqueuedAt"], "2024-01-01T12:00:00+00:00");
}

// R101
#[test]
fn a_policy_that_the_action_names_becomes_the_jobs() {
    let action = json!({"kind": "reclassify", "classificationPolicyId": "c", "labelsToUpsert": {"Team": "experts"}});
    let mut world = with_actions(json!([action]));
    world.simple_job("j");
    world.wait(10.0);
    let job = world.read_job("j");
    assert_eq!(job["classificationPolicyId"], "c");
    assert_eq!(job["queueId"], "experts");
}

// R101
#[test]
fn an_action_whose_policy_is_gone_does_nothing() {
    let action = json!({"kind": "reclassify", "classificationPolicyId": "c", "labelsToUpsert": {"Team": "experts"}});
    let mut world = with_actions(json!([action]));
    world.simple_job("j");
    let id = "c".to_owned();
    world
        .run(Command::DeleteClassificationPolicy { id })
        .expect("deleted");
    let seen = world.events.len();
    world.wait(10.0);
    assert_eq!(
        world.kinds_since(seen),
        [EventKind::RouterJobExceptionTriggered]
    );
    assert_eq!(world.read_job("j")["labels"], json!({}));
}

// R100, R103: it has not left its queue, so the rule that fired does not fire again.
#[test]
fn a_job_that_is_classified_into_its_own_queue_goes_on_with_its_stay() {
    let mut world = with_actions(json!([reclassify(json!({"Escalated": true}))]));
    world.job("j", classified());
    let seen = world.events.len();
    world.wait(100.0);
    assert_eq!(
        world.kinds_since(seen),
        [
            EventKind::RouterJobExceptionTriggered,
            EventKind::RouterJobClassified,
            EventKind::RouterJobQueued,
        ]
    );
    assert_eq!(world.read_job("j")["priority"], 10);
}

// R99: nor is it added when its caller changes its labels (R56).
#[test]
fn a_job_that_is_classified_in_its_place_is_not_measured_again() {
    let mut world = with_rule(length_rule("full", 2, json!([{"kind": "cancel"}])));
    world.queue("q", json!({"exceptionPolicyId": null}));
    for job in ["a", "b", "c"] {
        world.job(job, classified());
    }
    world.queue("q", json!({"exceptionPolicyId": "e"}));
    world.job("a", json!({"labels": {"Topic": "bill"}}));
    assert_eq!(world.status("a"), "queued");
    world.job("d", classified());
    assert_eq!(world.status("d"), "cancelled");
}

// R101
#[test]
fn later_actions_find_the_job_as_its_policy_leaves_it() {
    let mut world = with_actions(json!([
        reclassify(json!({"Escalated": true})),
        {"kind": "manualReclassify", "priority": 50, "queueId": "experts"},
    ]));
    let mut worker = simple_worker();
    worker["queues"] = json!(["experts"]);
    world.worker("w", worker);
    world.job("j", classified());
    world.wait(10.0);
    let job = world.read_job("j");
    assert_eq!(
        (&job["queueId"], &job["priority"]),
        (&json!("experts"), &json!(50))
    );
    assert_eq!(world.offered("w"), ["j"]);
}

// R98, R101: a called rule answers later, and the job may be cancelled meanwhile.
#[test]
fn a_job_whose_policy_asks_is_away_until_the_answer() {
    let rule = json!({"kind": "function", "functionUri": "http://localhost/rule"});
    let mut world = with_actions(json!([]));
    world.classification_policy(
        "asking",
        json!({"fallbackQueueId": "q", "prioritizationRule": rule}),
    );
    let asking = json!([
        wait_rule(
            "ask",
            20.0,
            json!([{"kind": "reclassify", "classificationPolicyId": "asking"}])
        ),
        wait_rule(
            "end",
            30.0,
            json!([{"kind": "reclassify", "classificationPolicyId": "asking"}, {"kind": "cancel"}])
        ),
    ]);
    world.exception_policy("e", json!({ "exceptionRules": asking }));
    world.simple_job("j");
    world.wait(20.0);
    assert_eq!(world.status("j"), "pendingClassification");
    world.wait(10.0);
    assert_eq!(
        world.status("j"),
        "pendingClassification",
        "it does not wait in a queue"
    );
    world.job("j", json!({"classificationPolicyId": null}));
    assert_eq!(
        world.status("j"),
        "cancelled",
        "back in its queue, it is late"
    );
}
