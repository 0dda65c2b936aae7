//! Attachments: how a classification policy comes by selectors, for queues and for workers alike.

use acs_types::LabelValue;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use crate::members::{self, Object, Reader};
use crate::rules::RouterRule;
use crate::selector::{LabelOperator, QueueSelector, WorkerSelector};
use crate::time::Seconds;

/// How far the weights of allocations may be from 1 in all, so that three times 0.33 will do (O2).
const WEIGHT_TOLERANCE: f64 = 0.011;

/// One attachment of a policy.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Attachment<S> {
    /// Its selector, always.
    Static(S),
    /// Its selectors, if the rule gives true.
    Conditional {
        condition: RouterRule,
        selectors: Vec<S>,
    },
    /// A selector with the value of the job's label of this key.
    PassThrough(PassThrough),
    /// The selectors that the rule gives.
    RuleEngine(RouterRule),
    /// The selectors of one allocation, drawn by weight.
    WeightedAllocation(Vec<Allocation<S>>),
}

/// What a label of the job becomes a selector with.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct PassThrough {
    pub(crate) key: Box<str>,
    pub(crate) label_operator: LabelOperator,
    pub(crate) expires_after: Option<Seconds>,
}

/// One of the sets of selectors to draw from.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Allocation<S> {
    pub(crate) weight: f64,
    pub(crate) selectors: Vec<S>,
}

/// What attachments attach: selectors of queues or of workers.
pub(crate) trait Attachable: Clone + Serialize {
    /// The member of a static attachment.
    const ONE: &'static str;
    /// The member of conditional attachments and of allocations.
    const SEVERAL: &'static str;
    /// Whether it may expire.
    const EXPIRES: bool;

    fn read(reader: &mut Reader, value: &Value) -> Option<Self>;

    fn passed_through(template: &PassThrough, value: LabelValue) -> Self;
}

impl Attachable for QueueSelector {
    const ONE: &'static str = "queueSelector";
    const SEVERAL: &'static str = "queueSelectors";
    const EXPIRES: bool = false;

    fn read(reader: &mut Reader, value: &Value) -> Option<Self> {
        Self::read(reader, value)
    }

    fn passed_through(template: &PassThrough, value: LabelValue) -> Self {
        Self::new(&template.key, template.label_operator, value)
    }
}

impl Attachable for WorkerSelector {
    const ONE: &'static str = "workerSelector";
    const SEVERAL: &'static str = "workerSelectors";
    const EXPIRES: bool = true;

    fn read(reader: &mut Reader, value: &Value) -> Option<Self> {
        Self::read(reader, value)
    }

    fn passed_through(template: &PassThrough, value: LabelValue) -> Self {
        let selector = Self::new(&template.key, template.label_operator, value);
        Self {
            expires_after_seconds: template.expires_after,
            ..selector
        }
    }
}

impl<S: Attachable> Attachment<S> {
    /// Reads an attachment (O19).
    pub(crate) fn read(reader: &mut Reader, value: &Value) -> Option<Self> {
        let object = members::object(reader, value)?;
        let kind = reader.required(object, "kind", None, members::text)?;
        match &*kind {
            "static" => {
                let selector = reader.required(object, S::ONE, None, S::read);
                selector.map(Self::Static)
            }
            "conditional" => {
                let condition = reader.required(object, "condition", None, RouterRule::read);
                let selectors = read_selectors(reader, object);
                Some(Self::Conditional {
                    condition: condition?,
                    selectors: selectors?,
                })
            }
            "passThrough" => PassThrough::read(reader, object, S::EXPIRES).map(Self::PassThrough),
            "ruleEngine" => {
                let rule = reader.required(object, "rule", None, RouterRule::read);
                rule.map(Self::RuleEngine)
            }
            "weightedAllocation" => {
                let allocations = reader.required(object, "allocations", None, read_allocations);
                allocations.map(Self::WeightedAllocation)
            }
            _ => reader.within("kind", |reader| {
                reader.invalid(
                    "must be conditional, passThrough, ruleEngine, static or weightedAllocation",
                )
            }),
        }
    }

