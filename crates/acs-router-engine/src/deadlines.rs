//! What will happen by itself, and when.

use std::collections::BTreeMap;

use acs_types::Timestamp;

use crate::ids::Guid;
use crate::table::{JobKey, QueueKey, WorkerKey};

/// Something that happens at a set time unless it is cancelled first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Deadline {
    /// An offer was not answered in time.
    OfferExpires { worker: WorkerKey, offer: Guid },
    /// A worker that declined a job may get it offered again.
    OfferRetries { job: JobKey, worker: WorkerKey },
    /// One or more of a queued job's selectors stop counting.
    SelectorsExpire { job: JobKey },
    /// A scheduled job's time has come.
    ScheduleArrives { job: JobKey },
    /// A registered worker has had nothing to do for long.
    IdlenessEnds { worker: WorkerKey },
    /// A job of a queue has waited as long as one of the queue's exception rules allows.
    WaitEnds { queue: QueueKey },
    /// A completed job closes.
    JobCloses { job: JobKey },
    /// A job has lived as long as a job may.
    LifeEnds { job: JobKey },
}

/// Names a deadline, so that it can be cancelled. Deadlines of the same time pass in the order they were set.
pub(crate) type DeadlineKey = (Timestamp, u64);

/// All deadlines to come. Cancelled ones are gone, and each passes once.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Deadlines {
    next: u64,
    queue: BTreeMap<DeadlineKey, Deadline>,
}

impl Deadlines {
    pub(crate) fn set(&mut self, at: Timestamp, deadline: Deadline) -> DeadlineKey {
        let key = (at, self.next);
        self.next += 1;
        self.queue.insert(key, deadline);
        key
    }

    pub(crate) fn cancel(&mut self, key: Option<DeadlineKey>) {
        if let Some(key) = key {
            self.queue.remove(&key);
        }
    }

    pub(crate) fn next(&self) -> Option<Timestamp> {
        self.queue.first_key_value().map(|((at, _), _)| *at)
    }

    /// Takes the first deadline if its time has come.
    pub(crate) fn take_due(&mut self, now: Timestamp) -> Option<(Timestamp, Deadline)> {
        if self.next()? > now {
            return None;
        }
        self.queue
            .pop_first()
            .map(|((at, _), deadline)| (at, deadline))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::Key;

    fn at(nanos: i128) -> Timestamp {
        Timestamp::from_unix_nanos(nanos).expect("a time")
    }

    fn closing(age: u64) -> Deadline {
        Deadline::JobCloses {
            job: JobKey::from_age(age),
        }
    }

    #[test]
    fn deadlines_pass_once_in_order_of_time_and_then_of_setting() {
        let mut deadlines = Deadlines::default();
        deadlines.set(at(300), closing(1));
        deadlines.set(at(100), closing(2));
        deadlines.set(at(300), closing(3));
        let cancelled = deadlines.set(at(200), closing(4));
        deadlines.cancel(Some(cancelled));
        assert_eq!(deadlines.next(), Some(at(100)));
        let mut passed = Vec::new();
        while let Some(due) = deadlines.take_due(at(300)) {
            passed.push(due);
        }
        assert_eq!(
            passed,
            [
                (at(100), closing(2)),
                (at(300), closing(1)),
                (at(300), closing(3))
            ]
        );
        assert_eq!(deadlines.next(), None);
    }

    #[test]
    fn a_deadline_in_the_future_stays() {
        let mut deadlines = Deadlines::default();
        deadlines.set(at(200), closing(1));
        assert_eq!(deadlines.take_due(at(199)), None);
        assert!(deadlines.take_due(at(200)).is_some());
    }
}
