//! What every kind of answer becomes.

use std::error::Error as _;

use acs_core::{ClientOptions, Error, RetryOptions};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::client::{Client, Job, job};
use crate::raw_server::{RawServer, Reaction};

async fn server(answer: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(answer).mount(&server).await;
    server
}

async fn get(answer: ResponseTemplate) -> Result<acs_core::Response<Job>, Error> {
    let server = server(answer).await;
    let options = ClientOptions::new().retry(RetryOptions::none());
    Client::with(&server.uri(), options).get_job("1").await
}

fn text(status: u16, body: &str) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_string(body)
}

#[tokio::test]
async fn a_success_gives_the_model_and_what_came_with_it() {
    let answer = text(200, r#"{"id":"1","labels":{"a":2}}"#)
        .insert_header("etag", "\"7\"")
        .insert_header("x-ms-request-id", "theirs")
        .insert_header("x-other", "kept");
    let response = get(answer).await.expect("job");
    assert_eq!(response.labels["a"], 2);
    assert_eq!((response.status().as_u16(), response.attempts()), (200, 1));
    assert_eq!(response.etag().expect("etag").as_str(), "\"7\"");
    assert_eq!(response.request_id(), Some("theirs"));
    assert_eq!(response.headers()["x-other"], "kept");
    assert!(!response.was_created());
}

#[tokio::test]
async fn an_upsert_tells_created_from_updated() {
    for (status, created) in [(201, true), (200, false)] {
        let server = server(text(status, r#"{"id":"1"}"#)).await;
        let response = Client::new(&server.uri()).upsert_job(&job("1"), None).await;
        assert_eq!(response.expect("job").was_created(), created);
    }
}

#[tokio::test]
async fn an_undocumented_success_is_read_like_the_documented_one() {
    let response = get(text(202, r#"{"id":"1"}"#)).await.expect("job");
    assert_eq!(
        (response.status().as_u16(), response.id.as_str()),
        (202, "1")
    );

    let server = server(text(200, "")).await;
    let response = Client::new(&server.uri()).delete_job("1").await;
    assert_eq!(response.expect("deleted").status().as_u16(), 200);
}

#[tokio::test]
async fn every_form_of_error_body_is_read() {
    for body in [
        r#"{"communicationError":{"code":"NotFound","message":"gone","target":"/jobs/1","details":[{"code":"d"}]}}"#,
        r#"{"CommunicationError":{"Code":"NotFound","Message":"gone","Target":"/jobs/1","Details":[{"Code":"d"}]}}"#,
        r#"{"error":{"code":"NotFound","message":"gone","target":"/jobs/1","details":[{"code":"d"}]}}"#,
    ] {
        let error = get(text(404, body)).await.expect_err("404");
        assert!(error.is_not_found(), "{error:?}");
        assert_eq!(
            error.to_string(),
            "getJob answered 404 Not Found, NotFound: gone"
        );
        let Error::Service(error) = error else {
            panic!("{error:?}");
        };
        assert_eq!(
            (error.code(), error.target()),
            ("NotFound", Some("/jobs/1"))
        );
        assert_eq!(error.details()[0].code, "d");
    }
}

#[tokio::test]
async fn an_error_body_of_another_kind_still_gives_the_status_and_an_excerpt() {
    for body in ["<html>no such page</html>", "", r#"{"message":"x"}"#, "{"] {
        let error = get(text(400, body)).await.expect_err("400");
        assert_eq!(
            (error.status().map(|status| status.as_u16()), error.code()),
            (Some(400), None)
        );
        let Error::Service(error) = error else {
            panic!("{error:?}");
        };
        assert_eq!(error.body_excerpt(), body);
    }
}

#[tokio::test]
async fn conflicts_and_failed_conditions_are_recognised() {
    assert!(get(text(409, "")).await.expect_err("409").is_conflict());
    assert!(
        get(text(412, ""))
            .await
            .expect_err("412")
            .is_precondition_failed()
    );
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let elsewhere = server(text(200, r#"{"id":"1"}"#)).await;
    for status in [301, 302, 303, 307, 308] {
        let answer = text(status, "").insert_header("location", elsewhere.uri());
        let error = get(answer).await.expect_err("redirect");
        assert_eq!(error.status().map(|status| status.as_u16()), Some(status));
        let Error::Service(error) = error else {
            panic!("{error:?}");
        };
        assert!(error.headers().contains_key("location"));
    }
    assert!(
        elsewhere
            .received_requests()
            .await
            .expect("recorded")
            .is_empty()
    );
}

#[tokio::test]
async fn an_empty_body_where_a_model_is_expected_is_called_empty() {
    let error = get(text(200, "")).await.expect_err("empty");
    assert_eq!(
        error.to_string(),
        "getJob answered 200 OK, but the body was empty"
    );
    assert_eq!(error.status().map(|status| status.as_u16()), Some(200));
}

#[tokio::test]
async fn a_body_that_is_not_the_model_is_an_error_with_place_and_excerpt() {
    for (body, path, cause) in [
        (
            r#"{"id":"1","labels":{"a":"#,
            "labels.a",
            "EOF while parsing a value at line 1 column 24",
        ),
        (
            r#"{"id":"1","labels":{"a":[]}}"#,
            "labels.a",
            "invalid type: sequence, expected i64 at line 1 column 24",
        ),
        (
            r#"{"labels":{}}"#,
            ".",
            "missing field `id` at line 1 column 13",
        ),
        ("<html></html>", ".", "expected value at line 1 column 1"),
    ] {
        let error = get(text(200, body)).await.expect_err(body);
        assert_eq!(error.source().expect("cause").to_string(), cause);
        let Error::Decode(error) = error else {
            panic!("{error:?}");
        };
        assert_eq!((error.path(), error.body_excerpt()), (path, body));
    }
}

#[tokio::test]
async fn an_answer_beyond_the_size_limit_is_refused_whether_announced_or_not() {
    let body = r#"{"id":"0123456789"}"#;
    let announced = Reaction::answer(200, "", body);
    let chunked = Reaction::Send(format!(
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{:x}\r\n{body}\r\n0\r\n\r\n",
        body.len()
    ));
    for reaction in [announced, chunked] {
        let server = RawServer::start([reaction.clone(), reaction]).await;
        let options = |limit| ClientOptions::new().max_answer_bytes(limit);
        let exact = Client::with(&server.endpoint(), options(body.len()));
        assert_eq!(exact.get_job("1").await.expect("fits").id, "0123456789");

        let small = Client::with(&server.endpoint(), options(body.len() - 1));
        let error = small.get_job("1").await.expect_err("too large");
        assert_eq!(
            error.to_string(),
            "getJob got an answer larger than the limit of 18 bytes"
        );
        assert!(!error.is_retryable());
        assert_eq!(server.requests().len(), 2);
    }
}

#[tokio::test]
async fn a_body_in_many_pieces_is_put_together() {
    let pieces: String = ["{\"id\"", ":\"1", "2\"", "}"]
        .iter()
        .map(|piece| format!("{:x}\r\n{piece}\r\n", piece.len()))
        .collect();
    let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    let server = RawServer::start([Reaction::Send(format!("{head}{pieces}0\r\n\r\n"))]).await;
    let job = Client::new(&server.endpoint()).get_job("12").await;
    assert_eq!(job.expect("job").id, "12");
}
