//! Exchanging a person's Microsoft Entra token for a user access token.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use acs_types::Timestamp;
use async_trait::async_trait;

use crate::error::AuthError;
use crate::refresh::{Outcome, TokenSource};
use crate::scope;
use crate::token::{AccessToken, TokenCredential};
use crate::user_token::{RefreshingUserToken, UserTokenCredential};

/// How a Microsoft Entra token is exchanged for a user access token. The scopes of the token tell which way it is.
///
/// ```
/// use acs_auth::{COMMUNICATION_CLIENTS_SCOPE, TokenExchange};
///
/// let exchange = TokenExchange::for_scopes(&[COMMUNICATION_CLIENTS_SCOPE])?;
/// assert_eq!(exchange.path(), "/access/entra/:exchangeAccessToken");
/// # Ok::<(), acs_auth::TokenExchangeError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TokenExchange {
    /// For people of the resource's own tenant: scopes under `https://communication.azure.com/clients/`.
    CommunicationClients,
    /// For people in Microsoft Teams: scopes under `https://auth.msft.communication.azure.com/`, or the same with `.us` in
    /// the clouds of the United States government.
    TeamsExtension,
}

impl TokenExchange {
    /// The one exchange that all these scopes are for.
    ///
    /// # Errors
    ///
    /// There are no scopes, one is for no exchange, or they are for different ones. The error names the scope.
    pub fn for_scopes(scopes: &[&str]) -> Result<Self, TokenExchangeError> {
        let (first, others) = scopes
            .split_first()
            .ok_or(TokenExchangeError(Problem::NoScope))?;
        let exchange = Self::for_scope(first)?;
        for scope in others {
            if Self::for_scope(scope)? != exchange {
                return Err(TokenExchangeError(Problem::Mixed {
                    one: (*first).to_owned(),
                    other: (*scope).to_owned(),
                }));
            }
        }
        Ok(exchange)
    }

    fn for_scope(scope: &str) -> Result<Self, TokenExchangeError> {
        let is_under = |prefixes: &[&str]| prefixes.iter().any(|prefix| scope.starts_with(prefix));
        if is_under(scope::COMMUNICATION_CLIENTS) {
            Ok(Self::CommunicationClients)
        } else if is_under(scope::TEAMS_EXTENSION) {
            Ok(Self::TeamsExtension)
        } else {
            Err(TokenExchangeError(Problem::NoExchange(scope.to_owned())))
        }
    }

    /// The path of the request, a `POST` to the resource with the Microsoft Entra token as its bearer token and `{}` as its
    /// body.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::CommunicationClients => "/access/entra/:exchangeAccessToken",
            Self::TeamsExtension => "/access/teamsExtension/:exchangeAccessToken",
        }
    }

    /// The api-version that the request is made with.
    #[must_use]
    pub const fn api_version(self) -> &'static str {
        match self {
            Self::CommunicationClients => "2025-03-02-preview",
            Self::TeamsExtension => "2025-06-30",
        }
    }
}

/// Makes the request of a [`TokenExchange`]. An identity client implements this; this crate sends nothing itself.
#[async_trait]
pub trait TokenExchanger: fmt::Debug + Send + Sync {
    /// Exchanges the Microsoft Entra token for a user access token.
    ///
    /// The future may be dropped before it ends, when nobody waits for the token any more.
    ///
    /// # Errors
    ///
    /// The service gave no token. The error says its status and code.
    async fn exchange(
        &self,
        exchange: TokenExchange,
        entra_token: &AccessToken,
    ) -> Result<AccessToken, AuthError>;
}

impl UserTokenCredential {
    /// A credential that signs in with Microsoft Entra and exchanges the token for a user access token.
    ///
    /// Each refresh asks `entra` for its token. It is exchanged if it is another one than the last time, or if the user
    /// access token has expired: both live equally long.
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use acs_auth::{TEAMS_EXTENSION_SCOPE, TokenCredential, TokenExchangeError, TokenExchanger, UserTokenCredential};
    ///
    /// fn teams_user(
    ///     entra: Arc<dyn TokenCredential>,
    ///     identity: Arc<dyn TokenExchanger>,
    /// ) -> Result<UserTokenCredential, TokenExchangeError> {
    ///     Ok(UserTokenCredential::from_entra(entra, &[TEAMS_EXTENSION_SCOPE], identity)?.build())
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// The scopes are not all for one exchange; see [`TokenExchange::for_scopes`].
    pub fn from_entra(
        entra: Arc<dyn TokenCredential>,
        scopes: &[&str],
        exchanger: Arc<dyn TokenExchanger>,
    ) -> Result<RefreshingUserToken, TokenExchangeError> {
        Ok(RefreshingUserToken::new(Exchanged {
            exchange: TokenExchange::for_scopes(scopes)?,
            scopes: scopes.iter().copied().map(str::to_owned).collect(),
            entra,
            exchanger,
            last: Mutex::default(),
        }))
    }
}

