//! The version of an entity.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The version of an entity, as the service wrote it, quotes included.
///
/// Compare it, or send it back as the condition of an update; its content means nothing to anyone but the service.
///
/// ```
/// use acs_core::Etag;
///
/// let etag = Etag::from("\"1200004a\"");
/// assert_eq!(etag.as_str(), "\"1200004a\"");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Etag(String);

impl Etag {
    /// The text for an `If-Match` header.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Etag {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl From<String> for Etag {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for Etag {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl From<&String> for Etag {
    fn from(text: &String) -> Self {
        Self(text.clone())
    }
}

impl From<&Etag> for Etag {
    fn from(etag: &Etag) -> Self {
        etag.clone()
    }
}

impl AsRef<str> for Etag {
    fn as_ref(&self) -> &str {
        &self.0
    }
}
