//! Reads the members of a caller's JSON object and notes everything that is wrong with them.

use std::fmt;
use std::sync::Arc;

use acs_types::Timestamp;
use serde_json::{Map, Value};

use crate::refusal::{Refusal, RefusalDetail};
use crate::time::{Seconds, to_ticks};

/// A JSON object as a caller sent it.
pub(crate) type Object = Map<String, Value>;

/// Finds a member by name without regard to case (R4); the exact name wins over one that differs in case.
pub(crate) fn find<'a>(object: &'a Object, name: &str) -> Option<&'a Value> {
    object.get(name).or_else(|| {
        let mut members = object.iter();
        members
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    })
}

/// Collects what is wrong, each with the path of the offending member, so that a caller sees all of it at once.
///
/// The reading functions give `None` after they noted a problem; [`finish`](Self::finish) turns the notes into a refusal.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    path: String,
    problems: Vec<RefusalDetail>,
}

impl Reader {
    /// Refuses if anything was wrong.
    pub(crate) fn finish(self) -> Result<(), Refusal> {
        if self.problems.is_empty() {
            Ok(())
        } else {
            Err(Refusal::bad_request(self.problems))
        }
    }

    /// Refuses if anything was wrong; what was read is there otherwise.
    pub(crate) fn finish_with<T>(self, read: Option<T>) -> Result<T, Refusal> {
        self.finish()?;
        Ok(read.expect("whoever reads nothing notes a problem"))
    }

    /// Notes that the value at the current path is not what it must be.
    pub(crate) fn invalid<T>(&mut self, needed: impl fmt::Display) -> Option<T> {
        self.note("InvalidValue", needed)
    }

    /// Notes that a member names something that does not exist.
    pub(crate) fn unknown_reference(&mut self, member: &str, what: &str, id: &str) {
        let message = format!("{member} names the {what} '{id}', which does not exist");
        self.problems
            .push(RefusalDetail::new("UnknownReference", message));
    }

    /// Notes that a member is needed that is not there.
    pub(crate) fn missing(&mut self, member: &str, needed: &str) {
        let message = format!("{member} {needed}");
        self.problems
            .push(RefusalDetail::new("MissingValue", message));
    }

    fn note<T>(&mut self, code: &str, text: impl fmt::Display) -> Option<T> {
        let message = format!("{} {text}", self.path);
        self.problems.push(RefusalDetail::new(code, message));
        None
    }

    /// Reads something below the current path.
    pub(crate) fn within<T>(&mut self, part: &str, read: impl FnOnce(&mut Self) -> T) -> T {
        let length = self.path.len();
        if length > 0 {
            self.path.push('.');
        }
        self.path.push_str(part);
        let value = read(self);
        self.path.truncate(length);
        value
    }

    /// Reads an element of the list at the current path.
    fn within_element<T>(&mut self, index: usize, read: impl FnOnce(&mut Self) -> T) -> T {
        let length = self.path.len();
        self.path.push_str(&format!("[{index}]"));
        let value = read(self);
        self.path.truncate(length);
        value
    }

    /// A member that may be absent: kept when not named, removed by null.
    pub(crate) fn optional<T>(
        &mut self,
        object: &Object,
        name: &str,
        stored: Option<T>,
        read: impl FnOnce(&mut Self, &Value) -> Option<T>,
    ) -> Option<T> {
        match find(object, name) {
            None => stored,
            Some(Value::Null) => None,
            Some(value) => self.within(name, |reader| read(reader, value)),
        }
    }

    /// A member that there always is: kept when not named, reset to its default by null.
    pub(crate) fn defaulted<T>(
        &mut self,
        object: &Object,
        name: &str,
        stored: Option<T>,
        default: T,
        read: impl FnOnce(&mut Self, &Value) -> Option<T>,
    ) -> T {
        self.optional(object, name, stored, read).unwrap_or(default)
    }

