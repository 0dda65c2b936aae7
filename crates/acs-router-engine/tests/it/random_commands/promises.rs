//! What holds after every command, whatever the simple router says; found from answers, events and views alone.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use acs_router_engine::{Command, Effect, Engine, Event, EventKind, Guid, Outcome};
use acs_types::Timestamp;
use serde_json::json;

use super::pairs::{Memory, first_pair, in_order, may_get};
use super::shown::{Shown, Worker};

const DAY: u64 = 24 * 60 * 60;
const LONGEST_IDLENESS: Duration = Duration::from_secs(7 * DAY);
const LONGEST_LIFE: Duration = Duration::from_secs(90 * DAY);
/// How often everything is read instead of what has changed.
const FULL_READING: usize = 100;

#[derive(Default)]
pub(super) struct Promises {
    pub(super) shown: Shown,
    pub(super) memory: Memory,
    applied: usize,
    /// The open offers, as events tell.
    offers: BTreeMap<String, OpenOffer>,
    declines: Vec<Decline>,
    /// The calls for scores without an answer, and whether there ever was one.
    calls: BTreeSet<Guid>,
    has_asked: bool,
    /// The jobs that close by themselves.
    closing: BTreeMap<String, Timestamp>,
    /// When jobs have lived as long as they may.
    life_ends: BTreeMap<String, Timestamp>,
    /// Since when registered workers have had nothing to do.
    idle_since: BTreeMap<String, Timestamp>,
    latest_event: Option<Timestamp>,
    /// When the engine has something to do next, and how many things.
    next: (Option<Timestamp>, usize),
}

struct OpenOffer {
    worker: String,
    job: String,
    expires_at: Option<Timestamp>,
}

struct Decline {
    job: String,
    worker: String,
    /// Whether the worker is still registered as it was.
    counts: bool,
    /// Whether the worker is still the same.
    exists: bool,
    until: Option<Timestamp>,
}

impl Promises {
    /// Checks what came of a command that was applied at this time. What was due before must have passed already.
    pub(super) fn check(
        &mut self,
        engine: &Engine,
        now: Timestamp,
        command: &Command,
        outcome: &Outcome,
    ) {
        self.applied += 1;
        self.shown.follow(engine, &outcome.changes);
        if self.applied.is_multiple_of(FULL_READING) {
            assert_eq!(self.shown, Shown::of(engine), "a change was not told");
        }
        for event in &outcome.events {
            self.follow(event, command, now);
        }
        self.follow_time(command, outcome, now);
        self.assert_workers_add_up();
        self.assert_offers_are_told();
        self.follow_calls(command, &outcome.effects);
        // Jobs that wait for scores let others go first.
        if self.calls.is_empty() {
            self.assert_no_offer_is_missing();
        }
        // Where several deadlines pass at one time, offers go out after each of them.
        if !self.has_asked && (self.next.1 <= 1 || self.next.0 > Some(now)) {
            self.assert_offers_went_out_in_order(&outcome.events);
        }
        self.assert_each_deadline_is_set(engine, now);
    }

    fn follow(&mut self, event: &Event, command: &Command, now: Timestamp) {
        assert!(Some(event.time) >= self.latest_event && event.time <= now);
        self.latest_event = Some(event.time);
        let subject: Vec<&str> = event.subject.split('/').collect();
        match (event.kind, &subject[..]) {
            (EventKind::RouterJobReceived, ["job", job, ..]) => {
                let age = self.memory.ages.values().max().map_or(0, |last| last + 1);
                self.memory.ages.insert((*job).to_owned(), age);
                let end = event.time.checked_add(LONGEST_LIFE);
                self.life_ends
                    .extend(end.map(|end| ((*job).to_owned(), end)));
            }
            (EventKind::RouterJobDeleted, ["job", job, ..]) => {
                let asked_now = matches!(command, Command::DeleteJob { id } if id == job);
                let end = self.life_ends.remove(*job);
                assert!(
                    asked_now || end == Some(event.time),
                    "{job} lives as long as it may"
                );
                self.declines.retain(|decline| decline.job != *job);
                self.closing.remove(*job);
            }
            (EventKind::RouterJobClosed | EventKind::RouterJobCancelled, ["job", job, ..]) => {
                self.declines.retain(|decline| decline.job != *job);
                let asked_now =
                    matches!(command, Command::CloseJob { job_id, .. } if job_id == job);
                if let Some(at) = self.closing.remove(*job).filter(|_| !asked_now) {
                    assert_eq!(event.time, at, "{job} closes at its time");
                }
            }
            (EventKind::RouterWorkerRegistered, ["worker", worker]) => {
                self.forget_declines_of(worker, false);
            }
            (EventKind::RouterWorkerDeleted, ["worker", worker]) => {
                self.forget_declines_of(worker, true);
            }
            (EventKind::RouterWorkerOfferIssued, ["worker", worker, "job", job]) => {
                self.open_offer(event, worker, job);
            }
            (_, ["worker", worker, "job", job]) => self.end_offer(event, worker, job, command),
            _ => {}
        }
    }

