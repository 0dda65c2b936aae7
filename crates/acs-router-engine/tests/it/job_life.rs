//! Jobs from creation to closing.

use acs_router_engine::{CancelOptions, CloseOptions, Command, CompleteOptions, RefusalKind};
use serde_json::json;

use crate::world::{World, at, cancel_job, close_job, complete_job, simple_job, text, upsert_job};

// R42, R49, R54, R58, R76, R77, R84: the steps of the quickstart.
#[test]
fn a_job_is_created_queued_offered_accepted_completed_and_closed() {
    let mut world = World::with_queue();
    let created = world.job(
        "job-1",
        json!({
            "channelId": "voice",
            "queueId": "q",
            "priority": 1,
            "requestedWorkerSelectors": [{"key": "Some-Skill", "labelOperator": "greaterThan", "value": 10}],
        }),
    );
    assert_eq!(created["status"], "created");
    assert_eq!(created.get("enqueuedAt"), None);
    let queued = world.read_job("job-1");
    assert_eq!(queued["status"], "queued");
    assert_eq!(queued["enqueuedAt"], "2024-01-01T12:00:00+00:00");
    assert_ne!(queued["etag"], created["etag"]);

    world.wait(1.0);
    let registered = world.worker(
        "worker-1",
        json!({
            "capacity": 1,
            "queues": ["q"],
            "labels": {"Some-Skill": 11},
            "channels": [{"channelId": "voice", "capacityCostPerJob": 1}],
            "availableForOffers": true,
        }),
    );
    assert_eq!(
        registered["offers"],
        json!([]),
        "the answer comes before the offer"
    );
    let worker = world.read_worker("worker-1");
    let offer = &worker["offers"][0];
    assert_eq!(offer["jobId"], "job-1");
    assert_eq!(offer["capacityCost"], 1);
    assert_eq!(offer["offeredAt"], "2024-01-01T12:00:01+00:00");
    assert_eq!(offer["expiresAt"], "2024-01-01T12:01:01+00:00");
    assert_eq!(worker["loadRatio"], 1);

    world.wait(1.0);
    let accepted = world.accept("worker-1");
    assert_eq!(
        (&*accepted.job_id, &*accepted.worker_id),
        ("job-1", "worker-1")
    );
    let assignment_id = accepted.assignment_id.to_string();
    let worker = world.read_worker("worker-1");
    assert_eq!(worker["offers"], json!([]));
    assert_eq!(
        worker["assignedJobs"],
        json!([{
            "assignmentId": assignment_id,
            "jobId": "job-1",
            "capacityCost": 1,
            "assignedAt": "2024-01-01T12:00:02+00:00",
        }])
    );
    let job = world.read_job("job-1");
    assert_eq!(job["status"], "assigned");
    assert_eq!(job["assignments"][&assignment_id]["workerId"], "worker-1");

    world.wait(1.0);
    world.complete("job-1");
    assert_eq!(world.status("job-1"), "completed");
    assert_eq!(
        world.read_worker("worker-1")["loadRatio"],
        1,
        "capacity is held until closing"
    );

    world.wait(1.0);
    world.close("job-1");
    let job = world.read_job("job-1");
    assert_eq!(job["status"], "closed");
    assert_eq!(job["dispositionCode"], "Closed");
    assert_eq!(
        job["assignments"][&assignment_id],
        json!({
            "assignmentId": assignment_id,
            "workerId": "worker-1",
            "assignedAt": "2024-01-01T12:00:02+00:00",
            "completedAt": "2024-01-01T12:00:03+00:00",
            "closedAt": "2024-01-01T12:00:04+00:00",
        })
    );
    let worker = world.read_worker("worker-1");
    assert_eq!(
        (&worker["assignedJobs"], &worker["loadRatio"]),
        (&json!([]), &json!(0))
    );
}

