//! The credential of a chat user.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use acs_types::Timestamp;
use async_trait::async_trait;

use crate::error::AuthError;
use crate::jwt::AccessTokenError;
use crate::refresh::{Outcome, RefreshRules, RefreshedToken, TokenSource};
use crate::secret::Secret;
use crate::token::AccessToken;

/// What a chat user proves their identity with: a user access token that the identity service issued.
///
/// Either one fixed token, or tokens from a function that fetches the next one, usually from the program's own server:
///
/// ```
/// use acs_auth::UserTokenCredential;
///
/// # async fn fetch_from_my_server() -> Result<String, std::io::Error> { Ok(String::new()) }
/// let fixed = UserTokenCredential::from_token("eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjE3NjcyMjU2MDB9.c2lnbmF0dXJl")?;
/// let refreshing = UserTokenCredential::refreshing(|| async { fetch_from_my_server().await }).build();
/// # let _ = (fixed, refreshing);
/// # Ok::<(), acs_auth::AccessTokenError>(())
/// ```
///
/// # When a token is refreshed
///
/// A refresh happens when somebody asks for a token; there is no thread, task or timer behind the credential.
///
/// - *On demand*, the default: when less than [`ON_DEMAND_LEAD`](Self::ON_DEMAND_LEAD), 2 minutes, of the token's life are
///   left.
/// - *Proactively*, with [`RefreshingUserToken::proactive_refresh`]: [`PROACTIVE_LEAD`](Self::PROACTIVE_LEAD),
///   10 minutes, before.
///
/// A token that lives for less than twice the lead is refreshed when half of its life is over; and so is a token that the
/// function gives a second time. Within the lead, the first caller fetches the next token and everybody else
/// gets the current one at once. A program that wants its idle credential fresh too asks for a token from a timer of its
/// own.
///
/// - One refresh runs at a time, and all who have no valid token wait for it. It goes on while one of them is left and ends
///   when the last is dropped.
/// - A refresh that fails, panics, gives an expired token, or takes longer than its
///   [`time_limit`](RefreshingUserToken::time_limit) gives the current token while that is valid, and otherwise its error to
///   all who wait.
/// - After a failure none is tried again for 1 second, and twice as long after each further one, up to 30 seconds. A
///   caller who needs a token meanwhile gets an error at once, with the failure as its source.
///
/// Clones share the token. `Debug` shows nothing of it, and it is overwritten in memory when its last clone is dropped.
#[derive(Clone)]
pub struct UserTokenCredential(Kind);

#[derive(Clone)]
enum Kind {
    Fixed(AccessToken),
    Refreshed(RefreshedToken),
}

impl UserTokenCredential {
    /// How long before its expiry a token is replaced on demand: 2 minutes.
    pub const ON_DEMAND_LEAD: Duration = Duration::from_secs(2 * 60);

    /// How long before its expiry a token is replaced proactively: 10 minutes.
    pub const PROACTIVE_LEAD: Duration = Duration::from_secs(10 * 60);

    /// A credential with one token that is never replaced. Once it has expired, requests fail before they are sent.
    ///
    /// # Errors
    ///
    /// The text is not a signed JSON Web Token with an expiry; see [`AccessToken::from_jwt`].
    pub fn from_token(token: impl Into<Secret>) -> Result<Self, AccessTokenError> {
        AccessToken::from_jwt(token).map(|token| Self(Kind::Fixed(token)))
    }

    /// A credential that fetches tokens with this function, the first one when it is first needed.
    ///
    /// The function must give a new token each time it is called; it may be called from any task. Its future may be dropped
    /// before it ends, when nobody waits for the token any more.
    ///
    /// ```
    /// use acs_auth::{AccessToken, UserTokenCredential};
    /// use acs_types::Timestamp;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let first = "eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjE3NjcyMjU2MDB9.c2lnbmF0dXJl";
    /// # let fetch_from_my_server = || async { Err::<String, _>(std::io::Error::other("down")) };
    /// let credential = UserTokenCredential::refreshing(fetch_from_my_server)
    ///     .initial_token(first)?
    ///     .proactive_refresh()
    ///     .build();
    ///
    /// let now = Timestamp::parse("2025-12-31T23:00:00Z")?; // the caller's clock
    /// let token: AccessToken = credential.token(now).await?;
    /// assert_eq!(token.expires_on(), Timestamp::parse("2026-01-01T00:00:00Z")?);
    /// # Ok(())
    /// # }
    /// ```
    pub fn refreshing<F, Fut, T, E>(fetch: F) -> RefreshingUserToken
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<T, E>> + Send,
        T: Into<Secret>,
        E: Into<Box<dyn Error + Send + Sync>>,
    {
        RefreshingUserToken::new(Fetched(fetch))
    }

