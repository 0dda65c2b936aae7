//! What is refused before anything is sent.

use acs_identity::{
    AccessToken, CommunicationUserIdentifier, Credential, Endpoint, Error, IdentityClient,
    Timestamp, TokenScope, UserTokenCredential,
};
use acs_test_support::{AcsMockServer, USER_TOKEN};

use crate::case::Called as _;

#[tokio::test]
async fn ids_and_arguments_that_cannot_be_sent_are_refused_by_name() {
    let server = AcsMockServer::start().await;
    let client = IdentityClient::of(&server);
    let none: [TokenScope; 0] = [];
    let known = CommunicationUserIdentifier::new("8:acs:r_u");
    for id in ["", ".", ".."] {
        let user = CommunicationUserIdentifier::new(id);
        for (name, refusal) in [
            (
                "user id",
                client.issue_token(&user, ["chat"]).await.map(drop),
            ),
            ("user id", client.revoke_tokens(&user).await.map(drop)),
            ("user id", client.delete_user(&user).await.map(drop)),
            (
                "tenant id",
                client
                    .get_teams_extension_assignment(id, "o")
                    .await
                    .map(drop),
            ),
            (
                "object id",
                client
                    .get_teams_extension_assignment("t", id)
                    .await
                    .map(drop),
            ),
            (
                "object id",
                client
                    .get_teams_extension_assignment_opt("t", id)
                    .await
                    .map(drop),
            ),
            (
                "tenant id",
                client
                    .upsert_teams_extension_assignment(id, "o", "user")
                    .await
                    .map(drop),
            ),
            (
                "object id",
                client
                    .delete_teams_extension_assignment("t", id)
                    .await
                    .map(drop),
            ),
            (
                "scopes",
                client.issue_token(&known, none.clone()).await.map(drop),
            ),
            (
                "scopes",
                client.create_user_with_token(none.clone()).await.map(drop),
            ),
        ] {
            let error = refusal.expect_err(name);
            assert!(matches!(error, Error::Config(_)), "{error:?}");
            assert!(error.to_string().contains(name), "{name}: {error}");
        }
    }
    assert_eq!(server.requests().await.len(), 0);
}

#[tokio::test]
async fn an_expired_token_is_not_exchanged() {
    let server = AcsMockServer::start().await;
    let expired = AccessToken::new("entra-token", Timestamp::UNIX_EPOCH);
    let error = IdentityClient::of(&server)
        .exchange_teams_extension_token(expired)
        .await
        .expect_err("expired");
    assert!(matches!(error, Error::Auth(_)), "{error:?}");
    assert!(error.to_string().contains("expired at 1970"), "{error}");
    assert_eq!(server.requests().await.len(), 0);
}

#[test]
fn a_chat_users_token_is_refused_when_the_client_is_made() {
    let endpoint = Endpoint::parse("https://contoso.communication.azure.com").expect("endpoint");
    let user = UserTokenCredential::from_token(USER_TOKEN).expect("token");
    let error = IdentityClient::new(endpoint, Credential::from(user)).expect_err("a user token");
    assert!(matches!(error, Error::Config(_)), "{error:?}");
    assert!(error.to_string().contains("user access token"), "{error}");
    assert!(!error.to_string().contains(USER_TOKEN));
}

#[tokio::test]
async fn a_token_to_exchange_is_never_shown() {
    let server = AcsMockServer::start().await;
    let client = IdentityClient::of(&server);
    let call = client.exchange_teams_user_token("entra-token", "a", "u");
    assert!(!format!("{client:?} {call:?}").contains("entra-token"));
}
