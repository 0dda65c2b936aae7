//! Label values: the primitives that labels, tags and selectors compare.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;

use serde::de::{self, Deserialize, Deserializer, Visitor};
use serde::ser::{self, Serialize, Serializer};

/// The labels or tags of a job, worker or queue, by key.
pub type Labels = BTreeMap<String, LabelValue>;

/// A label or tag value, or the value a selector compares a label with: a JSON number, text or boolean.
///
/// Integers stay integers: `5` is written back as `5`, never as `5.0`. An integer beyond the range of `i64` becomes the
/// nearest [`Number`](Self::Number). Null, arrays and objects are not label values and are refused on reading.
///
/// `==` compares the representation; [`same_value`](Self::same_value) compares as the service's selectors do.
///
/// ```
/// use acs_types::LabelValue;
///
/// let skill = LabelValue::from(11);
/// assert_eq!(serde_json::to_string(&skill)?, "11");
/// assert!(skill.same_value(&LabelValue::Number(11.0)));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub enum LabelValue {
    /// A whole number, kept exactly.
    Integer(i64),
    /// A number with a fraction or beyond the range of `i64`. Not-a-number and the infinities cannot be written as JSON.
    Number(f64),
    /// A text. Selectors compare it with regard to case.
    Text(String),
    /// A boolean.
    Boolean(bool),
}

impl LabelValue {
    /// Whether both are the same value to a selector: numbers by value (`10` is `10.0`), all else by type and value.
    /// Values of different types are never the same (`10` is not `"10"`).
    #[must_use]
    pub fn same_value(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Text(left), Self::Text(right)) => left == right,
            (Self::Boolean(left), Self::Boolean(right)) => left == right,
            _ => self.compare_magnitude(other) == Some(Ordering::Equal),
        }
    }

    /// Which of two numbers is greater; `None` unless both are numbers.
    #[must_use]
    pub fn compare_magnitude(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Integer(left), Self::Integer(right)) => Some(left.cmp(right)),
            (Self::Number(left), Self::Number(right)) => left.partial_cmp(right),
            (Self::Integer(left), Self::Number(right)) => compare_exactly(*left, *right),
            (Self::Number(left), Self::Integer(right)) => {
                compare_exactly(*right, *left).map(Ordering::reverse)
            }
            _ => None,
        }
    }

    /// The value as a floating-point number, if it is one; integers beyond 2^53 are rounded.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "documented rounding")]
    pub fn as_number(&self) -> Option<f64> {
        match self {
            Self::Integer(value) => Some(*value as f64),
            Self::Number(value) => Some(*value),
            Self::Text(_) | Self::Boolean(_) => None,
        }
    }

    /// The text, if it is one.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// Compares without the rounding that a plain conversion of the integer would bring: 2^53 + 1 is not 2^53.
#[expect(
    clippy::cast_possible_truncation,
    reason = "only after the range was checked"
)]
fn compare_exactly(integer: i64, number: f64) -> Option<Ordering> {
    const BEYOND_I64: f64 = 9_223_372_036_854_775_808.0;
    if number.is_nan() {
        None
    } else if number >= BEYOND_I64 {
        Some(Ordering::Less)
    } else if number < -BEYOND_I64 {
        Some(Ordering::Greater)
    } else {
        let whole = number.trunc();
        let by_whole = integer.cmp(&(whole as i64));
        Some(by_whole.then_with(|| 0.0_f64.total_cmp(&(number - whole + 0.0))))
    }
}

impl fmt::Display for LabelValue {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Integer(value) => value.fmt(formatter),
            Self::Number(value) => value.fmt(formatter),
            Self::Text(value) => value.fmt(formatter),
            Self::Boolean(value) => value.fmt(formatter),
        }
    }
}

impl From<i64> for LabelValue {
    fn from(value: i64) -> Self {
        Self::Integer(value)
    }
}

impl From<i32> for LabelValue {
    fn from(value: i32) -> Self {
        Self::Integer(value.into())
    }
}

impl From<u32> for LabelValue {
    fn from(value: u32) -> Self {
        Self::Integer(value.into())
    }
}

impl From<f64> for LabelValue {
    fn from(value: f64) -> Self {
        Self::Number(value)
    }
}

impl From<bool> for LabelValue {
    fn from(value: bool) -> Self {
        Self::Boolean(value)
    }
}

