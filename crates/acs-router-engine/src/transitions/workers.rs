//! Workers come, register, change, deregister and go.

use std::mem;
use std::time::Duration;

use crate::answer::{Answer, EntityKind};
use crate::command::Condition;
use crate::deadlines::Deadline;
use crate::engine::Engine;
use crate::entities::{Listing, Queue, Worker, WorkerDefinition, WorkerView};
use crate::events::Happening;
use crate::ids::{Etag, Guid, Id};
use crate::matching::{Guard, Lane};
use crate::members::{Object, Reader};
use crate::refusal::Refusal;
use crate::table::WorkerKey;
use crate::version::Version;

use super::{check_id, upserted};

/// How long a worker may be registered without an offer or an assignment.
const LONGEST_IDLENESS: Duration = Duration::from_secs(7 * 24 * 60 * 60);

impl Engine {
    pub(crate) fn upsert_worker(
        &mut self,
        id: &str,
        patch: &Object,
        condition: &Condition,
    ) -> Result<Answer, Refusal> {
        check_id(id)?;
        let key = self.workers.key(id);
        let stored = key.map(|key| &self.workers[key]);
        condition.check(stored.map(|worker| worker.version))?;
        let mut reader = Reader::default();
        let stored = stored.map(|worker| &worker.definition);
        let definition = WorkerDefinition::patched(&mut reader, id, stored, patch);
        if let Some(definition) = &definition {
            self.check_worker_references(&mut reader, definition);
        }
        let definition = reader.finish_with(definition)?;
        let stored_key = match key {
            None => self.create_worker(id, definition),
            Some(key) => self.change_worker(key, definition),
        };
        Ok(upserted(
            key.is_none(),
            &WorkerView::from(&self.workers[stored_key]),
        ))
    }

    fn check_worker_references(&self, reader: &mut Reader, definition: &WorkerDefinition) {
        for queue in &definition.queues {
            if self.queues.key(queue).is_none() {
                reader.unknown_reference("queues", "queue", queue);
            }
        }
    }

    fn create_worker(&mut self, id: &str, definition: WorkerDefinition) -> WorkerKey {
        let id = Id::from(id);
        let worker = Worker {
            id: id.clone(),
            version: Version {
                etag: Etag::first(&mut self.ids),
                modified: self.now,
            },
            offers: Vec::new(),
            assignments: Vec::new(),
            registrations: 0,
            available_since: self.now,
            idle_until: None,
            guards: Guard::all_of(&definition.labels),
            listing: Listing::nowhere(self.now),
            definition,
        };
        self.journal
            .changed(EntityKind::Worker, &id, Some(worker.version.etag));
        let key = self.workers.insert(&id, worker);
        self.join_queues(key);
        if self.workers[key].definition.available_for_offers {
            self.register(key);
        }
        key
    }

    fn change_worker(&mut self, key: WorkerKey, definition: WorkerDefinition) -> WorkerKey {
        self.leave_queues(key);
        let worker = &mut self.workers[key];
        worker.guards = Guard::all_of(&definition.labels);
        let old = mem::replace(&mut worker.definition, definition);
        self.join_queues(key);
        match (
            old.available_for_offers,
            self.workers[key].definition.available_for_offers,
        ) {
            (false, true) => self.register(key),
            (true, false) => self.deregister(key),
            _ => self.revoke_unlisted_offers(key),
        }
        self.record_worker_update(key, &old);
        self.touch_worker(key);
        self.relist(key);
        self.wake_worker(key);
        key
    }

    fn join_queues(&mut self, key: WorkerKey) {
        let worker = &self.workers[key];
        for queue in &worker.definition.queues {
            self.queues.named_mut(queue).join(key, &worker.guards);
        }
    }

    fn leave_queues(&mut self, key: WorkerKey) {
        let worker = &self.workers[key];
        for queue in &worker.definition.queues {
            self.queues.named_mut(queue).leave(key, &worker.guards);
        }
    }

    // R113
    fn record_worker_update(&mut self, key: WorkerKey, old: &WorkerDefinition) {
        let worker = &self.workers[key];
        let new = &worker.definition;
        let properties = [
            (
                "AvailableForOffers",
                old.available_for_offers != new.available_for_offers,
            ),
            ("QueueAssignments", old.queues != new.queues),
            ("ChannelConfigurations", old.channels != new.channels),
            ("TotalCapacity", old.capacity != new.capacity),
            ("Labels", old.labels != new.labels),
            ("Tags", old.tags != new.tags),
        ];
        let changed = properties.into_iter().filter(|(_, changed)| *changed);
        let names: Vec<_> = changed.map(|(name, _)| name).collect();
        if !names.is_empty() {
            let update = Happening::worker_updated(worker, self.queues_listed_by(worker), names);
            self.record(update);
        }
    }

