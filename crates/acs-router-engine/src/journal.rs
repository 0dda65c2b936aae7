//! What one command has caused so far.

use std::collections::BTreeMap;

use acs_types::Timestamp;

use crate::answer::{Change, Effect, EntityKind};
use crate::events::{Event, Happening};
use crate::ids::{Etag, Id, IdSource};

/// Events, changed entities and work done, gathered while a command runs.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Journal {
    pub(crate) events: Vec<Event>,
    pub(crate) effects: Vec<Effect>,
    pub(crate) pairs_examined: u64,
    changed: BTreeMap<(EntityKind, Id), Option<Etag>>,
}

impl Journal {
    pub(crate) fn record(&mut self, ids: &mut IdSource, time: Timestamp, happening: Happening) {
        self.events.push(Event::new(ids.guid(), time, happening));
    }

    /// Notes the version that an entity has now; `None` when it is gone.
    pub(crate) fn changed(&mut self, kind: EntityKind, id: &Id, etag: Option<Etag>) {
        self.changed.insert((kind, id.clone()), etag);
    }

    pub(crate) fn into_changes(self) -> Vec<Change> {
        let changes = self.changed.into_iter();
        changes
            .map(|((kind, id), etag)| Change { kind, id, etag })
            .collect()
    }
}
