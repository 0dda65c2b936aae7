//! Exception policies, with every kind of trigger and action.

use acs_jobrouter::{
    CancelExceptionAction, ExceptionAction, ExceptionRule, ExceptionTrigger, LabelOperator,
    ManualReclassifyExceptionAction, NewExceptionPolicy, QueueLengthExceptionTrigger,
    ReclassifyExceptionAction, RouterWorkerSelector, WaitTimeExceptionTrigger,
};
use acs_test_support::AcsMockServer;
use serde_json::{Value, json};

use crate::case::{Case, created, listed, no_content, ok, page, shown};
use crate::client;

/// What a caller may set of a policy, all of it.
fn members() -> Value {
    json!({
        "name": "Overflow",
        "exceptionRules": [
            {
                "id": "too-long",
                "trigger": {"kind": "queueLength", "threshold": 100},
                "actions": [
                    {"kind": "cancel", "id": "action-1", "note": "too many", "dispositionCode": "Overflow"},
                ],
            },
            {
                "id": "too-late",
                "trigger": {"kind": "waitTime", "thresholdSeconds": 60.5},
                "actions": [
                    {
                        "kind": "manualReclassify", "id": "action-2", "queueId": "urgent", "priority": 50,
                        "workerSelectors": [{"key": "Skill", "labelOperator": "greaterThan", "value": 3}],
                    },
                    {
                        "kind": "reclassify", "id": "action-3", "classificationPolicyId": "policy-2",
                        "labelsToUpsert": {"Escalated": true},
                    },
                ],
            },
        ],
    })
}

/// A policy as the service answers it, with every member set.
fn policy() -> Value {
    let mut policy = members();
    policy["id"] = "policy-1".into();
    policy["etag"] = "\"e1\"".into();
    policy
}

fn draft() -> NewExceptionPolicy {
    let selector = RouterWorkerSelector::new("Skill", LabelOperator::GreaterThan).value(3);
    let late: [ExceptionAction; 2] = [
        ManualReclassifyExceptionAction::new()
            .id("action-2")
            .queue_id("urgent")
            .priority(50)
            .worker_selectors([selector])
            .into(),
        ReclassifyExceptionAction::new()
            .id("action-3")
            .classification_policy_id("policy-2")
            .labels_to_upsert([("Escalated", true)])
            .into(),
    ];
    NewExceptionPolicy::with_rule(ExceptionRule::new(
        "too-long",
        QueueLengthExceptionTrigger::new(100),
        [CancelExceptionAction::new()
            .id("action-1")
            .note("too many")
            .disposition_code("Overflow")],
    ))
    .rule(ExceptionRule::new(
        "too-late",
        WaitTimeExceptionTrigger::new(60.5),
        late,
    ))
    .name("Overflow")
}

pub(crate) fn cases() -> Vec<Case> {
    vec![
        Case {
            name: "a draft of an exception policy",
            request: |server| {
                server
                    .exception_policy("policy-1")
                    .upsert()
                    .merge_patch(members())
            },
            answer: created(policy()),
            call: |client| shown(client.admin().upsert_exception_policy("policy-1", draft())),
        },
        Case {
            name: "reading an exception policy",
            request: |server| server.exception_policy("policy%201").get(),
            answer: ok(policy()),
            call: |client| shown(client.admin().get_exception_policy("policy 1")),
        },
        Case {
            name: "listing exception policies",
            request: |server| server.list("exceptionPolicies").query("maxpagesize", "7"),
            answer: page("exceptionPolicies", json!([policy()])),
            call: |client| {
                let list = client.admin().list_exception_policies();
                listed(list.page_size(7).into_stream())
            },
        },
        Case {
            name: "deleting an exception policy",
            request: |server| server.exception_policy("policy-1").delete(),
            answer: no_content(),
            call: |client| shown(client.admin().delete_exception_policy("policy-1")),
        },
    ]
}

#[tokio::test]
async fn a_policy_reads_into_its_model_member_by_member() {
    let server = AcsMockServer::start().await;
    server
        .exception_policy("policy-1")
        .get()
        .answer(200, &policy())
        .mount()
        .await;

    let policy = client(&server)
        .admin()
        .get_exception_policy("policy-1")
        .await
        .expect("policy")
        .into_inner();

    assert_eq!(
        (policy.id.as_str(), policy.etag.as_str()),
        ("policy-1", "\"e1\"")
    );
    assert_eq!(policy.name.as_deref(), Some("Overflow"));
    let [too_long, too_late] = &policy.exception_rules[..] else {
        panic!("{:?}", policy.exception_rules)
    };
    assert_eq!(too_long.id, "too-long");
    let ExceptionTrigger::QueueLength(trigger) = &too_long.trigger else {
        panic!("{:?}", too_long.trigger)
    };
    assert_eq!(trigger.threshold, 100);
    let [ExceptionAction::Cancel(cancel)] = &too_long.actions[..] else {
        panic!("{:?}", too_long.actions)
    };
    assert_eq!(cancel.id.as_deref(), Some("action-1"));
    assert_eq!(cancel.note.as_deref(), Some("too many"));
    assert_eq!(cancel.disposition_code.as_deref(), Some("Overflow"));
    let ExceptionTrigger::WaitTime(trigger) = &too_late.trigger else {
        panic!("{:?}", too_late.trigger)
    };
    assert!((trigger.threshold_seconds - 60.5).abs() < f64::EPSILON);
    let [
        ExceptionAction::ManualReclassify(manual),
        ExceptionAction::Reclassify(reclassify),
    ] = &too_late.actions[..]
    else {
        panic!("{:?}", too_late.actions)
    };
    assert_eq!(manual.id.as_deref(), Some("action-2"));
    assert_eq!(manual.queue_id.as_deref(), Some("urgent"));
    assert_eq!(manual.priority, Some(50));
    let selectors = manual.worker_selectors.as_deref().expect("selectors");
    assert_eq!(selectors[0].key, "Skill");
    assert_eq!(reclassify.id.as_deref(), Some("action-3"));
    assert_eq!(
        reclassify.classification_policy_id.as_deref(),
        Some("policy-2")
    );
    let labels = reclassify.labels_to_upsert.as_ref().expect("labels");
    assert_eq!(labels["Escalated"], true.into());
    server.verify().await;
}
