//! Matching: which waiting job is offered to which free worker, looking only at those a change affects.

mod asked_scores;
mod free_workers;
mod guard;
mod reason;
mod score;
mod selector_sets;
mod settle;
mod waiting_jobs;

pub(crate) use asked_scores::AskedScores;
pub(crate) use free_workers::{FreeWorkers, Rank};
pub(crate) use guard::Guard;
pub use reason::Reason;
pub(crate) use score::best_first;
pub(crate) use selector_sets::{SelectorSet, SelectorSets, SetKey};
pub(crate) use settle::Unsettled;
pub(crate) use waiting_jobs::{JobOrder, WaitingJobs};

use crate::entities::Strategy;

/// Where the jobs and the workers of one queue and one channel meet.
///
/// Between two commands no worker in here could be offered a job in here: whatever makes a new pair possible wakes the
/// job or the worker, and settling offers it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Lane {
    /// Queued jobs that may have one more offer.
    pub(crate) waiting: WaitingJobs,
    /// Workers that may be offered one more job.
    pub(crate) free: FreeWorkers,
}

impl Lane {
    pub(crate) fn new(strategy: Strategy) -> Self {
        Self {
            waiting: WaitingJobs::default(),
            free: FreeWorkers::new(strategy),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.is_empty() && self.free.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entities::Listing;
    use crate::ids::Id;
    use crate::table::{Key, WorkerKey};
    use acs_types::Timestamp;

    #[test]
    fn a_lane_is_empty_once_nobody_is_left_in_it() {
        let mut lane = Lane::new(Strategy::LongestIdle);
        assert!(lane.is_empty());
        let (worker, id) = (WorkerKey::from_age(1), Id::from("w"));
        let listing = Listing::nowhere(Timestamp::UNIX_EPOCH);
        lane.free.insert(worker, &id, &listing);
        assert!(!lane.is_empty());
        lane.free.remove(worker, &id, &listing);
        assert!(lane.is_empty());
    }
}