impl From<String> for LabelValue {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl From<&str> for LabelValue {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl Serialize for LabelValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Integer(value) => serializer.serialize_i64(*value),
            Self::Number(value) if !value.is_finite() => Err(ser::Error::custom(format!(
                "the label value {value} is not a number that JSON can carry"
            ))),
            Self::Number(value) => serializer.serialize_f64(*value),
            Self::Text(value) => serializer.serialize_str(value),
            Self::Boolean(value) => serializer.serialize_bool(*value),
        }
    }
}

impl<'de> Deserialize<'de> for LabelValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(LabelValueVisitor)
    }
}

struct LabelValueVisitor;

impl Visitor<'_> for LabelValueVisitor {
    type Value = LabelValue;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a label value: a number, a text or a boolean")
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<LabelValue, E> {
        Ok(LabelValue::Boolean(value))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<LabelValue, E> {
        Ok(LabelValue::Integer(value))
    }

    #[expect(clippy::cast_precision_loss, reason = "documented rounding")]
    fn visit_u64<E: de::Error>(self, value: u64) -> Result<LabelValue, E> {
        Ok(i64::try_from(value).map_or(LabelValue::Number(value as f64), LabelValue::Integer))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<LabelValue, E> {
        Ok(LabelValue::Number(value))
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<LabelValue, E> {
        Ok(LabelValue::Text(value.to_owned()))
    }

    fn visit_string<E: de::Error>(self, value: String) -> Result<LabelValue, E> {
        Ok(LabelValue::Text(value))
    }
}

#[cfg(test)]
mod tests {
    use super::LabelValue;
    use std::cmp::Ordering;

    fn read(json: &str) -> LabelValue {
        serde_json::from_str(json).unwrap_or_else(|error| panic!("{json}: {error}"))
    }

    #[test]
    fn primitives_survive_a_round_trip_exactly() {
        for json in [
            "0",
            "-1",
            "5",
            "5.5",
            "1e300",
            "true",
            "false",
            "\"\"",
            "\"5\"",
            "9223372036854775807",
            "-9223372036854775808",
            "9007199254740993",
        ] {
            let value = read(json);
            let written = serde_json::to_string(&value).expect("writable");
            assert_eq!(read(&written), value, "{json} became {written}");
            if !json.contains('e') {
                assert_eq!(written, json);
            }
        }
    }

    #[test]
    fn null_and_structures_are_refused() {
        for json in ["null", "[]", "{}", "[1]"] {
            let error = serde_json::from_str::<LabelValue>(json).expect_err(json);
            assert!(error.to_string().contains("label value"), "{error}");
        }
    }

    #[test]
    fn an_integer_beyond_64_bits_becomes_the_nearest_number() {
        assert_eq!(
            read("18446744073709551615"),
            LabelValue::Number(18_446_744_073_709_551_615.0)
        );
    }

    #[test]
    fn numbers_that_json_cannot_carry_are_refused_on_writing() {
        assert!(serde_json::to_string(&LabelValue::Number(f64::NAN)).is_err());
        assert!(serde_json::to_string(&LabelValue::Number(f64::INFINITY)).is_err());
    }

    #[test]
    fn equality_of_selectors_goes_by_value_within_a_type() {
        assert!(read("10").same_value(&read("10.0")));
        assert!(!read("10").same_value(&read("\"10\"")));
        assert!(!read("true").same_value(&read("1")));
        assert!(!read("\"a\"").same_value(&read("\"A\"")));
        assert!(!read("9007199254740993").same_value(&read("9007199254740992.0")));
    }

    #[test]
    fn magnitude_exists_between_numbers_only_and_is_exact() {
        for (left, right, order) in [
            ("1", "2", Some(Ordering::Less)),
            ("2.5", "2", Some(Ordering::Greater)),
            ("2", "2.5", Some(Ordering::Less)),
            ("-2", "-2.5", Some(Ordering::Greater)),
            ("-2", "-1.5", Some(Ordering::Less)),
            (
                "9007199254740993",
                "9007199254740992.0",
                Some(Ordering::Greater),
            ),
            (
                "9223372036854775807",
                "9223372036854775808.0",
                Some(Ordering::Less),
            ),
            ("-9223372036854775808", "-1e300", Some(Ordering::Greater)),
            ("0", "-0.0", Some(Ordering::Equal)),
            ("1", "\"1\"", None),
            ("true", "false", None),
        ] {
            assert_eq!(
                read(left).compare_magnitude(&read(right)),
                order,
                "{left} and {right}"
            );
        }
    }
}
