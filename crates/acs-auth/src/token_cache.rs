//! Keeping a token until shortly before it expires.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use acs_types::Timestamp;

use crate::error::AuthError;
use crate::token::{AccessToken, TokenCredential};

/// Keeps a credential's token and replaces it before it expires.
///
/// A token is handed out until [`REFRESH_LEAD`](Self::REFRESH_LEAD) before it expires, or until half of its life is over
/// when it is shorter than twice that. From then on the next caller refreshes it:
///
/// - One refresh runs at a time. While the old token is valid, other callers get it at once; when it is not, they wait.
/// - A refresh that fails while the old token is valid gives the old token, and the next caller tries again.
/// - A refresh that fails otherwise gives its error to the caller and to all that waited for it; later callers try again.
/// - A caller that is dropped while it refreshes ends that refresh; one of those that wait starts another.
///
/// There is no background task, and time is what the callers say it is.
///
/// ```
/// # use acs_auth::{AccessToken, AuthError, TokenCredential};
/// # use async_trait::async_trait;
/// # #[derive(Debug)]
/// # struct Entra;
/// # #[async_trait]
/// # impl TokenCredential for Entra {
/// #     async fn token(&self, _: &[&str]) -> Result<AccessToken, AuthError> {
/// #         Ok(AccessToken::new("token".to_owned(), Timestamp::parse("2026-01-01T01:00:00Z").unwrap()))
/// #     }
/// # }
/// use std::sync::Arc;
///
/// use acs_auth::{RESOURCE_SCOPE, TokenCache};
/// use acs_types::Timestamp;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let cache = TokenCache::new(Arc::new(Entra), &[RESOURCE_SCOPE]);
/// let token = cache.token(Timestamp::parse("2026-01-01T00:00:00Z")?).await?;
/// println!("valid until {}", token.expires_on());
/// # Ok(())
/// # }
/// ```
pub struct TokenCache {
    credential: Arc<dyn TokenCredential>,
    scopes: Vec<String>,
    state: Mutex<State>,
    refreshing: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct State {
    cached: Option<Cached>,
    /// How many refreshes have ended, well or badly.
    ended: u64,
    /// The error of the last one, if it failed.
    failure: Option<AuthError>,
}

struct Cached {
    token: AccessToken,
    lead: Duration,
}

impl Cached {
    fn is_fresh(&self, now: Timestamp) -> bool {
        self.token.expires_on().duration_since(now) > self.lead
    }

    fn is_valid(&self, now: Timestamp) -> bool {
        self.token.expires_on() > now
    }
}

impl TokenCache {
    /// How long before its expiry a token is replaced: 5 minutes.
    pub const REFRESH_LEAD: Duration = Duration::from_secs(5 * 60);

    /// An empty cache for tokens of these scopes.
    #[must_use]
    pub fn new(credential: Arc<dyn TokenCredential>, scopes: &[&str]) -> Self {
        Self {
            credential,
            scopes: scopes.iter().copied().map(str::to_owned).collect(),
            state: Mutex::default(),
            refreshing: tokio::sync::Mutex::default(),
        }
    }

    /// A token that is valid at `now`, the caller's current time.
    ///
    /// # Errors
    ///
    /// There is no valid token, and the credential gave an error or a token that has expired already.
    pub async fn token(&self, now: Timestamp) -> Result<AccessToken, AuthError> {
        let (valid, ended) = {
            let state = self.state();
            match &state.cached {
                Some(cached) if cached.is_fresh(now) => return Ok(cached.token.clone()),
                Some(cached) if cached.is_valid(now) => (Some(cached.token.clone()), state.ended),
                _ => (None, state.ended),
            }
        };

        let _guard = match (self.refreshing.try_lock(), &valid) {
            (Ok(guard), _) => guard,
            // Whoever refreshes already does it for this caller too.
            (Err(_), Some(token)) => return Ok(token.clone()),
            (Err(_), None) => self.refreshing.lock().await,
        };
        let outcome = match self.outcome_since(ended, now) {
            Some(outcome) => outcome,
            None => self.refresh(now).await,
        };
        match (outcome, valid) {
            (Err(_), Some(token)) => Ok(token),
            (outcome, _) => outcome,
        }
    }

    /// What the refreshes mean, for a caller who came when `ended` of them had ended and so need not start another;
    /// `None` when there were none since.
    fn outcome_since(&self, ended: u64, now: Timestamp) -> Option<Result<AccessToken, AuthError>> {
        let state = self.state();
        if state.ended == ended {
            return None;
        }
        match &state.cached {
            Some(cached) if cached.is_valid(now) => Some(Ok(cached.token.clone())),
            _ => state.failure.clone().map(Err),
        }
    }

    /// Asks the credential; the caller holds the `refreshing` lock.
    async fn refresh(&self, now: Timestamp) -> Result<AccessToken, AuthError> {
        let scopes: Vec<&str> = self.scopes.iter().map(String::as_str).collect();
        let outcome = self.credential.token(&scopes).await.and_then(|token| {
            let life = token.expires_on().duration_since(now);
            if life.is_zero() {
                return Err(AuthError::new(
                    "the credential gave a token that has expired already",
                ));
            }
            Ok((token, life))
        });

        let mut state = self.state();
        state.ended += 1;
        match outcome {
            Ok((token, life)) => {
                state.failure = None;
                state.cached = Some(Cached {
                    token: token.clone(),
                    lead: Self::REFRESH_LEAD.min(life / 2),
                });
                Ok(token)
            }
            Err(error) => {
                state.failure = Some(error.clone());
                Err(error)
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing that can panic runs while the lock is held, so a poisoned state is still whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Leaves the credential out: what its own `Debug` shows is not in our hands.
impl fmt::Debug for TokenCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenCache")
            .field("scopes", &self.scopes)
            .finish_non_exhaustive()
    }
}
