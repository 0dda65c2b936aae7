//! Every model writes what it read: enumerations and unions with values nobody here knows, and integers as integers.

use acs_core_jobrouter::models::{
    AcceptJobOfferResult, CancelJobResult, ClassificationPolicy, DistributionMode,
    DistributionPolicy, ExceptionAction, ExceptionPolicy, ExceptionTrigger, JobMatchingMode,
    PagedRouterJob, PagedRouterWorker, QueueSelectorAttachment, RouterJob,
    RouterJobPositionDetails, RouterJobStatus, RouterQueue, RouterQueueStatistics, RouterRule,
    RouterWorker, RouterWorkerSelector, ScoringRuleOptions, UnassignJobResult,
    WorkerSelectorAttachment,
};
use acs_test_support::check_round_trips;
use acs_types::LabelValue;
use serde_json::{Value, json};

use crate::generated::{DOCUMENT, MODELS};
use crate::unchanged;

#[test]
fn every_model_writes_what_it_read() {
    check_round_trips(DOCUMENT, MODELS);
}

fn job() -> Value {
    json!({
        "etag": "\"5\"",
        "id": "job-1",
        "channelReference": "order 66",
        "status": "assigned",
        "enqueuedAt": "2024-01-02T03:04:05.123456+00:00",
        "channelId": "chat",
        "classificationPolicyId": "cp",
        "queueId": "q",
        "priority": -5,
        "dispositionCode": "ok",
        "requestedWorkerSelectors": [{
            "key": "Some-Skill", "labelOperator": "greaterThan", "value": 10,
            "expiresAfterSeconds": 12.5, "expedite": true, "status": "expired",
            "expiresAt": "2024-01-02T03:04:05+00:00"
        }],
        "attachedWorkerSelectors": [{"key": "Lang", "labelOperator": "equal", "value": "nl"}],
        "labels": {"int": 9_007_199_254_740_993_i64, "float": 0.5, "text": "5", "flag": false},
        "assignments": {"a": {
            "assignmentId": "a", "workerId": "w", "assignedAt": "2024-01-02T03:04:05+00:00",
            "completedAt": "2024-01-02T03:04:06+00:00", "closedAt": "2024-01-02T03:04:07+00:00"
        }},
        "tags": {},
        "notes": [{"message": "hello", "addedAt": "2024-01-02T03:04:05+00:00"}],
        "scheduledAt": "2024-01-02T03:04:05+00:00",
        "matchingMode": {"kind": "scheduleAndSuspend", "scheduleAt": "2024-01-02T03:04:05+00:00"}
    })
}

fn worker() -> Value {
    json!({
        "etag": "\"1\"",
        "id": "worker-1",
        "state": "active",
        "queues": ["q"],
        "capacity": 10,
        "labels": {"Some-Skill": 11},
        "tags": {},
        "channels": [{"channelId": "chat", "capacityCostPerJob": 1, "maxNumberOfJobs": 5}],
        "offers": [{
            "offerId": "o", "jobId": "j", "capacityCost": 1,
            "offeredAt": "2024-01-02T03:04:05+00:00", "expiresAt": "2024-01-02T03:05:05+00:00"
        }],
        "assignedJobs": [{
            "assignmentId": "a", "jobId": "j", "capacityCost": 1, "assignedAt": "2024-01-02T03:04:05+00:00"
        }],
        "loadRatio": 0.1,
        "availableForOffers": true,
        "maxConcurrentOffers": 2
    })
}

#[test]
fn jobs_and_workers_are_written_as_they_were_read() {
    unchanged::<RouterJob>(&job());
    unchanged::<RouterWorker>(&worker());
    unchanged::<PagedRouterJob>(&json!({"value": [job()], "nextLink": "/routing/jobs?x=1"}));
    unchanged::<PagedRouterWorker>(&json!({"value": [worker()]}));
}

#[test]
fn entities_of_administration_are_written_as_they_were_read() {
    unchanged::<RouterQueue>(&json!({
        "etag": "\"1\"", "id": "q", "name": "Q", "distributionPolicyId": "dp",
        "labels": {"vip": true}, "exceptionPolicyId": "ep"
    }));
    unchanged::<DistributionPolicy>(&json!({
        "etag": "\"1\"", "id": "dp", "name": "DP", "offerExpiresAfterSeconds": 600,
        "mode": {"kind": "roundRobin", "minConcurrentOffers": 1, "maxConcurrentOffers": 2, "bypassSelectors": true}
    }));
    unchanged::<ClassificationPolicy>(&json!({
        "etag": "\"1\"", "id": "cp", "name": "CP", "fallbackQueueId": "q",
        "prioritizationRule": {"kind": "static", "value": 3},
        "queueSelectorAttachments": [{"kind": "passThrough", "key": "k", "labelOperator": "equal"}],
        "workerSelectorAttachments": []
    }));
    unchanged::<ExceptionPolicy>(&json!({
        "etag": "\"1\"", "id": "ep", "name": "EP", "exceptionRules": [{
            "id": "rule", "trigger": {"kind": "queueLength", "threshold": 2},
            "actions": [{"kind": "cancel", "id": "action", "note": "n", "dispositionCode": "d"}]
        }]
    }));
}

