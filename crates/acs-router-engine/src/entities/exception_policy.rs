//! Exception policies: what becomes of jobs that wait too long, or find their queue too long.

use std::collections::BTreeSet;
use std::sync::Arc;

use acs_types::Timestamp;
use serde::{Serialize, Serializer};
use serde_json::Value;

use super::View;
use super::job::PRIORITIES;
use crate::ids::{Etag, Guid, Id, IdSource};
use crate::labels::LabelMap;
use crate::members::{self, Object, Reader};
use crate::selector::WorkerSelector;
use crate::time::Seconds;
use crate::version::Version;

/// A stored exception policy.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ExceptionPolicy {
    pub(crate) id: Id,
    pub(crate) definition: ExceptionPolicyDefinition,
    pub(crate) version: Version,
}

/// What a caller defines.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ExceptionPolicyDefinition {
    pub(crate) name: Option<Arc<str>>,
    pub(crate) rules: Arc<[ExceptionRule]>,
}

/// A trigger and what is done when it fires. The id names it within its policy.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct ExceptionRule {
    pub(crate) id: Arc<str>,
    pub(crate) trigger: ExceptionTrigger,
    pub(crate) actions: Vec<ExceptionAction>,
}

/// When a rule fires.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(
    tag = "kind",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub(crate) enum ExceptionTrigger {
    /// When a job comes into a queue that holds this many jobs already (R99).
    QueueLength { threshold: i32 },
    /// When a job has waited this long (R100).
    WaitTime { threshold_seconds: Seconds },
}

/// One thing that is done to a job.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct ExceptionAction {
    id: ActionId,
    #[serde(flatten)]
    pub(crate) kind: ExceptionActionKind,
}

/// The id of an action: the caller's, or one that is made anew each time the policy is written (R20, R40).
#[derive(Clone, Debug, PartialEq)]
enum ActionId {
    Given(Arc<str>),
    Made(Guid),
    /// Read and not accepted yet: a refused write draws no ids.
    Due,
}

/// What is done to a job (R101).
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(
    tag = "kind",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub(crate) enum ExceptionActionKind {
    Cancel {
        #[serde(skip_serializing_if = "Option::is_none")]
        note: Option<Arc<str>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        disposition_code: Option<Arc<str>>,
    },
    ManualReclassify {
        #[serde(skip_serializing_if = "Option::is_none")]
        queue_id: Option<Id>,
        #[serde(skip_serializing_if = "Option::is_none")]
        priority: Option<i32>,
        worker_selectors: Vec<WorkerSelector>,
    },
    Reclassify {
        #[serde(skip_serializing_if = "Option::is_none")]
        classification_policy_id: Option<Id>,
        #[serde(skip_serializing_if = "Option::is_none")]
        labels_to_upsert: Option<LabelMap>,
    },
}

impl ExceptionPolicyDefinition {
    /// The definition that a merge patch makes of the stored one, or of nothing. A list of rules replaces the stored one
    /// (R19).
    pub(crate) fn patched(reader: &mut Reader, stored: Option<&Self>, patch: &Object) -> Self {
        let stored_name = stored.and_then(|policy| policy.name.clone());
        let stored_rules = stored.map(|policy| policy.rules.clone());
        let name = reader.optional(patch, "name", stored_name, members::text);
        let rules = reader.defaulted(
            patch,
            "exceptionRules",
            stored_rules,
            Arc::default(),
            read_rules,
        );
        Self { name, rules }
    }

    /// Draws the ids of those actions that the caller gave none.
    pub(crate) fn make_action_ids(&mut self, ids: &mut IdSource) {
        let rules = self.rules.iter();
        self.rules = rules.map(|rule| rule.with_made_ids(ids)).collect();
    }
}

fn read_rules(reader: &mut Reader, value: &Value) -> Option<Arc<[ExceptionRule]>> {
    let rules = members::list(reader, value, ExceptionRule::read)?;
    let mut seen = BTreeSet::new();
    if let Some(twice) = rules.iter().find(|rule| !seen.insert(&rule.id)) {
        return reader.invalid(format_args!(
            "must give each rule an id of its own, but has '{}' twice",
            twice.id
        ));
    }
    Some(rules.into())
}

impl ExceptionRule {
    fn read(reader: &mut Reader, value: &Value) -> Option<Self> {
        let rule = members::object(reader, value)?;
        let id = reader.required(rule, "id", None, members::id);
        let trigger = reader.required(rule, "trigger", None, ExceptionTrigger::read);
        let actions = reader.required(rule, "actions", None, |reader, value| {
            members::list(reader, value, ExceptionAction::read)
        });
        Some(Self {
            id: id?,
            trigger: trigger?,
            actions: actions?,
        })
    }

    fn with_made_ids(&self, ids: &mut IdSource) -> Self {
        let actions = self.actions.iter();
        Self {
            actions: actions.map(|action| action.with_made_id(ids)).collect(),
            ..self.clone()
        }
    }

    /// How long a job must have waited for the rule to fire, if that is what it looks at.
    pub(crate) fn longest_wait(&self) -> Option<Seconds> {
        match self.trigger {
            ExceptionTrigger::WaitTime { threshold_seconds } => Some(threshold_seconds),
            ExceptionTrigger::QueueLength { .. } => None,
        }
    }
}

impl ExceptionTrigger {
    fn read(reader: &mut Reader, value: &Value) -> Option<Self> {
        let trigger = members::object(reader, value)?;
        let kind = reader.required(trigger, "kind", None, members::text)?;
        match &*kind {
            "queueLength" => {
                let count = members::integer(1, i32::MAX);
                let threshold = reader.required(trigger, "threshold", None, count)?;
                Some(Self::QueueLength { threshold })
            }
            "waitTime" => {
                let name = "thresholdSeconds";
                let threshold_seconds = reader.required(trigger, name, None, members::seconds)?;
                Some(Self::WaitTime { threshold_seconds })
            }
            _ => reader.within("kind", |reader| {
                reader.invalid("must be queueLength or waitTime")
            }),
        }
    }
}

impl ExceptionAction {
    fn read(reader: &mut Reader, value: &Value) -> Option<Self> {
        let action = members::object(reader, value)?;
        let id = reader.optional(action, "id", None, members::id);
        let kind = ExceptionActionKind::read(reader, action)?;
        let id = id.map_or(ActionId::Due, ActionId::Given);
        Some(Self { id, kind })
    }

    fn with_made_id(&self, ids: &mut IdSource) -> Self {
        let id = match &self.id {
            ActionId::Given(id) => ActionId::Given(id.clone()),
            ActionId::Made(_) | ActionId::Due => ActionId::Made(ids.guid()),
        };
        let kind = self.kind.clone();
        Self { id, kind }
    }
}

impl Serialize for ActionId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Given(id) => id.serialize(serializer),
            Self::Made(id) => id.serialize(serializer),
            Self::Due => serializer.serialize_none(),
        }
    }
}

