//! Jobs on their way through the emulator: actions, the clock and the events.

use std::time::Duration;

use acs_emulator::{
    Clock, ClockError, Emulator, EventKind, EventStream, RouterEventKind, RunningEmulator,
};
use acs_types::Timestamp;
use serde_json::{Value, json};

use crate::caller::{Caller, start};

const START: &str = "2024-03-01T10:00:00Z";

async fn start_stopped() -> (RunningEmulator, Caller) {
    let at = Timestamp::parse(START).unwrap();
    let emulator = Emulator::builder()
        .clock(Clock::Manual(at))
        .start()
        .await
        .unwrap();
    let caller = Caller::new(emulator.endpoint());
    (emulator, caller)
}

fn happened(events: &mut EventStream) -> Vec<EventKind> {
    std::iter::from_fn(|| events.try_next())
        .map(|event| event.kind)
        .collect()
}

/// The id of the only offer of the worker `w`.
async fn only_offer(caller: &Caller) -> String {
    let worker = caller.get("workers/w").await.expect(200).body;
    let offers = worker["offers"].as_array().unwrap();
    assert_eq!(offers.len(), 1, "{worker:#}");
    offers[0]["offerId"].as_str().unwrap().to_owned()
}

async fn accept(caller: &Caller) -> String {
    let offer = only_offer(caller).await;
    let accepted = caller
        .post(&format!("workers/w/offers/{offer}:accept"))
        .await
        .expect(200)
        .body;
    accepted["assignmentId"].as_str().unwrap().to_owned()
}

async fn status(caller: &Caller, job: &str) -> Value {
    caller.get(&format!("jobs/{job}")).await.expect(200).body["status"].clone()
}

// R86
#[tokio::test]
async fn a_job_goes_from_creation_to_closing_with_its_events_in_order() {
    let (emulator, caller) = start_stopped().await;
    caller.create_queue().await;
    let mut events = emulator.events();

    let created = caller.create_job("j").await.expect(201).body;
    assert_eq!(created["status"], "created");
    assert_eq!(status(&caller, "j").await, "queued");
    caller.create_worker("w").await.expect(201);
    let worker = caller.get("workers/w").await.expect(200).body;
    assert_eq!(worker["offers"][0]["jobId"], "j");
    assert_eq!(
        worker["offers"][0]["expiresAt"],
        "2024-03-01T10:00:30+00:00"
    );
    assert_eq!(worker["loadRatio"], 1);

    let assignment = accept(&caller).await;
    let job = caller.get("jobs/j").await.expect(200).body;
    assert_eq!(job["status"], "assigned");
    assert_eq!(job["assignments"][&assignment]["workerId"], "w");
    let note = json!({ "note": "all said" });
    let complete = caller
        .request("POST", &format!("jobs/j/assignments/{assignment}:complete"))
        .json(&note);
    assert_eq!(complete.send().await.expect(200).body, json!({}));
    assert_eq!(status(&caller, "j").await, "completed");
    let outcome = json!({ "DispositionCode": "solved", "note": null });
    let close = caller
        .request("POST", &format!("jobs/j/assignments/{assignment}:close"))
        .json(&outcome);
    assert_eq!(close.send().await.expect(200).body, json!({}));
    let job = caller.get("jobs/j").await.expect(200).body;
    assert_eq!(
        (&job["status"], &job["dispositionCode"]),
        (&json!("closed"), &json!("solved"))
    );
    assert_eq!(job["notes"][0]["message"], "all said");
    let worker = caller.get("workers/w").await.expect(200).body;
    assert_eq!(worker["loadRatio"], 0);

    assert_eq!(
        happened(&mut events),
        [
            RouterEventKind::RouterJobReceived,
            RouterEventKind::RouterJobQueued,
            RouterEventKind::RouterWorkerRegistered,
            RouterEventKind::RouterWorkerOfferIssued,
            RouterEventKind::RouterWorkerOfferAccepted,
            RouterEventKind::RouterJobCompleted,
            RouterEventKind::RouterJobClosed,
        ]
    );
}

