//! Times in whole milliseconds, and the forms in which they are written.

use std::time::Duration;

use acs_types::Timestamp;
use serde::{Serialize, Serializer};

const NANOS_PER_MILLI: i128 = 1_000_000;
const MILLIS_PER_SECOND: i64 = 1_000;

/// A point in time in milliseconds since 1970, the precision of message ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Time(i64);

impl Time {
    /// From which on everything has happened: the share-history time of participants who are given none (rule 51).
    pub(crate) const BEGINNING: Self = Self(0);

    /// The time cut to whole seconds.
    pub(crate) fn whole_second(self) -> Self {
        Self(self.0 - self.0.rem_euclid(MILLIS_PER_SECOND))
    }

    /// The time as ids and versions count it.
    pub(crate) fn unix_millis(self) -> u64 {
        u64::try_from(self.0).unwrap_or(0)
    }

    pub(crate) fn later_by(self, span: Duration) -> Self {
        let millis = i64::try_from(span.as_millis()).unwrap_or(i64::MAX);
        Self(self.0.saturating_add(millis))
    }

    pub(crate) fn timestamp(self) -> Timestamp {
        let nanos = i128::from(self.0) * NANOS_PER_MILLI;
        Timestamp::from_unix_nanos(nanos).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// Date and time without fraction and offset, and the milliseconds.
    fn parts(self) -> (String, i64) {
        let mut whole = self.whole_second().timestamp().to_string();
        whole.truncate(whole.len() - "+00:00".len());
        (whole, self.0.rem_euclid(MILLIS_PER_SECOND))
    }
}

impl From<Timestamp> for Time {
    fn from(at: Timestamp) -> Self {
        // A timestamp lies within the years -9999 to 9999, which fit.
        Self(i64::try_from(at.unix_nanos().div_euclid(NANOS_PER_MILLI)).unwrap_or(0))
    }
}

/// Whole seconds and `Z`, as the REST interface writes them (rule 28).
impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (whole, _) = self.parts();
        serializer.collect_str(&format_args!("{whole}Z"))
    }
}

/// A time as events write it (rule 91).
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct EventTime {
    pub(crate) at: Time,
    pub(crate) form: Form,
}

/// Events for one user and events for the thread write times differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// Three digits of a second and `Z`.
    PerUser,
    /// A numeric offset.
    InThread,
}

impl Serialize for EventTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.form {
            Form::PerUser => {
                let (whole, millis) = self.at.parts();
                serializer.collect_str(&format_args!("{whole}.{millis:03}Z"))
            }
            Form::InThread => serializer.collect_str(&self.at.timestamp()),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn time(text: &str) -> Time {
        Timestamp::parse(text).unwrap().into()
    }

    // chat 28
    #[test]
    fn answers_have_whole_seconds_and_z() {
        assert_eq!(
            json!(time("2021-06-15T23:04:04.999Z")),
            "2021-06-15T23:04:04Z"
        );
        assert_eq!(
            json!(time("2021-06-15T23:04:04+02:00")),
            "2021-06-15T21:04:04Z"
        );
        assert_eq!(json!(Time::BEGINNING), "1970-01-01T00:00:00Z");
        assert_eq!(
            json!(time("1969-12-31T23:59:59.5Z")),
            "1969-12-31T23:59:59Z"
        );
    }

    // chat 91
    #[test]
    fn events_for_a_user_end_in_z_and_those_for_the_thread_in_an_offset() {
        let written = |form| {
            let at = time("2021-06-15T23:04:04.05Z");
            json!(EventTime { at, form })
        };
        assert_eq!(written(Form::PerUser), "2021-06-15T23:04:04.050Z");
        assert_eq!(written(Form::InThread), "2021-06-15T23:04:04.05+00:00");
    }
}
