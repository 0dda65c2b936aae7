//! Labels and tags: what selectors look at, and what callers merge into.

use std::collections::BTreeMap;
use std::sync::Arc;

use acs_types::{LabelValue, Labels};
use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::members::{self, Reader};

/// The label that every queue and worker has, holding its id (R34).
pub(crate) const ID_LABEL: &str = "Id";

/// How many bytes the keys and texts of labels or tags may have together: every event about their entity carries them.
const MOST_BYTES: usize = 64 * 1024;

/// Labels or tags in the order of their keys. Cheap to clone: events share them with their entity.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct LabelMap(Arc<[(Box<str>, LabelValue)]>);

impl LabelMap {
    /// The label of this key, which is compared with regard to case.
    pub(crate) fn get(&self, key: &str) -> Option<&LabelValue> {
        let found = self.0.binary_search_by(|(label, _)| (**label).cmp(key));
        found.ok().map(|index| &self.0[index].1)
    }

    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &LabelValue)> {
        self.0.iter().map(|(key, value)| (&**key, value))
    }

    /// The same labels as expressions read them.
    pub(crate) fn to_labels(&self) -> Labels {
        let owned = |(key, value): (&str, &LabelValue)| (key.to_owned(), value.clone());
        self.iter().map(owned).collect()
    }

    /// These labels with the entity's id among them, whatever was there before (R34, O12).
    pub(crate) fn with_id(&self, id: &str) -> Self {
        let mut labels: BTreeMap<_, _> = self.0.iter().cloned().collect();
        labels.insert(ID_LABEL.into(), LabelValue::from(id));
        Self(labels.into_iter().collect())
    }

    /// These labels with others added to them, or put in place of those of the same key.
    pub(crate) fn with(&self, others: &Self) -> Self {
        let mut labels: BTreeMap<_, _> = self.0.iter().cloned().collect();
        labels.extend(others.0.iter().cloned());
        Self(labels.into_iter().collect())
    }

    /// What these labels become by a merge patch: null removes an entry, entries not named stay (R18).
    pub(crate) fn merged(&self, reader: &mut Reader, patch: &Value) -> Option<Self> {
        let patch = members::object(reader, patch)?;
        let mut labels: BTreeMap<_, _> = self.0.iter().cloned().collect();
        for (key, value) in patch {
            if value.is_null() {
                labels.remove(key.as_str());
            } else if let Some(value) = reader.within(key, |reader| label_value(reader, value)) {
                labels.insert(key.as_str().into(), value);
            }
        }
        let labels = Self(labels.into_iter().collect());
        if labels.bytes() > MOST_BYTES {
            return reader.invalid(format_args!(
                "must have at most {MOST_BYTES} bytes of keys and texts"
            ));
        }
        Some(labels)
    }

    fn bytes(&self) -> usize {
        let text = |value: &LabelValue| value.as_text().map_or(0, str::len);
        self.iter()
            .map(|(key, value)| key.len() + text(value))
            .sum()
    }
}

/// Reads a label value: a number, text or boolean (R15). A whole number is an integer, however it was written (R6).
pub(crate) fn label_value(reader: &mut Reader, value: &Value) -> Option<LabelValue> {
    match value {
        Value::String(text) => Some(LabelValue::from(text.as_str())),
        Value::Bool(value) => Some(LabelValue::from(*value)),
        Value::Number(number) => members::whole_number(value)
            .map(LabelValue::from)
            .or_else(|| number.as_f64().map(LabelValue::from)),
        Value::Null | Value::Array(_) | Value::Object(_) => {
            reader.invalid("must be a number, a text or a boolean")
        }
    }
}

impl Serialize for LabelMap {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn merged(labels: &LabelMap, patch: &Value) -> LabelMap {
        let mut reader = Reader::default();
        let merged = labels.merged(&mut reader, patch).expect("an object");
        reader.finish().expect("no problems");
        merged
    }

    fn json_of(labels: &LabelMap) -> Value {
        serde_json::to_value(labels).expect("json")
    }

    // R18
    #[test]
    fn merging_sets_keeps_and_removes_single_labels() {
        let labels = merged(&LabelMap::default(), &json!({"b": 1, "a": "x", "c": true}));
        let labels = merged(&labels, &json!({}));
        let labels = merged(&labels, &json!({"b": null, "a": "y", "none": null}));
        assert_eq!(json_of(&labels), json!({"a": "y", "c": true}));
        assert_eq!(labels.get("a"), Some(&LabelValue::from("y")));
        assert_eq!(labels.get("A"), None);
    }

    // R34, O12
    #[test]
    fn the_id_label_is_the_entitys_whatever_the_caller_says() {
        let labels = merged(&LabelMap::default(), &json!({"Id": "mine", "Z": 1}));
        assert_eq!(
            json_of(&labels.with_id("w-1")),
            json!({"Id": "w-1", "Z": 1})
        );
    }

    // R15
    #[test]
    fn values_that_are_not_primitive_are_refused_by_name() {
        let mut reader = Reader::default();
        LabelMap::default().merged(&mut reader, &json!({"ok": 1, "list": [1], "map": {}}));
        let refusal = reader.finish().expect_err("two problems");
        let messages: Vec<_> = refusal
            .details
            .iter()
            .map(|detail| &*detail.message)
            .collect();
        assert_eq!(
            messages,
            [
                "list must be a number, a text or a boolean",
                "map must be a number, a text or a boolean"
            ]
        );
    }

    #[test]
    fn keys_and_texts_have_64_kibibytes_together() {
        let text = "x".repeat(MOST_BYTES - "key".len());
        let labels = merged(&LabelMap::default(), &json!({ "key": text }));
        let number = merged(&labels, &json!({ "key": 1, "n": 2 }));
        assert_eq!(number.bytes(), "keyn".len());

        let mut reader = Reader::default();
        let more = reader.within("labels", |reader| labels.merged(reader, &json!({ "n": 2 })));
        assert_eq!(more, None);
        let refusal = reader.finish().expect_err("too much");
        assert_eq!(
            &*refusal.details[0].message,
            "labels must have at most 65536 bytes of keys and texts"
        );
    }

    // R6
    #[test]
    fn whole_doubles_become_integers_and_large_integers_stay_exact() {
        let labels = merged(
            &LabelMap::default(),
            &json!({"double": 10.0, "half": 0.5, "large": i64::MAX}),
        );
        let written = serde_json::to_string(&labels).expect("json");
        assert_eq!(
            written,
            r#"{"double":10,"half":0.5,"large":9223372036854775807}"#
        );
    }
}
