//! How long a thread is kept.

use std::ops::RangeInclusive;
use std::time::Duration;

use serde::Serialize;

use crate::refusal::Refusal;
use crate::time::Time;

const DAYS: RangeInclusive<i64> = 30..=90;
const SECONDS_PER_DAY: u64 = 86_400;

/// When a thread is deleted by itself (rule 18).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(
    tag = "kind",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub enum RetentionPolicy {
    /// So many days after its creation: 30 to 90.
    ThreadCreationDate {
        /// The number of days.
        delete_thread_after_days: i64,
    },
    /// Never.
    None,
}

impl RetentionPolicy {
    pub(crate) fn check(self) -> Result<(), Refusal> {
        match self {
            Self::ThreadCreationDate {
                delete_thread_after_days: days,
            } if !DAYS.contains(&days) => Err(Refusal::bad_request(format!(
                "`retentionPolicy.deleteThreadAfterDays` is {days}; it must be from {} to {}.",
                DAYS.start(),
                DAYS.end()
            ))),
            _ => Ok(()),
        }
    }

    pub(crate) fn end(self, created_on: Time) -> Option<Time> {
        match self {
            Self::ThreadCreationDate {
                delete_thread_after_days: days,
            } => {
                let seconds = days.unsigned_abs().saturating_mul(SECONDS_PER_DAY);
                Some(created_on.later_by(Duration::from_secs(seconds)))
            }
            Self::None => None,
        }
    }
}
