//! Users and tokens over HTTP.

use std::time::Duration;

use acs_emulator::{Clock, Emulator};
use acs_types::Timestamp;
use serde_json::{Value, json};

use crate::caller::{Answer, Caller, start};
use crate::user::{IDENTITY, User, identity_error, user, user_with_scopes};

async fn post(caller: &Caller, target: &str, body: Value) -> Answer {
    caller.raw("POST", target).json(&body).send().await
}

fn encoded(id: &str) -> String {
    id.replace(':', "%3A")
}

async fn issue(user: &User<'_>, body: Value) -> Answer {
    let target = format!(
        "/identities/{}/:issueAccessToken?{IDENTITY}",
        encoded(&user.id)
    );
    post(user.caller, &target, body).await
}

/// Whether chat lets the bearer in.
async fn is_let_in(user: &User<'_>, token: &str) -> bool {
    let request = user
        .caller
        .raw("GET", "/chat/threads?api-version=2024-03-07");
    let request = request.header("authorization", format!("Bearer {token}"));
    let answer = request.send_unsigned().await;
    assert!([200, 401].contains(&answer.status), "{answer:?}");
    answer.status == 200
}

// auth 74, 75
#[tokio::test]
async fn a_user_is_created_with_and_without_a_body() {
    let (_emulator, caller) = start().await;
    let target = format!("/identities?{IDENTITY}");
    let bare = caller
        .raw("POST", &target)
        .header("content-type", "application/json");
    let bare = bare.send().await.expect(201).body;
    let id = bare["identity"]["id"].as_str().unwrap();
    assert!(id.starts_with("8:acs:"), "{id}");
    assert_eq!(bare.get("accessToken"), None);
    let empty = post(&caller, &target, json!({})).await.expect(201).body;
    assert_eq!(empty.get("accessToken"), None);
    let body = json!({ "createTokenWithScopes": ["chat", "voip"], "expiresInMinutes": 60 });
    let with_token = post(&caller, &target, body).await.expect(201).body;
    assert_eq!(
        with_token["accessToken"]["token"]
            .as_str()
            .unwrap()
            .split('.')
            .count(),
        3
    );
    assert!(
        with_token["accessToken"]["expiresOn"]
            .as_str()
            .unwrap()
            .ends_with("+00:00")
    );
}

// auth 76, 77, 86
#[tokio::test]
async fn tokens_are_issued_until_they_are_revoked_or_their_user_is_deleted() {
    let (_emulator, caller) = start().await;
    let alice = user(&caller).await;
    let issued = issue(&alice, json!({ "scopes": ["chat"] }))
        .await
        .expect(200)
        .body;
    let second = issued["token"].as_str().unwrap();
    assert!(is_let_in(&alice, &alice.token).await && is_let_in(&alice, second).await);

    let path = format!("/identities/{}", encoded(&alice.id));
    let revoke = caller.raw("POST", &format!("{path}/:revokeAccessTokens?{IDENTITY}"));
    revoke.send().await.expect(204);
    assert!(!is_let_in(&alice, &alice.token).await && !is_let_in(&alice, second).await);
    let issued = issue(&alice, json!({ "scopes": ["chat"] }))
        .await
        .expect(200)
        .body;
    let third = issued["token"].as_str().unwrap();
    assert!(is_let_in(&alice, third).await);

    for _ in 0..2 {
        let delete = caller.raw("DELETE", &format!("{path}?{IDENTITY}"));
        delete.send().await.expect(204);
    }
    assert!(!is_let_in(&alice, third).await);
    let gone = issue(&alice, json!({ "scopes": ["chat"] }))
        .await
        .expect(404);
    assert_eq!(identity_error(&gone).0, "IdentityNotFound");
}

// auth 78, 79, 82
#[tokio::test]
async fn what_a_token_may_not_have_is_refused_by_name() {
    let (_emulator, caller) = start().await;
    let alice = user(&caller).await;
    for (body, target) in [
        (
            json!({ "scopes": ["chat"], "expiresInMinutes": 59 }),
            Some("ExpiresInMinutes"),
        ),
        (
            json!({ "scopes": ["chat"], "expiresInMinutes": 1441 }),
            Some("ExpiresInMinutes"),
        ),
        (json!({ "scopes": [] }), Some("Scopes")),
        (json!({}), Some("Scopes")),
        (json!({ "scopes": ["fly"] }), Some("Scopes")),
        (json!({ "scopes": "chat" }), None),
        (json!({ "scopes": [1] }), None),
        (
            json!({ "scopes": ["chat"], "expiresInMinutes": "60" }),
            None,
        ),
        (
            json!({ "scopes": ["chat"], "expiresInMinutes": 60.5 }),
            None,
        ),
    ] {
        let refused = issue(&alice, body.clone()).await.expect(400);
        let (code, message, named) = identity_error(&refused);
        assert_eq!((code, named), ("ValidationError", target), "{body}");
        assert!(
            target.is_some() || message.contains("scopes") || message.contains("expiresInMinutes"),
            "{message}"
        );
    }
    let refused = issue(
        &alice,
        json!({ "scopes": ["chat"], "expiresInMinutes": 59 }),
    )
    .await;
    assert_eq!(
        refused.body,
        json!({ "error": {
            "code": "ValidationError",
            "message": "ExpiresInMinutes value 59 is invalid. Value must be within the [60, 1440] interval.",
            "target": "ExpiresInMinutes",
        } })
    );
}

