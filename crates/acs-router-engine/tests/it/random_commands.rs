//! Random commands at random times: the engine does what the simple router does, and never breaks its promises.

use std::collections::BTreeMap;
use std::time::Duration;

use acs_router_engine::{
    Command, Engine, Event, EventKind, JobFilter, Outcome, PageRequest, View, WorkerFilter,
};
use acs_types::Timestamp;
use proptest::prelude::proptest;
use serde_json::{Value, json};

use crate::random;
use crate::reference::{Held, Reference, Status};
use crate::steps::{ModeStep, Step, job_id, modes, steps, worker_id};
use crate::world::{at, upsert_policy, upsert_queue};

const EVERYTHING: PageRequest = PageRequest {
    after: None,
    limit: usize::MAX,
};

/// The engine under random commands.
struct Run {
    engine: Engine,
    now: Timestamp,
    events: Vec<Event>,
}

impl Run {
    fn new(modes: &[ModeStep; 2]) -> Self {
        let now = at("2024-01-01T12:00:00Z");
        let mut run = Self {
            engine: Engine::new(7),
            now,
            events: Vec::new(),
        };
        for (number, (mode, lifetime)) in modes.iter().zip([7, 11]).enumerate() {
            let policy = format!("p{number}");
            let definition = json!({"offerExpiresAfterSeconds": lifetime, "mode": mode.json()});
            run.apply(upsert_policy(&policy, definition));
            run.apply(upsert_queue(
                &format!("q{number}"),
                json!({"distributionPolicyId": policy}),
            ));
        }
        run
    }

    fn apply(&mut self, command: Command) -> Outcome {
        let outcome = self.engine.apply(self.now, command);
        self.events.extend(outcome.events.iter().cloned());
        outcome
    }

    /// Takes the step; says whether it was allowed, and that it left no trace if not.
    fn take(&mut self, step: &Step) -> bool {
        if let Step::Wait(seconds) = step {
            let span = Duration::from_secs((*seconds).into());
            self.now = self.now.checked_add(span).expect("within the calendar");
        }
        self.apply(Command::Tick);
        let before = self.engine.clone();
        let outcome = self.apply(step.command(&before, self.now));
        if outcome.answer.is_err() {
            assert!(
                self.engine == before,
                "a refused command changed the state: {step:?}"
            );
        }
        outcome.answer.is_ok()
    }

    fn workers(&self) -> BTreeMap<String, Value> {
        let workers = self
            .engine
            .workers(&WorkerFilter::default(), EVERYTHING)
            .items;
        workers
            .iter()
            .map(|worker| (worker.id().to_owned(), json!(worker)))
            .collect()
    }

    fn jobs(&self) -> BTreeMap<String, Value> {
        let jobs = self.engine.jobs(&JobFilter::default(), EVERYTHING).items;
        jobs.iter()
            .map(|job| (job.id().to_owned(), json!(job)))
            .collect()
    }
}

/// Who holds which offers and assignments, where every job stands, and at which position: all that callers can see of routing.
type Routing = (
    BTreeMap<String, (bool, Vec<String>, Vec<String>)>,
    BTreeMap<String, String>,
    BTreeMap<String, Value>,
);

fn routing_of_engine(run: &Run) -> Routing {
    let held = |worker: &Value, member: &str| {
        let held = worker[member].as_array().expect("a list").iter();
        held.map(|held| held["jobId"].as_str().expect("an id").to_owned())
            .collect::<Vec<_>>()
    };
    let workers = run.workers().into_iter().map(|(id, worker)| {
        let available = worker["availableForOffers"] == json!(true);
        (
            id,
            (
                available,
                held(&worker, "offers"),
                held(&worker, "assignedJobs"),
            ),
        )
    });
    let jobs = run.jobs().into_iter().map(|(id, job)| {
        let status = job["status"].as_str().expect("a status").to_owned();
        (id, status)
    });
    let positions = run.jobs().into_keys().filter_map(|id| {
        let mut position = json!(run.engine.job_position(&id).ok()?);
        position.as_object_mut()?.remove("queueId");
        Some((id, position))
    });
    (workers.collect(), jobs.collect(), positions.collect())
}

