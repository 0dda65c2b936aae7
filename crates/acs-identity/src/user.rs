//! Users and tokens as programs handle them: ids as identifiers, tokens as secrets.

use acs_core::auth::AccessToken;
use acs_core::{ConfigError, Result};
use acs_core_identity::models::{
    CommunicationIdentityAccessToken, CommunicationIdentityAccessTokenResult,
};
use acs_types::CommunicationUserIdentifier;
use serde::de::{Deserialize, Deserializer, Error as _};

/// A user with an access token of theirs. `Debug` hides the token.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct UserWithToken {
    /// The user.
    pub user: CommunicationUserIdentifier,
    /// The token, and when it expires.
    pub token: AccessToken,
}

/// The answer of a call that must give a token beside the user.
impl<'de> Deserialize<'de> for UserWithToken {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let result = CommunicationIdentityAccessTokenResult::deserialize(deserializer)?;
        let token = result
            .access_token
            .ok_or_else(|| D::Error::missing_field("accessToken"))?;
        Ok(Self {
            user: CommunicationUserIdentifier::new(result.identity.id),
            token: access_token(token),
        })
    }
}

pub(crate) fn user(result: CommunicationIdentityAccessTokenResult) -> CommunicationUserIdentifier {
    CommunicationUserIdentifier::new(result.identity.id)
}

pub(crate) fn access_token(token: CommunicationIdentityAccessToken) -> AccessToken {
    AccessToken::new(token.token, token.expires_on)
}

/// Refuses what the service would answer for every token at once.
pub(crate) fn check_scopes<S>(scopes: &[S]) -> Result<()> {
    if scopes.is_empty() {
        return Err(ConfigError::new(
            "there are no scopes: name at least one thing that the token is for, such as `TokenScope::Chat`",
        )
        .into());
    }
    Ok(())
}
