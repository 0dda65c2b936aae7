//! What every request must have, whatever it asks for.

use std::time::{Duration, SystemTime};

use acs_auth::ConnectionString;
use acs_emulator::{Clock, Emulator};
use acs_types::Timestamp;
use serde_json::json;

use crate::caller::{Answer, Caller, start};

/// Another key than the development key.
const OTHER_KEY: &str = "c29tZSBvdGhlciBrZXk=";

#[track_caller]
fn assert_denied(answer: Answer) {
    let answer = answer.expect(401);
    let body =
        json!({ "error": { "code": "Denied", "message": "Denied by the resource provider." } });
    assert_eq!(answer.body, body);
}

// R2, R16
#[tokio::test]
async fn a_request_without_a_signature_is_denied() {
    let (_emulator, caller) = start().await;
    assert_denied(caller.request("GET", "jobs").send_unsigned().await);
}

#[tokio::test]
async fn a_signature_with_another_key_is_denied() {
    let (_emulator, caller) = start().await;
    let request = caller.request("GET", "jobs").signed_with(OTHER_KEY);
    assert_denied(request.send().await);
}

#[tokio::test]
async fn the_key_of_the_builder_replaces_the_development_key() {
    let builder = Emulator::builder().access_key(format!(" {OTHER_KEY}\n"));
    let emulator = builder.start().await.unwrap();
    let caller = Caller::new(emulator.endpoint());
    assert_denied(caller.get("jobs").await);
    let request = caller.request("GET", "jobs").signed_with(OTHER_KEY);
    request.send().await.expect(200);
    let endpoint = emulator.endpoint();
    assert_eq!(
        emulator.connection_string(),
        format!("endpoint={endpoint}/;accesskey={OTHER_KEY}")
    );
    ConnectionString::parse(&emulator.connection_string()).unwrap();
}

#[tokio::test]
async fn a_body_that_is_not_the_signed_one_is_denied_and_changes_nothing() {
    let (_emulator, caller) = start().await;
    let policy = json!({ "offerExpiresAfterSeconds": 30, "mode": { "kind": "longestIdle" } });
    let request = caller
        .request("PATCH", "distributionPolicies/p")
        .json(&policy);
    let answer = request
        .body_altered_to(r#"{"mode":{"kind":"roundRobin"}}"#)
        .send()
        .await
        .expect(401);
    assert_eq!(answer.body["error"]["code"], "Denied");
    let message = answer.body["error"]["message"].as_str().unwrap();
    assert!(message.contains("x-ms-content-sha256"), "{message}");
    caller.get("distributionPolicies/p").await.expect(404);
}

#[tokio::test]
async fn a_signature_of_another_quarter_of_an_hour_is_denied() {
    let (_emulator, caller) = start().await;
    let now = Timestamp::from(SystemTime::now());
    let minutes = |minutes: u64| Duration::from_secs(minutes * 60);
    for (date, status) in [
        (now.checked_sub(minutes(16)), 401),
        (now.checked_sub(minutes(14)), 200),
        (now.checked_add(minutes(14)), 200),
        (now.checked_add(minutes(16)), 401),
    ] {
        let request = caller.request("GET", "jobs").signed_at(date.unwrap());
        request.send().await.expect(status);
    }
}

#[tokio::test]
async fn moving_the_routing_clock_does_not_break_signatures() {
    let past = Timestamp::parse("2001-02-03T04:05:06Z").unwrap();
    let emulator = Emulator::builder()
        .clock(Clock::Manual(past))
        .start()
        .await
        .unwrap();
    let caller = Caller::new(emulator.endpoint());
    caller.get("jobs").await.expect(200);
    emulator
        .clock()
        .advance(Duration::from_secs(86_400 * 365 * 50))
        .await
        .unwrap();
    caller.get("jobs").await.expect(200);
}

#[tokio::test]
async fn javascript_callers_that_sign_the_query_as_a_form_are_let_in() {
    let (_emulator, caller) = start().await;
    let sent = "/routing/jobs?queueId=a:b&api-version=2023-11-01";
    let signed = caller.raw("GET", "/routing/jobs?queueId=a%3Ab&api-version=2023-11-01");
    signed.sent_to(sent).send().await.expect(200);
}

// R1
#[tokio::test]
async fn every_answer_carries_request_ids_and_the_supported_versions() {
    let (_emulator, caller) = start().await;
    let good = caller
        .request("GET", "jobs")
        .header("x-ms-client-request-id", "my-id");
    let good = good.send().await.expect(200);
    let refused = caller
        .request("GET", "nothing")
        .header("x-ms-client-request-id", "my-id");
    let refused = refused.send().await.expect(404);
    let denied = caller
        .request("GET", "jobs")
        .header("x-ms-client-request-id", "my-id");
    let denied = denied.send_unsigned().await.expect(401);
    let mut ids = Vec::new();
    for answer in [good, refused, denied] {
        assert_eq!(answer.header("x-ms-client-request-id"), Some("my-id"));
        let versions = answer.header("api-supported-versions");
        assert_eq!(versions, Some("2023-11-01, 2024-01-18-preview"));
        assert!(answer.header("ms-cv").is_some());
        ids.push(answer.header("x-ms-request-id").unwrap().to_owned());
    }
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 3);
    let anonymous = caller.get("jobs").await.expect(200);
    assert_eq!(anonymous.header("x-ms-client-request-id"), None);
}

