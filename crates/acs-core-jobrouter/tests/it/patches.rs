//! A patch says for each member whether to keep, clear or set it, and holds nothing that the service sets.

use acs_core_jobrouter::models::{
    DistributionPolicyPatch, JobPatch, LabelOperator, LongestIdleMode, QueuePatch, RouterChannel,
    RouterJobNote, RouterWorkerSelector, SuspendMode, WorkerPatch,
};
use acs_types::{Patch, PatchMap};
use serde_json::json;

use crate::unchanged;

#[test]
fn an_empty_patch_changes_nothing() {
    assert_eq!(
        serde_json::to_value(JobPatch::default()).expect("models can be written"),
        json!({})
    );
}

#[test]
fn keep_clear_and_set_have_their_own_wire_forms() {
    let patch = QueuePatch {
        name: "Support".into(),
        exception_policy_id: Patch::Clear,
        labels: PatchMap::new().set("vip", true).remove("old").into(),
        ..Default::default()
    };
    let json =
        json!({"name": "Support", "exceptionPolicyId": null, "labels": {"vip": true, "old": null}});
    assert_eq!(
        serde_json::to_value(&patch).expect("models can be written"),
        json
    );
    assert_eq!(unchanged::<QueuePatch>(&json), patch);
}

#[test]
fn lists_numbers_and_unions_are_set_as_a_whole() {
    let patch = JobPatch {
        priority: 5.into(),
        notes: vec![RouterJobNote::new("hello")].into(),
        requested_worker_selectors: vec![
            RouterWorkerSelector::new("Some-Skill", LabelOperator::GreaterThan).value(10),
        ]
        .into(),
        matching_mode: SuspendMode::new().into(),
        tags: Patch::Clear,
        ..Default::default()
    };
    assert_eq!(
        serde_json::to_value(&patch).expect("models can be written"),
        json!({
            "priority": 5,
            "notes": [{"message": "hello"}],
            "requestedWorkerSelectors": [{"key": "Some-Skill", "labelOperator": "greaterThan", "value": 10}],
            "matchingMode": {"kind": "suspend"},
            "tags": null
        })
    );
}

#[test]
fn patches_of_workers_and_policies_read_as_they_are_written() {
    let worker = WorkerPatch {
        capacity: 10.into(),
        queues: vec!["q".to_owned()].into(),
        channels: vec![RouterChannel::new("voice", 1)].into(),
        available_for_offers: Patch::Set(false),
        max_concurrent_offers: Patch::Clear,
        ..Default::default()
    };
    let policy = DistributionPolicyPatch {
        mode: LongestIdleMode::new().min_concurrent_offers(2).into(),
        offer_expires_after_seconds: 0.5.into(),
        ..Default::default()
    };
    let worker_json = serde_json::to_value(&worker).expect("models can be written");
    let policy_json = serde_json::to_value(&policy).expect("models can be written");
    assert_eq!(unchanged::<WorkerPatch>(&worker_json), worker);
    assert_eq!(unchanged::<DistributionPolicyPatch>(&policy_json), policy);
    assert_eq!(
        policy_json,
        json!({"mode": {"kind": "longestIdle", "minConcurrentOffers": 2}, "offerExpiresAfterSeconds": 0.5})
    );
}
