//! The mode that offers a job to the worker whose labels fit it best.

use acs_router_engine::RefusalKind;
use serde_json::{Value, json};

use crate::world::{World, simple_job, simple_worker, upsert_policy};

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

/// With the workers `fr` and `de`, `fr` first, who speak French and German, and a mode that scores by the rule.
fn two_languages(rule: Value, options: Value) -> World {
    let mode = json!({"kind": "bestWorker", "scoringRule": rule, "scoringRuleOptions": options});
    let mut world = World::with_mode(mode);
    for language in ["fr", "de"] {
        let mut worker = simple_worker();
        worker["labels"] = json!({"Language": language, "Level": 10});
        world.worker(language, worker);
        world.wait(1.0);
    }
    world
}

fn expression(text: &str) -> Value {
    json!({"kind": "expression", "expression": text})
}

fn speaking(language: &str) -> Value {
    let mut job = simple_job();
    job["labels"] = json!({ "Language": language });
    job
}

// R75
#[test]
fn an_expression_scores_each_worker_with_its_labels_and_those_of_the_job() {
    let same = expression("If(worker.Language = job.Language, 100, 1)");
    let mut world = two_languages(same.clone(), json!({}));
    world.job("german", speaking("de"));
    assert_eq!(world.offered("de"), ["german"]);
    let mut world = two_languages(same, json!({"descendingOrder": false}));
    world.job("german", speaking("de"));
    assert_eq!(world.offered("fr"), ["german"]);
    let mut world = two_languages(expression("If(worker.Id = \"de\", 2, 1)"), json!({}));
    world.job("any", simple_job());
    assert_eq!(world.offered("de"), ["any"]);
}

// R75: a label that a worker does not have is blank, so that it gets the other value.
#[test]
fn equal_scores_and_missing_labels_leave_the_longest_idle_worker_first() {
    let mut world = two_languages(expression("If(worker.X = true, 100, 1)"), json!({}));
    world.job("j", simple_job());
    assert_eq!(world.offered("fr"), ["j"]);
    let mut world = two_languages(json!({"kind": "static", "value": 5}), json!({}));
    world.job("j", simple_job());
    assert_eq!(world.offered("fr"), ["j"]);
}

// R75: our choice where a rule gives no number.
#[test]
fn a_worker_for_whom_the_rule_gives_no_number_comes_last() {
    let rule = expression("If(worker.Language = \"fr\", 1 / 0, -5)");
    for descending in [true, false] {
        let mut world = two_languages(rule.clone(), json!({"descendingOrder": descending}));
        world.job("first", simple_job());
        assert_eq!(world.offered("de"), ["first"]);
        world.job("second", simple_job());
        assert_eq!(world.offered("fr"), ["second"]);
    }
}

// R75
#[test]
fn scores_follow_the_labels_of_the_moment_and_the_rule_of_the_moment() {
    let mut world = two_languages(expression("worker.Level"), json!({}));
    world.worker("de", json!({"labels": {"Level": 11}}));
    world.job("a", simple_job());
    assert_eq!(world.offered("de"), ["a"]);
    world.cancel("a");
    let lower = expression("-worker.Level");
    world.policy(
        "p",
        json!({"mode": {"kind": "bestWorker", "scoringRule": lower}}),
    );
    world.job("b", simple_job());
    assert_eq!(world.offered("fr"), ["b"]);
}

// R75
#[test]
fn a_rule_is_told_the_labels_of_the_job_only_if_the_parameters_name_them() {
    let rule = expression("If(worker.Language = job.Language, 100, 1)");
    let mut world = two_languages(rule, json!({"scoringParameters": ["workerSelectors"]}));
    world.job("german", speaking("de"));
    // Without `job` the expression has no value for either, so that the longest idle comes first.
    assert_eq!(world.offered("fr"), ["german"]);
}

// R31
#[test]
fn a_scoring_rule_comes_back_with_its_options_filled_and_can_be_removed() {
    let mut world = World::empty();
    let rule = json!({"kind": "expression", "language": "powerFx", "expression": "1"});
    let mode = json!({"kind": "bestWorker", "scoringRule": rule, "scoringRuleOptions": {}});
    let policy = world.policy("p", json!({ "mode": mode }));
    assert_eq!(policy["mode"]["scoringRule"], rule);
    let filled = json!({
        "scoringParameters": ["jobLabels", "workerSelectors"],
        "isBatchScoringEnabled": false, "descendingOrder": true,
    });
    assert_eq!(policy["mode"]["scoringRuleOptions"], filled);
    let renamed = world.policy(
        "p",
        json!({"name": "Best", "mode": {"bypassSelectors": true}}),
    );
    assert_eq!(renamed["mode"]["scoringRule"], rule);
    let without = world.policy("p", json!({"mode": {"scoringRule": null}}));
    assert_eq!(without["mode"].get("scoringRule"), None);
    assert_eq!(without["mode"]["scoringRuleOptions"], filled);
}

// R31
#[test]
fn rules_that_give_no_score_are_refused_by_name() {
    let mut world = World::empty();
    for (rule, reason) in [
        (
            json!({"kind": "directMap"}),
            "mode.scoringRule must not be of kind directMap, which gives selectors and no score",
        ),
        (
            json!({"kind": "static", "value": "high"}),
            "mode.scoringRule must have a number as its value, the score",
        ),
        (
            json!({"kind": "expression", "expression": "If("}),
            "mode.scoringRule.expression is not an expression: ",
        ),
    ] {
        let mode = json!({"kind": "bestWorker", "scoringRule": rule});
        let command = upsert_policy("p", json!({ "mode": mode }));
        let refusal = world.assert_refused(command, RefusalKind::BadRequest);
        let message = &refusal.details[0].message;
        assert!(message.starts_with(reason), "{message}");
    }
}
