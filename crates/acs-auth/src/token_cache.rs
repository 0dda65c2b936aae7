//! Keeping a token until shortly before it expires.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use acs_types::Timestamp;
use async_trait::async_trait;

use crate::error::AuthError;
use crate::refresh::{Outcome, RefreshRules, RefreshedToken, TokenSource};
use crate::token::{AccessToken, TokenCredential};

/// Keeps a credential's token and replaces it before it expires.
///
/// A token is handed out until [`REFRESH_LEAD`](Self::REFRESH_LEAD) before it expires, or until half of its life is over
/// when it is shorter than twice that. From then on the next caller refreshes it:
///
/// - One refresh runs at a time. While the old token is valid, other callers get it at once; when it is not, they wait.
/// - A refresh belongs to all who wait for it: it goes on while one of them is left, and ends when the last is dropped.
/// - A refresh that fails while the old token is valid gives the old token.
/// - A refresh that fails otherwise gives its error to all that waited for it.
/// - After a failure none is tried again for 1 second, and twice as long after each further one, up to 30 seconds. A
///   caller who needs a token meanwhile gets an error at once, with the failure as its source.
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
    scopes: Arc<[String]>,
    token: RefreshedToken,
}

impl TokenCache {
    /// How long before its expiry a token is replaced: 5 minutes.
    pub const REFRESH_LEAD: Duration = Duration::from_secs(5 * 60);

    /// An empty cache for tokens of these scopes.
    #[must_use]
    pub fn new(credential: Arc<dyn TokenCredential>, scopes: &[&str]) -> Self {
        let scopes: Arc<[String]> = scopes.iter().copied().map(str::to_owned).collect();
        let source = Scoped {
            credential,
            scopes: Arc::clone(&scopes),
        };
        let rules = RefreshRules {
            lead: Self::REFRESH_LEAD,
            // Signing in may need a person, and takes as long as that takes.
            time_limit: None,
        };
        Self {
            scopes,
            token: RefreshedToken::new(source, rules),
        }
    }

    /// A token that is valid at `now`, the caller's current time.
    ///
    /// # Errors
    ///
    /// There is no valid token, and the credential gave an error or a token that has expired already, now or a moment
    /// ago.
    pub async fn token(&self, now: Timestamp) -> Result<AccessToken, AuthError> {
        self.token.get(now).await
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

struct Scoped {
    credential: Arc<dyn TokenCredential>,
    scopes: Arc<[String]>,
}

#[async_trait]
impl TokenSource for Scoped {
    fn name(&self) -> &'static str {
        "the credential"
    }

    async fn obtain(&self, _now: Timestamp) -> Outcome {
        let scopes: Vec<&str> = self.scopes.iter().map(String::as_str).collect();
        self.credential.token(&scopes).await
    }
}
