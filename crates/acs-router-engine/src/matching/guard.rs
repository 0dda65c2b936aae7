//! Guards: what lets a search pass over most selector sets, or most workers, without looking at them.

use std::sync::Arc;

use acs_types::LabelValue;

use crate::labels::LabelMap;
use crate::selector::{LabelOperator, WorkerSelector};

/// A label with its value, as a key: two guards are equal when an `equal` selector takes the labels for the same.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Guard(Arc<str>);

impl Guard {
    fn new(key: &str, value: &LabelValue) -> Self {
        let text = match value {
            LabelValue::Text(text) => format!("{key}\0\"{text}"),
            LabelValue::Boolean(value) => format!("{key}\0{value}"),
            LabelValue::Integer(number) => format!("{key}\0{number}"),
            LabelValue::Number(number) => match exact_integer(*number) {
                Some(integer) => format!("{key}\0{integer}"),
                None => format!("{key}\0{number}"),
            },
        };
        Self(text.into())
    }

    /// The guard of a selector that only one value satisfies.
    pub(crate) fn of_selector(selector: &WorkerSelector) -> Option<Self> {
        let value = selector.value.as_ref()?;
        (selector.label_operator == LabelOperator::Equal).then(|| Self::new(&selector.key, value))
    }

    /// The guards that a worker with these labels satisfies.
    pub(crate) fn all_of(labels: &LabelMap) -> Box<[Self]> {
        labels
            .iter()
            .map(|(key, value)| Self::new(key, value))
            .collect()
    }
}

/// The integer that a number equals, if there is one: `10.0` and `10` must have one key.
#[expect(
    clippy::cast_possible_truncation,
    reason = "guarded by the range check"
)]
fn exact_integer(number: f64) -> Option<i64> {
    const BEYOND_I64: f64 = 9_223_372_036_854_775_808.0;
    let in_range = (-BEYOND_I64..BEYOND_I64).contains(&number);
    (in_range && number.fract() == 0.0).then_some(number as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    // R65: guards must agree with the `equal` operator, or matching would pass over pairs.
    #[test]
    fn guards_are_equal_exactly_when_the_values_are_the_same_to_a_selector() {
        let values = [
            LabelValue::from(10),
            LabelValue::from(10.0),
            LabelValue::from("10"),
            LabelValue::from("\"10"),
            LabelValue::from(0),
            LabelValue::from(-0.0),
            LabelValue::from(0.5),
            LabelValue::from("0.5"),
            LabelValue::from(true),
            LabelValue::from("true"),
            LabelValue::from(1),
            LabelValue::from(9_007_199_254_740_993_i64),
            LabelValue::from(9_007_199_254_740_992.0),
            LabelValue::from(i64::MAX),
            LabelValue::from(9_223_372_036_854_775_808.0),
            LabelValue::from(i64::MIN),
            LabelValue::from(-9_223_372_036_854_775_808.0),
            LabelValue::from(1e300),
            LabelValue::from(4_611_686_018_427_387_904_i64),
            LabelValue::from(4_611_686_018_427_387_904.0),
        ];
        for left in &values {
            for right in &values {
                let guards = Guard::new("a", left) == Guard::new("a", right);
                assert_eq!(guards, left.same_value(right), "{left:?} and {right:?}");
                assert_ne!(Guard::new("a", left), Guard::new("b", right));
            }
        }
    }
}
