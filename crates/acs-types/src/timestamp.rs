//! An instant as the services write and read it.

use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;
use std::time::{Duration, SystemTime};

use serde::de::{self, Deserialize, Deserializer, Visitor};
use serde::ser::{Serialize, Serializer};
use time::format_description::BorrowedFormatItem;
use time::format_description::well_known::Rfc3339;
use time::{OffsetDateTime, PrimitiveDateTime, UtcOffset};

/// The one form in the services' own documents that is not RFC 3339: `3/28/2007 7:13:50 PM +00:00`.
static UNITED_STATES_FORM: Form = LazyLock::new(|| {
    form(
        "[month padding:none]/[day padding:none]/[year] \
         [hour repr:12 padding:none]:[minute]:[second] [period case_sensitive:false] \
         [offset_hour sign:mandatory]:[offset_minute]",
    )
});

/// RFC 3339 without an offset, which some callers send and which then means UTC.
static WITHOUT_OFFSET: [Form; 2] = [
    LazyLock::new(|| form("[year]-[month]-[day]T[hour]:[minute]:[second]")),
    LazyLock::new(|| form("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond]")),
];

/// Made once, as that takes longer than reading a date by it.
type Form = LazyLock<Vec<BorrowedFormatItem<'static>>>;

/// The tests would notice a description that is wrong: nothing could be read by it.
fn form(description: &'static str) -> Vec<BorrowedFormatItem<'static>> {
    time::format_description::parse_borrowed::<2>(description).unwrap_or_default()
}

/// An instant with the offset it was written in.
///
/// Reading accepts every form that the services and their documents use: RFC 3339 with `Z` or a numeric offset and any
/// number of fractional digits (digits beyond nanoseconds are dropped), the same without an offset (taken as UTC), and
/// the form `3/28/2007 7:13:50 PM +00:00`.
/// Writing gives RFC 3339 as the services write it: a numeric offset, never `Z`, trailing zeros of the fraction trimmed.
///
/// Equality, ordering and hashing go by the instant: the same moment in two offsets is equal.
///
/// This crate never reads a clock; `From<SystemTime>` and `From<OffsetDateTime>` turn the caller's into a timestamp, and
/// back.
///
/// ```
/// use acs_types::Timestamp;
///
/// let read = Timestamp::parse("2022-02-17T00:55:25.1736290Z")?;
/// assert_eq!(read.to_string(), "2022-02-17T00:55:25.173629+00:00");
/// assert_eq!(read, Timestamp::parse("2022-02-17T02:55:25.173629+02:00")?);
/// # Ok::<(), acs_types::ParseTimestampError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(OffsetDateTime);

impl Timestamp {
    /// The start of Unix time, 1970-01-01 in UTC.
    pub const UNIX_EPOCH: Self = Self(OffsetDateTime::UNIX_EPOCH);

    /// Reads any of the accepted forms.
    ///
    /// # Errors
    ///
    /// The text is none of them, or names no day of the calendar; the error quotes the text.
    pub fn parse(text: &str) -> Result<Self, ParseTimestampError> {
        parse_usual_form(text)
            .or_else(|| OffsetDateTime::parse(text, &Rfc3339).ok())
            .or_else(|| parse_without_offset(text))
            .or_else(|| parse_united_states_form(text))
            .map(Self::from)
            .ok_or_else(|| ParseTimestampError::new(text, "an RFC 3339 date and time"))
    }

    /// Reads an HTTP date (RFC 9110: `Tue, 15 Jun 2021 23:04:04 GMT` or one of its two obsolete forms).
    ///
    /// # Errors
    ///
    /// The text is not an HTTP date; the error quotes it.
    pub fn parse_http_date(text: &str) -> Result<Self, ParseTimestampError> {
        httpdate::parse_http_date(text)
            .map(Self::from)
            .map_err(|_| ParseTimestampError::new(text, "an HTTP date"))
    }

    /// Writes the instant as an HTTP date in whole seconds: `Tue, 15 Jun 2021 23:04:04 GMT`.
    #[must_use]
    pub fn http_date(&self) -> String {
        let utc = self.0.to_offset(UtcOffset::UTC);
        let (weekday, month) = (utc.weekday().to_string(), utc.month().to_string());
        format!(
            "{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT",
            &weekday[..3],
            utc.day(),
            &month[..3],
            utc.year(),
            utc.hour(),
            utc.minute(),
            utc.second(),
        )
    }

    /// The instant that lies `nanoseconds` after the start of Unix time, in UTC; `None` outside the years -9999 to 9999.
    #[must_use]
    pub fn from_unix_nanos(nanoseconds: i128) -> Option<Self> {
        OffsetDateTime::from_unix_timestamp_nanos(nanoseconds)
            .ok()
            .map(Self)
    }

    /// Nanoseconds since the start of Unix time, negative before it.
    #[must_use]
    pub fn unix_nanos(&self) -> i128 {
        self.0.unix_timestamp_nanos()
    }

    /// Whole seconds since the start of Unix time, negative before it.
    #[must_use]
    pub fn unix_seconds(&self) -> i64 {
        self.0.unix_timestamp()
    }

    /// This instant plus a span, in the same offset; `None` when that lies beyond the calendar.
    #[must_use]
    pub fn checked_add(&self, span: Duration) -> Option<Self> {
        let span = time::Duration::try_from(span).ok()?;
        self.0.checked_add(span).map(Self)
    }

    /// This instant minus a span, in the same offset; `None` when that lies before the calendar.
    #[must_use]
    pub fn checked_sub(&self, span: Duration) -> Option<Self> {
        let span = time::Duration::try_from(span).ok()?;
        self.0.checked_sub(span).map(Self)
    }

    /// The time that has passed since `earlier`; zero when `earlier` is in fact later.
    #[must_use]
    pub fn duration_since(&self, earlier: Self) -> Duration {
        Duration::try_from(self.0 - earlier.0).unwrap_or(Duration::ZERO)
    }
}

/// Reads `2022-02-17T00:55:25.1736293Z`, with up to nine digits of a second and an offset of zero: what services write, several
/// times faster than the general parser. Anything else is that one's to judge.
fn parse_usual_form(text: &str) -> Option<OffsetDateTime> {
    let bytes = text
        .strip_suffix('Z')
        .or_else(|| text.strip_suffix("+00:00"))?
        .as_bytes();
    let (whole, fraction) = bytes.split_at_checked(19)?;
    let [
        _,
        _,
        _,
        _,
        b'-',
        _,
        _,
        b'-',
        _,
        _,
        b'T',
        _,
        _,
        b':',
        _,
        _,
        b':',
        _,
        _,
    ] = whole
    else {
        return None;
    };
    let nanoseconds = match fraction {
        [] => 0,
        [b'.', digits @ ..] if (1..=9).contains(&digits.len()) => {
            let missing = 9 - u32::try_from(digits.len()).ok()?;
            number(digits)? * 10_u32.pow(missing)
        }
        _ => return None,
    };
    let part = |range: std::ops::Range<usize>| u8::try_from(number(&whole[range])?).ok();
    let year = i32::try_from(number(&whole[..4])?).ok()?;
    let month = time::Month::try_from(part(5..7)?).ok()?;
    let date = time::Date::from_calendar_date(year, month, part(8..10)?).ok()?;
    let (hour, minute, second) = (part(11..13)?, part(14..16)?, part(17..19)?);
    let time = time::Time::from_hms_nano(hour, minute, second, nanoseconds).ok()?;
    Some(PrimitiveDateTime::new(date, time).assume_utc())
}

/// The number that at most nine digits make.
fn number(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |number, digit| match digit {
        b'0'..=b'9' => Some(number * 10 + u32::from(digit - b'0')),
        _ => None,
    })
}

