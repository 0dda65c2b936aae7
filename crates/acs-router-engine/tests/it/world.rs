//! An engine with a clock, and short ways to command it and to look at it.

use std::time::Duration;

use acs_router_engine::{
    AcceptedOffer, Answer, CancelOptions, CloseOptions, Command, CompleteOptions, Condition,
    DeclineOptions, Engine, Event, EventKind, Outcome, Refusal, RefusalKind, UnassignOptions,
    UnassignedJob, Upserted,
};
use acs_types::Timestamp;
use serde_json::{Map, Value, json};

pub(crate) struct World {
    pub(crate) engine: Engine,
    pub(crate) now: Timestamp,
    /// All events so far.
    pub(crate) events: Vec<Event>,
    /// The pairs that the last command made the engine examine.
    pub(crate) pairs_examined: u64,
}

pub(crate) fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).expect("a time")
}

pub(crate) fn object(json: Value) -> Map<String, Value> {
    match json {
        Value::Object(object) => object,
        other => panic!("not an object: {other}"),
    }
}

impl World {
    /// An empty engine at noon of New Year's Day 2024.
    pub(crate) fn empty() -> Self {
        Self {
            engine: Engine::new(42),
            now: at("2024-01-01T12:00:00Z"),
            events: Vec::new(),
            pairs_examined: 0,
        }
    }

    /// With a policy `idle` (longest idle, offers expire after 60 s) and a queue `q` that uses it.
    pub(crate) fn with_queue() -> Self {
        let mut world = Self::empty();
        world.policy(
            "idle",
            json!({"offerExpiresAfterSeconds": 60, "mode": {"kind": "longestIdle"}}),
        );
        world.queue("q", json!({"distributionPolicyId": "idle"}));
        world
    }

    /// With a queue `q` whose policy `p` has this mode.
    pub(crate) fn with_mode(mode: Value) -> Self {
        let mut world = Self::empty();
        world.policy("p", json!({"offerExpiresAfterSeconds": 60, "mode": mode}));
        world.queue("q", json!({"distributionPolicyId": "p"}));
        world
    }

    pub(crate) fn apply(&mut self, command: Command) -> Outcome {
        let outcome = self.engine.apply(self.now, command);
        self.events.extend(outcome.events.iter().cloned());
        self.pairs_examined = outcome.pairs_examined;
        outcome
    }

    pub(crate) fn run(&mut self, command: Command) -> Result<Answer, Refusal> {
        self.apply(command).answer
    }

    /// Lets time pass, with what is due in it.
    pub(crate) fn wait(&mut self, seconds: f64) {
        let span = Duration::from_secs_f64(seconds);
        self.now = self.now.checked_add(span).expect("within the calendar");
        self.apply(Command::Tick);
    }

    // Upserts: the JSON of the answer.

    pub(crate) fn policy(&mut self, id: &str, patch: Value) -> Value {
        upserted(self.run(upsert_policy(id, patch)))
    }

    pub(crate) fn classification_policy(&mut self, id: &str, patch: Value) -> Value {
        upserted(self.run(upsert_classification_policy(id, patch)))
    }

    pub(crate) fn exception_policy(&mut self, id: &str, patch: Value) -> Value {
        upserted(self.run(upsert_exception_policy(id, patch)))
    }

    pub(crate) fn queue(&mut self, id: &str, patch: Value) -> Value {
        upserted(self.run(upsert_queue(id, patch)))
    }

    pub(crate) fn worker(&mut self, id: &str, patch: Value) -> Value {
        upserted(self.run(upsert_worker(id, patch)))
    }

    pub(crate) fn job(&mut self, id: &str, patch: Value) -> Value {
        upserted(self.run(upsert_job(id, patch)))
    }

    /// A registered worker of queue `q` that takes one job at a time on the channel `chat`.
    pub(crate) fn simple_worker(&mut self, id: &str) -> Value {
        self.worker(id, simple_worker())
    }

    /// A job in queue `q` on the channel `chat`.
    pub(crate) fn simple_job(&mut self, id: &str) -> Value {
        self.job(id, simple_job())
    }

    // Actions that must succeed.

    /// Accepts the worker's newest offer.
    pub(crate) fn accept(&mut self, worker: &str) -> AcceptedOffer {
        let offer = self.newest_offer(worker);
        match self.run(accept_offer(worker, &offer)) {
            Ok(Answer::Accepted(accepted)) => accepted,
            other => panic!("{other:?}"),
        }
    }