    /// A member that must be given at creation and cannot be removed.
    pub(crate) fn required<T>(
        &mut self,
        object: &Object,
        name: &str,
        stored: Option<T>,
        read: impl FnOnce(&mut Self, &Value) -> Option<T>,
    ) -> Option<T> {
        match find(object, name) {
            None if stored.is_some() => stored,
            None | Some(Value::Null) => {
                self.within(name, |reader| reader.note("MissingValue", "is required"))
            }
            Some(value) => self.within(name, |reader| read(reader, value)),
        }
    }
}

/// The value as an object.
pub(crate) fn object<'a>(reader: &mut Reader, value: &'a Value) -> Option<&'a Object> {
    match value {
        Value::Object(object) => Some(object),
        _ => reader.invalid("must be an object"),
    }
}

/// The value as a list; each element is read below its index.
pub(crate) fn list<T>(
    reader: &mut Reader,
    value: &Value,
    mut read: impl FnMut(&mut Reader, &Value) -> Option<T>,
) -> Option<Vec<T>> {
    let Value::Array(elements) = value else {
        return reader.invalid("must be an array");
    };
    let mut read_element =
        |(index, element)| reader.within_element(index, |reader| read(reader, element));
    // Not short-circuiting, so that a caller learns of every bad element.
    let read: Vec<_> = elements.iter().enumerate().map(&mut read_element).collect();
    read.into_iter().collect()
}

/// The value as a text.
pub(crate) fn text(reader: &mut Reader, value: &Value) -> Option<Arc<str>> {
    match value {
        Value::String(text) => Some(Arc::from(text.as_str())),
        _ => reader.invalid("must be a text"),
    }
}

/// The value as the id of an entity or channel.
pub(crate) fn id(reader: &mut Reader, value: &Value) -> Option<Arc<str>> {
    match value {
        Value::String(text) if text.is_empty() => reader.invalid("must not be empty"),
        _ => text(reader, value),
    }
}

/// The value as the address of a web service.
pub(crate) fn uri(reader: &mut Reader, value: &Value) -> Option<Arc<str>> {
    let text = text(reader, value)?;
    let scheme_less = ["http://", "https://"]
        .iter()
        .find_map(|scheme| text.strip_prefix(scheme));
    let host = scheme_less.and_then(|rest| rest.split(['/', '?', '#']).next());
    let plain =
        !text.contains(|character: char| character.is_whitespace() || character.is_control());
    if plain && host.is_some_and(|host| !host.is_empty()) {
        Some(text)
    } else {
        reader.invalid("must be an absolute http or https address")
    }
}

/// The value as a boolean.
pub(crate) fn boolean(reader: &mut Reader, value: &Value) -> Option<bool> {
    match value {
        Value::Bool(value) => Some(*value),
        _ => reader.invalid("must be true or false"),
    }
}

/// Reads an integer within bounds.
pub(crate) fn integer(
    least: i32,
    most: i32,
) -> impl FnOnce(&mut Reader, &Value) -> Option<i32> + Copy {
    move |reader, value| {
        let number = whole_number(value).and_then(|number| i32::try_from(number).ok());
        match number {
            Some(number) if (least..=most).contains(&number) => Some(number),
            _ if most == i32::MAX => {
                reader.invalid(format_args!("must be an integer of at least {least}"))
            }
            _ => reader.invalid(format_args!("must be an integer from {least} to {most}")),
        }
    }
}

/// The number if it has no fraction: some clients write every number as a double.
#[expect(
    clippy::cast_possible_truncation,
    reason = "guarded by the range check"
)]
pub(crate) fn whole_number(value: &Value) -> Option<i64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    value.as_i64().or_else(|| {
        let number = value.as_f64()?;
        (number.fract() == 0.0 && number.abs() <= EXACT).then_some(number as i64)
    })
}

