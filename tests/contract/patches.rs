//! Patches: what is kept, cleared and set, under which conditions.

use acs_jobrouter::{
    ClassificationPolicyPatch, DistributionMode, DistributionPolicyPatch, ExceptionPolicyPatch,
    JobPatch, LabelOperator, Patch, PatchMap, QueuePatch, RouterJobNote, RouterWorkerSelector,
    StaticRouterRule, Timestamp, UnknownKind, WorkerPatch,
};
use acs_test_support::AcsMockServer;
use serde_json::{Map, Value, json};

use crate::case::{Case, ok, shown};
use crate::client;

const ETAG: &str = "\"00000005-0000-0000-6653-d0c0efdfdb08\"";

fn entity() -> Value {
    json!({"id": "a", "etag": ETAG})
}

/// A moment in the middle of a second, of which the header keeps the whole ones.
fn then() -> Timestamp {
    Timestamp::parse("2024-01-18T09:30:00.75Z").expect("a time")
}

const THEN: &str = "Thu, 18 Jan 2024 09:30:00 GMT";

/// Clears every member there is.
fn clearing() -> Vec<Case> {
    vec![
        Case {
            name: "a job patch that clears everything",
            request: |server| {
                server.job("a").upsert().merge_patch(json!({
                    "channelId": null, "channelReference": null, "classificationPolicyId": null,
                    "dispositionCode": null, "labels": null, "matchingMode": null, "notes": null, "priority": null,
                    "queueId": null, "requestedWorkerSelectors": null, "tags": null,
                }))
            },
            answer: ok(entity()),
            call: |client| {
                let patch = JobPatch {
                    channel_id: Patch::Clear,
                    channel_reference: Patch::Clear,
                    classification_policy_id: Patch::Clear,
                    disposition_code: Patch::Clear,
                    labels: Patch::Clear,
                    matching_mode: Patch::Clear,
                    notes: Patch::Clear,
                    priority: Patch::Clear,
                    queue_id: Patch::Clear,
                    requested_worker_selectors: Patch::Clear,
                    tags: Patch::Clear,
                };
                shown(client.upsert_job("a", patch))
            },
        },
        Case {
            name: "a worker patch that clears everything",
            request: |server| {
                server.worker("a").upsert().merge_patch(json!({
                    "availableForOffers": null, "capacity": null, "channels": null, "labels": null,
                    "maxConcurrentOffers": null, "queues": null, "tags": null,
                }))
            },
            answer: ok(entity()),
            call: |client| {
                let patch = WorkerPatch {
                    available_for_offers: Patch::Clear,
                    capacity: Patch::Clear,
                    channels: Patch::Clear,
                    labels: Patch::Clear,
                    max_concurrent_offers: Patch::Clear,
                    queues: Patch::Clear,
                    tags: Patch::Clear,
                };
                shown(client.upsert_worker("a", patch))
            },
        },
        Case {
            name: "a queue patch that clears everything",
            request: |server| {
                server.queue("a").upsert().merge_patch(json!({
                    "distributionPolicyId": null, "exceptionPolicyId": null, "labels": null, "name": null,
                }))
            },
            answer: ok(entity()),
            call: |client| {
                let patch = QueuePatch {
                    distribution_policy_id: Patch::Clear,
                    exception_policy_id: Patch::Clear,
                    labels: Patch::Clear,
                    name: Patch::Clear,
                };
                shown(client.admin().upsert_queue("a", patch))
            },
        },
        Case {
            name: "a distribution policy patch that clears everything",
            request: |server| {
                server.distribution_policy("a").upsert().merge_patch(json!({
                    "mode": null, "name": null, "offerExpiresAfterSeconds": null,
                }))
            },
            answer: ok(entity()),
            call: |client| {
                let patch = DistributionPolicyPatch {
                    mode: Patch::Clear,
                    name: Patch::Clear,
                    offer_expires_after_seconds: Patch::Clear,
                };
                shown(client.admin().upsert_distribution_policy("a", patch))
            },
        },
        Case {
            name: "a classification policy patch that clears everything",
            request: |server| {
                server
                    .classification_policy("a")
                    .upsert()
                    .merge_patch(json!({
                        "fallbackQueueId": null, "name": null, "prioritizationRule": null,
                        "queueSelectorAttachments": null, "workerSelectorAttachments": null,
                    }))
            },
            answer: ok(entity()),
            call: |client| {
                let patch = ClassificationPolicyPatch {
                    fallback_queue_id: Patch::Clear,
                    name: Patch::Clear,
                    prioritization_rule: Patch::Clear,
                    queue_selector_attachments: Patch::Clear,
                    worker_selector_attachments: Patch::Clear,
                };
                shown(client.admin().upsert_classification_policy("a", patch))
            },
        },
        Case {
            name: "an exception policy patch that clears everything",
            request: |server| {
                server
                    .exception_policy("a")
                    .upsert()
                    .merge_patch(json!({"exceptionRules": null, "name": null}))
            },
            answer: ok(entity()),
            call: |client| {
                let patch = ExceptionPolicyPatch {
                    exception_rules: Patch::Clear,
                    name: Patch::Clear,
                };
                shown(client.admin().upsert_exception_policy("a", patch))
            },
        },
    ]
}

