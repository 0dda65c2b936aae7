//! How the token cache behaves towards many callers, failures and callers that give up.

use std::collections::VecDeque;
use std::error::Error;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use acs_auth::{AccessToken, AuthError, RESOURCE_SCOPE, TokenCache, TokenCredential};
use async_trait::async_trait;
use futures_util::FutureExt;
use futures_util::future::{join, join_all};
use tokio::sync::Semaphore;

use crate::support::second;

/// Answers from a script, each answer held back until a permit is there.
#[derive(Debug)]
struct Scripted {
    answers: Mutex<VecDeque<Result<AccessToken, AuthError>>>,
    asked_for: Mutex<Vec<Vec<String>>>,
    permits: Semaphore,
}

impl Scripted {
    fn held_back(answers: impl IntoIterator<Item = Result<AccessToken, AuthError>>) -> Arc<Self> {
        Arc::new(Self {
            answers: Mutex::new(answers.into_iter().collect()),
            asked_for: Mutex::default(),
            permits: Semaphore::new(0),
        })
    }

    fn at_once(answers: impl IntoIterator<Item = Result<AccessToken, AuthError>>) -> Arc<Self> {
        let credential = Self::held_back(answers);
        credential.permits.add_permits(1000);
        credential
    }

    fn calls(&self) -> usize {
        self.asked_for.lock().unwrap().len()
    }
}

#[async_trait]
impl TokenCredential for Scripted {
    async fn token(&self, scopes: &[&str]) -> Result<AccessToken, AuthError> {
        let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        self.asked_for.lock().unwrap().push(scopes);
        self.permits.acquire().await.unwrap().forget();
        self.answers
            .lock()
            .unwrap()
            .pop_front()
            .expect("one more answer")
    }
}

fn token(text: &str, expires: u64) -> Result<AccessToken, AuthError> {
    Ok(AccessToken::new(text, second(expires)))
}

fn failure(text: &str) -> Result<AccessToken, AuthError> {
    Err(AuthError::with_source(text, "cause"))
}

fn cache(credential: &Arc<Scripted>) -> TokenCache {
    TokenCache::new(credential.clone(), &[RESOURCE_SCOPE])
}

fn text(result: Result<AccessToken, AuthError>) -> String {
    result.map_or_else(
        |error| format!("error: {error}"),
        |token| token.secret().expose().to_owned(),
    )
}

