//! Scores that a function or a web service gives: jobs wait for them, and for nothing else.

use acs_router_engine::{Command, DeclineOptions, Effect, Guid, Outcome, RuleCall};
use serde_json::{Value, json};

use crate::world::{World, simple_job, simple_worker, upsert_job, upsert_policy, upsert_worker};

/// With the workers `a`, `b` and `c`, the one registered before the other, whose scores are asked for with these options.
fn world(options: Value) -> World {
    let mut world = World::with_mode(mode(options));
    for (level, id) in (1..).zip(["a", "b", "c"]) {
        world.worker(id, worker(level));
        world.wait(1.0);
    }
    world
}

fn mode(options: Value) -> Value {
    let rule = json!({"kind": "webhook", "webhookUri": "https://h.example/score"});
    json!({"kind": "bestWorker", "scoringRule": rule, "scoringRuleOptions": options})
}

fn worker(level: u32) -> Value {
    let mut worker = simple_worker();
    worker["labels"] = json!({ "Level": level });
    worker
}

/// The calls that came of a command, each with the ids of the workers it asks about.
fn calls_of(outcome: &Outcome) -> Vec<(Guid, RuleCall, Vec<String>)> {
    let call = |effect: &Effect| match effect {
        Effect::CallRule { id, call } => (*id, call.clone(), asked_about(&call.body)),
        other => panic!("{other:?}"),
    };
    outcome.effects.iter().map(call).collect()
}

fn asked_about(body: &Value) -> Vec<String> {
    let worker = body.get("worker").into_iter();
    let workers = body.get("workers").and_then(Value::as_array);
    let ids = worker.chain(workers.into_iter().flatten());
    ids.map(|labels| labels["Id"].as_str().expect("an id").to_owned())
        .collect()
}

/// Creates the job `j` and gives the calls for its workers.
fn create(world: &mut World) -> Vec<(Guid, RuleCall, Vec<String>)> {
    calls_of(&world.apply(upsert_job("j", simple_job())))
}

fn answer(world: &mut World, id: Guid, result: Result<Value, &str>) -> Outcome {
    let result = result.map_err(str::to_owned);
    let outcome = world.apply(Command::AnswerRuleCall { id, result });
    assert!(outcome.answer.is_ok());
    outcome
}

/// Answers calls with these scores, in their order.
fn answer_all(world: &mut World, calls: &[(Guid, RuleCall, Vec<String>)], scores: &[Value]) {
    for ((id, _, _), score) in calls.iter().zip(scores) {
        assert!(answer(world, *id, Ok(score.clone())).effects.is_empty());
    }
}

fn offered(world: &World) -> Vec<&'static str> {
    let workers = ["a", "b", "c", "d"].into_iter();
    workers
        .filter(|id| world.engine.worker(id).is_ok() && !world.offered(id).is_empty())
        .collect()
}

// R75
#[test]
fn each_worker_is_asked_about_with_its_labels_those_of_the_job_and_the_selectors() {
    let mut world = world(json!({}));
    let mut job = simple_job();
    job["labels"] = json!({"Vip": true});
    job["requestedWorkerSelectors"] =
        json!([{"key": "Level", "labelOperator": "greaterThan", "value": 1}]);
    let calls = calls_of(&world.apply(upsert_job("j", job)));
    let bodies: Vec<_> = calls.iter().map(|(_, call, _)| call.body.clone()).collect();
    let selectors = json!([{"key": "Level", "operator": "greaterThan", "value": 1}]);
    let body = |id: &str, level: u32| {
        let worker = json!({"Id": id, "Level": level});
        json!({"job": {"Vip": true}, "worker": worker, "selectors": selectors})
    };
    assert_eq!(bodies, [body("b", 2), body("c", 3)]);
    assert!(
        calls
            .iter()
            .all(|(_, call, _)| &*call.uri == "https://h.example/score")
    );
}