// R6, R54, R34: jobs have no `Id` label.
#[test]
fn a_new_job_is_answered_with_all_its_defaults() {
    let mut world = World::with_queue();
    let mut job = world.simple_job("j");
    let etag = job
        .as_object_mut()
        .and_then(|job| job.remove("etag"))
        .expect("an etag");
    assert!(text(&etag).starts_with("\"00000001-0000-0000-"), "{etag}");
    assert_eq!(
        job,
        json!({
            "id": "j",
            "status": "created",
            "channelId": "chat",
            "queueId": "q",
            "priority": 1,
            "requestedWorkerSelectors": [],
            "attachedWorkerSelectors": [],
            "labels": {},
            "assignments": {},
            "tags": {},
            "notes": [],
            "matchingMode": {"kind": "queueAndMatch"},
        })
    );
}

fn assigned_job(world: &mut World) -> String {
    world.simple_worker("w");
    world.simple_job("j");
    world.accept("w").assignment_id.to_string()
}

// R85
#[test]
fn a_job_closed_for_later_keeps_its_capacity_until_then() {
    let mut world = World::with_queue();
    assigned_job(&mut world);
    world.complete("j");
    let close_at = Some(at("2024-01-01T14:00:02+02:00"));
    world.close_with(
        "j",
        CloseOptions {
            close_at,
            disposition_code: Some("solved".to_owned()),
            note: None,
        },
    );
    assert_eq!(world.due_soon(), close_at);
    assert_eq!(world.status("j"), "completed");
    world.simple_job("next");
    assert_eq!(world.offered("w"), Vec::<String>::new());

    world.wait(1.9);
    assert_eq!(world.status("j"), "completed");
    world.wait(0.2);
    let job = world.read_job("j");
    assert_eq!(job["status"], "closed");
    assert_eq!(job["dispositionCode"], "solved");
    let assignment = world.assignment_of("j");
    assert_eq!(
        job["assignments"][assignment]["closedAt"],
        "2024-01-01T12:00:02+00:00"
    );
    assert_eq!(world.offered("w"), ["next"]);
}

// R85: 0001-01-01 is what one of the SDKs sends for no time at all.
#[test]
fn a_close_time_in_the_past_closes_at_once() {
    let mut world = World::with_queue();
    assigned_job(&mut world);
    world.complete("j");
    let close_at = Some(at("0001-01-01T00:00:00Z"));
    world.close_with(
        "j",
        CloseOptions {
            close_at,
            ..CloseOptions::default()
        },
    );
    assert_eq!(world.status("j"), "closed");
    assert_eq!(world.due_soon(), None);
}

// R85, O9
#[test]
fn closing_again_closes_a_waiting_job_at_once_and_a_closed_one_not_again() {
    let mut world = World::with_queue();
    let assignment = assigned_job(&mut world);
    world.complete("j");
    let later = CloseOptions {
        close_at: Some(at("2024-01-02T00:00:00Z")),
        ..CloseOptions::default()
    };
    world.close_with("j", later);
    world.close("j");
    assert_eq!(world.status("j"), "closed");
    assert_eq!(world.due_soon(), None);

    let seen = world.events.len();
    let before = world.read_job("j");
    let again = world.apply(close_job("j", &assignment, CloseOptions::default()));
    assert!(again.answer.is_ok() && again.changes.is_empty());
    assert_eq!(world.read_job("j"), before);
    assert_eq!(world.kinds_since(seen), []);
}

// R83
#[test]
fn completing_and_closing_need_the_right_status_and_assignment() {
    let mut world = World::with_queue();
    let assignment = assigned_job(&mut world);
    let close = |assignment: &str| close_job("j", assignment, CloseOptions::default());
    world.assert_refused(close(&assignment), RefusalKind::Conflict);
    for unknown in ["", "nonsense", "00000000-0000-4000-8000-000000000000"] {
        world.assert_refused(complete_job("j", unknown), RefusalKind::NotFound);
        world.assert_refused(close(unknown), RefusalKind::NotFound);
    }
    world.assert_refused(complete_job("other", &assignment), RefusalKind::NotFound);
    world.complete("j");
    let refusal = world.assert_refused(complete_job("j", &assignment), RefusalKind::Conflict);
    assert_eq!(
        refusal.message,
        "Validation failed: \r\n -- JobStatus: The job is completed; only an assigned job can be completed"
    );
}

// R55, R58
#[test]
fn an_outcome_set_before_closing_is_kept_unless_closing_names_another() {
    let mut world = World::with_queue();
    assigned_job(&mut world);
    world.job("j", json!({"dispositionCode": "escalated"}));
    world.complete("j");
    world.close("j");
    assert_eq!(world.read_job("j")["dispositionCode"], "escalated");
}

