//! What is sent.

use std::sync::Arc;
use std::time::Duration;

use acs_core::auth::verification::ReceivedRequest;
use acs_core::auth::{AccessToken, AuthError, Credential, TokenCredential};
use acs_core::{ClientOptions, Error, Timestamp};
use async_trait::async_trait;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

use crate::client::{Client, Job, job, key, quick, ticking};

async fn server() -> MockServer {
    let server = MockServer::start().await;
    let answer = ResponseTemplate::new(200).set_body_string(r#"{"id":"1"}"#);
    Mock::given(any()).respond_with(answer).mount(&server).await;
    server
}

async fn only_request(server: &MockServer) -> Request {
    let mut requests = server.received_requests().await.expect("recorded");
    assert_eq!(requests.len(), 1);
    requests.remove(0)
}

fn header<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    assert!(request.headers.get_all(name).iter().count() <= 1, "{name}");
    Some(request.headers.get(name)?.to_str().expect("text"))
}

fn target(request: &Request) -> String {
    match request.url.query() {
        Some(query) => format!("{}?{query}", request.url.path()),
        None => request.url.path().to_owned(),
    }
}

#[tokio::test]
async fn a_read_carries_version_agent_and_request_id_and_no_body() {
    let server = server().await;
    let options = ClientOptions::new().application_id("contoso");
    let client = Client::with(&server.uri(), options);
    client.get_job("a b/c:d").await.expect("job");

    let request = only_request(&server).await;
    assert_eq!(request.method.as_str(), "GET");
    assert_eq!(
        target(&request),
        "/routing/jobs/a%20b%2Fc%3Ad?api-version=2023-11-01"
    );
    assert_eq!(header(&request, "accept"), Some("application/json"));
    assert_eq!(header(&request, "content-type"), None);
    assert!(request.body.is_empty());
    let agent = header(&request, "user-agent").expect("agent");
    assert!(
        agent.starts_with("contoso azsdk-rust-acs-test/1.2.3 ("),
        "{agent}"
    );
    let id = header(&request, "x-ms-client-request-id").expect("id");
    assert_eq!(id.parse::<uuid::Uuid>().expect("uuid").get_version_num(), 4);
}

#[tokio::test]
async fn the_api_version_can_be_chosen() {
    let server = server().await;
    let options = ClientOptions::new().api_version("2024-01-18-preview");
    let client = Client::with(&server.uri(), options);
    client.get_job("1").await.expect("job");
    let request = only_request(&server).await;
    assert_eq!(request.url.query(), Some("api-version=2024-01-18-preview"));
}

