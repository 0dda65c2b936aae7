//! Classification policies come, change and go.

use std::sync::Arc;

use crate::answer::{Answer, EntityKind};
use crate::command::Condition;
use crate::engine::Engine;
use crate::entities::{ClassificationDefinition, ClassificationPolicy, ClassificationPolicyView};
use crate::ids::{Etag, Id};
use crate::members::{Object, Reader};
use crate::refusal::{Refusal, RefusalDetail};
use crate::table::ClassificationPolicyKey;
use crate::version::Version;

use super::{check_id, upserted};

impl Engine {
    pub(crate) fn upsert_classification_policy(
        &mut self,
        id: &str,
        patch: &Object,
        condition: &Condition,
    ) -> Result<Answer, Refusal> {
        check_id(id)?;
        let key = self.classification_policies.key(id);
        let stored = key.map(|key| &self.classification_policies[key]);
        condition.check(stored.map(|policy| policy.version))?;
        let stored = stored.map(|policy| &*policy.definition);
        let definition = self.read_classification_policy(stored, patch)?;
        let stored_key = match key {
            None => self.create_classification_policy(id, definition),
            Some(key) => self.change_classification_policy(key, definition),
        };
        Ok(upserted(
            key.is_none(),
            &ClassificationPolicyView::from(&self.classification_policies[stored_key]),
        ))
    }

    /// The definition that a merge patch makes of the stored one, or of nothing, if all that it refers to exists.
    pub(crate) fn read_classification_policy(
        &self,
        stored: Option<&ClassificationDefinition>,
        patch: &Object,
    ) -> Result<ClassificationDefinition, Refusal> {
        let mut reader = Reader::default();
        let definition = ClassificationDefinition::patched(&mut reader, stored, patch);
        if let Some(queue) = &definition.fallback_queue_id
            && self.queues.key(queue).is_none()
        {
            reader.unknown_reference("fallbackQueueId", "queue", queue);
        }
        reader.finish_with(Some(definition))
    }

    fn create_classification_policy(
        &mut self,
        id: &str,
        definition: ClassificationDefinition,
    ) -> ClassificationPolicyKey {
        let id = Id::from(id);
        let version = Version {
            etag: Etag::drawn(&mut self.ids, self.now),
            modified: self.now,
        };
        self.journal
            .changed(EntityKind::ClassificationPolicy, &id, Some(version.etag));
        let policy = ClassificationPolicy {
            id: id.clone(),
            definition: Arc::new(definition),
            version,
            open_jobs: 0,
        };
        self.classification_policies.insert(&id, policy)
    }

    /// Changes a policy; without a difference even its version stays (R20). Jobs that have been classified stay as they
    /// are until they are classified again.
    fn change_classification_policy(
        &mut self,
        key: ClassificationPolicyKey,
        definition: ClassificationDefinition,
    ) -> ClassificationPolicyKey {
        let policy = &mut self.classification_policies[key];
        if *policy.definition != definition {
            policy.definition = Arc::new(definition);
            policy.version.advance(&mut self.ids, self.now);
            self.journal.changed(
                EntityKind::ClassificationPolicy,
                &policy.id,
                Some(policy.version.etag),
            );
        }
        key
    }

    pub(crate) fn delete_classification_policy(&mut self, id: &str) -> Result<Answer, Refusal> {
        let Some(policy) = self.classification_policies.by_id(id) else {
            return Ok(Answer::Deleted);
        };
        // R39
        if policy.open_jobs > 0 {
            return Err(Refusal::bad_request(vec![RefusalDetail::new(
                "ActiveJobWithClassificationPolicyExist",
                format!(
                    "a job that is neither closed nor cancelled uses the classification policy '{id}'"
                ),
            )]));
        }
        if let Some(policy) = self.classification_policies.remove(id) {
            self.journal
                .changed(EntityKind::ClassificationPolicy, &policy.id, None);
        }
        Ok(Answer::Deleted)
    }

    /// Whether a policy falls back on this queue.
    pub(crate) fn is_fallback_queue(&self, queue: &str) -> bool {
        self.classification_policies
            .iter()
            .any(|policy| policy.definition.fallback_queue_id.as_deref() == Some(queue))
    }
}
