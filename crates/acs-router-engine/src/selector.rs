//! Selectors: what a job asks of a worker's labels, and a classification policy of a queue's.

use std::cmp::Ordering;

use acs_types::{LabelValue, Timestamp};
use serde::Serialize;
use serde_json::Value;

use crate::labels::{LabelMap, label_value};
use crate::members::{self, Reader};
use crate::time::Seconds;

/// One demand on a worker's labels, as a job states it or a classification policy attaches it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WorkerSelector {
    pub(crate) key: Box<str>,
    pub(crate) label_operator: LabelOperator,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) value: Option<LabelValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) expires_after_seconds: Option<Seconds>,
    pub(crate) expedite: bool,
    pub(crate) status: SelectorStatus,
}

/// One demand on a queue's labels, as a classification policy states it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct QueueSelector {
    pub(crate) key: Box<str>,
    pub(crate) label_operator: LabelOperator,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) value: Option<LabelValue>,
}

/// How a selector compares a label with its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum LabelOperator {
    Equal,
    NotEqual,
    LessThan,
    LessThanOrEqual,
    GreaterThan,
    GreaterThanOrEqual,
}

/// Whether a selector still counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum SelectorStatus {
    Active,
    Expired,
}

impl WorkerSelector {
    /// An active selector that never expires.
    pub(crate) fn new(key: &str, label_operator: LabelOperator, value: LabelValue) -> Self {
        Self {
            key: key.into(),
            label_operator,
            value: Some(value),
            expires_after_seconds: None,
            expedite: false,
            status: SelectorStatus::Active,
        }
    }

    /// Whether it holds for these labels of a worker.
    pub(crate) fn holds_for(&self, labels: &LabelMap) -> bool {
        self.label_operator
            .holds(labels.get(&self.key), self.value.as_ref())
    }

    pub(crate) fn is_active(&self) -> bool {
        self.status == SelectorStatus::Active
    }

    /// When it stops counting for a job that was queued at the given time (R67).
    pub(crate) fn expires_at(&self, enqueued_at: Option<Timestamp>) -> Option<Timestamp> {
        self.expires_after_seconds?.after(enqueued_at?)
    }

    /// Reads one of a job's selectors. Its status is the service's to say, so a caller's is ignored (R4).
    pub(crate) fn read(reader: &mut Reader, value: &Value) -> Option<Self> {
        let object = members::object(reader, value)?;
        let key = reader.required(object, "key", None, members::text);
        let operator = reader.required(object, "labelOperator", None, LabelOperator::read);
        let value = reader.optional(object, "value", None, label_value);
        let expires = reader.optional(object, "expiresAfterSeconds", None, members::seconds);
        let expedite = reader.defaulted(object, "expedite", None, false, members::boolean);
        Some(Self {
            key: (*key?).into(),
            label_operator: operator?,
            value,
            expires_after_seconds: expires,
            expedite,
            status: SelectorStatus::Active,
        })
    }
}

impl QueueSelector {
    pub(crate) fn new(key: &str, label_operator: LabelOperator, value: LabelValue) -> Self {
        Self {
            key: key.into(),
            label_operator,
            value: Some(value),
        }
    }

    /// Whether it holds for these labels of a queue.
    pub(crate) fn holds_for(&self, labels: &LabelMap) -> bool {
        self.label_operator
            .holds(labels.get(&self.key), self.value.as_ref())
    }

    pub(crate) fn read(reader: &mut Reader, value: &Value) -> Option<Self> {
        let object = members::object(reader, value)?;
        let key = reader.required(object, "key", None, members::text);
        let operator = reader.required(object, "labelOperator", None, LabelOperator::read);
        let value = reader.optional(object, "value", None, label_value);
        Some(Self {
            key: (*key?).into(),
            label_operator: operator?,
            value,
        })
    }
}

impl LabelOperator {
    /// Compares a label with a selector's value. What has no label, or one of another type, satisfies `notEqual` only, and
    /// magnitudes exist between numbers only (R63 to R65).
    fn holds(self, label: Option<&LabelValue>, value: Option<&LabelValue>) -> bool {
        let pair = label.zip(value);
        let same = pair.is_some_and(|(label, value)| label.same_value(value));
        let order = pair.and_then(|(label, value)| label.compare_magnitude(value));
        match self {
            Self::Equal => same,
            Self::NotEqual => !same,
            Self::LessThan => order.is_some_and(Ordering::is_lt),
            Self::LessThanOrEqual => order.is_some_and(Ordering::is_le),
            Self::GreaterThan => order.is_some_and(Ordering::is_gt),
            Self::GreaterThanOrEqual => order.is_some_and(Ordering::is_ge),
        }
    }