impl ExceptionActionKind {
    fn read(reader: &mut Reader, action: &Object) -> Option<Self> {
        let kind = reader.required(action, "kind", None, members::text)?;
        match &*kind {
            "cancel" => Some(Self::Cancel {
                note: reader.optional(action, "note", None, members::text),
                disposition_code: reader.optional(action, "dispositionCode", None, members::text),
            }),
            "manualReclassify" => Some(Self::read_manual(reader, action)),
            "reclassify" => Some(Self::Reclassify {
                classification_policy_id: reader.optional(
                    action,
                    "classificationPolicyId",
                    None,
                    members::id,
                ),
                labels_to_upsert: reader.optional(
                    action,
                    "labelsToUpsert",
                    None,
                    |reader, value| LabelMap::default().merged(reader, value),
                ),
            }),
            _ => reader.within("kind", |reader| {
                reader.invalid("must be cancel, manualReclassify or reclassify")
            }),
        }
    }

    fn read_manual(reader: &mut Reader, action: &Object) -> Self {
        let priority = members::integer(PRIORITIES.0, PRIORITIES.1);
        let selectors =
            |reader: &mut Reader, value: &Value| members::list(reader, value, WorkerSelector::read);
        Self::ManualReclassify {
            queue_id: reader.optional(action, "queueId", None, members::id),
            priority: reader.optional(action, "priority", None, priority),
            worker_selectors: reader.defaulted(
                action,
                "workerSelectors",
                None,
                Vec::new(),
                selectors,
            ),
        }
    }
}

/// An exception policy as the service shows it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ExceptionPolicyView<'a> {
    etag: Etag,
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    exception_rules: &'a [ExceptionRule],
    #[serde(skip)]
    modified: Timestamp,
}

impl<'a> From<&'a ExceptionPolicy> for ExceptionPolicyView<'a> {
    fn from(policy: &'a ExceptionPolicy) -> Self {
        Self {
            etag: policy.version.etag,
            id: &policy.id,
            name: policy.definition.name.as_deref(),
            exception_rules: &policy.definition.rules,
            modified: policy.version.modified,
        }
    }
}

impl View for ExceptionPolicyView<'_> {
    fn id(&self) -> &str {
        self.id
    }

    fn etag(&self) -> Etag {
        self.etag
    }

    fn last_modified(&self) -> Timestamp {
        self.modified
    }
}
