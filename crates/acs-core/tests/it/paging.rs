//! Lists from a server.

use acs_core::{Continuation, Error, Result};
use futures_util::{StreamExt as _, TryStreamExt as _};
use serde_json::{Value, json};
use wiremock::matchers::{any, query_param, query_param_is_missing};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::client::{Client, Job, ids};

fn page(ids: &[&str], next_link: Value) -> ResponseTemplate {
    let jobs: Vec<_> = ids.iter().map(|id| json!({ "id": id })).collect();
    let mut body = json!({ "value": jobs });
    if !next_link.is_null() {
        body["nextLink"] = next_link;
    }
    ResponseTemplate::new(200).set_body_json(body)
}

async fn first_page(server: &MockServer, answer: ResponseTemplate) {
    Mock::given(query_param("maxpagesize", "2"))
        .and(query_param("api-version", "2023-11-01"))
        .respond_with(answer)
        .mount(server)
        .await;
}

async fn next_page(server: &MockServer, token: &str, answer: ResponseTemplate) {
    Mock::given(query_param("continuationToken", token))
        .and(query_param("api-version", "2023-11-01"))
        .and(query_param_is_missing("maxpagesize"))
        .respond_with(answer)
        .up_to_n_times(1)
        .mount(server)
        .await;
}

async fn items(server: &MockServer) -> Vec<Result<String>> {
    let jobs = Client::new(&server.uri()).list_jobs(2);
    jobs.map_ok(|job: Job| job.id).collect().await
}

async fn requests(server: &MockServer) -> usize {
    server.received_requests().await.expect("recorded").len()
}

#[tokio::test]
async fn relative_and_absolute_links_are_followed_over_empty_pages_with_the_api_version_added() {
    let server = MockServer::start().await;
    let absolute = format!("{}/routing/jobs?continuationToken=c", server.uri());
    first_page(
        &server,
        page(
            &["1", "2"],
            json!("/routing/jobs?continuationToken=a%2Bb%3D"),
        ),
    )
    .await;
    next_page(&server, "a+b=", page(&[], json!(absolute))).await;
    next_page(&server, "c", page(&["3"], json!(""))).await;
    let items: Result<Vec<_>> = items(&server).await.into_iter().collect();
    assert_eq!(items.expect("items"), ["1", "2", "3"]);
    let requests = server.received_requests().await.expect("recorded");
    let second = &requests[1];
    assert_eq!(
        second.url.query(),
        Some("continuationToken=a%2Bb%3D&api-version=2023-11-01")
    );
    assert_eq!(second.headers["accept"], "application/json");
    assert!(second.headers.contains_key("authorization"));
}

#[tokio::test]
async fn nothing_is_fetched_before_it_is_asked_for() {
    let server = MockServer::start().await;
    first_page(
        &server,
        page(&["1"], json!("/routing/jobs?continuationToken=a")),
    )
    .await;
    next_page(&server, "a", page(&["2"], Value::Null)).await;
    let mut jobs = Client::new(&server.uri()).list_jobs(2);
    assert_eq!(requests(&server).await, 0);
    jobs.try_next().await.expect("job").expect("one");
    assert_eq!(requests(&server).await, 1);
    jobs.try_next().await.expect("job").expect("two");
    assert_eq!(requests(&server).await, 2);
    assert!(jobs.try_next().await.expect("end").is_none());
    assert_eq!(requests(&server).await, 2);
}

