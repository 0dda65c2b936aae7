//! Queue statistics, positions, and how long a wait is estimated to be.
//!
//! A wait is estimated as the average wait of the jobs that the queue last had accepted, times the position (O13).

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use acs_types::Timestamp;
use serde::Serialize;

use crate::answer::EntityKind;
use crate::engine::Engine;
use crate::entities::{Job, JobStatus};
use crate::refusal::{Refusal, RefusalDetail};
use crate::table::JobKey;
use crate::time::Minutes;

/// How the jobs of a queue wait. Serialises as `RouterQueueStatistics`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct QueueStatistics<'a> {
    queue_id: &'a str,
    length: usize,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    estimated_wait_time_minutes: BTreeMap<i32, u128>,
    #[serde(skip_serializing_if = "Option::is_none")]
    longest_job_wait_time_minutes: Option<Minutes>,
}

/// Where a job stands in its queue. Serialises as `RouterJobPositionDetails`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct JobPosition<'a> {
    job_id: &'a str,
    position: usize,
    queue_id: &'a str,
    queue_length: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    estimated_wait_time_minutes: Option<u128>,
}

/// How long the jobs that a queue last had accepted had waited.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct WaitHistory(VecDeque<Duration>);

impl WaitHistory {
    /// How many waits count.
    const MOST: usize = 10;

    pub(crate) fn add(&mut self, wait: Duration) {
        if self.0.len() == Self::MOST {
            self.0.pop_front();
        }
        self.0.push_back(wait);
    }

    /// The minutes that a job at this position is likely to wait, rounded up; `None` when no job was accepted yet.
    fn estimate(&self, position: usize) -> Option<u128> {
        const MINUTE: u128 = 60_000_000_000;
        let total: Duration = self.0.iter().sum();
        let waits = u128::try_from(self.0.len())
            .ok()
            .filter(|waits| *waits > 0)?;
        let position = u128::try_from(position).ok()?;
        let wait = total.as_nanos().checked_mul(position)?;
        Some(wait.div_ceil(waits * MINUTE).max(1))
    }
}

/// Figures. They look at every job of the queue.
impl Engine {
    /// How the jobs of a queue wait, measured up to the given time.
    ///
    /// Waits are estimated for a new job of each priority that waiting jobs have; they are absent while the queue is
    /// empty or no job of it was accepted yet. Offered jobs count as waiting.
    ///
    /// # Errors
    ///
    /// There is no queue of this id.
    pub fn queue_statistics(
        &self,
        id: &str,
        now: Timestamp,
    ) -> Result<QueueStatistics<'_>, Refusal> {
        let queue = self
            .queues
            .by_id(id)
            .ok_or_else(|| Refusal::not_found(EntityKind::Queue.name(), id))?;
        let mut by_priority = BTreeMap::<i32, usize>::new();
        let mut oldest = None;
        for job in queue.queued_jobs().map(|key| &self.jobs[key]) {
            *by_priority.entry(job.definition.priority).or_default() += 1;
            oldest = job.enqueued_at.min(oldest.or(job.enqueued_at));
        }
        let mut ahead = 0;
        let mut estimates = BTreeMap::new();
        for (priority, jobs) in by_priority.into_iter().rev() {
            ahead += jobs;
            let estimate = queue.accepted_waits.estimate(ahead + 1);
            estimates.extend(estimate.map(|minutes| (priority, minutes)));
        }
        Ok(QueueStatistics {
            queue_id: &queue.id,
            length: ahead,
            estimated_wait_time_minutes: estimates,
            longest_job_wait_time_minutes: oldest
                .map(|oldest| Minutes::from(now.duration_since(oldest))),
        })
    }

    /// Where a queued job stands in its queue, offered jobs and those of other channels counted.
    ///
    /// # Errors
    ///
    /// There is no job of this id, or it is not queued.
    pub fn job_position(&self, id: &str) -> Result<JobPosition<'_>, Refusal> {
        let key = self
            .jobs
            .key(id)
            .ok_or_else(|| Refusal::not_found(EntityKind::Job.name(), id))?;
        let job = &self.jobs[key];
        if job.status != JobStatus::Queued {
            return Err(not_queued(job));
        }
        let queue = self.queue_of(job);
        let order = self.order_of(key, job);
        let before = |key: &JobKey| self.order_of(*key, &self.jobs[*key]) < order;
        let position = queue.queued_jobs().filter(before).count() + 1;
        Ok(JobPosition {
            job_id: &job.id,
            position,
            queue_id: &queue.id,
            queue_length: queue.queued_jobs().count(),
            estimated_wait_time_minutes: queue.accepted_waits.estimate(position),
        })
    }
}

// O6
fn not_queued(job: &Job) -> Refusal {
    let reason = format!(
        "the job is {}; only a queued job has a position",
        job.status.as_str()
    );
    Refusal::bad_request(vec![RefusalDetail::new("JobNotQueued", reason)])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn history(waits: &[u64]) -> WaitHistory {
        let mut history = WaitHistory::default();
        for wait in waits {
            history.add(Duration::from_secs(*wait));
        }
        history
    }

    // O13, R105
    #[test]
    fn an_estimate_is_the_average_wait_times_the_position_in_whole_minutes_upwards() {
        assert_eq!(history(&[60, 120]).estimate(1), Some(2));
        assert_eq!(history(&[60, 120]).estimate(2), Some(3));
        assert_eq!(history(&[20, 20, 20]).estimate(3), Some(1));
        assert_eq!(history(&[20, 20, 21]).estimate(3), Some(2));
    }

    // O13
    #[test]
    fn an_estimate_is_at_least_a_minute_and_absent_without_history() {
        assert_eq!(history(&[0]).estimate(7), Some(1));
        assert_eq!(history(&[]).estimate(1), None);
    }

    // O13
    #[test]
    fn only_the_last_ten_waits_count() {
        let mut waits = vec![6_000; 5];
        waits.extend([60; 10]);
        assert_eq!(history(&waits).estimate(1), Some(1));
        assert_eq!(history(&waits[..14]).estimate(1), Some(11));
    }
}
