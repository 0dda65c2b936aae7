//! What a user token credential makes of a refresher that hangs, fails, panics or gives useless tokens.

use std::error::Error;
use std::future::{pending, ready};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use acs_auth::{RefreshingUserToken, UserTokenCredential};
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, join, join_all};
use tokio::time::{Instant, sleep, timeout};

use crate::support::{jwt, name, second};

type Fetch = BoxFuture<'static, Result<String, &'static str>>;

/// A credential that answers as the closure says for the first, second, third … call, and the number of calls.
fn answering(
    answer: impl Fn(usize) -> Fetch + Send + Sync + 'static,
) -> (RefreshingUserToken, Arc<AtomicUsize>) {
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    let credential = UserTokenCredential::refreshing(move || {
        answer(counted.fetch_add(1, Ordering::Relaxed) + 1)
    });
    (credential, calls)
}

fn fails() -> Fetch {
    ready(Err("my server is down")).boxed()
}

fn hangs() -> Fetch {
    pending().boxed()
}

fn gives(token: String) -> Fetch {
    ready(Ok(token)).boxed()
}

/// A call that fails, and how long it took.
async fn failure(credential: &UserTokenCredential, now: u64) -> (String, String, Duration) {
    let began = Instant::now();
    let error = credential.token(second(now)).await.unwrap_err();
    let cause = error.source().map(ToString::to_string).unwrap_or_default();
    (error.to_string(), cause, began.elapsed())
}

#[tokio::test(start_paused = true)]
async fn a_refresher_that_hangs_fails_all_who_wait_after_twenty_seconds() {
    let (credential, calls) = answering(|_| hangs());
    let credential = credential.build();
    let began = Instant::now();
    let outcomes = join_all((0..1000).map(|_| credential.token(second(0)))).await;
    assert_eq!(began.elapsed(), Duration::from_secs(20));
    for outcome in outcomes {
        assert_eq!(
            name(outcome),
            "error: the token refresher gave no answer within 20s"
        );
    }
    assert_eq!(calls.load(Ordering::Relaxed), 1);
}

#[tokio::test(start_paused = true)]
async fn the_pause_after_a_refresh_that_hung_begins_at_its_end() {
    let (credential, calls) = answering(|call| match call {
        1 => hangs(),
        _ => gives(jwt("late", 3600)),
    });
    let credential = credential.build();
    credential.token(second(0)).await.unwrap_err();
    assert!(credential.token(second(20)).await.is_err());
    assert_eq!(calls.load(Ordering::Relaxed), 1);
    assert_eq!(name(credential.token(second(21)).await), "late");
}

#[tokio::test(start_paused = true)]
async fn the_time_limit_can_be_another_or_none() {
    let (credential, _) = answering(|_| hangs());
    let credential = credential.time_limit(Duration::from_millis(1500)).build();
    let (error, _, took) = failure(&credential, 0).await;
    assert_eq!(error, "the token refresher gave no answer within 1.5s");
    assert_eq!(took, Duration::from_millis(1500));

    let (credential, _) = answering(|_| {
        async {
            sleep(Duration::from_secs(600)).await;
            Ok(jwt("signed in", 3600))
        }
        .boxed()
    });
    let credential = credential.time_limit(None).build();
    assert_eq!(name(credential.token(second(0)).await), "signed in");
}

#[tokio::test(start_paused = true)]
async fn while_the_token_is_valid_a_refresher_that_hangs_holds_up_one_caller_at_most() {
    let (credential, calls) = answering(|_| hangs());
    let credential = credential
        .initial_token(jwt("current", 3600))
        .unwrap()
        .proactive_refresh()
        .build();

    let mut first = Box::pin(credential.token(second(3000)));
    assert!(first.as_mut().now_or_never().is_none());
    let others = (0..1000).map(|_| credential.token(second(3000)).now_or_never());
    assert!(
        others
            .into_iter()
            .all(|outcome| name(outcome.unwrap()) == "current")
    );
    assert_eq!(name(first.await), "current");

    let in_the_pause = credential.token(second(3020)).now_or_never();
    assert_eq!(name(in_the_pause.expect("no waiting")), "current");
    assert_eq!(calls.load(Ordering::Relaxed), 1);
}

