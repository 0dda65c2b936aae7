//! Upserts and deletions: merging, defaults, versions, conditions, and what is refused.

use acs_router_engine::{Command, Condition, RefusalKind};
use serde_json::json;

use crate::world::{
    World, answer_of_upsert, at, object, simple_job, simple_worker, upsert_job, upsert_policy,
    upsert_queue, upsert_worker,
};

// R17
#[test]
fn an_upsert_says_whether_it_created_the_entity() {
    let mut world = World::with_queue();
    let commands = || {
        [
            upsert_policy("p-new", json!({"mode": {"kind": "roundRobin"}})),
            upsert_queue("q-new", json!({"distributionPolicyId": "idle"})),
            upsert_worker("w", simple_worker()),
            upsert_job("j", simple_job()),
        ]
    };
    for created in [true, false] {
        for command in commands() {
            let answer = answer_of_upsert(world.run(command));
            assert_eq!(answer.created, created);
            let entity: serde_json::Value =
                serde_json::from_str(answer.entity.get()).expect("JSON");
            assert_eq!(entity["etag"], answer.etag.to_string(), "R7");
        }
    }
}

// R18, R19
#[test]
fn a_patch_merges_labels_replaces_lists_and_keeps_the_rest() {
    let mut world = World::with_queue();
    world.job(
        "j",
        json!({
            "channelId": "chat", "queueId": "q", "channelReference": "ref", "priority": 7,
            "labels": {"a": 1, "b": 2}, "tags": {"t": "x"},
            "requestedWorkerSelectors": [{"key": "k", "labelOperator": "equal", "value": 1}],
            "notes": [{"message": "one"}, {"message": "two"}],
        }),
    );
    let kept = world.job("j", json!({"labels": {}}));
    assert_eq!(
        (&kept["labels"], &kept["priority"]),
        (&json!({"a": 1, "b": 2}), &json!(7))
    );
    let changed = world.job(
        "j",
        json!({
            "labels": {"a": null, "c": true}, "tags": null, "priority": null, "channelReference": null,
            "requestedWorkerSelectors": [], "notes": [{"message": "three"}],
        }),
    );
    assert_eq!(changed["labels"], json!({"b": 2, "c": true}));
    assert_eq!(
        (&changed["tags"], &changed["priority"]),
        (&json!({}), &json!(1))
    );
    assert_eq!(changed.get("channelReference"), None);
    assert_eq!(changed["requestedWorkerSelectors"], json!([]));
    assert_eq!(changed["notes"].as_array().map(Vec::len), Some(1));
}

// R4
#[test]
fn member_names_count_in_any_case_and_unknown_or_read_only_ones_not_at_all() {
    let mut world = World::with_queue();
    let job = world.job(
        "j",
        json!({
            "ChannelId": "chat", "QUEUEID": "q", "id": "other", "etag": "", "status": "closed", "nonsense": [1],
            "RequestedWorkerSelectors": [{"Key": "k", "LabelOperator": "equal", "Value": 1, "Status": "expired"}],
        }),
    );
    assert_eq!(
        (&job["id"], &job["status"]),
        (&json!("j"), &json!("created"))
    );
    assert_eq!(job["requestedWorkerSelectors"][0]["status"], "active");
    assert_eq!(job.get("nonsense"), None);
}

// R18, R30
#[test]
fn a_distribution_mode_is_merged_member_by_member() {
    let mut world = World::empty();
    let created = world.policy(
        "p",
        json!({"name": "n", "offerExpiresAfterSeconds": 600.0, "mode": {"kind": "roundRobin"}}),
    );
    assert_eq!(
        created["mode"],
        json!({"kind": "roundRobin", "minConcurrentOffers": 1, "maxConcurrentOffers": 1, "bypassSelectors": false})
    );
    assert_eq!(created["offerExpiresAfterSeconds"], json!(600));
    let changed = world.policy(
        "p",
        json!({"mode": {"MaxConcurrentOffers": 3, "bypassSelectors": true}}),
    );
    assert_eq!(
        changed["mode"],
        json!({"kind": "roundRobin", "minConcurrentOffers": 1, "maxConcurrentOffers": 3, "bypassSelectors": true})
    );
    let changed = world.policy(
        "p",
        json!({"mode": {"kind": "longestIdle", "maxConcurrentOffers": null}, "name": null}),
    );
    assert_eq!(
        changed["mode"],
        json!({"kind": "longestIdle", "minConcurrentOffers": 1, "maxConcurrentOffers": 1, "bypassSelectors": true})
    );
    assert_eq!(changed.get("name"), None);
}

