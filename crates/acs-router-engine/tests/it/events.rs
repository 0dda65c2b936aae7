//! Which events each transition sends, in which order, with which subjects and data.

use acs_router_engine::{Command, DeclineOptions, EventKind};
use serde_json::json;

use crate::world::{World, at, simple_job, simple_worker};

/// A queue with two offers per job, two workers, and one job offered to both.
fn offered_twice() -> World {
    let mut world = World::with_mode(json!({"kind": "longestIdle", "maxConcurrentOffers": 2}));
    world.simple_worker("a");
    world.simple_worker("b");
    world.simple_job("j");
    world
}

// R108, R116
#[test]
fn a_job_created_with_a_queue_is_received_queued_and_offered_to_each_worker() {
    let world = offered_twice();
    let from = world
        .events
        .iter()
        .position(|event| event.kind == EventKind::RouterJobReceived);
    assert_eq!(
        world.told_since(from.expect("received")),
        [
            (EventKind::RouterJobReceived, "job/j/channel/chat"),
            (EventKind::RouterJobQueued, "job/j/channel/chat/queue/q"),
            (EventKind::RouterWorkerOfferIssued, "worker/a/job/j"),
            (EventKind::RouterWorkerOfferIssued, "worker/b/job/j"),
        ]
    );
}

// R125
#[test]
fn an_accepted_offer_revokes_the_others() {
    let mut world = offered_twice();
    let seen = world.events.len();
    world.accept("b");
    assert_eq!(
        world.told_since(seen),
        [
            (EventKind::RouterWorkerOfferAccepted, "worker/b/job/j"),
            (EventKind::RouterWorkerOfferRevoked, "worker/a/job/j"),
        ]
    );
}

// R124
#[test]
fn a_declined_offer_is_told() {
    let mut world = offered_twice();
    let seen = world.events.len();
    world.decline("a", DeclineOptions::default());
    assert_eq!(
        world.told_since(seen),
        [(EventKind::RouterWorkerOfferDeclined, "worker/a/job/j")]
    );
}

// R126
#[test]
fn an_expired_offer_deregisters_and_revokes_the_workers_other_offers() {
    let mut world = World::with_queue();
    let mut worker = simple_worker();
    worker["capacity"] = json!(2);
    world.worker("w", worker);
    world.simple_job("old");
    world.wait(1.0);
    world.simple_job("new");
    let seen = world.events.len();
    world.wait(59.0);
    assert_eq!(
        world.told_since(seen),
        [
            (EventKind::RouterWorkerOfferExpired, "worker/w/job/old"),
            (EventKind::RouterWorkerDeregistered, "worker/w"),
            (EventKind::RouterWorkerOfferRevoked, "worker/w/job/new"),
        ]
    );
}

// R127
#[test]
fn completing_and_closing_are_told_with_the_assignment() {
    let mut world = offered_twice();
    let assignment = world.accept("a").assignment_id;
    let seen = world.events.len();
    world.complete("j");
    world.close("j");
    let subject = format!("job/j/channel/chat/assignment/{assignment}");
    assert_eq!(
        world.told_since(seen),
        [
            (EventKind::RouterJobCompleted, &*subject),
            (EventKind::RouterJobClosed, &*subject)
        ]
    );
    let closed = world.latest(EventKind::RouterJobClosed);
    assert_eq!(
        closed,
        json!({
            "jobId": "j", "channelReference": null, "channelId": "chat", "queueId": "q", "labels": {}, "tags": {},
            "assignmentId": assignment.to_string(), "workerId": "a", "dispositionCode": "Closed",
        })
    );
}

// R115, R129, R133
#[test]
fn cancelling_and_deleting_a_job_are_told() {
    let mut world = offered_twice();
    let seen = world.events.len();
    world.cancel("j");
    world
        .run(Command::DeleteJob { id: "j".to_owned() })
        .expect("deleted");
    assert_eq!(
        world.told_since(seen),
        [
            (
                EventKind::RouterJobCancelled,
                "job/j/channel/chat/disposition/Cancelled"
            ),
            (EventKind::RouterWorkerOfferRevoked, "worker/a/job/j"),
            (EventKind::RouterWorkerOfferRevoked, "worker/b/job/j"),
            (EventKind::RouterJobDeleted, "job/j/channel/chat"),
        ]
    );
}

