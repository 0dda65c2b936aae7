//! Classification policies, with every kind of attachment and rule.

use acs_jobrouter::{
    ConditionalQueueSelectorAttachment, ConditionalWorkerSelectorAttachment, DirectMapRouterRule,
    ExpressionRouterRule, FunctionRouterRule, FunctionRouterRuleCredential, LabelOperator,
    NewClassificationPolicy, OAuth2WebhookClientCredential, PassThroughQueueSelectorAttachment,
    PassThroughWorkerSelectorAttachment, QueueSelectorAttachment, QueueWeightedAllocation,
    RouterQueueSelector, RouterRule, RouterWorkerSelector, RuleEngineQueueSelectorAttachment,
    RuleEngineWorkerSelectorAttachment, StaticQueueSelectorAttachment, StaticRouterRule,
    StaticWorkerSelectorAttachment, WebhookRouterRule, WeightedAllocationQueueSelectorAttachment,
    WeightedAllocationWorkerSelectorAttachment, WorkerSelectorAttachment, WorkerWeightedAllocation,
};
use acs_test_support::AcsMockServer;
use serde_json::{Value, json};

use crate::case::{Case, created, listed, no_content, ok, page, shown};
use crate::client;

/// What a caller may set of a policy, all of it.
fn members() -> Value {
    json!({
        "name": "By region",
        "fallbackQueueId": "everywhere",
        "queueSelectorAttachments": [
            {
                "kind": "conditional",
                "condition": {"kind": "expression", "expression": "job.Vip = true"},
                "queueSelectors": [{"key": "Tier", "labelOperator": "equal", "value": "gold"}],
            },
            {"kind": "passThrough", "key": "Region", "labelOperator": "notEqual"},
            {"kind": "ruleEngine", "rule": {"kind": "directMap"}},
            {"kind": "static", "queueSelector": {"key": "Id", "labelOperator": "equal", "value": "queue-1"}},
            {"kind": "weightedAllocation", "allocations": [
                {"weight": 0.25, "queueSelectors": [{"key": "Site", "labelOperator": "lessThan", "value": 3}]},
            ]},
        ],
        "prioritizationRule": {
            "kind": "webhook",
            "authorizationServerUri": "https://login.example/token",
            "clientCredential": {"clientId": "router", "clientSecret": "hidden"},
            "webhookUri": "https://rules.example/priority",
        },
        "workerSelectorAttachments": [
            {
                "kind": "conditional",
                "condition": {"kind": "static", "value": true},
                "workerSelectors": [{"key": "Trained", "labelOperator": "equal", "value": true}],
            },
            {"kind": "passThrough", "key": "Language", "labelOperator": "equal", "expiresAfterSeconds": 60.5},
            {"kind": "ruleEngine", "rule": {
                "kind": "function",
                "functionUri": "https://rules.example/selectors",
                "credential": {"functionKey": "f-key", "appKey": "a-key", "clientId": "router"},
            }},
            {"kind": "static", "workerSelector": {
                "key": "Skill", "labelOperator": "greaterThanOrEqual", "value": 7.5, "expiresAfterSeconds": 30.5,
                "expedite": true,
            }},
            {"kind": "weightedAllocation", "allocations": [
                {"weight": 0.75, "workerSelectors": [{"key": "Team", "labelOperator": "lessThanOrEqual", "value": 2}]},
            ]},
        ],
    })
}

/// A policy as the service answers it, with every member set.
fn policy() -> Value {
    let mut policy = members();
    policy["id"] = "policy-1".into();
    policy["etag"] = "\"c1\"".into();
    policy["workerSelectorAttachments"][0]["workerSelectors"][0]["status"] = "active".into();
    policy
}

fn queue_selector(key: &str, operator: LabelOperator) -> RouterQueueSelector {
    RouterQueueSelector::new(key, operator)
}

fn worker_selector(key: &str, operator: LabelOperator) -> RouterWorkerSelector {
    RouterWorkerSelector::new(key, operator)
}

