//! Explanations: each reason with what was compared, for a job and for a worker.

use std::time::Duration;

use acs_router_engine::{CloseOptions, DeclineOptions, RefusalKind};
use serde_json::{Value, json};

use crate::world::{World, simple_job, simple_worker};

/// Why the worker is or is not offered the job.
fn pair(world: &World, job: &str, worker: &str) -> Value {
    json!(
        world
            .engine
            .explain_pair(job, worker)
            .expect("a queued job and a worker")
    )
}

fn job(world: &World, id: &str) -> Value {
    json!(world.engine.explain_job(id, 100).expect("a job"))
}

/// A worker like the simple one, changed.
fn worker(changes: Value) -> Value {
    let mut worker = simple_worker();
    let members = worker.as_object_mut().expect("an object");
    members.extend(changes.as_object().expect("an object").clone());
    worker
}

fn skilled_job(level: i32) -> Value {
    let mut job = simple_job();
    job["requestedWorkerSelectors"] =
        json!([{"key": "Level", "labelOperator": "greaterThan", "value": level}]);
    job
}

// R62
#[test]
fn a_worker_that_does_not_list_queue_or_channel_or_is_not_active_is_told_so() {
    let mut world = World::with_queue();
    world.simple_job("j");
    world.worker("elsewhere", worker(json!({"queues": []})));
    world.worker("away", worker(json!({"availableForOffers": false})));
    world.worker("deaf", worker(json!({"channels": []})));
    assert_eq!(
        pair(&world, "j", "elsewhere"),
        json!({
            "jobId": "j", "workerId": "elsewhere", "reason": "queueNotListed", "queueId": "q",
            "sentence": "The worker does not list the queue 'q'.",
        })
    );
    assert_eq!(
        pair(&world, "j", "away"),
        json!({
            "jobId": "j", "workerId": "away", "reason": "notActive", "state": "inactive",
            "sentence": "The worker is inactive: it is not available for offers.",
        })
    );
    assert_eq!(
        pair(&world, "j", "deaf"),
        json!({
            "jobId": "j", "workerId": "deaf", "reason": "channelNotListed", "channelId": "chat",
            "sentence": "The worker does not list the channel 'chat'.",
        })
    );
}

// R62, R45, R46
#[test]
fn a_busy_worker_is_told_with_what_it_lacks_and_the_jobs_that_take_it() {
    let mut world = World::with_queue();
    let chat = |cost: i32, most: Value| json!([{"channelId": "chat", "capacityCostPerJob": cost, "maxNumberOfJobs": most}]);
    world.worker(
        "small",
        worker(json!({"capacity": 3, "channels": chat(2, Value::Null)})),
    );
    world.worker(
        "narrow",
        worker(json!({"capacity": 3, "channels": chat(1, json!(1))})),
    );
    world.worker(
        "slow",
        worker(json!({"capacity": 3, "maxConcurrentOffers": 1})),
    );
    for number in 1..=4 {
        world.simple_job(&format!("j{number}"));
    }
    let small = pair(&world, "j4", "small");
    assert_eq!(small["reason"], "noCapacity");
    assert_eq!((&small["needed"], &small["free"]), (&json!(2), &json!(1)));
    assert_eq!(small["busyWith"], json!(["j1"]));
    assert_eq!(
        small["sentence"],
        "The job takes 2 of the worker's capacity, of which 1 is free."
    );
    let narrow = pair(&world, "j4", "narrow");
    assert_eq!(
        (
            &narrow["reason"],
            &narrow["limit"],
            &narrow["held"],
            &narrow["busyWith"]
        ),
        (&json!("channelFull"), &json!(1), &json!(1), &json!(["j2"]))
    );
    let slow = pair(&world, "j4", "slow");
    assert_eq!(
        (
            &slow["reason"],
            &slow["limit"],
            &slow["open"],
            &slow["busyWith"]
        ),
        (
            &json!("workerOfferLimit"),
            &json!(1),
            &json!(1),
            &json!(["j3"])
        )
    );
}

// R62 to R66
#[test]
fn an_unmet_selector_is_told_with_both_values() {
    let mut world = World::with_queue();
    world.job("j", skilled_job(10));
    world.worker("low", worker(json!({"labels": {"Level": 10}})));
    world.worker("unlabelled", simple_worker());
    assert_eq!(
        pair(&world, "j", "low"),
        json!({
            "jobId": "j", "workerId": "low", "reason": "selector",
            "key": "Level", "operator": "greaterThan", "wanted": 10, "has": 10,
            "sentence": "The job asks for Level greaterThan 10, and the worker has 10.",
        })
    );
    let unlabelled = pair(&world, "j", "unlabelled");
    assert_eq!(unlabelled.get("has"), None);
    assert_eq!(
        unlabelled["sentence"],
        "The job asks for Level greaterThan 10, and the worker has no such label."
    );
}

