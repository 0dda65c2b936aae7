//! The error of token credentials.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

/// A credential could not be obtained or cannot be used.
///
/// Cheap to clone: all callers that waited for one failed refresh get the same error.
///
/// ```
/// use std::error::Error;
///
/// use acs_auth::AuthError;
///
/// let cause = std::io::Error::other("connection refused");
/// let error = AuthError::with_source("the token service did not answer", cause);
/// assert_eq!(error.to_string(), "the token service did not answer");
/// assert_eq!(error.source().unwrap().to_string(), "connection refused");
/// ```
#[derive(Clone, Debug)]
pub struct AuthError {
    message: Arc<str>,
    source: Option<Arc<dyn Error + Send + Sync>>,
}

impl AuthError {
    /// An error with a message and no cause.
    ///
    /// The message is one lower-case line without a full stop that says what failed and, where it helps, what to do; it
    /// must not hold a key or a token. Line breaks in it become blanks.
    pub fn new(message: impl AsRef<str>) -> Self {
        Self {
            message: message.as_ref().replace(['\r', '\n'], " ").into(),
            source: None,
        }
    }

    /// An error with a message, as for [`new`](Self::new), and the error that caused it.
    pub fn with_source(
        message: impl AsRef<str>,
        source: impl Into<Box<dyn Error + Send + Sync>>,
    ) -> Self {
        Self {
            source: Some(source.into().into()),
            ..Self::new(message)
        }
    }

    /// What went wrong, without the cause.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for AuthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for AuthError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn display_is_one_line_and_leaves_the_cause_to_source() {
        let error = AuthError::with_source("first\nsecond", "the cause");
        assert_eq!(error.to_string(), "first second");
        assert_eq!(error.message(), "first second");
        assert_eq!(error.source().unwrap().to_string(), "the cause");
        assert!(AuthError::new("alone").source().is_none());
    }
}