// R20, R7
#[test]
fn a_patch_without_effect_keeps_the_version_of_policies_and_queues_and_raises_that_of_jobs_and_workers()
 {
    let mut world = World::with_queue();
    world.simple_worker("w");
    let mut suspended = simple_job();
    suspended["matchingMode"] = json!({"kind": "suspend"});
    world.job("j", suspended);
    world.wait(5.0);
    let versions = |world: &mut World| {
        [
            world.policy("idle", json!({"mode": {"kind": "longestIdle"}}))["etag"].clone(),
            world.queue("q", json!({"labels": {}}))["etag"].clone(),
            world.worker("w", json!({}))["etag"].clone(),
            world.job("j", json!({}))["etag"].clone(),
        ]
    };
    let first = versions(&mut world);
    let second = versions(&mut world);
    assert_eq!(first[..2], second[..2]);
    assert_ne!(first[2], second[2]);
    assert_ne!(first[3], second[3]);
    let job = answer_of_upsert(world.run(upsert_job("j", json!({}))));
    assert_eq!(job.last_modified, world.now);
    let queue = answer_of_upsert(world.run(upsert_queue("q", json!({}))));
    assert_eq!(queue.last_modified, at("2024-01-01T12:00:00Z"));
}

// R21, R14
#[test]
fn a_condition_that_does_not_hold_refuses_the_upsert() {
    let mut world = World::with_queue();
    let etag = world.simple_job("j")["etag"].clone();
    let upsert = |tag: &str| Command::UpsertJob {
        id: "j".to_owned(),
        patch: object(json!({"priority": 9})),
        condition: Condition {
            if_match: Some(tag.to_owned()),
            if_unmodified_since: None,
        },
    };
    let stale = etag.as_str().expect("a text").to_owned();
    let current = world.read_job("j")["etag"]
        .as_str()
        .expect("a text")
        .to_owned();
    world.assert_refused(upsert(&stale), RefusalKind::PreconditionFailed);
    world.run(upsert(&current)).expect("current");
    world.assert_refused(upsert(&current), RefusalKind::PreconditionFailed);
    let since = |text: &str| Command::UpsertQueue {
        id: "q".to_owned(),
        patch: object(json!({"name": "n"})),
        condition: Condition {
            if_match: None,
            if_unmodified_since: Some(at(text)),
        },
    };
    world.assert_refused(
        since("2024-01-01T11:59:59Z"),
        RefusalKind::PreconditionFailed,
    );
    world
        .run(since("2024-01-01T12:00:00Z"))
        .expect("unmodified");
}

// O1, O2, O19
#[test]
fn invalid_policies_are_refused_with_every_reason() {
    let mut world = World::empty();
    world.assert_invalid(upsert_policy("p", json!({})), &["mode is required"]);
    world.assert_invalid(
        upsert_policy(
            "p",
            json!({"name": 5, "offerExpiresAfterSeconds": 0, "mode": {"maxConcurrentOffers": 2}}),
        ),
        &[
            "name must be a text",
            "offerExpiresAfterSeconds must be a number of seconds above 0 and at most 3155760000",
            "mode.kind is required",
        ],
    );
    world.assert_invalid(
        upsert_policy(
            "p",
            json!({"mode": {"kind": "fastest", "minConcurrentOffers": 0}}),
        ),
        &[
            "mode.kind must be longestIdle, roundRobin or bestWorker",
            "mode.minConcurrentOffers must be an integer of at least 1",
        ],
    );
    world.assert_invalid(
        upsert_policy("p", json!({"mode": {"kind": "roundRobin", "minConcurrentOffers": 3, "maxConcurrentOffers": 2}})),
        &["mode needs minConcurrentOffers of at most maxConcurrentOffers, but they are 3 and 2"],
    );
}