fn routing_of_reference(reference: &Reference) -> Routing {
    let jobs_of = |held: &[Held]| held.iter().map(|held| job_id(held.job)).collect::<Vec<_>>();
    let workers = reference.workers.iter().map(|(id, worker)| {
        (
            worker_id(*id),
            (
                worker.available,
                jobs_of(&worker.offers),
                jobs_of(&worker.assigned),
            ),
        )
    });
    let jobs = reference.jobs.iter().map(|(id, job)| {
        let status = match job.status {
            Status::Queued => "queued",
            Status::Waiting => "waitingForActivation",
            Status::Assigned => "assigned",
            Status::Completed => "completed",
            Status::Closed => "closed",
            Status::Cancelled => "cancelled",
        };
        (job_id(*id), status.to_owned())
    });
    let positions = reference.jobs.keys().filter_map(|id| {
        let (position, length, minutes) = reference.position(*id)?;
        let id = job_id(*id);
        let mut json = json!({"jobId": id, "position": position, "queueLength": length});
        if let Some(minutes) = minutes {
            json["estimatedWaitTimeMinutes"] = json!(minutes);
        }
        Some((id, json))
    });
    (workers.collect(), jobs.collect(), positions.collect())
}

/// What must hold whatever the reference says.
fn assert_promises(run: &Run, new: &[Event]) {
    let (workers, jobs) = (run.workers(), run.jobs());
    for event in new
        .iter()
        .filter(|event| event.kind == EventKind::RouterWorkerOfferIssued)
    {
        // Capacity may be lowered below what is taken, but nothing is offered beyond it.
        let worker = &workers.get(json!(event.data)["workerId"].as_str().expect("an id"));
        if let Some(worker) = worker {
            assert!(worker["loadRatio"].as_f64() <= Some(1.0), "{worker}");
        }
    }
    for (id, job) in &jobs {
        let offers = workers
            .values()
            .flat_map(|worker| worker["offers"].as_array().expect("a list"));
        let offered = offers.filter(|offer| offer["jobId"] == **id).count();
        let assignments = workers
            .values()
            .flat_map(|worker| worker["assignedJobs"].as_array().expect("a list"));
        let assigned = assignments
            .filter(|assignment| assignment["jobId"] == **id)
            .count();
        let status = job["status"].as_str().expect("a status");
        assert!(
            assigned <= 1 && (offered == 0 || status == "queued"),
            "{job} {offered} {assigned}"
        );
        assert!(
            assigned == 0 || matches!(status, "assigned" | "completed"),
            "{job}"
        );
    }
    assert!(
        run.engine.next_deadline().is_none_or(|next| next > run.now),
        "what is due has passed"
    );
}

/// An offer ends once, and only if it was issued.
fn assert_offers_end_once(events: &[Event]) {
    let mut open = BTreeMap::new();
    for event in events {
        let offer = json!(event.data)["offerId"].as_str().map(str::to_owned);
        match (event.kind, offer) {
            (EventKind::RouterWorkerOfferIssued, Some(offer)) => {
                assert_eq!(open.insert(offer, event.time), None, "issued twice");
            }
            (_, Some(offer)) => {
                let issued = open.remove(&offer).expect("it was open");
                assert!(issued <= event.time);
            }
            (_, None) => {}
        }
    }
    assert!(
        events.windows(2).all(|pair| pair[0].time <= pair[1].time),
        "events are told in the order of time"
    );
}

fn check(modes: &[ModeStep; 2], steps: &[Step]) {
    let mut run = Run::new(modes);
    let mut reference = Reference::new(modes.clone());
    for step in steps {
        let seen = run.events.len();
        let allowed = run.take(step);
        assert_eq!(allowed, reference.take(step), "allowed or not: {step:?}");
        assert_eq!(
            routing_of_engine(&run),
            routing_of_reference(&reference),
            "after {step:?}"
        );
        assert_promises(&run, &run.events[seen..]);
    }
    assert_offers_end_once(&run.events);
}

proptest! {
    #![proptest_config(random(200))]

    #[test]
    fn the_engine_routes_as_the_simple_router_does(modes in modes(), steps in steps(80)) {
        check(&modes, &steps);
    }

    #[test]
    fn the_same_commands_give_the_same_state_and_events(modes in modes(), steps in steps(40)) {
        let (mut first, mut second) = (Run::new(&modes), Run::new(&modes));
        for step in &steps {
            assert_eq!(first.take(step), second.take(step));
        }
        assert!(first.engine == second.engine);
        assert_eq!(first.events, second.events);
    }
}
