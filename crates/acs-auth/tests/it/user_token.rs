//! When a user token credential refreshes, and that it does so once.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use acs_auth::{AuthError, Credential, RefreshingUserToken, UserTokenCredential};
use futures_util::FutureExt;
use futures_util::future::join_all;
use tokio::sync::{Barrier, Semaphore};
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::support::{jwt, name, second};

/// A credential that is given these tokens in turn, and how many it has fetched.
fn in_turn<const N: usize>(tokens: [String; N]) -> (RefreshingUserToken, Arc<AtomicUsize>) {
    let calls = Arc::new(AtomicUsize::new(0));
    let tokens = Arc::new(Mutex::new(VecDeque::from(tokens)));
    let counted = Arc::clone(&calls);
    let credential = UserTokenCredential::refreshing(move || {
        counted.fetch_add(1, Ordering::Relaxed);
        let tokens = Arc::clone(&tokens);
        async move { tokens.lock().unwrap().pop_front().ok_or("no more tokens") }
    });
    (credential, calls)
}

/// A credential whose token takes `duration` to fetch, and how often that was begun.
fn slow(duration: Duration) -> (RefreshingUserToken, Arc<AtomicUsize>) {
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    let credential = UserTokenCredential::refreshing(move || {
        counted.fetch_add(1, Ordering::Relaxed);
        async move {
            sleep(duration).await;
            Ok::<_, AuthError>(jwt("fetched", 3600))
        }
    });
    (credential, calls)
}

#[tokio::test(start_paused = true)]
async fn a_fixed_token_is_given_until_it_has_expired() {
    let credential = UserTokenCredential::from_token(jwt("fixed", 3600)).unwrap();
    for now in [0, 3500, 3599] {
        assert_eq!(name(credential.token(second(now)).await), "fixed");
    }
    let error = credential.token(second(3600)).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the user access token expired at 2026-01-01T01:00:00+00:00: give the client a new one, or a credential that \
         refreshes it"
    );
}

#[tokio::test(start_paused = true)]
async fn a_malformed_token_is_refused_at_once() {
    let error = UserTokenCredential::from_token("e30.e30.").unwrap_err();
    assert_eq!(error.part(), "signature");
    let (credential, calls) = in_turn([]);
    let error = credential.initial_token("e30.e30.e30").unwrap_err();
    assert_eq!(error.part(), "`exp` claim");
    assert_eq!(calls.load(Ordering::Relaxed), 0);
}

#[tokio::test(start_paused = true)]
async fn the_first_token_is_fetched_when_it_is_needed() {
    let (credential, calls) = in_turn([jwt("one", 3600)]);
    let credential = credential.build();
    assert_eq!(calls.load(Ordering::Relaxed), 0);
    assert_eq!(name(credential.token(second(0)).await), "one");
    assert_eq!(name(credential.clone().token(second(1)).await), "one");
    assert_eq!(calls.load(Ordering::Relaxed), 1);
}

#[tokio::test(start_paused = true)]
async fn on_demand_the_next_token_is_fetched_two_minutes_before_the_expiry() {
    assert_eq!(UserTokenCredential::ON_DEMAND_LEAD.as_secs(), 120);
    let (credential, calls) = in_turn([jwt("two", 7200)]);
    let credential = credential.initial_token(jwt("one", 3600)).unwrap().build();
    for (now, expected, fetched) in [(0, "one", 0), (3479, "one", 0), (3480, "two", 1)] {
        assert_eq!(name(credential.token(second(now)).await), expected, "{now}");
        assert_eq!(calls.load(Ordering::Relaxed), fetched, "{now}");
    }
}