// R113, R115, R132, R133
#[test]
fn a_worker_is_told_to_register_change_deregister_and_go() {
    let mut world = World::with_queue();
    world.worker("w", json!({"capacity": 1}));
    assert_eq!(
        world.kinds_since(0),
        [],
        "an inactive worker is not registered"
    );
    world.worker("w", json!({"availableForOffers": true}));
    world.worker("w", json!({"capacity": 2, "labels": {"a": 1}}));
    world.worker("w", json!({"capacity": 2}));
    world.worker("w", json!({"availableForOffers": false}));
    world
        .run(Command::DeleteWorker { id: "w".to_owned() })
        .expect("deleted");
    assert_eq!(
        world.kinds_since(0),
        [
            EventKind::RouterWorkerRegistered,
            EventKind::RouterWorkerUpdated,
            EventKind::RouterWorkerUpdated,
            EventKind::RouterWorkerDeregistered,
            EventKind::RouterWorkerUpdated,
            EventKind::RouterWorkerDeleted,
        ]
    );
    let updated = world
        .events
        .iter()
        .filter(|event| event.kind == EventKind::RouterWorkerUpdated);
    let properties: Vec<_> = updated
        .map(|event| json!(event.data)["updatedWorkerProperties"].clone())
        .collect();
    assert_eq!(
        properties,
        [
            json!(["AvailableForOffers"]),
            json!(["TotalCapacity", "Labels"]),
            json!(["AvailableForOffers"])
        ]
    );
    assert_eq!(
        world.latest(EventKind::RouterWorkerDeregistered),
        json!({"workerId": "w"})
    );
}

// R119, R121, R122, R131
#[test]
fn suspended_scheduled_activated_jobs_and_expired_selectors_are_told() {
    let mut world = World::with_queue();
    let mut job = simple_job();
    job["requestedWorkerSelectors"] =
        json!([{"key": "k", "labelOperator": "equal", "value": 1, "expiresAfterSeconds": 5}]);
    job["matchingMode"] = json!({"kind": "suspend"});
    world.job("suspended", job.clone());
    job["matchingMode"] =
        json!({"kind": "scheduleAndSuspend", "scheduleAt": "2024-01-01T12:00:10Z"});
    world.job("scheduled", job);
    world.wait(10.0);
    world.job(
        "scheduled",
        json!({"matchingMode": {"kind": "queueAndMatch"}}),
    );
    world.wait(5.0);
    assert_eq!(
        world.told_since(0),
        [
            (EventKind::RouterJobReceived, "job/suspended/channel/chat"),
            (
                EventKind::RouterJobWaitingForActivation,
                "job/suspended/channel/chat"
            ),
            (EventKind::RouterJobReceived, "job/scheduled/channel/chat"),
            (
                EventKind::RouterJobWaitingForActivation,
                "job/scheduled/channel/chat"
            ),
            (
                EventKind::RouterJobQueued,
                "job/scheduled/channel/chat/queue/q"
            ),
            (
                EventKind::RouterJobWorkerSelectorsExpired,
                "job/scheduled/channel/chat/queue/q"
            ),
        ]
    );
    let expired = world.latest(EventKind::RouterJobWorkerSelectorsExpired);
    assert_eq!(
        expired["requestedWorkerSelectorsExpired"],
        json!([{
            "key": "k", "labelOperator": "equal", "value": 1, "ttlSeconds": 5,
            "expirationTime": "2024-01-01T12:00:15+00:00", "state": "expired",
        }])
    );
    assert_eq!(expired["attachedWorkerSelectorsExpired"], json!([]));
}

// R123, O7
#[test]
fn a_moved_job_has_its_offer_revoked_and_is_queued_anew() {
    let mut world = World::with_queue();
    world.queue("other", json!({"distributionPolicyId": "idle"}));
    world.simple_worker("w");
    world.simple_job("j");
    let seen = world.events.len();
    world.job("j", json!({"queueId": "other"}));
    assert_eq!(
        world.told_since(seen),
        [
            (EventKind::RouterWorkerOfferRevoked, "worker/w/job/j"),
            (EventKind::RouterJobQueued, "job/j/channel/chat/queue/other"),
        ]
    );
    assert_eq!(
        world.latest(EventKind::RouterWorkerOfferRevoked)["queueId"],
        "q"
    );
}

