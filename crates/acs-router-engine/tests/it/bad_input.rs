//! Whatever a caller sends is taken whole or refused with a reason, and what was read can be sent back.

use acs_router_engine::{Answer, Command, Condition, RefusalKind};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{Just, Strategy, any, prop_oneof, proptest};
use proptest::sample::select;
use serde_json::{Map, Value, json};

use crate::random;
use crate::world::{World, object, simple_job, simple_worker};

/// Every member there is, one that is not, and some in another case.
const MEMBERS: &[&str] = &[
    "id",
    "etag",
    "name",
    "mode",
    "kind",
    "offerExpiresAfterSeconds",
    "minConcurrentOffers",
    "maxConcurrentOffers",
    "bypassSelectors",
    "distributionPolicyId",
    "exceptionRules",
    "trigger",
    "actions",
    "threshold",
    "thresholdSeconds",
    "workerSelectors",
    "labelsToUpsert",
    "exceptionPolicyId",
    "labels",
    "tags",
    "queues",
    "capacity",
    "channels",
    "channelId",
    "capacityCostPerJob",
    "maxNumberOfJobs",
    "availableForOffers",
    "channelReference",
    "queueId",
    "priority",
    "dispositionCode",
    "requestedWorkerSelectors",
    "key",
    "labelOperator",
    "value",
    "expedite",
    "expiresAfterSeconds",
    "notes",
    "message",
    "addedAt",
    "matchingMode",
    "scheduleAt",
    "classificationPolicyId",
    "fallbackQueueId",
    "queueSelectorAttachments",
    "prioritizationRule",
    "workerSelectorAttachments",
    "queueSelector",
    "workerSelectors",
    "condition",
    "rule",
    "expression",
    "allocations",
    "weight",
    "functionUri",
    "credential",
    "functionKey",
    "QUEUEID",
    "Capacity",
    "nonsense",
];

const TEXTS: &[&str] = &[
    "",
    "q",
    "p",
    "chat",
    "longestIdle",
    "roundRobin",
    "equal",
    "queueLength",
    "waitTime",
    "cancel",
    "manualReclassify",
    "reclassify",
    "queueAndMatch",
    "suspend",
    "static",
    "conditional",
    "passThrough",
    "ruleEngine",
    "weightedAllocation",
    "function",
    "If(job.k, 1, 1 / 0)",
    "http://127.0.0.1:1/",
    "scheduleAndSuspend",
    "2024-01-01T12:00:10Z",
    "ü\u{0}\n",
];

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        select(vec![0_i64, 1, 2, -1, 100, i64::MAX, i64::MIN]).prop_map(Value::from),
        select(vec![0.5_f64, 1.0, -0.0, 1e300, f64::MIN_POSITIVE]).prop_map(Value::from),
        select(TEXTS).prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        let members = vec((select(MEMBERS), inner.clone()), 0..5);
        prop_oneof![
            vec(inner, 0..4).prop_map(Value::from),
            members.prop_map(|members| members
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect()),
        ]
    })
}

/// A valid definition with some members replaced by anything.
fn patch(valid: Value) -> impl Strategy<Value = Map<String, Value>> {
    let changes = vec((select(MEMBERS), json_value()), 0..4);
    (option::weighted(0.7, Just(valid)), changes).prop_map(|(valid, changes)| {
        let mut patch = valid.map(object).unwrap_or_default();
        patch.extend(
            changes
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value)),
        );
        patch
    })
}

/// A policy with a queue, rules and attachments.
fn classifying() -> Value {
    let rule = json!({"kind": "expression", "expression": "job.k"});
    json!({
        "fallbackQueueId": "q",
        "queueSelectorAttachments": [{"kind": "passThrough", "key": "k", "labelOperator": "equal"}],
        "prioritizationRule": rule,
        "workerSelectorAttachments": [{"kind": "conditional", "condition": rule, "workerSelectors": []}],
    })
}

