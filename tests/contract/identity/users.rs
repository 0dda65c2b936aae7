//! Users and their tokens.

use std::time::Duration;

use acs_identity::{
    ClientOptions, CommunicationUserIdentifier, IdentityClient, Timestamp, TokenScope,
};
use acs_test_support::AcsMockServer;
use futures_util::TryFutureExt as _;
use serde_json::{Value, json};

use super::{Case, USER, USER_ID, client_with, shown_token, shown_user, token};
use crate::case::{Called as _, Given, created, no_content, ok, shown};

fn user() -> CommunicationUserIdentifier {
    CommunicationUserIdentifier::new(USER_ID)
}

fn created_with_token() -> Value {
    json!({"identity": {"id": USER_ID}, "accessToken": token()})
}

pub(super) fn cases() -> Vec<Case> {
    vec![
        Case {
            name: "creating a user",
            request: |server| server.identity("POST", "/identities"),
            answer: created(json!({"identity": {"id": USER_ID}})),
            call: |client| {
                Box::pin(client.create_user().into_future().map_ok(|user| Given {
                    was_created: Some(user.was_created()),
                    model: json!({"identity": {"id": user.id()}}),
                }))
            },
        },
        Case {
            name: "creating a user with a token",
            request: |server| {
                server.identity("POST", "/identities").json(json!({
                    "createTokenWithScopes": ["chat", "voip"],
                    "expiresInMinutes": 60,
                }))
            },
            answer: created(created_with_token()),
            call: |client| {
                let call = client.create_user_with_token([TokenScope::Chat, TokenScope::Voip]);
                shown_user(call.lifetime(Duration::from_secs(3_659)))
            },
        },
        Case {
            name: "issuing a token",
            request: |server| {
                let path = format!("{USER}/:issueAccessToken");
                server.identity("POST", path).json(json!({
                    "scopes": ["chat.join", "chat.join.limited", "voip.join", "newer"],
                    "expiresInMinutes": 1440,
                }))
            },
            answer: ok(token()),
            call: |client| {
                let scopes = ["chat.join", "chat.join.limited", "voip.join", "newer"];
                let call = client.issue_token(&user(), scopes);
                shown_token(call.lifetime(Duration::from_secs(24 * 60 * 60)))
            },
        },
        Case {
            name: "issuing a token with the service's lifetime",
            request: |server| {
                let path = format!("{USER}/:issueAccessToken");
                server
                    .identity("POST", path)
                    .json(json!({"scopes": ["chat"]}))
            },
            answer: ok(token()),
            call: |client| shown_token(client.issue_token(&user(), [TokenScope::Chat])),
        },
        Case {
            name: "revoking tokens",
            request: |server| server.identity("POST", format!("{USER}/:revokeAccessTokens")),
            answer: no_content(),
            call: |client| shown(client.revoke_tokens(&user())),
        },
        Case {
            name: "deleting a user",
            request: |server| server.identity("DELETE", USER),
            answer: no_content(),
            call: |client| shown(client.delete_user(&user())),
        },
        Case {
            name: "exchanging the token of a Teams user",
            request: |server| {
                server
                    .identity("POST", "/teamsUser/:exchangeAccessToken")
                    .json(json!({
                        "token": "entra-token", "appId": "app-1", "userId": "user-1",
                    }))
            },
            answer: ok(token()),
            call: |client| {
                shown_token(client.exchange_teams_user_token("entra-token", "app-1", "user-1"))
            },
        },
    ]
}

#[tokio::test]
async fn a_token_is_read_with_its_seven_digits_and_never_shown() {
    let server = AcsMockServer::start().await;
    server
        .identity("POST", "/identities")
        .json(json!({"createTokenWithScopes": ["chat"]}))
        .answer(201, &created_with_token())
        .mount()
        .await;
    let client = IdentityClient::of(&server);

    let created = client
        .create_user_with_token(["chat"])
        .await
        .expect("a user");

    let expires_on = Timestamp::parse("2021-06-16T23:04:04.1234567Z").expect("a time");
    assert_eq!(created.token.expires_on(), expires_on);
    assert_eq!(created.token.secret().expose(), "eyJhbGciOi");
    assert_eq!(created.user, user());
    assert!(!format!("{created:?}").contains("eyJhbGciOi"));
    server.verify().await;
}

/// The service's own words.
#[tokio::test]
async fn a_lifetime_that_the_service_refuses_is_told_in_its_words() {
    let server = AcsMockServer::start().await;
    let message =
        "ExpiresInMinutes value 59 is invalid. Value must be within the [60, 1440] interval.";
    let refusal = json!({"error": {"code": "ValidationError", "message": message, "target": "ExpiresInMinutes"}});
    server
        .identity("POST", format!("{USER}/:issueAccessToken"))
        .json(json!({"scopes": ["chat"], "expiresInMinutes": 59}))
        .answer(400, &refusal)
        .mount()
        .await;
    let client = IdentityClient::of(&server);

    let call = client
        .issue_token(&user(), ["chat"])
        .lifetime(Duration::from_secs(59 * 60));
    let error = call.await.expect_err("too short");

    assert_eq!(error.code(), Some("ValidationError"));
    assert!(error.to_string().contains(message), "{error}");
    let acs_identity::Error::Service(error) = error else {
        panic!("{error:?}");
    };
    assert_eq!(error.target(), Some("ExpiresInMinutes"));
    server.verify().await;
}

/// Creating a user has no token by which the service could recognise a repetition.
#[tokio::test]
async fn a_user_is_not_created_twice_when_the_answer_is_lost() {
    let server = AcsMockServer::start().await;
    let broken = wiremock::ResponseTemplate::new(500);
    server
        .identity("POST", "/identities")
        .answer_with(broken)
        .mount()
        .await;
    let client = client_with(&server, ClientOptions::new());
    let error = client.create_user().await.expect_err("broken");
    assert_eq!(error.attempts(), 1);
    server.verify().await;
}

#[tokio::test]
async fn a_credential_for_chat_issues_a_token_when_there_is_none() {
    let server = AcsMockServer::start().await;
    let answer =
        json!({"token": acs_test_support::USER_TOKEN, "expiresOn": "2286-11-20T17:46:39Z"});
    server
        .identity("POST", format!("{USER}/:issueAccessToken"))
        .json(json!({"scopes": ["chat"], }))
        .answer(200, &answer)
        .mount()
        .await;
    let credential = IdentityClient::of(&server)
        .user_credential(&user(), [TokenScope::Chat])
        .build();
    let now = Timestamp::parse("2024-01-18T09:30:00Z").expect("a time");
    for _ in 0..2 {
        let token = credential.token(now).await.expect("a token");
        assert_eq!(token.secret().expose(), acs_test_support::USER_TOKEN);
    }
    server.verify().await;
}
