//! The answers that are no success or no answer, for every operation.

use acs_contract_tests::{Clients, OperationCall, Proof, calls};
use acs_jobrouter::{ClientOptions, Error, RetryOptions, Timestamp};
use acs_test_support::{AcsMockServer, Expectation, USER_TOKEN};
use futures_util::{StreamExt as _, stream};
use serde_json::{Value, json};
use wiremock::ResponseTemplate;

use crate::client;

const FACTS: [&str; 3] = [
    include_str!("../../specs/facts/jobrouter.json"),
    include_str!("../../specs/facts/identity.json"),
    include_str!("../../specs/facts/chat.json"),
];

const CONDITIONS: [&str; 2] = ["if-match", "if-unmodified-since"];

#[test]
fn there_is_a_call_for_every_operation_and_two_for_those_with_conditions() {
    let mut called: Vec<_> = calls().map(|call| call.operation).collect();
    for facts in FACTS {
        let facts: Value = serde_json::from_str(facts).expect("the fact table is JSON");
        for operation in facts["operations"].as_array().expect("operations") {
            let header = operation["header_params"][0]["name"].as_str();
            let is_conditional =
                header.is_some_and(|name| CONDITIONS.contains(&name.to_lowercase().as_str()));
            let name = operation["name"].as_str().expect("a name");
            for _ in 0..=usize::from(is_conditional) {
                let place = called.iter().position(|called| *called == name);
                called.remove(place.unwrap_or_else(|| panic!("{name} is not called")));
            }
        }
    }
    assert_eq!(called, Vec::<&str>::new(), "no operations");
}

/// Clients of the stub that try once only.
fn clients(server: &AcsMockServer) -> Clients {
    let options = ClientOptions::new().retry(RetryOptions::none());
    Clients::new(&server.connection_string(), USER_TOKEN, options).expect("clients")
}

/// What the stub must see of a call, before it answers.
fn expect<'a>(server: &'a AcsMockServer, call: &OperationCall) -> Expectation<'a> {
    let mut expectation = server
        .expect(call.method, call.path)
        .api_version(call.api_version);
    match call.proof {
        Proof::Key => {}
        Proof::UserToken => expectation = expectation.bearer(USER_TOKEN),
        Proof::Token(token) => expectation = expectation.bearer(token),
    }
    if let Some(etag) = call.if_match {
        expectation = expectation.header("if-match", etag);
    }
    match call.body {
        "" => expectation,
        body => {
            let body = serde_json::from_str(body).expect("a body");
            match call.method {
                "PATCH" => expectation.merge_patch(body),
                _ => expectation.json(body),
            }
        }
    }
}

/// Makes a call once for each answer.
async fn errors(call: &OperationCall, answers: Vec<ResponseTemplate>) -> Vec<Error> {
    let count = answers.len();
    let server = AcsMockServer::start().await;
    expect(&server, call).answer_in_turn(answers).mount().await;
    let client = clients(&server);
    let errors = stream::repeat_with(|| (call.call)(client.clone()))
        .take(count)
        .then(async |call| call.await.expect_err("the answer is no success"))
        .collect()
        .await;
    server.verify().await;
    errors
}

#[tokio::test]
async fn every_operation_succeeds_with_its_answer() {
    for call in calls() {
        let server = AcsMockServer::start().await;
        let answer = ResponseTemplate::new(call.status)
            .set_body_raw(call.answer.as_bytes(), "application/json");
        expect(&server, call).answer_with(answer).mount().await;
        let result = (call.call)(clients(&server)).await;
        assert!(result.is_ok(), "{}: {result:?}", call.operation);
        server.verify().await;
    }
}

#[tokio::test]
async fn every_operation_turns_every_failure_into_its_error() {
    for call in calls() {
        let failures = failures();
        let answers = failures.iter().map(|failure| failure.answer.clone());
        let errors = errors(call, answers.collect()).await;
        for (failure, error) in failures.iter().zip(&errors) {
            let problem = (failure.check)(error).err();
            let name = (call.operation, failure.name);
            assert_eq!(problem, None, "{name:?}: {error:?}");
            assert_eq!(error.operation(), Some(call.operation), "{name:?}");
        }
    }
}

