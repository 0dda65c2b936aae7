//! What the failures of a call share: which operation, how many attempts, which request id.

use std::fmt;

use http::HeaderValue;

/// Identifies the call that an error is about.
#[derive(Clone, Debug, Default)]
pub(crate) struct CallContext {
    operation: &'static str,
    attempts: u32,
    request_id: Option<HeaderValue>,
}

impl CallContext {
    pub(crate) fn new(
        operation: &'static str,
        attempts: u32,
        request_id: Option<HeaderValue>,
    ) -> Self {
        Self {
            operation,
            attempts,
            request_id,
        }
    }

    /// A failure before any attempt.
    pub(crate) fn before_sending(operation: &'static str) -> Self {
        Self::new(operation, 0, None)
    }

    pub(crate) fn operation(&self) -> Option<&'static str> {
        Some(self.operation).filter(|operation| !operation.is_empty())
    }

    pub(crate) fn attempts(&self) -> u32 {
        self.attempts
    }

    pub(crate) fn request_id(&self) -> Option<&str> {
        self.request_id.as_ref().and_then(|id| id.to_str().ok())
    }

    /// Writes ` (4 attempts)`, and nothing for a call that was tried once.
    pub(crate) fn write_attempts(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.attempts {
            0 | 1 => Ok(()),
            attempts => write!(formatter, " ({attempts} attempts)"),
        }
    }
}

/// The operation's id, the subject of every error text.
impl fmt::Display for CallContext {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.operation().unwrap_or("the call"))
    }
}
