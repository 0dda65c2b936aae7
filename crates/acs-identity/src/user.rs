//! Users and tokens as programs handle them: ids as identifiers, tokens as secrets.

use acs_core::auth::AccessToken;
use acs_core::{ConfigError, Result};
use acs_core_identity::models::{
    CommunicationIdentity, CommunicationIdentityAccessToken, CommunicationIdentityAccessTokenResult,
};
use acs_types::CommunicationUserIdentifier;
use serde::{Deserialize, Deserializer};

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
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Wire {
            identity: CommunicationIdentity,
            access_token: CommunicationIdentityAccessToken,
        }
        let wire = Wire::deserialize(deserializer)?;
        Ok(Self {
            user: CommunicationUserIdentifier::new(wire.identity.id),
            token: access_token(wire.access_token),
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
