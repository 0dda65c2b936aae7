//! Answers that are whole and still not what they should be.

use std::time::Duration;

use acs_contract_tests::{OperationCall, calls};
use acs_jobrouter::Error;
use acs_test_support::{RawServer, Reaction};

use crate::{Stage, client, name, success};

const PAGE: &str = "<html><body>Please sign in</body></html>";

fn with_result() -> impl Iterator<Item = &'static OperationCall> {
    calls().filter(|call| !call.answer.is_empty())
}

#[tokio::test(start_paused = true)]
async fn a_success_that_cannot_be_read_is_told_and_never_repeated_for_the_service_has_acted() {
    let stage = Stage::new().await;
    for call in with_result() {
        for (body, told) in [
            ("", "the body was empty"),
            (PAGE, "the body is not the documented JSON"),
            ("{\"id\":", "the body is not the documented JSON"),
        ] {
            let headers = "content-type: text/html\r\n";
            let outcome = stage
                .outcome(call, &[Reaction::answer(200, headers, body)])
                .await;
            let Error::Decode(error) = outcome.error() else {
                panic!("{} {outcome:?}", name(call));
            };
            assert!(error.to_string().contains(told), "{}: {error}", name(call));
            assert_eq!(error.body_excerpt(), body);
            assert_eq!((outcome.requests, outcome.took), (1, Duration::ZERO));
            assert!(!outcome.error().is_retryable());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_deletion_succeeds_whatever_its_answer_says() {
    let stage = Stage::new().await;
    for call in calls().filter(|call| call.answer.is_empty()) {
        for answer in [
            Reaction::answer(200, "", ""),
            Reaction::answer(200, "", PAGE),
        ] {
            let outcome = stage.outcome(call, &[answer]).await;
            assert!(outcome.result.is_ok(), "{} {outcome:?}", name(call));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_redirect_is_not_followed_so_that_no_signature_goes_elsewhere() {
    let stage = Stage::new().await;
    let elsewhere = RawServer::react(|_| Reaction::ok(r#"{"id":"a","etag":"x"}"#)).await;
    for call in calls() {
        for code in [301, 302, 303, 307, 308] {
            let location = format!("location: {}{}\r\n", elsewhere.endpoint(), call.path);
            let outcome = stage
                .outcome(call, &[Reaction::answer(code, &location, "")])
                .await;
            let status = outcome.error().status().map(|status| status.as_u16());
            assert_eq!(
                (status, outcome.requests),
                (Some(code), 1),
                "{}",
                name(call)
            );
        }
    }
    assert!(elsewhere.requests().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_next_link_to_elsewhere_ends_the_list_so_that_no_signature_goes_there() {
    let stage = Stage::new().await;
    let elsewhere = RawServer::react(|_| Reaction::ok(r#"{"value":[]}"#)).await;
    let foreign = elsewhere.endpoint().replace("http://", "");
    for call in calls().filter(|call| call.operation.starts_with("list")) {
        for link in [
            format!("http://{foreign}{}", call.path),
            format!("//{foreign}{}", call.path),
            format!("http:\\\\\\\\{foreign}{}", call.path),
        ] {
            let page = format!(r#"{{"value":[],"nextLink":"{link}"}}"#);
            let outcome = stage.outcome(call, &[Reaction::ok(&page)]).await;
            let Error::Decode(error) = outcome.error() else {
                panic!("{} {outcome:?}", name(call));
            };
            assert!(error.to_string().contains(&foreign), "{error}");
            assert_eq!(outcome.requests, 1);
        }
    }
    assert!(elsewhere.requests().is_empty());
}

/// An answer with values, kinds and members that no version of this crate knows.
fn newer(call: &OperationCall) -> Option<&'static str> {
    Some(match call.operation {
        "getJob" => {
            r#"{"id":"a","etag":"x","status":"onHold","matchingMode":{"kind":"auction","reserve":5},"mood":{"calm":1}}"#
        }
        "getWorker" => r#"{"id":"a","etag":"x","state":"resting","mood":[1]}"#,
        "getDistributionPolicy" => {
            r#"{"id":"a","etag":"x","mode":{"kind":"bestWorker","scoringRule":{"kind":"oracle","depth":3}},"mood":1}"#
        }
        "getClassificationPolicy" => {
            r#"{"id":"a","etag":"x","queueSelectorAttachments":[{"kind":"lottery"}],"workerSelectorAttachments":[
                {"kind":"static","workerSelector":{"key":"k","labelOperator":"resembles","value":1,"mood":1}}]}"#
        }
        "getExceptionPolicy" => {
            r#"{"id":"a","etag":"x","exceptionRules":[{"id":"r","trigger":{"kind":"fullMoon"},"actions":[{"kind":"howl"}]}]}"#
        }
        "listJobs" => r#"{"value":[{"id":"a","etag":"x","status":"onHold"}],"mood":1}"#,
        "acceptJobOffer" => r#"{"assignmentId":"x","jobId":"j","workerId":"a","mood":1}"#,
        _ => return None,
    })
}

#[tokio::test(start_paused = true)]
async fn what_a_newer_service_adds_breaks_nothing() {
    let stage = Stage::new().await;
    let answers = with_result().filter_map(|call| Some((call, newer(call)?)));
    let mut count = 0;
    for (call, answer) in answers {
        let outcome = stage.outcome(call, &[Reaction::ok(answer)]).await;
        assert!(outcome.result.is_ok(), "{} {outcome:?}", name(call));
        count += 1;
    }
    assert_eq!(count, 7);
}

#[tokio::test(start_paused = true)]
async fn values_and_kinds_of_a_newer_service_are_kept_as_they_came() {
    let policy = r#"{"etag":"x","id":"a","mode":{"kind":"lottery","tickets":[1,null]}}"#;
    let job = r#"{"id":"a","etag":"x","status":"onHold","labels":{"n":10}}"#;
    let server = RawServer::start([Reaction::ok(policy), Reaction::ok(job)]).await;
    let client = client(&server.connection_string()).router;

    let policy_read = client
        .admin()
        .get_distribution_policy("a")
        .await
        .expect("policy");
    let job = client.get_job("a").await.expect("job");

    let written = serde_json::to_string(&*policy_read).expect("json");
    assert_eq!(written, policy);
    assert_eq!(
        job.status.as_ref().map(|status| status.as_str()),
        Some("onHold")
    );
}

#[tokio::test(start_paused = true)]
async fn every_call_succeeds_when_nothing_is_wrong() {
    let stage = Stage::new().await;
    for call in calls() {
        let outcome = stage.outcome(call, &[success(call)]).await;
        assert!(outcome.result.is_ok(), "{} {outcome:?}", name(call));
        assert_eq!((outcome.requests, outcome.took), (1, Duration::ZERO));
    }
}
