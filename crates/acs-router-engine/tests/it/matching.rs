//! Who gets which job: eligibility, order of jobs, ranking of workers.

use acs_router_engine::DeclineOptions;
use serde_json::{Value, json};

use crate::world::{World, simple_job, simple_worker};

const NONE: [String; 0] = [];

fn worker_with(members: Value) -> Value {
    merged(simple_worker(), members)
}

fn job_with(members: Value) -> Value {
    merged(simple_job(), members)
}

fn merged(mut base: Value, members: Value) -> Value {
    let members = members.as_object().expect("members").clone();
    base.as_object_mut().expect("an object").extend(members);
    base
}

fn selector(key: &str, operator: &str, value: Value) -> Value {
    json!({"key": key, "labelOperator": operator, "value": value})
}

/// The job that the worker was offered last, taken from it and finished.
fn serve(world: &mut World, worker: &str) -> String {
    let job = world.accept(worker).job_id.to_string();
    world.complete(&job);
    world.close(&job);
    job
}

// R62
#[test]
fn a_worker_gets_jobs_only_of_its_queues_and_channels_while_it_is_active() {
    for (worker, why) in [
        (
            worker_with(json!({"availableForOffers": false})),
            "inactive",
        ),
        (worker_with(json!({"queues": []})), "in no queue"),
        (
            worker_with(json!({"queues": ["other"]})),
            "in another queue",
        ),
        (worker_with(json!({"channels": []})), "without channels"),
        (
            worker_with(json!({"channels": [{"channelId": "voice", "capacityCostPerJob": 1}]})),
            "on another channel",
        ),
    ] {
        let mut world = World::with_queue();
        world.queue("other", json!({"distributionPolicyId": "idle"}));
        world.simple_job("j");
        world.worker("w", worker);
        assert_eq!(world.offered("w"), NONE, "{why}");
        world.worker("w", simple_worker());
        assert_eq!(world.offered("w"), ["j"], "no more {why}");
    }
}

// R62
#[test]
fn a_worker_must_meet_every_selector() {
    let mut world = World::with_queue();
    let selectors = json!([
        selector("Level", "greaterThan", json!(10)),
        selector("Team", "equal", json!("blue"))
    ]);
    world.job(
        "j",
        job_with(json!({ "requestedWorkerSelectors": selectors })),
    );
    world.worker(
        "w",
        worker_with(json!({"labels": {"Level": 11, "Team": "red"}})),
    );
    assert_eq!(world.offered("w"), NONE);
    world.worker("w", json!({"labels": {"Team": "blue", "Level": 10}}));
    assert_eq!(world.offered("w"), NONE);
    world.worker("w", json!({"labels": {"Level": 10.5}}));
    assert_eq!(world.offered("w"), ["j"]);
}

// R66
#[test]
fn equal_is_not_bent_for_the_quickstart() {
    let mut world = World::with_queue();
    let selectors = json!([selector("Some-Skill", "equal", json!(10))]);
    world.job(
        "j",
        job_with(json!({ "requestedWorkerSelectors": selectors })),
    );
    world.worker("w", worker_with(json!({"labels": {"Some-Skill": 11}})));
    assert_eq!(world.offered("w"), NONE);
}

// R30, R62
#[test]
fn a_policy_can_bypass_selectors() {
    let mut world = World::with_mode(json!({"kind": "longestIdle"}));
    let selectors = json!([selector("Level", "equal", json!(1))]);
    world.job(
        "j",
        job_with(json!({ "requestedWorkerSelectors": selectors })),
    );
    world.simple_worker("w");
    assert_eq!(world.offered("w"), NONE);
    world.policy("p", json!({"mode": {"bypassSelectors": true}}));
    assert_eq!(world.offered("w"), ["j"]);
}

// R34, R69
#[test]
fn the_id_label_addresses_one_worker() {
    let mut world = World::with_queue();
    world.simple_worker("a");
    world.simple_worker("b");
    let selectors = json!([selector("Id", "equal", json!("b"))]);
    world.job(
        "j",
        job_with(json!({ "requestedWorkerSelectors": selectors })),
    );
    assert_eq!(
        (world.offered("a"), world.offered("b")),
        (NONE.into(), vec!["j".to_owned()])
    );
}

