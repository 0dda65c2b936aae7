//! The data of an event: of a known type, or of any other.

use std::fmt;

use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

/// An event of a type that this version does not know: the name of the type and the data as it came.
#[derive(Clone, Debug)]
pub struct UnknownEvent {
    event_type: Box<str>,
    data: Box<RawValue>,
}

impl UnknownEvent {
    pub(crate) fn read(event_type: &str, data: &str) -> Result<Self, DataError> {
        let data = RawValue::from_string(data.to_owned()).map_err(DataError::whole)?;
        Ok(Self::new(event_type, data))
    }

    /// An event of any type, with any JSON as its data.
    #[must_use]
    pub fn new(event_type: &str, data: Box<RawValue>) -> Self {
        Self {
            event_type: event_type.into(),
            data,
        }
    }

    /// The name of the type.
    #[must_use]
    pub fn event_type(&self) -> &str {
        &self.event_type
    }

    /// The data as it came.
    #[must_use]
    pub fn data(&self) -> &RawValue {
        &self.data
    }
}

impl PartialEq for UnknownEvent {
    fn eq(&self, other: &Self) -> bool {
        self.event_type == other.event_type && self.data.get() == other.data.get()
    }
}

/// Data that does not fit its type.
#[derive(Debug)]
pub(crate) struct DataError {
    /// The member that does not fit; empty for the whole.
    path: String,
    error: serde_json::Error,
}

impl DataError {
    fn whole(error: serde_json::Error) -> Self {
        Self {
            path: String::new(),
            error,
        }
    }
}

impl fmt::Display for DataError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.path.as_str() {
            "" | "." => write!(formatter, "{}", self.error),
            path => write!(formatter, "{path}: {}", self.error),
        }
    }
}

/// Reads data. Only what fails is read a second time, to find the member that does not fit.
pub(crate) fn read_data<T: DeserializeOwned>(data: &str) -> Result<T, DataError> {
    serde_json::from_str(data).map_err(|error| {
        let mut again = serde_json::Deserializer::from_str(data);
        match serde_path_to_error::deserialize::<_, T>(&mut again) {
            Ok(_) => DataError::whole(error),
            Err(located) => DataError {
                path: located.path().to_string(),
                error: located.into_inner(),
            },
        }
    })
}