    /// A token that is valid at `now`, the caller's current time. Clients call this before each request.
    ///
    /// A credential that refreshes needs a tokio runtime with timers.
    ///
    /// # Errors
    ///
    /// There is no valid token: a fixed one has expired, or the refresh failed, now or a moment ago.
    pub async fn token(&self, now: Timestamp) -> Result<AccessToken, AuthError> {
        match &self.0 {
            Kind::Fixed(token) if token.expires_on() > now => Ok(token.clone()),
            Kind::Fixed(token) => Err(AuthError::new(format!(
                "the user access token expired at {}: give the client a new one, or a credential that refreshes it",
                token.expires_on()
            ))),
            Kind::Refreshed(token) => token.get(now).await,
        }
    }

    /// Drops the current token, so that the next request fetches a new one: for when the service refuses it before its time,
    /// as it does once the user's tokens are revoked or the access key that made them is changed.
    ///
    /// Clients never do this by themselves: a refusal may have other reasons, which new tokens would not remove. A fixed token
    /// stays, and a refresh that is under way goes on.
    pub fn forget_token(&self) {
        if let Kind::Refreshed(token) = &self.0 {
            token.forget();
        }
    }
}

impl fmt::Debug for UserTokenCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Kind::Fixed(_) => "UserTokenCredential(fixed, [redacted])",
            Kind::Refreshed(_) => "UserTokenCredential(refreshing, [redacted])",
        })
    }
}

/// Options of a [`UserTokenCredential`] that refreshes its token.
#[must_use = "it is a credential after `build()` only"]
pub struct RefreshingUserToken(RefreshedToken);

impl RefreshingUserToken {
    pub(crate) fn new(source: impl TokenSource + 'static) -> Self {
        let rules = RefreshRules {
            lead: UserTokenCredential::ON_DEMAND_LEAD,
            time_limit: Some(Duration::from_secs(20)),
        };
        Self(RefreshedToken::new(source, rules))
    }

    /// Begins with this token instead of fetching one at the first request.
    ///
    /// # Errors
    ///
    /// The text is not a signed JSON Web Token with an expiry; see [`AccessToken::from_jwt`].
    pub fn initial_token(self, token: impl Into<Secret>) -> Result<Self, AccessTokenError> {
        self.0.start_with(AccessToken::from_jwt(token)?);
        Ok(self)
    }

    /// Refreshes 10 minutes before the token expires, while it still serves all callers but one. Off by default.
    pub fn proactive_refresh(self) -> Self {
        self.refresh_lead(UserTokenCredential::PROACTIVE_LEAD)
    }

    /// Refreshes this long before the token expires. Default: 2 minutes.
    pub fn refresh_lead(mut self, lead: Duration) -> Self {
        self.0.rules.lead = lead;
        self
    }

    /// How long one refresh may take. Default: 20 seconds, less than a client's limit for one attempt, so that the error says
    /// what was slow; `None`: no limit. Allow more, also in the client, where a person must sign in.
    pub fn time_limit(mut self, limit: impl Into<Option<Duration>>) -> Self {
        self.0.rules.time_limit = limit.into();
        self
    }

    /// The credential.
    #[must_use]
    pub fn build(self) -> UserTokenCredential {
        UserTokenCredential(Kind::Refreshed(self.0))
    }
}

impl fmt::Debug for RefreshingUserToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RefreshingUserToken")
            .field("refresh_lead", &self.0.rules.lead)
            .field("time_limit", &self.0.rules.time_limit)
            .finish_non_exhaustive()
    }
}

impl From<RefreshingUserToken> for UserTokenCredential {
    fn from(options: RefreshingUserToken) -> Self {
        options.build()
    }
}

struct Fetched<F>(F);

#[async_trait]
impl<F, Fut, T, E> TokenSource for Fetched<F>
where
    F: Fn() -> Fut + Send + Sync,
    Fut: Future<Output = Result<T, E>> + Send,
    T: Into<Secret>,
    E: Into<Box<dyn Error + Send + Sync>>,
{
    fn name(&self) -> &'static str {
        "the token refresher"
    }

    async fn obtain(&self, _now: Timestamp) -> Outcome {
        let token = (self.0)()
            .await
            .map_err(|error| AuthError::with_source("the token refresher gave an error", error))?;
        AccessToken::from_jwt(token).map_err(|error| {
            AuthError::with_source("the token refresher gave something that is no token", error)
        })
    }
}
