//! The values that expressions compute with.

use std::borrow::Cow;
use std::fmt;

use acs_types::LabelValue;

use crate::number::Number;

/// The value of an expression.
///
/// Texts are borrowed from the expression or from a label where nothing had to be made, so that a comparison copies
/// nothing. [`into_owned`](Self::into_owned) lets a value outlive both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    /// No value: what a label that is not there reads as, and what `If` gives when no condition holds.
    Blank,
    /// A number.
    Number(Number),
    /// A text.
    Text(Cow<'a, str>),
    /// `true` or `false`.
    Boolean(bool),
}

/// The types of values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The type of [`Value::Blank`] alone.
    Blank,
    /// A number.
    Number,
    /// A text.
    Text,
    /// `true` or `false`.
    Boolean,
}

impl<'a> Value<'a> {
    pub(crate) const EMPTY_TEXT: Self = Self::Text(Cow::Borrowed(""));

    /// The value of a label; `None` for a number that [`Number`] cannot hold.
    #[must_use]
    pub fn from_label(label: &'a LabelValue) -> Option<Self> {
        Some(match label {
            LabelValue::Integer(value) => Self::Number(Number::from(*value)),
            LabelValue::Number(value) => Self::Number(Number::from_f64(*value)?),
            LabelValue::Text(text) => Self::Text(Cow::Borrowed(text)),
            LabelValue::Boolean(value) => Self::Boolean(*value),
        })
    }

    /// The value as a label: a whole number within 64 bits as an integer, any other number as the nearest
    /// floating-point number. A blank is no label.
    ///
    /// ```
    /// use acs_powerfx::{Expression, Scope};
    /// use acs_types::LabelValue;
    ///
    /// let rule = Expression::parse("2.5 * 4")?;
    /// assert_eq!(rule.evaluate(&Scope::new())?.into_label(), Some(LabelValue::Integer(10)));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn into_label(self) -> Option<LabelValue> {
        match self {
            Self::Blank => None,
            Self::Number(number) => Some(
                number
                    .as_integer()
                    .map_or_else(|| LabelValue::Number(number.as_f64()), LabelValue::Integer),
            ),
            Self::Text(text) => Some(LabelValue::Text(text.into_owned())),
            Self::Boolean(value) => Some(LabelValue::Boolean(value)),
        }
    }

    /// The same value, borrowing nothing.
    #[must_use]
    pub fn into_owned(self) -> Value<'static> {
        match self {
            Self::Blank => Value::Blank,
            Self::Number(number) => Value::Number(number),
            Self::Text(text) => Value::Text(Cow::Owned(text.into_owned())),
            Self::Boolean(value) => Value::Boolean(value),
        }
    }

    /// The type of the value.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::Blank => Kind::Blank,
            Self::Number(_) => Kind::Number,
            Self::Text(_) => Kind::Text,
            Self::Boolean(_) => Kind::Boolean,
        }
    }

    /// What `IsBlank` tests: no value, or a text without characters.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        match self {
            Self::Blank => true,
            Self::Text(text) => text.is_empty(),
            Self::Number(_) | Self::Boolean(_) => false,
        }
    }

    /// The number, if it is one.
    #[must_use]
    pub fn as_number(&self) -> Option<Number> {
        match self {
            Self::Number(number) => Some(*number),
            _ => None,
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

    /// The boolean, if it is one.
    #[must_use]
    pub fn as_boolean(&self) -> Option<bool> {
        match self {
            Self::Boolean(value) => Some(*value),
            _ => None,
        }
    }
}

impl fmt::Display for Value<'_> {
    /// Writes the value as an expression would.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Blank => formatter.write_str("Blank()"),
            Self::Number(number) => number.fmt(formatter),
            Self::Text(text) => write!(formatter, "\"{}\"", text.replace('"', "\"\"")),
            Self::Boolean(value) => value.fmt(formatter),
        }
    }
}

impl Kind {
    pub(crate) fn of_label(label: &LabelValue) -> Self {
        match label {
            LabelValue::Integer(_) | LabelValue::Number(_) => Self::Number,
            LabelValue::Text(_) => Self::Text,
            LabelValue::Boolean(_) => Self::Boolean,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Blank => "blank",
            Self::Number => "a number",
            Self::Text => "a text",
            Self::Boolean => "a boolean",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Value;
    use acs_types::LabelValue;

    #[test]
    fn labels_survive_as_values_and_whole_numbers_become_integers() {
        for label in [
            LabelValue::Integer(i64::MAX),
            LabelValue::Number(2.5),
            LabelValue::from("a \"b\""),
            LabelValue::from(true),
        ] {
            let value = Value::from_label(&label).expect("in range");
            assert_eq!(value.into_owned().into_label(), Some(label));
        }
        let whole = LabelValue::Number(10.0);
        let value = Value::from_label(&whole).expect("in range");
        assert_eq!(value.into_label(), Some(LabelValue::Integer(10)));
        assert_eq!(Value::Blank.into_label(), None);
    }

    #[test]
    fn numbers_beyond_the_range_are_no_values() {
        for label in [1e300, f64::NAN, f64::NEG_INFINITY] {
            assert_eq!(Value::from_label(&LabelValue::Number(label)), None);
        }
    }

    #[test]
    fn values_are_shown_in_the_notation_of_the_language() {
        assert_eq!(Value::Text("a \"b\"".into()).to_string(), r#""a ""b""""#);
        assert_eq!(Value::Blank.to_string(), "Blank()");
        assert_eq!(Value::Boolean(true).to_string(), "true");
    }
}
