//! Rules that send jobs from queue to queue come to an end, and each fires when it should: random worlds.

use std::collections::BTreeSet;

use acs_router_engine::{Event, EventKind, UnassignOptions};
use acs_types::Timestamp;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{Strategy, any, prop_oneof, proptest};
use serde_json::{Value, json};

use crate::exceptions::{cancel, length_rule, move_to, wait_rule};
use crate::random;
use crate::world::{World, accept_offer, cancel_job, simple_worker, unassign_job, upsert_job};

fn with_policies(policies: &[(&str, Value)]) -> World {
    let mut world = World::empty();
    world.policy("idle", json!({"mode": {"kind": "longestIdle"}}));
    for (queue, _) in policies {
        world.queue(queue, json!({"distributionPolicyId": "idle"}));
    }
    for (queue, rules) in policies {
        world.exception_policy(queue, json!({ "exceptionRules": rules }));
        world.queue(queue, json!({ "exceptionPolicyId": queue }));
    }
    world
}

fn job_in(queue: &str) -> Value {
    json!({"channelId": "chat", "queueId": queue})
}

// R103
#[test]
fn the_policy_of_the_next_queue_applies_after_a_move() {
    let mut world = with_policies(&[
        ("a", json!([wait_rule("late", 10.0, move_to("b"))])),
        (
            "b",
            json!([
                wait_rule("later", 10.0, move_to("c")),
                length_rule("full", 1, move_to("d"))
            ]),
        ),
        ("c", json!([wait_rule("latest", 30.0, cancel())])),
        ("d", json!([])),
    ]);
    world.job("first", job_in("a"));
    world.wait(10.0);
    assert_eq!(
        world.read_job("first")["queueId"],
        "c",
        "it had waited long enough for both rules"
    );
    world.wait(20.0);
    assert_eq!(world.status("first"), "cancelled");
    world.wait(5.0);
    world.job("resident", job_in("b"));
    world.job("second", job_in("a"));
    world.wait(5.0);
    world.job("third", job_in("b"));
    assert_eq!(world.read_job("third")["queueId"], "d", "b is full");
}

// R100, R103
#[test]
fn a_job_that_comes_late_is_sent_on_before_it_is_offered() {
    let mut world = with_policies(&[
        ("a", json!([wait_rule("late", 10.0, move_to("b"))])),
        ("b", json!([wait_rule("too late", 10.0, move_to("c"))])),
        ("c", json!([])),
    ]);
    let mut worker = simple_worker();
    worker["queues"] = json!(["b"]);
    world.worker("w", worker);
    world.job("j", job_in("a"));
    let seen = world.events.len();
    world.wait(10.0);
    assert_eq!(world.read_job("j")["queueId"], "c");
    let told = world.kinds_since(seen);
    assert!(
        !told.contains(&EventKind::RouterWorkerOfferIssued),
        "{told:?}"
    );
}

// R103
#[test]
fn rules_that_send_a_job_round_in_a_circle_stop_after_ten_moves() {
    let mut world = with_policies(&[
        ("a", json!([wait_rule("away", 10.0, move_to("b"))])),
        ("b", json!([wait_rule("back", 10.0, move_to("a"))])),
    ]);
    world.job("j", job_in("a"));
    let seen = world.events.len();
    world.wait(10.0);
    let kinds = world.kinds_since(seen);
    let count = |kind| kinds.iter().filter(|told| **told == kind).count();
    assert_eq!(count(EventKind::RouterJobQueued), 10);
    assert_eq!(count(EventKind::RouterJobExceptionTriggered), 11);
    assert_eq!(
        kinds.last(),
        Some(&EventKind::RouterJobExceptionTriggered),
        "the rule that would move it once more is told and does nothing"
    );
    assert_eq!(world.read_job("j")["queueId"], "a");
    let seen = world.events.len();
    world.wait(1_000.0);
    assert!(world.kinds_since(seen).is_empty());
}