// R75
#[test]
fn parameters_that_the_options_leave_out_are_not_sent() {
    let mut world = world(json!({"scoringParameters": ["workerSelectors"]}));
    let calls = create(&mut world);
    let labels = json!({"Id": "a", "Level": 1});
    assert_eq!(calls[0].1.body, json!({"worker": labels, "selectors": []}));
}

// R75
#[test]
fn the_job_is_offered_to_the_best_worker_once_all_scores_are_there() {
    for (descending, best) in [(true, "b"), (false, "c")] {
        let mut world = world(json!({"descendingOrder": descending}));
        let calls = create(&mut world);
        assert_eq!(world.status("j"), "queued");
        answer_all(&mut world, &calls[..2], &[json!(5), json!(9)]);
        assert_eq!(offered(&world), Vec::<&str>::new());
        answer_all(&mut world, &calls[2..], &[json!(1)]);
        assert_eq!(offered(&world), [best]);
    }
}

// R75
#[test]
fn a_batch_asks_about_a_group_of_workers_and_gets_their_scores_in_that_order() {
    let mut world = world(json!({"isBatchScoringEnabled": true, "batchSize": 2}));
    let calls = create(&mut world);
    let groups: Vec<_> = calls
        .iter()
        .map(|(_, _, workers)| workers.clone())
        .collect();
    assert_eq!(groups, [vec!["a", "b"], vec!["c"]]);
    assert_eq!(calls[1].1.body["workers"], json!([{"Id": "c", "Level": 3}]));
    answer_all(&mut world, &calls, &[json!([3, 7]), json!([5])]);
    assert_eq!(offered(&world), ["b"]);
    let mut usual = World::with_mode(mode(json!({"isBatchScoringEnabled": true})));
    for number in 0..25 {
        usual.worker(&format!("w{number}"), worker(number));
    }
    let groups = create(&mut usual);
    let sizes: Vec<_> = groups.iter().map(|(_, _, workers)| workers.len()).collect();
    assert_eq!(sizes, [20, 5]);
}

// R75: our choice where a call fails or answers something else.
#[test]
fn workers_without_a_score_come_last_and_are_not_asked_about_again() {
    let mut world = world(json!({}));
    let calls = create(&mut world);
    assert!(
        answer(&mut world, calls[0].0, Err("timed out"))
            .effects
            .is_empty()
    );
    answer_all(&mut world, &calls[1..], &[json!("high"), json!(-3)]);
    assert_eq!(offered(&world), ["c"]);
    let mut world = self::world(json!({}));
    let calls = create(&mut world);
    for (id, _, _) in &calls {
        assert!(answer(&mut world, *id, Err("timed out")).effects.is_empty());
    }
    assert_eq!(offered(&world), ["a"], "the longest idle");
}

#[test]
fn a_worker_that_comes_meanwhile_is_asked_about_too_and_waited_for() {
    let mut world = world(json!({}));
    let calls = create(&mut world);
    let more = calls_of(&world.apply(upsert_worker("d", worker(4))));
    assert_eq!(
        more.iter()
            .map(|(_, _, ids)| ids.join(""))
            .collect::<String>(),
        "d"
    );
    answer_all(&mut world, &calls, &[json!(5), json!(9), json!(1)]);
    assert_eq!(offered(&world), Vec::<&str>::new());
    answer_all(&mut world, &more, &[json!(10)]);
    assert_eq!(offered(&world), ["d"]);
}

#[test]
fn only_workers_that_may_still_get_the_job_are_offered_it() {
    let mut world = world(json!({}));
    let calls = create(&mut world);
    world.worker("b", json!({"availableForOffers": false}));
    answer_all(&mut world, &calls, &[json!(5), json!(9), json!(1)]);
    assert_eq!(offered(&world), ["a"]);
}

