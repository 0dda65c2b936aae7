//! Jobs taken from their workers: queued again, or waiting for the caller.

use acs_router_engine::{DeclineOptions, EventKind, RefusalKind, UnassignOptions};
use serde_json::json;

use crate::world::{World, simple_job, unassign_job};

const SUSPEND: UnassignOptions = UnassignOptions {
    suspend_matching: true,
};

/// With the job `j` assigned to the worker `w` since five seconds after it was queued.
fn assigned() -> World {
    let mut world = World::with_queue();
    world.simple_job("j");
    world.wait(5.0);
    world.simple_worker("w");
    world.accept("w");
    world
}

// R58, R87: the count has no limit.
#[test]
fn an_unassigned_job_is_queued_at_its_first_time_and_counted() {
    let mut world = assigned();
    for count in 1..=4 {
        let unassigned = world.unassign("j", UnassignOptions::default());
        assert_eq!(
            json!(unassigned),
            json!({"jobId": "j", "unassignmentCount": count})
        );
        let job = world.read_job("j");
        assert_eq!(job["status"], "queued");
        assert_eq!(job["enqueuedAt"], "2024-01-01T12:00:00+00:00");
        assert_eq!(job["assignments"], json!({}), "the old assignment is gone");
        assert_eq!(
            world.offered("w"),
            ["j"],
            "the same worker may get it again"
        );
        world.wait(1.0);
        world.accept("w");
    }
}

// R61, R87
#[test]
fn an_unassigned_job_goes_before_those_that_were_queued_after_it() {
    let mut world = assigned();
    world.wait(1.0);
    world.simple_job("younger");
    world.unassign("j", UnassignOptions::default());
    assert_eq!(world.offered("w"), ["j"]);
}

// R44, R87: a job that waits leaves the worker to others.
#[test]
fn an_unassigned_job_that_is_suspended_frees_its_worker_and_waits() {
    let mut world = assigned();
    world.simple_job("next");
    let unassigned = world.unassign("j", SUSPEND);
    assert_eq!(unassigned.unassignment_count, 1);
    let job = world.read_job("j");
    assert_eq!(job["status"], "waitingForActivation");
    assert_eq!(job["matchingMode"], json!({"kind": "suspend"}));
    assert_eq!(world.read_worker("w")["assignedJobs"], json!([]));
    assert_eq!(world.offered("w"), ["next"]);
}

// R53, R87
#[test]
fn a_job_suspended_when_it_was_unassigned_is_queued_at_its_first_time_when_activated() {
    let mut world = assigned();
    world.unassign("j", SUSPEND);
    world.wait(10.0);
    assert_eq!(world.offered("w"), Vec::<String>::new());
    let activated = world.job("j", json!({"matchingMode": {"kind": "queueAndMatch"}}));
    assert_eq!(activated["status"], "queued");
    assert_eq!(activated["enqueuedAt"], "2024-01-01T12:00:00+00:00");
    assert_eq!(world.offered("w"), ["j"]);
}

// R67, R87: the time counts from the first queueing, also while the job was assigned.
#[test]
fn selectors_whose_time_ran_out_during_the_assignment_do_not_count_afterwards() {
    let mut world = World::with_queue();
    let mut job = simple_job();
    job["requestedWorkerSelectors"] = json!([
        {"key": "Id", "labelOperator": "equal", "value": "w", "expiresAfterSeconds": 10}
    ]);
    world.job("j", job);
    world.simple_worker("w");
    world.accept("w");
    world.simple_worker("other");
    world.worker("w", json!({"availableForOffers": false}));
    world.wait(20.0);
    let active = &world.read_job("j")["requestedWorkerSelectors"][0]["status"];
    assert_eq!(active, "active", "nothing expires while it is assigned");
    world.unassign("j", UnassignOptions::default());
    let job = world.read_job("j");
    assert_eq!(job["requestedWorkerSelectors"][0]["status"], "expired");
    assert_eq!(world.offered("other"), ["j"]);
}

// R80, R87
#[test]
fn who_declined_a_job_does_not_get_it_when_it_is_unassigned() {
    let mut world = World::with_queue();
    world.simple_worker("decliner");
    world.simple_job("j");
    world.decline("decliner", DeclineOptions::default());
    world.simple_worker("w");
    world.accept("w");
    world.worker("w", json!({"availableForOffers": false}));
    world.unassign("j", UnassignOptions::default());
    assert_eq!(world.offered("decliner"), Vec::<String>::new());
    assert_eq!(world.state("w"), "inactive", "it drained");
}

// R83, R87
#[test]
fn only_the_open_assignment_of_an_assigned_job_can_be_unassigned() {
    let mut world = assigned();
    let assignment = world.assignment_of("j");
    let unassign = |job, assignment: &str| unassign_job(job, assignment, SUSPEND);
    world.assert_refused(unassign("other", &assignment), RefusalKind::NotFound);
    world.assert_refused(unassign("j", "nonsense"), RefusalKind::NotFound);
    world.complete("j");
    let refusal = world.assert_refused(unassign("j", &assignment), RefusalKind::Conflict);
    assert_eq!(
        refusal.message,
        "Validation failed: \r\n -- JobStatus: The job is completed; only an assigned job can be unassigned"
    );

    let mut world = assigned();
    let assignment = world.assignment_of("j");
    world.unassign("j", SUSPEND);
    world.assert_refused(unassign("j", &assignment), RefusalKind::NotFound);
}

// R108, R112, R128
#[test]
fn unassigning_is_told_before_the_queueing_that_follows_from_it() {
    let mut world = assigned();
    let subject = format!("job/j/channel/chat/assignment/{}", world.assignment_of("j"));
    let seen = world.events.len();
    world.unassign("j", UnassignOptions::default());
    assert_eq!(
        world.told_since(seen),
        [
            (EventKind::RouterJobUnassigned, &*subject),
            (EventKind::RouterJobQueued, "job/j/channel/chat/queue/q"),
            (EventKind::RouterWorkerOfferIssued, "worker/w/job/j"),
        ]
    );
    let assignment = subject.rsplit('/').next();
    assert_eq!(
        world.latest(EventKind::RouterJobUnassigned),
        json!({
            "jobId": "j", "channelReference": null, "channelId": "chat", "queueId": "q", "labels": {}, "tags": {},
            "assignmentId": assignment, "workerId": "w",
        })
    );
}

// R128
#[test]
fn nothing_but_the_unassignment_is_told_of_a_job_that_is_suspended() {
    let mut world = assigned();
    let seen = world.events.len();
    world.unassign("j", SUSPEND);
    assert_eq!(world.kinds_since(seen), [EventKind::RouterJobUnassigned]);
}