fn draft() -> NewClassificationPolicy {
    let function = FunctionRouterRule::new("https://rules.example/selectors").credential(
        FunctionRouterRuleCredential::new()
            .function_key("f-key")
            .app_key("a-key")
            .client_id("router"),
    );
    let webhook = WebhookRouterRule::new()
        .authorization_server_uri("https://login.example/token")
        .client_credential(
            OAuth2WebhookClientCredential::new()
                .client_id("router")
                .client_secret("hidden"),
        )
        .webhook_uri("https://rules.example/priority");
    NewClassificationPolicy::new()
        .name("By region")
        .fallback_queue("everywhere")
        .queue_selectors(ConditionalQueueSelectorAttachment::new(
            ExpressionRouterRule::new("job.Vip = true"),
            [queue_selector("Tier", LabelOperator::Equal).value("gold")],
        ))
        .queue_selectors(PassThroughQueueSelectorAttachment::new(
            "Region",
            LabelOperator::NotEqual,
        ))
        .queue_selectors(RuleEngineQueueSelectorAttachment::new(
            DirectMapRouterRule::new(),
        ))
        .queue_selectors(StaticQueueSelectorAttachment::new(
            queue_selector("Id", LabelOperator::Equal).value("queue-1"),
        ))
        .queue_selectors(WeightedAllocationQueueSelectorAttachment::new([
            QueueWeightedAllocation::new(
                0.25,
                [queue_selector("Site", LabelOperator::LessThan).value(3)],
            ),
        ]))
        .prioritization_rule(webhook)
        .worker_selectors(ConditionalWorkerSelectorAttachment::new(
            StaticRouterRule::new().value(true),
            [worker_selector("Trained", LabelOperator::Equal).value(true)],
        ))
        .worker_selectors(
            PassThroughWorkerSelectorAttachment::new("Language", LabelOperator::Equal)
                .expires_after_seconds(60.5),
        )
        .worker_selectors(RuleEngineWorkerSelectorAttachment::new(function))
        .worker_selectors(StaticWorkerSelectorAttachment::new(
            worker_selector("Skill", LabelOperator::GreaterThanOrEqual)
                .value(7.5)
                .expires_after_seconds(30.5)
                .expedite(true),
        ))
        .worker_selectors(WeightedAllocationWorkerSelectorAttachment::new([
            WorkerWeightedAllocation::new(
                0.75,
                [worker_selector("Team", LabelOperator::LessThanOrEqual).value(2)],
            ),
        ]))
}

pub(crate) fn cases() -> Vec<Case> {
    vec![
        Case {
            name: "an empty draft of a classification policy",
            request: |server| {
                server
                    .classification_policy("policy-1")
                    .upsert()
                    .merge_patch(json!({}))
            },
            answer: created(policy()),
            call: |client| {
                let draft = NewClassificationPolicy::new();
                shown(
                    client
                        .admin()
                        .upsert_classification_policy("policy-1", draft),
                )
            },
        },
        Case {
            name: "a full draft of a classification policy",
            request: |server| {
                server
                    .classification_policy("policy-1")
                    .upsert()
                    .merge_patch(members())
            },
            answer: created(policy()),
            call: |client| {
                shown(
                    client
                        .admin()
                        .upsert_classification_policy("policy-1", draft()),
                )
            },
        },
        Case {
            name: "reading a classification policy",
            request: |server| server.classification_policy("policy%201").get(),
            answer: ok(policy()),
            call: |client| shown(client.admin().get_classification_policy("policy 1")),
        },
        Case {
            name: "listing classification policies",
            request: |server| {
                server
                    .list("classificationPolicies")
                    .query("maxpagesize", "7")
            },
            answer: page("classificationPolicies", json!([policy()])),
            call: |client| {
                let list = client.admin().list_classification_policies();
                listed(list.page_size(7).into_stream())
            },
        },
        Case {
            name: "deleting a classification policy",
            request: |server| server.classification_policy("policy-1").delete(),
            answer: no_content(),
            call: |client| shown(client.admin().delete_classification_policy("policy-1")),
        },
    ]
}