struct Exchanged {
    entra: Arc<dyn TokenCredential>,
    scopes: Vec<String>,
    exchange: TokenExchange,
    exchanger: Arc<dyn TokenExchanger>,
    last: Mutex<Option<Exchange>>,
}

/// An exchange that was made.
struct Exchange {
    given: AccessToken,
    received: AccessToken,
}

impl Exchanged {
    /// What the last exchange gave, if it was for the same token and is still valid.
    fn last(&self, entra_token: &AccessToken, now: Timestamp) -> Option<AccessToken> {
        self.lock()
            .as_ref()
            .filter(|last| last.given.secret().expose() == entra_token.secret().expose())
            .map(|last| last.received.clone())
            .filter(|token| token.expires_on() > now)
    }

    fn lock(&self) -> MutexGuard<'_, Option<Exchange>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl TokenSource for Exchanged {
    fn name(&self) -> &'static str {
        "the token exchange"
    }

    async fn obtain(&self, now: Timestamp) -> Outcome {
        let scopes: Vec<&str> = self.scopes.iter().map(String::as_str).collect();
        let given = self.entra.token(&scopes).await?;
        if let Some(token) = self.last(&given, now) {
            return Ok(token);
        }
        let received = self.exchanger.exchange(self.exchange, &given).await?;
        *self.lock() = Some(Exchange {
            given,
            received: received.clone(),
        });
        Ok(received)
    }
}

/// Why scopes do not tell one way to exchange a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenExchangeError(Problem);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Problem {
    NoScope,
    NoExchange(String),
    Mixed { one: String, other: String },
}

impl fmt::Display for TokenExchangeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Problem::NoScope => f.write_str("there is no scope: give at least one"),
            Problem::NoExchange(scope) => write!(
                f,
                "the scope {scope:?} is for no token exchange: it must begin with {:?} or {:?}",
                scope::COMMUNICATION_CLIENTS[0],
                scope::TEAMS_EXTENSION[0],
            ),
            Problem::Mixed { one, other } => write!(
                f,
                "the scopes {one:?} and {other:?} are for different token exchanges: make one credential for each"
            ),
        }
    }
}

impl std::error::Error for TokenExchangeError {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{COMMUNICATION_CLIENTS_SCOPE, RESOURCE_SCOPE, TEAMS_EXTENSION_SCOPE};

    const VOIP: &str = "https://communication.azure.com/clients/VoIP";
    const TEAMS_IN_US_GOVERNMENT: &str = "https://auth.msft.communication.azure.us/.default";

    #[test]
    fn scopes_tell_the_exchange_with_its_path_and_version() {
        for (scopes, path, version) in [
            (
                &[COMMUNICATION_CLIENTS_SCOPE][..],
                "/access/entra/:exchangeAccessToken",
                "2025-03-02-preview",
            ),
            (
                &[VOIP, COMMUNICATION_CLIENTS_SCOPE],
                "/access/entra/:exchangeAccessToken",
                "2025-03-02-preview",
            ),
            (
                &[TEAMS_EXTENSION_SCOPE],
                "/access/teamsExtension/:exchangeAccessToken",
                "2025-06-30",
            ),
            (
                &[TEAMS_IN_US_GOVERNMENT],
                "/access/teamsExtension/:exchangeAccessToken",
                "2025-06-30",
            ),
        ] {
            let exchange = TokenExchange::for_scopes(scopes).unwrap();
            assert_eq!((exchange.path(), exchange.api_version()), (path, version));
        }
    }

    #[test]
    fn scopes_that_tell_no_exchange_are_refused_by_name() {
        for (scopes, words) in [
            (&[][..], vec!["no scope"]),
            (&[RESOURCE_SCOPE], vec![RESOURCE_SCOPE, "no token exchange"]),
            (&[""], vec!["\"\""]),
            (
                &["https://communication.azure.com/clients"],
                vec!["must begin with"],
            ),
            (
                &["https://communication.azure.com.evil.example/clients/x"],
                vec!["evil"],
            ),
            (
                &[VOIP, TEAMS_EXTENSION_SCOPE],
                vec![VOIP, TEAMS_EXTENSION_SCOPE, "different"],
            ),
            (
                &[VOIP, TEAMS_IN_US_GOVERNMENT],
                vec!["different token exchanges"],
            ),
            (&[VOIP, "openid"], vec!["\"openid\""]),
        ] {
            let error = TokenExchange::for_scopes(scopes).unwrap_err().to_string();
            for word in words {
                assert!(error.contains(word), "{scopes:?}: {error}");
            }
        }
    }
}
