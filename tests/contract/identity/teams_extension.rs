//! Access of people and resource accounts of Microsoft Teams: asked for at the api-version that has it.

use acs_identity::{
    AccessToken, ClientOptions, IdentityClient, TeamsExtensionPrincipalType, Timestamp,
};
use acs_test_support::{AcsMockServer, Expectation};
use serde_json::{Value, json};

use super::{Case, USER_ID, client_with, shown_user, token};
use crate::case::{Called as _, created, no_content, ok, shown};

const ASSIGNMENT: &str = "/access/teamsExtension/tenants/tenant-1/assignments/object%2F1";
const EXCHANGE: &str = "/access/teamsExtension/:exchangeAccessToken";

/// An assignment as the service answers it, with every member set.
fn assignment() -> Value {
    json!({
        "objectId": "object/1",
        "tenantId": "tenant-1",
        "principalType": "resourceAccount",
        "clientIds": ["app-1", "app-2"],
    })
}

fn at<'a>(server: &'a AcsMockServer, method: &'static str, path: &str) -> Expectation<'a> {
    server.identity(method, path).api_version("2025-06-30")
}

pub(super) fn entra_token() -> AccessToken {
    let last = Timestamp::parse("9999-12-31T00:00:00Z").expect("a time");
    AccessToken::new("entra-token", last)
}

pub(super) fn cases() -> Vec<Case> {
    vec![
        Case {
            name: "reading an assignment",
            request: |server| at(server, "GET", ASSIGNMENT),
            answer: ok(assignment()),
            call: |client| shown(client.get_teams_extension_assignment("tenant-1", "object/1")),
        },
        Case {
            name: "giving access",
            request: |server| {
                at(server, "PUT", ASSIGNMENT).json(
                    json!({"principalType": "resourceAccount", "clientIds": ["app-1", "app-2"]}),
                )
            },
            answer: created(assignment()),
            call: |client| {
                let principal = TeamsExtensionPrincipalType::ResourceAccount;
                let call =
                    client.upsert_teams_extension_assignment("tenant-1", "object/1", principal);
                shown(call.client_ids(["app-1", "app-2"]))
            },
        },
        Case {
            name: "taking access away",
            request: |server| at(server, "DELETE", ASSIGNMENT),
            answer: no_content(),
            call: |client| shown(client.delete_teams_extension_assignment("tenant-1", "object/1")),
        },
        Case {
            name: "exchanging the token of somebody who has access",
            request: |server| {
                at(server, "POST", EXCHANGE)
                    .bearer("entra-token")
                    .json(json!({}))
            },
            answer: ok(json!({"identity": {"id": USER_ID}, "accessToken": token()})),
            call: |client| shown_user(client.exchange_teams_extension_token(entra_token())),
        },
    ]
}

#[tokio::test]
async fn who_has_no_access_has_no_assignment() {
    for (status, is_none) in [(404, true), (403, false)] {
        let server = AcsMockServer::start().await;
        let refusal = json!({"error": {"code": "x", "message": "y"}});
        at(&server, "GET", ASSIGNMENT)
            .answer(status, &refusal)
            .mount()
            .await;
        let client = IdentityClient::of(&server);
        let call = client.get_teams_extension_assignment_opt("tenant-1", "object/1");
        match call.await {
            Ok(found) => assert!(found.is_none() && is_none),
            Err(error) => assert!(error.is_forbidden() && !is_none),
        }
        server.verify().await;
    }
}

#[tokio::test]
async fn a_chosen_version_applies_to_all_operations() {
    let server = AcsMockServer::start().await;
    let expected = server.identity("GET", ASSIGNMENT).api_version("2026-07-22");
    expected.answer(200, &assignment()).mount().await;
    let client = client_with(&server, ClientOptions::new().api_version("2026-07-22"));
    client
        .get_teams_extension_assignment("tenant-1", "object/1")
        .await
        .expect("assignment");
    server.verify().await;
}