#[tokio::test]
async fn a_policy_reads_into_its_model_member_by_member() {
    let server = AcsMockServer::start().await;
    server
        .classification_policy("policy-1")
        .get()
        .answer(200, &policy())
        .mount()
        .await;

    let policy = client(&server)
        .admin()
        .get_classification_policy("policy-1")
        .await
        .expect("policy")
        .into_inner();

    assert_eq!(
        (policy.id.as_str(), policy.etag.as_str()),
        ("policy-1", "\"c1\"")
    );
    assert_eq!(policy.name.as_deref(), Some("By region"));
    assert_eq!(policy.fallback_queue_id.as_deref(), Some("everywhere"));
    let Some(RouterRule::Webhook(rule)) = &policy.prioritization_rule else {
        panic!("{:?}", policy.prioritization_rule)
    };
    assert_eq!(
        rule.authorization_server_uri.as_deref(),
        Some("https://login.example/token")
    );
    assert_eq!(
        rule.webhook_uri.as_deref(),
        Some("https://rules.example/priority")
    );
    let credential = rule.client_credential.as_ref().expect("a credential");
    assert_eq!(credential.client_id.as_deref(), Some("router"));
    assert_eq!(credential.client_secret.as_deref(), Some("hidden"));
    queue_attachments_are_read(&policy.queue_selector_attachments);
    worker_attachments_are_read(&policy.worker_selector_attachments);
    server.verify().await;
}

fn queue_attachments_are_read(attachments: &[QueueSelectorAttachment]) {
    let [
        QueueSelectorAttachment::Conditional(conditional),
        QueueSelectorAttachment::PassThrough(pass_through),
        QueueSelectorAttachment::RuleEngine(rule_engine),
        QueueSelectorAttachment::Static(fixed),
        QueueSelectorAttachment::WeightedAllocation(weighted),
    ] = attachments
    else {
        panic!("{attachments:?}")
    };
    assert_eq!(conditional.condition.kind(), "expression");
    let tier = &conditional.queue_selectors[0];
    assert_eq!(
        (tier.key.as_str(), &tier.value),
        ("Tier", &Some("gold".into()))
    );
    assert_eq!(pass_through.key, "Region");
    assert_eq!(pass_through.label_operator, LabelOperator::NotEqual);
    assert_eq!(rule_engine.rule.kind(), "directMap");
    assert_eq!(fixed.queue_selector.key, "Id");
    let allocation = &weighted.allocations[0];
    assert_eq!(
        (
            allocation.weight,
            allocation.queue_selectors[0].key.as_str()
        ),
        (0.25, "Site")
    );
}

fn worker_attachments_are_read(attachments: &[WorkerSelectorAttachment]) {
    let [
        WorkerSelectorAttachment::Conditional(conditional),
        WorkerSelectorAttachment::PassThrough(pass_through),
        WorkerSelectorAttachment::RuleEngine(rule_engine),
        WorkerSelectorAttachment::Static(fixed),
        WorkerSelectorAttachment::WeightedAllocation(weighted),
    ] = attachments
    else {
        panic!("{attachments:?}")
    };
    assert_eq!(conditional.condition.kind(), "static");
    assert_eq!(conditional.worker_selectors[0].key, "Trained");
    assert_eq!(
        (
            pass_through.key.as_str(),
            pass_through.expires_after_seconds
        ),
        ("Language", Some(60.5))
    );
    let RouterRule::Function(function) = &rule_engine.rule else {
        panic!("{:?}", rule_engine.rule)
    };
    assert_eq!(function.function_uri, "https://rules.example/selectors");
    let credential = function.credential.as_ref().expect("a credential");
    assert_eq!(credential.function_key.as_deref(), Some("f-key"));
    assert_eq!(credential.app_key.as_deref(), Some("a-key"));
    assert_eq!(credential.client_id.as_deref(), Some("router"));
    assert_eq!(fixed.worker_selector.expires_after_seconds, Some(30.5));
    assert_eq!(fixed.worker_selector.expedite, Some(true));
    let allocation = &weighted.allocations[0];
    assert_eq!(
        (
            allocation.weight,
            allocation.worker_selectors[0].key.as_str()
        ),
        (0.75, "Team")
    );
}

#[tokio::test]
async fn the_secrets_of_rules_are_never_shown() {
    let server = AcsMockServer::start().await;
    server
        .classification_policy("policy-1")
        .get()
        .answer(200, &policy())
        .mount()
        .await;

    let policy = client(&server)
        .admin()
        .get_classification_policy("policy-1")
        .await
        .expect("policy");

    let shown = format!("{policy:?} {:?}", draft());
    for secret in ["f-key", "a-key", "hidden"] {
        assert!(!shown.contains(secret), "{secret}: {shown}");
    }
    server.verify().await;
}
