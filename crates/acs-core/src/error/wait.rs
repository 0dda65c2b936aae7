//! A wait that ended without what was waited for.

use std::fmt;
use std::time::Duration;

/// Calls were answered, but what they were asked for did not come: in time, or at all.
///
/// A wait only reads, so nothing was changed and waiting again is safe.
pub struct WaitError(Box<Inner>);

struct Inner {
    awaited: String,
    end: End,
    last_seen: String,
}

#[derive(Clone, Copy, Debug)]
enum End {
    /// The time limit of the wait ran out.
    TimedOut(Duration),
    /// It cannot come any more.
    InVain,
}

impl WaitError {
    /// The time limit ran out. `awaited` reads on from "waited 5s for"; `last_seen` is a sentence without its end, or empty
    /// if nothing was seen.
    pub fn timed_out(
        awaited: impl Into<String>,
        limit: Duration,
        last_seen: impl Into<String>,
    ) -> Self {
        Self::new(awaited.into(), End::TimedOut(limit), last_seen.into())
    }

    /// What was seen rules out that it will ever come. The texts are those of [`timed_out`](Self::timed_out).
    pub fn in_vain(awaited: impl Into<String>, last_seen: impl Into<String>) -> Self {
        Self::new(awaited.into(), End::InVain, last_seen.into())
    }

    fn new(awaited: String, end: End, last_seen: String) -> Self {
        Self(Box::new(Inner {
            awaited,
            end,
            last_seen,
        }))
    }

    /// Whether the time limit of the wait ran out; otherwise waiting longer is of no use.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        matches!(self.0.end, End::TimedOut(_))
    }

    /// What the last answer showed, such as `job-1 is queued`; empty if there was no answer in time.
    #[must_use]
    pub fn last_seen(&self) -> &str {
        &self.0.last_seen
    }
}

impl fmt::Display for WaitError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner {
            awaited,
            end,
            last_seen,
        } = &*self.0;
        match end {
            End::TimedOut(limit) => write!(formatter, "waited {limit:?} for {awaited}")?,
            End::InVain => write!(formatter, "waited in vain for {awaited}")?,
        }
        match last_seen.as_str() {
            "" => formatter.write_str(": no answer came in time"),
            last_seen => write!(formatter, ": {last_seen}"),
        }
    }
}

impl fmt::Debug for WaitError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("WaitError")
            .field("awaited", &self.0.awaited)
            .field("end", &self.0.end)
            .field("last_seen", &self.0.last_seen)
            .finish()
    }
}

impl std::error::Error for WaitError {}

#[cfg(test)]
mod tests {
    use super::WaitError;
    use std::time::Duration;

    #[test]
    fn the_text_tells_what_was_waited_for_and_what_was_seen_instead() {
        let limit = Duration::from_secs(5);
        let timed_out = WaitError::timed_out("job-1 to be assigned", limit, "job-1 is queued");
        assert_eq!(
            timed_out.to_string(),
            "waited 5s for job-1 to be assigned: job-1 is queued"
        );
        assert!(timed_out.is_timeout());
        assert_eq!(
            WaitError::timed_out("an offer", limit, "").to_string(),
            "waited 5s for an offer: no answer came in time"
        );
        let in_vain = WaitError::in_vain("job-1 to be assigned", "job-1 is closed");
        assert_eq!(
            in_vain.to_string(),
            "waited in vain for job-1 to be assigned: job-1 is closed"
        );
        assert!(!in_vain.is_timeout());
    }
}