// R61
#[test]
fn jobs_are_served_by_priority_and_then_first_come_first_served() {
    let mut world = World::with_queue();
    for (id, priority) in [
        ("normal", 1),
        ("normal-later", 1),
        ("low", -100),
        ("high", 100),
        ("medium", 2),
    ] {
        world.job(id, job_with(json!({ "priority": priority })));
        world.wait(1.0);
    }
    world.simple_worker("w");
    let served: Vec<_> = (0..5).map(|_| serve(&mut world, "w")).collect();
    assert_eq!(served, ["high", "medium", "normal", "normal-later", "low"]);
}

// R61
#[test]
fn jobs_queued_at_the_same_time_are_served_in_the_order_of_their_creation() {
    let mut world = World::with_queue();
    for id in ["z", "m", "a"] {
        world.simple_job(id);
    }
    world.simple_worker("w");
    let served: Vec<_> = (0..3).map(|_| serve(&mut world, "w")).collect();
    assert_eq!(served, ["z", "m", "a"]);
}

// R61
#[test]
fn a_new_priority_moves_a_waiting_job() {
    let mut world = World::with_queue();
    world.simple_job("first");
    world.wait(1.0);
    world.simple_job("second");
    world.job("second", json!({"priority": 2}));
    world.simple_worker("w");
    assert_eq!(world.offered("w"), ["second"]);
}

// R68, R67: an expedited job is first only while that selector counts.
#[test]
fn an_expedited_job_comes_first_until_its_selector_expires() {
    let expedite = json!([{
        "key": "Level", "labelOperator": "notEqual", "value": 0, "expedite": true, "expiresAfterSeconds": 10,
    }]);
    let mut world = World::with_queue();
    world.job("urgent", job_with(json!({"priority": 50})));
    world.job(
        "expedited",
        job_with(json!({"priority": -5, "requestedWorkerSelectors": expedite})),
    );
    world.worker("early", worker_with(json!({"labels": {"Level": 1}})));
    assert_eq!(world.offered("early"), ["expedited"]);
    world.decline("early", DeclineOptions::default());
    world.worker("early", json!({"availableForOffers": false}));
    world.wait(11.0);
    world.simple_worker("late");
    assert_eq!(world.offered("late"), ["urgent"]);
}

// R67, R59
#[test]
fn a_selector_that_expires_stops_counting_and_stays_listed() {
    let selectors = json!([
        {"key": "Id", "labelOperator": "equal", "value": "preferred", "expiresAfterSeconds": 30},
        {"key": "Level", "labelOperator": "greaterThan", "value": 1},
    ]);
    let mut world = World::with_queue();
    world.worker("other", worker_with(json!({"labels": {"Level": 2}})));
    world.job(
        "j",
        job_with(json!({ "requestedWorkerSelectors": selectors })),
    );
    world.wait(29.0);
    assert_eq!(world.offered("other"), NONE);
    world.wait(2.0);
    assert_eq!(world.offered("other"), ["j"]);
    let listed = &world.read_job("j")["requestedWorkerSelectors"];
    assert_eq!(
        listed,
        &json!([
            {
                "key": "Id", "labelOperator": "equal", "value": "preferred", "expiresAfterSeconds": 30,
                "expedite": false, "status": "expired",
            },
            {"key": "Level", "labelOperator": "greaterThan", "value": 1, "expedite": false, "status": "active"},
        ])
    );
}

// R45
#[test]
fn offers_and_assignments_reserve_capacity_across_channels() {
    let mut world = World::with_queue();
    let channels = json!([
        {"channelId": "chat", "capacityCostPerJob": 30},
        {"channelId": "voice", "capacityCostPerJob": 70},
    ]);
    world.worker(
        "w",
        worker_with(json!({"capacity": 100, "channels": channels})),
    );
    for id in ["chat-1", "chat-2"] {
        world.simple_job(id);
    }
    world.job("voice-1", job_with(json!({"channelId": "voice"})));
    world.simple_job("chat-3");
    assert_eq!(world.offered("w"), ["chat-3", "chat-2", "chat-1"]);
    assert_eq!(world.read_worker("w")["loadRatio"], 0.9);
    world.accept("w");
    world.complete("chat-3");
    world.close("chat-3");
    assert_eq!(
        world.offered("w").len(),
        2,
        "40 are left, which is too little for voice"
    );
    world.cancel("chat-1");
    assert_eq!(world.offered("w"), ["voice-1", "chat-2"]);
    assert_eq!(world.read_worker("w")["loadRatio"], 1);
}