// R103
#[test]
fn a_job_that_circled_can_still_be_cancelled_and_moved_later() {
    let mut world = with_policies(&[
        (
            "a",
            json!([
                wait_rule("away", 10.0, move_to("b")),
                wait_rule("end", 20.0, move_to("c"))
            ]),
        ),
        ("b", json!([wait_rule("back", 10.0, move_to("a"))])),
        ("c", json!([wait_rule("stop", 20.0, cancel())])),
    ]);
    world.job("j", job_in("a"));
    world.wait(10.0);
    assert_eq!(world.read_job("j")["queueId"], "a");
    world.wait(10.0);
    assert_eq!(world.status("j"), "cancelled");
}

#[derive(Clone, Debug)]
enum Step {
    Wait(u8),
    Job(u8, u8),
    Accept,
    Unassign(u8),
    Cancel(u8),
    Attach(u8, Option<u8>),
    Policy(u8, Vec<Rule>),
}

#[derive(Clone, Debug)]
struct Rule {
    by_length: bool,
    threshold: u8,
    /// Cancels without a queue.
    queue: Option<u8>,
}

impl Rule {
    fn json(&self, number: usize) -> Value {
        let actions = match self.queue {
            None => cancel(),
            Some(3) => json!([]),
            Some(queue) => move_to(&format!("q{queue}")),
        };
        let id = format!("r{number}");
        if self.by_length {
            length_rule(&id, self.threshold.into(), actions)
        } else {
            wait_rule(&id, self.threshold.into(), actions)
        }
    }
}

fn rules() -> impl Strategy<Value = Vec<Rule>> {
    let rule = (any::<bool>(), 1_u8..6, option::weighted(0.8, 0_u8..4));
    let rule = rule.prop_map(|(by_length, threshold, queue)| Rule {
        by_length,
        threshold,
        queue,
    });
    vec(rule, 0..3)
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0_u8..4).prop_map(Step::Wait),
        8 => (0_u8..8, 0_u8..3).prop_map(|(job, queue)| Step::Job(job, queue)),
        1 => proptest::strategy::Just(Step::Accept),
        2 => (0_u8..8).prop_map(Step::Unassign),
        1 => (0_u8..8).prop_map(Step::Cancel),
        2 => (0_u8..3, option::of(0_u8..3)).prop_map(|(queue, policy)| Step::Attach(queue, policy)),
        2 => (0_u8..3, rules()).prop_map(|(policy, rules)| Step::Policy(policy, rules)),
    ]
}

fn take(world: &mut World, step: &Step) {
    match step {
        Step::Wait(seconds) => world.wait(f64::from(*seconds)),
        Step::Job(job, queue) => {
            // Refused if the job has ended.
            let _ = world.run(upsert_job(&format!("j{job}"), job_in(&format!("q{queue}"))));
        }
        Step::Accept => {
            let worker = world.read_worker("w");
            if let Some(offer) = worker["offers"][0]["offerId"].as_str() {
                world.run(accept_offer("w", offer)).expect("an open offer");
            }
        }
        Step::Unassign(job) => {
            let job = format!("j{job}");
            if world.engine.job(&job).is_ok() && world.status(&job) == "assigned" {
                let assignment = world.assignment_of(&job);
                let options = UnassignOptions::default();
                world
                    .run(unassign_job(&job, &assignment, options))
                    .expect("unassigned");
            }
        }
        Step::Cancel(job) => drop(world.run(cancel_job(&format!("j{job}")))),
        Step::Attach(queue, policy) => {
            let policy = policy.map(|policy| format!("e{policy}"));
            world.queue(&format!("q{queue}"), json!({ "exceptionPolicyId": policy }));
        }
        Step::Policy(policy, rules) => {
            let rules = rules
                .iter()
                .enumerate()
                .map(|(number, rule)| rule.json(number));
            let rules: Vec<_> = rules.collect();
            world.exception_policy(&format!("e{policy}"), json!({ "exceptionRules": rules }));
        }
    }
}

