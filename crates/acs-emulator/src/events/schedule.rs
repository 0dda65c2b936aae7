//! When Event Grid tries again, and when it gives up.

use std::time::Duration;

use acs_types::Timestamp;
use axum::http::StatusCode;

/// How often an event is tried at most.
const ATTEMPTS: u32 = 30;

/// How long an event is kept. Looked at only when the next attempt is due.
const LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);

/// The waits after the first failures, in seconds; after all others it is [`LAST_WAIT`].
const WAITS: [u64; 9] = [10, 30, 60, 300, 600, 1_800, 3_600, 10_800, 21_600];
const LAST_WAIT: u64 = 12 * 60 * 60;

/// The wait after so many failed attempts, at least as long as the last failure asks for; `None` when there is no further attempt.
pub(super) fn wait_after(attempts: u32, least: Duration) -> Option<Duration> {
    if attempts >= ATTEMPTS {
        return None;
    }
    let index = usize::try_from(attempts.saturating_sub(1)).ok()?;
    let seconds = WAITS.get(index).copied().unwrap_or(LAST_WAIT);
    Some(Duration::from_secs(seconds).max(least))
}

/// Whether an event is too old for the attempt that has become due.
pub(super) fn is_expired(happened: Timestamp, now: Timestamp) -> bool {
    now.duration_since(happened) >= LIFETIME
}

/// How long some failures have to be waited for at least.
pub(super) fn least_wait(status: StatusCode) -> Duration {
    Duration::from_secs(match status {
        StatusCode::REQUEST_TIMEOUT => 120,
        StatusCode::SERVICE_UNAVAILABLE => 30,
        _ => 10,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waits(least: u64) -> Vec<u64> {
        let least = Duration::from_secs(least);
        (1..)
            .map_while(|attempts| wait_after(attempts, least))
            .map(|wait| wait.as_secs())
            .collect()
    }

    /// Events 33 and 34.
    #[test]
    fn waits_grow_to_twelve_hours_until_thirty_attempts_are_made() {
        let waits = waits(0);
        assert_eq!(
            waits[..11],
            [
                10, 30, 60, 300, 600, 1_800, 3_600, 10_800, 21_600, 43_200, 43_200
            ]
        );
        assert_eq!(waits.len(), 29, "the thirtieth attempt is the last");
    }

    /// Events 36.
    #[test]
    fn some_failures_make_the_first_waits_longer() {
        let least = |status| least_wait(StatusCode::from_u16(status).unwrap()).as_secs();
        assert_eq!(
            (least(408), least(503), least(500), least(302)),
            (120, 30, 10, 10)
        );
        assert_eq!(waits(120)[..5], [120, 120, 120, 300, 600]);
    }

    #[test]
    fn an_event_expires_after_a_day() {
        let happened = Timestamp::UNIX_EPOCH;
        let after = |seconds| {
            happened
                .checked_add(Duration::from_secs(seconds))
                .expect("a date")
        };
        assert!(!is_expired(happened, after(86_399)));
        assert!(is_expired(happened, after(86_400)));
    }
}