#[tokio::test]
async fn every_operation_with_a_result_turns_a_broken_one_into_a_decode_error() {
    const BROKEN: [(&str, &str, &str); 4] = [
        ("empty", "", "empty"),
        ("truncated", r#"{"id":"x","etag":"y","#, "EOF"),
        ("a page of HTML", "<html>sign in</html>", "<html>"),
        ("of another type", "[1]", ""),
    ];
    for call in calls().filter(|call| !call.answer.is_empty()) {
        let answers = BROKEN
            .map(|(_, body, _)| ResponseTemplate::new(200).set_body_raw(body, "application/json"));
        let errors = errors(call, answers.to_vec()).await;
        for ((name, _, told), error) in BROKEN.iter().zip(&errors) {
            let name = (call.operation, name);
            assert!(matches!(error, Error::Decode(_)), "{name:?}: {error:?}");
            let status = error.status().map(|status| status.as_u16());
            assert_eq!(status, Some(200), "{name:?}");
            let text = format!("{} {:?}", chain(error), excerpt(error));
            assert!(text.contains(told), "{name:?}: {text}");
        }
    }
}

#[tokio::test]
async fn what_may_not_be_there_is_none_and_other_failures_stay_errors() {
    let gone = json!({"communicationError": {"code": "NotFound", "message": "no such thing"}});
    let server = AcsMockServer::start().await;
    let client = client(&server);
    let admin = client.admin();
    for (path, status) in [("gone", 404), ("broken", 500)] {
        for expectation in [
            server.job(path).get(),
            server.job(path).part("position"),
            server.worker(path).get(),
            server.queue(path).get(),
            server.queue(path).part("statistics"),
            server.distribution_policy(path).get(),
            server.classification_policy(path).get(),
            server.exception_policy(path).get(),
        ] {
            expectation.answer(status, &gone).mount().await;
        }
        let found = [
            client.get_job_opt(path).await.map(|job| job.is_some()),
            client
                .get_queue_position_opt(path)
                .await
                .map(|it| it.is_some()),
            client.get_worker_opt(path).await.map(|it| it.is_some()),
            admin.get_queue_opt(path).await.map(|it| it.is_some()),
            client
                .get_queue_statistics_opt(path)
                .await
                .map(|it| it.is_some()),
            admin
                .get_distribution_policy_opt(path)
                .await
                .map(|it| it.is_some()),
            admin
                .get_classification_policy_opt(path)
                .await
                .map(|it| it.is_some()),
            admin
                .get_exception_policy_opt(path)
                .await
                .map(|it| it.is_some()),
        ];
        for (number, found) in found.into_iter().enumerate() {
            match status {
                404 => assert!(!found.expect("none"), "{number}"),
                _ => assert_eq!(
                    found.expect_err("500").status().map(|it| it.as_u16()),
                    Some(500)
                ),
            }
        }
    }
    server.verify().await;
}

#[tokio::test]
async fn a_get_opt_that_finds_something_gives_it() {
    let server = AcsMockServer::start().await;
    let answer = json!({"id": "a", "etag": "x", "enqueuedAt": "2024-01-18T09:30:00+00:00"});
    server.job("a").get().answer(200, &answer).mount().await;
    let job = client(&server).get_job_opt("a").await.expect("an answer");
    let then = Timestamp::parse("2024-01-18T09:30:00Z").expect("a time");
    assert_eq!(job.expect("a job").enqueued_at, Some(then));
    server.verify().await;
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
            name: "forbidden, in the envelope of chat",
            answer: ResponseTemplate::new(403).set_body_json(json!({"CommunicationError": {
                "Code": "Forbidden",
                "Message": "The initiator doesn't have the permission to perform the requested operation.",
                "Details": [],
            }})),
            check: |error| {
                holds(
                    error.is_forbidden() && error.code() == Some("Forbidden"),
                    "is_forbidden and code",
                )
            },
        },
        Failure {
            name: "unauthorized without a body",
            answer: ResponseTemplate::new(401),
            check: |error| {
                holds(
                    error.is_unauthorized() && error.code().is_none() && !error.is_retryable(),
                    "is_unauthorized",
                )
            },
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