/// Sets and removes single entries of maps, and replaces lists.
fn setting() -> Vec<Case> {
    vec![
        Case {
            name: "a job patch that sets members and entries and removes entries",
            request: |server| {
                server.job("a").upsert().merge_patch(json!({
                    "dispositionCode": "solved",
                    "labels": {"Language": "fr", "Vip": null},
                    "tags": {"desk": 4, "floor": null},
                    "notes": [{"message": "only this one"}],
                    "requestedWorkerSelectors": [{"key": "Skill", "labelOperator": "notEqual", "value": "none"}],
                }))
            },
            answer: ok(entity()),
            call: |client| {
                let selector =
                    RouterWorkerSelector::new("Skill", LabelOperator::NotEqual).value("none");
                let patch = JobPatch {
                    disposition_code: "solved".into(),
                    labels: PatchMap::from([("Language", "fr")]).remove("Vip").into(),
                    tags: PatchMap::from([("desk", 4)]).remove("floor").into(),
                    notes: vec![RouterJobNote::new("only this one")].into(),
                    requested_worker_selectors: vec![selector].into(),
                    ..JobPatch::default()
                };
                shown(client.upsert_job("a", patch))
            },
        },
        Case {
            name: "a worker patch that sets and removes entries and empties a list",
            request: |server| {
                server.worker("a").upsert().merge_patch(json!({
                    "labels": {"Skill": 12, "Trainee": null}, "tags": {"desk": null}, "queues": [],
                }))
            },
            answer: ok(entity()),
            call: |client| {
                let patch = WorkerPatch {
                    labels: PatchMap::from([("Skill", 12)]).remove("Trainee").into(),
                    tags: PatchMap::new().remove("desk").into(),
                    queues: Vec::new().into(),
                    ..WorkerPatch::default()
                };
                shown(client.upsert_worker("a", patch))
            },
        },
        Case {
            name: "a queue patch that removes an entry",
            request: |server| {
                let body = json!({"labels": {"Region": null}, "name": "Support"});
                server.queue("a").upsert().merge_patch(body)
            },
            answer: ok(entity()),
            call: |client| {
                let patch = QueuePatch {
                    name: "Support".into(),
                    labels: PatchMap::new().remove("Region").into(),
                    ..QueuePatch::default()
                };
                shown(client.admin().upsert_queue("a", patch))
            },
        },
        Case {
            name: "a rule in a patch",
            request: |server| {
                let body = json!({"prioritizationRule": {"kind": "static", "value": 5}});
                server.classification_policy("a").upsert().merge_patch(body)
            },
            answer: ok(entity()),
            call: |client| {
                let patch = ClassificationPolicyPatch {
                    prioritization_rule: StaticRouterRule::new().value(5).into(),
                    ..ClassificationPolicyPatch::default()
                };
                shown(client.admin().upsert_classification_policy("a", patch))
            },
        },
        Case {
            name: "a mode as raw JSON, which clears a member inside it",
            request: |server| {
                let body = json!({"mode": {"kind": "bestWorker", "scoringRule": null}});
                server.distribution_policy("a").upsert().merge_patch(body)
            },
            answer: ok(entity()),
            call: |client| {
                let mode = Map::from_iter([
                    ("kind".to_owned(), "bestWorker".into()),
                    ("scoringRule".to_owned(), Value::Null),
                ]);
                let mode = UnknownKind::from_json("bestWorker", mode);
                let patch = DistributionPolicyPatch {
                    mode: DistributionMode::Unknown(mode).into(),
                    ..DistributionPolicyPatch::default()
                };
                shown(client.admin().upsert_distribution_policy("a", patch))
            },
        },
    ]
}

