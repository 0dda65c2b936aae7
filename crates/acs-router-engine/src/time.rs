//! The service's precision of time, and spans in seconds.

use std::time::Duration;

use acs_types::Timestamp;
use serde::{Serialize, Serializer};

const NANOS_PER_TICK: i128 = 100;

/// The instant in UTC, cut to tenths of a microsecond: the service shows seven digits of a second (R5).
pub(crate) fn to_ticks(at: Timestamp) -> Timestamp {
    let nanos = at.unix_nanos();
    Timestamp::from_unix_nanos(nanos - nanos.rem_euclid(NANOS_PER_TICK)).unwrap_or(at)
}

/// A span in seconds as policies and selectors give it: above zero, at most a hundred years.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Seconds(f64);

impl Seconds {
    /// What a number must be to become a span.
    pub(crate) const NEEDED: &'static str =
        "must be a number of seconds above 0 and at most 3155760000";

    const MOST: f64 = 3_155_760_000.0;

    pub(crate) fn new(seconds: f64) -> Option<Self> {
        (seconds > 0.0 && seconds <= Self::MOST).then_some(Self(seconds))
    }

    /// The instant this long after `start`, at least one tick later; `None` beyond the end of the calendar.
    pub(crate) fn after(self, start: Timestamp) -> Option<Timestamp> {
        let tick = Duration::from_nanos(100);
        let span = Duration::from_secs_f64(self.0).max(tick);
        start.checked_add(span).map(to_ticks)
    }
}

impl Serialize for Seconds {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        whole_as_integer(&self.0, serializer)
    }
}

/// A span as the service shows it in figures: minutes, with their fraction.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Minutes(f64);

impl From<Duration> for Minutes {
    fn from(span: Duration) -> Self {
        Self(span.as_secs_f64() / 60.0)
    }
}

impl Serialize for Minutes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        whole_as_integer(&self.0, serializer)
    }
}

/// Writes a whole double as an integer: `600`, not `600.0` (R6).
#[expect(
    clippy::cast_possible_truncation,
    reason = "guarded by the range check"
)]
pub(crate) fn whole_as_integer<S: Serializer>(
    number: &f64,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if number.fract() == 0.0 && number.abs() <= EXACT {
        serializer.serialize_i64(*number as i64)
    } else {
        serializer.serialize_f64(*number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(seconds: f64) -> String {
        serde_json::to_string(&Seconds::new(seconds).expect("a span")).expect("json")
    }

    // R6
    #[test]
    fn whole_seconds_are_written_as_integers() {
        assert_eq!(json(600.0), "600");
        assert_eq!(json(0.5), "0.5");
    }

    // O2
    #[test]
    fn spans_lie_above_zero_and_within_a_hundred_years() {
        for refused in [0.0, -1.0, 3_155_760_001.0, f64::NAN, f64::INFINITY] {
            assert_eq!(Seconds::new(refused), None, "{refused}");
        }
    }

    #[test]
    fn even_the_shortest_span_takes_a_tick() {
        let start = Timestamp::UNIX_EPOCH;
        let end = Seconds::new(1e-12).and_then(|span| span.after(start));
        assert_eq!(end.map(|end| end.unix_nanos()), Some(100));
    }
}
