//! Distribution policies: upsert and get.

use std::time::Duration;

use acs_jobrouter::{
    BestWorkerMode, DistributionMode, DistributionPolicyPatch, LongestIdleMode,
    NewDistributionPolicy, Patch, RoundRobinMode, Timestamp,
};
use acs_test_support::AcsMockServer;
use serde_json::{Value, json};

use crate::answers::{broken_successes_become_decode_errors, failures_become_errors};
use crate::client;

fn policy() -> Value {
    json!({
        "etag": "\"p1\"",
        "id": "policy-1",
        "name": "Even load",
        "offerExpiresAfterSeconds": 30.5,
        "mode": {"kind": "roundRobin", "minConcurrentOffers": 1, "maxConcurrentOffers": 4, "bypassSelectors": false},
    })
}

fn draft(mode: impl Into<DistributionMode>) -> NewDistributionPolicy {
    NewDistributionPolicy::new(Duration::from_millis(30_500), mode).name("Even load")
}

fn draft_on_the_wire(mode: Value) -> Value {
    json!({"name": "Even load", "offerExpiresAfterSeconds": 30.5, "mode": mode})
}

#[tokio::test]
async fn a_draft_sends_each_mode_under_its_kind() {
    let everything = LongestIdleMode::new()
        .min_concurrent_offers(2)
        .max_concurrent_offers(4)
        .bypass_selectors(true);
    let modes: [(DistributionMode, Value); 3] = [
        (
            everything.into(),
            json!({"kind": "longestIdle", "minConcurrentOffers": 2, "maxConcurrentOffers": 4, "bypassSelectors": true}),
        ),
        (RoundRobinMode::new().into(), json!({"kind": "roundRobin"})),
        (BestWorkerMode::new().into(), json!({"kind": "bestWorker"})),
    ];
    for (mode, on_the_wire) in modes {
        let server = AcsMockServer::start().await;
        server
            .distribution_policy("policy-1")
            .upsert()
            .merge_patch(draft_on_the_wire(on_the_wire))
            .answer(201, &policy())
            .mount()
            .await;

        let admin = client(&server).admin();
        let answer = admin
            .upsert_distribution_policy("policy-1", draft(mode))
            .await
            .expect("policy");

        assert!(answer.was_created());
        server.verify().await;
    }
}

#[tokio::test]
async fn a_patch_clears_the_name_under_its_conditions() {
    let server = AcsMockServer::start().await;
    server
        .distribution_policy("policy-1")
        .upsert()
        .header("if-match", "\"p1\"")
        .header("if-unmodified-since", "Thu, 18 Jan 2024 09:30:00 GMT")
        .merge_patch(json!({"name": null}))
        .answer(200, &policy())
        .mount()
        .await;

    let patch = DistributionPolicyPatch {
        name: Patch::Clear,
        ..DistributionPolicyPatch::default()
    };
    client(&server)
        .admin()
        .upsert_distribution_policy("policy-1", patch)
        .if_match("\"p1\"")
        .if_unmodified_since(Timestamp::parse("2024-01-18T09:30:00Z").expect("a time"))
        .await
        .expect("policy");

    server.verify().await;
}

#[tokio::test]
async fn a_policy_reads_into_its_model_with_every_member() {
    let server = AcsMockServer::start().await;
    server
        .distribution_policy("policy-1")
        .get()
        .answer(200, &policy())
        .mount()
        .await;
    let gone = json!({"communicationError": {"code": "NotFound", "message": "no such policy"}});
    server
        .distribution_policy("gone")
        .get()
        .answer(404, &gone)
        .mount()
        .await;

    let admin = client(&server).admin();
    let policy = admin
        .get_distribution_policy("policy-1")
        .await
        .expect("policy")
        .into_inner();

    assert_eq!(
        (policy.id.as_str(), policy.etag.as_str()),
        ("policy-1", "\"p1\"")
    );
    assert_eq!(
        (policy.name.as_deref(), policy.offer_expires_after_seconds),
        (Some("Even load"), Some(30.5))
    );
    let Some(DistributionMode::RoundRobin(mode)) = policy.mode else {
        panic!("{:?}", policy.mode)
    };
    assert_eq!(
        (mode.min_concurrent_offers, mode.max_concurrent_offers),
        (Some(1), Some(4))
    );
    assert_eq!(mode.bypass_selectors, Some(false));
    assert!(
        admin
            .get_distribution_policy_opt("gone")
            .await
            .expect("none")
            .is_none()
    );
    server.verify().await;
}

#[tokio::test]
async fn failures_of_distribution_policy_calls_become_errors() {
    let body = draft_on_the_wire(json!({"kind": "roundRobin"}));
    failures_become_errors(
        |server| {
            server
                .distribution_policy("policy-1")
                .upsert()
                .merge_patch(body.clone())
        },
        |client| async move {
            client
                .admin()
                .upsert_distribution_policy("policy-1", draft(RoundRobinMode::new()))
                .await
        },
    )
    .await;
    broken_successes_become_decode_errors(
        |server| {
            server
                .distribution_policy("policy-1")
                .upsert()
                .merge_patch(body.clone())
        },
        |client| async move {
            client
                .admin()
                .upsert_distribution_policy("policy-1", draft(RoundRobinMode::new()))
                .await
        },
    )
    .await;
    failures_become_errors(
        |server| server.distribution_policy("policy-1").get(),
        |client| async move { client.admin().get_distribution_policy("policy-1").await },
    )
    .await;
    broken_successes_become_decode_errors(
        |server| server.distribution_policy("policy-1").get(),
        |client| async move { client.admin().get_distribution_policy("policy-1").await },
    )
    .await;
}
