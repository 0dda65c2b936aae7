//! Exception rules: when they fire, what they do, and which events tell of it.

use acs_router_engine::{DeclineOptions, EventKind, UnassignOptions};
use serde_json::{Value, json};

use crate::world::{World, at, simple_job, simple_worker};

pub(crate) fn wait_rule(id: &str, seconds: f64, actions: Value) -> Value {
    let trigger = json!({"kind": "waitTime", "thresholdSeconds": seconds});
    json!({"id": id, "trigger": trigger, "actions": actions})
}

pub(crate) fn length_rule(id: &str, threshold: i32, actions: Value) -> Value {
    let trigger = json!({"kind": "queueLength", "threshold": threshold});
    json!({"id": id, "trigger": trigger, "actions": actions})
}

pub(crate) fn cancel() -> Value {
    json!([{"kind": "cancel"}])
}

pub(crate) fn move_to(queue: &str) -> Value {
    json!([{"kind": "manualReclassify", "queueId": queue}])
}

/// A queue `q` whose policy `e` has these rules, and a queue `other` without one.
fn with_rules(rules: Value) -> World {
    let mut world = World::with_queue();
    world.queue("other", json!({"distributionPolicyId": "idle"}));
    world.exception_policy("e", json!({ "exceptionRules": rules }));
    world.queue("q", json!({"exceptionPolicyId": "e"}));
    world
}

fn fired(world: &World, rule: &str) -> usize {
    let events = world.events.iter();
    let of_rule = events.filter(|event| {
        event.kind == EventKind::RouterJobExceptionTriggered && json!(event.data)["ruleKey"] == rule
    });
    of_rule.count()
}

fn elsewhere() -> Value {
    json!({"channelId": "chat", "queueId": "other"})
}

// R99
#[test]
fn with_a_threshold_of_ten_the_eleventh_job_fires() {
    let mut world = with_rules(json!([length_rule("full", 10, cancel())]));
    for number in 1..=12 {
        world.simple_job(&format!("j{number}"));
        let status = if number <= 10 { "queued" } else { "cancelled" };
        assert_eq!(world.status(&format!("j{number}")), status, "job {number}");
    }
    assert_eq!(fired(&world, "full"), 2);
}

// R99: jobs that are offered still wait (R79), jobs of every channel and priority count.
#[test]
fn every_job_that_was_queued_before_counts_whatever_its_rank() {
    let mut world = with_rules(json!([length_rule("full", 2, cancel())]));
    world.simple_worker("w");
    world.simple_job("offered");
    world.job(
        "voice",
        json!({"channelId": "voice", "queueId": "q", "priority": -5}),
    );
    world.job(
        "urgent",
        json!({"channelId": "chat", "queueId": "q", "priority": 50}),
    );
    assert_eq!(world.status("urgent"), "cancelled");
    world.accept("w");
    world.simple_job("next");
    assert_eq!(
        world.status("next"),
        "queued",
        "an assigned job is not ahead"
    );
}

// R99
#[test]
fn the_queue_is_measured_however_a_job_gets_there() {
    let mut world = with_rules(json!([length_rule("full", 1, json!([]))]));
    world.simple_worker("w");
    world.simple_job("first");
    world.accept("w");
    world.simple_job("second");
    assert_eq!(fired(&world, "full"), 0);
    world.unassign("first", UnassignOptions::default());
    assert_eq!(fired(&world, "full"), 1, "unassigned");
    world.job("third", elsewhere());
    world.job("third", simple_job());
    assert_eq!(fired(&world, "full"), 2, "moved");
    let mut suspended = simple_job();
    suspended["matchingMode"] = json!({"kind": "suspend"});
    world.job("fourth", suspended);
    assert_eq!(fired(&world, "full"), 2, "not queued yet");
    world.job("fourth", json!({"matchingMode": {"kind": "queueAndMatch"}}));
    assert_eq!(fired(&world, "full"), 3, "activated");
    world.job("fourth", json!({"priority": 7, "labels": {"a": 1}}));
    assert_eq!(fired(&world, "full"), 3, "changed in its place");
}