// R62
#[test]
fn the_jobs_of_a_worker_are_not_named_where_they_are_not_what_keeps_it_from_another() {
    let mut world = World::with_queue();
    world.worker("w", worker(json!({"capacity": 3})));
    world.simple_job("taken");
    assert_eq!(world.offered("w"), ["taken"]);
    world.job("j", skilled_job(10));
    let unskilled = pair(&world, "j", "w");
    assert_eq!(unskilled["reason"], "selector");
    assert_eq!(unskilled.get("busyWith"), None);
}

// R62: with `bypassSelectors` nobody is kept from a job by a selector.
#[test]
fn a_policy_that_bypasses_selectors_is_told_and_no_selector_is() {
    let mut world = World::with_mode(json!({"kind": "longestIdle", "bypassSelectors": true}));
    world.simple_worker("a");
    world.simple_worker("b");
    world.job("j", skilled_job(10));
    let explained = job(&world, "j");
    assert_eq!(explained["queued"]["bypassSelectors"], true);
    assert_eq!(
        explained["queued"]["workers"]["byReason"],
        json!({"jobOfferLimit": 1, "offered": 1})
    );
}

// R67
#[test]
fn an_expired_selector_keeps_nobody_from_the_job() {
    let mut world = World::with_queue();
    world.worker(
        "w",
        worker(json!({"maxConcurrentOffers": 1, "capacity": 2})),
    );
    world.simple_job("first");
    let mut expiring = skilled_job(10);
    expiring["requestedWorkerSelectors"][0]["expiresAfterSeconds"] = json!(10);
    world.job("j", expiring);
    assert_eq!(pair(&world, "j", "w")["reason"], "selector");
    world.wait(10.0);
    assert_eq!(pair(&world, "j", "w")["reason"], "workerOfferLimit");
}

// R80
#[test]
fn a_decline_is_told_with_the_time_it_lasts() {
    let mut world = World::with_queue();
    world.simple_worker("w");
    world.simple_job("j");
    world.decline("w", DeclineOptions::default());
    let for_good = pair(&world, "j", "w");
    assert_eq!(for_good["reason"], "declined");
    assert_eq!(for_good.get("until"), None);
    assert_eq!(
        for_good["sentence"],
        "The worker declined the job and may get it again once it registers anew."
    );
    world.worker("w", json!({"availableForOffers": false}));
    world.worker("w", json!({"availableForOffers": true}));
    assert_eq!(pair(&world, "j", "w")["reason"], "offered");
    let later = world.now.checked_add(Duration::from_secs(30));
    world.decline(
        "w",
        DeclineOptions {
            retry_offer_at: later,
        },
    );
    assert_eq!(pair(&world, "j", "w")["until"], "2024-01-01T12:00:30+00:00");
}

