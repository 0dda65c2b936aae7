//! The routing clock: moved through its handle, and from outside through `/_emulator/clock`.

use std::time::Duration;

use acs_emulator::{Clock, ClockError, Emulator, EventPattern, RouterEventKind, RunningEmulator};
use acs_types::Timestamp;
use serde_json::{Value, json};

use crate::caller::{Answer, Caller};

const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_secs(3600);

fn noon() -> Timestamp {
    Timestamp::parse("2026-03-01T12:00:00Z").unwrap()
}

async fn start_at_noon() -> (RunningEmulator, Caller) {
    let emulator = Emulator::builder()
        .clock(Clock::Manual(noon()))
        .start()
        .await
        .unwrap();
    let caller = Caller::new(emulator.endpoint());
    (emulator, caller)
}

impl Caller {
    /// A request about the clock, without a signature and an api-version.
    async fn clock(&self, method: &str, action: &str, body: Value) -> Answer {
        let draft = self.raw(method, &format!("/_emulator/clock{action}"));
        let draft = if body.is_null() {
            draft
        } else {
            draft.json(&body)
        };
        draft.send_unsigned().await
    }

    async fn move_clock(&self, action: &str, body: Value) -> Value {
        self.clock("POST", action, body).await.expect(200).body
    }
}

#[tokio::test]
async fn it_tells_time_pace_and_next_deadline_without_a_signature() {
    let (_emulator, caller) = start_at_noon().await;
    let clock = caller.clock("GET", "", Value::Null).await.expect(200).body;
    let expected = json!({ "now": "2026-03-01T12:00:00+00:00", "paused": true });
    assert_eq!(clock, expected);

    caller.create_queue().await;
    caller.create_worker("w").await.expect(201);
    caller.create_job("j").await.expect(201);
    let clock = caller.clock("GET", "", Value::Null).await.expect(200).body;
    assert_eq!(clock["nextDeadline"], "2026-03-01T12:00:30+00:00");
}

/// R81: the offer of 30 seconds expires and takes the worker out.
#[tokio::test]
async fn a_step_fires_what_becomes_due_before_it_is_answered() {
    let (_emulator, caller) = start_at_noon().await;
    caller.create_queue().await;
    caller.create_worker("w").await.expect(201);
    caller.create_job("j").await.expect(201);

    let clock = caller.move_clock("/step", json!({ "seconds": 29.5 })).await;
    assert_eq!(clock["now"], "2026-03-01T12:00:29.5+00:00");
    assert_eq!(caller.get("workers/w").await.body["state"], "active");

    let clock = caller.move_clock("/step", json!({ "seconds": 0.5 })).await;
    assert_eq!(clock["now"], "2026-03-01T12:00:30+00:00");
    assert_eq!(caller.get("workers/w").await.body["state"], "inactive");
}

#[tokio::test]
async fn it_is_set_forward_to_an_instant_and_never_back() {
    let (emulator, caller) = start_at_noon().await;
    let one = "2026-03-01T13:00:00+00:00";
    assert_eq!(
        caller.move_clock("/set", json!({ "to": one })).await["now"],
        one
    );
    let refused = caller
        .clock("POST", "/set", json!({ "to": "2026-03-01T12:59:59Z" }))
        .await;
    assert!(refused.detail().contains("cannot go back"), "{refused:?}");
    assert_eq!(emulator.clock().now().to_string(), one);
}

#[tokio::test]
async fn a_jump_goes_to_the_next_deadline_and_without_one_nowhere() {
    let (emulator, caller) = start_at_noon().await;
    let clock = emulator.clock();
    assert_eq!(clock.jump().await, None);
    assert_eq!(clock.now(), noon());

    caller.create_queue().await;
    caller.create_worker("w").await.expect(201);
    caller.create_job("j").await.expect(201);
    let moved = caller.move_clock("/jump", Value::Null).await;
    assert_eq!(moved["now"], "2026-03-01T12:00:30+00:00");
    assert_eq!(caller.get("workers/w").await.body["state"], "inactive");
}

/// R126: of two offers the one that was issued first expires first, and the run stops between the two.
#[tokio::test]
async fn a_run_ends_at_the_first_event_that_fits_and_leaves_later_ones_to_come() {
    let (emulator, caller) = start_at_noon().await;
    caller.create_queue().await;
    for name in ["1", "2"] {
        caller.create_worker(&format!("w{name}")).await.expect(201);
        caller.create_job(&format!("j{name}")).await.expect(201);
        emulator.clock().advance(SECOND).await.unwrap();
    }
    let mut events = emulator.events();

    let expired = RouterEventKind::RouterWorkerOfferExpired;
    let event = emulator.clock().run_until(expired, HOUR).await.unwrap();
    let event = event.unwrap();
    assert_eq!(event.subject, "worker/w1/job/j1");
    assert_eq!(emulator.clock().now(), event.time);
    assert_eq!(event.time, noon().checked_add(30 * SECOND).unwrap());
    assert_eq!(events.try_next().unwrap(), event);

    // Both workers take one job each, so j1 waits for w2, whose own offer expires a second later.
    let second = EventPattern::from(expired).about("worker/w2");
    let event = emulator.clock().run_until(second, HOUR).await.unwrap();
    assert_eq!(
        event.unwrap().time,
        noon().checked_add(31 * SECOND).unwrap()
    );
}