// R99: a job that is to go elsewhere is offered to nobody here.
#[test]
fn a_job_is_moved_before_it_is_offered() {
    let mut world = with_rules(json!([length_rule("full", 1, move_to("other"))]));
    world.job("voice", json!({"channelId": "voice", "queueId": "q"}));
    world.simple_worker("w");
    let mut elsewhere = simple_worker();
    elsewhere["queues"] = json!(["other"]);
    world.worker("x", elsewhere);
    world.simple_job("j");
    assert!(world.offered("w").is_empty());
    assert_eq!(world.offered("x"), ["j"]);
}

// R100
#[test]
fn a_wait_rule_fires_once_when_the_job_has_waited_so_long() {
    let mut world = with_rules(json!([wait_rule("late", 10.0, json!([]))]));
    world.simple_job("j");
    assert_eq!(world.due_soon(), Some(at("2024-01-01T12:00:10Z")));
    world.wait(9.9999999);
    assert_eq!(fired(&world, "late"), 0);
    world.wait(0.0000001);
    assert_eq!(fired(&world, "late"), 1);
    assert_eq!(world.due_soon(), None);
    world.wait(1_000.0);
    assert_eq!(fired(&world, "late"), 1);
    assert_eq!(world.status("j"), "queued");
}

// R100
#[test]
fn rules_fire_in_the_order_of_their_times_and_then_of_the_jobs_and_the_policy() {
    let rules = json!([
        wait_rule("twenty", 20.0, json!([])),
        wait_rule("ten", 10.0, json!([])),
        wait_rule("ten too", 10.0, json!([])),
    ]);
    let mut world = with_rules(rules);
    world.simple_job("a");
    world.simple_job("b");
    world.wait(10.0);
    world.simple_job("c");
    world.wait(60.0);
    let subjects: Vec<_> = world
        .events
        .iter()
        .filter(|event| event.kind == EventKind::RouterJobExceptionTriggered)
        .map(|event| event.subject.replace("/channel/chat/exceptionrule", ""))
        .collect();
    assert_eq!(
        subjects,
        [
            "job/a/ten",
            "job/b/ten",
            "job/a/ten too",
            "job/b/ten too",
            "job/a/twenty",
            "job/b/twenty",
            "job/c/ten",
            "job/c/ten too",
            "job/c/twenty",
        ]
    );
}

// R100
#[test]
fn a_job_that_leaves_the_queue_has_no_deadline_left() {
    let mut world = with_rules(json!([wait_rule("late", 10.0, cancel())]));
    world.simple_worker("w");
    world.simple_job("accepted");
    world.simple_job("cancelled");
    world.simple_job("moved");
    world.accept("w");
    world.cancel("cancelled");
    assert_eq!(world.due_soon(), Some(at("2024-01-01T12:00:10Z")));
    world.job("moved", elsewhere());
    assert_eq!(world.due_soon(), None);
    world.wait(100.0);
    assert_eq!(fired(&world, "late"), 0);
}

// R100, R87: the wait counts from `enqueuedAt`, which an unassigned job keeps.
#[test]
fn an_unassigned_job_that_has_waited_long_enough_fires_when_it_is_queued_again() {
    let mut world = with_rules(json!([wait_rule("late", 10.0, json!([]))]));
    world.simple_worker("w");
    world.simple_job("j");
    world.accept("w");
    world.wait(30.0);
    assert_eq!(fired(&world, "late"), 0);
    world.unassign("j", UnassignOptions::default());
    assert_eq!(fired(&world, "late"), 1);
    world.accept("w");
    world.unassign("j", UnassignOptions::default());
    assert_eq!(fired(&world, "late"), 2, "once for each stay");
}