// R45
#[test]
fn a_channel_can_limit_the_number_of_jobs_and_cost_nothing() {
    let mut world = World::with_queue();
    let channels = json!([{"channelId": "chat", "capacityCostPerJob": 0, "maxNumberOfJobs": 2}]);
    world.worker("w", worker_with(json!({ "channels": channels })));
    for id in ["a", "b", "c"] {
        world.simple_job(id);
    }
    assert_eq!(world.offered("w"), ["b", "a"]);
    world.accept("w");
    assert_eq!(world.offered("w"), ["a"]);
    world.complete("b");
    world.close("b");
    assert_eq!(world.offered("w"), ["c", "a"]);
}

// R45: a channel that costs more than there is has no slot.
#[test]
fn a_channel_dearer_than_the_capacity_gets_nothing() {
    let mut world = World::with_queue();
    world.worker(
        "w",
        worker_with(json!({"channels": [{"channelId": "chat", "capacityCostPerJob": 2}]})),
    );
    world.simple_job("j");
    assert_eq!(world.offered("w"), NONE);
    world.worker("w", json!({"capacity": 2}));
    assert_eq!(world.offered("w"), ["j"]);
}

// R46
#[test]
fn a_worker_can_limit_its_open_offers() {
    let mut world = World::with_queue();
    world.worker(
        "w",
        worker_with(json!({"capacity": 5, "maxConcurrentOffers": 1})),
    );
    for id in ["a", "b"] {
        world.simple_job(id);
    }
    assert_eq!(world.offered("w"), ["a"]);
    world.accept("w");
    assert_eq!(world.offered("w"), ["b"], "an accepted offer is none");
}

// R72
#[test]
fn longest_idle_takes_the_least_loaded_and_then_the_longest_available() {
    let mut world = World::with_queue();
    for id in ["early", "middle", "late"] {
        world.worker(id, worker_with(json!({"capacity": 2})));
        world.wait(1.0);
    }
    world.simple_job("1");
    assert_eq!(world.offered("early"), ["1"]);
    world.accept("early");
    world.simple_job("2");
    assert_eq!(
        world.offered("middle"),
        ["2"],
        "half loaded comes after not loaded"
    );
    world.accept("middle");
    world.complete("1");
    world.close("1");
    world.simple_job("3");
    assert_eq!(
        world.offered("late"),
        ["3"],
        "early has just become available"
    );
    world.accept("late");
    world.simple_job("4");
    assert_eq!(world.offered("early"), ["4"]);
}

// R72: offers that are not answered yet are no load.
#[test]
fn longest_idle_ranks_by_assignments_and_not_by_offers() {
    let mut world = World::with_queue();
    world.worker("early", worker_with(json!({"capacity": 2})));
    world.wait(1.0);
    world.worker("late", worker_with(json!({"capacity": 2})));
    world.simple_job("1");
    world.simple_job("2");
    assert_eq!(world.offered("early"), ["2", "1"]);
}

// R71
#[test]
fn round_robin_goes_through_the_workers_by_id() {
    let mut world = World::with_mode(json!({"kind": "roundRobin"}));
    for id in ["c", "a", "b"] {
        world.worker(id, worker_with(json!({"capacity": 3})));
    }
    let mut turns = Vec::new();
    for number in 0..5 {
        let job = format!("j{number}");
        world.simple_job(&job);
        let offered = |worker: &&&str| world.offered(worker).first() == Some(&job);
        turns.extend(["a", "b", "c"].iter().find(offered).copied());
    }
    assert_eq!(turns, ["a", "b", "c", "a", "b"]);
}

