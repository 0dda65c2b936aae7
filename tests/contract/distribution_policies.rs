//! Distribution policies.

use std::time::Duration;

use acs_jobrouter::{
    BestWorkerMode, DistributionMode, ExpressionRouterRule, ExpressionRouterRuleLanguage,
    LongestIdleMode, NewDistributionPolicy, RoundRobinMode, RouterRule, ScoringRuleOptions,
    ScoringRuleParameterSelector,
};
use acs_test_support::AcsMockServer;
use serde_json::{Value, json};

use crate::case::{Case, created, listed, no_content, ok, page, shown};
use crate::client;

/// A policy as the service answers it, with every member set.
fn policy() -> Value {
    json!({
        "etag": "\"p1\"",
        "id": "policy-1",
        "name": "Even load",
        "offerExpiresAfterSeconds": 30.5,
        "mode": {"kind": "roundRobin", "minConcurrentOffers": 2, "maxConcurrentOffers": 4, "bypassSelectors": true},
    })
}

fn best_worker() -> Value {
    json!({
        "kind": "bestWorker",
        "minConcurrentOffers": 2,
        "maxConcurrentOffers": 4,
        "bypassSelectors": true,
        "scoringRule": {"kind": "expression", "language": "powerFx", "expression": "worker.Skill * 2"},
        "scoringRuleOptions": {
            "batchSize": 10,
            "scoringParameters": ["workerSelectors"],
            "isBatchScoringEnabled": true,
            "descendingOrder": false,
        },
    })
}

fn with_mode(mode: Value) -> Value {
    let mut policy = policy();
    policy["mode"] = mode;
    policy
}

fn draft(mode: impl Into<DistributionMode>) -> NewDistributionPolicy {
    NewDistributionPolicy::new(Duration::from_millis(30_500), mode)
}

pub(crate) fn cases() -> Vec<Case> {
    vec![
        Case {
            name: "a draft with the longest idle mode",
            request: |server| {
                server.distribution_policy("policy-1").upsert().merge_patch(json!({
                    "name": "Even load",
                    "offerExpiresAfterSeconds": 30.5,
                    "mode": {
                        "kind": "longestIdle", "minConcurrentOffers": 2, "maxConcurrentOffers": 4,
                        "bypassSelectors": true,
                    },
                }))
            },
            answer: created(with_mode(json!({
                "kind": "longestIdle", "minConcurrentOffers": 2, "maxConcurrentOffers": 4, "bypassSelectors": true,
            }))),
            call: |client| {
                let mode = LongestIdleMode::new()
                    .min_concurrent_offers(2)
                    .max_concurrent_offers(4)
                    .bypass_selectors(true);
                let draft = draft(mode).name("Even load");
                shown(client.admin().upsert_distribution_policy("policy-1", draft))
            },
        },
        Case {
            name: "a draft with the round robin mode",
            request: |server| {
                server.distribution_policy("policy-1").upsert().merge_patch(json!({
                    "offerExpiresAfterSeconds": 30.5,
                    "mode": {
                        "kind": "roundRobin", "minConcurrentOffers": 2, "maxConcurrentOffers": 4,
                        "bypassSelectors": false,
                    },
                }))
            },
            answer: created(policy()),
            call: |client| {
                let mode = RoundRobinMode::new()
                    .min_concurrent_offers(2)
                    .max_concurrent_offers(4)
                    .bypass_selectors(false);
                shown(
                    client
                        .admin()
                        .upsert_distribution_policy("policy-1", draft(mode)),
                )
            },
        },
        Case {
            name: "a draft with the best worker mode",
            request: |server| {
                server
                    .distribution_policy("policy-1")
                    .upsert()
                    .merge_patch(json!({"offerExpiresAfterSeconds": 30.5, "mode": best_worker()}))
            },
            answer: created(with_mode(best_worker())),
            call: |client| {
                let rule = ExpressionRouterRule::new("worker.Skill * 2")
                    .language(ExpressionRouterRuleLanguage::PowerFx);
                let options = ScoringRuleOptions::new()
                    .batch_size(10)
                    .scoring_parameters([ScoringRuleParameterSelector::WorkerSelectors])
                    .is_batch_scoring_enabled(true)
                    .descending_order(false);
                let mode = BestWorkerMode::new()
                    .min_concurrent_offers(2)
                    .max_concurrent_offers(4)
                    .bypass_selectors(true)
                    .scoring_rule(rule)
                    .scoring_rule_options(options);
                shown(
                    client
                        .admin()
                        .upsert_distribution_policy("policy-1", draft(mode)),
                )
            },
        },
        Case {
            name: "reading a distribution policy",
            request: |server| server.distribution_policy("policy%201").get(),
            answer: ok(policy()),
            call: |client| shown(client.admin().get_distribution_policy("policy 1")),
        },
        Case {
            name: "listing distribution policies",
            request: |server| {
                server
                    .list("distributionPolicies")
                    .query("maxpagesize", "7")
            },
            answer: page(
                "distributionPolicies",
                json!([policy(), with_mode(best_worker())]),
            ),
            call: |client| {
                let list = client.admin().list_distribution_policies();
                listed(list.page_size(7).into_stream())
            },
        },
        Case {
            name: "deleting a distribution policy",
            request: |server| server.distribution_policy("policy-1").delete(),
            answer: no_content(),
            call: |client| shown(client.admin().delete_distribution_policy("policy-1")),
        },
    ]
}

#[tokio::test]
async fn a_policy_reads_into_its_model_member_by_member() {
    let server = AcsMockServer::start().await;
    server
        .distribution_policy("policy-1")
        .get()
        .answer(200, &with_mode(best_worker()))
        .mount()
        .await;

    let policy = client(&server)
        .admin()
        .get_distribution_policy("policy-1")
        .await
        .expect("policy")
        .into_inner();

    assert_eq!(
        (policy.id.as_str(), policy.etag.as_str()),
        ("policy-1", "\"p1\"")
    );
    assert_eq!(policy.name.as_deref(), Some("Even load"));
    assert_eq!(policy.offer_expires_after_seconds, Some(30.5));
    let Some(DistributionMode::BestWorker(mode)) = policy.mode else {
        panic!("{:?}", policy.mode)
    };
    assert_eq!(mode.min_concurrent_offers, Some(2));
    assert_eq!(mode.max_concurrent_offers, Some(4));
    assert_eq!(mode.bypass_selectors, Some(true));
    let Some(RouterRule::Expression(rule)) = mode.scoring_rule else {
        panic!("{:?}", mode.scoring_rule)
    };
    assert_eq!(rule.expression, "worker.Skill * 2");
    assert_eq!(rule.language, Some(ExpressionRouterRuleLanguage::PowerFx));
    let options = mode.scoring_rule_options.expect("options");
    assert_eq!(options.batch_size, Some(10));
    assert_eq!(options.is_batch_scoring_enabled, Some(true));
    assert_eq!(options.descending_order, Some(false));
    assert_eq!(
        options.scoring_parameters,
        Some(vec![ScoringRuleParameterSelector::WorkerSelectors])
    );
    server.verify().await;
}