// R100
#[test]
fn a_policy_applies_to_the_jobs_that_wait_already_when_the_queue_gets_it() {
    let mut world = World::with_queue();
    world.simple_job("old");
    world.wait(30.0);
    world.simple_job("new");
    let rules = json!([
        length_rule("full", 1, cancel()),
        wait_rule("late", 10.0, json!([]))
    ]);
    world.exception_policy("e", json!({ "exceptionRules": rules }));
    world.queue("q", json!({"exceptionPolicyId": "e"}));
    assert_eq!(fired(&world, "late"), 1, "the old one is late already");
    assert_eq!(fired(&world, "full"), 0, "nobody came");
    assert_eq!(world.due_soon(), Some(at("2024-01-01T12:00:40Z")));
    world.queue("q", json!({"exceptionPolicyId": null}));
    assert_eq!(world.due_soon(), None);
    world.wait(20.0);
    assert_eq!(fired(&world, "late"), 1);
    world.queue("q", json!({"exceptionPolicyId": "e"}));
    assert_eq!(
        fired(&world, "late"),
        3,
        "a policy that comes again starts anew"
    );
}

// R100
#[test]
fn a_changed_policy_applies_to_the_jobs_that_wait_and_repeats_no_rule() {
    let mut world = with_rules(json!([wait_rule("late", 10.0, json!([]))]));
    world.simple_job("j");
    world.wait(20.0);
    assert_eq!(fired(&world, "late"), 1);
    let rules = json!([
        wait_rule("late", 15.0, json!([])),
        wait_rule("later", 20.0, json!([])),
        wait_rule("latest", 30.0, json!([])),
    ]);
    world.exception_policy("e", json!({ "exceptionRules": rules }));
    assert_eq!(fired(&world, "late"), 1);
    assert_eq!(fired(&world, "later"), 1);
    assert_eq!(world.due_soon(), Some(at("2024-01-01T12:00:30Z")));
    world.exception_policy("e", json!({"exceptionRules": []}));
    assert_eq!(world.due_soon(), None);
}

// R101, R88, R102, R130
#[test]
fn cancel_ends_the_job_with_note_and_code_and_takes_its_offers_back() {
    let action = json!([{"kind": "cancel", "note": "too late", "dispositionCode": "Late"}]);
    let mut world = with_rules(json!([wait_rule("late", 10.0, action)]));
    world.simple_worker("w");
    world.job("j", json!({"channelId": "chat", "queueId": "q", "channelReference": "call", "labels": {"a": 1}}));
    let seen = world.events.len();
    world.wait(10.0);
    assert_eq!(
        world.told_since(seen),
        [
            (
                EventKind::RouterJobExceptionTriggered,
                "job/j/channel/chat/exceptionrule/late"
            ),
            (
                EventKind::RouterJobCancelled,
                "job/j/channel/chat/disposition/Late"
            ),
            (EventKind::RouterWorkerOfferRevoked, "worker/w/job/j"),
        ]
    );
    assert_eq!(
        world.latest(EventKind::RouterJobExceptionTriggered),
        json!({
            "jobId": "j", "channelReference": "call", "channelId": "chat", "queueId": "q",
            "labels": {"a": 1}, "tags": {}, "ruleKey": "late", "exceptionRuleId": "late",
        })
    );
    let job = world.read_job("j");
    assert_eq!(job["status"], "cancelled");
    assert_eq!(job["dispositionCode"], "Late");
    assert_eq!(job["notes"][0]["message"], "too late");
    assert_eq!(job["notes"][0]["addedAt"], "2024-01-01T12:00:10+00:00");
    let rule = json!([wait_rule("late", 10.0, cancel())]);
    world.exception_policy("e", json!({ "exceptionRules": rule }));
    world.simple_job("plain");
    world.wait(10.0);
    assert_eq!(world.read_job("plain")["dispositionCode"], "Cancelled");
}

// R101, R102, R130, R82
#[test]
fn a_move_takes_offers_back_keeps_the_time_of_queueing_and_is_told() {
    let mut world = with_rules(json!([wait_rule("late", 10.0, move_to("other"))]));
    world.simple_worker("w");
    world.simple_job("j");
    let seen = world.events.len();
    let version = world.read_job("j")["etag"].clone();
    world.wait(10.0);
    assert_eq!(
        world.told_since(seen),
        [
            (
                EventKind::RouterJobExceptionTriggered,
                "job/j/channel/chat/exceptionrule/late"
            ),
            (EventKind::RouterWorkerOfferRevoked, "worker/w/job/j"),
            (EventKind::RouterJobQueued, "job/j/channel/chat/queue/other"),
        ]
    );
    let job = world.read_job("j");
    assert_eq!(job["queueId"], "other");
    assert_eq!(job["enqueuedAt"], "2024-01-01T12:00:00+00:00");
    assert_ne!(job["etag"], version);
}

