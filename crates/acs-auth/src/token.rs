//! Tokens and where they come from.

use std::fmt;
use std::sync::Arc;

use acs_types::Timestamp;
use async_trait::async_trait;

use crate::error::AuthError;
use crate::secret::Secret;

/// A bearer token and the instant from which servers refuse it. `Debug` hides the token.
#[derive(Clone, Debug)]
pub struct AccessToken {
    secret: Secret,
    expires_on: Timestamp,
}

impl AccessToken {
    /// A token, without the word `Bearer`, and the instant at which it expires.
    pub fn new(secret: impl Into<Secret>, expires_on: Timestamp) -> Self {
        Self {
            secret: secret.into(),
            expires_on,
        }
    }

    /// The token itself, without the word `Bearer`.
    #[must_use]
    pub fn secret(&self) -> &Secret {
        &self.secret
    }

    /// The first instant at which the token is no longer valid.
    #[must_use]
    pub fn expires_on(&self) -> Timestamp {
        self.expires_on
    }
}

/// A source of tokens, such as Microsoft Entra.
///
/// Implementations need not cache: clients ask through a [`TokenCache`](crate::TokenCache).
///
/// ```
/// use acs_auth::{AccessToken, AuthError, TokenCredential};
/// use acs_types::Timestamp;
/// use async_trait::async_trait;
///
/// #[derive(Debug)]
/// struct FromEnvironment;
///
/// #[async_trait]
/// impl TokenCredential for FromEnvironment {
///     async fn token(&self, _scopes: &[&str]) -> Result<AccessToken, AuthError> {
///         let read = |name| {
///             std::env::var(name).map_err(|error| AuthError::with_source(format!("`{name}` is not usable"), error))
///         };
///         let expires_on = Timestamp::parse(&read("TOKEN_EXPIRES_ON")?)
///             .map_err(|error| AuthError::with_source("`TOKEN_EXPIRES_ON` is not a time", error))?;
///         Ok(AccessToken::new(read("TOKEN")?, expires_on))
///     }
/// }
/// ```
#[async_trait]
pub trait TokenCredential: fmt::Debug + Send + Sync {
    /// Obtains a token for the scopes; see [`RESOURCE_SCOPE`](crate::RESOURCE_SCOPE).
    ///
    /// The future may be dropped before it ends, when the call that needed the token was given up.
    ///
    /// # Errors
    ///
    /// No token could be obtained. The request that needed it is not sent.
    async fn token(&self, scopes: &[&str]) -> Result<AccessToken, AuthError>;
}

#[async_trait]
impl<T: TokenCredential + ?Sized> TokenCredential for Arc<T> {
    async fn token(&self, scopes: &[&str]) -> Result<AccessToken, AuthError> {
        (**self).token(scopes).await
    }
}
