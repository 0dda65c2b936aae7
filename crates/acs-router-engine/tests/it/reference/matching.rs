//! The simple router's matching: every pair, after every change.

use super::{Deadline, Held, Job, Reference, Status, Worker};
use crate::steps::{JobStep, ModeKind, OFFER_LIFETIME};

impl Reference {
    /// Offers the first job that can be offered to its best worker, until no job can be.
    pub(super) fn settle(&mut self) {
        while let Some((job, worker)) = self.next_pair() {
            self.issue(job, worker);
        }
        self.note_idleness();
    }

    fn next_pair(&self) -> Option<(u8, u8)> {
        let mut jobs = self.in_order().into_iter();
        jobs.find_map(|id| Some((id, self.best_worker(id)?)))
    }

    /// Position, queue length and estimated minutes of a queued job (R105, O13).
    pub(crate) fn position(&self, id: u8) -> Option<(usize, usize, Option<u64>)> {
        let queue = self.jobs[&id].step.queue;
        let mut in_queue = self.in_order();
        in_queue.retain(|other| self.jobs[other].step.queue == queue);
        let position = in_queue.iter().position(|other| *other == id)? + 1;
        let waits = &self.queues[usize::from(queue)].as_ref()?.waits;
        let last: Vec<_> = waits.iter().rev().take(10).collect();
        let seconds = last.iter().copied().sum::<u64>() * position as u64;
        let estimate = seconds.checked_next_multiple_of(60 * last.len() as u64);
        let minutes = estimate.map(|seconds| (seconds / (60 * last.len() as u64)).max(1));
        Some((position, in_queue.len(), minutes))
    }

    /// The queued jobs, the first to be served first.
    fn in_order(&self) -> Vec<u8> {
        let mut jobs: Vec<_> = self
            .jobs
            .iter()
            .filter(|(_, job)| job.status == Status::Queued)
            .collect();
        jobs.sort_by_key(|(_, job)| {
            (
                !job.expedited(),
                -i32::from(job.step.priority),
                job.enqueued_at,
                job.age,
            )
        });
        jobs.into_iter().map(|(id, _)| *id).collect()
    }

    fn best_worker(&self, id: u8) -> Option<u8> {
        let job = &self.jobs[&id];
        let (_, mode) = self.policy_of(job.step.queue);
        if self.holders(id).len() >= usize::from(mode.offers_at_once) {
            return None;
        }
        let eligible = self
            .workers
            .iter()
            .filter(|(worker, _)| self.is_eligible(id, **worker));
        let mut eligible: Vec<_> = eligible.collect();
        let queue = self.queues[usize::from(job.step.queue)].as_ref()?;
        let last = queue.last_offered;
        if mode.kind == ModeKind::RoundRobin {
            eligible.sort_by_key(|(id, _)| (last.is_some_and(|last| **id <= last), **id));
        } else {
            let load = |worker: &Worker| {
                let taken: u32 = worker.assigned.iter().map(|held| held.cost).sum();
                f64::from(taken) / f64::from(worker.step.capacity)
            };
            eligible.sort_by(|(_, left), (_, right)| {
                load(left)
                    .total_cmp(&load(right))
                    .then(left.since.cmp(&right.since))
                    .then(left.age().cmp(&right.age()))
            });
        }
        let score = |(_, worker): &(&u8, &Worker)| match mode.kind {
            ModeKind::LongestIdle | ModeKind::RoundRobin => 0.0,
            ModeKind::Asked => panic!("the simple router asks nobody"),
            ModeKind::HighestScore => -score(job, worker),
            ModeKind::LowestScore => score(job, worker),
            ModeKind::HighestByRule => -score_by_rule(job, worker),
            ModeKind::LowestByRule => score_by_rule(job, worker),
        };
        eligible.sort_by(|left, right| score(left).total_cmp(&score(right)));
        eligible.first().map(|(id, _)| **id)
    }

    /// The rules R45, R46, R62 and R80, word by word.
    fn is_eligible(&self, job_id: u8, worker_id: u8) -> bool {
        let (job, worker) = (&self.jobs[&job_id], &self.workers[&worker_id]);
        let Some((cost, limit)) = worker.channel(job.step.channel) else {
            return false;
        };
        let held = || worker.offers.iter().chain(&worker.assigned);
        let taken: u32 = held().map(|held| held.cost).sum();
        let on_channel = held()
            .filter(|held| held.channel == job.step.channel)
            .count();
        let meets = job
            .selector()
            .is_none_or(|selector| selector.is_met_by(worker.step.level));
        worker.available
            && worker.step.queues.contains(&job.step.queue)
            && taken + cost <= worker.step.capacity
            && limit.is_none_or(|limit| on_channel < limit)
            && worker
                .step
                .offers_at_once
                .is_none_or(|limit| worker.offers.len() < limit)
            && (meets || self.policy_of(job.step.queue).1.bypass)
            && !worker.offers.iter().any(|offer| offer.job == job_id)
            && !job.declined.iter().any(|(who, registration, _)| {
                (*who, *registration) == (worker_id, worker.registration)
            })
    }

    fn issue(&mut self, id: u8, worker_id: u8) {
        let JobStep { queue, channel, .. } = self.jobs[&id].step;
        self.queue(queue).last_offered = Some(worker_id);
        let (policy, _) = self.policy_of(queue);
        self.set_deadline(
            self.now + OFFER_LIFETIME[usize::from(policy)],
            Deadline::Offer {
                worker: worker_id,
                job: id,
            },
        );
        let worker = self.workers.get_mut(&worker_id).expect("a worker");
        let (cost, _) = worker.channel(channel).expect("a channel");
        worker.offers.insert(
            0,
            Held {
                job: id,
                channel,
                cost,
            },
        );
    }

    pub(super) fn holders(&self, job: u8) -> Vec<u8> {
        let holding = |worker: &Worker| worker.offers.iter().any(|offer| offer.job == job);
        self.workers
            .iter()
            .filter(|(_, worker)| holding(worker))
            .map(|(id, _)| *id)
            .collect()
    }
}

/// The default score (R73, R74) for a job that has at most one label and one selector.
fn score(job: &Job, worker: &Worker) -> f64 {
    let level = f64::from(worker.step.level);
    let of_label = job
        .step
        .label
        .map(|label| f64::from(u8::from(label == worker.step.level)));
    let of_selector = job.selector().map(|selector| {
        let wanted = f64::from(selector.level);
        if selector.exact {
            return f64::from(u8::from(selector.level == worker.step.level));
        }
        let unit = if selector.level == 0 { 1.0 } else { wanted };
        1.0 / (1.0 + ((wanted - level) / unit).exp())
    });
    match (of_label, of_selector) {
        (Some(label), Some(selector)) => f64::midpoint(label, selector),
        (Some(score), None) | (None, Some(score)) => score,
        (None, None) => 0.0,
    }
}

/// What the scoring rule of the modes by rule says.
fn score_by_rule(job: &Job, worker: &Worker) -> f64 {
    let level = worker.step.level;
    if level == job.step.label.unwrap_or(2) {
        10.0
    } else {
        f64::from(level)
    }
}
