//! Time: deadlines pass in order, once, and at their own times.

use std::time::Duration;

use acs_router_engine::{CloseOptions, Command, Engine, EventKind};
use acs_types::Timestamp;
use serde_json::json;

use crate::world::{World, at, simple_job, simple_worker, upsert_policy};

#[test]
fn deadlines_that_were_missed_pass_at_their_own_times_before_the_command_runs() {
    let mut world = World::with_queue();
    world.simple_worker("a");
    world.wait(10.0);
    world.simple_worker("b");
    world.simple_job("j");
    // Offered to `a` until 12:01:10, then to `b` until 12:02:10.
    let seen = world.events.len();
    world.now = at("2024-01-01T13:00:00Z");
    world.simple_worker("c");
    let times: Vec<_> = world.events[seen..]
        .iter()
        .map(|event| (event.kind, event.time))
        .collect();
    assert_eq!(
        times,
        [
            (
                EventKind::RouterWorkerOfferExpired,
                at("2024-01-01T12:01:10Z")
            ),
            (
                EventKind::RouterWorkerDeregistered,
                at("2024-01-01T12:01:10Z")
            ),
            (
                EventKind::RouterWorkerOfferIssued,
                at("2024-01-01T12:01:10Z")
            ),
            (
                EventKind::RouterWorkerOfferExpired,
                at("2024-01-01T12:02:10Z")
            ),
            (
                EventKind::RouterWorkerDeregistered,
                at("2024-01-01T12:02:10Z")
            ),
            (
                EventKind::RouterWorkerRegistered,
                at("2024-01-01T13:00:00Z")
            ),
            (
                EventKind::RouterWorkerOfferIssued,
                at("2024-01-01T13:00:00Z")
            ),
        ]
    );
    assert_eq!(world.due_soon(), Some(at("2024-01-01T13:01:00Z")));
}

#[test]
fn a_deadline_passes_exactly_at_its_time() {
    let mut world = World::with_queue();
    world.simple_worker("w");
    world.simple_job("j");
    world.now = at("2024-01-01T12:00:59.9999999Z");
    world.apply(Command::Tick);
    assert_eq!(world.offered("w"), ["j"]);
    world.now = at("2024-01-01T12:01:00Z");
    let offer = world.newest_offer("w");
    let late = world.apply(crate::world::accept_offer("w", &offer));
    assert!(
        late.answer.is_err(),
        "the offer has expired before the command"
    );
}

#[test]
fn time_does_not_go_back() {
    let mut world = World::with_queue();
    world.now = at("2024-01-01T11:00:00Z");
    world.simple_worker("w");
    world.simple_job("j");
    let job = world.read_job("j");
    assert_eq!(job["enqueuedAt"], "2024-01-01T12:00:00+00:00");
}

#[test]
fn time_counts_in_tenths_of_microseconds() {
    let mut engine = Engine::new(1);
    let now = Timestamp::from_unix_nanos(1_700_000_000_123_456_789).expect("a time");
    let outcome = engine.apply(
        now,
        upsert_policy("p", json!({"mode": {"kind": "roundRobin"}})),
    );
    let answer = crate::world::answer_of_upsert(outcome.answer);
    assert_eq!(answer.last_modified.unix_nanos(), 1_700_000_000_123_456_700);
}

#[test]
fn each_of_many_deadlines_passes_once() {
    let mut world = World::with_queue();
    let mut worker = simple_worker();
    worker["capacity"] = json!(1_000);
    world.worker("w", worker);
    for number in 0..1_000 {
        let job = format!("j{number}");
        world.simple_job(&job);
        world.accept("w");
        world.complete(&job);
        let close_at = Timestamp::from_unix_nanos(
            world.now.unix_nanos() + (number * 7_919 % 1_000) * 1_000_000_000,
        );
        world.close_with(
            &job,
            CloseOptions {
                close_at,
                ..CloseOptions::default()
            },
        );
    }
    let seen = world.events.len();
    world.wait(999.0);
    let closed = &world.events[seen..];
    assert_eq!(closed.len(), 999, "one of them had no time to wait for");
    assert!(
        closed
            .iter()
            .all(|event| event.kind == EventKind::RouterJobClosed)
    );
    assert!(closed.windows(2).all(|pair| pair[0].time < pair[1].time));
    assert_eq!(world.due_soon(), None);
}

// R51, R67, R85: what is due passes at its own time and once, however long nobody looked.
#[test]
fn ten_thousand_timers_of_a_day_pass_in_one_step_as_they_do_one_by_one() {
    const TIMERS: u32 = 10_000;
    const DAY: u32 = 24 * 60 * 60;
    let mut world = World::with_queue();
    let start = world.now;
    let mut due = Vec::new();
    for number in 0..TIMERS {
        // Spread over the day, but not in order.
        let second = number * 7_919 % DAY;
        let at = start.checked_add(Duration::from_secs(second.into()));
        let mut job = simple_job();
        job["matchingMode"] = json!({"kind": "scheduleAndSuspend", "scheduleAt": at});
        world.job(&format!("j{number}"), job);
        due.extend(at);
    }
    due.sort();
    let mut patient = World {
        engine: world.engine.clone(),
        now: start,
        events: Vec::new(),
        pairs_examined: 0,
    };
    let seen = world.events.len();
    world.wait(DAY.into());
    let passed: Vec<_> = world.events[seen..]
        .iter()
        .map(|event| event.time)
        .collect();
    // The one for the first moment passed when its job was created.
    assert_eq!(passed, due[1..]);
    assert_eq!(world.pairs_examined, 0);
    assert_eq!(world.due_soon(), None);
    let mut steps = 0;
    while let Some(next) = patient.due_soon() {
        patient.now = next;
        patient.apply(Command::Tick);
        steps += 1;
    }
    assert!(steps > TIMERS / 2, "{steps}");
    assert_eq!(patient.events, world.events[seen..]);
}
