//! Credentials of the official crates.

use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use acs_auth::{AzureCoreCredential, Credential, RESOURCE_SCOPE, TokenCache, TokenCredential};
use acs_types::Timestamp;
use async_trait::async_trait;
use azure_core::credentials::TokenRequestOptions;
use azure_core::error::ErrorKind;

use crate::support::second;

/// Answers with the scopes it was asked for, until it is told to fail.
#[derive(Debug)]
struct Official {
    expires_on: Timestamp,
    fails: bool,
}

#[async_trait]
impl azure_core::credentials::TokenCredential for Official {
    async fn get_token(
        &self,
        scopes: &[&str],
        _options: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<azure_core::credentials::AccessToken> {
        if self.fails {
            return Err(azure_core::Error::with_message(
                ErrorKind::Credential,
                "no account is signed in",
            ));
        }
        Ok(azure_core::credentials::AccessToken::new(
            scopes.join(" "),
            self.expires_on.into(),
        ))
    }
}

fn official(fails: bool) -> AzureCoreCredential {
    AzureCoreCredential::new(Arc::new(Official {
        expires_on: second(3600),
        fails,
    }))
}

#[tokio::test]
async fn scopes_token_and_expiry_pass_through() {
    let token = official(false).token(&["one", "two"]).await.unwrap();
    assert_eq!(token.secret().expose(), "one two");
    assert_eq!(token.expires_on(), second(3600));
}

#[tokio::test]
async fn a_failure_keeps_its_cause() {
    let error = official(true).token(&[RESOURCE_SCOPE]).await.unwrap_err();
    assert_eq!(error.to_string(), "the azure_core credential gave an error");
    assert_eq!(
        error.source().unwrap().to_string(),
        "no account is signed in"
    );
}

#[tokio::test]
async fn it_serves_clients_through_the_cache() {
    let credential = official(false);
    assert!(!format!("{credential:?}").contains("Official"));
    assert!(matches!(
        Credential::from(credential.clone()),
        Credential::Token(_)
    ));
    let cache = TokenCache::new(Arc::new(credential), &[RESOURCE_SCOPE]);
    let token = cache.token(second(0)).await.unwrap();
    assert_eq!(token.secret().expose(), RESOURCE_SCOPE);
}

#[tokio::test]
async fn times_of_the_machine_survive_the_way_through_both_crates() {
    let expires_on = Timestamp::from(SystemTime::now() + Duration::from_secs(3600));
    let credential = AzureCoreCredential::new(Arc::new(Official {
        expires_on,
        fails: false,
    }));
    let token = credential.token(&[]).await.unwrap();
    assert_eq!(token.expires_on(), expires_on);
}
