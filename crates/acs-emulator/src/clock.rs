//! The routing clock: real time by default, moved by tests.

use std::time::{Duration, SystemTime};

use acs_types::Timestamp;

use crate::events::{Event, EventKind};

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
    pace: Pace,
    latest: Timestamp,
    /// All movements together.
    moved_by: Duration,
}

/// How routing time passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pace {
    Standing,
    /// With the computer's time, so many nanoseconds ahead of it; behind it when negative, as after a pause.
    Running {
        ahead: i128,
    },
}

impl RoutingTime {
    pub(crate) fn new(source: Clock) -> Self {
        match source {
            Clock::System => Self {
                pace: Pace::Running { ahead: 0 },
                latest: computer_time(),
                moved_by: Duration::ZERO,
            },
            Clock::Manual(start) => Self {
                pace: Pace::Standing,
                latest: start,
                moved_by: Duration::ZERO,
            },
        }
    }

    pub(crate) fn now(&mut self) -> Timestamp {
        if let Pace::Running { ahead } = self.pace {
            // Moving has checked that the sum exists; only a computer clock near the year 9999 could break it.
            let now = Timestamp::from_unix_nanos(computer_time().unix_nanos() + ahead);
            self.latest = now.map_or(self.latest, |now| now.max(self.latest));
        }
        self.latest
    }

    pub(crate) fn is_paused(&self) -> bool {
        self.pace == Pace::Standing
    }

    pub(crate) fn pause(&mut self) {
        self.now();
        self.pace = Pace::Standing;
    }

    /// Goes on from where the clock stands, at the pace of real time.
    pub(crate) fn resume(&mut self) {
        let ahead = self.now().unix_nanos() - computer_time().unix_nanos();
        self.pace = Pace::Running { ahead };
    }

    /// The instant that lies `by` after now.
    pub(crate) fn after(&mut self, by: Duration) -> Result<Timestamp, ClockError> {
        let now = self.now();
        now.checked_add(by)
            .ok_or(ClockError::BeyondCalendar { now, by })
    }

    /// The instant itself, unless it has passed.
    pub(crate) fn ahead(&mut self, asked: Timestamp) -> Result<Timestamp, ClockError> {
        let now = self.now();
        if asked < now {
            return Err(ClockError::Backwards { now, asked });
        }
        Ok(asked)
    }

    /// Moves to an instant; one that lies before now changes nothing.
    pub(crate) fn jump(&mut self, to: Timestamp) {
        let now = self.now();
        if let Pace::Running { ahead } = &mut self.pace {
            *ahead += (to.unix_nanos() - now.unix_nanos()).max(0);
        }
        self.latest = to.max(now);
        self.moved_by = self.moved_by.saturating_add(to.duration_since(now));
    }

    /// The computer's time and all that the clock has been moved by.
    pub(crate) fn for_tokens(&self) -> Timestamp {
        let time = computer_time();
        time.checked_add(self.moved_by).unwrap_or(time)
    }

    /// How long to wait in real time for a deadline; `None` when the clock only moves by hand.
    pub(crate) fn wait_until(&mut self, deadline: Timestamp) -> Option<Duration> {
        match self.pace {
            Pace::Running { .. } => Some(deadline.duration_since(self.now())),
            Pace::Standing => None,
        }
    }
}

fn computer_time() -> Timestamp {
    Timestamp::from(SystemTime::now())
}

/// Which event [`ClockHandle::run_until`](crate::ClockHandle::run_until) waits for.
///
/// ```
/// use acs_emulator::{EventPattern, RouterEventKind};
///
/// let any_expiry: EventPattern = RouterEventKind::RouterWorkerOfferExpired.into();
/// let expiry_at_one_worker = any_expiry.clone().about("worker/w-1");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventPattern {
    kind: EventKind,
    subject: Option<String>,
}

impl EventPattern {
    /// Narrows the pattern to events whose subject is this path or lies below it: `worker/w-1` takes
    /// `worker/w-1/job/j-1` too, and not `worker/w-10`.
    #[must_use]
    pub fn about(self, subject: impl Into<String>) -> Self {
        Self {
            subject: Some(subject.into()),
            ..self
        }
    }

    pub(crate) fn fits(&self, event: &Event) -> bool {
        let below = |path: &String| {
            let rest = event.subject.strip_prefix(path.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        event.kind == self.kind && self.subject.as_ref().is_none_or(below)
    }
}

impl<K: Into<EventKind>> From<K> for EventPattern {
    fn from(kind: K) -> Self {
        Self {
            kind: kind.into(),
            subject: None,
        }
    }
}

/// What the clock shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ClockState {
    pub(crate) now: Timestamp,
    pub(crate) paused: bool,
    pub(crate) next_deadline: Option<Timestamp>,
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
        time.jump(later);
        assert_eq!(time.now(), later);
        time.jump(start);
        assert_eq!(time.now(), later);
    }

    #[test]
    fn time_for_tokens_is_real_and_moves_along() {
        let mut time = RoutingTime::new(Clock::Manual(Timestamp::UNIX_EPOCH));
        let real = computer_time();
        assert!(time.for_tokens() >= real);
        time.pause();
        let later = time.after(MINUTE * 60).unwrap();
        time.jump(later);
        assert!(time.for_tokens() >= real.checked_add(MINUTE * 60).unwrap());
    }

    #[test]
    fn the_computer_s_clock_can_be_moved_ahead_and_goes_on_from_there() {
        let mut time = RoutingTime::new(Clock::System);
        let deadline = time.now().checked_add(MINUTE * 2).unwrap();
        assert!(time.wait_until(deadline).unwrap() > MINUTE);
        let halfway = time.after(MINUTE).unwrap();
        time.jump(halfway);
        assert!(time.wait_until(deadline).unwrap() <= MINUTE);
        time.jump(deadline);
        assert_eq!(time.wait_until(deadline), Some(Duration::ZERO));
        assert!(time.now() >= deadline);
    }

    #[test]
    fn a_paused_clock_stands_and_a_resumed_one_goes_on_from_there() {
        let start = Timestamp::UNIX_EPOCH;
        let mut time = RoutingTime::new(Clock::Manual(start));
        let deadline = start.checked_add(MINUTE).unwrap();
        time.resume();
        assert!(time.wait_until(deadline).unwrap() <= MINUTE);
        let running = time.now();
        assert!(start <= running && running < deadline, "{running}");
        time.pause();
        let standing = time.now();
        assert!(standing >= running);
        assert_eq!(time.now(), standing);
        assert_eq!(time.wait_until(deadline), None);
    }

    #[test]
    fn there_is_no_way_back_and_none_beyond_the_calendar() {
        let start = Timestamp::UNIX_EPOCH.checked_add(MINUTE).unwrap();
        let mut time = RoutingTime::new(Clock::Manual(start));
        let asked = Timestamp::UNIX_EPOCH;
        assert_eq!(
            time.ahead(asked),
            Err(ClockError::Backwards { now: start, asked })
        );
        let by = Duration::MAX;
        assert_eq!(
            time.after(by),
            Err(ClockError::BeyondCalendar { now: start, by })
        );
        assert_eq!(time.now(), start);
    }
}