/// The value as a span in seconds, above zero.
pub(crate) fn seconds(reader: &mut Reader, value: &Value) -> Option<Seconds> {
    value
        .as_f64()
        .and_then(Seconds::new)
        .or_else(|| reader.invalid(Seconds::NEEDED))
}

/// The value as a point in time, in UTC and the service's precision.
pub(crate) fn timestamp(reader: &mut Reader, value: &Value) -> Option<Timestamp> {
    let parsed = value.as_str().map(Timestamp::parse);
    match parsed {
        Some(Ok(at)) => Some(to_ticks(at)),
        _ => reader.invalid("must be a date and time such as \"2024-01-31T12:00:00Z\""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn parse(json: &Value) -> &Object {
        json.as_object().expect("an object")
    }

    fn messages(reader: Reader) -> Vec<String> {
        let refusal = reader.finish().expect_err("problems");
        refusal
            .details
            .into_iter()
            .map(|detail| detail.message)
            .collect()
    }

    // R4
    #[test]
    fn members_are_found_in_any_letter_case_and_the_exact_name_wins() {
        let json = json!({"ChannelReference": null, "CAPACITY": 2, "capacity": 1});
        assert_eq!(find(parse(&json), "channelReference"), Some(&Value::Null));
        assert_eq!(find(parse(&json), "capacity"), Some(&json!(1)));
        assert_eq!(find(parse(&json), "name"), None);
    }

    // R18
    #[test]
    fn a_member_is_kept_when_absent_and_removed_by_null() {
        let json = json!({"gone": null, "set": "new"});
        let stored = || Some(Arc::from("old"));
        let mut reader = Reader::default();
        assert_eq!(
            reader.optional(parse(&json), "kept", stored(), text),
            stored()
        );
        assert_eq!(reader.optional(parse(&json), "gone", stored(), text), None);
        assert_eq!(
            reader
                .optional(parse(&json), "set", stored(), text)
                .as_deref(),
            Some("new")
        );
        assert_eq!(
            reader.defaulted(parse(&json), "gone", Some(5), 1, integer(1, 9)),
            1
        );
        assert_eq!(reader.finish(), Ok(()));
    }

    #[test]
    fn every_problem_is_named_with_its_path_and_what_is_needed() {
        let json = json!({"capacity": 0, "channels": [{"cost": 1}, {"cost": "2"}], "state": 1});
        let mut reader = Reader::default();
        reader.required(parse(&json), "capacity", None, integer(1, i32::MAX));
        reader.required(parse(&json), "queues", None, text);
        reader.optional(parse(&json), "channels", None, |reader, value| {
            list(reader, value, |reader, value| {
                let channel = object(reader, value)?;
                reader.required(channel, "cost", None, integer(0, 9))
            })
        });
        assert_eq!(
            messages(reader),
            [
                "capacity must be an integer of at least 1",
                "queues is required",
                "channels[1].cost must be an integer from 0 to 9",
            ]
        );
    }

    #[test]
    fn a_whole_double_is_an_integer_and_a_fraction_is_not() {
        let mut reader = Reader::default();
        assert_eq!(integer(1, 9)(&mut reader, &json!(2.0)), Some(2));
        assert_eq!(integer(1, 9)(&mut reader, &json!(2.5)), None);
        assert_eq!(integer(1, 9)(&mut reader, &json!(1e300)), None);
        assert_eq!(integer(1, 9)(&mut reader, &json!("2")), None);
    }

    // R5
    #[test]
    fn times_are_kept_in_utc_and_tenths_of_microseconds() {
        let mut reader = Reader::default();
        let at = timestamp(&mut reader, &json!("2024-01-01T02:00:00.123456789+02:00"));
        assert_eq!(
            at.expect("read").to_string(),
            "2024-01-01T00:00:00.1234567+00:00"
        );
        assert_eq!(timestamp(&mut reader, &json!(5)), None);
        assert_eq!(timestamp(&mut reader, &json!("tomorrow")), None);
    }
}
