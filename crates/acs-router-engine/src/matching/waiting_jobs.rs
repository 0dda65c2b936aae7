//! The jobs that wait in a lane, so that a worker looks at one job per selector set and not at all of them.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use acs_types::Timestamp;

use super::{Guard, SelectorSet, SetKey};
use crate::table::JobKey;

/// The order in which jobs are served: expedited ones first (R68), then by priority, then first come, first served (R61).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct JobOrder {
    expedited: Reverse<bool>,
    priority: Reverse<i32>,
    enqueued_at: Timestamp,
    pub(crate) job: JobKey,
}

impl JobOrder {
    pub(crate) fn new(expedited: bool, priority: i32, enqueued_at: Timestamp, job: JobKey) -> Self {
        Self {
            expedited: Reverse(expedited),
            priority: Reverse(priority),
            enqueued_at,
            job,
        }
    }
}

/// Waiting jobs, those with the same selectors together.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct WaitingJobs {
    buckets: BTreeMap<SetKey, Bucket>,
    /// The first job of each bucket, those of buckets with the same first guard together: a worker without that label
    /// need not look at any of them.
    heads: BTreeMap<Option<Guard>, BTreeSet<(JobOrder, SetKey)>>,
}

#[derive(Clone, Debug, PartialEq)]
struct Bucket {
    set: Arc<SelectorSet>,
    jobs: BTreeSet<JobOrder>,
}

/// What one worker makes of the jobs that wait.
pub(crate) trait Seeker {
    /// The guards that the worker satisfies; `None` if selectors do not count for it.
    fn guards(&self) -> Option<&[Guard]>;

    /// Whether the worker meets the selectors.
    fn meets(&mut self, set: &SelectorSet) -> bool;

    /// Whether the job, whose selectors the worker meets, may be offered to it.
    fn may_get(&mut self, job: JobKey) -> bool;
}

impl WaitingJobs {
    pub(crate) fn insert(&mut self, key: SetKey, set: &Arc<SelectorSet>, order: JobOrder) {
        let bucket = self.buckets.entry(key).or_insert_with(|| Bucket {
            set: Arc::clone(set),
            jobs: BTreeSet::new(),
        });
        let old_head = bucket.jobs.first().copied();
        bucket.jobs.insert(order);
        let head = bucket.jobs.first().copied();
        self.move_head(key, set, old_head, head);
    }

    pub(crate) fn remove(&mut self, key: SetKey, set: &SelectorSet, order: JobOrder) {
        let Some(bucket) = self.buckets.get_mut(&key) else {
            return;
        };
        let old_head = bucket.jobs.first().copied();
        bucket.jobs.remove(&order);
        let head = bucket.jobs.first().copied();
        if head.is_none() {
            self.buckets.remove(&key);
        }
        self.move_head(key, set, old_head, head);
    }