    fn queues_listed_by<'a>(&'a self, worker: &'a Worker) -> impl Iterator<Item = &'a Queue> {
        worker
            .definition
            .queues
            .iter()
            .map(|id| self.queues.named(id))
    }

    /// Makes an available worker one that gets offers; what it declined before, it may get again (R80).
    fn register(&mut self, key: WorkerKey) {
        let worker = &mut self.workers[key];
        worker.registrations += 1;
        worker.available_since = self.now;
        let worker = &self.workers[key];
        let registered = Happening::worker_registered(worker, self.queues_listed_by(worker));
        self.record(registered);
        self.relist(key);
        self.wake_worker(key);
    }

    /// Takes a worker out of routing: all its offers are revoked (R43).
    pub(crate) fn deregister(&mut self, key: WorkerKey) {
        let worker = &mut self.workers[key];
        worker.definition.available_for_offers = false;
        let deregistered = Happening::worker_deregistered(worker);
        let offers: Vec<Guid> = worker.offers.iter().map(|offer| offer.offer_id).collect();
        self.record(deregistered);
        self.relist(key);
        for offer in offers {
            self.revoke_offer(key, offer);
        }
        self.touch_worker(key);
    }

    /// A worker had nothing to do for so long that it counts as gone (R47).
    pub(crate) fn deregister_idle(&mut self, key: WorkerKey) {
        self.workers[key].idle_until = None;
        self.deregister(key);
    }

    /// Starts or ends the time for which a worker may be idle.
    fn watch_idleness(&mut self, key: WorkerKey) {
        let worker = &mut self.workers[key];
        let is_idle = worker.definition.available_for_offers
            && worker.offers.is_empty()
            && worker.assignments.is_empty();
        if !is_idle {
            self.deadlines.cancel(worker.idle_until.take());
        } else if worker.idle_until.is_none() {
            let deadline = Deadline::IdlenessEnds { worker: key };
            let end = self.now.checked_add(LONGEST_IDLENESS);
            worker.idle_until = end.map(|end| self.deadlines.set(end, deadline));
        }
    }

    /// Revokes offers on channels or of queues that the worker does not list any more (O15).
    fn revoke_unlisted_offers(&mut self, key: WorkerKey) {
        let worker = &self.workers[key];
        let definition = &worker.definition;
        let unlisted = worker.offers.iter().filter(|offer| {
            let queue = self.jobs[offer.job].definition.queue_id.as_deref();
            definition.channel(&offer.channel_id).is_none()
                || !queue.is_some_and(|queue| definition.lists(queue))
        });
        let offers: Vec<Guid> = unlisted.map(|offer| offer.offer_id).collect();
        for offer in offers {
            self.revoke_offer(key, offer);
        }
    }

    pub(crate) fn delete_worker(&mut self, id: &str) -> Result<Answer, Refusal> {
        let Some(key) = self.workers.key(id) else {
            return Ok(Answer::Deleted);
        };
        if self.workers[key].definition.available_for_offers {
            self.deregister(key);
        }
        self.leave_queues(key);
        if let Some(worker) = self.workers.remove(id) {
            self.record(Happening::worker_deleted(&worker));
            self.journal.changed(EntityKind::Worker, &worker.id, None);
        }
        Ok(Answer::Deleted)
    }

    /// Puts a worker where matching finds it: in the lanes of its queues and of its channels with a free slot.
    pub(crate) fn relist(&mut self, key: WorkerKey) {
        self.watch_idleness(key);
        let worker = &mut self.workers[key];
        let listing = worker.current_listing();
        if worker.listing == listing {
            return;
        }
        let id = worker.id.clone();
        let old = mem::replace(&mut worker.listing, listing);
        for (queue_id, channel_id) in &old.lanes {
            let lanes = &mut self.queues.named_mut(queue_id).lanes;
            if let Some(lane) = lanes.get_mut(channel_id) {
                lane.free.remove(key, &id, &old);
                if lane.is_empty() {
                    lanes.remove(channel_id);
                }
            }
        }
        let listing = &self.workers[key].listing;
        for (queue_id, channel_id) in &listing.lanes {
            let queue = self.queues.named(queue_id);
            let strategy = self.distribution_policy_of(queue).definition.mode.strategy;
            let lanes = &mut self.queues.named_mut(queue_id).lanes;
            let lane = lanes
                .entry(channel_id.clone())
                .or_insert_with(|| Lane::new(strategy));
            lane.free.insert(key, &id, listing);
        }
    }
}

impl Worker {
    fn current_listing(&self) -> Listing {
        let mut lanes = Vec::new();
        if self.takes_offers() {
            for channel in self.free_channels() {
                let queues = self.definition.queues.iter();
                lanes.extend(queues.map(|queue| (queue.clone(), channel.channel_id.clone())));
            }
        }
        Listing {
            load: self.load(),
            available_since: self.available_since,
            lanes,
        }
    }
}