// R70, R61, R68
#[test]
fn a_job_is_told_with_its_place_its_offers_and_the_nearest_workers_first() {
    let mut world = World::with_queue();
    world.worker("other", worker(json!({"queues": []})));
    world.worker("away", worker(json!({"availableForOffers": false})));
    world.worker("low", worker(json!({"labels": {"Level": 1}})));
    world.worker("high", worker(json!({"labels": {"Level": 20}})));
    world.worker("free", worker(json!({"labels": {"Level": 15}})));
    world.job(
        "urgent",
        json!({"channelId": "voice", "queueId": "q", "priority": 9}),
    );
    world.job("j", skilled_job(10));
    let offer = world.newest_offer("high");
    let explained = job(&world, "j");
    assert_eq!(explained["status"], "queued");
    assert_eq!(
        explained["sentence"],
        "The job is number 2 in the queue 'q', has 1 of at most 1 open offers, and the queue has 4 workers."
    );
    let queued = &explained["queued"];
    assert_eq!(queued["position"], 2);
    assert_eq!(queued["ahead"], json!(["urgent"]));
    assert_eq!(queued["workersElsewhere"], 1);
    assert_eq!(
        queued["offers"],
        json!([{"workerId": "high", "offerId": offer, "expiresAt": "2024-01-01T12:01:00+00:00"}])
    );
    let workers = &queued["workers"];
    assert_eq!(workers["count"], 4);
    assert_eq!(
        workers["byReason"],
        json!({"offered": 1, "jobOfferLimit": 1, "selector": 1, "notActive": 1})
    );
    let ids = |explained: &Value| {
        let pairs = explained.as_array().expect("pairs").iter();
        pairs
            .map(|pair| pair["workerId"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(ids(&workers["explained"]), ["high", "free", "low", "away"]);
    assert_eq!(workers["explained"][1]["open"], 1);
    let few = json!(world.engine.explain_job("j", 2).expect("a job"));
    assert_eq!(
        ids(&few["queued"]["workers"]["explained"]),
        ["high", "free"]
    );
    assert_eq!(few["queued"]["workers"]["count"], 4);
}

// R51, R53, R58, R85, R88
#[test]
fn a_job_that_is_not_queued_is_told_with_what_it_waits_for() {
    let mut world = World::with_queue();
    let mut scheduled = simple_job();
    scheduled["matchingMode"] =
        json!({"kind": "scheduleAndSuspend", "scheduleAt": "2024-01-01T12:00:30Z"});
    world.job("s", scheduled);
    let explained = job(&world, "s");
    assert_eq!(explained["waitsUntil"], "2024-01-01T12:00:30+00:00");
    assert_eq!(explained.get("queued"), None);
    world.wait(30.0);
    assert_eq!(
        job(&world, "s")["sentence"],
        "The job waits until its matchingMode is set to queueAndMatch."
    );
    world.simple_worker("w");
    world.simple_job("j");
    world.accept("w");
    assert_eq!(
        job(&world, "j")["sentence"],
        "The job waits for the worker 'w' to complete it."
    );
    world.complete("j");
    let close_at = world.now.checked_add(Duration::from_secs(60));
    world.close_with(
        "j",
        CloseOptions {
            close_at,
            ..CloseOptions::default()
        },
    );
    assert_eq!(job(&world, "j")["waitsUntil"], "2024-01-01T12:01:30+00:00");
    world.wait(60.0);
    assert_eq!(job(&world, "j")["sentence"], "The job has ended.");
    let refusal = world.engine.explain_pair("j", "w").expect_err("not queued");
    assert_eq!(refusal.kind, RefusalKind::BadRequest);
    assert_eq!(
        refusal.details[0].message,
        "the job is closed; only a queued job can be offered"
    );
}

// R62
#[test]
fn a_worker_is_told_with_what_it_has_left_and_the_jobs_in_their_order() {
    let mut world = World::with_queue();
    world.queue("r", json!({"distributionPolicyId": "idle"}));
    world.worker(
        "w",
        worker(json!({"queues": ["q", "r"], "capacity": 2, "maxConcurrentOffers": 5})),
    );
    world.job("hard", skilled_job(3));
    world.job(
        "voice",
        json!({"channelId": "voice", "queueId": "r", "priority": 5}),
    );
    world.job("easy", json!({"channelId": "chat", "queueId": "r"}));
    let explained = json!(world.engine.explain_worker("w", 2).expect("a worker"));
    assert_eq!(
        explained["sentence"],
        "The worker is active, has 1 of its capacity of 2 free, and 3 jobs wait in its queues."
    );
    assert_eq!(
        (
            &explained["openOffers"],
            &explained["assignments"],
            &explained["offerLimit"]
        ),
        (&json!(1), &json!(0), &json!(5))
    );
    let jobs = &explained["jobs"];
    assert_eq!(jobs["count"], 3);
    assert_eq!(
        jobs["byReason"],
        json!({"channelNotListed": 1, "offered": 1, "selector": 1})
    );
    let first: Vec<_> = jobs["explained"]
        .as_array()
        .expect("pairs")
        .iter()
        .map(|pair| &pair["jobId"])
        .collect();
    assert_eq!(first, ["voice", "hard"]);
}

// R11
#[test]
fn what_is_not_there_is_not_explained() {
    let mut world = World::with_queue();
    world.simple_job("j");
    for refusal in [
        world.engine.explain_job("none", 1).map(drop),
        world.engine.explain_worker("none", 1).map(drop),
        world.engine.explain_pair("none", "w").map(drop),
        world.engine.explain_pair("j", "none").map(drop),
    ] {
        assert_eq!(refusal.expect_err("not there").kind, RefusalKind::NotFound);
    }
}