    /// Declines the worker's newest offer.
    pub(crate) fn decline(&mut self, worker: &str, options: DeclineOptions) {
        let offer = self.newest_offer(worker);
        done(self.run(decline_offer(worker, &offer, options)));
    }

    pub(crate) fn complete(&mut self, job: &str) {
        let assignment = self.assignment_of(job);
        done(self.run(complete_job(job, &assignment)));
    }

    pub(crate) fn close(&mut self, job: &str) {
        self.close_with(job, CloseOptions::default());
    }

    pub(crate) fn close_with(&mut self, job: &str, options: CloseOptions) {
        let assignment = self.assignment_of(job);
        done(self.run(close_job(job, &assignment, options)));
    }

    pub(crate) fn unassign(&mut self, job: &str, options: UnassignOptions) -> UnassignedJob {
        let assignment = self.assignment_of(job);
        match self.run(unassign_job(job, &assignment, options)) {
            Ok(Answer::Unassigned(unassigned)) => unassigned,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn cancel(&mut self, job: &str) {
        done(self.run(cancel_job(job)));
    }

    // Looking.

    pub(crate) fn read_job(&self, id: &str) -> Value {
        json!(self.engine.job(id).expect("a job"))
    }

    pub(crate) fn read_worker(&self, id: &str) -> Value {
        json!(self.engine.worker(id).expect("a worker"))
    }

    pub(crate) fn status(&self, job: &str) -> String {
        text(&self.read_job(job)["status"])
    }

    pub(crate) fn state(&self, worker: &str) -> String {
        text(&self.read_worker(worker)["state"])
    }

    /// The ids of the jobs that the worker has been offered, newest first.
    pub(crate) fn offered(&self, worker: &str) -> Vec<String> {
        let worker = self.read_worker(worker);
        let offers = worker["offers"].as_array().expect("offers");
        offers.iter().map(|offer| text(&offer["jobId"])).collect()
    }

    /// The next deadline within a day: workers' idleness ends later than that.
    pub(crate) fn due_soon(&self) -> Option<Timestamp> {
        let day = Duration::from_secs(24 * 60 * 60);
        let soon = self.now.checked_add(day).expect("within the calendar");
        self.engine.next_deadline().filter(|next| *next < soon)
    }

    pub(crate) fn newest_offer(&self, worker: &str) -> String {
        let offer = &self.read_worker(worker)["offers"][0]["offerId"];
        offer
            .as_str()
            .unwrap_or_else(|| panic!("{worker} has no offer"))
            .to_owned()
    }

    pub(crate) fn assignment_of(&self, job: &str) -> String {
        let job = self.read_job(job);
        let assignments = job["assignments"].as_object().expect("assignments");
        assignments.keys().next().expect("an assignment").clone()
    }

    /// Kind and subject of the events since there were `seen`.
    pub(crate) fn told_since(&self, seen: usize) -> Vec<(EventKind, &str)> {
        let new = self.events[seen..].iter();
        new.map(|event| (event.kind, event.subject.as_str()))
            .collect()
    }

    pub(crate) fn kinds_since(&self, seen: usize) -> Vec<EventKind> {
        self.events[seen..].iter().map(|event| event.kind).collect()
    }

    /// The data of the latest event of this kind.
    pub(crate) fn latest(&self, kind: EventKind) -> Value {
        let mut events = self.events.iter().rev();
        let event = events.find(|event| event.kind == kind);
        json!(event.unwrap_or_else(|| panic!("no {kind:?}")).data)
    }

    /// That the command is refused in this way and leaves no trace; gives the refusal.
    pub(crate) fn assert_refused(&mut self, command: Command, kind: RefusalKind) -> Refusal {
        self.apply(Command::Tick);
        let before = self.engine.clone();
        let outcome = self.apply(command);
        let refusal = outcome.answer.expect_err("a refusal");
        assert_eq!(refusal.kind, kind, "{refusal:?}");
        assert!(outcome.events.is_empty() && outcome.changes.is_empty());
        assert!(self.engine == before, "a refused command changed the state");
        refusal
    }

    /// That the command is refused as invalid, for these reasons.
    pub(crate) fn assert_invalid(&mut self, command: Command, reasons: &[&str]) {
        let refusal = self.assert_refused(command, RefusalKind::BadRequest);
        let messages: Vec<_> = refusal
            .details
            .iter()
            .map(|detail| detail.message.as_str())
            .collect();
        assert_eq!(messages, reasons);
        assert_eq!(refusal.message, "One or more validation errors occurred.");
    }
}

pub(crate) fn simple_worker() -> Value {
    json!({
        "availableForOffers": true,
        "capacity": 1,
        "queues": ["q"],
        "channels": [{"channelId": "chat", "capacityCostPerJob": 1}],
    })
}

pub(crate) fn simple_job() -> Value {
    json!({"channelId": "chat", "queueId": "q"})
}

pub(crate) fn text(json: &Value) -> String {
    json.as_str()
        .unwrap_or_else(|| panic!("not a text: {json}"))
        .to_owned()
}

fn upserted(answer: Result<Answer, Refusal>) -> Value {
    serde_json::from_str(entity(&answer_of_upsert(answer))).expect("JSON")
}

pub(crate) fn answer_of_upsert(answer: Result<Answer, Refusal>) -> Upserted {
    match answer {
        Ok(Answer::Upserted(upserted)) => upserted,
        other => panic!("{other:?}"),
    }
}

fn entity(upserted: &Upserted) -> &str {
    upserted.entity.get()
}

pub(crate) fn done(answer: Result<Answer, Refusal>) {
    assert!(matches!(answer, Ok(Answer::Done)), "{answer:?}");
}

pub(crate) fn upsert_policy(id: &str, patch: Value) -> Command {
    Command::UpsertDistributionPolicy {
        id: id.to_owned(),
        patch: object(patch),
        condition: Condition::default(),
    }
}

pub(crate) fn upsert_classification_policy(id: &str, patch: Value) -> Command {
    Command::UpsertClassificationPolicy {
        id: id.to_owned(),
        patch: object(patch),
        condition: Condition::default(),
    }
}

pub(crate) fn upsert_exception_policy(id: &str, patch: Value) -> Command {
    Command::UpsertExceptionPolicy {
        id: id.to_owned(),
        patch: object(patch),
        condition: Condition::default(),
    }
}

pub(crate) fn upsert_queue(id: &str, patch: Value) -> Command {
    Command::UpsertQueue {
        id: id.to_owned(),
        patch: object(patch),
        condition: Condition::default(),
    }
}

pub(crate) fn upsert_worker(id: &str, patch: Value) -> Command {
    Command::UpsertWorker {
        id: id.to_owned(),
        patch: object(patch),
        condition: Condition::default(),
    }
}

pub(crate) fn upsert_job(id: &str, patch: Value) -> Command {
    Command::UpsertJob {
        id: id.to_owned(),
        patch: object(patch),
        condition: Condition::default(),
    }
}

pub(crate) fn accept_offer(worker: &str, offer: &str) -> Command {
    Command::AcceptOffer {
        worker_id: worker.to_owned(),
        offer_id: offer.to_owned(),
    }
}

pub(crate) fn decline_offer(worker: &str, offer: &str, options: DeclineOptions) -> Command {
    Command::DeclineOffer {
        worker_id: worker.to_owned(),
        offer_id: offer.to_owned(),
        options,
    }
}

pub(crate) fn complete_job(job: &str, assignment: &str) -> Command {
    Command::CompleteJob {
        job_id: job.to_owned(),
        assignment_id: assignment.to_owned(),
        options: CompleteOptions::default(),
    }
}

pub(crate) fn close_job(job: &str, assignment: &str, options: CloseOptions) -> Command {
    Command::CloseJob {
        job_id: job.to_owned(),
        assignment_id: assignment.to_owned(),
        options,
    }
}

pub(crate) fn unassign_job(job: &str, assignment: &str, options: UnassignOptions) -> Command {
    Command::UnassignJob {
        job_id: job.to_owned(),
        assignment_id: assignment.to_owned(),
        options,
    }
}

pub(crate) fn cancel_job(job: &str) -> Command {
    Command::CancelJob {
        job_id: job.to_owned(),
        options: CancelOptions::default(),
    }
}

pub(crate) fn reclassify_job(job: &str) -> Command {
    Command::ReclassifyJob {
        job_id: job.to_owned(),
    }
}
