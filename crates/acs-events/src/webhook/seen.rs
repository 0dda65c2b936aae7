//! Which events were handled already, within bounds.

use std::collections::hash_map::{Entry, RandomState};
use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher, Hash};

use crate::{Event, Schema};

/// What is known of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Claim {
    /// It is the caller's to handle.
    New(Key),
    /// It is being handled already.
    Busy(Key),
    /// It was handled.
    Done,
}

/// An event by its id, in the schema of CloudEvents by source and id.
///
/// It is a keyed hash of 128 bits: long ids take no more memory than short ones, and nobody outside can find two that collide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key(u64, u64);

/// Events being handled, and the last ones that were handled.
#[derive(Debug)]
pub(super) struct Seen {
    hashers: (RandomState, RandomState),
    /// Whether an event is done.
    known: HashMap<Key, bool>,
    /// What is done, oldest first.
    done: VecDeque<Key>,
    capacity: usize,
}

impl Seen {
    pub(super) fn new(capacity: usize) -> Self {
        Self {
            hashers: (RandomState::new(), RandomState::new()),
            known: HashMap::new(),
            done: VecDeque::new(),
            capacity,
        }
    }

    /// Takes an event for handling, unless it is or was handled.
    pub(super) fn claim(&mut self, event: &Event) -> Claim {
        let key = self.key(event);
        match self.known.entry(key) {
            Entry::Occupied(known) if *known.get() => Claim::Done,
            Entry::Occupied(_) => Claim::Busy(key),
            Entry::Vacant(place) => {
                place.insert(false);
                Claim::New(key)
            }
        }
    }

    /// The event was handled; the oldest one is forgotten if there are too many.
    pub(super) fn settle(&mut self, key: Key) {
        self.known.insert(key, true);
        self.done.push_back(key);
        if self.done.len() > self.capacity
            && let Some(oldest) = self.done.pop_front()
        {
            self.known.remove(&oldest);
        }
    }

    /// The event was not handled and may come again.
    pub(super) fn release(&mut self, key: Key) {
        self.known.remove(&key);
    }

    fn key(&self, event: &Event) -> Key {
        let source = match event.schema() {
            Schema::EventGrid => "",
            Schema::CloudEvents => event.source(),
        };
        let named = (source, event.id());
        Key(hash(&self.hashers.0, named), hash(&self.hashers.1, named))
    }
}

fn hash(state: &RandomState, named: impl Hash) -> u64 {
    state.hash_one(named)
}

#[cfg(test)]
mod tests {
    use super::{Claim, Seen};
    use crate::Event;

    fn event(source: &str, id: &str) -> Event {
        let text = format!(
            r#"{{"id":"{id}","source":"{source}","type":"A.B","specversion":"1.0","data":{{}}}}"#
        );
        Event::read(&text).expect("an event")
    }

    #[test]
    fn an_event_is_new_then_busy_then_done() {
        let mut seen = Seen::new(10);
        let Claim::New(key) = seen.claim(&event("s", "1")) else {
            panic!("nothing was seen");
        };
        assert_eq!(seen.claim(&event("s", "1")), Claim::Busy(key));
        seen.release(key);
        assert!(matches!(seen.claim(&event("s", "1")), Claim::New(_)));
        seen.settle(key);
        assert_eq!(seen.claim(&event("s", "1")), Claim::Done);
        assert!(matches!(seen.claim(&event("other", "1")), Claim::New(_)));
    }

    #[test]
    fn only_the_last_ones_are_remembered() {
        let mut seen = Seen::new(2);
        for id in ["1", "2", "3"] {
            let Claim::New(key) = seen.claim(&event("s", id)) else {
                panic!("{id} was not seen");
            };
            seen.settle(key);
        }
        assert!(matches!(seen.claim(&event("s", "1")), Claim::New(_)));
        assert_eq!(seen.claim(&event("s", "3")), Claim::Done);
        assert_eq!((seen.known.len(), seen.done.len()), (3, 2));
    }
}
