//! The workers of a lane that may be offered one more job, in the order of the queue's distribution mode.

use std::collections::BTreeSet;
use std::ops::Bound;

use acs_types::Timestamp;

use crate::capacity::LoadRatio;
use crate::entities::{Listing, Strategy};
use crate::ids::Id;
use crate::table::{Key, WorkerKey};

/// A worker's place among the free ones.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Rank {
    /// The least loaded first, then the longest available (R72).
    Idle {
        load: LoadRatio,
        available_since: Timestamp,
        worker: WorkerKey,
    },
    /// By id (R71).
    Named { id: Id, worker: WorkerKey },
}

impl Rank {
    pub(crate) fn new(strategy: Strategy, worker: WorkerKey, id: &Id, listing: &Listing) -> Self {
        match strategy {
            // Where scores are equal, the longest idle is the best worker (R73).
            Strategy::LongestIdle | Strategy::BestWorker => Self::Idle {
                load: listing.load,
                available_since: listing.available_since,
                worker,
            },
            Strategy::RoundRobin => Self::Named {
                id: id.clone(),
                worker,
            },
        }
    }

    pub(crate) fn worker(&self) -> WorkerKey {
        match self {
            Self::Idle { worker, .. } | Self::Named { worker, .. } => *worker,
        }
    }

    /// Whether round robin has not come to it yet in this turn.
    fn is_after(&self, last: &str) -> bool {
        match self {
            Self::Named { id, .. } => **id > *last,
            Self::Idle { .. } => true,
        }
    }
}

/// The free workers of a lane.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct FreeWorkers {
    pub(crate) strategy: Strategy,
    ranks: BTreeSet<Rank>,
}

impl FreeWorkers {
    pub(crate) fn new(strategy: Strategy) -> Self {
        Self {
            strategy,
            ranks: BTreeSet::new(),
        }
    }

    pub(crate) fn insert(&mut self, worker: WorkerKey, id: &Id, listing: &Listing) {
        self.ranks
            .insert(Rank::new(self.strategy, worker, id, listing));
    }

    pub(crate) fn remove(&mut self, worker: WorkerKey, id: &Id, listing: &Listing) {
        self.ranks
            .remove(&Rank::new(self.strategy, worker, id, listing));
    }

    pub(crate) fn len(&self) -> usize {
        self.ranks.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.ranks.is_empty()
    }

    pub(crate) fn workers(&self) -> impl Iterator<Item = WorkerKey> {
        self.ranks.iter().map(Rank::worker)
    }

    /// All of them, the next to be offered a job first; `last` is who got the queue's last offer.
    pub(crate) fn in_turn(&self, last: Option<&Id>) -> impl Iterator<Item = WorkerKey> {
        let passed = last
            .filter(|_| self.strategy == Strategy::RoundRobin)
            .map(|last| Rank::Named {
                id: last.clone(),
                worker: WorkerKey::from_age(u64::MAX),
            });
        let start = passed.as_ref().map_or(Bound::Unbounded, Bound::Excluded);
        let first = self.ranks.range::<Rank, _>((start, Bound::Unbounded));
        let wrapped = passed
            .as_ref()
            .map(|passed| self.ranks.range::<Rank, _>(..=passed));
        first.chain(wrapped.into_iter().flatten()).map(Rank::worker)
    }

    /// Puts these ranks in the order of [`in_turn`](Self::in_turn).
    pub(crate) fn sort(ranks: &mut [Rank], last: Option<&Id>) {
        let passed = |rank: &Rank| last.is_some_and(|last| !rank.is_after(last));
        ranks.sort_by(|left, right| {
            passed(left)
                .cmp(&passed(right))
                .then_with(|| left.cmp(right))
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    fn named(ids: &[&str]) -> FreeWorkers {
        let mut free = FreeWorkers::new(Strategy::RoundRobin);
        for (age, id) in (1..).zip(ids) {
            let rank = Rank::Named {
                id: Arc::from(*id),
                worker: WorkerKey::from_age(age),
            };
            free.ranks.insert(rank);
        }
        free
    }

    // R71
    #[test]
    fn round_robin_goes_on_after_the_last_one_and_starts_again_at_the_end() {
        let free = named(&["c", "a", "b"]);
        for (last, turn) in [
            (None, [2, 3, 1]),
            (Some("a"), [3, 1, 2]),
            (Some("b"), [1, 2, 3]),
            (Some("c"), [2, 3, 1]),
            (Some("bb"), [1, 2, 3]),
            (Some("zzz"), [2, 3, 1]),
        ] {
            let last = last.map(Id::from);
            let ages: Vec<_> = free.in_turn(last.as_ref()).map(Key::age).collect();
            assert_eq!(ages, turn, "after {last:?}");
            let mut ranks: Vec<_> = free.ranks.iter().rev().cloned().collect();
            FreeWorkers::sort(&mut ranks, last.as_ref());
            let sorted: Vec<_> = ranks.iter().map(|rank| rank.worker().age()).collect();
            assert_eq!(sorted, turn, "sorted after {last:?}");
        }
    }
}
