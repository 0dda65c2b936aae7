//! The mode that offers a job to the worker whose labels fit it best.

use serde_json::{Value, json};

use crate::world::{World, simple_job, simple_worker};

/// With three workers of rising level, the one in the middle registered first.
fn three_levels(options: Value) -> World {
    let mut world = World::with_mode(json!({"kind": "bestWorker", "scoringRuleOptions": options}));
    for (id, level) in [("middle", 20), ("low", 10), ("high", 30)] {
        let mut worker = simple_worker();
        worker["labels"] = json!({ "Level": level });
        world.worker(id, worker);
        world.wait(1.0);
    }
    world
}

fn above(level: i64) -> Value {
    let mut job = simple_job();
    job["requestedWorkerSelectors"] =
        json!([{"key": "Level", "labelOperator": "greaterThan", "value": level}]);
    job
}

// R73
#[test]
fn the_worker_with_the_highest_score_comes_first() {
    let mut world = three_levels(json!({}));
    for (job, worker) in [("a", "high"), ("b", "middle"), ("c", "low")] {
        world.job(job, above(5));
        assert_eq!(world.offered(worker), [job]);
    }
}

// R75
#[test]
fn the_lowest_score_comes_first_if_the_order_is_not_descending() {
    let mut world = three_levels(json!({"descendingOrder": false}));
    world.job("j", above(5));
    assert_eq!(world.offered("low"), ["j"]);
}

// R62, R73: a better score does not replace a selector.
#[test]
fn only_workers_that_meet_the_selectors_are_scored() {
    let mut world = three_levels(json!({"descendingOrder": false}));
    world.job("j", above(15));
    assert_eq!(world.offered("middle"), ["j"]);
}

// R73
#[test]
fn equal_scores_go_to_the_longest_idle() {
    let mut world = three_levels(json!({}));
    world.simple_job("j");
    assert_eq!(world.offered("middle"), ["j"]);
}

// R73: no selector asks for the label.
#[test]
fn labels_of_the_job_count_too() {
    let mut world = three_levels(json!({}));
    let mut job = simple_job();
    job["labels"] = json!({"Level": 10});
    world.job("j", job);
    assert_eq!(world.offered("low"), ["j"]);
}

// R31
#[test]
fn scoring_options_come_back_filled() {
    let mut world = World::empty();
    let mode = json!({"kind": "bestWorker", "scoringRuleOptions": {"descendingOrder": false}});
    let policy = world.policy("p", json!({ "mode": mode }));
    assert_eq!(
        policy["mode"]["scoringRuleOptions"],
        json!({
            "scoringParameters": ["jobLabels", "workerSelectors"],
            "isBatchScoringEnabled": false, "descendingOrder": false,
        })
    );
    let bare = world.policy("bare", json!({"mode": {"kind": "bestWorker"}}));
    assert_eq!(bare["mode"].get("scoringRuleOptions"), None);
}
