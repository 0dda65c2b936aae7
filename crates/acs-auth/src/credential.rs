//! What a client proves its identity with.

use std::fmt;
use std::sync::Arc;

use crate::access_key::AccessKey;
use crate::token::TokenCredential;
use crate::user_token::{RefreshingUserToken, UserTokenCredential};

/// What a client of a resource proves its identity with.
///
/// ```
/// use acs_auth::{AccessKey, Credential};
///
/// let credential = Credential::from(AccessKey::from_base64("c2VjcmV0IGFjY2VzcyBrZXk=")?);
/// # let _ = credential;
/// # Ok::<(), acs_auth::AccessKeyError>(())
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub enum Credential {
    /// Requests are signed with the resource's access key.
    AccessKey(AccessKey),
    /// Requests carry a bearer token.
    Token(Arc<dyn TokenCredential>),
    /// Requests carry a user access token; the credential of chat.
    UserToken(UserTokenCredential),
}

/// Tells the kind only: what the `Debug` of a token credential shows is not in our hands.
impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AccessKey(_) => "AccessKey([redacted])",
            Self::Token(_) => "Token([redacted])",
            Self::UserToken(_) => "UserToken([redacted])",
        })
    }
}

impl From<AccessKey> for Credential {
    fn from(key: AccessKey) -> Self {
        Self::AccessKey(key)
    }
}

impl From<UserTokenCredential> for Credential {
    fn from(credential: UserTokenCredential) -> Self {
        Self::UserToken(credential)
    }
}

impl From<RefreshingUserToken> for Credential {
    fn from(options: RefreshingUserToken) -> Self {
        Self::UserToken(options.build())
    }
}

impl From<Arc<dyn TokenCredential>> for Credential {
    fn from(credential: Arc<dyn TokenCredential>) -> Self {
        Self::Token(credential)
    }
}

impl<T: TokenCredential + 'static> From<Arc<T>> for Credential {
    fn from(credential: Arc<T>) -> Self {
        Self::Token(credential)
    }
}