    /// The kind as it stands on the wire.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Static(_) => "static",
            Self::Conditional { .. } => "conditional",
            Self::PassThrough(_) => "passThrough",
            Self::RuleEngine(_) => "ruleEngine",
            Self::WeightedAllocation(_) => "weightedAllocation",
        }
    }

    /// The rule that decides what it attaches, if it has one.
    pub(crate) fn rule(&self) -> Option<&RouterRule> {
        match self {
            Self::Conditional { condition, .. } => Some(condition),
            Self::RuleEngine(rule) => Some(rule),
            Self::Static(_) | Self::PassThrough(_) | Self::WeightedAllocation(_) => None,
        }
    }

    fn to_json(&self) -> Value {
        let mut json = match self {
            Self::Static(selector) => json!({ S::ONE: selector }),
            Self::Conditional {
                condition,
                selectors,
            } => json!({"condition": condition, S::SEVERAL: selectors}),
            Self::PassThrough(template) => template.to_json(),
            Self::RuleEngine(rule) => json!({ "rule": rule }),
            Self::WeightedAllocation(allocations) => {
                let allocations: Vec<_> = allocations.iter().map(Allocation::to_json).collect();
                json!({ "allocations": allocations })
            }
        };
        json["kind"] = json!(self.kind());
        json
    }
}

/// As reads show it.
impl<S: Attachable> Serialize for Attachment<S> {
    fn serialize<T: Serializer>(&self, serializer: T) -> Result<T::Ok, T::Error> {
        self.to_json().serialize(serializer)
    }
}

fn read_selectors<S: Attachable>(reader: &mut Reader, object: &Object) -> Option<Vec<S>> {
    reader.required(object, S::SEVERAL, None, |reader, value| {
        members::list(reader, value, S::read)
    })
}

impl PassThrough {
    fn read(reader: &mut Reader, object: &Object, expires: bool) -> Option<Self> {
        let key = reader.required(object, "key", None, members::text);
        let operator = reader.required(object, "labelOperator", None, LabelOperator::read);
        let expires_after = if expires {
            reader.optional(object, "expiresAfterSeconds", None, members::seconds)
        } else {
            None
        };
        Some(Self {
            key: (*key?).into(),
            label_operator: operator?,
            expires_after,
        })
    }

    fn to_json(&self) -> Value {
        let mut json = json!({"key": self.key, "labelOperator": self.label_operator});
        if let Some(seconds) = self.expires_after {
            json["expiresAfterSeconds"] = json!(seconds);
        }
        json
    }
}

impl<S: Attachable> Allocation<S> {
    fn read(reader: &mut Reader, value: &Value) -> Option<Self> {
        let object = members::object(reader, value)?;
        let weight = reader.required(object, "weight", None, |reader, value| {
            let weight = value.as_f64().filter(|weight| (0.0..=1.0).contains(weight));
            weight.or_else(|| reader.invalid("must be a number from 0 to 1"))
        });
        let selectors = read_selectors(reader, object);
        Some(Self {
            weight: weight?,
            selectors: selectors?,
        })
    }

    fn to_json(&self) -> Value {
        json!({"weight": Weight(self.weight), S::SEVERAL: self.selectors})
    }
}

