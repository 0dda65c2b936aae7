//! Selector sets, kept once however many jobs state the same demands.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Guard;
use crate::labels::{ID_LABEL, LabelMap};
use crate::selector::WorkerSelector;

/// Names a selector set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SetKey(u64);

/// The selectors of a job that count at present.
#[derive(Debug, PartialEq)]
pub(crate) struct SelectorSet {
    selectors: Box<[WorkerSelector]>,
    /// Those of the selectors that only one value satisfies. The most telling one comes first.
    pub(crate) guards: Box<[Guard]>,
    /// Whether one of them puts the job ahead of all others (R68).
    pub(crate) expedite: bool,
}

impl SelectorSet {
    fn new(selectors: Box<[WorkerSelector]>) -> Self {
        let (by_id, others): (Vec<_>, Vec<_>) = selectors
            .iter()
            .partition(|selector| *selector.key == *ID_LABEL);
        let guards = by_id
            .into_iter()
            .chain(others)
            .filter_map(Guard::of_selector)
            .collect();
        let expedite = selectors.iter().any(|selector| selector.expedite);
        Self {
            selectors,
            guards,
            expedite,
        }
    }

    /// Whether a worker with these labels meets all of them.
    pub(crate) fn holds_for(&self, labels: &LabelMap) -> bool {
        self.first_unmet(labels).is_none()
    }

    /// The first of them that a worker with these labels does not meet.
    pub(crate) fn first_unmet(&self, labels: &LabelMap) -> Option<&WorkerSelector> {
        let mut selectors = self.selectors.iter();
        selectors.find(|selector| !selector.holds_for(labels))
    }
}

/// The sets that jobs hold at present.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct SelectorSets {
    next: u64,
    by_text: BTreeMap<Arc<str>, SetKey>,
    sets: BTreeMap<SetKey, Held>,
}

#[derive(Clone, Debug, PartialEq)]
struct Held {
    set: Arc<SelectorSet>,
    text: Arc<str>,
    holders: usize,
}

impl SelectorSets {
    pub(crate) fn get(&self, key: SetKey) -> &Arc<SelectorSet> {
        &self.sets[&key].set
    }

    /// Counts one more holder of the set of these selectors; their order does not matter.
    pub(crate) fn hold<'a>(
        &mut self,
        selectors: impl Iterator<Item = &'a WorkerSelector>,
    ) -> SetKey {
        let mut texts: Vec<_> = selectors
            .map(|selector| (canonical_text(selector), selector))
            .collect();
        texts.sort_by(|(left, _), (right, _)| left.cmp(right));
        texts.dedup_by(|(left, _), (right, _)| left == right);
        let text: String = texts.iter().map(|(text, _)| text.as_str()).collect();
        let key = match self.by_text.get(text.as_str()) {
            Some(key) => *key,
            None => self.add(text.into(), texts.into_iter().map(|(_, selector)| selector)),
        };
        if let Some(held) = self.sets.get_mut(&key) {
            held.holders += 1;
        }
        key
    }

    fn add<'a>(
        &mut self,
        text: Arc<str>,
        selectors: impl Iterator<Item = &'a WorkerSelector>,
    ) -> SetKey {
        let key = SetKey(self.next);
        self.next += 1;
        let set = Arc::new(SelectorSet::new(selectors.cloned().collect()));
        self.by_text.insert(text.clone(), key);
        self.sets.insert(
            key,
            Held {
                set,
                text,
                holders: 0,
            },
        );
        key
    }

    /// Counts one holder less, and forgets the set with its last.
    pub(crate) fn release(&mut self, key: SetKey) {
        let Some(held) = self.sets.get_mut(&key) else {
            return;
        };
        held.holders -= 1;
        if held.holders == 0 {
            self.by_text.remove(&held.text);
            self.sets.remove(&key);
        }
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.sets.len()
    }
}

/// The same text for selectors that mean the same to matching.
fn canonical_text(selector: &WorkerSelector) -> String {
    format!(
        "{:?} {:?} {:?} {}\n",
        selector.key, selector.label_operator, selector.value, selector.expedite
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::members::Reader;
    use serde_json::{Value, json};

    fn selectors(json: &Value) -> Vec<WorkerSelector> {
        let mut reader = Reader::default();
        let elements = json.as_array().expect("a list").iter();
        elements
            .map(|element| WorkerSelector::read(&mut reader, element).expect("a selector"))
            .collect()
    }

    #[test]
    fn the_same_demands_in_any_order_are_one_set() {
        let a = json!({"key": "a", "labelOperator": "equal", "value": 1});
        let a_later =
            json!({"key": "a", "labelOperator": "equal", "value": 1.0, "expiresAfterSeconds": 5});
        let b = json!({"key": "b", "labelOperator": "notEqual", "value": "1"});
        let mut sets = SelectorSets::default();
        let first = sets.hold(selectors(&json!([a, b])).iter());
        let second = sets.hold(selectors(&json!([b, a_later, a])).iter());
        assert_eq!(first, second);
        assert_eq!(sets.len(), 1);
    }

    #[test]
    fn sets_differ_by_type_of_value_operator_and_expedite() {
        let demands = [
            json!({"key": "a", "labelOperator": "equal", "value": 1}),
            json!({"key": "a", "labelOperator": "equal", "value": "1"}),
            json!({"key": "a", "labelOperator": "notEqual", "value": 1}),
            json!({"key": "a", "labelOperator": "equal", "value": 1, "expedite": true}),
            json!({"key": "a", "labelOperator": "equal"}),
        ];
        let mut sets = SelectorSets::default();
        for demand in &demands {
            sets.hold(selectors(&json!([demand])).iter());
        }
        assert_eq!(sets.len(), demands.len());
    }

    #[test]
    fn a_set_is_forgotten_with_its_last_holder() {
        let demand = selectors(&json!([{"key": "a", "labelOperator": "equal", "value": 1}]));
        let mut sets = SelectorSets::default();
        let key = sets.hold(demand.iter());
        sets.hold(demand.iter());
        sets.release(key);
        assert_eq!(sets.len(), 1);
        sets.release(key);
        assert_eq!(sets.len(), 0);
        assert_ne!(sets.hold(demand.iter()), key);
    }
}
