//! User tokens that expire, are refused, or do not come.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use acs_chat::{ChatClient, Clock, Endpoint, Error, Timestamp, UserTokenCredential};
use acs_test_support::{RawServer, Reaction};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use futures_util::future::{BoxFuture, join_all};
use tokio::time::Instant;

use crate::options;

const PROPERTIES: &str = r#"{"id":"t","topic":"a","createdOn":"2024-01-18T09:30:00Z",
    "createdByCommunicationIdentifier":{"rawId":"8:acs:r_u"}}"#;

/// A clock that goes with the paused time of the test, from noon on.
#[derive(Debug)]
struct FromNoon(Instant);

impl Clock for FromNoon {
    fn now(&self) -> Timestamp {
        noon().checked_add(self.0.elapsed()).expect("a date")
    }
}

fn noon() -> Timestamp {
    Timestamp::parse("2024-01-18T12:00:00Z").expect("a time")
}

/// A token by name that expires this many seconds after noon.
fn token(name: &str, expires: i64) -> String {
    let encode = |text: &str| BASE64_URL_SAFE_NO_PAD.encode(text);
    let expires = noon().unix_seconds() + expires;
    let payload = encode(&format!(r#"{{"exp":{expires}}}"#));
    format!("{}.{payload}.{}", encode("{}"), encode(name))
}

fn chat(server: &RawServer, credential: impl Into<UserTokenCredential>) -> ChatClient {
    let endpoint = Endpoint::parse(&server.endpoint()).expect("endpoint");
    let options = options().clock(Arc::new(FromNoon(Instant::now())));
    ChatClient::with_options(endpoint, credential, options).expect("client")
}

async fn read(chat: &ChatClient) -> acs_chat::Result<()> {
    chat.thread_client("t").get_properties().await.map(drop)
}

async fn service() -> RawServer {
    RawServer::react(|_| Reaction::ok(PROPERTIES)).await
}

type Fetch = BoxFuture<'static, Result<String, &'static str>>;

/// A credential that answers as told, and how often it was asked; it is told how often before.
fn refreshing(fetch: fn(usize) -> Fetch) -> (UserTokenCredential, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&asked);
    let credential =
        UserTokenCredential::refreshing(move || fetch(counter.fetch_add(1, Ordering::SeqCst)));
    (credential.build(), asked)
}

fn told(error: &Error, words: &str) {
    assert!(matches!(error, Error::Auth(_)), "{error:?}");
    assert!(error.to_string().contains(words), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_fixed_token_serves_until_it_expires_and_then_nothing_is_sent() {
    let server = service().await;
    let credential = UserTokenCredential::from_token(token("fixed", 60)).expect("token");
    let chat = chat(&server, credential);
    read(&chat).await.expect("thread");
    tokio::time::advance(Duration::from_secs(60)).await;
    let error = read(&chat).await.expect_err("expired");
    told(&error, "expired at 2024-01-18T12:01:00");
    assert_eq!((server.requests().len(), error.attempts()), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn a_token_is_fetched_when_it_is_needed_and_again_before_it_expires() {
    let server = service().await;
    let (credential, asked) = refreshing(|before| {
        let names = ["first", "second"];
        let expires = 3_600 * i64::try_from(before + 1).expect("small");
        Box::pin(async move { Ok(token(names[before], expires)) })
    });
    let chat = chat(&server, credential);
    read(&chat).await.expect("thread");
    tokio::time::advance(Duration::from_secs(3_600 - 121)).await;
    read(&chat).await.expect("thread");
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    tokio::time::advance(Duration::from_secs(1)).await;
    read(&chat).await.expect("thread");
    assert_eq!(asked.load(Ordering::SeqCst), 2);
    let last = server.requests().pop().expect("a request");
    let expected = format!("Bearer {}", token("second", 7_200));
    assert_eq!(last.header("authorization"), Some(expected.as_str()));
}

#[tokio::test(start_paused = true)]
async fn a_hundred_calls_share_one_refresh() {
    let server = service().await;
    let (credential, asked) = refreshing(|_| {
        Box::pin(async {
            tokio::time::sleep(Duration::from_secs(3)).await;
            Ok(token("shared", 3_600))
        })
    });
    let chat = chat(&server, credential);
    let all = join_all((0..100).map(|_| read(&chat))).await;
    assert!(all.iter().all(Result::is_ok), "{all:?}");
    assert_eq!(
        (asked.load(Ordering::SeqCst), server.requests().len()),
        (1, 100)
    );
}

#[tokio::test(start_paused = true)]
async fn a_refresher_that_hangs_is_given_up_after_twenty_seconds_and_nothing_is_sent() {
    let server = service().await;
    let (credential, asked) = refreshing(|_| Box::pin(std::future::pending()));
    let chat = chat(&server, credential);
    let began = Instant::now();
    let error = read(&chat).await.expect_err("hangs");
    told(&error, "the token refresher gave no answer within 20s");
    assert_eq!(began.elapsed(), Duration::from_secs(20));
    assert_eq!(
        (asked.load(Ordering::SeqCst), server.requests().len()),
        (1, 0)
    );
}

#[tokio::test(start_paused = true)]
async fn a_refresher_that_fails_is_not_asked_again_at_once() {
    let server = service().await;
    let (credential, asked) = refreshing(|before| match before {
        0 => Box::pin(async { Err("the server is down") }),
        _ => Box::pin(async { Ok(token("late", 3_600)) }),
    });
    let chat = chat(&server, credential);
    let error = read(&chat).await.expect_err("down");
    told(&error, "the token refresher gave an error");
    let error = read(&chat).await.expect_err("in the pause");
    told(&error, "none is tried again before");
    assert_eq!(
        (asked.load(Ordering::SeqCst), server.requests().len()),
        (1, 0)
    );

    tokio::time::advance(Duration::from_secs(1)).await;
    read(&chat).await.expect("thread");
    assert_eq!(
        (asked.load(Ordering::SeqCst), server.requests().len()),
        (2, 1)
    );
}

#[tokio::test(start_paused = true)]
async fn a_refresher_that_gives_an_expired_token_or_none_at_all_is_told_and_nothing_is_sent() {
    let server = service().await;
    for (fetch, words) in [
        (
            (|_| Box::pin(async { Ok(token("old", -1)) })) as fn(usize) -> Fetch,
            "expired already",
        ),
        (
            |_| Box::pin(async { Ok("secret words".to_owned()) }),
            "no token",
        ),
    ] {
        let (credential, _) = refreshing(fetch);
        let error = read(&chat(&server, credential)).await.expect_err(words);
        told(&error, words);
        assert!(!format!("{error} {error:?}").contains("secret words"));
    }
    assert!(server.requests().is_empty());
}

/// As when the user's tokens were revoked.
#[tokio::test(start_paused = true)]
async fn a_token_that_the_service_refuses_is_told_and_replaced_only_on_request() {
    let refused = format!("Bearer {}", token("revoked", 3_600));
    let server = RawServer::react(move |request| {
        if request.header("authorization") == Some(&refused) {
            Reaction::answer(401, "", "")
        } else {
            Reaction::ok(PROPERTIES)
        }
    })
    .await;
    let (credential, asked) = refreshing(|before| {
        let name = ["revoked", "new"][before];
        Box::pin(async move { Ok(token(name, 3_600)) })
    });
    let chat = chat(&server, credential.clone());
    for _ in 0..2 {
        let error = read(&chat).await.expect_err("revoked");
        assert!(error.is_unauthorized() && error.attempts() == 1, "{error}");
    }
    assert_eq!(asked.load(Ordering::SeqCst), 1);

    credential.forget_token();
    read(&chat).await.expect("thread");
    assert_eq!(asked.load(Ordering::SeqCst), 2);
}

#[tokio::test(start_paused = true)]
async fn each_attempt_carries_a_token_that_is_valid_then() {
    let server = RawServer::start([
        Reaction::answer(429, "retry-after: 60\r\n", ""),
        Reaction::ok(PROPERTIES),
    ])
    .await;
    let (credential, _) = refreshing(|before| {
        let (name, expires) = [("first", 30), ("second", 3_600)][before];
        Box::pin(async move { Ok(token(name, expires)) })
    });
    read(&chat(&server, credential)).await.expect("thread");
    let requests = server.requests();
    let sent: Vec<_> = requests
        .iter()
        .filter_map(|it| it.header("authorization"))
        .collect();
    let expected =
        [("first", 30), ("second", 3_600)].map(|(name, at)| format!("Bearer {}", token(name, at)));
    assert_eq!(sent, expected);
}