fn parse_without_offset(text: &str) -> Option<OffsetDateTime> {
    WITHOUT_OFFSET
        .iter()
        .find_map(|form| PrimitiveDateTime::parse(text, &**form).ok())
        .map(PrimitiveDateTime::assume_utc)
}

fn parse_united_states_form(text: &str) -> Option<OffsetDateTime> {
    OffsetDateTime::parse(text, &*UNITED_STATES_FORM).ok()
}

impl fmt::Display for Timestamp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.0;
        write!(
            formatter,
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}",
            at.year(),
            u8::from(at.month()),
            at.day(),
            at.hour(),
            at.minute(),
            at.second(),
        )?;
        write_fraction(formatter, at.nanosecond())?;
        let (hours, minutes, _) = at.offset().as_hms();
        let sign = if at.offset().is_negative() { '-' } else { '+' };
        write!(
            formatter,
            "{sign}{:02}:{:02}",
            hours.unsigned_abs(),
            minutes.unsigned_abs()
        )
    }
}

fn write_fraction(formatter: &mut fmt::Formatter<'_>, nanoseconds: u32) -> fmt::Result {
    if nanoseconds == 0 {
        return Ok(());
    }
    let (mut digits, mut width) = (nanoseconds, 9);
    while digits % 10 == 0 {
        digits /= 10;
        width -= 1;
    }
    write!(formatter, ".{digits:0width$}")
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Timestamp({self})")
    }
}

