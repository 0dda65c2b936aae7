//! Exception policies come, change and go.

use crate::answer::{Answer, EntityKind};
use crate::command::Condition;
use crate::engine::Engine;
use crate::entities::{
    ExceptionActionKind, ExceptionPolicy, ExceptionPolicyDefinition, ExceptionPolicyView,
};
use crate::ids::{Etag, Id};
use crate::members::{Object, Reader};
use crate::refusal::{Refusal, RefusalDetail};
use crate::table::ExceptionPolicyKey;
use crate::version::Version;

use super::{check_id, upserted};

impl Engine {
    pub(crate) fn upsert_exception_policy(
        &mut self,
        id: &str,
        patch: &Object,
        condition: &Condition,
    ) -> Result<Answer, Refusal> {
        check_id(id)?;
        let key = self.exception_policies.key(id);
        let stored = key.map(|key| &self.exception_policies[key]);
        condition.check(stored.map(|policy| policy.version))?;
        let mut reader = Reader::default();
        let stored = stored.map(|policy| &policy.definition);
        let mut definition = ExceptionPolicyDefinition::patched(&mut reader, stored, patch);
        self.check_action_references(&mut reader, stored, &definition);
        reader.finish()?;
        definition.make_action_ids(&mut self.ids);
        let stored_key = match key {
            None => self.create_exception_policy(id, definition),
            Some(key) => self.change_exception_policy(key, definition),
        };
        Ok(upserted(
            key.is_none(),
            &ExceptionPolicyView::from(&self.exception_policies[stored_key]),
        ))
    }

    // R41. What stored rules name may be gone, so only new rules are checked.
    fn check_action_references(
        &self,
        reader: &mut Reader,
        stored: Option<&ExceptionPolicyDefinition>,
        definition: &ExceptionPolicyDefinition,
    ) {
        if stored.is_some_and(|stored| stored.rules == definition.rules) {
            return;
        }
        for (rule_index, rule) in definition.rules.iter().enumerate() {
            for (action_index, action) in rule.actions.iter().enumerate() {
                let path = format!("exceptionRules[{rule_index}].actions[{action_index}]");
                self.check_action(reader, &path, &action.kind);
            }
        }
    }

    fn check_action(&self, reader: &mut Reader, path: &str, action: &ExceptionActionKind) {
        match action {
            ExceptionActionKind::ManualReclassify {
                queue_id: Some(queue),
                ..
            } if self.queues.key(queue).is_none() => {
                reader.unknown_reference(&format!("{path}.queueId"), "queue", queue);
            }
            ExceptionActionKind::Reclassify {
                classification_policy_id: Some(policy),
                ..
            } if self.classification_policies.key(policy).is_none() => {
                let member = format!("{path}.classificationPolicyId");
                reader.unknown_reference(&member, "classification policy", policy);
            }
            _ => {}
        }
    }

    fn create_exception_policy(
        &mut self,
        id: &str,
        definition: ExceptionPolicyDefinition,
    ) -> ExceptionPolicyKey {
        let id = Id::from(id);
        let version = Version {
            etag: Etag::drawn(&mut self.ids, self.now),
            modified: self.now,
        };
        self.journal
            .changed(EntityKind::ExceptionPolicy, &id, Some(version.etag));
        let policy = ExceptionPolicy {
            id: id.clone(),
            definition,
            version,
        };
        self.exception_policies.insert(&id, policy)
    }

    /// Changes a policy; without a difference, new ids of actions included, even its version stays (R20).
    fn change_exception_policy(
        &mut self,
        key: ExceptionPolicyKey,
        definition: ExceptionPolicyDefinition,
    ) -> ExceptionPolicyKey {
        let policy = &mut self.exception_policies[key];
        if policy.definition == definition {
            return key;
        }
        policy.definition = definition;
        policy.version.advance(&mut self.ids, self.now);
        let id = policy.id.clone();
        self.journal
            .changed(EntityKind::ExceptionPolicy, &id, Some(policy.version.etag));
        for queue in self.queues_with_exception_policy(&id) {
            self.watch_waits(&queue);
        }
        key
    }

    fn queues_with_exception_policy(&self, id: &str) -> Vec<Id> {
        let queues = self.queues.iter();
        let users = queues.filter(|queue| {
            let policy = queue.definition.exception_policy_id.as_deref();
            policy == Some(id)
        });
        users.map(|queue| queue.id.clone()).collect()
    }

    pub(crate) fn delete_exception_policy(&mut self, id: &str) -> Result<Answer, Refusal> {
        // R32
        if let Some(queue) = self.queues_with_exception_policy(id).first() {
            return Err(Refusal::bad_request(vec![RefusalDetail::new(
                "QueueExistsWithExceptionPolicy",
                format!("the queue '{queue}' uses the exception policy '{id}'"),
            )]));
        }
        if let Some(policy) = self.exception_policies.remove(id) {
            self.journal
                .changed(EntityKind::ExceptionPolicy, &policy.id, None);
        }
        Ok(Answer::Deleted)
    }
}