#[tokio::test(start_paused = true)]
async fn a_hanging_refresh_that_its_caller_gave_up_does_not_hold_up_the_next_one() {
    let (credential, calls) = answering(|_| hangs());
    let credential = credential
        .initial_token(jwt("current", 3600))
        .unwrap()
        .proactive_refresh()
        .build();
    let impatient = timeout(Duration::from_secs(5), credential.token(second(3000)));
    assert!(impatient.await.is_err());

    for _ in 0..1000 {
        let next = credential.token(second(3005)).now_or_never();
        assert_eq!(name(next.expect("no waiting")), "current");
    }
    assert_eq!(calls.load(Ordering::Relaxed), 1);
}

#[tokio::test(start_paused = true)]
async fn who_has_no_token_is_not_refused_because_somebody_else_gave_up() {
    let (credential, calls) = answering(|call| match call {
        1 => hangs(),
        _ => gives(jwt("fetched", 3600)),
    });
    let credential = credential.build();
    let impatient = timeout(Duration::from_secs(5), credential.token(second(0)));
    assert!(impatient.await.is_err());
    assert_eq!(name(credential.token(second(5)).await), "fetched");
    assert_eq!(calls.load(Ordering::Relaxed), 2);
}

#[tokio::test(start_paused = true)]
async fn a_failure_reaches_all_who_wait_with_its_cause() {
    let (credential, calls) = answering(|_| {
        async {
            sleep(Duration::from_secs(1)).await;
            Err("my server is down")
        }
        .boxed()
    });
    let credential = credential.build();
    for outcome in join_all((0..1000).map(|_| credential.token(second(0)))).await {
        let error = outcome.unwrap_err();
        assert_eq!(error.to_string(), "the token refresher gave an error");
        assert_eq!(error.source().unwrap().to_string(), "my server is down");
    }
    assert_eq!(calls.load(Ordering::Relaxed), 1);
}

#[tokio::test(start_paused = true)]
async fn after_failures_the_next_try_comes_later_and_later_until_one_succeeds() {
    let (credential, calls) = answering(|call| match call {
        1..=7 | 9 => fails(),
        8 => gives(jwt("short", 200)),
        _ => gives(jwt("next", 3600)),
    });
    let credential = credential.build();
    // Tries at 0, 1, 3, 7, 15, 31, 61 and 91; none of the calls between them reaches the refresher.
    let mut tries = Vec::new();
    for now in 0..=91 {
        let before = calls.load(Ordering::Relaxed);
        let outcome = credential.token(second(now)).await;
        if calls.load(Ordering::Relaxed) > before {
            tries.push(now);
        } else {
            let message = name(outcome);
            assert!(
                message.contains("none is tried again before 2026-01-01T00:"),
                "{message}"
            );
        }
    }
    assert_eq!(tries, [0, 1, 3, 7, 15, 31, 61, 91]);
    assert_eq!(name(credential.token(second(92)).await), "short");

    // The success began the count anew.
    assert!(credential.token(second(200)).await.is_err());
    assert!(credential.token(second(200)).await.is_err());
    assert_eq!(calls.load(Ordering::Relaxed), 9);
    assert_eq!(name(credential.token(second(201)).await), "next");
}