/// Every upsert with both conditions.
fn conditions() -> Vec<Case> {
    vec![
        Case {
            name: "a job patch under conditions",
            request: |server| {
                let upsert = server.job("a").upsert().merge_patch(json!({"priority": 7}));
                upsert
                    .header("if-match", ETAG)
                    .header("if-unmodified-since", THEN)
            },
            answer: ok(entity()),
            call: |client| {
                let patch = JobPatch {
                    priority: 7.into(),
                    ..JobPatch::default()
                };
                let upsert = client.upsert_job("a", patch);
                shown(upsert.if_match(ETAG).if_unmodified_since(then()))
            },
        },
        Case {
            name: "a worker patch under conditions",
            request: |server| {
                let body = json!({"availableForOffers": false});
                let upsert = server.worker("a").upsert().merge_patch(body);
                upsert
                    .header("if-match", ETAG)
                    .header("if-unmodified-since", THEN)
            },
            answer: ok(entity()),
            call: |client| {
                let patch = WorkerPatch {
                    available_for_offers: false.into(),
                    ..WorkerPatch::default()
                };
                let upsert = client.upsert_worker("a", patch);
                shown(upsert.if_match(ETAG).if_unmodified_since(then()))
            },
        },
        Case {
            name: "a queue patch under conditions",
            request: |server| {
                let upsert = server.queue("a").upsert().merge_patch(json!({}));
                upsert
                    .header("if-match", ETAG)
                    .header("if-unmodified-since", THEN)
            },
            answer: ok(entity()),
            call: |client| {
                let upsert = client.admin().upsert_queue("a", QueuePatch::default());
                shown(upsert.if_match(ETAG).if_unmodified_since(then()))
            },
        },
        Case {
            name: "a distribution policy patch under conditions",
            request: |server| {
                let upsert = server.distribution_policy("a").upsert();
                upsert
                    .merge_patch(json!({}))
                    .header("if-match", ETAG)
                    .header("if-unmodified-since", THEN)
            },
            answer: ok(entity()),
            call: |client| {
                let patch = DistributionPolicyPatch::default();
                let upsert = client.admin().upsert_distribution_policy("a", patch);
                shown(upsert.if_match(ETAG).if_unmodified_since(then()))
            },
        },
        Case {
            name: "a classification policy patch under conditions",
            request: |server| {
                let upsert = server.classification_policy("a").upsert();
                upsert
                    .merge_patch(json!({}))
                    .header("if-match", ETAG)
                    .header("if-unmodified-since", THEN)
            },
            answer: ok(entity()),
            call: |client| {
                let patch = ClassificationPolicyPatch::default();
                let upsert = client.admin().upsert_classification_policy("a", patch);
                shown(upsert.if_match(ETAG).if_unmodified_since(then()))
            },
        },
        Case {
            name: "an exception policy patch under conditions",
            request: |server| {
                let upsert = server.exception_policy("a").upsert();
                upsert
                    .merge_patch(json!({}))
                    .header("if-match", ETAG)
                    .header("if-unmodified-since", THEN)
            },
            answer: ok(entity()),
            call: |client| {
                let patch = ExceptionPolicyPatch::default();
                let upsert = client.admin().upsert_exception_policy("a", patch);
                shown(upsert.if_match(ETAG).if_unmodified_since(then()))
            },
        },
    ]
}

pub(crate) fn cases() -> Vec<Case> {
    let mut cases = clearing();
    cases.extend(setting());
    cases.extend(conditions());
    cases
}

#[tokio::test]
async fn a_condition_may_stand_alone() {
    let server = AcsMockServer::start().await;
    for header in [("if-match", ETAG), ("if-unmodified-since", THEN)] {
        let upsert = server.job("a").upsert().merge_patch(json!({}));
        upsert
            .header(header.0, header.1)
            .answer(200, &entity())
            .mount()
            .await;
    }

    let client = client(&server);
    let upsert = || client.upsert_job("a", JobPatch::default());
    upsert().if_match(ETAG).await.expect("job");
    upsert().if_unmodified_since(then()).await.expect("job");

    server.verify().await;
}