#[test]
fn results_and_views_are_written_as_they_were_read() {
    unchanged::<AcceptJobOfferResult>(&json!({"assignmentId": "a", "jobId": "j", "workerId": "w"}));
    unchanged::<CancelJobResult>(&json!({}));
    unchanged::<UnassignJobResult>(&json!({"jobId": "j", "unassignmentCount": 2}));
    unchanged::<RouterJobPositionDetails>(&json!({
        "jobId": "j", "position": 1, "queueId": "q", "queueLength": 3, "estimatedWaitTimeMinutes": 0.5
    }));
    unchanged::<RouterQueueStatistics>(&json!({
        "queueId": "q", "length": 3, "estimatedWaitTimeMinutes": {"1": 0.5}, "longestJobWaitTimeMinutes": 7
    }));
}

#[test]
fn every_kind_of_every_union_is_written_as_it_was_read() {
    let rule = json!({"kind": "expression", "expression": "1 = 1", "language": "powerFx"});
    let selector = json!({"key": "k", "labelOperator": "notEqual", "value": true});
    for mode in [
        json!({"kind": "longestIdle"}),
        json!({"kind": "bestWorker", "scoringRule": rule, "scoringRuleOptions": {
            "batchSize": 20, "scoringParameters": ["jobLabels", "moonPhase"],
            "isBatchScoringEnabled": true, "descendingOrder": false
        }}),
    ] {
        unchanged::<DistributionMode>(&mode);
    }
    for rule in [
        json!({"kind": "directMap"}),
        json!({"kind": "static", "value": [selector]}),
        json!({"kind": "function", "functionUri": "https://f", "credential": {
            "functionKey": "a", "appKey": "b", "clientId": "c"
        }}),
        json!({"kind": "webhook", "authorizationServerUri": "https://a", "webhookUri": "https://w",
            "clientCredential": {"clientId": "c", "clientSecret": "s"}}),
    ] {
        unchanged::<RouterRule>(&rule);
    }
    for kind in ["queueAndMatch", "suspend"] {
        unchanged::<JobMatchingMode>(&json!({"kind": kind}));
    }
    unchanged::<ExceptionTrigger>(&json!({"kind": "waitTime", "thresholdSeconds": 10.5}));
    for action in [
        json!({"kind": "manualReclassify", "queueId": "q", "priority": 1, "workerSelectors": [selector]}),
        json!({"kind": "reclassify", "classificationPolicyId": "cp", "labelsToUpsert": {"a": 1}}),
    ] {
        unchanged::<ExceptionAction>(&action);
    }
    for (member, selectors) in [
        ("queueSelector", "queueSelectors"),
        ("workerSelector", "workerSelectors"),
    ] {
        for attachment in [
            json!({"kind": "conditional", "condition": rule, selectors: [selector]}),
            json!({"kind": "ruleEngine", "rule": rule}),
            json!({"kind": "static", member: selector}),
            json!({"kind": "weightedAllocation", "allocations": [{"weight": 0.3, selectors: [selector]}]}),
        ] {
            if member == "queueSelector" {
                unchanged::<QueueSelectorAttachment>(&attachment);
            } else {
                unchanged::<WorkerSelectorAttachment>(&attachment);
            }
        }
    }
}

#[test]
fn unknown_values_of_enumerations_survive_and_are_readable() {
    let mut json = job();
    json["status"] = json!("onHold");
    json["requestedWorkerSelectors"][0]["labelOperator"] = json!("sounds like");
    let job: RouterJob = unchanged(&json);
    assert_eq!(
        job.status.as_ref().map(RouterJobStatus::as_str),
        Some("onHold")
    );
    assert_eq!(
        job.requested_worker_selectors[0].label_operator.as_str(),
        "sounds like"
    );
}

#[test]
fn unknown_kinds_of_unions_survive_with_all_their_members() {
    let later = json!({"kind": "later", "nested": {"list": [1, null, {"x": 0.5}]}});
    let mode: DistributionMode = unchanged(&later);
    assert_eq!(mode.kind(), "later");
    unchanged::<ExceptionPolicy>(&json!({
        "etag": "\"1\"", "id": "ep",
        "exceptionRules": [{"id": "r", "trigger": later, "actions": [later]}]
    }));
}

#[test]
fn labels_keep_integers_as_integers() {
    let json = json!({"key": "k", "labelOperator": "equal", "value": 5});
    let selector: RouterWorkerSelector = unchanged(&json);
    assert_eq!(selector.value, Some(LabelValue::Integer(5)));
    assert!(
        serde_json::to_string(&selector)
            .expect("models can be written")
            .contains(r#""value":5}"#)
    );
}

#[test]
fn an_absent_collection_of_a_request_is_not_an_empty_one() {
    let absent: ScoringRuleOptions = unchanged(&json!({}));
    assert_eq!(absent.scoring_parameters, None);
    let empty: ScoringRuleOptions = unchanged(&json!({"scoringParameters": []}));
    assert_eq!(empty.scoring_parameters, Some(Vec::new()));
}
