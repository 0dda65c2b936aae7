//! A client or an argument that cannot be used.

use std::error::Error as StdError;
use std::fmt;

use acs_auth::{AccessKeyError, ConnectionStringError, EndpointError};

/// The client or an argument of the call is unusable. Nothing was sent; the text names the part and what to do about it.
#[derive(Debug)]
pub struct ConfigError(Box<Inner>);

#[derive(Debug)]
struct Inner {
    message: String,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl ConfigError {
    /// An error with this text: one lower-case line that names the offending part, and never its value if that is secret.
    pub fn new(message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            message: message.into(),
            source: None,
        }))
    }

    /// Adds the cause.
    #[must_use]
    pub fn with_source(mut self, source: impl StdError + Send + Sync + 'static) -> Self {
        self.0.source = Some(Box::new(source));
        self
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0.message)
    }
}

impl StdError for ConfigError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

impl From<ConnectionStringError> for ConfigError {
    fn from(error: ConnectionStringError) -> Self {
        Self::new(error.to_string())
    }
}

impl From<EndpointError> for ConfigError {
    fn from(error: EndpointError) -> Self {
        Self::new(error.to_string())
    }
}

impl From<AccessKeyError> for ConfigError {
    fn from(error: AccessKeyError) -> Self {
        Self::new(error.to_string())
    }
}
