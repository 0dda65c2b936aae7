//! Compares what was written with what was expected.

use std::collections::BTreeSet;
use std::fmt;

use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// The place of the first difference, as a JSON pointer; `None` if the values are equal. Times are equal by instant.
pub(super) fn difference(expected: &Value, found: &Value) -> Option<String> {
    match (expected, found) {
        (Value::Object(expected), Value::Object(found)) => {
            let names: BTreeSet<_> = expected.keys().chain(found.keys()).collect();
            names.into_iter().find_map(|name| {
                let pair = expected.get(name).zip(found.get(name));
                within(name, pair)
            })
        }
        (Value::Array(expected), Value::Array(found)) if expected.len() == found.len() => {
            let mut pairs = expected.iter().zip(found).enumerate();
            pairs.find_map(|(index, pair)| within(index, Some(pair)))
        }
        (Value::String(expected), Value::String(found)) if same_instant(expected, found) => None,
        _ => (expected != found).then(String::new),
    }
}

/// The difference between two parts; a part that only one side has is one.
fn within(name: impl fmt::Display, pair: Option<(&Value, &Value)>) -> Option<String> {
    let place = match pair {
        Some((expected, found)) => difference(expected, found)?,
        None => String::new(),
    };
    Some(format!("/{name}{place}"))
}

fn same_instant(left: &str, right: &str) -> bool {
    let parse = |text| OffsetDateTime::parse(text, &Rfc3339).ok();
    matches!((parse(left), parse(right)), (Some(left), Some(right)) if left == right)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::difference;

    #[test]
    fn instants_are_equal_in_every_form_and_numbers_in_one() {
        let left = json!({"a": ["2024-01-01T02:00:00.50+02:00", 5]});
        assert_eq!(
            difference(&left, &json!({"a": ["2024-01-01T00:00:00.5Z", 5]})),
            None
        );
        for (right, place) in [
            (json!({"a": ["2024-01-01T00:00:01Z", 5]}), "/a/0"),
            (json!({"a": ["2024-01-01T00:00:00.5Z", 5.0]}), "/a/1"),
            (json!({"a": []}), "/a"),
            (json!({"b": 1}), "/a"),
            (json!([]), ""),
        ] {
            assert_eq!(difference(&left, &right).as_deref(), Some(place));
        }
    }
}