// R85
#[tokio::test]
async fn a_job_that_is_to_close_later_closes_when_the_clock_gets_there() {
    let (emulator, caller) = start_stopped().await;
    caller.create_queue().await;
    caller.create_job("j").await.expect(201);
    caller.create_worker("w").await.expect(201);
    let assignment = accept(&caller).await;
    caller
        .post(&format!("jobs/j/assignments/{assignment}:complete"))
        .await
        .expect(200);
    let later = json!({ "closeAt": "2024-03-01T10:00:02Z" });
    let close = caller
        .request("POST", &format!("jobs/j/assignments/{assignment}:close"))
        .json(&later);
    close.send().await.expect(200);

    let mut events = emulator.events();
    emulator
        .clock()
        .advance(Duration::from_millis(1999))
        .await
        .unwrap();
    assert_eq!(status(&caller, "j").await, "completed");
    assert!(happened(&mut events).is_empty());
    emulator
        .clock()
        .advance(Duration::from_millis(1))
        .await
        .unwrap();
    assert_eq!(happened(&mut events), [RouterEventKind::RouterJobClosed]);
    assert_eq!(status(&caller, "j").await, "closed");
    let job = caller.get("jobs/j").await.expect(200).body;
    assert_eq!(
        job["assignments"][&assignment]["closedAt"],
        "2024-03-01T10:00:02+00:00"
    );
}

// R81, R126
#[tokio::test]
async fn an_offer_expires_as_soon_as_the_clock_is_set_past_its_time() {
    let (emulator, caller) = start_stopped().await;
    caller.create_queue().await;
    caller.create_job("j").await.expect(201);
    caller.create_worker("w").await.expect(201);
    let offer = only_offer(&caller).await;
    let mut events = emulator.events();
    let end = Timestamp::parse("2024-03-01T10:00:30Z").unwrap();
    emulator.clock().set(end).await.unwrap();
    assert_eq!(
        happened(&mut events),
        [
            RouterEventKind::RouterWorkerOfferExpired,
            RouterEventKind::RouterWorkerDeregistered
        ]
    );
    let worker = caller.get("workers/w").await.expect(200).body;
    assert_eq!(
        (&worker["state"], &worker["offers"]),
        (&json!("inactive"), &json!([]))
    );
    let gone = caller
        .post(&format!("workers/w/offers/{offer}:accept"))
        .await
        .expect(404);
    assert_eq!(gone.error()["code"], "NotFound");
    let target = format!("/routing/workers/w/offers/{offer}:accept");
    assert_eq!(gone.error()["target"], target);
}

#[tokio::test]
async fn deadlines_fire_in_real_time_without_a_request() {
    let (emulator, caller) = start().await;
    let policy = json!({ "offerExpiresAfterSeconds": 0.05, "mode": { "kind": "longestIdle" } });
    caller.create_queue().await;
    caller
        .patch("distributionPolicies/p", policy)
        .await
        .expect(200);
    caller.create_job("j").await.expect(201);
    let mut events = emulator.events();
    caller.create_worker("w").await.expect(201);
    let mut kinds = Vec::new();
    let deregistered = EventKind::Router(RouterEventKind::RouterWorkerDeregistered);
    while kinds.last() != Some(&deregistered) {
        // Only keeps a broken timer from hanging the test.
        let next = tokio::time::timeout(Duration::from_secs(60), events.next()).await;
        kinds.push(next.unwrap().unwrap().kind);
    }
    assert!(
        kinds.contains(&RouterEventKind::RouterWorkerOfferExpired.into()),
        "{kinds:?}"
    );
}

// R78, R80
#[tokio::test]
async fn a_declined_offer_comes_back_at_the_time_given() {
    let (emulator, caller) = start_stopped().await;
    caller.create_queue().await;
    caller.create_job("j").await.expect(201);
    caller.create_worker("w").await.expect(201);
    let offer = only_offer(&caller).await;
    let retry = json!({ "retryOfferAt": "2024-03-01T10:05:00+00:00" });
    let decline = caller
        .request("POST", &format!("workers/w/offers/{offer}:decline"))
        .json(&retry);
    assert_eq!(decline.send().await.expect(200).body, json!({}));
    assert_eq!(
        caller.get("workers/w").await.expect(200).body["offers"],
        json!([])
    );
    emulator
        .clock()
        .advance(Duration::from_secs(300))
        .await
        .unwrap();
    assert_ne!(only_offer(&caller).await, offer);
}