#[tokio::test]
async fn a_missing_or_unknown_api_version_is_refused_with_its_own_code() {
    let (_emulator, caller) = start().await;
    for (query, code) in [
        ("", "MissingApiVersionParameter"),
        ("?api-version=", "MissingApiVersionParameter"),
        ("?Api-Version=2023-11-01", "MissingApiVersionParameter"),
        ("?api-version=2021-04-07-preview1", "UnsupportedApiVersion"),
    ] {
        let request = caller.raw("GET", &format!("/routing/jobs{query}"));
        let answer = request.send().await.expect(400);
        assert_eq!(answer.error()["code"], code, "{query}");
        let message = answer.error()["message"].as_str().unwrap();
        assert!(message.contains("`2023-11-01`"), "{message}");
    }
    let twice = caller.raw(
        "GET",
        "/routing/jobs?api-version=2023-11-01&api-version=2023-11-01",
    );
    let answer = twice.send().await;
    assert_eq!(
        answer.detail(),
        "query parameter `api-version` is given more than once"
    );
    let preview = caller.raw("GET", "/routing/jobs?api-version=2024-01-18-preview");
    preview.send().await.expect(200);
}

// R10
#[tokio::test]
async fn a_path_that_nothing_has_answers_404_with_the_path_as_target() {
    let (_emulator, caller) = start().await;
    let answer = caller.get("jobs/a/b?x=1").await.expect(404);
    assert_eq!(answer.error()["code"], "NotFound");
    assert_eq!(answer.error()["target"], "/routing/jobs/a/b");
}

#[tokio::test]
async fn a_method_that_the_path_does_not_take_answers_405_and_names_those_it_does() {
    let (_emulator, caller) = start().await;
    let answer = caller.request("PUT", "jobs/a").send().await.expect(405);
    assert_eq!(answer.error()["code"], "MethodNotAllowed");
    assert_eq!(answer.header("allow"), Some("DELETE, GET, PATCH"));
}

#[tokio::test]
async fn operations_without_a_handler_answer_501_and_their_id() {
    let (emulator, caller) = start().await;
    let implemented = emulator.operations();
    let missing = acs_core_jobrouter::operations::OPERATIONS
        .iter()
        .filter(|operation| !implemented.contains(&operation.id));
    for operation in missing {
        let path = operation.path.replace(['{', '}'], "");
        let target = format!("{path}?api-version=2023-11-01");
        let answer = caller
            .raw(operation.method, &target)
            .send()
            .await
            .expect(501);
        assert_eq!(answer.error()["code"], "NotImplemented");
        let message = answer.error()["message"].as_str().unwrap();
        assert!(
            message.contains(&format!("`{}`", operation.id)),
            "{message}"
        );
    }
    assert!(emulator.exercised_operations().is_empty());
}

#[tokio::test]
async fn bodies_that_are_no_json_object_are_refused_with_the_place() {
    let (_emulator, caller) = start().await;
    for (body, part) in [
        ("", "is empty"),
        ("{\"channelId\": \"voice\",\n  oops}", "line 2 column 3"),
        ("[1, 2]", "is an array"),
        ("null", "is null"),
        ("{} {}", "trailing characters at line 1 column 4"),
        ("{\"priority\": 1e999}", "number out of range"),
    ] {
        let request = caller.request("PATCH", "jobs/j").body(body);
        let request = request.header("content-type", "application/merge-patch+json");
        let answer = request.send().await;
        assert!(
            answer.detail().contains(part),
            "{body}: {}",
            answer.detail()
        );
    }
    let deep = "[".repeat(100_000);
    let answer = caller.request("PATCH", "jobs/j").body(deep).send().await;
    assert!(
        answer.detail().contains("recursion limit"),
        "{}",
        answer.detail()
    );
    caller.get("jobs/j").await.expect(404);
}

#[tokio::test]
async fn json_is_taken_under_any_json_content_type_or_none_and_nothing_else_is() {
    let (_emulator, caller) = start().await;
    let body =
        json!({ "offerExpiresAfterSeconds": 30, "mode": { "kind": "longestIdle" } }).to_string();
    for content_type in [
        "application/json",
        "Application/Merge-Patch+JSON; charset=utf-8",
        "text/json",
    ] {
        let request = caller
            .request("PATCH", "distributionPolicies/p")
            .body(body.clone());
        let answer = request.header("content-type", content_type).send().await;
        assert!(
            matches!(answer.status, 200 | 201),
            "{content_type}: {:#}",
            answer.body
        );
    }
    let request = caller
        .request("PATCH", "distributionPolicies/p")
        .body(body.clone());
    request.send().await.expect(200);
    let request = caller.request("PATCH", "distributionPolicies/p").body(body);
    let answer = request
        .header("content-type", "application/x-www-form-urlencoded")
        .send()
        .await
        .expect(415);
    let message = answer.error()["message"].as_str().unwrap();
    assert!(
        message.contains("`application/merge-patch+json`"),
        "{message}"
    );
}

#[tokio::test]
async fn a_body_of_more_than_4_mebibytes_answers_413() {
    let (_emulator, caller) = start().await;
    let body = vec![b' '; 4 * 1024 * 1024 + 1];
    let answer = caller
        .request("PATCH", "jobs/j")
        .body(body)
        .send()
        .await
        .expect(413);
    assert_eq!(answer.error()["code"], "RequestBodyTooLarge");
}