fn upsert() -> impl Strategy<Value = Command> {
    let id = || select(vec!["p", "q", "w", "j", "new", ""]).prop_map(str::to_owned);
    let condition = Condition::default;
    prop_oneof![
        (id(), patch(json!({"mode": {"kind": "roundRobin"}}))).prop_map(move |(id, patch)| {
            Command::UpsertDistributionPolicy {
                id,
                patch,
                condition: condition(),
            }
        }),
        (id(), patch(classifying())).prop_map(move |(id, patch)| {
            Command::UpsertClassificationPolicy {
                id,
                patch,
                condition: condition(),
            }
        }),
        (id(), patch(overflow())).prop_map(move |(id, patch)| {
            Command::UpsertExceptionPolicy {
                id,
                patch,
                condition: condition(),
            }
        }),
        (id(), patch(json!({"distributionPolicyId": "p"}))).prop_map(move |(id, patch)| {
            Command::UpsertQueue {
                id,
                patch,
                condition: condition(),
            }
        }),
        (id(), patch(simple_worker())).prop_map(move |(id, patch)| {
            Command::UpsertWorker {
                id,
                patch,
                condition: condition(),
            }
        }),
        (id(), patch(simple_job())).prop_map(move |(id, patch)| {
            Command::UpsertJob {
                id,
                patch,
                condition: condition(),
            }
        }),
    ]
}

fn overflow() -> Value {
    json!({"exceptionRules": [
        {"id": "full", "trigger": {"kind": "queueLength", "threshold": 1}, "actions": [{"kind": "cancel"}]},
        {"id": "late", "trigger": {"kind": "waitTime", "thresholdSeconds": 5}, "actions": [
            {"kind": "manualReclassify", "queueId": "q"},
            {"kind": "reclassify", "labelsToUpsert": {"value": 1}},
        ]},
    ]})
}

fn small_world() -> World {
    let mut world = World::with_mode(json!({"kind": "longestIdle"}));
    world.simple_worker("w");
    world.simple_job("j");
    world
}

fn is_invalid(kind: RefusalKind) -> bool {
    matches!(kind, RefusalKind::BadRequest | RefusalKind::Conflict)
}

/// The members that callers define.
fn definition(mut entity: Value) -> Value {
    let members = entity.as_object_mut().expect("an object");
    for routed in ["etag", "status", "enqueuedAt", "offers", "loadRatio"] {
        members.remove(routed);
    }
    entity
}

/// Sends an entity back as it was read: that must change nothing.
fn assert_can_be_sent_back(world: &mut World, command: &Command, entity: &str) {
    let read: Value = serde_json::from_str(entity).expect("JSON");
    let again = match command {
        Command::UpsertDistributionPolicy { id, .. } => world.policy(id, read.clone()),
        Command::UpsertClassificationPolicy { id, .. } => {
            world.classification_policy(id, read.clone())
        }
        Command::UpsertExceptionPolicy { id, .. } => world.exception_policy(id, read.clone()),
        Command::UpsertQueue { id, .. } => world.queue(id, read.clone()),
        Command::UpsertWorker { id, .. } => world.worker(id, read.clone()),
        Command::UpsertJob { id, .. } => world.job(id, read.clone()),
        other => panic!("no upsert: {other:?}"),
    };
    assert_eq!(definition(again), definition(read));
}

proptest! {
    #![proptest_config(random(2_000))]

    #[test]
    fn any_upsert_is_taken_or_refused_without_a_trace(command in upsert()) {
        let mut world = small_world();
        let before = world.engine.clone();
        match world.run(command.clone()) {
            Ok(Answer::Upserted(upserted)) => {
                assert_can_be_sent_back(&mut world, &command, upserted.entity.get());
            }
            Ok(other) => panic!("{other:?}"),
            Err(refusal) => {
                assert!(is_invalid(refusal.kind), "{refusal:?}");
                assert!(refusal.kind != RefusalKind::BadRequest || !refusal.details.is_empty());
                assert!(world.engine == before, "a refused command changed the state");
            }
        }
    }
}