#[tokio::test(start_paused = true)]
async fn an_error_in_the_pause_says_when_it_ends_and_what_went_wrong() {
    let (credential, _) = answering(|_| fails());
    let credential = credential.build();
    credential.token(second(0)).await.unwrap_err();
    let (error, cause, took) = failure(&credential, 0).await;
    assert_eq!(
        error,
        "the last token refresh failed, and none is tried again before 2026-01-01T00:00:01+00:00"
    );
    assert_eq!(cause, "the token refresher gave an error");
    assert_eq!(took, Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_failure_while_the_token_is_valid_gives_the_token() {
    let (credential, calls) = answering(|_| fails());
    let credential = credential
        .initial_token(jwt("current", 3600))
        .unwrap()
        .build();
    for (now, tried) in [(3479, 0), (3480, 1), (3480, 1), (3481, 2), (3599, 3)] {
        assert_eq!(
            name(credential.token(second(now)).await),
            "current",
            "{now}"
        );
        assert_eq!(calls.load(Ordering::Relaxed), tried, "{now}");
    }
    let (error, cause, _) = failure(&credential, 3600).await;
    assert!(
        error.starts_with("the last token refresh failed"),
        "{error}"
    );
    assert_eq!(cause, "the token refresher gave an error");
}

#[tokio::test(start_paused = true)]
async fn an_expired_token_is_an_error_even_if_it_expired_under_way() {
    let (credential, calls) = answering(|call| match call {
        1 => gives(jwt("old", 100)),
        2 => async {
            sleep(Duration::from_secs(10)).await;
            Ok(jwt("slow", 205))
        }
        .boxed(),
        _ => gives(jwt("new", 3600)),
    });
    let credential = credential.build();
    let expired = "the token refresher gave a token that has expired already";
    assert_eq!(failure(&credential, 100).await.0, expired);
    assert_eq!(failure(&credential, 200).await.0, expired);
    assert_eq!(calls.load(Ordering::Relaxed), 2);
    assert_eq!(name(credential.token(second(300)).await), "new");
}

#[tokio::test(start_paused = true)]
async fn who_waits_is_not_given_a_token_that_is_expired_by_their_own_clock() {
    let (credential, calls) = answering(|call| {
        async move {
            sleep(Duration::from_secs(1)).await;
            Ok(jwt("short", 100 * call as u64))
        }
        .boxed()
    });
    let credential = credential.build();
    let (on_time, late) = join(credential.token(second(0)), credential.token(second(100))).await;
    assert_eq!(name(on_time), "short");
    assert_eq!(
        name(late),
        "error: the token refresher gave a token that has expired already"
    );
    assert_eq!(calls.load(Ordering::Relaxed), 1);
    assert_eq!(name(credential.token(second(100)).await), "short");
}

#[tokio::test(start_paused = true)]
async fn the_same_expired_token_again_is_an_error_and_not_a_loop() {
    let (credential, calls) = answering(|_| gives(jwt("same", 3600)));
    let credential = credential.build();
    assert_eq!(name(credential.token(second(0)).await), "same");
    for _ in 0..1000 {
        assert!(credential.token(second(3600)).await.is_err());
    }
    assert_eq!(calls.load(Ordering::Relaxed), 2);
}

#[tokio::test(start_paused = true)]
async fn something_that_is_no_token_is_an_error_that_names_the_part_and_quotes_nothing() {
    let (credential, _) = answering(|_| gives("s3cr.e7s3cr!.e7s3".to_owned()));
    let credential = credential.build();
    let error = credential.token(second(0)).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the token refresher gave something that is no token"
    );
    assert_eq!(
        error.source().unwrap().to_string(),
        "the token's payload is not base64url without padding"
    );
    assert!(!format!("{error:?}").contains("s3cr"));
}

#[tokio::test(start_paused = true)]
async fn a_refresher_that_panics_fails_and_can_be_asked_again() {
    let (credential, calls) = answering(|call| match call {
        1 => async {
            sleep(Duration::from_secs(1)).await;
            panic!("the refresher's own mistake")
        }
        .boxed(),
        2 => panic!("a mistake before the future"),
        _ => gives(jwt("fetched", 3600)),
    });
    let credential = credential.build();
    for outcome in join_all((0..10).map(|_| credential.token(second(0)))).await {
        assert_eq!(name(outcome), "error: the token refresher panicked");
    }
    assert_eq!(
        failure(&credential, 10).await.0,
        "the token refresher panicked"
    );
    assert_eq!(name(credential.token(second(20)).await), "fetched");
    assert_eq!(calls.load(Ordering::Relaxed), 3);
}