#[tokio::test]
async fn an_upsert_is_a_merge_patch_with_its_condition() {
    let server = server().await;
    let client = Client::new(&server.uri());
    client
        .upsert_job(&job("1"), Some("\"7\""))
        .await
        .expect("job");
    let request = only_request(&server).await;
    assert_eq!(request.method.as_str(), "PATCH");
    assert_eq!(
        header(&request, "content-type"),
        Some("application/merge-patch+json")
    );
    assert_eq!(header(&request, "if-match"), Some("\"7\""));
    assert_eq!(request.body, br#"{"id":"1"}"#);
}

#[tokio::test]
async fn an_empty_object_is_left_out_where_a_body_is_optional() {
    let server = server().await;
    let client = Client::new(&server.uri());
    client.cancel_job("1", "{}").await.expect("job");
    let request = only_request(&server).await;
    assert_eq!(
        target(&request),
        "/routing/jobs/1:cancel?api-version=2023-11-01"
    );
    assert_eq!(header(&request, "content-type"), None);
    assert_eq!(header(&request, "content-length"), Some("0"));
    assert!(request.body.is_empty());

    server.reset().await;
    client
        .cancel_job("1", r#"{"note":"x"}"#)
        .await
        .expect_err("404");
    let request = only_request(&server).await;
    assert_eq!(header(&request, "content-type"), Some("application/json"));
    assert_eq!(request.body, br#"{"note":"x"}"#);
}

#[tokio::test]
async fn a_request_is_signed_over_what_is_sent() {
    let server = server().await;
    let now = Timestamp::parse("2024-01-18T09:30:00Z").expect("time");
    let client = Client::with(&server.uri(), quick().clock(ticking()));
    client.upsert_job(&job("ä ~'1"), None).await.expect("job");

    let request = only_request(&server).await;
    let received = ReceivedRequest {
        method: request.method.as_str(),
        target: &target(&request),
        host: header(&request, "host").expect("host"),
        date: header(&request, "x-ms-date"),
        content_hash: header(&request, "x-ms-content-sha256"),
        authorization: header(&request, "authorization"),
        body: &request.body,
    };
    received
        .verify(&key(), now, Duration::ZERO)
        .expect("signature");
    assert_eq!(
        header(&request, "x-ms-date"),
        Some("Thu, 18 Jan 2024 09:30:00 GMT")
    );
}

#[tokio::test]
async fn each_call_has_a_request_id_of_its_own() {
    let server = server().await;
    let client = Client::new(&server.uri());
    let first = client.get_job("1").await.expect("job");
    let second = client.get_job("1").await.expect("job");
    assert_ne!(first.request_id(), second.request_id());
    let requests = server.received_requests().await.expect("recorded");
    let sent: Vec<_> = requests
        .iter()
        .map(|request| header(request, "x-ms-client-request-id"))
        .collect();
    assert_eq!(sent, [first.request_id(), second.request_id()]);
}

#[derive(Debug)]
struct Tokens(Result<&'static str, AuthError>);

#[async_trait]
impl TokenCredential for Tokens {
    async fn token(&self, scopes: &[&str]) -> Result<AccessToken, AuthError> {
        assert_eq!(scopes, ["https://communication.azure.com//.default"]);
        let expires_on = Timestamp::parse("2999-01-01T00:00:00Z").expect("time");
        self.0
            .clone()
            .map(|token| AccessToken::new(token.to_owned(), expires_on))
    }
}

fn with_token(server: &MockServer, token: Result<&'static str, AuthError>) -> Client {
    let credential = Credential::from(Arc::new(Tokens(token)));
    Client::with_credential(&server.uri(), credential, quick())
}

#[tokio::test]
async fn a_token_goes_along_as_bearer_without_a_signature() {
    let server = server().await;
    with_token(&server, Ok("t0ken"))
        .get_job("1")
        .await
        .expect("job");
    let request = only_request(&server).await;
    assert_eq!(header(&request, "authorization"), Some("Bearer t0ken"));
    assert_eq!(header(&request, "x-ms-content-sha256"), None);
}

#[tokio::test]
async fn without_a_token_nothing_is_sent_and_nothing_retried() {
    let server = server().await;
    for token in [
        Err(AuthError::new("the token service is down")),
        Ok("two\nlines"),
    ] {
        let error = with_token(&server, token)
            .get_job("1")
            .await
            .expect_err("no token");
        assert!(matches!(error, Error::Auth(_)), "{error:?}");
        assert!(!error.is_retryable());
        assert!(!format!("{error:?}").contains("lines"));
    }
    assert!(
        server
            .received_requests()
            .await
            .expect("recorded")
            .is_empty()
    );
}

#[tokio::test]
async fn an_argument_that_no_header_can_hold_is_refused_before_sending() {
    let server = server().await;
    let client = Client::new(&server.uri());
    let error = client
        .upsert_job(&Job::default(), Some("a\r\nx-injected: 1"))
        .await
        .expect_err("header");
    assert!(matches!(error, Error::Config(_)), "{error:?}");
    assert!(
        error.to_string().starts_with("upsertJob has an argument"),
        "{error}"
    );
    assert!(
        server
            .received_requests()
            .await
            .expect("recorded")
            .is_empty()
    );
}

#[tokio::test]
async fn an_http_client_of_the_callers_own_is_used() {
    let server = server().await;
    let own = reqwest::Client::builder()
        .default_headers(
            [("x-own".parse().expect("name"), "1".parse().expect("value"))]
                .into_iter()
                .collect(),
        )
        .build()
        .expect("client");
    let client = Client::with(&server.uri(), ClientOptions::new().http_client(own));
    client.get_job("1").await.expect("job");
    assert_eq!(header(&only_request(&server).await, "x-own"), Some("1"));
}