    pub(crate) fn read(reader: &mut Reader, value: &Value) -> Option<Self> {
        match value.as_str() {
            Some("equal") => Some(Self::Equal),
            Some("notEqual") => Some(Self::NotEqual),
            Some("lessThan") => Some(Self::LessThan),
            Some("lessThanOrEqual") => Some(Self::LessThanOrEqual),
            Some("greaterThan") => Some(Self::GreaterThan),
            Some("greaterThanOrEqual") => Some(Self::GreaterThanOrEqual),
            _ => reader.invalid(
                "must be equal, notEqual, lessThan, lessThanOrEqual, greaterThan or greaterThanOrEqual",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const OPERATORS: [&str; 6] = [
        "equal",
        "notEqual",
        "lessThan",
        "lessThanOrEqual",
        "greaterThan",
        "greaterThanOrEqual",
    ];

    fn selector(operator: &str, value: &Value) -> WorkerSelector {
        let json = json!({"key": "Skill", "labelOperator": operator, "value": value});
        let mut reader = Reader::default();
        let selector = WorkerSelector::read(&mut reader, &json).expect("a selector");
        reader.finish().expect("no problems");
        selector
    }

    fn labels(json: &Value) -> LabelMap {
        let mut reader = Reader::default();
        LabelMap::default()
            .merged(&mut reader, json)
            .expect("labels")
    }

    /// For a worker with this label, which operators hold against the value.
    fn holding(label: &Value, value: &Value) -> Vec<&'static str> {
        let labels = labels(&json!({ "Skill": label }));
        let holds = |operator: &&str| selector(operator, value).holds_for(&labels);
        OPERATORS.into_iter().filter(holds).collect()
    }

    // R63
    #[test]
    fn each_operator_compares_the_label_with_the_value() {
        let less = ["notEqual", "lessThan", "lessThanOrEqual"];
        let same = ["equal", "lessThanOrEqual", "greaterThanOrEqual"];
        let greater = ["notEqual", "greaterThan", "greaterThanOrEqual"];
        assert_eq!(holding(&json!(9), &json!(10)), less);
        assert_eq!(holding(&json!(10), &json!(10)), same);
        assert_eq!(holding(&json!(11), &json!(10)), greater);
        assert_eq!(holding(&json!(10.5), &json!(10)), greater);
        assert_eq!(holding(&json!(-0.5), &json!(0)), less);
    }

    // R65, O10
    #[test]
    fn other_types_and_cases_are_never_equal_and_have_no_magnitude() {
        for (label, value) in [
            (json!(10), json!("10")),
            (json!("10"), json!(10)),
            (json!(true), json!(1)),
            (json!("English"), json!("english")),
            (json!("a"), json!("b")),
            (json!(true), json!(false)),
        ] {
            assert_eq!(holding(&label, &value), ["notEqual"], "{label} and {value}");
        }
        assert_eq!(holding(&json!("x"), &json!("x")), ["equal"]);
        assert_eq!(holding(&json!(true), &json!(true)), ["equal"]);
        assert_eq!(
            holding(&json!(10.0), &json!(10)),
            ["equal", "lessThanOrEqual", "greaterThanOrEqual"]
        );
    }

    // R64
    #[test]
    fn a_missing_label_satisfies_not_equal_only() {
        let labels = labels(&json!({"skill": 10}));
        let holds = |operator: &&str| selector(operator, &json!(10)).holds_for(&labels);
        assert_eq!(
            OPERATORS.into_iter().filter(holds).collect::<Vec<_>>(),
            ["notEqual"]
        );
    }

    // R59
    #[test]
    fn a_selector_is_written_with_expedite_and_status() {
        let written = serde_json::to_value(selector("equal", &json!("a"))).expect("json");
        assert_eq!(
            written,
            json!({"key": "Skill", "labelOperator": "equal", "value": "a", "expedite": false, "status": "active"})
        );
    }

    #[test]
    fn an_unknown_operator_is_refused_with_the_known_ones() {
        let mut reader = Reader::default();
        WorkerSelector::read(&mut reader, &json!({"key": "a", "labelOperator": "like"}));
        let refusal = reader.finish().expect_err("a problem");
        assert!(
            refusal.details[0]
                .message
                .starts_with("labelOperator must be equal, notEqual")
        );
    }
}
