//! Values that senders write in more than one form: numbers as texts, spans as ISO 8601 durations, labels of any primitive type.
//!
//! Generated models name these functions in `deserialize_with`; each serves a member that must be there and one that may be null.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, Visitor};

use crate::LabelValue;

/// Reads a number, or a text that holds one: `50` and `"50"`.
#[doc(hidden)]
pub fn read_number<'de, D: Deserializer<'de>, T: NumberMember>(
    deserializer: D,
) -> Result<T, D::Error> {
    read(deserializer, false)
}

/// Reads a number of seconds, also as a text and as an ISO 8601 duration: `50`, `"50"` and `"PT50S"`.
///
/// A duration counts 365 days for a year and 30 days for a month, as .NET does.
#[doc(hidden)]
pub fn read_seconds<'de, D: Deserializer<'de>, T: NumberMember>(
    deserializer: D,
) -> Result<T, D::Error> {
    read(deserializer, true)
}

/// Reads a map of texts. Numbers and booleans among its values become texts, and null is an empty map.
#[doc(hidden)]
pub fn read_texts<'de, D: Deserializer<'de>, T: TextsMember>(
    deserializer: D,
) -> Result<T, D::Error> {
    deserializer.deserialize_any(TextsVisitor).map(T::from_read)
}

/// What [`read_number`] can fill: a number, or one that may be absent.
#[doc(hidden)]
pub trait NumberMember: Sized {
    /// Makes the member of what was read; `None` is null.
    ///
    /// # Errors
    ///
    /// The number does not fit; the text says what was expected.
    fn from_read(number: Option<Number>) -> Result<Self, &'static str>;
}

/// What [`read_texts`] can fill: a map, or one that may be absent.
#[doc(hidden)]
pub trait TextsMember: Sized {
    /// Makes the member of what was read; `None` is null.
    fn from_read(texts: Option<BTreeMap<String, String>>) -> Self;
}

impl TextsMember for BTreeMap<String, String> {
    fn from_read(texts: Option<BTreeMap<String, String>>) -> Self {
        texts.unwrap_or_default()
    }
}

impl TextsMember for Option<BTreeMap<String, String>> {
    fn from_read(texts: Self) -> Self {
        texts
    }
}

/// A number as it was read.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub enum Number {
    /// A whole number, kept exactly.
    Integer(i64),
    /// Any other.
    Fraction(f64),
}

impl TryFrom<Number> for f64 {
    type Error = &'static str;

    #[expect(
        clippy::cast_precision_loss,
        reason = "a number of JSON has no more precision"
    )]
    fn try_from(number: Number) -> Result<Self, Self::Error> {
        Ok(match number {
            Number::Integer(value) => value as Self,
            Number::Fraction(value) => value,
        })
    }
}

impl TryFrom<Number> for i64 {
    type Error = &'static str;

    #[expect(
        clippy::cast_possible_truncation,
        reason = "only after the range was checked"
    )]
    fn try_from(number: Number) -> Result<Self, Self::Error> {
        const BEYOND: f64 = 9_223_372_036_854_775_808.0;
        match number {
            Number::Integer(value) => Ok(value),
            Number::Fraction(value)
                if value.fract() == 0.0 && (-BEYOND..BEYOND).contains(&value) =>
            {
                Ok(value as Self)
            }
            Number::Fraction(_) => Err("a whole number of 64 bits"),
        }
    }
}

impl TryFrom<Number> for i32 {
    type Error = &'static str;

    fn try_from(number: Number) -> Result<Self, Self::Error> {
        let value = i64::try_from(number)?;
        Self::try_from(value).map_err(|_| "a whole number of 32 bits")
    }
}

macro_rules! number_members {
    ($($number:ty),+) => {
        $(
            impl NumberMember for $number {
                fn from_read(number: Option<Number>) -> Result<Self, &'static str> {
                    number.ok_or("a number").and_then(Self::try_from)
                }
            }

            impl NumberMember for Option<$number> {
                fn from_read(number: Option<Number>) -> Result<Self, &'static str> {
                    number.map(<$number>::try_from).transpose()
                }
            }
        )+
    };
}

number_members!(f64, i64, i32);

fn read<'de, D: Deserializer<'de>, T: NumberMember>(
    deserializer: D,
    durations: bool,
) -> Result<T, D::Error> {
    let number = deserializer.deserialize_any(NumberVisitor { durations })?;
    T::from_read(number).map_err(|expected| de::Error::custom(format!("expected {expected}")))
}

struct NumberVisitor {
    durations: bool,
}

impl Visitor<'_> for NumberVisitor {
    type Value = Option<Number>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(if self.durations {
            "a number of seconds, a text that holds one, or an ISO 8601 duration"
        } else {
            "a number, or a text that holds one"
        })
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Self::Value, E> {
        Ok(Some(Number::Integer(value)))
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "beyond the range of i64 the nearest number is taken"
    )]
    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Self::Value, E> {
        let number = i64::try_from(value);
        Ok(Some(
            number.map_or(Number::Fraction(value as f64), Number::Integer),
        ))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Self::Value, E> {
        Ok(Some(Number::Fraction(value)))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        let duration = if self.durations {
            seconds_of_duration(text).map(Number::Fraction)
        } else {
            None
        };
        let fraction = || {
            let value = text.parse::<f64>().ok().filter(|value| value.is_finite());
            value.map(Number::Fraction)
        };
        duration
            .or_else(|| text.parse().ok().map(Number::Integer))
            .or_else(fraction)
            .map(Some)
            .ok_or_else(|| E::invalid_value(de::Unexpected::Str(text), &self))
    }
}