// R33, O5
#[test]
fn references_must_exist() {
    let mut world = World::with_queue();
    world.assert_invalid(
        upsert_queue("new", json!({"distributionPolicyId": "p"})),
        &["distributionPolicyId names the distribution policy 'p', which does not exist"],
    );
    world.assert_invalid(
        upsert_queue("q", json!({"exceptionPolicyId": "e"})),
        &["exceptionPolicyId names the exception policy 'e', which does not exist"],
    );
    world.assert_invalid(
        upsert_queue("new", json!({})),
        &["distributionPolicyId is required"],
    );
    world.assert_invalid(
        upsert_worker("w", json!({"capacity": 1, "queues": ["q", "x", "y"]})),
        &[
            "queues names the queue 'x', which does not exist",
            "queues names the queue 'y', which does not exist",
        ],
    );
    world.assert_invalid(
        upsert_job("j", json!({"channelId": "chat", "queueId": "x"})),
        &["queueId names the queue 'x', which does not exist"],
    );
    world.assert_invalid(
        upsert_job(
            "j",
            json!({"channelId": "chat", "classificationPolicyId": "c"}),
        ),
        &["classificationPolicyId names the classification policy 'c', which does not exist"],
    );
    world.assert_invalid(
        upsert_job("j", json!({"channelId": "chat"})),
        &["queueId is required unless classificationPolicyId is given"],
    );
    world.simple_job("j");
    world.assert_invalid(
        upsert_job("j", json!({"queueId": null})),
        &["queueId is required unless classificationPolicyId is given"],
    );
}

// O2, O5, R15
#[test]
fn invalid_workers_and_jobs_are_refused_with_every_reason() {
    let mut world = World::with_queue();
    world.assert_invalid(
        upsert_worker(
            "w",
            json!({
                "capacity": 0,
                "queues": ["q", 5],
                "channels": [{"channelId": "chat"}, {"channelId": "", "capacityCostPerJob": -1, "maxNumberOfJobs": 0}],
                "availableForOffers": "yes",
                "labels": {"a": []},
                "maxConcurrentOffers": 1e99,
            }),
        ),
        &[
            "queues[1] must be a text",
            "capacity must be an integer of at least 1",
            "channels[0].capacityCostPerJob is required",
            "channels[1].channelId must not be empty",
            "channels[1].capacityCostPerJob must be an integer of at least 0",
            "channels[1].maxNumberOfJobs must be an integer of at least 1",
            "availableForOffers must be true or false",
            "maxConcurrentOffers must be an integer of at least 1",
            "labels.a must be a number, a text or a boolean",
        ],
    );
    let chat = json!({"channelId": "chat", "capacityCostPerJob": 1});
    world.assert_invalid(
        upsert_worker("w", json!({"capacity": 1, "channels": [chat, chat]})),
        &["channels must name each channel once, but names 'chat' twice"],
    );
    world.assert_invalid(
        upsert_job(
            "j",
            json!({
                "queueId": "q",
                "priority": 101,
                "requestedWorkerSelectors": [{"key": "k", "labelOperator": "is", "expiresAfterSeconds": -1}, 7],
                "notes": [{}, {"message": "m", "addedAt": "soon"}],
                "matchingMode": {"kind": "scheduleAndSuspend"},
            }),
        ),
        &[
            "channelId is required",
            "priority must be an integer from -100 to 100",
            "requestedWorkerSelectors[0].labelOperator must be equal, notEqual, lessThan, lessThanOrEqual, greaterThan or greaterThanOrEqual",
            "requestedWorkerSelectors[0].expiresAfterSeconds must be a number of seconds above 0 and at most 3155760000",
            "requestedWorkerSelectors[1] must be an object",
            "notes[0].message is required",
            "notes[1].addedAt must be a date and time such as \"2024-01-31T12:00:00Z\"",
            "matchingMode.scheduleAt is required",
        ],
    );
    for (mode, reason) in [
        (json!({}), "matchingMode.kind is required"),
        (
            json!({"kind": "later"}),
            "matchingMode.kind must be queueAndMatch, scheduleAndSuspend or suspend",
        ),
        (json!("suspend"), "matchingMode must be an object"),
    ] {
        let mut job = simple_job();
        job["matchingMode"] = mode;
        world.assert_invalid(upsert_job("j", job), &[reason]);
    }
}

#[test]
fn labels_and_tags_of_a_mebibyte_are_refused() {
    let mut world = World::with_queue();
    world.simple_job("j");
    world.simple_worker("w");
    let big = json!({ "key": "x".repeat(1024 * 1024) });
    let reason = |member: &str| format!("{member} must have at most 65536 bytes of keys and texts");
    for member in ["labels", "tags"] {
        let patch = || json!({ member: big });
        world.assert_invalid(upsert_job("j", patch()), &[&reason(member)]);
        world.assert_invalid(upsert_worker("w", patch()), &[&reason(member)]);
    }
    world.assert_invalid(
        upsert_queue("q", json!({ "labels": big })),
        &[&reason("labels")],
    );
}

