//! Entra tokens: had from the emulator, and good for what they are for.

use serde_json::{Value, json};

use acs_emulator::DEVELOPMENT_ACCESS_KEY;

use crate::caller::{Answer, Caller, start};
use crate::user::{IDENTITY, identity_error};

const RESOURCE: &str = "https://communication.azure.com//.default";
const TEAMS: &str = "https://auth.msft.communication.azure.com/TeamsExtension.ManageCalls";
const TENANT: &str = "cccccccc-0000-4000-8000-000000000003";
const APP: &str = "aaaaaaaa-0000-4000-8000-000000000001";
const PERSON: &str = "bbbbbbbb-0000-4000-8000-000000000002";

async fn ask(caller: &Caller, form: &str) -> Answer {
    let request = caller.raw("POST", &format!("/{TENANT}/oauth2/v2.0/token"));
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    request.body(form).send_unsigned().await
}

/// A token for an application, or for a person.
async fn token(caller: &Caller, scope: &str, person: Option<&str>) -> String {
    let key = DEVELOPMENT_ACCESS_KEY;
    let who = match person {
        Some(person) => format!("grant_type=password&username={person}&password={key}"),
        None => format!("grant_type=client_credentials&client_secret={key}"),
    };
    let answer = ask(caller, &format!("{who}&client_id={APP}&scope={scope}"))
        .await
        .expect(200);
    assert_eq!(answer.body["token_type"], "Bearer");
    assert_eq!(answer.body["expires_in"], 3599);
    answer.body["access_token"].as_str().unwrap().to_owned()
}

async fn bearing(caller: &Caller, method: &str, target: &str, token: &str, body: Value) -> Answer {
    let request = caller.raw(method, target);
    let request = request.header("authorization", format!("Bearer {token}"));
    request.json(&body).send_unsigned().await
}

// auth 1, 3, 4
#[tokio::test]
async fn an_application_s_token_is_as_good_as_the_access_key() {
    let (_emulator, caller) = start().await;
    let token = token(&caller, RESOURCE, None).await;
    let identities = format!("/identities?{IDENTITY}");
    bearing(&caller, "POST", &identities, &token, json!({}))
        .await
        .expect(201);
    let jobs = "/routing/jobs?api-version=2023-11-01";
    let request = caller
        .raw("GET", jobs)
        .header("authorization", format!("bearer {token}"));
    request.send_unsigned().await.expect(200);
    let chat = "/chat/threads?api-version=2025-03-15";
    bearing(&caller, "GET", chat, &token, json!({}))
        .await
        .expect(401);
    let altered = format!("{token}x");
    bearing(&caller, "POST", &identities, &altered, json!({}))
        .await
        .expect(401);
}

#[tokio::test]
async fn the_token_endpoint_refuses_in_the_forms_of_oauth() {
    let (_emulator, caller) = start().await;
    let good = format!("client_id=a&client_secret={DEVELOPMENT_ACCESS_KEY}");
    for (form, status, error) in [
        (String::new(), 400, "invalid_request"),
        ("client_id=a".to_owned(), 400, "invalid_request"),
        (
            format!("{good}&grant_type=magic"),
            400,
            "unsupported_grant_type",
        ),
        (
            "client_id=a&client_secret=x&grant_type=client_credentials&scope=y".to_owned(),
            401,
            "invalid_client",
        ),
        (
            "client_id=a&username=u&password=x&grant_type=password&scope=y".to_owned(),
            400,
            "invalid_grant",
        ),
        (
            format!("{good}&grant_type=client_credentials"),
            400,
            "invalid_request",
        ),
        (
            format!(
                "{good}&grant_type=client_credentials&scope=https://graph.microsoft.com/.default"
            ),
            400,
            "invalid_scope",
        ),
    ] {
        let answer = ask(&caller, &form).await.expect(status);
        assert_eq!(answer.body["error"], error, "{form}");
        assert!(answer.body["error_description"].is_string());
    }
    let path = format!("/{TENANT}/oauth2/v2.0/token");
    caller.raw("GET", &path).send_unsigned().await.expect(405);
}

