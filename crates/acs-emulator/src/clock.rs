//! The routing clock: real time by default, moved by tests.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use acs_types::Timestamp;

use crate::shell::Shell;

/// Where an emulator's routing time comes from.
///
/// Only routing (timestamps, offer expiry, schedules) follows this clock. Signatures are always checked against the
/// real time, so that moving the routing clock never makes a client's requests invalid.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Clock {
    /// The computer's time.
    #[default]
    System,
    /// Stands still at the given instant until a [`ClockHandle`](crate::ClockHandle) moves it.
    Manual(Timestamp),
}

impl Clock {
    /// A clock that stands still at the present moment.
    #[must_use]
    pub fn stopped_now() -> Self {
        Self::Manual(Timestamp::from(SystemTime::now()))
    }
}

/// Why the clock was not moved.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClockError {
    /// The asked time lies before the clock's time.
    #[error("the routing clock cannot go back from {now} to {asked}")]
    Backwards {
        /// The clock's time.
        now: Timestamp,
        /// The time that was asked for.
        asked: Timestamp,
    },
    /// The asked time lies beyond the calendar.
    #[error("{now} plus {} s lies beyond the calendar", by.as_secs())]
    BeyondCalendar {
        /// The clock's time.
        now: Timestamp,
        /// The span that was asked for.
        by: Duration,
    },
}

/// The running clock. Never goes back, even when the computer's time is set back.
#[derive(Debug)]
pub(crate) struct RoutingTime {
    source: Clock,
    moved_by: Duration,
    latest: Timestamp,
}

impl RoutingTime {
    pub(crate) fn new(source: Clock) -> Self {
        Self {
            source,
            moved_by: Duration::ZERO,
            latest: source_time(source),
        }
    }

    pub(crate) fn now(&mut self) -> Timestamp {
        // `advance` has checked that the sum exists; only a computer clock near the year 9999 could break it.
        let now = source_time(self.source).checked_add(self.moved_by);
        self.latest = now.map_or(self.latest, |now| now.max(self.latest));
        self.latest
    }

    pub(crate) fn advance(&mut self, by: Duration) -> Result<(), ClockError> {
        let now = self.now();
        let beyond = ClockError::BeyondCalendar { now, by };
        let moved_by = self
            .moved_by
            .checked_add(by)
            .ok_or_else(|| beyond.clone())?;
        now.checked_add(by).ok_or(beyond)?;
        self.moved_by = moved_by;
        Ok(())
    }

    pub(crate) fn set(&mut self, asked: Timestamp) -> Result<(), ClockError> {
        let now = self.now();
        if asked < now {
            return Err(ClockError::Backwards { now, asked });
        }
        self.advance(asked.duration_since(now))
    }

    /// How long to wait in real time for a deadline; `None` when the clock only moves by hand.
    pub(crate) fn wait_until(&mut self, deadline: Timestamp) -> Option<Duration> {
        match self.source {
            Clock::System => Some(deadline.duration_since(self.now())),
            Clock::Manual(_) => None,
        }
    }
}

fn source_time(source: Clock) -> Timestamp {
    match source {
        Clock::System => Timestamp::from(SystemTime::now()),
        Clock::Manual(start) => start,
    }
}

/// Reads and moves the routing clock of a running emulator. Cheap to clone.
#[derive(Clone, Debug)]
pub struct ClockHandle {
    shell: Arc<Shell>,
}

// Moving is async although nothing is awaited yet: calls that deadlines cause, such as webhook rules, will be.
impl ClockHandle {
    pub(crate) fn new(shell: Arc<Shell>) -> Self {
        Self { shell }
    }

    /// The present routing time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.shell.now()
    }

    /// Moves the clock forward. Deadlines that become due fire in order, each at its own time, before this returns.
    ///
    /// A [`Clock::System`] goes on from the new time, ahead of the computer's clock.
    ///
    /// # Errors
    ///
    /// [`ClockError::BeyondCalendar`]; the clock stays as it was.
    pub async fn advance(&self, by: Duration) -> Result<(), ClockError> {
        self.shell.move_clock(|time| time.advance(by))
    }

    /// Moves the clock forward to an instant, as [`advance`](Self::advance) does.
    ///
    /// # Errors
    ///
    /// [`ClockError::Backwards`] when the clock has passed it already; the clock stays as it was.
    pub async fn set(&self, to: Timestamp) -> Result<(), ClockError> {
        self.shell.move_clock(|time| time.set(to))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    #[test]
    fn a_manual_clock_stands_still_until_moved_and_is_not_waited_for() {
        let start = Timestamp::UNIX_EPOCH;
        let mut time = RoutingTime::new(Clock::Manual(start));
        let later = start.checked_add(MINUTE).unwrap();
        assert_eq!(time.now(), start);
        assert_eq!(time.wait_until(later), None);
        time.advance(MINUTE).unwrap();
        assert_eq!(time.now(), later);
        time.set(later).unwrap();
        assert_eq!(time.now(), later);
    }

    #[test]
    fn the_computer_s_clock_can_be_moved_ahead_and_goes_on_from_there() {
        let mut time = RoutingTime::new(Clock::System);
        let deadline = time.now().checked_add(MINUTE * 2).unwrap();
        assert!(time.wait_until(deadline).unwrap() > MINUTE);
        time.advance(MINUTE).unwrap();
        assert!(time.wait_until(deadline).unwrap() <= MINUTE);
        time.set(deadline).unwrap();
        assert_eq!(time.wait_until(deadline), Some(Duration::ZERO));
        assert!(time.now() >= deadline);
    }
}
