//! Dry runs: what a policy or an expression would give for certain labels, and why. Nothing changes, nothing is called.

use acs_powerfx::Expression;
use serde::Serialize;
use serde_json::{Map, Value};

use super::Attachment;
use super::attempt::{Attached, Attempt, Inputs};
use crate::engine::Engine;
use crate::entities::{ClassificationDefinition, JobStatus};
use crate::ids::Id;
use crate::labels::LabelMap;
use crate::members::{self, Reader};
use crate::refusal::Refusal;
use crate::rules::{self, RuleFailure};
use crate::selector::{QueueSelector, WorkerSelector};

/// Which policy to try.
#[derive(Clone, Debug, PartialEq)]
pub enum PolicyToTry {
    /// A stored one, by its id.
    Stored(String),
    /// One that is not stored, as JSON.
    Given(Map<String, Value>),
}

/// What a classification policy would make of a job: a dry run. Serialises to JSON.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TriedClassification {
    status: JobStatus,
    queue_selector_attachments: Vec<TriedAttachment<QueueSelector>>,
    queue: TriedQueue,
    #[serde(skip_serializing_if = "Option::is_none")]
    prioritization_rule: Option<TriedPriority>,
    worker_selector_attachments: Vec<TriedAttachment<WorkerSelector>>,
}

/// What one attachment would attach, and why.
#[derive(Clone, Debug, PartialEq, Serialize)]
struct TriedAttachment<S> {
    kind: &'static str,
    selectors: Vec<S>,
    reason: String,
}

/// Which queue the job would get, and why.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct TriedQueue {
    #[serde(skip_serializing_if = "Option::is_none")]
    queue_id: Option<Id>,
    reason: String,
}

/// Which priority the job would get; none if the rule leaves it as it is, or fails.
#[derive(Clone, Debug, PartialEq, Serialize)]
struct TriedPriority {
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    priority: Option<i32>,
    reason: String,
}

/// What an expression gives for certain labels: a dry run. Serialises to JSON.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TriedExpression {
    value: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<String>,
    names: Vec<TriedName>,
}

/// A name that the expression reads, and what it stands for: null if there is no such label.
#[derive(Clone, Debug, PartialEq, Serialize)]
struct TriedName {
    name: String,
    value: Value,
}

impl TriedClassification {
    /// What the job would become: `queued`, `classificationFailed`, or `pendingClassification` if a rule would have to be
    /// called first.
    #[must_use]
    pub fn status(&self) -> JobStatus {
        self.status
    }
}

impl TriedExpression {
    /// The value; null if it is blank, or if there is none.
    #[must_use]
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// Why there is no value.
    #[must_use]
    pub fn failure(&self) -> Option<&str> {
        self.failure.as_deref()
    }
}

/// Dry runs.
impl Engine {
    /// What a policy would make now of a job with these labels that names no queue.
    ///
    /// Function and webhook rules are not called: what depends on them says so. A weighted allocation draws what the next
    /// job would.
    ///
    /// # Errors
    ///
    /// There is no policy of this id, the given policy is not a valid one, or the labels are none.
    pub fn try_classification(
        &self,
        policy: &PolicyToTry,
        labels: &Map<String, Value>,
    ) -> Result<TriedClassification, Refusal> {
        let labels = read_labels("labels", labels)?;
        match policy {
            PolicyToTry::Stored(id) => {
                let policy = self.classification_policies.by_id(id);
                let policy =
                    policy.ok_or_else(|| Refusal::not_found("Classification policy", id))?;
                Ok(self.try_definition(&policy.definition, &labels))
            }
            PolicyToTry::Given(json) => {
                let policy = self.read_classification_policy(None, json)?;
                Ok(self.try_definition(&policy, &labels))
            }
        }
    }

