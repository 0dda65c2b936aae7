//! What a policy or an expression would give, and why, without any trace in the state.

use acs_router_engine::{Engine, JobStatus, PolicyToTry, RefusalKind};
use serde_json::{Value, json};

use crate::world::{World, object};

fn try_given(world: &World, policy: Value, labels: Value) -> (JobStatus, Value) {
    let policy = PolicyToTry::Given(object(policy));
    let tried = world.engine.try_classification(&policy, &object(labels));
    let tried = tried.expect("a valid policy");
    (tried.status(), json!(tried))
}

// R91 to R97
#[test]
fn a_dry_run_says_what_every_part_of_a_policy_gives_and_why() {
    let mut world = World::with_queue();
    world.queue(
        "eu",
        json!({"distributionPolicyId": "idle", "labels": {"Region": "EU"}}),
    );
    let before = world.engine.clone();
    let gold = json!({"key": "Gold", "labelOperator": "equal", "value": true});
    let policy = json!({
        "queueSelectorAttachments": [
            {"kind": "passThrough", "key": "Region", "labelOperator": "equal"},
            {"kind": "passThrough", "key": "Floor", "labelOperator": "equal"},
        ],
        "prioritizationRule": {"kind": "expression", "expression": "If(job.Vip = true, 10, 1)"},
        "workerSelectorAttachments": [
            {"kind": "conditional", "condition": {"kind": "expression", "expression": "job.Vip"}, "workerSelectors": [gold]},
            {"kind": "weightedAllocation", "allocations": [{"weight": 1, "workerSelectors": []}]},
        ],
    });
    let (status, tried) = try_given(&world, policy, json!({"Region": "EU", "Vip": true}));
    assert_eq!(status, JobStatus::Queued);
    let region = json!({"key": "Region", "labelOperator": "equal", "value": "EU"});
    let gold = json!({
        "key": "Gold", "labelOperator": "equal", "value": true, "expedite": false, "status": "active",
    });
    assert_eq!(
        tried,
        json!({
            "status": "queued",
            "queueSelectorAttachments": [
                {"kind": "passThrough", "selectors": [region], "reason": "the job has the label 'Region'"},
                {"kind": "passThrough", "selectors": [], "reason": "the job has no label 'Floor'"},
            ],
            "queue": {"queueId": "eu", "reason": "it is the oldest queue that meets the attached selectors"},
            "prioritizationRule": {"kind": "expression", "priority": 10, "reason": "the rule gave it"},
            "workerSelectorAttachments": [
                {"kind": "conditional", "selectors": [gold], "reason": "its condition gave true"},
                {"kind": "weightedAllocation", "selectors": [], "reason": "allocation 1 of 1 was drawn"},
            ],
        })
    );
    assert!(world.engine == before);
}

#[test]
fn a_dry_run_of_a_stored_policy_falls_back_fails_or_needs_a_call_as_a_job_would() {
    let mut world = World::with_queue();
    world.classification_policy("c", json!({"fallbackQueueId": "q"}));
    let stored = |id: &str| PolicyToTry::Stored(id.to_owned());
    let none = object(json!({}));
    let tried = world.engine.try_classification(&stored("c"), &none);
    assert_eq!(
        json!(tried.expect("a policy"))["queue"],
        json!({"queueId": "q", "reason": "no queue meets the attached selectors, so it is the fallback queue"})
    );
    let refusal = world.engine.try_classification(&stored("x"), &none);
    assert_eq!(refusal.expect_err("no policy").kind, RefusalKind::NotFound);

    let (status, tried) = try_given(&world, json!({}), json!({}));
    assert_eq!(status, JobStatus::ClassificationFailed);
    assert_eq!(tried["queue"].get("queueId"), None);

    let function = json!({"kind": "function", "functionUri": "https://f.example"});
    let policy = json!({"fallbackQueueId": "q", "prioritizationRule": function});
    let (status, tried) = try_given(&world, policy, json!({}));
    assert_eq!(status, JobStatus::PendingClassification);
    assert_eq!(
        tried["prioritizationRule"]["reason"],
        "a dry run does not call https://f.example"
    );
}

#[test]
fn a_given_policy_must_be_valid_and_labels_must_be_labels() {
    let world = World::with_queue();
    let given = |policy: Value| PolicyToTry::Given(object(policy));
    let refused = |policy: Value, labels: Value| {
        let tried = world
            .engine
            .try_classification(&given(policy), &object(labels));
        tried.expect_err("a refusal").details[0].message.clone()
    };
    assert_eq!(
        refused(json!({"fallbackQueueId": "none"}), json!({})),
        "fallbackQueueId names the queue 'none', which does not exist"
    );
    assert_eq!(
        refused(json!({}), json!({"a": []})),
        "labels.a must be a number, a text or a boolean"
    );
}

// R97
#[test]
fn a_dry_run_of_an_expression_shows_its_value_and_the_labels_it_reads() {
    let labels = object(json!({"job": {"Waited": 90}, "worker": {"Skill": 5}}));
    let run = |source: &str| Engine::try_expression(source, &labels).map(|tried| json!(tried));
    assert_eq!(
        run("If(job.Vip = true, 100, job.Waited / 60 + worker.Skill)").expect("a value"),
        json!({"value": 6.5, "names": [
            {"name": "job.Vip", "value": null},
            {"name": "job.Waited", "value": 90},
            {"name": "worker.Skill", "value": 5},
        ]})
    );
    let failed = run("1 / job.Vip").expect("a failure is a result");
    assert_eq!(failed["value"], Value::Null);
    assert_eq!(failed["failure"], "division by zero, at line 1, column 5");
    let refusal = run("If(").expect_err("no expression");
    assert!(
        refusal.details[0]
            .message
            .starts_with("expression is not an expression: "),
        "{refusal:?}"
    );
}
