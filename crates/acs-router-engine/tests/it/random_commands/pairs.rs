//! Which waiting job could be offered to which worker, by the rules alone and from what callers see.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde_json::Value;

use super::shown::{Job, Selector, Shown, Worker};

/// What callers do not see but the rules need.
#[derive(Clone, Debug, Default)]
pub(super) struct Memory {
    /// Which of two jobs was created first.
    pub(super) ages: BTreeMap<String, u64>,
    /// The channel of the job that a worker was offered, kept while it works on it.
    pub(super) channels: BTreeMap<(String, String), String>,
    /// Jobs and workers that an earlier decline keeps apart.
    pub(super) apart: Vec<(String, String)>,
}

/// The queued jobs, the first to be served first (R61, R68).
pub(super) fn in_order<'a>(shown: &'a Shown, memory: &Memory) -> Vec<(&'a str, &'a Job)> {
    let queued = shown.jobs.iter().filter(|(_, job)| job.status == "queued");
    let mut queued: Vec<_> = queued.map(|(id, job)| (id.as_str(), job)).collect();
    queued.sort_by_key(|(id, job)| {
        let expedited = job.active_selectors().any(|selector| selector.expedite);
        let order = (Reverse(expedited), Reverse(job.priority), job.enqueued_at);
        (order, memory.ages[*id])
    });
    queued
}

/// The first job that could have one more offer, with a worker that may get it.
pub(super) fn first_pair<'a>(
    shown: &Shown,
    workers: &'a BTreeMap<String, Worker>,
    in_order: &[(&'a str, &'a Job)],
    memory: &Memory,
) -> Option<(&'a str, &'a str)> {
    let has_room = |id: &str, job: &Job| {
        let mode = shown.mode_of(job.queue());
        let holders = workers.values().filter(|worker| worker.holds_offer_of(id));
        holders.count() < mode.max_concurrent_offers
    };
    let mut waiting = in_order.iter().filter(|(id, job)| has_room(id, job));
    waiting.find_map(|(id, job)| {
        let mut workers = workers.iter();
        let (worker, _) = workers
            .find(|(worker_id, worker)| may_get((id, job), (worker_id, worker), shown, memory))?;
        Some((*id, worker.as_str()))
    })
}

/// The rules R45, R46, R62 and R80, word by word.
pub(super) fn may_get(
    (job_id, job): (&str, &Job),
    (worker_id, worker): (&str, &Worker),
    shown: &Shown,
    memory: &Memory,
) -> bool {
    let mut channels = worker.channels.iter();
    let Some(channel) = channels.find(|channel| channel.channel_id == job.channel_id) else {
        return false;
    };
    let on_channel = || {
        let jobs = worker.jobs().filter(|job| {
            let taken = (worker_id.to_owned(), (*job).to_owned());
            memory.channels.get(&taken) == Some(&channel.channel_id)
        });
        jobs.count()
    };
    let apart = |(job, worker): &(String, String)| job == job_id && worker == worker_id;
    worker.available_for_offers
        && worker.queues.iter().any(|queue| queue == job.queue())
        && worker.taken() + channel.capacity_cost_per_job <= worker.capacity
        && worker
            .max_concurrent_offers
            .is_none_or(|limit| worker.offers.len() < limit)
        && !worker.holds_offer_of(job_id)
        && !memory.apart.iter().any(apart)
        && (shown.mode_of(job.queue()).bypass_selectors || job.is_met_by(worker))
        && channel
            .max_number_of_jobs
            .is_none_or(|limit| on_channel() < limit)
}

impl Worker {
    /// The capacity that offers and assignments take.
    pub(super) fn taken(&self) -> i64 {
        let offers = self.offers.iter().map(|offer| offer.capacity_cost);
        let assigned = self.assigned_jobs.iter().map(|job| job.capacity_cost);
        offers.chain(assigned).sum()
    }

    pub(super) fn holds_offer_of(&self, job: &str) -> bool {
        self.offers.iter().any(|offer| offer.job_id == job)
    }

    fn jobs(&self) -> impl Iterator<Item = &str> {
        let offers = self.offers.iter().map(|offer| offer.job_id.as_str());
        offers.chain(self.assigned_jobs.iter().map(|job| job.job_id.as_str()))
    }
}

impl Job {
    pub(super) fn queue(&self) -> &str {
        self.queue_id.as_deref().expect("a queued job has a queue")
    }

    pub(super) fn active_selectors(&self) -> impl Iterator<Item = &Selector> {
        let attached = self.attached_worker_selectors.iter();
        let all = self.requested_worker_selectors.iter().chain(attached);
        all.filter(|selector| selector.status == "active")
    }

    fn is_met_by(&self, worker: &Worker) -> bool {
        let mut selectors = self.active_selectors();
        selectors.all(|selector| selector.is_met_by(worker.labels.get(&selector.key)))
    }
}

impl Selector {
    /// The rules R63 to R65, word by word.
    fn is_met_by(&self, label: Option<&Value>) -> bool {
        let Some(label) = label else {
            return self.label_operator == "notEqual";
        };
        let numbers = label.as_f64().zip(self.value.as_f64());
        let equal = match numbers {
            Some((label, value)) => label.total_cmp(&value).is_eq(),
            None => *label == self.value,
        };
        let than = |holds: fn(&f64, &f64) -> bool| {
            numbers.is_some_and(|(label, value)| holds(&label, &value))
        };
        match self.label_operator.as_str() {
            "equal" => equal,
            "notEqual" => !equal,
            "lessThan" => than(f64::lt),
            "lessThanOrEqual" => than(f64::le),
            "greaterThan" => than(f64::gt),
            "greaterThanOrEqual" => than(f64::ge),
            other => panic!("no rule speaks of {other}"),
        }
    }
}