// R60
#[test]
fn notes_of_actions_are_added_in_the_order_of_time() {
    let mut world = World::with_queue();
    let assignment = assigned_job(&mut world);
    world.job("j", json!({"notes": [{"message": "late", "addedAt": "2024-01-01T12:00:30Z"}, {"message": "now"}]}));
    world.wait(10.0);
    world
        .run(Command::CompleteJob {
            job_id: "j".to_owned(),
            assignment_id: assignment,
            options: CompleteOptions {
                note: Some("done".to_owned()),
            },
        })
        .expect("completed");
    world.wait(40.0);
    world.close_with(
        "j",
        CloseOptions {
            note: Some("closed".to_owned()),
            ..CloseOptions::default()
        },
    );
    assert_eq!(
        world.read_job("j")["notes"],
        json!([
            {"message": "now", "addedAt": "2024-01-01T12:00:00+00:00"},
            {"message": "done", "addedAt": "2024-01-01T12:00:10+00:00"},
            {"message": "late", "addedAt": "2024-01-01T12:00:30+00:00"},
            {"message": "closed", "addedAt": "2024-01-01T12:00:50+00:00"},
        ])
    );
}

// R88
#[test]
fn cancelling_a_queued_job_revokes_its_offers() {
    let mut world = World::with_queue();
    world.simple_worker("w");
    world.simple_job("j");
    assert_eq!(world.offered("w"), ["j"]);
    world
        .run(Command::CancelJob {
            job_id: "j".to_owned(),
            options: CancelOptions {
                disposition_code: Some("spam".to_owned()),
                note: Some("n".to_owned()),
            },
        })
        .expect("cancelled");
    let job = world.read_job("j");
    assert_eq!(
        (&job["status"], &job["dispositionCode"]),
        (&json!("cancelled"), &json!("spam"))
    );
    assert_eq!(job["notes"][0]["message"], "n");
    assert_eq!(world.offered("w"), Vec::<String>::new());
    assert_eq!(world.due_soon(), None, "nothing is left to expire");
    world.assert_refused(cancel_job("j"), RefusalKind::Conflict);
    world.assert_refused(cancel_job("other"), RefusalKind::NotFound);
}

// R88
#[test]
fn cancelling_an_assigned_job_frees_its_worker_and_a_completed_one_cannot_be_cancelled() {
    let mut world = World::with_queue();
    assigned_job(&mut world);
    world.simple_job("next");
    world.cancel("j");
    assert_eq!(world.read_job("j")["dispositionCode"], "Cancelled");
    assert_eq!(world.offered("w"), ["next"]);
    world.accept("w");
    world.complete("next");
    world.assert_refused(cancel_job("next"), RefusalKind::Conflict);
}

// R90, O4
#[test]
fn only_a_finished_job_can_be_deleted() {
    let mut world = World::with_queue();
    let delete = || Command::DeleteJob { id: "j".to_owned() };
    world.simple_job("j");
    let refusal = world.assert_refused(delete(), RefusalKind::Conflict);
    assert_eq!(
        refusal.message,
        "Validation failed: \r\n -- JobStatus: The job is neither closed nor cancelled"
    );
    world.simple_worker("w");
    world.accept("w");
    world.assert_refused(delete(), RefusalKind::Conflict);
    world.complete("j");
    world.assert_refused(delete(), RefusalKind::Conflict);
    world.close("j");
    world.run(delete()).expect("deleted");
    assert_eq!(
        world.engine.job("j").expect_err("gone").kind,
        RefusalKind::NotFound
    );
    world.run(delete()).expect("deleting again is no error");
}

// R52, R53
#[test]
fn a_suspended_job_waits_until_it_is_told_to_match() {
    let mut world = World::with_queue();
    world.simple_worker("w");
    let mut job = simple_job();
    job["matchingMode"] = json!({"kind": "suspend"});
    assert_eq!(world.job("j", job)["status"], "waitingForActivation");
    assert_eq!(world.offered("w"), Vec::<String>::new());
    world.wait(5.0);
    let activated = world.job("j", json!({"matchingMode": {"kind": "queueAndMatch"}}));
    assert_eq!(activated["status"], "queued");
    assert_eq!(activated["enqueuedAt"], "2024-01-01T12:00:05+00:00");
    assert_eq!(world.offered("w"), ["j"]);
}

