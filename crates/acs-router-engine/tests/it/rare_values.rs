//! Jobs that ask for a value that few workers have: matching looks at those alone, and offers as if it looked at all.

use serde_json::{Value, json};

use crate::world::{World, simple_job, simple_worker};

fn worker_of(team: &str, level: i64) -> Value {
    let mut worker = simple_worker();
    worker["labels"] = json!({"Team": team, "Level": level});
    worker
}

/// A job for the team, which fits workers of level 5.
fn job_for(team: &str) -> Value {
    let mut job = simple_job();
    job["labels"] = json!({"Level": 5});
    job["requestedWorkerSelectors"] =
        json!([{"key": "Team", "labelOperator": "equal", "value": team}]);
    job
}

/// Makes the blue team the smaller one.
fn add_red_workers(world: &mut World) {
    for number in 0..5 {
        world.worker(&format!("red{number}"), worker_of("red", 5));
    }
}

// R45, R62
#[test]
fn only_those_with_a_free_slot_on_the_channel_are_offered_the_job() {
    let mut world = World::with_queue();
    world.worker("busy", worker_of("blue", 1));
    world.job("first", job_for("blue"));
    world.accept("busy");
    let mut elsewhere = worker_of("blue", 1);
    elsewhere["channels"] = json!([{"channelId": "voice", "capacityCostPerJob": 1}]);
    world.worker("elsewhere", elsewhere);
    world.wait(1.0);
    world.worker("free", worker_of("blue", 1));
    add_red_workers(&mut world);
    world.job("j", job_for("blue"));
    assert_eq!(world.offered("free"), ["j"]);
    assert!(world.offered("elsewhere").is_empty());
    assert!(world.offered("busy").is_empty());
}

// R72, R73
#[test]
fn the_mode_decides_among_them() {
    for (mode, chosen) in [("longestIdle", "patient"), ("bestWorker", "fitting")] {
        let mut world = World::with_mode(json!({ "kind": mode }));
        world.worker("patient", worker_of("blue", 1));
        world.wait(1.0);
        world.worker("fitting", worker_of("blue", 5));
        add_red_workers(&mut world);
        world.job("j", job_for("blue"));
        assert_eq!(world.offered(chosen), ["j"], "{mode}");
    }
}