#[tokio::test(start_paused = true)]
async fn a_token_is_kept_until_five_minutes_before_it_expires() {
    assert_eq!(TokenCache::REFRESH_LEAD, Duration::from_secs(300));
    let credential = Scripted::at_once([token("first", 3600), token("second", 7200)]);
    let cache = cache(&credential);
    for now in [0, 1, 3299] {
        assert_eq!(text(cache.token(second(now)).await), "first", "{now}");
    }
    assert_eq!(credential.calls(), 1);
    assert_eq!(text(cache.token(second(3300)).await), "second");
    assert_eq!(credential.calls(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_short_lived_token_is_kept_for_half_its_life() {
    let credential = Scripted::at_once([token("first", 60), token("second", 3600)]);
    let cache = cache(&credential);
    assert_eq!(text(cache.token(second(0)).await), "first");
    assert_eq!(text(cache.token(second(29)).await), "first");
    assert_eq!(text(cache.token(second(30)).await), "second");
}

#[tokio::test(start_paused = true)]
async fn the_credential_is_asked_for_the_scopes_of_the_cache() {
    let credential = Scripted::at_once([token("first", 3600)]);
    let cache = TokenCache::new(credential.clone(), &["one", "two"]);
    cache.token(second(0)).await.unwrap();
    assert_eq!(*credential.asked_for.lock().unwrap(), [["one", "two"]]);
}

#[tokio::test(start_paused = true)]
async fn callers_that_wait_share_one_refresh() {
    let credential = Scripted::held_back([token("first", 3600)]);
    let cache = cache(&credential);
    let callers = join_all((0..20).map(|_| cache.token(second(0))));
    // Polled in order, so every caller waits before the answer is let go.
    let (results, ()) = join(callers, async { credential.permits.add_permits(100) }).await;
    assert_eq!(results.len(), 20);
    assert!(results.into_iter().all(|result| text(result) == "first"));
    assert_eq!(credential.calls(), 1);
}

#[tokio::test(start_paused = true)]
async fn callers_that_wait_share_one_failure_and_a_later_caller_tries_again() {
    let credential = Scripted::held_back([failure("no answer"), token("first", 3600)]);
    let cache = cache(&credential);
    let callers = join_all((0..20).map(|_| cache.token(second(0))));
    let (results, ()) = join(callers, async { credential.permits.add_permits(100) }).await;
    for result in results {
        let error = result.unwrap_err();
        assert_eq!(error.to_string(), "no answer");
        assert_eq!(error.source().unwrap().to_string(), "cause");
    }

    let too_early = cache.token(second(0)).await.unwrap_err();
    assert!(
        too_early
            .to_string()
            .contains("the last token refresh failed")
    );
    assert_eq!(too_early.source().unwrap().to_string(), "no answer");
    assert_eq!(credential.calls(), 1);
    assert_eq!(text(cache.token(second(2)).await), "first");
    assert_eq!(credential.calls(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_refresh_goes_on_when_the_caller_that_began_it_is_dropped() {
    let credential = Scripted::held_back([token("first", 3600)]);
    let cache = cache(&credential);
    let mut dropped = Box::pin(cache.token(second(0)));
    assert!(dropped.as_mut().now_or_never().is_none());
    let mut others = pin!(join_all((0..5).map(|_| cache.token(second(0)))));
    assert!(others.as_mut().now_or_never().is_none());
    assert_eq!(credential.calls(), 1);

    drop(dropped);
    credential.permits.add_permits(100);
    let results = others.await;
    assert!(results.into_iter().all(|result| text(result) == "first"));
    assert_eq!(credential.calls(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_refresh_ends_with_the_last_caller_and_the_next_caller_begins_another() {
    let credential = Scripted::held_back([token("first", 3600)]);
    let cache = cache(&credential);
    let mut callers = Box::pin(join_all((0..5).map(|_| cache.token(second(0)))));
    assert!(callers.as_mut().now_or_never().is_none());
    drop(callers);

    credential.permits.add_permits(100);
    assert_eq!(text(cache.token(second(0)).await), "first");
    assert_eq!(credential.calls(), 2);
}

#[tokio::test(start_paused = true)]
async fn while_the_old_token_is_valid_others_do_not_wait_for_its_refresh() {
    let credential = Scripted::held_back([token("first", 3600), token("second", 7200)]);
    credential.permits.add_permits(1);
    let cache = cache(&credential);
    cache.token(second(0)).await.unwrap();

    let mut refreshing = pin!(cache.token(second(3400)));
    assert!(refreshing.as_mut().now_or_never().is_none());
    let at_once = cache
        .token(second(3400))
        .now_or_never()
        .expect("no waiting");
    assert_eq!(text(at_once), "first");
    // The old token has expired meanwhile: now there is nothing to do but wait.
    let mut late = pin!(cache.token(second(3600)));
    assert!(late.as_mut().now_or_never().is_none());

    credential.permits.add_permits(100);
    assert_eq!(text(refreshing.await), "second");
    assert_eq!(text(late.await), "second");
    assert_eq!(credential.calls(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_failed_refresh_gives_the_old_token_while_it_is_valid_and_is_tried_again() {
    let credential = Scripted::at_once([
        token("first", 3600),
        failure("no answer"),
        failure("still no answer"),
        failure("none at all"),
        token("second", 7200),
    ]);
    let cache = cache(&credential);
    for (now, expected, calls) in [
        (0, "first", 1),
        (3400, "first", 2),
        (3400, "first", 2),
        (3597, "first", 3),
        (3600, "error: none at all", 4),
        (3605, "second", 5),
        (3606, "second", 5),
    ] {
        assert_eq!(text(cache.token(second(now)).await), expected, "{now}");
        assert_eq!(credential.calls(), calls, "{now}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_that_has_expired_already_is_an_error() {
    let credential = Scripted::at_once([token("first", 100), token("second", 3600)]);
    let cache = cache(&credential);
    assert_eq!(
        text(cache.token(second(100)).await),
        "error: the credential gave a token that has expired already"
    );
    assert_eq!(text(cache.token(second(102)).await), "second");
}

#[tokio::test(start_paused = true)]
async fn neither_the_cache_nor_a_token_shows_its_secret() {
    let credential = Scripted::at_once([token("eyJhbGciOi", 3600)]);
    let cache = cache(&credential);
    let token = cache.token(second(0)).await.unwrap();
    let shown = format!("{cache:?} {token:?}");
    assert!(!shown.contains("eyJhbGciOi"), "{shown}");
}

#[test]
fn the_cache_and_its_futures_can_move_between_threads() {
    fn send<T: Send>(_: T) {}
    let cache = cache(&Scripted::at_once([]));
    send(cache.token(second(0)));
    send(&cache);
}
