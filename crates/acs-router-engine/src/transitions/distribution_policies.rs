//! Distribution policies come, change and go.

use crate::answer::{Answer, EntityKind};
use crate::command::Condition;
use crate::engine::Engine;
use crate::entities::{DistributionPolicy, DistributionPolicyDefinition, DistributionPolicyView};
use crate::ids::{Etag, Id};
use crate::members::{Object, Reader};
use crate::refusal::{Refusal, RefusalDetail};
use crate::table::DistributionPolicyKey;
use crate::version::Version;

use super::{check_id, upserted};

impl Engine {
    pub(crate) fn upsert_distribution_policy(
        &mut self,
        id: &str,
        patch: &Object,
        condition: &Condition,
    ) -> Result<Answer, Refusal> {
        check_id(id)?;
        let key = self.distribution_policies.key(id);
        let stored = key.map(|key| &self.distribution_policies[key]);
        condition.check(stored.map(|policy| policy.version))?;
        let mut reader = Reader::default();
        let definition = stored.map(|policy| &policy.definition);
        let definition = DistributionPolicyDefinition::patched(&mut reader, definition, patch);
        let definition = reader.finish_with(definition)?;
        let stored_key = match key {
            None => self.create_distribution_policy(id, definition),
            Some(key) => self.change_distribution_policy(key, definition),
        };
        Ok(upserted(
            key.is_none(),
            &DistributionPolicyView::from(&self.distribution_policies[stored_key]),
        ))
    }

    fn create_distribution_policy(
        &mut self,
        id: &str,
        definition: DistributionPolicyDefinition,
    ) -> DistributionPolicyKey {
        let id = Id::from(id);
        let version = Version {
            etag: Etag::drawn(&mut self.ids, self.now),
            modified: self.now,
        };
        self.journal
            .changed(EntityKind::DistributionPolicy, &id, Some(version.etag));
        let policy = DistributionPolicy {
            id: id.clone(),
            definition,
            version,
        };
        self.distribution_policies.insert(&id, policy)
    }

    /// Changes a policy; without a difference even its version stays (R20).
    fn change_distribution_policy(
        &mut self,
        key: DistributionPolicyKey,
        definition: DistributionPolicyDefinition,
    ) -> DistributionPolicyKey {
        let policy = &mut self.distribution_policies[key];
        if policy.definition == definition {
            return key;
        }
        let rearrange = policy.definition.mode != definition.mode;
        policy.definition = definition;
        policy.version.advance(&mut self.ids, self.now);
        let id = policy.id.clone();
        self.journal.changed(
            EntityKind::DistributionPolicy,
            &id,
            Some(policy.version.etag),
        );
        if rearrange {
            for queue in self.queues_with_distribution_policy(&id) {
                self.rearrange(&queue);
            }
        }
        key
    }

    fn queues_with_distribution_policy(&self, id: &str) -> Vec<Id> {
        let queues = self.queues.iter();
        let users = queues.filter(|queue| &*queue.definition.distribution_policy_id == id);
        users.map(|queue| queue.id.clone()).collect()
    }

    pub(crate) fn delete_distribution_policy(&mut self, id: &str) -> Result<Answer, Refusal> {
        // R32
        if let Some(queue) = self.queues_with_distribution_policy(id).first() {
            return Err(Refusal::bad_request(vec![RefusalDetail::new(
                "QueueExistsWithDistributionPolicy",
                format!("the queue '{queue}' uses the distribution policy '{id}'"),
            )]));
        }
        if let Some(policy) = self.distribution_policies.remove(id) {
            self.journal
                .changed(EntityKind::DistributionPolicy, &policy.id, None);
        }
        Ok(Answer::Deleted)
    }
}
