//! The members of an action's body.

use std::time::Duration;

use acs_types::Timestamp;
use serde_json::{Map, Value};

use super::Failure;

/// A JSON object whose members are looked up without regard to letter case, as the service does. Null counts as absent.
#[derive(Debug)]
pub(crate) struct Members(Map<String, Value>);

impl Members {
    pub(crate) fn new(object: Map<String, Value>) -> Self {
        Self(object)
    }

    pub(crate) fn text(&self, name: &str) -> Result<Option<String>, Failure> {
        match self.value(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(other) => Err(Failure::invalid_body(format!(
                "has `{name}` {other}, but a string is needed"
            ))),
        }
    }

    pub(crate) fn object(&self, name: &str) -> Result<Option<Map<String, Value>>, Failure> {
        match self.value(name) {
            None => Ok(None),
            Some(Value::Object(object)) => Ok(Some(object.clone())),
            Some(other) => Err(Failure::invalid_body(format!(
                "has `{name}` {other}, but an object is needed"
            ))),
        }
    }

    pub(crate) fn boolean(&self, name: &str) -> Result<Option<bool>, Failure> {
        match self.value(name) {
            None => Ok(None),
            Some(Value::Bool(boolean)) => Ok(Some(*boolean)),
            Some(other) => Err(Failure::invalid_body(format!(
                "has `{name}` {other}, but true or false is needed"
            ))),
        }
    }

    pub(crate) fn timestamp(&self, name: &str) -> Result<Option<Timestamp>, Failure> {
        let Some(text) = self.text(name)? else {
            return Ok(None);
        };
        Timestamp::parse(&text)
            .map(Some)
            .map_err(|error| Failure::invalid_body(format!("has an unusable `{name}`: {error}")))
    }

    /// A span in seconds, whole or not, never negative.
    pub(crate) fn seconds(&self, name: &str) -> Result<Option<Duration>, Failure> {
        let Some(value) = self.value(name) else {
            return Ok(None);
        };
        let span = value
            .as_f64()
            .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        span.map(Some).ok_or_else(|| {
            Failure::invalid_body(format!(
                "has `{name}` {value}, but a number of seconds is needed, zero or more"
            ))
        })
    }

    fn value(&self, name: &str) -> Option<&Value> {
        let mut named = self
            .0
            .iter()
            .filter(|(key, _)| key.eq_ignore_ascii_case(name));
        named
            .next_back()
            .map(|(_, value)| value)
            .filter(|value| !value.is_null())
    }
}
