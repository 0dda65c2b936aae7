//! One refresh at a time, however many callers wait for it: what all credentials that renew their token have in common.

use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use acs_types::Timestamp;
use async_trait::async_trait;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared, WeakShared};
use tokio::time::{Instant, timeout};

use crate::error::AuthError;
use crate::token::AccessToken;

/// How long no refresh starts after one that failed; twice as long after each further one.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// Where new tokens come from.
#[async_trait]
pub(crate) trait TokenSource: Send + Sync {
    /// What errors call it, as in "the credential".
    fn name(&self) -> &'static str;

    async fn obtain(&self, now: Timestamp) -> Outcome;
}

pub(crate) type Outcome = Result<AccessToken, AuthError>;

/// A refresh under way. Whoever holds it may drive it; when nobody does any more, it ends unfinished.
type Refresh = Shared<BoxFuture<'static, Outcome>>;

/// A token and what replaces it. Clones share the token.
#[derive(Clone)]
pub(crate) struct RefreshedToken {
    source: Arc<dyn TokenSource>,
    pub(crate) rules: RefreshRules,
    state: Arc<Mutex<State>>,
}

#[derive(Clone, Copy)]
pub(crate) struct RefreshRules {
    /// How long before its expiry a token is replaced, unless it lives for less than twice that.
    pub(crate) lead: Duration,
    /// How long one refresh may take.
    pub(crate) time_limit: Option<Duration>,
}

#[derive(Default)]
struct State {
    cached: Option<Cached>,
    refresh: Option<WeakShared<BoxFuture<'static, Outcome>>>,
    failures: Option<Failures>,
}

struct Cached {
    token: AccessToken,
    /// Half of the token's life, or forever if nobody knows when it began.
    half_life: Duration,
}

impl Cached {
    fn is_due(&self, lead: Duration, now: Timestamp) -> bool {
        self.token.expires_on().duration_since(now) <= lead.min(self.half_life)
    }
}

/// The refreshes that failed since the last one that did not.
struct Failures {
    count: u32,
    last_at: Timestamp,
    /// Why the last one failed; nothing if its callers gave up before it ended.
    error: Option<AuthError>,
}

impl Failures {
    fn pause(&self) -> Duration {
        let doublings = self.count.saturating_sub(1).min(16);
        (FIRST_PAUSE * 2_u32.pow(doublings)).min(LONGEST_PAUSE)
    }

    /// Whether it is too early for the next try. A clock that was set back does not make the pause longer.
    fn are_recent(&self, now: Timestamp) -> bool {
        now >= self.last_at && now.duration_since(self.last_at) < self.pause()
    }

    fn as_error(&self) -> Option<AuthError> {
        let error = self.error.clone()?;
        let message = match self.last_at.checked_add(self.pause()) {
            Some(next) => {
                format!("the last token refresh failed, and none is tried again before {next}")
            }
            None => "the last token refresh failed".to_owned(),
        };
        Some(AuthError::with_source(message, error))
    }
}

impl State {
    fn valid(&self, now: Timestamp) -> Option<&Cached> {
        self.cached
            .as_ref()
            .filter(|cached| cached.token.expires_on() > now)
    }

    fn note_failure(&mut self, at: Timestamp, error: Option<AuthError>) {
        let count = self.failures.as_ref().map_or(0, |failures| failures.count);
        self.failures = Some(Failures {
            count: count.saturating_add(1),
            last_at: at,
            error,
        });
    }

    /// The refresh under way. One that all its callers gave up counts as failed, so that a source which hangs does not
    /// hold up every caller in turn while the token is still valid.
    fn running(&mut self, now: Timestamp) -> Option<Refresh> {
        let running = self.refresh.as_ref()?.upgrade();
        if running.is_none() {
            self.refresh = None;
            self.note_failure(now, None);
        }
        running
    }
}

/// What a caller does next.
enum Step {
    Return(Outcome),
    /// Wait for the refresh; if it fails, fall back on the token that is still valid.
    Wait(Refresh, Option<AccessToken>),
}

impl RefreshedToken {
    pub(crate) fn new(source: impl TokenSource + 'static, rules: RefreshRules) -> Self {
        Self {
            source: Arc::new(source),
            rules,
            state: Arc::default(),
        }
    }

    /// Lets the next caller refresh, whatever the token's expiry.
    pub(crate) fn forget(&self) {
        lock(&self.state).cached = None;
    }

