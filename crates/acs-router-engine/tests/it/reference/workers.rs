//! The simple router's workers.

use super::{LONGEST_IDLENESS, Reference, Worker};
use crate::steps::WorkerStep;

impl Reference {
    pub(super) fn change_worker(&mut self, id: u8, step: &WorkerStep) -> bool {
        if !step.queues.iter().all(|queue| self.exists(*queue)) {
            return false;
        }
        let created = self.created;
        let worker = self.workers.entry(id).or_insert_with(|| Worker {
            step: WorkerStep {
                age: created,
                ..step.clone()
            },
            available: false,
            registration: 0,
            since: 0,
            idle_since: None,
            offers: Vec::new(),
            assigned: Vec::new(),
        });
        if worker.step.age == created {
            self.created += 1;
        }
        worker.step = WorkerStep {
            age: worker.step.age,
            ..step.clone()
        };
        match (worker.available, step.available) {
            (false, true) => {
                worker.available = true;
                worker.registration += 1;
                worker.since = self.now;
            }
            (true, false) => self.deregister(id),
            _ => self.revoke_unlisted(id),
        }
        true
    }

    fn revoke_unlisted(&mut self, id: u8) {
        let worker = &self.workers[&id];
        let lost = worker.offers.iter().filter(|offer| {
            let queue = self.jobs[&offer.job].step.queue;
            worker.channel(offer.channel).is_none() || !worker.step.queues.contains(&queue)
        });
        for job in lost.map(|offer| offer.job).collect::<Vec<_>>() {
            self.take_offer(id, job);
        }
    }

    pub(super) fn delete_worker(&mut self, id: u8) {
        if self.workers.contains_key(&id) {
            self.deregister(id);
            self.workers.remove(&id);
        }
        for job in self.jobs.values_mut() {
            job.declined.retain(|(worker, _, _)| *worker != id);
        }
    }

    pub(super) fn deregister(&mut self, id: u8) {
        let worker = self.workers.get_mut(&id).expect("a worker");
        worker.available = false;
        worker.idle_since = None;
        for offer in worker.offers.clone() {
            self.take_offer(id, offer.job);
        }
    }

    /// When the first worker counts as gone, and which.
    pub(super) fn first_idle(&self) -> Option<(u64, u8)> {
        let idle = self.workers.iter().filter_map(|(id, worker)| {
            let end = worker.idle_since? + LONGEST_IDLENESS;
            Some((end, *id))
        });
        idle.min()
    }

    pub(super) fn note_idleness(&mut self) {
        for worker in self.workers.values_mut() {
            let idle = worker.available && worker.offers.is_empty() && worker.assigned.is_empty();
            worker.idle_since = idle.then(|| worker.idle_since.unwrap_or(self.now));
        }
    }
}

impl Worker {
    pub(super) fn age(&self) -> u64 {
        self.step.age
    }

    /// Cost per job and most jobs of a channel, if the worker has it.
    pub(super) fn channel(&self, id: u8) -> Option<(u32, Option<usize>)> {
        let mut channels = self.step.channels.iter();
        channels
            .find(|(channel, _, _)| *channel == id)
            .map(|(_, cost, limit)| (*cost, *limit))
    }
}
