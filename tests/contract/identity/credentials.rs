//! What an identity client proves itself with.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use acs_identity::{AccessToken, AuthError, Endpoint, IdentityClient, Timestamp, TokenCredential};
use acs_test_support::AcsMockServer;
use serde_json::json;

use super::USER_ID;
use crate::case::Called as _;

#[derive(Debug)]
struct Entra;

#[async_trait::async_trait]
impl TokenCredential for Entra {
    async fn token(&self, scopes: &[&str]) -> Result<AccessToken, AuthError> {
        assert_eq!(scopes, ["https://communication.azure.com//.default"]);
        let in_an_hour = Timestamp::from(SystemTime::now() + Duration::from_secs(3600));
        Ok(AccessToken::new("entra-token", in_an_hour))
    }
}

#[tokio::test]
async fn a_microsoft_entra_credential_is_sent_as_a_bearer_token() {
    let server = AcsMockServer::start().await;
    let answer = json!({"identity": {"id": USER_ID}});
    let expected = server.identity("POST", "/identities").bearer("entra-token");
    expected.answer(201, &answer).mount().await;
    let endpoint = Endpoint::parse(&server.endpoint()).expect("endpoint");
    let client = IdentityClient::new(endpoint, Arc::new(Entra)).expect("client");
    assert_eq!(client.create_user().await.expect("a user").id(), USER_ID);
    server.verify().await;
}

#[tokio::test]
async fn every_request_names_the_client() {
    let server = AcsMockServer::start().await;
    let answer = json!({"identity": {"id": USER_ID}});
    server
        .identity("POST", "/identities")
        .answer(201, &answer)
        .mount()
        .await;
    IdentityClient::of(&server)
        .create_user()
        .await
        .expect("a user");
    let requests = server.requests().await;
    let agent = requests[0].headers["user-agent"].to_str().expect("text");
    assert!(agent.starts_with("azsdk-rust-acs-identity/"), "{agent}");
    server.verify().await;
}