// R107, R109, R110, O17
#[test]
fn a_received_job_is_described_as_the_guide_has_it() {
    let mut world = World::with_queue();
    world.job(
        "j",
        json!({
            "channelId": "chat", "queueId": "q", "channelReference": "ref", "priority": 3,
            "labels": {"Locale": "en"}, "tags": {"Token": 5},
            "requestedWorkerSelectors": [{"key": "k", "labelOperator": "greaterThan", "value": 1}],
        }),
    );
    let event = &world.events[0];
    assert_eq!(
        event.kind.event_type(),
        "Microsoft.Communication.RouterJobReceived"
    );
    assert_eq!(event.time, at("2024-01-01T12:00:00Z"));
    assert_eq!(
        json!(event.data),
        json!({
            "jobId": "j", "channelReference": "ref", "channelId": "chat", "queueId": "q",
            "labels": {"Locale": "en"}, "tags": {"Token": 5},
            "jobStatus": "Queued", "classificationPolicyId": null, "priority": 3,
            "requestedWorkerSelectors": [{
                "key": "k", "labelOperator": "greaterThan", "value": 1, "ttlSeconds": null, "expirationTime": null,
                "state": "active",
            }],
            "scheduledOn": null, "unavailableForMatching": false,
        })
    );
}

// R114: the guide's names.
#[test]
fn offers_and_registrations_are_described_as_the_guide_has_them() {
    let mut world = World::with_queue();
    world.queue("q", json!({"name": "Queue", "labels": {"Geo": "NA"}}));
    let mut worker = simple_worker();
    worker["labels"] = json!({"x": 1});
    world.worker("w", worker);
    assert_eq!(
        world.latest(EventKind::RouterWorkerRegistered),
        json!({
            "workerId": "w", "totalCapacity": 1, "labels": {"Id": "w", "x": 1}, "tags": {},
            "queueAssignments": [{"id": "q", "name": "Queue", "labels": {"Id": "q", "Geo": "NA"}}],
            "channelConfigurations": [{"channelId": "chat", "capacityCostPerJob": 1, "maxNumberOfJobs": null}],
        })
    );
    let mut job = simple_job();
    job["labels"] = json!({"l": true});
    world.job("j", job);
    let offer_id = world.newest_offer("w");
    let offer = json!({
        "workerId": "w", "jobId": "j", "channelReference": null, "channelId": "chat", "queueId": "q",
        "offerId": offer_id,
    });
    let both = json!({
        "jobPriority": 1, "jobLabels": {"l": true}, "jobTags": {}, "workerLabels": {"Id": "w", "x": 1}, "workerTags": {},
    });
    let join = |parts: &[&serde_json::Value]| {
        let members = parts
            .iter()
            .flat_map(|part| part.as_object().expect("an object").clone());
        serde_json::Value::Object(members.collect())
    };
    let times =
        json!({"offeredOn": "2024-01-01T12:00:00+00:00", "expiresOn": "2024-01-01T12:01:00+00:00"});
    assert_eq!(
        world.latest(EventKind::RouterWorkerOfferIssued),
        join(&[&offer, &both, &times])
    );
    let assignment_id = world.accept("w").assignment_id.to_string();
    assert_eq!(
        world.latest(EventKind::RouterWorkerOfferAccepted),
        join(&[&offer, &both, &json!({"assignmentId": assignment_id})])
    );
    world.worker("w", json!({"capacity": 2}));
    world.simple_job("k");
    world.decline("w", DeclineOptions::default());
    let declined = world.latest(EventKind::RouterWorkerOfferDeclined);
    let names: Vec<_> = declined.as_object().expect("an object").keys().collect();
    assert_eq!(
        names,
        [
            "channelId",
            "channelReference",
            "jobId",
            "offerId",
            "queueId",
            "workerId"
        ]
    );
}
