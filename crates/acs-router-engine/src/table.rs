//! Entities of one kind, by the caller's id and by age.

use std::collections::BTreeMap;
use std::ops::{Bound, Index, IndexMut};
use std::sync::Arc;

use crate::ids::Id;

/// Names an entity by its age among all of its kind: later ones have greater keys, and no key is used twice.
pub(crate) trait Key: Copy + Ord {
    fn from_age(age: u64) -> Self;
    fn age(self) -> u64;
}

/// Defines the key type of one kind of entity.
macro_rules! key {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub(crate) struct $name(u64);

        impl Key for $name {
            fn from_age(age: u64) -> Self {
                Self(age)
            }

            fn age(self) -> u64 {
                self.0
            }
        }
    };
}

key! {
    /// Names a distribution policy.
    DistributionPolicyKey
}
key! {
    /// Names a classification policy.
    ClassificationPolicyKey
}
key! {
    /// Names an exception policy.
    ExceptionPolicyKey
}
key! {
    /// Names a queue.
    QueueKey
}
key! {
    /// Names a worker.
    WorkerKey
}
key! {
    /// Names a job.
    JobKey
}

/// All entities of one kind.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Table<K, E> {
    next_age: u64,
    keys: BTreeMap<Id, K>,
    // Boxed, because the nodes of a tree that grows at its end stay half empty.
    entities: BTreeMap<K, Box<E>>,
}

impl<K: Key, E> Table<K, E> {
    pub(crate) fn new() -> Self {
        Self {
            next_age: 1,
            keys: BTreeMap::new(),
            entities: BTreeMap::new(),
        }
    }

    pub(crate) fn key(&self, id: &str) -> Option<K> {
        self.keys.get(id).copied()
    }

    pub(crate) fn get(&self, key: K) -> Option<&E> {
        self.entities.get(&key).map(|entity| &**entity)
    }

    pub(crate) fn get_mut(&mut self, key: K) -> Option<&mut E> {
        self.entities.get_mut(&key).map(|entity| &mut **entity)
    }

    pub(crate) fn by_id(&self, id: &str) -> Option<&E> {
        self.get(self.key(id)?)
    }

    pub(crate) fn by_id_mut(&mut self, id: &str) -> Option<&mut E> {
        self.get_mut(self.key(id)?)
    }

    /// The entity that another one refers to by id: what is referred to cannot be deleted, so it is there.
    pub(crate) fn named(&self, id: &str) -> &E {
        self.by_id(id)
            .expect("a reference names only entities that exist")
    }

    /// As [`named`](Self::named), to change it.
    pub(crate) fn named_mut(&mut self, id: &str) -> &mut E {
        self.by_id_mut(id)
            .expect("a reference names only entities that exist")
    }

    /// Adds an entity under an id that no other has.
    pub(crate) fn insert(&mut self, id: &Id, entity: E) -> K {
        let key = K::from_age(self.next_age);
        self.next_age += 1;
        self.keys.insert(Arc::clone(id), key);
        self.entities.insert(key, Box::new(entity));
        key
    }

    pub(crate) fn remove(&mut self, id: &str) -> Option<Box<E>> {
        let key = self.keys.remove(id)?;
        self.entities.remove(&key)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &E> {
        self.entities.values().map(|entity| &**entity)
    }

    /// Those that are older than the given age (all, without one), youngest first.
    pub(crate) fn youngest_first(&self, older_than: Option<u64>) -> impl Iterator<Item = (K, &E)> {
        let end = older_than.map_or(Bound::Unbounded, |age| Bound::Excluded(K::from_age(age)));
        let range = self.entities.range((Bound::Unbounded, end));
        range.rev().map(|(key, entity)| (*key, &**entity))
    }
}

/// For keys that indexes hold: an index that names a missing entity is a bug, and stopping beats routing on.
impl<K: Key, E> Index<K> for Table<K, E> {
    type Output = E;

    fn index(&self, key: K) -> &E {
        &self.entities[&key]
    }
}

impl<K: Key, E> IndexMut<K> for Table<K, E> {
    fn index_mut(&mut self, key: K) -> &mut E {
        self.get_mut(key)
            .expect("an index names only entities that exist")
    }
}
