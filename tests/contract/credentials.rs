//! What every request carries besides its own content.

use std::sync::Arc;
use std::time::SystemTime;

use acs_jobrouter::{
    AccessToken, AuthError, ClientOptions, Endpoint, Error, JobRouterClient, RetryOptions,
    TokenCredential,
};
use acs_test_support::AcsMockServer;
use acs_types::Timestamp;
use serde_json::json;
use wiremock::matchers::{header, method};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::client;

#[derive(Debug)]
struct Entra(Result<&'static str, &'static str>);

#[async_trait::async_trait]
impl TokenCredential for Entra {
    async fn token(&self, scopes: &[&str]) -> Result<AccessToken, AuthError> {
        assert_eq!(scopes, ["https://communication.azure.com//.default"]);
        let in_an_hour = Timestamp::from(SystemTime::now() + std::time::Duration::from_secs(3600));
        self.0
            .map(|token| AccessToken::new(token, in_an_hour))
            .map_err(AuthError::new)
    }
}

#[tokio::test]
async fn every_request_names_the_client_and_itself() {
    let server = AcsMockServer::start().await;
    let job = json!({"id": "job-1", "etag": "\"1\""});
    server
        .job("job-1")
        .get()
        .answer(200, &job)
        .times(2)
        .mount()
        .await;

    let client = client(&server);
    for _ in 0..2 {
        client.get_job("job-1").await.expect("job");
    }

    let requests = server.requests().await;
    let value = |index: usize, name: &str| {
        requests[index].headers[name]
            .to_str()
            .expect("text")
            .to_owned()
    };
    assert!(
        value(0, "user-agent").starts_with("azsdk-rust-acs-jobrouter/"),
        "{}",
        value(0, "user-agent")
    );
    assert_ne!(
        value(0, "x-ms-client-request-id"),
        value(1, "x-ms-client-request-id")
    );
    assert_eq!(value(0, "accept"), "application/json");
    server.verify().await;
}

#[tokio::test]
async fn a_token_credential_is_sent_as_a_bearer_token_for_the_resource_scope() {
    let server = MockServer::start().await;
    Mock::given(method("GET"))
        .and(header("authorization", "Bearer entra-token"))
        .respond_with(
            ResponseTemplate::new(200).set_body_json(json!({"id": "job-1", "etag": "\"1\""})),
        )
        .expect(1)
        .mount(&server)
        .await;

    let endpoint = Endpoint::parse(&server.uri()).expect("endpoint");
    let client =
        JobRouterClient::new(endpoint, Arc::new(Entra(Ok("entra-token")))).expect("client");
    client.get_job("job-1").await.expect("job");

    assert!(!format!("{client:?}").contains("entra-token"));
}

#[tokio::test]
async fn a_failing_credential_is_an_auth_error_and_nothing_is_sent() {
    let server = MockServer::start().await;
    let endpoint = Endpoint::parse(&server.uri()).expect("endpoint");
    let options = ClientOptions::new().retry(RetryOptions::none());
    let credential = Arc::new(Entra(Err("the tenant is unknown")));
    let client = JobRouterClient::with_options(endpoint, credential, options).expect("client");

    let error = client.get_job("job-1").await.expect_err("no token");

    assert!(matches!(error, Error::Auth(_)), "{error:?}");
    assert!(
        error.to_string().contains("the tenant is unknown"),
        "{error}"
    );
    assert_eq!(
        server.received_requests().await.unwrap_or_default().len(),
        0
    );
}
