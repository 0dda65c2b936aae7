//! Tokens of Microsoft Entra ID, made with throwaway keys: `fixtures/tokens.json`.

use acs_events::webhook::{Protection, Received, Request, TokenCheck, Webhook};
use serde_json::Value;

use crate::webhook::now;

const ISSUER: &str = "https://login.microsoftonline.com/tenant/v2.0";
const FIXTURES: &str = include_str!("../fixtures/tokens.json");

fn fixtures() -> Value {
    serde_json::from_str(FIXTURES).expect("JSON")
}

fn check() -> TokenCheck {
    TokenCheck::new(ISSUER, "api://events", &fixtures()["keys"].to_string())
        .expect("keys")
        .of_client("event-grid")
}

/// The status and text of a refusal; `None` if the request is taken.
fn refusal(webhook: &Webhook, authorization: &str) -> Option<(u16, String)> {
    let request = Request::new("POST", b"[]").with_headers([("Authorization", authorization)]);
    match webhook.receive(&request, now()) {
        Received::Answer(answer) => Some((answer.status(), answer.body().to_owned())),
        Received::Events(_) => None,
    }
}

#[test]
fn a_token_has_to_come_from_the_issuer_for_the_audience_in_time_and_from_the_client() {
    let webhook = Webhook::builder(Protection::token(check())).build();
    let fixtures = fixtures();
    let tokens = fixtures["tokens"].as_array().expect("a list");
    assert_eq!(tokens.len(), 17);
    for case in tokens {
        let token = case["token"].as_str().expect("a text");
        let refused = refusal(&webhook, &format!("Bearer {token}"));
        match (case["refused_for"].as_str(), &refused) {
            (None, None) => {}
            (Some(reason), Some((401, found))) if found.contains(reason) => {
                assert!(!found.contains(token), "{found}");
            }
            _ => panic!("{}: {refused:?}", case["name"]),
        }
    }
}

#[test]
fn what_is_no_bearer_token_is_refused() {
    let webhook = Webhook::builder(Protection::token(check())).build();
    for wrong in [
        "",
        "Bearer",
        "Bearer ",
        "Bearer abc",
        "Bearer a.b.c",
        "Basic YTpi",
    ] {
        let refused = refusal(&webhook, wrong).expect(wrong);
        assert_eq!(refused.0, 401, "{wrong}: {refused:?}");
    }
    assert!(format!("{webhook:?}").contains("api://events"));
}

#[test]
fn a_key_that_is_not_known_yet_asks_for_another_try() {
    let check = check();
    let webhook = Webhook::builder(Protection::token(check.clone())).build();
    let fixtures = fixtures();
    let token = format!(
        "bearer {}",
        fixtures["later_token"].as_str().expect("a text")
    );
    assert_eq!(
        refusal(&webhook, &token).map(|refused| refused.0),
        Some(503)
    );
    check
        .set_keys(&fixtures["later_keys"].to_string())
        .expect("keys");
    assert_eq!(refusal(&webhook, &token), None);
    check.set_keys("{}").expect_err("no keys");
    assert_eq!(refusal(&webhook, &token), None);
}