// auth 88
#[tokio::test]
async fn each_version_knows_what_it_came_with() {
    let (_emulator, caller) = start().await;
    let create = |version: &str, body: Value| {
        let request = caller.raw("POST", &format!("/identities?api-version={version}"));
        request.json(&body).send()
    };
    let joining = json!({ "createTokenWithScopes": ["chat.join"] });
    create("2023-10-01", joining.clone()).await.expect(201);
    create("2022-10-01", joining).await.expect(400);
    let short = json!({ "createTokenWithScopes": ["chat"], "expiresInMinutes": 5 });
    create("2022-06-01", short.clone()).await.expect(201);
    create("2022-10-01", short).await.expect(400);

    let versions = "2021-03-07, 2022-06-01, 2022-10-01, 2023-10-01, 2025-06-30";
    let answer = create("2020-01-01", json!({})).await.expect(400);
    assert_eq!(answer.header("api-supported-versions"), Some(versions));
    // auth 39
    let (code, message, _) = identity_error(&answer);
    assert_eq!(code, "UnsupportedApiVersion");
    assert!(
        message.contains("/identities' does not support the API version '2020-01-01'"),
        "{message}"
    );
    let early = caller.raw(
        "POST",
        "/teamsUser/:exchangeAccessToken?api-version=2021-03-07",
    );
    let answer = early.json(&json!({})).send().await.expect(400);
    assert_eq!(identity_error(&answer).0, "UnsupportedApiVersion");
}

// auth 1, 32
#[tokio::test]
async fn identity_takes_no_user_tokens_and_no_unsigned_requests() {
    let (_emulator, caller) = start().await;
    let alice = user(&caller).await;
    let target = format!("/identities?{IDENTITY}");
    let denied =
        json!({ "error": { "code": "Denied", "message": "Denied by the resource provider." } });
    let unsigned = caller
        .raw("POST", &target)
        .send_unsigned()
        .await
        .expect(401);
    assert_eq!(unsigned.body, denied);
    let bearing = alice
        .bearing("POST", &target)
        .send_unsigned()
        .await
        .expect(401);
    assert_eq!(bearing.body, denied);
    let none = caller.raw("POST", "/identities/nobody?api-version=2023-10-01");
    let answer = none.send().await.expect(405);
    assert_eq!(identity_error(&answer).0, "MethodNotAllowed");
}

// auth 43: tokens go by real time and by what the clock was moved, whatever year it shows.
#[tokio::test]
async fn a_token_expires_when_the_clock_is_moved_past_its_end() {
    let past = Timestamp::parse("2001-02-03T04:05:06Z").unwrap();
    let emulator = Emulator::builder()
        .clock(Clock::Manual(past))
        .start()
        .await
        .unwrap();
    let caller = Caller::new(emulator.endpoint());
    let alice = user_with_scopes(&caller, &["chat"]).await;
    let issued = issue(
        &alice,
        json!({ "scopes": ["chat"], "expiresInMinutes": 60 }),
    )
    .await;
    let short = issued.body["token"].as_str().unwrap();
    let expires_on = Timestamp::parse(issued.body["expiresOn"].as_str().unwrap()).unwrap();
    assert!(expires_on > Timestamp::from(std::time::SystemTime::now()));

    let minutes = |minutes: u64| Duration::from_secs(minutes * 60);
    emulator.clock().advance(minutes(58)).await.unwrap();
    assert!(is_let_in(&alice, short).await);
    emulator.clock().advance(minutes(3)).await.unwrap();
    assert!(!is_let_in(&alice, short).await);
    assert!(is_let_in(&alice, &alice.token).await);
    emulator.clock().advance(minutes(24 * 60)).await.unwrap();
    assert!(!is_let_in(&alice, &alice.token).await);
    let issued = issue(&alice, json!({ "scopes": ["chat"] }))
        .await
        .expect(200);
    assert!(is_let_in(&alice, issued.body["token"].as_str().unwrap()).await);
}

// auth 41, 85
#[tokio::test]
async fn chat_lets_in_no_altered_unsigned_or_foreign_token() {
    let (_emulator, caller) = start().await;
    let alice = user(&caller).await;
    let (signed, signature) = alice.token.rsplit_once('.').unwrap();
    let (header, payload) = signed.split_once('.').unwrap();
    let foreign = Emulator::builder()
        .access_key("c29tZSBvdGhlciBrZXk=")
        .start()
        .await
        .unwrap();
    let elsewhere = Caller::new(foreign.endpoint());
    let request = elsewhere
        .raw("POST", &format!("/identities?{IDENTITY}"))
        .signed_with("c29tZSBvdGhlciBrZXk=");
    let body = json!({ "createTokenWithScopes": ["chat"] });
    let created = request.json(&body).send().await.expect(201).body;
    for token in [
        "",
        "nonsense",
        "a.b.c",
        payload,
        signed,
        &format!("{signed}."),
        &format!("{header}.{payload}A.{signature}"),
        &format!("eyJhbGciOiJub25lIn0.{payload}."),
        created["accessToken"]["token"].as_str().unwrap(),
    ] {
        assert!(!is_let_in(&alice, token).await, "{token}");
    }
}
