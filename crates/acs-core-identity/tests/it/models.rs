//! Every model writes what it read, and none shows a token.

use acs_core_identity::Client;
use acs_core_identity::models::{
    CommunicationIdentityAccessTokenResult, CommunicationIdentityCreateRequest,
    TeamsExtensionAssignmentCreateOrUpdateRequest, TeamsUserExchangeTokenRequest,
};
use acs_test_support::check_round_trips;
use serde_json::json;

use crate::generated::{DOCUMENT, MODELS};

#[test]
fn every_model_writes_what_it_read() {
    check_round_trips(DOCUMENT, MODELS);
}

#[test]
fn debug_shows_no_token() {
    let answer: CommunicationIdentityAccessTokenResult = serde_json::from_value(json!({
        "identity": {"id": "8:acs:r_u"},
        "accessToken": {"token": "hush1", "expiresOn": "2030-01-01T00:00:00+00:00"}
    }))
    .expect("documented shape");
    let request = TeamsUserExchangeTokenRequest::new("hush2", "app", "user");
    let shown = format!("{answer:?} {request:?}");
    assert!(!shown.contains("hush"), "{shown}");
    assert!(
        shown.contains("<secret>") && shown.contains("8:acs:r_u"),
        "{shown}"
    );
}

#[test]
fn requests_tell_an_absent_list_from_an_empty_one() {
    let written = |request: &CommunicationIdentityCreateRequest| {
        serde_json::to_value(request).expect("writable")
    };
    let request = CommunicationIdentityCreateRequest::new();
    assert_eq!(written(&request), json!({}));
    let request = request.create_token_with_scopes(["chat", "a scope of tomorrow"]);
    assert_eq!(
        written(&request),
        json!({"createTokenWithScopes": ["chat", "a scope of tomorrow"]})
    );
    let none = TeamsExtensionAssignmentCreateOrUpdateRequest::new("user").client_ids([""; 0]);
    assert_eq!(
        serde_json::to_value(&none).expect("writable"),
        json!({"principalType": "user", "clientIds": []})
    );
}

/// Compiles only if the futures of the raw client may move between threads.
#[expect(dead_code, reason = "compiling it is the test")]
fn futures_of_the_client_are_send(client: &Client) {
    fn is_send<T: Send>(_: T) {}
    is_send(client.delete("8:acs:r_u"));
    is_send(client.get_assignment("tenant", "object"));
}
