//! The forms that times have in tokens and answers.

use std::time::Duration;

use acs_types::Timestamp;

const NANOS_PER_TICK: i128 = 100;

/// Seven digits of a second and a numeric offset: `2024-01-01T12:00:00.1234567+00:00` (auth 80).
pub(crate) fn seven_digits(at: Timestamp) -> String {
    let seconds = at.unix_seconds();
    let ticks = at.unix_nanos().rem_euclid(1_000_000_000) / NANOS_PER_TICK;
    let whole = from_unix_seconds(seconds).to_string();
    let (date_and_time, offset) = whole.split_at(whole.len() - "+00:00".len());
    format!("{date_and_time}.{ticks:07}{offset}")
}

/// A claim such as `exp` as a time; the ends of the calendar stand for everything beyond.
pub(crate) fn from_unix_seconds(seconds: i64) -> Timestamp {
    let nanos = i128::from(seconds) * 1_000_000_000;
    Timestamp::from_unix_nanos(nanos).unwrap_or_else(end_of_calendar)
}

/// A time later by a span; the end of the calendar where there is none.
pub(crate) fn later(at: Timestamp, by: Duration) -> Timestamp {
    at.checked_add(by).unwrap_or_else(end_of_calendar)
}

fn end_of_calendar() -> Timestamp {
    const LAST_SECOND_OF_9999: i128 = 253_402_300_799;
    Timestamp::from_unix_nanos(LAST_SECOND_OF_9999 * 1_000_000_000).unwrap_or(Timestamp::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    // auth 80
    #[test]
    fn seven_digits_are_written_however_many_are_needed() {
        for (time, written) in [
            ("2021-06-15T23:04:04Z", "2021-06-15T23:04:04.0000000+00:00"),
            (
                "2021-06-15T23:04:04.5000001299Z",
                "2021-06-15T23:04:04.5000001+00:00",
            ),
            (
                "2021-06-15T23:04:04+02:00",
                "2021-06-15T21:04:04.0000000+00:00",
            ),
        ] {
            assert_eq!(seven_digits(Timestamp::parse(time).unwrap()), written);
        }
    }

    #[test]
    fn the_calendar_has_an_end() {
        assert_eq!(from_unix_seconds(i64::MAX), end_of_calendar());
        let last = end_of_calendar();
        assert_eq!(later(last, Duration::from_secs(60)), last);
    }
}
