//! Who calls: a key, a token, a chat user, nobody.

use acs_core::auth::{AccessToken, Credential, Endpoint, Secret, UserTokenCredential};
use acs_core::{ClientOptions, Error, Operation, Pipeline, Response, Result, Timestamp};

use crate::client::{Client, Job, PACKAGE, READ, get_job, quick};
use crate::raw_server::{RawServer, Reaction};

/// Signed, and valid until the year 2286.
const USER_TOKEN: &str = "eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjk5OTk5OTk5OTl9.c2lnbmF0dXJl";

fn user() -> UserTokenCredential {
    UserTokenCredential::from_token(USER_TOKEN).expect("token")
}

fn for_user(endpoint: &str) -> Pipeline {
    let endpoint = Endpoint::parse(endpoint).expect("endpoint");
    Pipeline::for_user(endpoint, user(), PACKAGE, quick()).expect("pipeline")
}

async fn get(pipeline: &Pipeline) -> Result<Response<Job>> {
    let client = Client {
        pipeline: pipeline.clone(),
    };
    client.get_job("1").await
}

fn ok() -> Reaction {
    Reaction::answer(200, "", r#"{"id":"1"}"#)
}

fn header<'a>(request: &'a str, name: &str) -> Option<&'a str> {
    request
        .lines()
        .filter_map(|line| line.split_once(": "))
        .find(|(sent, _)| sent.eq_ignore_ascii_case(name))
        .map(|(_, value)| value)
}

#[tokio::test]
async fn a_user_token_travels_as_the_bearer_token_and_nothing_is_signed() {
    let server = RawServer::start([ok()]).await;
    get(&for_user(&server.endpoint())).await.expect("job");
    let request = &server.requests()[0];
    let expected = format!("Bearer {USER_TOKEN}");
    assert_eq!(header(request, "authorization"), Some(expected.as_str()));
    for name in ["x-ms-date", "x-ms-content-sha256"] {
        assert_eq!(header(request, name), None, "{name}");
    }
}

#[tokio::test]
async fn an_expired_user_token_is_an_auth_error_and_nothing_is_sent() {
    let server = RawServer::start([]).await;
    let endpoint = Endpoint::parse(&server.endpoint()).expect("endpoint");
    let expired = "eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjE3MDAwMDAwMDB9.c2lnbmF0dXJl";
    let credential = UserTokenCredential::from_token(expired).expect("token");
    let pipeline =
        Pipeline::for_user(endpoint, credential, PACKAGE, ClientOptions::new()).expect("pipeline");

    let error = get(&pipeline).await.expect_err("expired");

    assert!(matches!(error, Error::Auth(_)), "{error:?}");
    assert!(
        error.to_string().contains("expired at 2023-11-14"),
        "{error}"
    );
    assert!(server.requests().is_empty());
}

/// It may have other reasons than the token, and new tokens would not remove those.
#[tokio::test]
async fn a_refused_token_is_told_and_not_tried_again() {
    let server = RawServer::start([Reaction::answer(401, "", ""), ok()]).await;
    let error = get(&for_user(&server.endpoint()))
        .await
        .expect_err("refused");
    assert!(error.is_unauthorized() && !error.is_forbidden() && !error.is_retryable());
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn a_user_token_is_refused_where_the_owner_of_the_resource_is_needed() {
    let endpoint = Endpoint::parse("http://localhost:1").expect("endpoint");
    let credential = Credential::from(user());
    let error = Pipeline::new(endpoint, credential, PACKAGE, ClientOptions::new())
        .expect_err("a user token");
    assert!(matches!(error, Error::Config(_)), "{error:?}");
    assert!(error.to_string().contains("access key"), "{error}");
}

#[test]
fn no_endpoint_beyond_this_machine_takes_a_token_in_the_clear_unless_somebody_insists() {
    Endpoint::parse("http://contoso.communication.azure.com").expect_err("plain http");
    let insisted =
        Endpoint::allowing_http("http://contoso.communication.azure.com").expect("endpoint");
    Pipeline::for_user(insisted, user(), PACKAGE, ClientOptions::new()).expect("pipeline");
}

#[tokio::test]
async fn a_token_of_the_call_takes_the_place_of_the_key() {
    let server = RawServer::start([ok(), ok()]).await;
    let signed = Client::new(&server.endpoint());
    let token = AccessToken::new(
        Secret::from("entra-token"),
        Timestamp::parse("2999-01-01T00:00:00Z").expect("time"),
    );
    let pipeline = signed.pipeline.with_token(token);
    assert!(!format!("{pipeline:?}").contains("entra-token"));

    get(&pipeline).await.expect("job");
    signed.get_job("1").await.expect("job");

    let requests = server.requests();
    assert_eq!(
        header(&requests[0], "authorization"),
        Some("Bearer entra-token")
    );
    assert_eq!(header(&requests[0], "x-ms-date"), None);
    assert!(header(&requests[1], "authorization").is_some_and(|it| it.starts_with("HMAC-SHA256")));
    assert!(header(&requests[1], "x-ms-date").is_some());
}

#[tokio::test]
async fn without_a_token_and_with_an_expired_one_nothing_is_sent() {
    let server = RawServer::start([]).await;
    let endpoint = Endpoint::parse(&server.endpoint()).expect("endpoint");
    let nobody =
        Pipeline::without_credential(endpoint, PACKAGE, ClientOptions::new()).expect("pipeline");
    let expired = nobody.with_token(AccessToken::new(Secret::from("t"), Timestamp::UNIX_EPOCH));
    for (pipeline, told) in [(nobody, "no token"), (expired, "expired at 1970")] {
        let error = get(&pipeline).await.expect_err("no token");
        assert!(matches!(error, Error::Auth(_)), "{error:?}");
        assert!(error.to_string().contains(told), "{error}");
    }
    assert!(server.requests().is_empty());
}

static LATER: Operation = Operation {
    since: "2025-06-30",
    ..READ
};

#[tokio::test]
async fn an_operation_that_came_later_is_asked_for_at_its_version_unless_another_is_chosen() {
    for (options, version) in [
        (quick(), "2025-06-30"),
        (quick().api_version("2026-01-01"), "2026-01-01"),
        (quick().api_version("2023-10-01"), "2023-10-01"),
    ] {
        let server = RawServer::start([ok()]).await;
        let client = Client::with(&server.endpoint(), options);
        get_job(&client.pipeline, &LATER, "1").await.expect("job");
        let request = &server.requests()[0];
        let line = request.lines().next().expect("line");
        assert!(line.contains(&format!("api-version={version} ")), "{line}");
    }
}
