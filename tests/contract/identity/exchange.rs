//! Signing in to chat with Microsoft Entra.

use std::sync::Arc;

use acs_identity::{
    AccessToken, AuthError, COMMUNICATION_CLIENTS_SCOPE, ClientOptions, Endpoint, RetryOptions,
    TEAMS_EXTENSION_SCOPE, Timestamp, TokenCredential, TokenExchangeClient, UserTokenCredential,
};
use acs_test_support::{AcsMockServer, Expectation};
use serde_json::json;

use super::teams_extension::entra_token;
use super::token;

#[derive(Debug)]
struct Entra;

#[async_trait::async_trait]
impl TokenCredential for Entra {
    async fn token(&self, _scopes: &[&str]) -> Result<AccessToken, AuthError> {
        Ok(entra_token())
    }
}

fn credential(server: &AcsMockServer, scope: &str) -> UserTokenCredential {
    let endpoint = Endpoint::parse(&server.endpoint()).expect("endpoint");
    let options = ClientOptions::new().retry(RetryOptions::none());
    let exchange = TokenExchangeClient::with_options(endpoint, options).expect("client");
    UserTokenCredential::from_entra(Arc::new(Entra), &[scope], Arc::new(exchange))
        .expect("a scope of an exchange")
        .build()
}

/// The two exchanges: scope, path and version.
const EXCHANGES: [(&str, &str, &str); 2] = [
    (
        COMMUNICATION_CLIENTS_SCOPE,
        "/access/entra/:exchangeAccessToken",
        "2025-03-02-preview",
    ),
    (
        TEAMS_EXTENSION_SCOPE,
        "/access/teamsExtension/:exchangeAccessToken",
        "2025-06-30",
    ),
];

fn expect<'a>(server: &'a AcsMockServer, path: &str, version: &str) -> Expectation<'a> {
    server
        .identity("POST", path)
        .api_version(version)
        .bearer("entra-token")
        .json(json!({}))
}

fn long_ago() -> Timestamp {
    Timestamp::parse("2021-06-15T23:04:04Z").expect("a time")
}

#[tokio::test]
async fn the_token_is_exchanged_once_the_way_its_scope_says() {
    for (scope, path, version) in EXCHANGES {
        let server = AcsMockServer::start().await;
        let answer = json!({"accessToken": token(), "more": 1});
        expect(&server, path, version)
            .answer(200, &answer)
            .mount()
            .await;
        let credential = credential(&server, scope);
        for _ in 0..2 {
            let token = credential.token(long_ago()).await.expect("a token");
            assert_eq!(token.secret().expose(), "eyJhbGciOi");
        }
        server.verify().await;
    }
}

#[tokio::test]
async fn a_refused_exchange_is_an_auth_error_with_the_services_words() {
    for (scope, path, version) in EXCHANGES {
        let server = AcsMockServer::start().await;
        let refusal = json!({"error": {"code": "InvalidAccessToken", "message": "Provided access token is not valid."}});
        expect(&server, path, version)
            .answer(401, &refusal)
            .mount()
            .await;
        let error = credential(&server, scope)
            .token(long_ago())
            .await
            .expect_err("refused");
        assert_eq!(
            error.to_string(),
            "the Microsoft Entra token was not exchanged"
        );
        let cause = std::error::Error::source(&error)
            .expect("a cause")
            .to_string();
        assert!(
            cause.contains("401") && cause.contains("InvalidAccessToken"),
            "{cause}"
        );
        assert!(!cause.contains("entra-token"), "{cause}");
        server.verify().await;
    }
}
