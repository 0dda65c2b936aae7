//! The members of a body, or of an object in it.

use std::time::Duration;

use acs_types::Timestamp;
use serde_json::{Map, Value};

use super::Failure;

/// A JSON object whose members are looked up without regard to letter case, as the service does. Null counts as absent.
#[derive(Debug)]
pub(crate) struct Members {
    object: Map<String, Value>,
    /// Where the object stands in the body, with a dot at the end; empty for the body itself.
    place: String,
}

impl Members {
    pub(crate) fn new(object: Map<String, Value>) -> Self {
        Self {
            object,
            place: String::new(),
        }
    }

    /// An object in a body, with the path that leads to it.
    pub(crate) fn nested(object: Map<String, Value>, path: String) -> Self {
        Self {
            object,
            place: path + ".",
        }
    }

    /// The path of a member, as messages name it: `participants[0].displayName`.
    pub(crate) fn path(&self, name: &str) -> String {
        format!("{}{name}", self.place)
    }

    pub(crate) fn text(&self, name: &str) -> Result<Option<String>, Failure> {
        match self.any(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(other) => Err(self.wrong(name, other, "a string is needed")),
        }
    }

    pub(crate) fn object(&self, name: &str) -> Result<Option<Map<String, Value>>, Failure> {
        match self.any(name) {
            None => Ok(None),
            Some(Value::Object(object)) => Ok(Some(object.clone())),
            Some(other) => Err(self.wrong(name, other, "an object is needed")),
        }
    }

    pub(crate) fn boolean(&self, name: &str) -> Result<Option<bool>, Failure> {
        match self.any(name) {
            None => Ok(None),
            Some(Value::Bool(boolean)) => Ok(Some(*boolean)),
            Some(other) => Err(self.wrong(name, other, "true or false is needed")),
        }
    }

    pub(crate) fn integer(&self, name: &str) -> Result<Option<i64>, Failure> {
        let Some(value) = self.any(name) else {
            return Ok(None);
        };
        value
            .as_i64()
            .map(Some)
            .ok_or_else(|| self.wrong(name, value, "a whole number is needed"))
    }

    pub(crate) fn timestamp(&self, name: &str) -> Result<Option<Timestamp>, Failure> {
        let Some(text) = self.text(name)? else {
            return Ok(None);
        };
        Timestamp::parse(&text).map(Some).map_err(|error| {
            let path = self.path(name);
            Failure::invalid_body(format!("has an unusable `{path}`: {error}"))
        })
    }

    /// A span in seconds, whole or not, never negative.
    pub(crate) fn seconds(&self, name: &str) -> Result<Option<Duration>, Failure> {
        let Some(value) = self.any(name) else {
            return Ok(None);
        };
        let span = value
            .as_f64()
            .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        span.map(Some)
            .ok_or_else(|| self.wrong(name, value, "a number of seconds is needed, zero or more"))
    }

    pub(crate) fn texts(&self, name: &str) -> Result<Option<Vec<String>>, Failure> {
        let texts = self.array(name)?.map(|values| {
            let text = |(index, value): (usize, &Value)| match value {
                Value::String(text) => Ok(text.clone()),
                other => Err(self.wrong(&format!("{name}[{index}]"), other, "a string is needed")),
            };
            values.iter().enumerate().map(text).collect()
        });
        texts.transpose()
    }

    pub(crate) fn objects(&self, name: &str) -> Result<Option<Vec<Self>>, Failure> {
        let objects = self.array(name)?.map(|values| {
            let object = |(index, value): (usize, &Value)| {
                let name = format!("{name}[{index}]");
                match value {
                    Value::Object(object) => Ok(Self::nested(object.clone(), self.path(&name))),
                    other => Err(self.wrong(&name, other, "an object is needed")),
                }
            };
            values.iter().enumerate().map(object).collect()
        });
        objects.transpose()
    }

    /// A member of any type; null counts as absent.
    pub(crate) fn any(&self, name: &str) -> Option<&Value> {
        self.value(name).filter(|value| !value.is_null())
    }

    /// Whether a member is there and null, which in a merge patch removes it.
    pub(crate) fn is_null(&self, name: &str) -> bool {
        self.value(name).is_some_and(Value::is_null)
    }

    fn array(&self, name: &str) -> Result<Option<&Vec<Value>>, Failure> {
        match self.any(name) {
            None => Ok(None),
            Some(Value::Array(values)) => Ok(Some(values)),
            Some(other) => Err(self.wrong(name, other, "a list is needed")),
        }
    }

    fn value(&self, name: &str) -> Option<&Value> {
        let mut named = self
            .object
            .iter()
            .filter(|(key, _)| key.eq_ignore_ascii_case(name));
        named.next_back().map(|(_, value)| value)
    }

    fn wrong(&self, name: &str, value: &Value, needed: &str) -> Failure {
        let path = self.path(name);
        Failure::invalid_body(format!("has `{path}` {value}, but {needed}"))
    }
}
