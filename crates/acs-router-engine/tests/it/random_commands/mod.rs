//! Random commands at random times: the engine does what the simple router does, and never breaks its promises.
//!
//! 100,000 commands in the ordinary run. `ROUTER_PROOF_COMMANDS` asks for another number, `ROUTER_PROOF_SEED` for other
//! commands; the seed is printed with a failure, and the steps are cut down to those that it takes.

mod asked;
mod compare;
mod explained;
mod pairs;
mod promises;
mod shown;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::time::Duration;

use acs_router_engine::{Command, Effect, Engine, Event, EventKind, Guid, Outcome, RuleCall};
use acs_types::Timestamp;
use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::json;

use crate::reference::Reference;
use crate::steps::{ModeStep, OFFER_LIFETIME, Step, modes, policy_id, queue_id, steps};
use crate::world::{at, upsert_policy, upsert_queue};
use promises::Promises;

/// How many commands there are unless the environment says otherwise, and how many in the lanes between two lines of progress.
const USUAL_COMMANDS: usize = 100_000;
const PROGRESS: usize = 50_000;
/// The commands are spread over so many threads, each with a seed of its own.
const LANES: u64 = 4;
/// The most steps in the life of one engine.
const LONGEST_LIFE: usize = 400;
/// The most deadlines that can pass by themselves in such a life; a wrong engine can set a new one for each that passes.
const MOST_DEADLINES: usize = 2_000;
/// Of so many lives one is lived twice.
const LIVED_TWICE: usize = 10;
/// Of so many steps one is followed by a look at all positions, and one at all explanations.
const POSITIONS: usize = 8;
const EXPLANATIONS: usize = 64;

/// An engine with its clock, and all that it has told.
struct Life {
    engine: Engine,
    now: Timestamp,
    events: Vec<Event>,
    /// The calls for scores that nobody has looked at.
    calls: Vec<(Guid, RuleCall)>,
}

impl Life {
    fn new(modes: &[ModeStep; 2], witness: &mut impl Witness) -> Self {
        let mut life = Self {
            engine: Engine::new(7),
            now: at("2024-01-01T12:00:00Z"),
            events: Vec::new(),
            calls: Vec::new(),
        };
        for (number, mode) in (0_u8..).zip(modes) {
            let lifetime = OFFER_LIFETIME[usize::from(number)];
            let policy = json!({"offerExpiresAfterSeconds": lifetime, "mode": mode.json()});
            let queue = json!({"distributionPolicyId": policy_id(number)});
            life.apply(upsert_policy(&policy_id(number), policy), witness);
            life.apply(upsert_queue(&queue_id(number), queue), witness);
        }
        life
    }

    fn apply(&mut self, command: Command, witness: &mut impl Witness) -> Outcome {
        let outcome = self.engine.apply(self.now, command.clone());
        witness.see(&self.engine, self.now, &command, &outcome);
        self.events.extend(outcome.events.iter().cloned());
        for effect in &outcome.effects {
            match effect {
                Effect::CallRule { id, call } => self.calls.push((*id, call.clone())),
                other => panic!("nobody carries out {other:?}"),
            }
        }
        outcome
    }

    /// Takes the step; says whether it was allowed.
    fn take(&mut self, step: &Step, witness: &mut impl Witness) -> bool {
        let command = step.command(&self.engine, self.now);
        self.apply(command, witness).answer.is_ok()
    }

    /// Lets time pass, stopping at each deadline.
    fn wait(&mut self, seconds: u32, witness: &mut impl Witness) {
        let end = self.end_of(seconds);
        let mut passed = 0;
        while let Some(next) = self.engine.next_deadline().filter(|next| *next <= end) {
            self.now = next;
            self.apply(Command::Tick, witness);
            passed += 1;
            assert!(passed <= MOST_DEADLINES, "the same things happen for ever");
        }
        self.now = end;
    }

    /// Lets time pass, with all that is due in one go.
    fn leap(&mut self, seconds: u32) {
        self.now = self.end_of(seconds);
        self.apply(Command::Tick, &mut Nobody);
    }

    fn end_of(&self, seconds: u32) -> Timestamp {
        let span = Duration::from_secs(seconds.into());
        self.now.checked_add(span).expect("within the calendar")
    }
}

/// Whoever looks at each outcome.
trait Witness {
    fn see(&mut self, engine: &Engine, now: Timestamp, command: &Command, outcome: &Outcome);
}

impl Witness for Promises {
    fn see(&mut self, engine: &Engine, now: Timestamp, command: &Command, outcome: &Outcome) {
        self.check(engine, now, command, outcome);
        let leaves_a_trace = !(outcome.events.is_empty() && outcome.changes.is_empty());
        assert!(outcome.answer.is_ok() || !leaves_a_trace, "{command:?}");
    }
}

struct Nobody;

impl Witness for Nobody {
    fn see(&mut self, _: &Engine, _: Timestamp, _: &Command, _: &Outcome) {}
}

/// What the lives so far have come across.
#[derive(Debug, Default)]
struct Tally {
    /// Kinds of step, each with how often it was allowed and refused.
    steps: BTreeMap<String, (usize, usize)>,
    events: BTreeSet<EventKind>,
}