    fn forget_declines_of(&mut self, worker: &str, deleted: bool) {
        for decline in &mut self.declines {
            if decline.worker == worker {
                decline.counts = false;
                decline.exists &= !deleted;
            }
        }
        // Without a time they do not matter any more.
        self.declines
            .retain(|decline| decline.counts || decline.until.is_some());
    }

    fn open_offer(&mut self, event: &Event, worker: &str, job: &str) {
        let offers = self.shown.workers.get(worker).map(|worker| &worker.offers);
        let mut offers = offers.into_iter().flatten();
        let shown = offers.find(|offer| offer.job_id == job);
        let offer = OpenOffer {
            worker: worker.to_owned(),
            job: job.to_owned(),
            expires_at: shown.and_then(|offer| offer.expires_at),
        };
        let before = self.offers.insert(offer_id(event), offer);
        assert!(before.is_none(), "an offer was issued twice");
        if let Some(shown) = self.shown.jobs.get(job) {
            let pair = (worker.to_owned(), job.to_owned());
            self.memory.channels.insert(pair, shown.channel_id.clone());
        }
    }

    fn end_offer(&mut self, event: &Event, worker: &str, job: &str, command: &Command) {
        let offer = self.offers.remove(&offer_id(event));
        let offer = offer.expect("an offer ends once, and only if it was issued");
        assert_eq!((&*offer.worker, &*offer.job), (worker, job));
        if event.kind == EventKind::RouterWorkerOfferExpired {
            assert_eq!(
                Some(event.time),
                offer.expires_at,
                "an offer expires at its time"
            );
        }
        assert!(offer.expires_at.is_none_or(|at| event.time <= at));
        if let (EventKind::RouterWorkerOfferDeclined, Command::DeclineOffer { options, .. }) =
            (event.kind, command)
        {
            let until = options.retry_offer_at;
            if until.is_none_or(|at| at > event.time) {
                self.declines
                    .retain(|old| !(old.job == job && old.worker == worker && old.exists));
                self.declines.push(Decline {
                    job: job.to_owned(),
                    worker: worker.to_owned(),
                    counts: true,
                    exists: true,
                    until,
                });
            }
        }
    }

    fn follow_time(&mut self, command: &Command, outcome: &Outcome, now: Timestamp) {
        if let (
            Command::CloseJob {
                job_id, options, ..
            },
            true,
        ) = (command, outcome.answer.is_ok())
            && self.shown.jobs[job_id].status == "completed"
        {
            let at = options
                .close_at
                .expect("without a time a job closes at once");
            self.closing.insert(job_id.clone(), at);
        }
        self.declines
            .retain(|decline| decline.until.is_none_or(|at| at > now));
        let counting = self.declines.iter().filter(|decline| decline.counts);
        self.memory.apart = counting
            .map(|decline| (decline.job.clone(), decline.worker.clone()))
            .collect();
        let idle = self
            .shown
            .workers
            .iter()
            .filter(|(_, worker)| worker.is_idle());
        self.idle_since = idle
            .map(|(id, _)| (id.clone(), *self.idle_since.get(id).unwrap_or(&now)))
            .collect();
    }

    fn follow_calls(&mut self, command: &Command, effects: &[Effect]) {
        if let Command::AnswerRuleCall { id, .. } = command {
            self.calls.remove(id);
        }
        for effect in effects {
            if let Effect::CallRule { id, .. } = effect {
                self.calls.insert(*id);
                self.has_asked = true;
            }
        }
    }

    /// The state and the load follow from what a worker holds (R43, R44), and no job is in two assignments.
    fn assert_workers_add_up(&self) {
        let mut assigned = BTreeMap::new();
        for (id, worker) in &self.shown.workers {
            #[expect(clippy::cast_precision_loss, reason = "small numbers")]
            let load = worker.taken() as f64 / worker.capacity as f64;
            assert!((worker.load_ratio - load).abs() < 1e-9, "{worker:?}");
            let state = match (worker.available_for_offers, worker.assigned_jobs.is_empty()) {
                (true, _) => "active",
                (false, false) => "draining",
                (false, true) => "inactive",
            };
            assert_eq!(worker.state, state, "{worker:?}");
            for job in &worker.assigned_jobs {
                let other = assigned.insert(&job.job_id, id);
                assert_eq!(other, None, "{} has two assignments", job.job_id);
                let status = &*self.shown.jobs[&job.job_id].status;
                assert!(matches!(status, "assigned" | "completed"), "{status}");
            }
            for offer in &worker.offers {
                assert_eq!(self.shown.jobs[&offer.job_id].status, "queued");
            }
        }
    }