    fn try_definition(
        &self,
        policy: &ClassificationDefinition,
        labels: &LabelMap,
    ) -> TriedClassification {
        let mut needs_call = false;
        let mut inputs = Inputs {
            labels,
            chooses_queue: true,
            ids: &mut self.ids.clone(),
            answers: &mut |call| {
                needs_call = true;
                let uri = &call.uri;
                Err(RuleFailure::new(format!("a dry run does not call {uri}")))
            },
        };
        let attempt = Attempt::run(policy, &mut inputs);
        let queue = attempt.queue_selectors();
        let queue = queue.and_then(|selectors| {
            let found = self.choose_queue(policy, &selectors)?;
            let fallback = self.first_queue_with(&selectors).is_none();
            Ok((found, fallback))
        });
        let succeeds =
            queue.is_ok() && attempt.priority.is_ok() && attempt.worker_selectors().is_ok();
        TriedClassification {
            status: match (needs_call, succeeds) {
                (true, _) => JobStatus::PendingClassification,
                (false, true) => JobStatus::Queued,
                (false, false) => JobStatus::ClassificationFailed,
            },
            queue_selector_attachments: tried(&policy.queue_attachments, attempt.queue_attachments),
            queue: TriedQueue::from(queue),
            prioritization_rule: policy
                .prioritization_rule
                .as_ref()
                .map(|rule| TriedPriority::new(rule.kind(), attempt.priority)),
            worker_selector_attachments: tried(
                &policy.worker_attachments,
                attempt.worker_attachments,
            ),
        }
    }

    /// What an expression gives on these labels: an object such as `{"job": {"Vip": true}, "worker": {}}`, whose members
    /// are what names begin with.
    ///
    /// # Errors
    ///
    /// The source is not an expression (the detail says where and why), or the labels are none.
    pub fn try_expression(
        source: &str,
        labels: &Map<String, Value>,
    ) -> Result<TriedExpression, Refusal> {
        let mut reader = Reader::default();
        let expression = reader.within("expression", |reader| match Expression::parse(source) {
            Ok(expression) => Some(expression),
            Err(error) => reader.invalid(format_args!("is not an expression: {error}")),
        });
        let expression = reader.finish_with(expression)?;
        let mut bound = Vec::new();
        for (name, labels) in labels {
            let mut reader = Reader::default();
            let labels = reader.within(name, |reader| members::object(reader, labels).cloned());
            let labels = read_labels(name, &reader.finish_with(labels)?)?;
            bound.push((name.as_str(), labels.to_labels()));
        }
        let scope = rules::scope_of(&bound);
        let evaluated = expression.evaluate(&scope);
        let names = expression.names().map(|name| {
            let labels = bound.iter().find_map(|(bound, labels)| {
                let (key, group) = name.parts().split_last()?;
                (group.join(".") == *bound).then(|| labels.get(key))?
            });
            TriedName {
                name: name.to_string(),
                value: labels.map_or(Value::Null, |label| serde_json::json!(label)),
            }
        });
        let names = names.collect();
        Ok(match evaluated {
            Ok(value) => TriedExpression {
                value: rules::json_of(value),
                failure: None,
                names,
            },
            Err(error) => TriedExpression {
                value: Value::Null,
                failure: Some(error.to_string()),
                names,
            },
        })
    }
}

impl From<Result<(Id, bool), RuleFailure>> for TriedQueue {
    fn from(chosen: Result<(Id, bool), RuleFailure>) -> Self {
        match chosen {
            Ok((queue, is_fallback)) => Self {
                queue_id: Some(queue),
                reason: if is_fallback {
                    "no queue meets the attached selectors, so it is the fallback queue".to_owned()
                } else {
                    "it is the oldest queue that meets the attached selectors".to_owned()
                },
            },
            Err(failure) => Self {
                queue_id: None,
                reason: failure.to_string(),
            },
        }
    }
}

impl TriedPriority {
    fn new(kind: &'static str, given: Result<Option<i32>, RuleFailure>) -> Self {
        let (priority, reason) = match given {
            Ok(Some(priority)) => (Some(priority), "the rule gave it".to_owned()),
            Ok(None) => (
                None,
                "the rule gave nothing: the job keeps its own".to_owned(),
            ),
            Err(failure) => (None, failure.to_string()),
        };
        Self {
            kind,
            priority,
            reason,
        }
    }
}

fn tried<S: super::Attachable>(
    attachments: &[Attachment<S>],
    attached: Vec<Attached<S>>,
) -> Vec<TriedAttachment<S>> {
    let pairs = attachments.iter().zip(attached);
    pairs
        .map(|(attachment, attached)| {
            let (selectors, reason) = match attached.selectors {
                Ok(selectors) => (selectors, attached.reason.to_string()),
                Err(failure) => (Vec::new(), failure.to_string()),
            };
            TriedAttachment {
                kind: attachment.kind(),
                selectors,
                reason,
            }
        })
        .collect()
}

fn read_labels(path: &str, labels: &Map<String, Value>) -> Result<LabelMap, Refusal> {
    let mut reader = Reader::default();
    let labels = Value::Object(labels.clone());
    let read = reader.within(path, |reader| LabelMap::default().merged(reader, &labels));
    reader.finish_with(read)
}