#[tokio::test]
async fn a_link_to_elsewhere_ends_the_list_and_nothing_is_sent_there() {
    let elsewhere = MockServer::start().await;
    Mock::given(any())
        .respond_with(page(&["9"], Value::Null))
        .mount(&elsewhere)
        .await;
    let address = *elsewhere.address();
    let server = MockServer::start().await;
    let own = *server.address();
    for link in [
        format!("http://{address}/routing/jobs"),
        format!("http://{own}@{address}/routing/jobs"),
        format!("http://{}@{address}/routing/jobs", own.ip()),
        format!("//{address}/routing/jobs"),
        format!("\\\\{address}\\routing\\jobs"),
        format!("/\\{address}/routing/jobs"),
        format!("http:\\\\{address}/"),
        format!("https://{own}/routing/jobs"),
        format!("http://user:word@{own}/routing/jobs"),
        format!("http://localhost:{}/routing/jobs", own.port()),
    ] {
        server.reset().await;
        first_page(&server, page(&["1"], json!(link))).await;
        let all = items(&server).await;
        assert!(
            matches!(all[..], [Ok(_), Err(Error::Decode(_))]),
            "{link}: {all:?}"
        );
        assert_eq!(requests(&server).await, 1, "{link}");
        let error = all[1].as_ref().expect_err("refused");
        assert!(
            error
                .to_string()
                .starts_with("listJobs cannot go to the next page: the next link "),
            "{error}"
        );
        assert_eq!(error.operation(), Some("listJobs"));
    }
    assert_eq!(requests(&elsewhere).await, 0);
}

#[tokio::test]
async fn a_continuation_from_outside_is_checked_like_any_link() {
    let server = MockServer::start().await;
    let elsewhere = MockServer::start().await;
    let jobs = Client::new(&server.uri()).list_jobs(2);
    let forged = Continuation::from(format!("{}/routing/jobs", elsewhere.uri()));
    let error = jobs.resume(forged).try_next().await.expect_err("forged");
    assert!(matches!(error, Error::Decode(_)), "{error:?}");
    assert_eq!(requests(&server).await + requests(&elsewhere).await, 0);
}

#[tokio::test]
async fn a_page_is_retried_like_any_read() {
    let server = MockServer::start().await;
    first_page(
        &server,
        page(&["1"], json!("/routing/jobs?continuationToken=a")),
    )
    .await;
    next_page(&server, "a", ResponseTemplate::new(503)).await;
    next_page(&server, "a", page(&["2"], Value::Null)).await;
    let items: Result<Vec<_>> = items(&server).await.into_iter().collect();
    assert_eq!(items.expect("items"), ["1", "2"]);
    assert_eq!(requests(&server).await, 3);
}

#[tokio::test]
async fn a_page_that_fails_ends_the_list() {
    let server = MockServer::start().await;
    first_page(
        &server,
        page(&["1"], json!("/routing/jobs?continuationToken=a")),
    )
    .await;
    next_page(&server, "a", ResponseTemplate::new(400)).await;
    let all = items(&server).await;
    assert!(
        matches!(all[..], [Ok(_), Err(Error::Service(_))]),
        "{all:?}"
    );
}

#[tokio::test]
async fn a_list_can_be_read_by_page_and_resumed_in_another_client() {
    let server = MockServer::start().await;
    first_page(
        &server,
        page(&["1", "2"], json!("/routing/jobs?continuationToken=a")),
    )
    .await;
    next_page(&server, "a", page(&["3"], Value::Null)).await;
    let mut pages = Client::new(&server.uri()).list_jobs(2).by_page();
    let first = pages.try_next().await.expect("page").expect("first");
    assert_eq!(ids(&first), ["1", "2"]);

    let kept = first.continuation.expect("more");
    let rest = Client::new(&server.uri()).list_jobs(2).resume(kept);
    let rest: Vec<Job> = rest.try_collect().await.expect("rest");
    assert_eq!(rest.len(), 1);
}

#[tokio::test]
async fn a_page_that_links_to_itself_ends_the_list() {
    let server = MockServer::start().await;
    let itself = "/routing/jobs?continuationToken=a";
    Mock::given(any())
        .respond_with(page(&["1"], json!(itself)))
        .mount(&server)
        .await;
    let all = items(&server).await;
    assert!(
        matches!(all[..], [Ok(_), Ok(_), Err(Error::Decode(_))]),
        "{all:?}"
    );
}