/// The seconds of `P3Y6M4DT12H30M5S`; `None` if the text is no ISO 8601 duration.
fn seconds_of_duration(text: &str) -> Option<f64> {
    const DAY: f64 = 86_400.0;
    let (sign, text) = match text.strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, text),
    };
    let text = text.strip_prefix('P')?;
    let (date, time) = text.split_once('T').unwrap_or((text, "T"));
    let dates = [
        ('Y', 365.0 * DAY),
        ('M', 30.0 * DAY),
        ('W', 7.0 * DAY),
        ('D', DAY),
    ];
    let times = [('H', 3_600.0), ('M', 60.0), ('S', 1.0)];
    // Without a `T` the time has its mark; behind one it must not be empty.
    let (date, time) = match time {
        "T" if !date.is_empty() => (sum(date, &dates)?, 0.0),
        "" | "T" => return None,
        time => (sum(date, &dates)?, sum(time, &times)?),
    };
    Some(sign * (date + time))
}

/// Adds up parts such as `12H30M`, whose units have to come in the order given.
fn sum(mut text: &str, units: &[(char, f64)]) -> Option<f64> {
    let (mut total, mut units) = (0.0, units.iter());
    while !text.is_empty() {
        let end = text.find(|letter: char| !letter.is_ascii_digit() && letter != '.')?;
        let amount: f64 = text[..end].parse().ok()?;
        let mut rest = text[end..].chars();
        let name = rest.next()?;
        let (_, seconds) = units.find(|(unit, _)| *unit == name)?;
        total += amount * seconds;
        text = rest.as_str();
    }
    Some(total)
}

struct TextsVisitor;

impl<'de> Visitor<'de> for TextsVisitor {
    type Value = Option<BTreeMap<String, String>>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a map of texts, numbers and booleans")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut texts = BTreeMap::new();
        while let Some((key, Text(value))) = map.next_entry()? {
            texts.insert(key, value);
        }
        Ok(Some(texts))
    }
}

/// A text, or another primitive as one.
struct Text(String);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        LabelValue::deserialize(deserializer).map(|value| match value {
            LabelValue::Text(text) => Self(text),
            other => Self(other.to_string()),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;

    use super::{read_number, read_seconds, read_texts};

    #[derive(Debug, Deserialize)]
    struct Read {
        #[serde(default, deserialize_with = "read_number")]
        version: Option<i64>,
        #[serde(default, deserialize_with = "read_number")]
        small: i32,
        #[serde(default, deserialize_with = "read_seconds")]
        seconds: Option<f64>,
        #[serde(default, deserialize_with = "read_texts")]
        labels: BTreeMap<String, String>,
        #[serde(default, deserialize_with = "read_texts")]
        tags: Option<BTreeMap<String, String>>,
    }

    fn read(json: &str) -> Result<Read, String> {
        serde_json::from_str(json).map_err(|error| error.to_string())
    }

    #[test]
    fn numbers_are_read_as_numbers_and_as_texts() {
        for (json, version) in [
            (r#"{"version": 1613230693}"#, Some(1_613_230_693)),
            (r#"{"version": "1613230693"}"#, Some(1_613_230_693)),
            (r#"{"version": 5.0}"#, Some(5)),
            (r#"{"version": null}"#, None),
            ("{}", None),
        ] {
            let found = read(json).expect(json);
            assert_eq!((found.version, found.small), (version, 0), "{json}");
        }
        for json in [
            r#"{"version": "soon"}"#,
            r#"{"version": 1.5}"#,
            r#"{"version": "NaN"}"#,
            r#"{"version": 18446744073709551615}"#,
            r#"{"small": null}"#,
            r#"{"small": 2147483648}"#,
            r#"{"version": "PT5S"}"#,
        ] {
            let error = read(json).expect_err(json);
            assert!(error.contains("number"), "{error}");
        }
    }

    #[test]
    fn seconds_are_read_as_numbers_texts_and_durations() {
        const DAY: f64 = 86_400.0;
        for (form, seconds) in [
            ("50", 50.0),
            ("0.5", 0.5),
            ("\"50\"", 50.0),
            ("\"0.5\"", 0.5),
            ("\"PT50S\"", 50.0),
            ("\"PT0.25S\"", 0.25),
            ("\"P1W\"", 7.0 * DAY),
            ("\"-PT1M\"", -60.0),
            (
                "\"P3Y6M4DT12H30M5S\"",
                (3.0 * 365.0 + 6.0 * 30.0 + 4.0) * DAY + 45_005.0,
            ),
        ] {
            let json = format!(r#"{{"seconds": {form}}}"#);
            assert_eq!(read(&json).expect(&json).seconds, Some(seconds), "{json}");
        }
        for form in [
            "P", "PT", "PTS", "P1", "P1S", "PT1D", "PT5S1H", "P1DT", "T5S", "P1D PT1S",
        ] {
            let json = format!(r#"{{"seconds": {form:?}}}"#);
            let error = read(&json).expect_err(&json);
            assert!(error.contains("duration"), "{error}");
        }
    }

    #[test]
    fn primitives_among_texts_become_texts_and_null_is_no_entry() {
        let read_it =
            read(r#"{"labels": {"a": "x", "b": 5, "c": 1.5, "d": true}}"#).expect("primitives");
        let labels: Vec<_> = read_it.labels.values().map(String::as_str).collect();
        assert_eq!(labels, ["x", "5", "1.5", "true"]);
        let nulls = read(r#"{"labels": null, "tags": null}"#).expect("null");
        assert!(nulls.labels.is_empty() && nulls.tags.is_none());
        for json in [
            r#"{"labels": {"a": null}}"#,
            r#"{"labels": {"a": []}}"#,
            r#"{"tags": 5}"#,
        ] {
            read(json).expect_err(json);
        }
    }
}