// O3, R23
#[test]
fn ids_that_could_not_stand_in_a_url_are_refused_and_all_others_taken() {
    let mut world = World::with_queue();
    let long = "x".repeat(129);
    for id in ["", "a/b", "a?b", "a#b", &long] {
        world.assert_refused(upsert_job(id, simple_job()), RefusalKind::BadRequest);
        world.assert_refused(upsert_worker(id, simple_worker()), RefusalKind::BadRequest);
        world.assert_refused(
            upsert_queue(id, json!({"distributionPolicyId": "idle"})),
            RefusalKind::BadRequest,
        );
        world.assert_refused(
            upsert_policy(id, json!({"mode": {"kind": "roundRobin"}})),
            RefusalKind::BadRequest,
        );
    }
    for id in ["_x", "-x", "a b", "ü", "A", "a", &long[1..]] {
        assert_eq!(world.simple_job(id)["id"], id);
    }
}

// R32
#[test]
fn a_policy_that_a_queue_uses_cannot_be_deleted() {
    let mut world = World::with_queue();
    let delete = || Command::DeleteDistributionPolicy {
        id: "idle".to_owned(),
    };
    let refusal = world.assert_refused(delete(), RefusalKind::BadRequest);
    assert_eq!(refusal.details[0].code, "QueueExistsWithDistributionPolicy");
    world
        .run(Command::DeleteQueue { id: "q".to_owned() })
        .expect("deleted");
    world.run(delete()).expect("deleted");
    world.run(delete()).expect("O4: deleting again is no error");
    assert!(world.engine.distribution_policy("idle").is_err() && world.engine.queue("q").is_err());
}

// R35
#[test]
fn a_queue_with_open_jobs_or_workers_cannot_be_deleted() {
    let mut world = World::with_queue();
    world.worker("w", json!({"capacity": 1, "queues": ["q"]}));
    world.simple_job("j");
    let delete = || Command::DeleteQueue { id: "q".to_owned() };
    let refusal = world.assert_refused(delete(), RefusalKind::Conflict);
    assert_eq!(
        refusal.message,
        "Validation failed: \r\n -- : There is active job with this queue\r\n -- : There is an assigned worker to this queue"
    );
    world.cancel("j");
    world.assert_refused(delete(), RefusalKind::Conflict);
    world.worker("w", json!({"queues": []}));
    world.run(delete()).expect("deleted");
    let remarked = world.job("j", json!({"notes": [{"message": "its queue is gone"}]}));
    assert_eq!(remarked["queueId"], "q");
    world
        .run(Command::DeleteJob { id: "j".to_owned() })
        .expect("deleted");
}

// R35: only the queue that a job is in now counts.
#[test]
fn a_queue_that_its_jobs_have_left_can_be_deleted() {
    let mut world = World::with_queue();
    world.queue("other", json!({"distributionPolicyId": "idle"}));
    world.simple_job("j");
    world.job("j", json!({"queueId": "other"}));
    world
        .run(Command::DeleteQueue { id: "q".to_owned() })
        .expect("deleted");
    world.assert_refused(
        Command::DeleteQueue {
            id: "other".to_owned(),
        },
        RefusalKind::Conflict,
    );
}

// R34, O12
#[test]
fn queues_and_workers_always_have_their_id_as_a_label() {
    let mut world = World::with_queue();
    let queue = world.queue("q", json!({"labels": {"Id": "x", "Z": 1}}));
    assert_eq!(queue["labels"], json!({"Id": "q", "Z": 1}));
    let queue = world.queue("q", json!({"labels": null}));
    assert_eq!(queue["labels"], json!({"Id": "q"}));
    let worker = world.worker("w", json!({"capacity": 1, "labels": {"Id": null}}));
    assert_eq!(worker["labels"], json!({"Id": "w"}));
}

// `changes` names what differs, once each, also what only followed.
#[test]
fn an_outcome_names_every_entity_that_has_changed() {
    let mut world = World::with_queue();
    world.simple_worker("w");
    let outcome = world.apply(upsert_job("j", simple_job()));
    let changed: Vec<_> = outcome
        .changes
        .iter()
        .map(|change| (&*change.id, change.etag.is_some()))
        .collect();
    assert_eq!(changed, [("w", true), ("j", true)]);
    let etag = world.read_job("j")["etag"].clone();
    assert_eq!(
        outcome.changes[1].etag.map(|etag| etag.to_string()),
        etag.as_str().map(str::to_owned)
    );
    world.cancel("j");
    let outcome = world.apply(Command::DeleteJob { id: "j".to_owned() });
    assert_eq!(outcome.changes.len(), 1);
    assert_eq!(
        (&*outcome.changes[0].id, outcome.changes[0].etag),
        ("j", None)
    );
    assert!(world.apply(upsert_queue("q", json!({}))).changes.is_empty());
}