    /// The offers that workers hold are those that events have told of.
    fn assert_offers_are_told(&self) {
        let held = self.shown.workers.iter().flat_map(|(id, worker)| {
            let offers = worker.offers.iter();
            offers.map(move |offer| (id.as_str(), offer.job_id.as_str()))
        });
        let mut held: Vec<_> = held.collect();
        let told = self.offers.values();
        let mut told: Vec<_> = told.map(|offer| (&*offer.worker, &*offer.job)).collect();
        held.sort_unstable();
        told.sort_unstable();
        assert_eq!(held, told);
    }

    /// No wake-up was lost: there is no job left that a worker could get.
    fn assert_no_offer_is_missing(&self) {
        let in_order = in_order(&self.shown, &self.memory);
        let left = first_pair(&self.shown, &self.shown.workers, &in_order, &self.memory);
        assert_eq!(left, None, "an offer should be out");
    }

    /// Takes the offers back, last first: each was for the first job that any worker could get then.
    fn assert_offers_went_out_in_order(&self, events: &[Event]) {
        let is_offer = |event: &&Event| event.kind == EventKind::RouterWorkerOfferIssued;
        if !events.iter().any(|event| is_offer(&event)) {
            return;
        }
        let in_order = in_order(&self.shown, &self.memory);
        let mut workers = self.shown.workers.clone();
        for event in events.iter().rev().take_while(is_offer) {
            let (worker_id, job_id) = pair_of(event);
            let worker = workers.get_mut(worker_id).expect("a worker");
            worker.offers.retain(|offer| offer.job_id != job_id);
            let job = &self.shown.jobs[job_id];
            let pair = ((job_id, job), (worker_id, &workers[worker_id]));
            assert!(
                may_get(pair.0, pair.1, &self.shown, &self.memory),
                "{job:?} was offered to {:?}",
                workers[worker_id]
            );
            let first = first_pair(&self.shown, &workers, &in_order, &self.memory);
            let first = first.map(|(job, _)| job);
            assert_eq!(first, Some(job_id), "another job came first");
        }
    }

    /// The engine waits for exactly what is going to happen; what has happened is not due again.
    fn assert_each_deadline_is_set(&mut self, engine: &Engine, now: Timestamp) {
        let offers = self.offers.values().filter_map(|offer| offer.expires_at);
        let retries = self.declines.iter().filter_map(|decline| decline.until);
        let closing = self.closing.values().copied();
        let idle = self.idle_since.values();
        let idle = idle.filter_map(|since| since.checked_add(LONGEST_IDLENESS));
        let jobs = self
            .shown
            .jobs
            .values()
            .filter_map(|job| match &*job.status {
                "queued" => {
                    let enqueued_at = job.enqueued_at?;
                    let spans = job.active_selectors();
                    let spans = spans.filter_map(|selector| selector.expires_after_seconds);
                    enqueued_at.checked_add(Duration::from_secs(spans.min()?))
                }
                "scheduled" => job.matching_mode.schedule_at,
                _ => None,
            });
        let lives = self.life_ends.values().copied();
        let all = offers
            .chain(retries)
            .chain(closing)
            .chain(idle)
            .chain(jobs)
            .chain(lives);
        let all: Vec<Timestamp> = all.collect();
        let next = all.iter().min().copied();
        let together = all.iter().filter(|at| Some(**at) == next).count();
        assert_eq!(engine.next_deadline(), next);
        assert!(next.is_none_or(|next| next > now), "it is due already");
        self.next = (next, together);
    }
}

impl Worker {
    fn is_idle(&self) -> bool {
        self.available_for_offers && self.offers.is_empty() && self.assigned_jobs.is_empty()
    }
}

fn offer_id(event: &Event) -> String {
    let id = &json!(event.data)["offerId"];
    id.as_str().expect("an offer's id").to_owned()
}

/// Worker and job of an offer's event.
fn pair_of(event: &Event) -> (&str, &str) {
    let mut parts = event.subject.split('/');
    let worker = parts.nth(1).expect("a worker");
    let job = parts.nth(1).expect("a job");
    (worker, job)
}
