//! Credentials written for the official `azure_core` crate.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;

use crate::credential::Credential;
use crate::error::AuthError;
use crate::token::{AccessToken, TokenCredential};

/// A credential of the official `azure_identity` crate, or any other written for `azure_core` 1.x. Needs the feature
/// `azure-core`.
///
/// ```
/// use std::sync::Arc;
///
/// use acs_auth::{AzureCoreCredential, Credential};
/// use azure_core::credentials::TokenCredential;
///
/// // For instance `azure_identity::DeveloperToolsCredential::new(None)?`.
/// fn credential(entra: Arc<dyn TokenCredential>) -> Credential {
///     AzureCoreCredential::new(entra).into()
/// }
/// ```
#[derive(Clone)]
pub struct AzureCoreCredential(Arc<dyn azure_core::credentials::TokenCredential>);

impl AzureCoreCredential {
    /// Takes the credential over. It need not keep its tokens: clients ask through a [`TokenCache`](crate::TokenCache).
    #[must_use]
    pub fn new(credential: Arc<dyn azure_core::credentials::TokenCredential>) -> Self {
        Self(credential)
    }
}

#[async_trait]
impl TokenCredential for AzureCoreCredential {
    async fn token(&self, scopes: &[&str]) -> Result<AccessToken, AuthError> {
        let token = self.0.get_token(scopes, None).await.map_err(|error| {
            AuthError::with_source("the azure_core credential gave an error", error)
        })?;
        Ok(AccessToken::new(
            token.token.secret(),
            token.expires_on.into(),
        ))
    }
}

/// Leaves the credential out: what its own `Debug` shows is not in our hands.
impl fmt::Debug for AzureCoreCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AzureCoreCredential([redacted])")
    }
}

impl From<AzureCoreCredential> for Credential {
    fn from(credential: AzureCoreCredential) -> Self {
        Self::Token(Arc::new(credential))
    }
}