fn random_world() -> World {
    let mut world = World::empty();
    world.policy("idle", json!({"mode": {"kind": "longestIdle"}}));
    for number in 0..3 {
        world.exception_policy(&format!("e{number}"), json!({}));
        world.queue(
            &format!("q{number}"),
            json!({"distributionPolicyId": "idle"}),
        );
    }
    let mut worker = simple_worker();
    worker["queues"] = json!(["q0", "q1"]);
    world.worker("w", worker);
    world
}

/// The rules that a queue's policy has, if any.
fn rules_of(world: &World, queue: &str) -> Vec<Value> {
    let queue = json!(world.engine.queue(queue).expect("a queue"));
    let policy = queue["exceptionPolicyId"].as_str();
    let policy = policy.map(|id| json!(world.engine.exception_policy(id).expect("a policy")));
    let rules = policy.and_then(|policy| policy["exceptionRules"].as_array().cloned());
    rules.unwrap_or_default()
}

/// A queue got another policy, after so many events: each rule may fire anew for the jobs in it.
struct Attachment {
    seen: usize,
    queue: String,
}

/// Which rules have fired for a job in the stay that goes on.
fn fired_in_stay(events: &[Event], job: &str, attachments: &[Attachment]) -> Vec<String> {
    let mut fired = Vec::new();
    let mut queue = Value::Null;
    for (seen, event) in events.iter().enumerate() {
        let is_new =
            |attachment: &Attachment| attachment.seen == seen && queue == *attachment.queue;
        if attachments.iter().any(is_new) {
            fired.clear();
        }
        let data = json!(event.data);
        if data["jobId"] != job {
            continue;
        }
        match event.kind {
            EventKind::RouterJobUnassigned => queue = Value::Null,
            EventKind::RouterJobQueued if data["queueId"] != queue => {
                queue = data["queueId"].clone();
                fired.clear();
            }
            EventKind::RouterJobExceptionTriggered => {
                fired.push(data["ruleKey"].as_str().expect("a rule").to_owned());
            }
            _ => {}
        }
    }
    fired
}

/// No rule has fired twice for a job that is queued, and every wait rule has if the job has waited long enough.
fn assert_rules_have_fired(world: &World, job: &str, attachments: &[Attachment]) {
    let read = world.read_job(job);
    let queue = read["queueId"].as_str().expect("a queue");
    if read["status"] != "queued" {
        return;
    }
    let enqueued_at = Timestamp::parse(read["enqueuedAt"].as_str().expect("queued"));
    let waited = world.now.duration_since(enqueued_at.expect("a time"));
    let fired = fired_in_stay(&world.events, job, attachments);
    let different: BTreeSet<_> = fired.iter().collect();
    assert_eq!(
        different.len(),
        fired.len(),
        "a rule fired twice in a stay: {fired:?}"
    );
    for rule in rules_of(world, queue) {
        if let Some(threshold) = rule["trigger"]["thresholdSeconds"].as_f64()
            && threshold <= waited.as_secs_f64()
        {
            let id = rule["id"].as_str().expect("an id").to_owned();
            assert!(
                fired.contains(&id),
                "{id} has not fired for {job} in {queue}"
            );
        }
    }
}

proptest! {
    #![proptest_config(random(150))]

    // R99, R100, R103
    #[test]
    fn every_rule_fires_when_it_is_due_and_every_circle_ends(steps in vec(step(), 1..60)) {
        let mut world = random_world();
        let mut attachments = Vec::new();
        for step in &steps {
            if let Step::Attach(queue, policy) = step {
                let queue = format!("q{queue}");
                let before = json!(world.engine.queue(&queue).expect("a queue"));
                let policy = policy.map(|policy| format!("e{policy}"));
                if before["exceptionPolicyId"].as_str() != policy.as_deref() {
                    let seen = world.events.len();
                    attachments.push(Attachment { seen, queue });
                }
            }
            take(&mut world, step);
            for job in (0..8).map(|job| format!("j{job}")) {
                if world.engine.job(&job).is_ok() {
                    assert_rules_have_fired(&world, &job, &attachments);
                }
            }
            assert!(world.engine.next_deadline().is_none_or(|next| next > world.now));
        }
    }
}