/// A weight as the service writes numbers: `1`, not `1.0`.
#[derive(Serialize)]
struct Weight(#[serde(serialize_with = "crate::time::whole_as_integer")] f64);

// O2
fn read_allocations<S: Attachable>(
    reader: &mut Reader,
    value: &Value,
) -> Option<Vec<Allocation<S>>> {
    let allocations = members::list(reader, value, Allocation::<S>::read)?;
    let weights = allocations.iter().map(|allocation| allocation.weight);
    let total = weights.fold(0.0, |total, weight| total + weight);
    if (total - 1.0).abs() > WEIGHT_TOLERANCE {
        return reader.invalid(format_args!(
            "must have weights that add up to 1, not {total}"
        ));
    }
    Some(allocations)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read<S: Attachable>(json: &Value) -> Result<Attachment<S>, Vec<String>> {
        let mut reader = Reader::default();
        let read = reader.within("at", |reader| Attachment::read(reader, json));
        reader.finish_with(read).map_err(|refusal| {
            let details = refusal.details.into_iter();
            details.map(|detail| detail.message).collect()
        })
    }

    // R37, R93
    #[test]
    fn every_kind_is_written_as_it_was_read_with_what_worker_selectors_always_show() {
        let short = json!({"key": "k", "labelOperator": "equal", "value": 1});
        let shown = json!({
            "key": "k", "labelOperator": "equal", "value": 1, "expedite": false, "status": "active",
        });
        let rule = json!({"kind": "static", "value": true});
        for (given, expected) in [
            (
                json!({"kind": "static", "workerSelector": short}),
                json!({"kind": "static", "workerSelector": shown}),
            ),
            (
                json!({"kind": "conditional", "condition": rule, "workerSelectors": [short]}),
                json!({"kind": "conditional", "condition": rule, "workerSelectors": [shown]}),
            ),
            (
                json!({"kind": "passThrough", "key": "k", "labelOperator": "notEqual", "expiresAfterSeconds": 60.0}),
                json!({"kind": "passThrough", "key": "k", "labelOperator": "notEqual", "expiresAfterSeconds": 60}),
            ),
            (
                json!({"kind": "ruleEngine", "rule": rule}),
                json!({"kind": "ruleEngine", "rule": rule}),
            ),
            (
                json!({"kind": "weightedAllocation", "allocations": [
                    {"weight": 0.25, "workerSelectors": [short]}, {"weight": 0.75, "workerSelectors": []},
                ]}),
                json!({"kind": "weightedAllocation", "allocations": [
                    {"weight": 0.25, "workerSelectors": [shown]}, {"weight": 0.75, "workerSelectors": []},
                ]}),
            ),
        ] {
            assert_eq!(
                json!(read::<WorkerSelector>(&given).expect("read")),
                expected
            );
        }
        let given = json!({"kind": "static", "queueSelector": short});
        assert_eq!(json!(read::<QueueSelector>(&given).expect("read")), given);
    }

    // O2, O19
    #[test]
    fn what_is_wrong_with_an_attachment_is_named() {
        for (json, reason) in [
            (json!({}), "at.kind is required"),
            (
                json!({"kind": "pass-through"}),
                "at.kind must be conditional, passThrough, ruleEngine, static or weightedAllocation",
            ),
            (json!({"kind": "static"}), "at.queueSelector is required"),
            (
                json!({"kind": "ruleEngine", "rule": {"kind": "expression", "expression": "1 +"}}),
                "at.rule.expression is not an expression: expected a value, a name or a function, found the end, at line 1, column 4",
            ),
            (
                json!({"kind": "weightedAllocation", "allocations": [{"weight": 2, "queueSelectors": []}]}),
                "at.allocations[0].weight must be a number from 0 to 1",
            ),
            (
                json!({"kind": "weightedAllocation", "allocations": [{"weight": 0.5, "queueSelectors": []}]}),
                "at.allocations must have weights that add up to 1, not 0.5",
            ),
            (
                json!({"kind": "weightedAllocation", "allocations": []}),
                "at.allocations must have weights that add up to 1, not 0",
            ),
        ] {
            assert_eq!(read::<QueueSelector>(&json), Err(vec![reason.to_owned()]));
        }
        let thirds = json!({"weight": 0.33, "queueSelectors": []});
        let thirds = json!({"kind": "weightedAllocation", "allocations": [thirds, thirds, thirds]});
        assert!(read::<QueueSelector>(&thirds).is_ok());
    }
}
