//! How much matching looks at: only at what a change affects.

use acs_router_engine::DeclineOptions;
use serde_json::{Value, json};

use crate::world::{World, simple_job, simple_worker};

fn job_for(skill: &str) -> Value {
    let mut job = simple_job();
    job["requestedWorkerSelectors"] =
        json!([{"key": "Skill", "labelOperator": "equal", "value": skill}]);
    job
}

fn worker_with(skill: &str) -> Value {
    let mut worker = simple_worker();
    worker["labels"] = json!({ "Skill": skill });
    worker
}

/// The pairs examined while one worker serves one job of its skill, from its registration to the next offer.
fn pairs_for_one_cycle(unrelated_jobs: usize, unrelated_workers: usize) -> Vec<u64> {
    let mut world = World::with_queue();
    world.queue("other", json!({"distributionPolicyId": "idle"}));
    for number in 0..unrelated_workers {
        let mut worker = simple_worker();
        worker["queues"] = json!(["other"]);
        world.worker(&format!("unrelated{number}"), worker);
    }
    for number in 0..unrelated_jobs {
        world.job(&format!("waiting{number}"), job_for("rare"));
    }
    let mut pairs = Vec::new();
    world.job("mine", job_for("common"));
    pairs.push(world.pairs_examined);
    world.worker("w", worker_with("common"));
    pairs.push(world.pairs_examined);
    world.accept("w");
    pairs.push(world.pairs_examined);
    world.complete("mine");
    world.close("mine");
    pairs.push(world.pairs_examined);
    pairs
}

#[test]
fn the_work_of_a_job_does_not_grow_with_unrelated_jobs_and_workers() {
    let small = pairs_for_one_cycle(10, 10);
    let large = pairs_for_one_cycle(2_000, 500);
    assert_eq!(small, large);
    assert!(large.iter().all(|pairs| *pairs <= 4), "{large:?}");
}

/// A job whose worker must have more than this level.
fn job_above(level: usize) -> Value {
    let mut job = simple_job();
    job["requestedWorkerSelectors"] =
        json!([{"key": "Level", "labelOperator": "greaterThan", "value": level}]);
    job
}

#[test]
fn a_worker_looks_at_one_job_per_selector_set_however_many_wait() {
    let mut world = World::with_queue();
    for number in 0..2_000 {
        world.job(&format!("j{number}"), job_above(100 - number % 20));
    }
    let mut worker = simple_worker();
    worker["labels"] = json!({"Level": 82});
    world.worker("w", worker);
    assert_eq!(
        world.offered("w"),
        ["j19"],
        "the first that asks for more than 81"
    );
    assert_eq!(world.pairs_examined, 21);
    world.accept("w");
    world.complete("j19");
    world.close("j19");
    assert_eq!(world.offered("w"), ["j39"]);
    assert_eq!(world.pairs_examined, 21);
}

#[test]
fn selectors_for_one_value_keep_workers_without_it_from_looking_at_all() {
    let mut world = World::with_queue();
    for number in 0..2_000 {
        world.job(
            &format!("j{number}"),
            job_for(&format!("skill{}", number % 1_000)),
        );
    }
    world.worker("w", worker_with("skill999"));
    assert_eq!(world.offered("w"), ["j999"]);
    assert_eq!(world.pairs_examined, 2);
    for number in 0..100 {
        world.worker(&format!("other{number}"), worker_with("none"));
    }
    assert_eq!(world.pairs_examined, 0);
    world.job("mine", job_for("unheard of"));
    assert_eq!(world.pairs_examined, 0);
}

#[test]
fn a_job_looks_at_the_workers_with_the_rarest_of_the_values_it_asks_for() {
    let mut world = World::with_queue();
    for number in 0..1_000 {
        let mut worker = simple_worker();
        worker["labels"] = json!({"Team": "blue", "Desk": number});
        world.worker(&format!("w{number}"), worker);
    }
    let mut job = simple_job();
    job["requestedWorkerSelectors"] = json!([
        {"key": "Team", "labelOperator": "equal", "value": "blue"},
        {"key": "Desk", "labelOperator": "equal", "value": 7},
    ]);
    world.job("j", job);
    assert_eq!(world.offered("w7"), ["j"]);
    assert_eq!(world.pairs_examined, 1);
}

#[test]
fn a_value_that_all_workers_have_does_not_make_a_job_look_at_all_of_them() {
    let mut world = World::with_queue();
    for number in 0..100 {
        world.worker(&format!("w{number}"), worker_with("common"));
    }
    world.job("j", job_for("common"));
    assert_eq!(world.offered("w0"), ["j"]);
    assert_eq!(world.pairs_examined, 1);
}

#[test]
fn a_job_looks_at_workers_only_until_it_has_its_offers() {
    let mut world = World::with_queue();
    for number in 0..1_000 {
        world.simple_worker(&format!("w{number}"));
    }
    world.simple_job("j");
    assert_eq!(world.pairs_examined, 1);
}

#[test]
fn a_declined_job_costs_its_decliner_one_look_each_time() {
    let mut world = World::with_queue();
    world.simple_worker("w");
    for number in 0..100 {
        world.simple_job(&format!("j{number}"));
    }
    for _ in 0..10 {
        world.decline("w", DeclineOptions::default());
    }
    assert_eq!(world.offered("w"), ["j10"]);
    assert!(world.pairs_examined <= 15, "{}", world.pairs_examined);
}