    fn move_head(
        &mut self,
        key: SetKey,
        set: &SelectorSet,
        old: Option<JobOrder>,
        new: Option<JobOrder>,
    ) {
        if old == new {
            return;
        }
        let guard = set.guards.first();
        let heads = self.heads.entry(guard.cloned()).or_default();
        heads.extend(new.map(|new| (new, key)));
        if let Some(old) = old {
            heads.remove(&(old, key));
        }
        if heads.is_empty() {
            self.heads.remove(&guard.cloned());
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.buckets.is_empty()
    }

    pub(crate) fn jobs(&self) -> impl Iterator<Item = JobKey> {
        let buckets = self.buckets.values();
        buckets.flat_map(|bucket| bucket.jobs.iter().map(|order| order.job))
    }

    /// The first job for this worker, if it comes before `limit`. Looks at the heads of buckets whose guard the worker
    /// satisfies, and further only past jobs that this one worker may not get.
    pub(crate) fn first_for(
        &self,
        seeker: &mut impl Seeker,
        limit: Option<JobOrder>,
    ) -> Option<JobOrder> {
        let mut best = limit;
        for heads in self.heads_for(seeker.guards()) {
            best = self.first_of(heads, seeker, best);
        }
        best.filter(|best| Some(*best) != limit)
    }

    fn heads_for(&self, guards: Option<&[Guard]>) -> Vec<&BTreeSet<(JobOrder, SetKey)>> {
        match guards {
            None => self.heads.values().collect(),
            Some(guards) => {
                let guarded = guards
                    .iter()
                    .filter_map(|guard| self.heads.get(&Some(guard.clone())));
                self.heads.get(&None).into_iter().chain(guarded).collect()
            }
        }
    }

    fn first_of(
        &self,
        heads: &BTreeSet<(JobOrder, SetKey)>,
        seeker: &mut impl Seeker,
        mut best: Option<JobOrder>,
    ) -> Option<JobOrder> {
        for (head, key) in heads {
            if best.is_some_and(|best| best <= *head) {
                break;
            }
            let bucket = &self.buckets[key];
            if seeker.meets(&bucket.set) {
                let in_time = bucket
                    .jobs
                    .iter()
                    .take_while(|order| best.is_none_or(|best| **order < best));
                let first = in_time.copied().find(|order| seeker.may_get(order.job));
                best = first.or(best);
            }
        }
        best
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matching::SelectorSets;
    use crate::table::Key;

    fn order(expedited: bool, priority: i32, nanos: i128, age: u64) -> JobOrder {
        let at = Timestamp::from_unix_nanos(nanos).expect("a time");
        JobOrder::new(expedited, priority, at, JobKey::from_age(age))
    }

    // R61, R68
    #[test]
    fn expedited_jobs_come_first_then_higher_priorities_then_older_ones() {
        let expected = [
            order(true, -5, 900, 9),
            order(false, 10, 800, 8),
            order(false, 1, 100, 7),
            order(false, 1, 200, 1),
            order(false, 1, 200, 2),
            order(false, -1, 0, 3),
        ];
        let mut sorted = expected;
        sorted.reverse();
        sorted.sort();
        assert_eq!(sorted, expected);
    }

    struct Anything {
        met: usize,
        refused: Option<JobKey>,
    }

    impl Seeker for Anything {
        fn guards(&self) -> Option<&[Guard]> {
            Some(&[])
        }

        fn meets(&mut self, _: &SelectorSet) -> bool {
            self.met += 1;
            true
        }

        fn may_get(&mut self, job: JobKey) -> bool {
            self.refused != Some(job)
        }
    }

    #[test]
    fn a_worker_looks_at_the_head_of_a_bucket_and_past_jobs_it_may_not_get() {
        let mut sets = SelectorSets::default();
        let key = sets.hold(std::iter::empty());
        let mut waiting = WaitingJobs::default();
        for age in 1..=1_000 {
            waiting.insert(key, sets.get(key), order(false, 1, 100, age));
        }
        let mut seeker = Anything {
            met: 0,
            refused: Some(JobKey::from_age(1)),
        };
        let first = waiting.first_for(&mut seeker, None);
        assert_eq!(first.map(|first| first.job), Some(JobKey::from_age(2)));
        assert_eq!(seeker.met, 1);
        assert_eq!(waiting.first_for(&mut seeker, first), None);
    }

    #[test]
    fn what_is_taken_out_leaves_nothing_behind() {
        let mut sets = SelectorSets::default();
        let key = sets.hold(std::iter::empty());
        let mut waiting = WaitingJobs::default();
        let orders = [
            order(false, 1, 1, 1),
            order(false, 2, 2, 2),
            order(true, 1, 3, 3),
        ];
        for order in orders {
            waiting.insert(key, sets.get(key), order);
        }
        for order in orders {
            waiting.remove(key, sets.get(key), order);
        }
        assert_eq!(waiting, WaitingJobs::default());
    }
}