// R51, R53
#[test]
fn a_scheduled_job_waits_for_activation_from_its_time_on() {
    let mut world = World::with_queue();
    let mut job = simple_job();
    job["matchingMode"] =
        json!({"kind": "scheduleAndSuspend", "scheduleAt": "2024-01-01T13:00:10+01:00"});
    assert_eq!(world.job("j", job)["status"], "pendingSchedule");
    let scheduled = world.read_job("j");
    assert_eq!(
        (&scheduled["status"], scheduled.get("scheduledAt")),
        (&json!("scheduled"), None)
    );
    assert_eq!(
        scheduled["matchingMode"],
        json!({"kind": "scheduleAndSuspend", "scheduleAt": "2024-01-01T12:00:10+00:00"})
    );
    world.wait(11.0);
    let waiting = world.read_job("j");
    assert_eq!(waiting["status"], "waitingForActivation");
    assert_eq!(waiting["scheduledAt"], "2024-01-01T12:00:10+00:00");
    let activated = world.job("j", json!({"matchingMode": {"kind": "queueAndMatch"}}));
    assert_eq!(activated["status"], "queued");
    assert_eq!(activated["scheduledAt"], "2024-01-01T12:00:10+00:00");
}

#[test]
fn a_schedule_can_be_moved_dropped_and_set_again() {
    let mut world = World::with_queue();
    let mode = |mode: serde_json::Value| json!({"matchingMode": mode});
    let mut job = simple_job();
    job["matchingMode"] =
        json!({"kind": "scheduleAndSuspend", "scheduleAt": "2024-01-01T12:00:10Z"});
    world.job("j", job);
    world.job("j", mode(json!({"scheduleAt": "2024-01-01T12:00:20Z"})));
    assert_eq!(world.due_soon(), Some(at("2024-01-01T12:00:20Z")));
    assert_eq!(
        world.job("j", mode(json!({"kind": "suspend"})))["status"],
        "waitingForActivation"
    );
    assert_eq!(world.due_soon(), None);
    world.job(
        "j",
        mode(json!({"kind": "scheduleAndSuspend", "scheduleAt": "2024-01-01T12:00:30Z"})),
    );
    assert_eq!(world.status("j"), "scheduled");
    world.cancel("j");
    assert_eq!(world.due_soon(), None);
}

#[test]
fn a_queued_job_cannot_be_suspended() {
    let mut world = World::with_queue();
    world.simple_job("j");
    let suspend = upsert_job("j", json!({"matchingMode": {"kind": "suspend"}}));
    world.assert_refused(suspend, RefusalKind::Conflict);
}

// O8
#[test]
fn of_a_finished_job_only_remarks_can_be_changed() {
    let mut world = World::with_queue();
    world.simple_job("j");
    world.cancel("j");
    for patch in [
        json!({"priority": 5}),
        json!({"labels": {"a": 1}}),
        json!({"channelId": "voice"}),
    ] {
        world.assert_refused(upsert_job("j", patch), RefusalKind::Conflict);
    }
    let patch = json!({"tags": {"a": 1}, "notes": [{"message": "m"}], "dispositionCode": "d", "labels": {}});
    let changed = world.job("j", patch);
    assert_eq!(
        (&changed["tags"], &changed["dispositionCode"]),
        (&json!({"a": 1}), &json!("d"))
    );
    assert_eq!(changed["status"], "cancelled");
}

// R51
#[test]
fn a_schedule_in_the_past_has_come_already() {
    let mut world = World::with_queue();
    let mut job = simple_job();
    job["matchingMode"] =
        json!({"kind": "scheduleAndSuspend", "scheduleAt": "2023-01-01T00:00:00Z"});
    assert_eq!(world.job("j", job)["status"], "pendingSchedule");
    let waiting = world.read_job("j");
    assert_eq!(waiting["status"], "waitingForActivation");
    assert_eq!(waiting["scheduledAt"], "2024-01-01T12:00:00+00:00");
}
