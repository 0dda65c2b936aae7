//! Answers may hold null, lack what is optional, and hold more than is known; what is broken is an error.

use acs_core_jobrouter::models::{
    DistributionMode, FunctionRouterRuleCredential, OAuth2WebhookClientCredential, PagedRouterJob,
    RouterJob, RouterRule, RouterWorkerSelector,
};
use serde_json::{Value, json};

use crate::round_trip;

#[test]
fn null_reads_as_absent() {
    let (job, _): (RouterJob, Value) = round_trip(&json!({
        "etag": "\"1\"", "id": "j", "classificationPolicyId": null, "dispositionCode": null, "scheduledAt": null,
        "labels": null, "notes": null, "matchingMode": null, "status": null
    }));
    assert_eq!(job.classification_policy_id, None);
    assert_eq!(job.matching_mode, None);
    assert!(job.labels.is_empty() && job.notes.is_empty());
    let (selector, written): (RouterWorkerSelector, Value) = round_trip(&json!({
        "key": "k", "labelOperator": "equal", "value": null, "expiresAfterSeconds": null
    }));
    assert_eq!(selector.expires_after_seconds, None);
    assert_eq!(written, json!({"key": "k", "labelOperator": "equal"}));
    let (page, _): (PagedRouterJob, Value) = round_trip(&json!({"value": [], "nextLink": null}));
    assert_eq!(page.next_link, None);
}

#[test]
fn a_job_with_nothing_but_its_id_and_etag_can_be_read() {
    let (job, _): (RouterJob, Value) = round_trip(&json!({"etag": "\"1\"", "id": "j"}));
    assert_eq!(job.id, "j");
    assert!(job.assignments.is_empty());
}

#[test]
fn unknown_members_are_ignored() {
    let (job, _): (RouterJob, Value) =
        round_trip(&json!({"etag": "\"1\"", "id": "j", "moonPhase": {"a": 1}}));
    assert_eq!(job.id, "j");
}

#[test]
fn broken_values_are_errors_that_name_the_part() {
    for (json, named) in [
        (json!({"id": "j"}), "etag"),
        (
            json!({"etag": "1", "id": "j", "labels": {"a": [1]}}),
            "label",
        ),
        (
            json!({"etag": "1", "id": "j", "matchingMode": {"kind": "scheduleAndSuspend"}}),
            "scheduleAt",
        ),
        (
            json!({"etag": "1", "id": "j", "enqueuedAt": "yesterday"}),
            "yesterday",
        ),
    ] {
        let error = serde_json::from_value::<RouterJob>(json)
            .expect_err(named)
            .to_string();
        assert!(error.contains(named), "{error}");
    }
    let error = serde_json::from_value::<DistributionMode>(json!({})).expect_err("kind");
    assert!(error.to_string().contains("kind"), "{error}");
}

#[test]
fn debug_shows_no_secret() {
    let function = FunctionRouterRuleCredential::new()
        .function_key("hush1")
        .app_key("hush2")
        .client_id("shown");
    let oauth = OAuth2WebhookClientCredential::new().client_secret("hush3");
    let rule: RouterRule = serde_json::from_value(json!({
        "kind": "function", "functionUri": "https://f", "credential": {"functionKey": "hush4"}
    }))
    .expect("a rule");
    let shown = format!("{function:?} {oauth:?} {rule:?}");
    assert!(!shown.contains("hush"), "{shown}");
    assert!(
        shown.contains("shown") && shown.contains("<secret>"),
        "{shown}"
    );
}
