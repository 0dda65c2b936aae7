//! Random commands while jobs wait for scores that somebody else gives: late, in any order, or never a number.

use acs_router_engine::{Command, Guid, RuleCall};
use proptest::prelude::proptest;
use serde_json::Value;

use super::promises::Promises;
use super::shown::Shown;
use super::{Life, explained};
use crate::random;
use crate::steps::{AIMED_JOB, AIMED_WORKER, ModeKind, ModeStep, Step, modes, steps};

/// Calls that no answer has been given to.
type Open = Vec<(Guid, RuleCall)>;

fn live(modes: &[ModeStep; 2], steps: &[Step]) {
    let mut promises = Promises::default();
    let modes = modes.clone().map(asked);
    let mut life = Life::new(&modes, &mut promises);
    let mut open = Open::new();
    for (number, step) in steps.iter().enumerate() {
        if let Step::Wait(seconds) = step {
            life.wait(*seconds, &mut promises);
            open.append(&mut life.calls);
        }
        let step = aimed(step, &promises.shown);
        let command = step.command(&life.engine, life.now);
        life.apply(command, &mut promises);
        open.append(&mut life.calls);
        // Nothing, the first, the last, or everything is answered.
        match number % 4 {
            0 => {}
            1 if !open.is_empty() => answer(&mut life, open.remove(0), &mut promises),
            2 if !open.is_empty() => answer(&mut life, open.swap_remove(0), &mut promises),
            _ => open
                .drain(..)
                .for_each(|call| answer(&mut life, call, &mut promises)),
        }
        open.append(&mut life.calls);
        if number % 8 == 0 {
            explained::assert_right(&life.engine, &promises);
        }
    }
    // Answers lead to questions about others at most, and so come to an end.
    for _ in 0..steps.len() + 100 {
        let Some(call) = open.pop() else {
            return;
        };
        answer(&mut life, call, &mut promises);
        open.append(&mut life.calls);
    }
    panic!("there is always one more question: {open:?}");
}

fn answer(life: &mut Life, (id, call): (Guid, RuleCall), promises: &mut Promises) {
    let level = &call.body["worker"]["Level"];
    let result = match level.as_u64() {
        Some(0) => Err("no answer".to_owned()),
        Some(1) => Ok(Value::Null),
        _ => Ok(level.clone()),
    };
    life.apply(Command::AnswerRuleCall { id, result }, promises);
}

/// The mode with scores that are asked for, most of the time.
fn asked(mode: ModeStep) -> ModeStep {
    match mode.kind {
        ModeKind::RoundRobin => mode,
        _ => ModeStep {
            kind: ModeKind::Asked,
            ..mode
        },
    }
}

/// The step with the numbers of entities that exist now.
fn aimed(step: &Step, shown: &Shown) -> Step {
    let worker = |number: u8| {
        let holders = shown.workers.iter();
        let mut holders = holders.filter(|(_, worker)| !worker.offers.is_empty());
        number_of(number.checked_sub(AIMED_WORKER), &mut holders.next()).unwrap_or(number)
    };
    let job = |number: u8, status: &str| {
        let mut jobs = shown.jobs.iter().filter(|(_, job)| job.status == status);
        number_of(number.checked_sub(AIMED_JOB), &mut jobs.next()).unwrap_or(number)
    };
    match *step {
        Step::Policy(id, ref mode) => Step::Policy(id, asked(mode.clone())),
        Step::Accept(number, index) => Step::Accept(worker(number), index),
        Step::Decline(number, index, retry) => Step::Decline(worker(number), index, retry),
        Step::Complete(number) => Step::Complete(job(number, "assigned")),
        Step::Close(number, later) => Step::Close(job(number, "completed"), later),
        Step::Unassign(number, suspend) => Step::Unassign(job(number, "assigned"), suspend),
        ref other => other.clone(),
    }
}

/// The number in the id of an entity, if one is meant.
fn number_of<E>(meant: Option<u8>, entity: &mut Option<(&String, E)>) -> Option<u8> {
    meant?;
    entity.as_ref()?.0[1..].parse().ok()
}

proptest! {
    #![proptest_config(random(150))]

    // R75
    #[test]
    fn no_wake_up_is_lost_while_jobs_wait_for_scores(modes in modes(), steps in steps(60)) {
        live(&modes, &steps);
    }
}
