//! Queues come, change and go.

use std::collections::{BTreeMap, BTreeSet};

use crate::answer::{Answer, EntityKind};
use crate::command::Condition;
use crate::engine::Engine;
use crate::entities::{Queue, QueueDefinition, QueueView};
use crate::ids::{Etag, Id};
use crate::matching::FreeWorkers;
use crate::members::{Object, Reader};
use crate::refusal::Refusal;
use crate::statistics::WaitHistory;
use crate::table::{JobKey, QueueKey};
use crate::version::Version;

use super::{check_id, upserted};

impl Engine {
    pub(crate) fn upsert_queue(
        &mut self,
        id: &str,
        patch: &Object,
        condition: &Condition,
    ) -> Result<Answer, Refusal> {
        check_id(id)?;
        let key = self.queues.key(id);
        let stored = key.map(|key| &self.queues[key]);
        condition.check(stored.map(|queue| queue.version))?;
        let mut reader = Reader::default();
        let stored = stored.map(|queue| &queue.definition);
        let definition = QueueDefinition::patched(&mut reader, id, stored, patch);
        if let Some(definition) = &definition {
            self.check_queue_references(&mut reader, definition);
        }
        let definition = reader.finish_with(definition)?;
        let stored_key = match key {
            None => self.create_queue(id, definition),
            Some(key) => self.change_queue(key, definition),
        };
        Ok(upserted(
            key.is_none(),
            &QueueView::from(&self.queues[stored_key]),
        ))
    }

    // R33
    fn check_queue_references(&self, reader: &mut Reader, definition: &QueueDefinition) {
        let policy = &definition.distribution_policy_id;
        if self.distribution_policies.key(policy).is_none() {
            reader.unknown_reference("distributionPolicyId", "distribution policy", policy);
        }
        let exceptions = definition.exception_policy_id.as_ref();
        let is_unknown = |policy: &&Id| self.exception_policies.key(policy).is_none();
        if let Some(policy) = exceptions.filter(is_unknown) {
            reader.unknown_reference("exceptionPolicyId", "exception policy", policy);
        }
    }

    fn create_queue(&mut self, id: &str, definition: QueueDefinition) -> QueueKey {
        let id = Id::from(id);
        let version = Version {
            etag: Etag::drawn(&mut self.ids, self.now),
            modified: self.now,
        };
        self.journal
            .changed(EntityKind::Queue, &id, Some(version.etag));
        let queue = Queue {
            id: id.clone(),
            definition,
            version,
            workers: BTreeSet::new(),
            workers_by_label: BTreeMap::new(),
            open_jobs: 0,
            lanes: BTreeMap::new(),
            saturated: BTreeSet::new(),
            last_offered: None,
            accepted_waits: WaitHistory::default(),
            queued: 0,
            wait_watch: None,
        };
        let key = self.queues.insert(&id, queue);
        self.watch_waits(&id);
        key
    }

    /// Changes a queue; without a difference even its version stays (R20).
    fn change_queue(&mut self, key: QueueKey, definition: QueueDefinition) -> QueueKey {
        let queue = &mut self.queues[key];
        if queue.definition == definition {
            return key;
        }
        let rearrange =
            queue.definition.distribution_policy_id != definition.distribution_policy_id;
        let other_rules = queue.definition.exception_policy_id != definition.exception_policy_id;
        queue.definition = definition;
        queue.version.advance(&mut self.ids, self.now);
        let id = queue.id.clone();
        self.journal
            .changed(EntityKind::Queue, &id, Some(queue.version.etag));
        if rearrange {
            self.rearrange(&id);
        }
        if other_rules {
            self.forget_exceptions(&id);
            self.watch_waits(&id);
        }
        key
    }

    /// Brings a queue in line with a new distribution mode: ranks its free workers anew, and has its jobs and workers
    /// looked at again, as there may be room for more offers, or more workers that may get them.
    pub(crate) fn rearrange(&mut self, id: &Id) {
        let strategy = self
            .distribution_policy_of(self.queues.named(id))
            .definition
            .mode
            .strategy;
        let queue = self.queues.named_mut(id);
        let mut jobs: BTreeSet<JobKey> = queue.saturated.clone();
        let mut free = BTreeSet::new();
        for lane in queue.lanes.values_mut() {
            jobs.extend(lane.waiting.jobs());
            let mut ranked = FreeWorkers::new(strategy);
            for key in lane.free.workers() {
                let worker = &self.workers[key];
                ranked.insert(key, &worker.id, &worker.listing);
                free.insert(key);
            }
            lane.free = ranked;
        }
        for job in jobs {
            self.forget_scores(job);
            self.update_standing(job);
        }
        // Every new pair has one of these workers, so the jobs need not look for themselves.
        for worker in free {
            self.wake_worker(worker);
        }
    }

    pub(crate) fn delete_queue(&mut self, id: &str) -> Result<Answer, Refusal> {
        let Some(queue) = self.queues.by_id(id) else {
            return Ok(Answer::Deleted);
        };
        // R35
        let mut reasons = Vec::new();
        if queue.open_jobs > 0 {
            reasons.push(("", "There is active job with this queue"));
        }
        if !queue.workers.is_empty() {
            reasons.push(("", "There is an assigned worker to this queue"));
        }
        if self.is_fallback_queue(id) {
            reasons.push((
                "",
                "There is classification policy with this queue as fallback queue",
            ));
        }
        if !reasons.is_empty() {
            return Err(Refusal::conflict(&reasons));
        }
        if let Some(queue) = self.queues.remove(id) {
            self.journal.changed(EntityKind::Queue, &queue.id, None);
        }
        Ok(Answer::Deleted)
    }
}