// R71: the turn is the queue's, whatever happens to the worker that had it last.
#[test]
fn round_robin_goes_on_after_a_worker_that_has_left() {
    let mut world = World::with_mode(json!({"kind": "roundRobin"}));
    for id in ["a", "b", "c"] {
        world.worker(id, worker_with(json!({"capacity": 3})));
    }
    for job in ["1", "2"] {
        world.simple_job(job);
    }
    world
        .run(acs_router_engine::Command::DeleteWorker { id: "b".to_owned() })
        .expect("deleted");
    assert_eq!(
        world.offered("c"),
        ["2"],
        "the job of the deleted worker went on"
    );
    world.simple_job("3");
    assert_eq!(world.offered("a"), ["3", "1"]);
}

// R30, R71, R72
#[test]
fn a_changed_mode_ranks_the_free_workers_anew() {
    let mut world = World::with_mode(json!({"kind": "longestIdle"}));
    for id in ["z", "a"] {
        world.simple_worker(id);
        world.wait(1.0);
    }
    world.policy("p", json!({"mode": {"kind": "roundRobin"}}));
    world.simple_job("1");
    assert_eq!(world.offered("a"), ["1"]);
    world.cancel("1");
    world.policy("p", json!({"mode": {"kind": "longestIdle"}}));
    world.simple_job("2");
    assert_eq!(world.offered("z"), ["2"]);
}

// R70
#[test]
fn more_offers_at_once_reach_jobs_that_wait_already() {
    let mut world = World::with_mode(json!({"kind": "longestIdle"}));
    world.simple_job("j");
    for id in ["a", "b", "c"] {
        world.simple_worker(id);
    }
    assert_eq!((world.offered("a").len(), world.offered("b").len()), (1, 0));
    world.policy("p", json!({"mode": {"maxConcurrentOffers": 2}}));
    assert_eq!((world.offered("b").len(), world.offered("c").len()), (1, 0));
    world.policy("p", json!({"mode": {"maxConcurrentOffers": 1}}));
    world.decline("b", DeclineOptions::default());
    assert_eq!(world.offered("c").len(), 0, "one offer is still out");
    world.decline("a", DeclineOptions::default());
    assert_eq!(world.offered("c").len(), 1);
}

// A worker that a change frees takes the first job of all its queues, not the one that was freed with it.
#[test]
fn a_freed_worker_takes_the_first_job_it_can_get_in_any_of_its_queues() {
    let mut world = World::with_queue();
    world.queue("other", json!({"distributionPolicyId": "idle"}));
    world.worker("w", worker_with(json!({"queues": ["q", "other"]})));
    world.simple_job("taken");
    world.wait(1.0);
    world.simple_job("waiting");
    world.job(
        "urgent",
        job_with(json!({"queueId": "other", "priority": 9})),
    );
    world.decline("w", DeclineOptions::default());
    assert_eq!(world.offered("w"), ["urgent"]);
}

// Two jobs and two workers become free at once: the first job gets the better worker.
#[test]
fn the_first_job_gets_the_best_worker_when_several_are_free() {
    let mut world = World::with_queue();
    for (id, queues) in [("longest", json!([])), ("shorter", json!([]))] {
        world.worker(id, worker_with(json!({ "queues": queues })));
        world.wait(1.0);
    }
    world.simple_job("first");
    world.worker("shorter", json!({"queues": ["q"]}));
    assert_eq!(world.offered("shorter"), ["first"]);
    world.worker("longest", json!({"queues": ["q"]}));
    world.decline("shorter", DeclineOptions::default());
    assert_eq!(world.offered("longest"), ["first"]);
}

// R67: the time counts from queueing, so a selector that comes too late does not count at all.
#[test]
fn a_selector_whose_time_is_over_when_it_is_given_expires_at_once() {
    let mut world = World::with_queue();
    world.simple_job("j");
    world.wait(30.0);
    let selectors = json!([
        {"key": "Id", "labelOperator": "equal", "value": "nobody", "expiresAfterSeconds": 20},
    ]);
    let answer = world.job("j", json!({ "requestedWorkerSelectors": selectors }));
    assert_eq!(answer["requestedWorkerSelectors"][0]["status"], "active");
    let job = world.read_job("j");
    assert_eq!(job["requestedWorkerSelectors"][0]["status"], "expired");
    world.simple_worker("w");
    assert_eq!(world.offered("w"), ["j"]);
}