#[tokio::test(start_paused = true)]
async fn proactively_the_next_token_is_fetched_ten_minutes_before_the_expiry() {
    assert_eq!(UserTokenCredential::PROACTIVE_LEAD.as_secs(), 600);
    let (credential, calls) = in_turn([jwt("two", 7200)]);
    let credential = credential
        .initial_token(jwt("one", 3600))
        .unwrap()
        .proactive_refresh()
        .build();
    for (now, expected, fetched) in [(0, "one", 0), (2999, "one", 0), (3000, "two", 1)] {
        assert_eq!(name(credential.token(second(now)).await), expected, "{now}");
        assert_eq!(calls.load(Ordering::Relaxed), fetched, "{now}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_lead_can_be_any_other() {
    let (credential, _) = in_turn([jwt("two", 7200)]);
    let credential = credential
        .initial_token(jwt("one", 3600))
        .unwrap()
        .refresh_lead(Duration::from_secs(1800))
        .build();
    assert_eq!(name(credential.token(second(1799)).await), "one");
    assert_eq!(name(credential.token(second(1800)).await), "two");
}

#[tokio::test]
async fn a_token_that_is_forgotten_is_replaced_before_its_time() {
    let (options, fetched) = in_turn([jwt("first", 7200), jwt("second", 7200)]);
    let credential = options.build();
    assert_eq!(name(credential.token(second(0)).await), "first");
    credential.clone().forget_token();
    assert_eq!(name(credential.token(second(1)).await), "second");
    assert_eq!(name(credential.token(second(2)).await), "second");
    assert_eq!(fetched.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_fixed_token_cannot_be_forgotten() {
    let credential = UserTokenCredential::from_token(jwt("only", 60)).unwrap();
    credential.forget_token();
    assert_eq!(name(credential.token(second(0)).await), "only");
}

#[tokio::test(start_paused = true)]
async fn a_token_that_lives_shorter_than_the_lead_is_replaced_after_half_its_life() {
    let (credential, calls) = in_turn([jwt("one", 400), jwt("two", 3600)]);
    let credential = credential.proactive_refresh().build();
    for (now, expected, fetched) in [(0, "one", 1), (199, "one", 1), (200, "two", 2)] {
        assert_eq!(name(credential.token(second(now)).await), expected, "{now}");
        assert_eq!(calls.load(Ordering::Relaxed), fetched, "{now}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_same_token_again_is_not_asked_for_at_every_call() {
    let same = || jwt("same", 3600);
    let (credential, calls) = in_turn([same(), same(), same(), jwt("next", 7200)]);
    let credential = credential.proactive_refresh().build();
    for (now, expected, fetched) in [
        (0, "same", 1),
        (3000, "same", 2), // 600 s are left, so the next try is 300 s later,
        (3299, "same", 2),
        (3300, "same", 3), // and the next one 150 s later.
        (3449, "same", 3),
        (3450, "next", 4),
    ] {
        assert_eq!(name(credential.token(second(now)).await), expected, "{now}");
        assert_eq!(calls.load(Ordering::Relaxed), fetched, "{now}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_thousand_callers_wait_for_one_refresh() {
    let (credential, calls) = slow(Duration::from_secs(5));
    let credential = credential.build();
    let mut callers = JoinSet::new();
    for _ in 0..1000 {
        let credential = credential.clone();
        callers.spawn(async move { name(credential.token(second(0)).await) });
    }
    let names = callers.join_all().await;
    assert_eq!(names.len(), 1000);
    assert!(names.iter().all(|name| name == "fetched"));
    assert_eq!(calls.load(Ordering::Relaxed), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_callers_on_many_threads_wait_for_one_refresh() {
    let (credential, calls, permits) = in_steps();
    let all_asked = Arc::new(Barrier::new(1001));
    let mut callers = JoinSet::new();
    for _ in 0..1000 {
        let (credential, all_asked) = (credential.clone(), Arc::clone(&all_asked));
        callers.spawn(async move {
            let mut token = Box::pin(credential.token(second(0)));
            assert!(token.as_mut().now_or_never().is_none());
            all_asked.wait().await;
            name(token.await)
        });
    }
    all_asked.wait().await;
    permits.add_permits(AWAIT_POINTS);
    assert!(
        callers
            .join_all()
            .await
            .iter()
            .all(|name| name == "fetched")
    );
    assert_eq!(calls.load(Ordering::Relaxed), 1);
    assert_eq!(permits.available_permits(), 0);
}

#[tokio::test(start_paused = true)]
async fn within_the_lead_one_caller_fetches_and_a_thousand_others_do_not_wait() {
    let (credential, calls) = slow(Duration::from_secs(5));
    let credential = credential
        .initial_token(jwt("current", 700))
        .unwrap()
        .proactive_refresh()
        .build();
    let mut fetching = Box::pin(credential.token(second(200)));
    assert!(fetching.as_mut().now_or_never().is_none());
    for _ in 0..1000 {
        let at_once = credential.token(second(200)).now_or_never();
        assert_eq!(name(at_once.expect("no waiting")), "current");
    }
    assert_eq!(name(fetching.await), "fetched");
    assert_eq!(name(credential.token(second(205)).await), "fetched");
    assert_eq!(calls.load(Ordering::Relaxed), 1);
}

const AWAIT_POINTS: usize = 5;

/// A credential whose refresher waits for a permit at each of its await points.
fn in_steps() -> (UserTokenCredential, Arc<AtomicUsize>, Arc<Semaphore>) {
    let calls = Arc::new(AtomicUsize::new(0));
    let permits = Arc::new(Semaphore::new(0));
    let (counted, gate) = (Arc::clone(&calls), Arc::clone(&permits));
    let credential = UserTokenCredential::refreshing(move || {
        counted.fetch_add(1, Ordering::Relaxed);
        let gate = Arc::clone(&gate);
        async move {
            for _ in 0..AWAIT_POINTS {
                gate.acquire().await.unwrap().forget();
            }
            Ok::<_, AuthError>(jwt("fetched", 3600))
        }
    });
    (credential.build(), calls, permits)
}

#[tokio::test(start_paused = true)]
async fn the_one_refresh_survives_its_leader_at_each_await_point() {
    for passed in 0..AWAIT_POINTS {
        let (credential, calls, permits) = in_steps();
        let mut leader = Box::pin(credential.token(second(0)));
        assert!(leader.as_mut().now_or_never().is_none());
        let mut others = Box::pin(join_all((0..1000).map(|_| credential.token(second(0)))));
        assert!(others.as_mut().now_or_never().is_none());
        for _ in 0..passed {
            permits.add_permits(1);
            assert!(leader.as_mut().now_or_never().is_none());
        }
        assert_eq!(permits.available_permits(), 0, "{passed}");

        drop(leader);
        permits.add_permits(AWAIT_POINTS);
        assert!(
            others
                .await
                .into_iter()
                .all(|outcome| name(outcome) == "fetched")
        );
        assert_eq!(calls.load(Ordering::Relaxed), 1);
        assert_eq!(permits.available_permits(), passed);
    }
}

#[tokio::test(start_paused = true)]
async fn a_leader_that_was_alone_leaves_nothing_behind_at_any_await_point() {
    for passed in 0..AWAIT_POINTS {
        let (credential, calls, permits) = in_steps();
        let mut leader = Box::pin(credential.token(second(0)));
        permits.add_permits(passed);
        assert!(leader.as_mut().now_or_never().is_none());
        assert_eq!(permits.available_permits(), 0, "{passed}");

        drop(leader);
        permits.add_permits(AWAIT_POINTS);
        assert_eq!(name(credential.token(second(0)).await), "fetched");
        assert_eq!(calls.load(Ordering::Relaxed), 2);
        assert_eq!(permits.available_permits(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn clients_take_the_credential_with_or_without_build() {
    let (options, _) = in_turn([]);
    assert!(matches!(
        Credential::from(options),
        Credential::UserToken(_)
    ));
    let fixed = UserTokenCredential::from_token(jwt("fixed", 3600)).unwrap();
    assert!(matches!(Credential::from(fixed), Credential::UserToken(_)));
    let (options, _) = in_turn([]);
    let _: UserTokenCredential = options.into();
}

#[tokio::test(start_paused = true)]
async fn neither_credential_nor_options_show_the_token() {
    let secret = jwt("secret", 3600);
    let fixed = UserTokenCredential::from_token(secret.as_str()).unwrap();
    let (options, _) = in_turn([]);
    let options = options.initial_token(secret.as_str()).unwrap();
    let shown = format!("{fixed:?} {options:?}");
    let refreshing = options.build();
    let shown = format!("{shown} {refreshing:?} {:?}", Credential::from(fixed));
    for part in secret.split('.') {
        assert!(!shown.contains(part), "{shown}");
    }
    assert!(
        shown.contains("refresh_lead: 120s, time_limit: Some(20s)"),
        "{shown}"
    );
}

#[test]
fn the_credential_and_its_futures_can_move_between_threads() {
    fn send<T: Send>(_: T) {}
    fn sync<T: Sync>(_: &T) {}
    let (credential, _) = in_turn([]);
    let credential = credential.build();
    sync(&credential);
    send(credential.token(second(0)));
}