#[tokio::test]
async fn sign_in_libraries_find_the_token_endpoint() {
    let (emulator, caller) = start().await;
    let path = format!("/{TENANT}/v2.0/.well-known/openid-configuration");
    let found = caller
        .raw("GET", &path)
        .send_unsigned()
        .await
        .expect(200)
        .body;
    let endpoint = emulator.endpoint();
    assert_eq!(
        found["token_endpoint"],
        format!("{endpoint}/{TENANT}/oauth2/v2.0/token")
    );
}

// auth 83
#[tokio::test]
async fn a_teams_user_s_token_is_exchanged() {
    let (_emulator, caller) = start().await;
    let target = format!("/teamsUser/:exchangeAccessToken?{IDENTITY}");
    let exchange = |token: &str, app_id: &str, user_id: &str| {
        let body = json!({ "token": token, "appId": app_id, "userId": user_id });
        caller.raw("POST", &target).json(&body).send()
    };
    let entra = token(&caller, TEAMS, Some(PERSON)).await;
    let exchanged = exchange(&entra, APP, PERSON).await.expect(200).body;
    assert!(exchanged["token"].is_string() && exchanged["expiresOn"].is_string());

    let wrong_kind = token(&caller, RESOURCE, None).await;
    for bad in ["", "nonsense", &wrong_kind] {
        let refused = exchange(bad, APP, PERSON).await.expect(401);
        let (code, message, _) = identity_error(&refused);
        assert_eq!(
            (code, message),
            ("InvalidAccessToken", "Provided access token is not valid.")
        );
    }
    let refused = exchange(&entra, "app", PERSON).await.expect(400);
    assert_eq!(
        identity_error(&refused),
        (
            "ValidationError",
            "Provided AppId has invalid format.",
            Some("appId")
        )
    );
    let refused = exchange(&entra, APP, "person").await.expect(400);
    assert_eq!(identity_error(&refused).2, Some("userId"));
}

// auth 55, 56, 84
#[tokio::test]
async fn the_teams_extension_serves_those_who_have_an_assignment() {
    let (_emulator, caller) = start().await;
    let version = "api-version=2025-06-30";
    let assignment =
        format!("/access/teamsExtension/tenants/{TENANT}/assignments/{PERSON}?{version}");
    let exchange = format!("/access/teamsExtension/:exchangeAccessToken?{version}");
    let entra = token(&caller, TEAMS, Some(PERSON)).await;
    let refused = bearing(&caller, "POST", &exchange, &entra, json!({}))
        .await
        .expect(403);
    assert_eq!(identity_error(&refused).0, "Forbidden");

    caller.raw("GET", &assignment).send().await.expect(404);
    let put = |body: Value| caller.raw("PUT", &assignment).json(&body).send();
    let body = json!({ "principalType": "user", "clientIds": [APP] });
    let created = put(body.clone()).await.expect(201).body;
    assert_eq!(
        created,
        json!({ "objectId": PERSON, "tenantId": TENANT, "principalType": "user", "clientIds": [APP] })
    );
    put(body).await.expect(200);
    assert_eq!(
        caller.raw("GET", &assignment).send().await.expect(200).body,
        created
    );
    let refused = put(json!({ "principalType": "robot" })).await.expect(400);
    assert_eq!(identity_error(&refused).2, Some("principalType"));

    let exchanged = bearing(&caller, "POST", &exchange, &entra, json!({}))
        .await
        .expect(200)
        .body;
    let id = exchanged["identity"]["id"].as_str().unwrap();
    assert!(id.ends_with(&format!("_{TENANT}_{PERSON}")), "{id}");
    assert!(exchanged["accessToken"]["token"].is_string());
    caller
        .raw("POST", &exchange)
        .json(&json!({}))
        .send()
        .await
        .expect(401);

    caller.raw("DELETE", &assignment).send().await.expect(204);
    bearing(&caller, "POST", &exchange, &entra, json!({}))
        .await
        .expect(403);
}