    /// Begins with a token of unknown age.
    pub(crate) fn start_with(&self, token: AccessToken) {
        lock(&self.state).cached = Some(Cached {
            token,
            half_life: Duration::MAX,
        });
    }

    /// A token that is valid at `now`.
    pub(crate) async fn get(&self, now: Timestamp) -> Outcome {
        match self.next_step(now) {
            Step::Return(outcome) => outcome,
            Step::Wait(refresh, current) => {
                let outcome = refresh
                    .await
                    .and_then(|token| unexpired(token, now, self.source.name()));
                match (outcome, current) {
                    (Err(_), Some(current)) => Ok(current),
                    (outcome, _) => outcome,
                }
            }
        }
    }

    fn next_step(&self, now: Timestamp) -> Step {
        // Declared before the lock and so dropped after it: the drop may end a refresh, which is the source's own code.
        let running;
        let mut state = lock(&self.state);
        running = state.running(now);

        let current = match state.valid(now) {
            Some(cached) if !cached.is_due(self.rules.lead, now) || running.is_some() => {
                return Step::Return(Ok(cached.token.clone()));
            }
            valid => valid.map(|cached| cached.token.clone()),
        };
        if let Some(running) = running {
            return Step::Wait(running, current);
        }
        if let Some(failures) = &state.failures
            && failures.are_recent(now)
        {
            match (current.clone(), failures.as_error()) {
                (Some(current), _) => return Step::Return(Ok(current)),
                (None, Some(error)) => return Step::Return(Err(error)),
                (None, None) => {}
            }
        }
        let refresh = self.refresh(now).boxed().shared();
        state.refresh = refresh.downgrade();
        Step::Wait(refresh, current)
    }

    /// Asks the source and keeps what it says.
    fn refresh(&self, now: Timestamp) -> impl Future<Output = Outcome> + use<> {
        let source = Arc::clone(&self.source);
        let state = Arc::clone(&self.state);
        let limit = self.rules.time_limit;
        async move {
            let began = Instant::now();
            let outcome = obtain(&*source, now, limit).await;
            let ended = now.checked_add(began.elapsed()).unwrap_or(now);
            let outcome = outcome.and_then(|token| unexpired(token, ended, source.name()));

            let mut state = lock(&state);
            state.refresh = None;
            match &outcome {
                Ok(token) => {
                    state.failures = None;
                    state.cached = Some(Cached {
                        half_life: token.expires_on().duration_since(ended) / 2,
                        token: token.clone(),
                    });
                }
                Err(error) => state.note_failure(ended, Some(error.clone())),
            }
            outcome
        }
    }
}

/// Asks the source, within the limit. A panic becomes an error: it must not spread to all that wait.
async fn obtain(source: &dyn TokenSource, now: Timestamp, limit: Option<Duration>) -> Outcome {
    let name = source.name();
    let answer = AssertUnwindSafe(source.obtain(now)).catch_unwind();
    let answer = match limit {
        None => answer.await,
        Some(limit) => timeout(limit, answer).await.map_err(|_elapsed| {
            AuthError::new(format!("{name} gave no answer within {limit:?}"))
        })?,
    };
    answer.unwrap_or_else(|_panic| Err(AuthError::new(format!("{name} panicked"))))
}

fn unexpired(token: AccessToken, now: Timestamp, source: &str) -> Outcome {
    if token.expires_on() > now {
        Ok(token)
    } else {
        Err(AuthError::new(format!(
            "{source} gave a token that has expired already"
        )))
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    // Nothing that can panic runs while the lock is held, so a poisoned state is still whole.
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failures(count: u32) -> Failures {
        Failures {
            count,
            last_at: Timestamp::UNIX_EPOCH,
            error: None,
        }
    }

    #[test]
    fn pauses_double_from_one_second_to_half_a_minute() {
        let seconds: Vec<u64> = (1..=8)
            .map(|count| failures(count).pause().as_secs())
            .collect();
        assert_eq!(seconds, [1, 2, 4, 8, 16, 30, 30, 30]);
        assert_eq!(failures(u32::MAX).pause(), LONGEST_PAUSE);
    }

    #[test]
    fn a_clock_that_was_set_back_ends_the_pause() {
        let earlier = Timestamp::UNIX_EPOCH
            .checked_sub(Duration::from_nanos(1))
            .expect("a time before 1970");
        assert!(failures(1).are_recent(Timestamp::UNIX_EPOCH));
        assert!(!failures(1).are_recent(earlier));
    }
}