impl From<OffsetDateTime> for Timestamp {
    /// Keeps the offset, unless it has seconds, which RFC 3339 cannot write: then the instant is kept in UTC.
    fn from(at: OffsetDateTime) -> Self {
        match at.offset().seconds_past_minute() {
            0 => Self(at),
            _ => Self(at.to_offset(UtcOffset::UTC)),
        }
    }
}

impl From<Timestamp> for OffsetDateTime {
    fn from(timestamp: Timestamp) -> Self {
        timestamp.0
    }
}

impl From<SystemTime> for Timestamp {
    fn from(at: SystemTime) -> Self {
        Self(OffsetDateTime::from(at))
    }
}

impl From<Timestamp> for SystemTime {
    fn from(timestamp: Timestamp) -> Self {
        timestamp.0.into()
    }
}

impl FromStr for Timestamp {
    type Err = ParseTimestampError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(TimestampVisitor)
    }
}

struct TimestampVisitor;

impl Visitor<'_> for TimestampVisitor {
    type Value = Timestamp;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a date and time in RFC 3339 form")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Timestamp, E> {
        Timestamp::parse(text).map_err(E::custom)
    }
}

/// A text that is not the date and time it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseTimestampError {
    excerpt: String,
    expected: &'static str,
}

impl ParseTimestampError {
    fn new(text: &str, expected: &'static str) -> Self {
        const LONGEST_EXCERPT: usize = 64;
        Self {
            excerpt: text.chars().take(LONGEST_EXCERPT).collect(),
            expected,
        }
    }
}

impl fmt::Display for ParseTimestampError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:?} is not {}", self.excerpt, self.expected)
    }
}

impl std::error::Error for ParseTimestampError {}

