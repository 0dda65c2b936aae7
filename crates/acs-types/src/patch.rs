//! Merge patches: what to keep, clear or set.

use std::collections::BTreeMap;

use serde::de::{Deserialize, Deserializer};
use serde::ser::{Serialize, SerializeMap, Serializer};

/// What a merge patch (RFC 7396) does to one member: nothing, remove it, or set it.
///
/// Inside a patch model a kept member is left out and a cleared one is written as `null`. `From` makes
/// [`Set`](Self::Set) of a plain value.
///
/// ```
/// use acs_types::Patch;
///
/// let name: Patch<String> = "Support".into();
/// assert_eq!(name, Patch::Set("Support".to_owned()));
/// assert!(Patch::<String>::default().is_keep());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Patch<T> {
    /// Leave the member as it is.
    #[default]
    Keep,
    /// Remove the member.
    Clear,
    /// Give the member this value.
    Set(T),
}

impl<T> Patch<T> {
    /// Whether the member is left as it is.
    pub const fn is_keep(&self) -> bool {
        matches!(self, Self::Keep)
    }

    /// The value to set, if there is one.
    pub const fn as_set(&self) -> Option<&T> {
        match self {
            Self::Set(value) => Some(value),
            Self::Keep | Self::Clear => None,
        }
    }
}

impl<T> From<T> for Patch<T> {
    fn from(value: T) -> Self {
        Self::Set(value)
    }
}

impl From<&str> for Patch<String> {
    fn from(value: &str) -> Self {
        Self::Set(value.to_owned())
    }
}

impl<T: Serialize> Serialize for Patch<T> {
    /// Writes `null` unless a value is set; a kept member must be skipped with [`Patch::is_keep`] before it comes to this.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Set(value) => serializer.serialize_some(value),
            Self::Keep | Self::Clear => serializer.serialize_none(),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Patch<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(deserializer)?.map_or(Self::Clear, Self::Set))
    }
}

/// A merge patch of a map such as labels or tags: entries to set and entries to remove; all others stay.
///
/// ```
/// use acs_types::{LabelValue, PatchMap};
///
/// let labels = PatchMap::<LabelValue>::new().set("Some-Skill", 11).remove("Team");
/// assert_eq!(serde_json::to_string(&labels)?, r#"{"Some-Skill":11,"Team":null}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct PatchMap<V> {
    entries: BTreeMap<String, Option<V>>,
}

impl<V> PatchMap<V> {
    /// A patch that changes nothing yet.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            entries: BTreeMap::new(),
        }
    }

    /// Sets the entry of this key.
    #[must_use]
    pub fn set(mut self, key: impl Into<String>, value: impl Into<V>) -> Self {
        self.entries.insert(key.into(), Some(value.into()));
        self
    }

    /// Removes the entry of this key.
    #[must_use]
    pub fn remove(mut self, key: impl Into<String>) -> Self {
        self.entries.insert(key.into(), None);
        self
    }

    /// The entries in the order of their keys; `None` stands for removal.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Option<&V>)> {
        self.entries
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_ref()))
    }

    /// Whether the patch changes no entry.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

impl<V> Default for PatchMap<V> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K: Into<String>, W: Into<V>, V> FromIterator<(K, W)> for PatchMap<V> {
    fn from_iter<I: IntoIterator<Item = (K, W)>>(entries: I) -> Self {
        entries
            .into_iter()
            .fold(Self::new(), |patch, (key, value)| patch.set(key, value))
    }
}

impl<K: Into<String>, W: Into<V>, V, const N: usize> From<[(K, W); N]> for PatchMap<V> {
    fn from(entries: [(K, W); N]) -> Self {
        entries.into_iter().collect()
    }
}

impl<V> From<BTreeMap<String, V>> for PatchMap<V> {
    fn from(entries: BTreeMap<String, V>) -> Self {
        entries.into_iter().collect()
    }
}

impl<V: Serialize> Serialize for PatchMap<V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.entries.len()))?;
        for (key, value) in &self.entries {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

impl<'de, V: Deserialize<'de>> Deserialize<'de> for PatchMap<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        BTreeMap::deserialize(deserializer).map(|entries| Self { entries })
    }
}

#[cfg(test)]
mod tests {
    use super::{Patch, PatchMap};
    use crate::LabelValue;
    use serde::{Deserialize, Serialize};

    #[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
    struct QueuePatch {
        #[serde(default, skip_serializing_if = "Patch::is_keep")]
        name: Patch<String>,
        #[serde(default, skip_serializing_if = "Patch::is_keep")]
        labels: Patch<PatchMap<LabelValue>>,
    }

    #[test]
    fn each_state_has_its_own_wire_form() {
        let labels = PatchMap::new().set("a", 1).set("b", "x").remove("c");
        for (patch, json) in [
            (QueuePatch::default(), r"{}"),
            (
                QueuePatch {
                    name: Patch::Clear,
                    labels: Patch::Clear,
                },
                r#"{"name":null,"labels":null}"#,
            ),
            (
                QueuePatch {
                    name: "Support".into(),
                    labels: labels.into(),
                },
                r#"{"name":"Support","labels":{"a":1,"b":"x","c":null}}"#,
            ),
            (
                QueuePatch {
                    name: Patch::Keep,
                    labels: PatchMap::new().into(),
                },
                r#"{"labels":{}}"#,
            ),
        ] {
            assert_eq!(serde_json::to_string(&patch).expect("json"), json);
            assert_eq!(
                serde_json::from_str::<QueuePatch>(json).expect("patch"),
                patch
            );
        }
    }

    #[test]
    fn the_last_word_on_a_key_counts() {
        let patch = PatchMap::<LabelValue>::new().set("a", 1).remove("a");
        assert_eq!(patch.iter().collect::<Vec<_>>(), [("a", None)]);
        assert!(!patch.is_empty());
    }
}