// R88
#[tokio::test]
async fn cancelling_revokes_the_offer_and_a_second_cancel_is_a_conflict() {
    let (_emulator, caller) = start().await;
    caller.create_queue().await;
    caller.create_job("j").await.expect(201);
    caller.create_worker("w").await.expect(201);
    only_offer(&caller).await;
    assert_eq!(
        caller.post("jobs/j:cancel").await.expect(200).body,
        json!({})
    );
    let job = caller.get("jobs/j").await.expect(200).body;
    assert_eq!(
        (&job["status"], &job["dispositionCode"]),
        (&json!("cancelled"), &json!("Cancelled"))
    );
    assert_eq!(
        caller.get("workers/w").await.expect(200).body["offers"],
        json!([])
    );
    let again = caller.post("jobs/j:cancel").await.expect(409);
    assert_eq!(again.error()["code"], "Conflict");
    caller.delete("jobs/j").await.expect(204);
}

#[tokio::test]
async fn the_body_of_an_action_is_refused_by_member_and_changes_nothing() {
    let (_emulator, caller) = start().await;
    caller.create_queue().await;
    caller.create_job("j").await.expect(201);
    for (body, part) in [
        (json!({ "note": 5 }), "`note` 5"),
        (
            json!({ "dispositionCode": ["x"] }),
            "`dispositionCode` [\"x\"]",
        ),
        (json!([]), "must be a JSON object"),
    ] {
        let answer = caller
            .request("POST", "jobs/j:cancel")
            .json(&body)
            .send()
            .await;
        assert!(answer.detail().contains(part), "{}", answer.detail());
    }
    assert_eq!(status(&caller, "j").await, "queued");
}

#[tokio::test]
async fn the_clock_does_not_go_back_or_beyond_the_calendar() {
    let (emulator, _caller) = start_stopped().await;
    let clock = emulator.clock();
    let now = clock.now();
    let asked = now.checked_sub(Duration::from_secs(1)).unwrap();
    assert_eq!(
        clock.set(asked).await,
        Err(ClockError::Backwards { now, asked })
    );
    let by = Duration::MAX;
    assert_eq!(
        clock.advance(by).await,
        Err(ClockError::BeyondCalendar { now, by })
    );
    assert_eq!(clock.now(), now);
}

#[tokio::test]
async fn the_same_seed_and_requests_give_the_same_ids() {
    let mut offers = Vec::new();
    for seed in [1, 1, 2] {
        let emulator = Emulator::builder().seed(seed).start().await.unwrap();
        let caller = Caller::new(emulator.endpoint());
        caller.create_queue().await;
        caller.create_job("j").await.expect(201);
        caller.create_worker("w").await.expect(201);
        offers.push(only_offer(&caller).await);
    }
    assert_eq!(offers[0], offers[1]);
    assert_ne!(offers[1], offers[2]);
}

#[tokio::test]
async fn calls_are_counted_by_operation_whatever_comes_of_them() {
    let (emulator, caller) = start().await;
    caller.create_queue().await;
    caller.get("jobs/none").await.expect(404);
    caller.get("jobs/none").await.expect(404);
    caller
        .request("GET", "queues/q")
        .send_unsigned()
        .await
        .expect(401);
    let counted: Vec<_> = emulator.exercised_operations().into_iter().collect();
    assert_eq!(
        counted,
        [
            ("getJob", 2),
            ("upsertDistributionPolicy", 1),
            ("upsertQueue", 1)
        ]
    );
    let tables = [
        acs_core_chat::operations::OPERATIONS,
        acs_core_identity::operations::OPERATIONS,
        acs_core_jobrouter::operations::OPERATIONS,
    ];
    let known: Vec<_> = tables
        .into_iter()
        .flatten()
        .map(|operation| operation.id)
        .collect();
    assert!(emulator.operations().iter().all(|id| known.contains(id)));
}