#[cfg(test)]
mod tests {
    use super::Timestamp;
    use proptest::prelude::{ProptestConfig, prop_assert, prop_assert_eq, proptest};
    use std::time::{Duration, SystemTime};

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap_or_else(|error| panic!("{error}"))
    }

    #[test]
    fn reads_every_form_of_the_documents_as_the_same_instant() {
        for (text, written) in [
            ("2022-02-17T00:55:25Z", "2022-02-17T00:55:25+00:00"),
            ("2022-02-17T00:55:25+00:00", "2022-02-17T00:55:25+00:00"),
            ("2022-02-17t00:55:25.1z", "2022-02-17T00:55:25.1+00:00"),
            (
                "2022-02-17T00:55:25.1736293Z",
                "2022-02-17T00:55:25.1736293+00:00",
            ),
            (
                "2022-02-17T00:55:25.173629+05:30",
                "2022-02-17T00:55:25.173629+05:30",
            ),
            (
                "2022-02-17T00:55:25.0500000-08:00",
                "2022-02-17T00:55:25.05-08:00",
            ),
            (
                "2022-02-17T00:55:25.1736293999999Z",
                "2022-02-17T00:55:25.173629399+00:00",
            ),
            ("2022-02-17T00:55:25", "2022-02-17T00:55:25+00:00"),
            ("2022-02-17T00:55:25.25", "2022-02-17T00:55:25.25+00:00"),
            ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00+00:00"),
            ("3/28/2007 7:13:50 PM +00:00", "2007-03-28T19:13:50+00:00"),
            ("12/1/2007 12:03:05 AM -05:00", "2007-12-01T00:03:05-05:00"),
        ] {
            assert_eq!(at(text).to_string(), written, "from {text}");
            assert_eq!(at(text), at(written), "from {text}");
        }
    }

    #[test]
    fn refuses_what_is_no_date_and_quotes_it() {
        for text in [
            "",
            "yesterday",
            "2022-02-17T00:55:25.Z",
            "2022-02-17T00:55:2xZ",
            "2022-02-17 00:55",
            "2022-02-17T24:00:00Z",
            "2022-02-1é00:55:25+00:00",
            "2022-13-01T00:00:00Z",
            "2022-02-30T00:00:00Z",
            "1645059325",
        ] {
            let error = Timestamp::parse(text).expect_err(text);
            assert!(error.to_string().contains(&format!("{text:?}")), "{error}");
        }
        let long = "x".repeat(10_000);
        assert!(Timestamp::parse(&long).expect_err("long").to_string().len() < 200);
    }

    #[test]
    fn compares_by_instant_and_not_by_offset() {
        let (here, there) = (at("2024-01-01T00:00:00+01:00"), at("2023-12-31T23:00:00Z"));
        assert_eq!(here, there);
        assert!(at("2024-01-01T00:00:00Z") > here);
    }

    #[test]
    fn writes_and_reads_http_dates() {
        let date = "Tue, 15 Jun 2021 23:04:04 GMT";
        assert_eq!(at("2021-06-16T01:04:04.9+02:00").http_date(), date);
        assert_eq!(
            Timestamp::parse_http_date(date),
            Ok(at("2021-06-15T23:04:04Z"))
        );
        assert!(Timestamp::parse_http_date("2021-06-15T23:04:04Z").is_err());
        assert_eq!(
            at("0001-01-01T00:00:00Z").http_date(),
            "Mon, 01 Jan 0001 00:00:00 GMT"
        );
    }

    #[test]
    fn spans_add_and_subtract_within_the_calendar() {
        let start = at("2024-02-28T23:59:59Z");
        assert_eq!(
            start.checked_add(Duration::from_secs(1)),
            Some(at("2024-02-29T00:00:00Z"))
        );
        assert_eq!(start.checked_add(Duration::MAX), None);
        assert_eq!(
            start.checked_sub(Duration::from_millis(500)),
            Some(at("2024-02-28T23:59:58.5Z"))
        );
        assert_eq!(
            at("2024-02-29T00:00:00Z").duration_since(start),
            Duration::from_secs(1)
        );
        assert_eq!(
            start.duration_since(at("2024-02-29T00:00:00Z")),
            Duration::ZERO
        );
    }

    #[test]
    fn an_offset_with_seconds_is_written_in_utc() {
        let offset = time::UtcOffset::from_hms(1, 2, 3).expect("offset");
        let local = time::OffsetDateTime::UNIX_EPOCH.to_offset(offset);
        assert_eq!(
            Timestamp::from(local).to_string(),
            "1970-01-01T00:00:00+00:00"
        );
    }

    #[test]
    fn a_timestamp_is_the_same_moment_as_a_system_time() {
        let moment = SystemTime::UNIX_EPOCH + Duration::new(1_700_000_000, 100);
        assert_eq!(SystemTime::from(Timestamp::from(moment)), moment);
    }

    proptest! {
        #[test]
        fn the_usual_form_is_read_like_the_general_one(seconds in 0_i64..253_402_300_799, nanoseconds in 0_u32..1_000_000_000, digits in 1_usize..=9) {
            let instant = time::OffsetDateTime::from_unix_timestamp(seconds).expect("in range");
            let whole = instant.format(&super::Rfc3339).expect("a year of four digits");
            let fraction = format!("{nanoseconds:09}");
            let text = whole.replace('Z', &format!(".{}Z", &fraction[..digits]));
            let general = time::OffsetDateTime::parse(&text, &super::Rfc3339).expect("RFC 3339");
            prop_assert_eq!(super::parse_usual_form(&text), Some(general));
            prop_assert_eq!(super::parse_usual_form(&whole), Some(instant));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn every_instant_survives_writing_and_reading(nanoseconds in -62_000_000_000_000_000_000_i128..253_000_000_000_000_000_000) {
            let instant = Timestamp::from_unix_nanos(nanoseconds).expect("in range");
            prop_assert_eq!(Timestamp::parse(&instant.to_string()), Ok(instant));
            let json = serde_json::to_string(&instant).expect("json");
            prop_assert_eq!(serde_json::from_str::<Timestamp>(&json).expect("read"), instant);
        }

        #[test]
        fn reading_never_panics(text in ".{0,40}") {
            prop_assert!(Timestamp::parse(&text).is_ok() || Timestamp::parse(&text).is_err());
            let _ = Timestamp::parse_http_date(&text);
        }
    }
}
