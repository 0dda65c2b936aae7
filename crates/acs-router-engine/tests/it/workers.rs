//! Workers: registration, draining, changes with offers open.

use acs_router_engine::{Command, EventKind};
use serde_json::json;

use crate::world::{World, simple_worker, text};

const NONE: [String; 0] = [];

// R42, R34, R6
#[test]
fn a_new_worker_is_answered_with_all_its_defaults() {
    let mut world = World::with_queue();
    let mut worker = world.worker("w", json!({"capacity": 1}));
    let etag = worker
        .as_object_mut()
        .and_then(|worker| worker.remove("etag"))
        .expect("an etag");
    assert!(text(&etag).starts_with("\"00000001-0000-0000-"), "{etag}");
    assert_eq!(
        worker,
        json!({
            "id": "w",
            "state": "inactive",
            "queues": [],
            "capacity": 1,
            "labels": {"Id": "w"},
            "tags": {},
            "channels": [],
            "offers": [],
            "assignedJobs": [],
            "loadRatio": 0,
            "availableForOffers": false,
        })
    );
}

// R43
#[test]
fn a_worker_with_open_assignments_drains_until_the_last_one_closes() {
    let mut world = World::with_queue();
    let mut worker = simple_worker();
    worker["capacity"] = json!(3);
    world.worker("w", worker);
    for job in ["a", "b", "c"] {
        world.simple_job(job);
        if job != "c" {
            world.accept("w");
        }
    }
    let deregistered = world.worker("w", json!({"availableForOffers": false}));
    assert_eq!(deregistered["state"], "draining");
    assert_eq!(
        deregistered["offers"],
        json!([]),
        "deregistering revokes offers"
    );
    for (job, state) in [("a", "draining"), ("b", "inactive")] {
        world.complete(job);
        world.close(job);
        assert_eq!(world.state("w"), state, "after {job}");
    }
    assert_eq!(
        world.worker("w", json!({"availableForOffers": true}))["state"],
        "active"
    );
    assert_eq!(world.offered("w"), ["c"]);
}

// O15
#[test]
fn leaving_a_queue_or_a_channel_revokes_its_offers_and_no_others() {
    let mut world = World::with_queue();
    world.queue("other", json!({"distributionPolicyId": "idle"}));
    let chat = json!({"channelId": "chat", "capacityCostPerJob": 1});
    let voice = json!({"channelId": "voice", "capacityCostPerJob": 1});
    let worker = json!({
        "capacity": 9, "queues": ["q", "other"], "channels": [chat, voice], "availableForOffers": true,
    });
    world.worker("w", worker);
    world.job("chat-q", json!({"channelId": "chat", "queueId": "q"}));
    world.job("voice-q", json!({"channelId": "voice", "queueId": "q"}));
    world.job(
        "voice-other",
        json!({"channelId": "voice", "queueId": "other"}),
    );
    assert_eq!(world.offered("w").len(), 3);
    world.worker("w", json!({"queues": ["q"]}));
    assert_eq!(world.offered("w"), ["voice-q", "chat-q"]);
    world.worker("w", json!({"channels": [chat]}));
    assert_eq!(world.offered("w"), ["chat-q"]);
    world.worker("w", json!({"labels": {"new": 1}, "tags": {"new": 1}}));
    assert_eq!(world.offered("w"), ["chat-q"]);
}

// O11
#[test]
fn a_lowered_capacity_keeps_what_there_is_and_takes_nothing_new() {
    let mut world = World::with_queue();
    let mut worker = simple_worker();
    worker["capacity"] = json!(4);
    world.worker("w", worker);
    for job in ["a", "b"] {
        world.simple_job(job);
        world.accept("w");
    }
    world.simple_job("offered");
    world.worker("w", json!({"capacity": 1}));
    world.simple_job("waits");
    assert_eq!(world.read_worker("w")["loadRatio"], 3);
    assert_eq!(world.offered("w"), ["offered"]);
    world.accept("w");
    for job in ["a", "b", "offered"] {
        assert_eq!(world.offered("w"), NONE);
        world.complete(job);
        world.close(job);
    }
    assert_eq!(world.offered("w"), ["waits"]);
}

// R48
#[test]
fn a_deleted_worker_loses_its_offers_and_its_assigned_job_can_still_be_finished() {
    let mut world = World::with_queue();
    let mut worker = simple_worker();
    worker["capacity"] = json!(2);
    world.worker("w", worker);
    world.simple_job("assigned");
    world.accept("w");
    world.simple_job("offered");
    world
        .run(Command::DeleteWorker { id: "w".to_owned() })
        .expect("deleted");
    assert!(world.engine.worker("w").is_err());
    assert_eq!(world.due_soon(), None);
    world.simple_worker("other");
    assert_eq!(world.offered("other"), ["offered"]);
    world.complete("assigned");
    world.close("assigned");
    assert_eq!(world.status("assigned"), "closed");
    world
        .run(Command::DeleteWorker { id: "w".to_owned() })
        .expect("deleting again is no error");
}

// A worker of the same id is another worker: it has declined nothing and holds nothing.
#[test]
fn a_worker_created_anew_under_an_old_id_starts_afresh() {
    let mut world = World::with_queue();
    world.simple_worker("w");
    world.simple_job("j");
    world.decline("w", acs_router_engine::DeclineOptions::default());
    world
        .run(Command::DeleteWorker { id: "w".to_owned() })
        .expect("deleted");
    world.simple_worker("w");
    assert_eq!(world.offered("w"), ["j"]);
}

// R47
#[test]
fn a_worker_without_anything_to_do_is_deregistered_after_seven_days() {
    const DAY: f64 = 24.0 * 60.0 * 60.0;
    let mut world = World::with_queue();
    world.policy("idle", json!({"offerExpiresAfterSeconds": null}));
    world.simple_worker("w");
    world.wait(6.0 * DAY);
    world.simple_job("j");
    world.wait(8.0 * DAY);
    assert_eq!(
        world.state("w"),
        "active",
        "an open offer is something to do"
    );
    world.accept("w");
    world.wait(8.0 * DAY);
    assert_eq!(world.state("w"), "active", "and so is an assignment");
    world.complete("j");
    world.close("j");
    world.wait(6.0 * DAY);
    world.worker("w", json!({"labels": {"a": 1}}));
    world.wait(0.9 * DAY);
    assert_eq!(world.state("w"), "active");
    let seen = world.events.len();
    world.wait(0.2 * DAY);
    assert_eq!(world.state("w"), "inactive");
    assert_eq!(
        world.kinds_since(seen),
        [EventKind::RouterWorkerDeregistered]
    );
    world.worker("w", json!({"availableForOffers": true}));
    assert_eq!(world.state("w"), "active");
}
