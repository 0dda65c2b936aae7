//! Text that must not show up in logs.

use std::fmt;
use std::sync::Arc;

use zeroize::Zeroizing;

/// Secret text: hidden from `Debug`, without `Display`, overwritten in memory when its last clone goes.
///
/// Clones share one copy of the text.
///
/// ```
/// use acs_auth::Secret;
///
/// let secret = Secret::new("eyJhbGciOi");
/// assert_eq!(format!("{secret:?}"), "Secret([redacted])");
/// assert_eq!(secret.expose(), "eyJhbGciOi");
/// ```
#[derive(Clone)]
pub struct Secret(Arc<Zeroizing<String>>);

impl Secret {
    /// Takes the text over. Give a `String` to avoid leaving another copy of it in memory.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Arc::new(Zeroizing::new(text.into())))
    }

    /// The text itself; keep it out of logs and error messages.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret([redacted])")
    }
}