#[tokio::test]
async fn after_a_shutdown_the_port_is_free_and_the_streams_end() {
    let (emulator, caller) = start().await;
    caller.create_queue().await;
    let port = emulator
        .endpoint()
        .rsplit_once(':')
        .unwrap()
        .1
        .parse()
        .unwrap();
    let mut events = emulator.events();
    emulator.shutdown().await;
    assert!(events.next().await.is_none());
    let again = Emulator::builder().port(port).start().await.unwrap();
    caller.get("queues/q").await.expect(404);
    drop(again);
}

#[tokio::test]
async fn debug_output_never_shows_the_key() {
    let builder = Emulator::builder();
    let mut shown = format!("{builder:?}");
    let emulator = builder.start().await.unwrap();
    shown.push_str(&format!("{emulator:?}"));
    assert!(
        !shown.contains(acs_emulator::DEVELOPMENT_ACCESS_KEY),
        "{shown}"
    );
}

// R3, R87: the body may be absent.
#[tokio::test]
async fn an_unassigned_job_is_queued_again_or_waits_as_the_body_says() {
    let (_emulator, caller) = start_stopped().await;
    caller.create_queue().await;
    caller.create_job("j").await.expect(201);
    caller.create_worker("w").await.expect(201);
    let assignment = accept(&caller).await;
    let path = format!("jobs/j/assignments/{assignment}:unassign");
    assert_eq!(
        caller.post(&path).await.expect(200).body,
        json!({ "jobId": "j", "unassignmentCount": 1 })
    );
    assert_eq!(status(&caller, "j").await, "queued");
    caller.post(&path).await.expect(404);

    let assignment = accept(&caller).await;
    let path = format!("jobs/j/assignments/{assignment}:unassign");
    let wrong = json!({ "suspendMatching": "yes" });
    let refused = caller.request("POST", &path).json(&wrong);
    let refused = refused.send().await.expect(400);
    assert!(
        refused.body.to_string().contains("suspendMatching"),
        "{refused:?}"
    );
    let suspend = json!({ "suspendMatching": true });
    let answer = caller.request("POST", &path).json(&suspend).send().await;
    assert_eq!(
        answer.expect(200).body,
        json!({ "jobId": "j", "unassignmentCount": 2 })
    );
    assert_eq!(status(&caller, "j").await, "waitingForActivation");
}

// R104, R105, O6, O13
#[tokio::test]
async fn queues_have_statistics_and_queued_jobs_positions() {
    let (emulator, caller) = start_stopped().await;
    caller.create_queue().await;
    caller.create_job("first").await.expect(201);
    emulator
        .clock()
        .advance(Duration::from_secs(90))
        .await
        .unwrap();
    let statistics = caller.get("queues/q/statistics").await.expect(200);
    assert_eq!(
        statistics.body,
        json!({ "queueId": "q", "length": 1, "longestJobWaitTimeMinutes": 1.5 })
    );
    caller.create_worker("w").await.expect(201);
    accept(&caller).await;
    caller.create_job("j").await.expect(201);
    assert_eq!(
        caller.get("jobs/j/position").await.expect(200).body,
        json!({
            "jobId": "j", "position": 1, "queueId": "q", "queueLength": 1, "estimatedWaitTimeMinutes": 2
        })
    );
    let refused = caller.get("jobs/first/position").await.expect(400);
    assert_eq!(refused.error()["details"][0]["code"], "JobNotQueued");
    caller.get("jobs/unknown/position").await.expect(404);
    caller.get("queues/unknown/statistics").await.expect(404);
}

// R7
#[tokio::test]
async fn statistics_have_an_etag_that_changes_with_them() {
    let (_emulator, caller) = start_stopped().await;
    caller.create_queue().await;
    let mut tags = Vec::new();
    for job in ["a", "b"] {
        caller.create_job(job).await.expect(201);
        for _ in 0..2 {
            let statistics = caller.get("queues/q/statistics").await.expect(200);
            tags.push(statistics.header("etag").expect("an ETag").to_owned());
        }
    }
    assert!(
        tags[0].starts_with('"') && tags[0].ends_with('"'),
        "{tags:?}"
    );
    assert_eq!((&tags[0], &tags[2]), (&tags[1], &tags[3]));
    assert_ne!(tags[0], tags[2]);
}