// R101
#[test]
fn a_manual_reclassification_sets_what_it_names_and_keeps_the_rest() {
    let level = |operator: &str, value: i32| json!({"key": "Level", "labelOperator": operator, "value": value});
    let easier =
        json!([{"kind": "manualReclassify", "workerSelectors": [level("greaterThan", 2)]}]);
    let urgent = json!([{"kind": "manualReclassify", "priority": 100}]);
    let rules = json!([
        wait_rule("easier", 10.0, easier),
        wait_rule("urgent", 20.0, urgent)
    ]);
    let mut world = with_rules(rules);
    let mut worker = simple_worker();
    worker["labels"] = json!({"Level": 3});
    world.worker("w", worker);
    let mut job = simple_job();
    job["requestedWorkerSelectors"] = json!([
        level("greaterThan", 7),
        {"key": "Team", "labelOperator": "equal", "value": "blue"},
    ]);
    world.job("j", job);
    world.wait(10.0);
    let requested = &world.read_job("j")["requestedWorkerSelectors"];
    assert_eq!(
        requested.as_array().map(Vec::len),
        Some(1),
        "a list replaces a list"
    );
    assert_eq!(requested[0]["value"], 2);
    assert_eq!(world.offered("w"), ["j"]);
    let seen = world.events.len();
    world.wait(10.0);
    assert_eq!(
        world.kinds_since(seen),
        [
            EventKind::RouterJobExceptionTriggered,
            EventKind::RouterJobQueued
        ]
    );
    let job = world.read_job("j");
    assert_eq!(job["priority"], 100);
    assert_eq!(job["requestedWorkerSelectors"][0]["value"], 2);
    assert_eq!(job["queueId"], "q");
    assert_eq!(world.offered("w"), ["j"], "the offer still fits");
}

// R101
#[test]
fn a_reclassification_sets_labels_first() {
    let action = json!([{"kind": "reclassify", "labelsToUpsert": {"Escalated": true, "Tier": 2}}]);
    let mut world = with_rules(json!([wait_rule("late", 10.0, action)]));
    let mut job = simple_job();
    job["labels"] = json!({"Tier": 1, "Topic": "bill"});
    world.job("j", job);
    world.wait(10.0);
    assert_eq!(
        world.read_job("j")["labels"],
        json!({"Escalated": true, "Tier": 2, "Topic": "bill"})
    );
}

// R101
#[test]
fn the_actions_of_a_rule_run_in_order_until_one_ends_the_job() {
    let actions = json!([
        {"kind": "manualReclassify", "priority": 9},
        {"kind": "reclassify", "labelsToUpsert": {"Step": 2}},
        {"kind": "cancel"},
        {"kind": "manualReclassify", "priority": 10},
    ]);
    let mut world = with_rules(json!([wait_rule("late", 10.0, actions)]));
    world.simple_job("j");
    let seen = world.events.len();
    world.wait(10.0);
    assert_eq!(
        world.kinds_since(seen),
        [
            EventKind::RouterJobExceptionTriggered,
            EventKind::RouterJobQueued,
            EventKind::RouterJobCancelled,
        ]
    );
    let job = world.read_job("j");
    assert_eq!(
        (&job["priority"], &job["labels"]["Step"]),
        (&json!(9), &json!(2))
    );
}

// R80, R101: what a worker declined, it stays excluded from when the job comes back.
#[test]
fn a_decline_holds_across_a_move() {
    let mut world = with_rules(json!([wait_rule("late", 10.0, move_to("other"))]));
    let mut worker = simple_worker();
    worker["queues"] = json!(["q", "other"]);
    world.worker("w", worker);
    world.simple_job("j");
    world.decline("w", DeclineOptions::default());
    world.wait(10.0);
    assert_eq!(world.read_job("j")["queueId"], "other");
    assert!(world.offered("w").is_empty());
}