#[tokio::test]
async fn a_run_without_the_event_moves_by_its_bound() {
    let (emulator, caller) = start_at_noon().await;
    let clock = emulator.clock();
    let event = clock
        .run_until(RouterEventKind::RouterJobQueued, HOUR)
        .await;
    assert_eq!(event.unwrap(), None);
    assert_eq!(clock.now(), noon().checked_add(HOUR).unwrap());

    let body = json!({ "untilEvent": "RouterJobQueued", "withinSeconds": 60 });
    let answer = caller.move_clock("/run", body).await;
    assert_eq!(answer["event"], Value::Null);
    assert_eq!(answer["now"], "2026-03-01T13:01:00+00:00");
}

/// R107: the event is shown in its envelope.
#[tokio::test]
async fn a_run_over_http_shows_the_event_that_ended_it() {
    let (_emulator, caller) = start_at_noon().await;
    caller.create_queue().await;
    caller.create_worker("w").await.expect(201);
    caller.create_job("j").await.expect(201);
    let answer = caller
        .move_clock(
            "/run",
            json!({
                "untilEvent": "Microsoft.Communication.RouterWorkerOfferExpired",
                "subject": "worker/w/job/j",
                "withinSeconds": 3600,
            }),
        )
        .await;
    assert_eq!(answer["now"], "2026-03-01T12:00:30+00:00");
    let event = &answer["event"];
    assert_eq!(
        event["eventType"],
        "Microsoft.Communication.RouterWorkerOfferExpired"
    );
    assert_eq!(event["eventTime"], "2026-03-01T12:00:30+00:00");
    assert_eq!(event["subject"], "worker/w/job/j");
    assert_eq!(event["data"]["workerId"], "w");
    assert_eq!(event["dataVersion"], "1.0");
    assert_eq!(event["metadataVersion"], "1");
}

#[tokio::test]
async fn a_subject_takes_what_lies_below_it_and_no_other_id() {
    let (emulator, caller) = start_at_noon().await;
    caller.create_queue().await;
    caller.create_worker("w-10").await.expect(201);
    caller.create_job("j").await.expect(201);
    let expired = EventPattern::from(RouterEventKind::RouterWorkerOfferExpired);
    let elsewhere = expired.clone().about("worker/w-1");
    let event = emulator.clock().run_until(elsewhere, SECOND * 60).await;
    assert_eq!(event.unwrap(), None);
}

#[tokio::test]
async fn a_pause_stops_the_computer_s_time_and_resuming_goes_on_from_there() {
    let emulator = Emulator::builder().start().await.unwrap();
    let caller = Caller::new(emulator.endpoint());
    let clock = emulator.clock();
    assert!(!clock.is_paused());
    let paused = caller.move_clock("/pause", Value::Null).await;
    assert_eq!(paused["paused"], true);
    let standing = clock.now();
    assert_eq!(clock.now(), standing);

    clock.resume().await;
    assert!(!clock.is_paused());
    while clock.now() == standing {
        tokio::task::yield_now().await;
    }
    assert!(clock.now() > standing);
}

/// A timer that waits for a far deadline notices that the clock was moved and runs again.
#[tokio::test]
async fn a_deadline_fires_by_itself_once_a_moved_clock_runs() {
    let (emulator, caller) = start_at_noon().await;
    caller.create_queue().await;
    caller.create_worker("w").await.expect(201);
    caller.create_job("j").await.expect(201);
    let clock = emulator.clock();
    clock.advance(Duration::from_millis(29_990)).await.unwrap();
    let mut events = emulator.events();
    clock.resume().await;
    let event = events.next().await.unwrap();
    assert_eq!(event.kind, RouterEventKind::RouterWorkerOfferExpired);
}

#[tokio::test]
async fn movements_beyond_the_calendar_are_refused() {
    let (emulator, caller) = start_at_noon().await;
    let clock = emulator.clock();
    let expected = ClockError::BeyondCalendar {
        now: noon(),
        by: Duration::MAX,
    };
    assert_eq!(clock.advance(Duration::MAX).await.unwrap_err(), expected);
    let kind = RouterEventKind::RouterJobQueued;
    let error = clock.run_until(kind, Duration::MAX).await.unwrap_err();
    assert_eq!(error, expected);
    let answer = caller
        .clock("POST", "/step", json!({ "seconds": 1e18 }))
        .await;
    assert!(answer.detail().contains("beyond the calendar"));
    assert_eq!(clock.now(), noon());
}

#[tokio::test]
async fn unusable_movements_are_refused_by_name() {
    let (emulator, caller) = start_at_noon().await;
    for (action, body, part) in [
        ("/step", json!({}), "must have `seconds`"),
        ("/step", json!({ "seconds": -1 }), "`seconds` -1"),
        ("/step", json!({ "seconds": "60" }), "`seconds` \"60\""),
        (
            "/step",
            json!({ "minutes": 1 }),
            "unknown member `minutes`; it may have `seconds`",
        ),
        (
            "/step",
            json!([60]),
            "must be a JSON object, but is an array",
        ),
        ("/set", json!({ "to": "tomorrow" }), "unusable `to`"),
        ("/set", Value::Null, "must have `to`"),
        ("/pause", json!({ "for": 1 }), "none is taken here"),
        (
            "/run",
            json!({ "untilEvent": "RouterJobQueued" }),
            "must have `withinSeconds`",
        ),
        (
            "/run",
            json!({ "withinSeconds": 1 }),
            "must have `untilEvent`",
        ),
        (
            "/run",
            json!({ "untilEvent": "JobQueued", "withinSeconds": 1 }),
            "there are RouterJobReceived, ",
        ),
    ] {
        let answer = caller.clock("POST", action, body).await;
        assert!(answer.detail().contains(part), "{action}: {answer:?}");
    }
    assert_eq!(emulator.clock().now(), noon());
    caller.clock("PUT", "/step", Value::Null).await.expect(405);
    caller
        .clock("POST", "/reverse", Value::Null)
        .await
        .expect(404);
}