/// Lives through the steps and checks everything. Gives the steps as they were taken.
fn check(modes: &[ModeStep; 2], steps: &[Step], tally: &Mutex<Tally>) -> Vec<Step> {
    let mut promises = Promises::default();
    let mut life = Life::new(modes, &mut promises);
    let mut reference = Reference::new(modes.clone());
    let mut taken = Vec::new();
    let mut counted = Tally::default();
    for (number, step) in steps.iter().enumerate() {
        let step = reference.aim(step);
        taken.push(step.clone());
        let step = &step;
        let expected = reference.take(step);
        let before = (!expected).then(|| life.engine.clone());
        if let Step::Wait(seconds) = step {
            life.wait(*seconds, &mut promises);
        }
        let allowed = life.take(step, &mut promises);
        assert_eq!(allowed, expected, "allowed or not: {step:?}");
        if let Some(before) = before {
            assert!(life.engine == before, "refused, and yet a change: {step:?}");
        }
        compare::assert_alike(&promises.shown, &reference);
        if number.is_multiple_of(POSITIONS) {
            compare::assert_positions_alike(&life.engine, &reference);
        }
        if number.is_multiple_of(EXPLANATIONS) {
            explained::assert_right(&life.engine, &promises);
        }
        counted.count(step, allowed);
    }
    counted.events = life.events.iter().map(|event| event.kind).collect();
    tally.lock().expect("no lane failed").add(counted);
    taken
}

/// The same commands at the same times give the same answers, events and state, also when deadlines pass many at a time.
fn live_twice(modes: &[ModeStep; 2], steps: &[Step]) {
    let mut first = Life::new(modes, &mut Nobody);
    let mut second = Life::new(modes, &mut Nobody);
    for step in steps {
        if let Step::Wait(seconds) = step {
            first.wait(*seconds, &mut Nobody);
            second.leap(*seconds);
        }
        let allowed = first.take(step, &mut Nobody);
        assert_eq!(allowed, second.take(step, &mut Nobody));
    }
    assert!(
        first.engine == second.engine,
        "the same commands, another state"
    );
    assert_eq!(first.events, second.events);
}

fn asked(variable: &str, usual: usize) -> usize {
    let asked = std::env::var(variable).ok();
    let asked = asked.map(|text| {
        text.parse()
            .unwrap_or_else(|_| panic!("{variable} is {text}"))
    });
    asked.unwrap_or(usual)
}

#[test]
fn random_commands_route_as_the_simple_router_does_and_break_no_promise() {
    let wanted = asked("ROUTER_PROOF_COMMANDS", USUAL_COMMANDS);
    let seed = asked("ROUTER_PROOF_SEED", 1) as u64;
    let tally = Mutex::new(Tally::default());
    std::thread::scope(|scope| {
        for lane in 0..LANES {
            let tally = &tally;
            scope.spawn(move || live(seed * LANES + lane, wanted / LANES as usize, tally));
        }
    });
    if wanted >= USUAL_COMMANDS {
        tally
            .into_inner()
            .expect("no lane failed")
            .assert_complete();
    }
}

/// Lives one life after the other, until there were so many commands.
fn live(seed: u64, wanted: usize, tally: &Mutex<Tally>) {
    let mut bytes = [1; 16];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let config = Config {
        failure_persistence: None,
        ..Config::default()
    };
    let rng = TestRng::from_seed(RngAlgorithm::XorShift, &bytes);
    let mut runner = TestRunner::new_with_rng(config, rng);
    let lives = (modes(), steps(LONGEST_LIFE));
    let (mut done, mut lived) = (0, 0);
    while done < wanted {
        let life = lives.new_tree(&mut runner).expect("steps can be drawn");
        let length = life.current().1.len();
        let result = runner.run_one(life, |(modes, steps)| {
            let taken = check(&modes, &steps, tally);
            if lived % LIVED_TWICE == 0 {
                live_twice(&modes, &taken);
            }
            Ok(())
        });
        if let Err(error) = result {
            panic!("seed {seed}, life {lived}: {error}");
        }
        lived += 1;
        if (done + length) / PROGRESS > done / PROGRESS {
            println!("seed {seed}: {} of {wanted} commands", done + length);
        }
        done += length;
    }
}

impl Tally {
    fn count(&mut self, step: &Step, allowed: bool) {
        let (done, refused) = self.steps.entry(step.name()).or_default();
        *if allowed { done } else { refused } += 1;
    }

    fn add(&mut self, other: Self) {
        for (step, (done, refused)) in other.steps {
            let sum = self.steps.entry(step).or_default();
            *sum = (sum.0 + done, sum.1 + refused);
        }
        self.events.extend(other.events);
    }

    /// Random commands prove nothing about what they never did.
    fn assert_complete(&self) {
        println!("{self:?}");
        assert_eq!(self.events.len(), 18, "{:?}", self.events);
        for (step, (done, refused)) in &self.steps {
            let always = matches!(step.as_str(), "Wait" | "Policy" | "DeleteWorker");
            assert!(*done > 0 || step == "Wrong", "{step} was never allowed");
            assert!(*refused > 0 || always, "{step} was never refused");
        }
    }
}