#[test]
fn a_score_counts_only_for_the_labels_it_was_asked_with() {
    let mut world = world(json!({}));
    let calls = create(&mut world);
    let again = calls_of(&world.apply(upsert_worker("b", json!({"labels": {"Level": 7}}))));
    assert_eq!(again[0].2, ["b"]);
    answer_all(&mut world, &calls, &[json!(5), json!(9), json!(1)]);
    assert_eq!(offered(&world), Vec::<&str>::new());
    answer_all(&mut world, &again, &[json!(0)]);
    assert_eq!(offered(&world), ["a"]);
}

// Whichever answer comes last.
#[test]
fn an_answer_for_old_labels_does_not_take_the_place_of_one_for_the_present_labels() {
    let mut world = world(json!({}));
    let calls = create(&mut world);
    let again = calls_of(&world.apply(upsert_worker("b", json!({"labels": {"Level": 7}}))));
    answer_all(&mut world, &again, &[json!(0)]);
    answer_all(&mut world, &calls, &[json!(5), json!(9), json!(1)]);
    assert_eq!(offered(&world), ["a"]);
}

#[test]
fn other_labels_of_the_job_make_all_scores_be_asked_for_again() {
    let mut world = world(json!({}));
    let calls = create(&mut world);
    let labels = json!({"labels": {"Vip": true}});
    let again = calls_of(&world.apply(upsert_job("j", labels)));
    assert_eq!(again.len(), 3);
    answer_all(&mut world, &calls, &[json!(5), json!(9), json!(1)]);
    assert_eq!(
        offered(&world),
        Vec::<&str>::new(),
        "the first answers come too late"
    );
    answer_all(&mut world, &again, &[json!(2), json!(1), json!(3)]);
    assert_eq!(offered(&world), ["c"]);
}

#[test]
fn workers_take_other_jobs_while_one_waits_for_scores() {
    let mut world = world(json!({}));
    world.policy(
        "idle",
        json!({"offerExpiresAfterSeconds": 60, "mode": {"kind": "longestIdle"}}),
    );
    world.queue("plain", json!({"distributionPolicyId": "idle"}));
    world.worker("b", json!({"queues": ["q", "plain"]}));
    let calls = create(&mut world);
    world.job("now", json!({"channelId": "chat", "queueId": "plain"}));
    assert_eq!(world.offered("b"), ["now"]);
    answer_all(&mut world, &calls, &[json!(5), json!(9), json!(1)]);
    assert_eq!(world.offered("a"), ["j"]);
    assert_eq!(world.offered("b"), ["now"]);
}

#[test]
fn the_next_offer_asks_again() {
    let mut world = world(json!({}));
    let calls = create(&mut world);
    answer_all(&mut world, &calls, &[json!(5), json!(9), json!(1)]);
    let offer = world.newest_offer("b");
    let decline = Command::DeclineOffer {
        worker_id: "b".to_owned(),
        offer_id: offer,
        options: DeclineOptions::default(),
    };
    let again = calls_of(&world.apply(decline));
    let asked: Vec<_> = again.iter().map(|(_, _, ids)| ids[0].as_str()).collect();
    assert_eq!(asked, ["a", "c"]);
    answer_all(&mut world, &again, &[json!(1), json!(2)]);
    assert_eq!(offered(&world), ["c"]);
}

#[test]
fn answers_for_a_job_that_is_gone_or_answered_twice_change_nothing() {
    let mut world = world(json!({}));
    let calls = create(&mut world);
    world.cancel("j");
    let before = world.engine.clone();
    answer_all(&mut world, &calls, &[json!(5), json!(9), json!(1)]);
    assert!(world.engine == before);
    assert_eq!(offered(&world), Vec::<&str>::new());
}

#[test]
fn a_mode_that_needs_no_scores_offers_waiting_jobs_at_once() {
    let mut world = world(json!({}));
    let calls = create(&mut world);
    world
        .run(upsert_policy("p", json!({"mode": {"kind": "longestIdle"}})))
        .expect("a policy");
    assert_eq!(offered(&world), ["a"]);
    let before = world.engine.clone();
    answer_all(&mut world, &calls, &[json!(5), json!(9), json!(1)]);
    assert!(world.engine == before);
}
