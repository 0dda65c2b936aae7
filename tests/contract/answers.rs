//! The answers that are no success, the same for every call.

use std::fmt::Debug;

use acs_jobrouter::{Error, JobRouterClient, Result};
use acs_test_support::{AcsMockServer, Expectation};
use serde_json::json;
use wiremock::ResponseTemplate;

use crate::client;

/// Runs one call against every kind of failing answer and checks the error that each becomes.
///
/// `expect` describes the request, which must be the same each time; `call` makes it.
pub(crate) async fn failures_become_errors<T, F>(
    expect: impl Fn(&AcsMockServer) -> Expectation<'_>,
    call: impl Fn(JobRouterClient) -> F,
) where
    T: Debug,
    F: Future<Output = Result<T>>,
{
    for failure in failures() {
        let error = failing_call(&expect, &call, failure.answer).await;
        let problem = (failure.check)(&error).err();
        assert_eq!(problem, None, "{}: {error:?}", failure.name);
    }
}

/// The same for success answers that are no answer: for calls that read a model out of the body.
pub(crate) async fn broken_successes_become_decode_errors<T, F>(
    expect: impl Fn(&AcsMockServer) -> Expectation<'_>,
    call: impl Fn(JobRouterClient) -> F,
) where
    T: Debug,
    F: Future<Output = Result<T>>,
{
    for (name, body, told) in [
        ("empty", "", "empty"),
        ("truncated", r#"{"id":"x","etag":"y","#, "EOF"),
        ("a page of HTML", "<html>sign in</html>", "<html>"),
        ("of another type", r#"["id"]"#, ""),
    ] {
        let answer = ResponseTemplate::new(200).set_body_raw(body, "application/json");
        let error = failing_call(&expect, &call, answer).await;
        assert!(matches!(error, Error::Decode(_)), "{name}: {error:?}");
        assert_eq!(
            error.status().map(|status| status.as_u16()),
            Some(200),
            "{name}"
        );
        let text = format!("{} {:?}", chain(&error), excerpt(&error));
        assert!(text.contains(told), "{name}: {text}");
    }
}

async fn failing_call<T, F>(
    expect: &impl Fn(&AcsMockServer) -> Expectation<'_>,
    call: &impl Fn(JobRouterClient) -> F,
    answer: ResponseTemplate,
) -> Error
where
    T: Debug,
    F: Future<Output = Result<T>>,
{
    let server = AcsMockServer::start().await;
    expect(&server).answer_with(answer).mount().await;
    let error = call(client(&server))
        .await
        .expect_err("the answer is a failure");
    server.verify().await;
    error
}

fn excerpt(error: &Error) -> &str {
    match error {
        Error::Decode(decode) => decode.body_excerpt(),
        _ => "",
    }
}

/// An error with all its causes, as a program would log it.
pub(crate) fn chain(error: &Error) -> String {
    let causes = std::iter::successors(std::error::Error::source(error), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

struct Failure {
    name: &'static str,
    answer: ResponseTemplate,
    check: fn(&Error) -> std::result::Result<(), &'static str>,
}

fn failures() -> Vec<Failure> {
    let coded = |status: u16, code: &str| {
        let error =
            json!({"code": code, "message": "what went wrong", "target": "/routing/somewhere"});
        ResponseTemplate::new(status)
            .insert_header("x-ms-request-id", "request-1")
            .set_body_json(json!({"communicationError": error}))
    };
    vec![
        Failure {
            name: "not found",
            answer: coded(404, "NotFound"),
            check: |error| {
                holds(
                    error.is_not_found() && error.code() == Some("NotFound"),
                    "is_not_found and code",
                )?;
                holds(
                    error.request_id() == Some("request-1"),
                    "the service's request id",
                )?;
                holds(
                    error.to_string().contains("what went wrong"),
                    "the service's words",
                )
            },
        },
        Failure {
            name: "conflict",
            answer: coded(409, "Conflict"),
            check: |error| holds(error.is_conflict() && !error.is_retryable(), "is_conflict"),
        },
        Failure {
            name: "precondition failed",
            answer: coded(412, "PreconditionFailed"),
            check: |error| holds(error.is_precondition_failed(), "is_precondition_failed"),
        },
        Failure {
            name: "bad request with details",
            answer: ResponseTemplate::new(400).set_body_json(json!({"communicationError": {
                "code": "BadRequest",
                "message": "One or more validation errors occurred.",
                "details": [{"code": "QueueNotFound", "message": "no such queue"}],
            }})),
            check: |error| match error {
                Error::Service(service) => holds(
                    service.details().len() == 1 && service.details()[0].code == "QueueNotFound",
                    "the detail",
                ),
                _ => Err("a service error"),
            },
        },
        Failure {
            name: "denied, in the envelope of the gateway",
            answer: ResponseTemplate::new(401).set_body_json(json!({"error": {
                "code": "Denied",
                "message": "Denied by the resource provider.",
            }})),
            check: |error| holds(error.code() == Some("Denied"), "the code"),
        },
        Failure {
            name: "too many requests",
            answer: coded(429, "ThrottleLimitExceededException"),
            check: |error| {
                holds(
                    error.is_retryable() && error.attempts() == 1,
                    "is_retryable",
                )
            },
        },
        Failure {
            name: "a proxy's page",
            answer: ResponseTemplate::new(502)
                .set_body_raw("<html>bad gateway</html>", "text/html"),
            check: |error| {
                let status = error.status().map(|status| status.as_u16());
                holds(
                    error.code().is_none() && status == Some(502),
                    "status without code",
                )?;
                holds(error.is_retryable(), "is_retryable")
            },
        },
        Failure {
            name: "a redirect",
            answer: ResponseTemplate::new(302)
                .insert_header("location", "http://127.0.0.1:1/elsewhere"),
            check: |error| {
                holds(
                    error.status().is_some_and(|status| status == 302),
                    "not followed",
                )
            },
        },
        Failure {
            name: "an error without body",
            answer: ResponseTemplate::new(500),
            check: |error| {
                holds(
                    error.code().is_none() && error.is_retryable(),
                    "is_retryable",
                )
            },
        },
    ]
}

fn holds(condition: bool, expected: &'static str) -> std::result::Result<(), &'static str> {
    if condition { Ok(()) } else { Err(expected) }
}
