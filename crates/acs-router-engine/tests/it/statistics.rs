//! Statistics of queues and positions of jobs.

use acs_router_engine::{RefusalKind, UnassignOptions};
use serde_json::{Value, json};

use crate::world::{World, at, simple_job};

impl World {
    fn statistics(&self) -> Value {
        json!(
            self.engine
                .queue_statistics("q", self.now)
                .expect("a queue")
        )
    }

    fn position(&self, job: &str) -> Value {
        json!(self.engine.job_position(job).expect("a position"))
    }

    fn prioritised(&mut self, id: &str, priority: i32) {
        let mut job = simple_job();
        job["priority"] = json!(priority);
        self.job(id, job);
    }

    /// Has the worker `w` accept a job 90 seconds after it was queued.
    fn one_long_wait(&mut self) {
        self.simple_job("first");
        self.wait(90.0);
        self.simple_worker("w");
        self.accept("w");
    }
}

// R104
#[test]
fn statistics_of_an_empty_queue_are_its_id_and_length() {
    let mut world = World::with_queue();
    world.one_long_wait();
    assert_eq!(world.statistics(), json!({"queueId": "q", "length": 0}));
}

// R104, O13
#[test]
fn waits_are_estimated_for_a_new_job_of_each_waiting_priority() {
    let mut world = World::with_queue();
    world.one_long_wait();
    world.prioritised("a", 1);
    world.wait(30.0);
    world.prioritised("b", 5);
    world.prioritised("c", 1);
    // A new job of priority 5 is second, one of priority 1 is fourth: 3 and 6 minutes.
    assert_eq!(
        world.statistics(),
        json!({
            "queueId": "q", "length": 3,
            "estimatedWaitTimeMinutes": {"1": 6, "5": 3}, "longestJobWaitTimeMinutes": 0.5,
        })
    );
}

// O13
#[test]
fn nothing_is_estimated_before_a_job_was_accepted() {
    let mut world = World::with_queue();
    world.simple_job("j");
    world.wait(60.0);
    assert_eq!(
        world.statistics(),
        json!({"queueId": "q", "length": 1, "longestJobWaitTimeMinutes": 1})
    );
    assert_eq!(
        world.position("j"),
        json!({"jobId": "j", "position": 1, "queueId": "q", "queueLength": 1})
    );
}

// R61, R68, R105
#[test]
fn positions_follow_the_order_in_which_jobs_are_served() {
    let mut world = World::with_queue();
    world.one_long_wait();
    world.prioritised("low", 0);
    world.wait(1.0);
    world.prioritised("high", 9);
    let mut job = simple_job();
    job["channelId"] = json!("voice");
    job["requestedWorkerSelectors"] =
        json!([{"key": "a", "labelOperator": "equal", "value": 1, "expedite": true}]);
    world.job("expedited", job);
    world.simple_job("normal");
    for (position, (job, minutes)) in [("expedited", 2), ("high", 3), ("normal", 5), ("low", 6)]
        .into_iter()
        .enumerate()
    {
        assert_eq!(
            world.position(job),
            json!({
                "jobId": job, "position": position + 1, "queueId": "q", "queueLength": 4,
                "estimatedWaitTimeMinutes": minutes,
            })
        );
    }
}

// R79
#[test]
fn an_offered_job_still_has_its_position() {
    let mut world = World::with_queue();
    world.simple_worker("w");
    world.simple_job("j");
    world.simple_job("next");
    assert_eq!(world.offered("w"), ["j"]);
    assert_eq!(world.position("j")["position"], 1);
    assert_eq!(world.position("next")["position"], 2);
    assert_eq!(world.statistics()["length"], 2);
}

// R104: also after it was unassigned.
#[test]
fn the_longest_wait_counts_from_the_first_queueing() {
    let mut world = World::with_queue();
    world.one_long_wait();
    world.wait(30.0);
    world.unassign("first", UnassignOptions::default());
    assert_eq!(world.statistics()["longestJobWaitTimeMinutes"], 2);
}

// O13
#[test]
fn the_time_a_job_was_assigned_is_no_wait() {
    let mut world = World::with_queue();
    world.one_long_wait();
    world.wait(3600.0);
    world.unassign("first", UnassignOptions::default());
    world.accept("w");
    world.simple_job("j");
    assert_eq!(world.position("j")["estimatedWaitTimeMinutes"], 2);
}

// O6
#[test]
fn a_job_that_is_not_queued_has_no_position() {
    let mut world = World::with_queue();
    world.one_long_wait();
    let refusal = world.engine.job_position("first").expect_err("assigned");
    assert_eq!(refusal.kind, RefusalKind::BadRequest);
    assert_eq!(
        refusal.details[0].message,
        "the job is assigned; only a queued job has a position"
    );
    let unknown = world.engine.job_position("unknown").expect_err("none");
    assert_eq!(unknown.kind, RefusalKind::NotFound);
    let noon = at("2024-01-01T12:00:00Z");
    let unknown = world.engine.queue_statistics("unknown", noon);
    assert_eq!(unknown.expect_err("none").kind, RefusalKind::NotFound);
}
