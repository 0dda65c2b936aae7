//! No job lives longer than 90 days.

use acs_router_engine::EventKind::{
    RouterJobDeleted, RouterJobQueued, RouterJobReceived, RouterWorkerOfferIssued,
    RouterWorkerOfferRevoked,
};
use acs_router_engine::{Answer, Command, RefusalKind};
use serde_json::json;

use crate::world::{World, simple_job};

const DAY: f64 = 24.0 * 60.0 * 60.0;

/// A world in which offers last for longer than jobs.
fn patient_world() -> World {
    let mut world = World::with_queue();
    world.policy("idle", json!({"offerExpiresAfterSeconds": 100.0 * DAY}));
    world
}

fn is_gone(world: &World, job: &str) -> bool {
    let read = world.engine.job(job);
    read.is_err_and(|refusal| refusal.kind == RefusalKind::NotFound)
}

// R47
#[test]
fn a_job_is_deleted_ninety_days_after_its_creation_whatever_it_is_doing() {
    let mut world = patient_world();
    let mut scheduled = simple_job();
    scheduled["matchingMode"] =
        json!({"kind": "scheduleAndSuspend", "scheduleAt": "2200-01-01T00:00:00Z"});
    world.job("scheduled", scheduled);
    for id in ["cancelled", "completed", "assigned", "offered"] {
        world.simple_job(id);
    }
    world.cancel("cancelled");
    for (worker, job) in [("w1", "completed"), ("w2", "assigned"), ("w3", "offered")] {
        world.simple_worker(worker);
        assert_eq!(world.offered(worker), [job]);
    }
    for worker in ["w1", "w2"] {
        world.accept(worker);
    }
    world.complete("completed");
    let jobs = ["scheduled", "cancelled", "completed", "assigned", "offered"];

    world.wait(90.0 * DAY - 1.0);
    assert!(jobs.iter().all(|job| !is_gone(&world, job)));
    let seen = world.events.len();
    world.wait(1.0);

    assert!(jobs.iter().all(|job| is_gone(&world, job)));
    assert_eq!(
        world.kinds_since(seen),
        [
            RouterJobDeleted,
            RouterJobDeleted,
            RouterJobDeleted,
            RouterJobDeleted,
            RouterWorkerOfferRevoked,
            RouterJobDeleted,
        ]
    );
    for worker in ["w1", "w2", "w3"] {
        let worker = world.read_worker(worker);
        assert_eq!(worker["loadRatio"], 0);
        assert_eq!(worker["state"], "active");
    }
    assert_eq!(world.due_soon(), None);
}

// R47
#[test]
fn its_worker_gets_the_next_job_and_its_id_is_free() {
    let mut world = patient_world();
    world.simple_job("old");
    world.simple_worker("w");
    world.wait(60.0 * DAY);
    world.simple_job("young");
    assert_eq!(world.offered("w"), ["old"]);
    world.wait(30.0 * DAY);
    assert_eq!(world.offered("w"), ["young"]);

    let seen = world.events.len();
    world.simple_job("old");
    assert_eq!(
        world.kinds_since(seen),
        [RouterJobReceived, RouterJobQueued]
    );
    world.wait(60.0 * DAY);
    assert!(is_gone(&world, "young"));
    assert_eq!(
        world.kinds_since(seen).last(),
        Some(&RouterWorkerOfferIssued)
    );
    assert_eq!(world.offered("w"), ["old"]);
}

// R47, R35
#[test]
fn it_holds_nothing_back_any_more() {
    let mut world = World::with_queue();
    let delete_queue = || Command::DeleteQueue { id: "q".to_owned() };
    world.simple_job("j");
    world.assert_refused(delete_queue(), RefusalKind::Conflict);
    world.wait(90.0 * DAY);
    assert!(matches!(world.run(delete_queue()), Ok(Answer::Deleted)));
}
