//! What is refused before anything is sent.

use acs_jobrouter::{
    ConnectionString, Error, JobPatch, JobRouterClient, LabelValue, NewJob, WorkerPatch,
};
use acs_test_support::{ACCESS_KEY, AcsMockServer};

use crate::answers::chain;
use crate::client;

#[tokio::test]
async fn ids_that_would_call_something_else_are_refused_by_name() {
    let server = AcsMockServer::start().await;
    let client = client(&server);
    let admin = client.admin();
    for id in ["", ".", ".."] {
        let refusals = [
            ("job id", client.get_job(id).await.map(drop)),
            ("job id", client.get_job_opt(id).await.map(drop)),
            (
                "job id",
                client.upsert_job(id, JobPatch::default()).await.map(drop),
            ),
            ("job id", client.delete_job(id).await.map(drop)),
            ("job id", client.get_queue_position(id).await.map(drop)),
            ("job id", client.reclassify_job(id).await.map(drop)),
            ("job id", client.cancel_job(id).await.map(drop)),
            ("job id", client.complete_job(id, "a").await.map(drop)),
            (
                "assignment id",
                client.complete_job("j", id).await.map(drop),
            ),
            ("job id", client.close_job(id, "a").await.map(drop)),
            ("assignment id", client.close_job("j", id).await.map(drop)),
            ("job id", client.unassign_job(id, "a").await.map(drop)),
            (
                "assignment id",
                client.unassign_job("j", id).await.map(drop),
            ),
            ("worker id", client.get_worker(id).await.map(drop)),
            (
                "worker id",
                client
                    .upsert_worker(id, WorkerPatch::default())
                    .await
                    .map(drop),
            ),
            ("worker id", client.delete_worker(id).await.map(drop)),
            ("worker id", client.accept_offer(id, "o").await.map(drop)),
            ("offer id", client.accept_offer("w", id).await.map(drop)),
            ("worker id", client.decline_offer(id, "o").await.map(drop)),
            ("offer id", client.decline_offer("w", id).await.map(drop)),
            ("queue id", client.get_queue_statistics(id).await.map(drop)),
            ("queue id", admin.get_queue(id).await.map(drop)),
            ("queue id", admin.delete_queue(id).await.map(drop)),
            (
                "distribution policy id",
                admin.get_distribution_policy(id).await.map(drop),
            ),
            (
                "classification policy id",
                admin.get_classification_policy(id).await.map(drop),
            ),
            (
                "exception policy id",
                admin.get_exception_policy(id).await.map(drop),
            ),
        ];
        for (name, refusal) in refusals {
            let error = refusal.expect_err(name);
            assert!(matches!(error, Error::Config(_)), "{error:?}");
            assert!(error.to_string().contains(name), "{name}: {error}");
        }
    }
    assert_eq!(server.requests().await.len(), 0);
}

#[tokio::test]
async fn a_label_that_json_cannot_carry_is_refused() {
    let server = AcsMockServer::start().await;
    let job = NewJob::in_queue("c", "q").label("Score", LabelValue::Number(f64::NAN));
    let error = client(&server)
        .upsert_job("job-1", job)
        .await
        .expect_err("not a number");
    assert!(matches!(error, Error::Config(_)), "{error:?}");
    let text = chain(&error);
    assert!(text.contains("NaN"), "{text}");
    assert_eq!(server.requests().await.len(), 0);
}

#[test]
fn malformed_connection_strings_are_refused_by_the_part_and_never_show_the_key() {
    for (connection_string, part) in [
        (String::new(), "endpoint"),
        (format!("accesskey={ACCESS_KEY}"), "endpoint"),
        (
            "endpoint=https://contoso.communication.azure.com/".to_owned(),
            "accesskey",
        ),
        (
            format!("endpoint=contoso;accesskey={ACCESS_KEY}"),
            "endpoint",
        ),
        (
            format!("endpoint=http://contoso.com;accesskey={ACCESS_KEY}"),
            "http",
        ),
        (
            format!("endpoint=https://contoso.com/path;accesskey={ACCESS_KEY}"),
            "path",
        ),
        (
            format!("endpoint=https://contoso.com;accesskey=!{ACCESS_KEY}"),
            "accesskey",
        ),
    ] {
        let error = JobRouterClient::from_connection_string(&connection_string)
            .expect_err(&connection_string);
        assert!(matches!(error, Error::Config(_)), "{error:?}");
        let shown = format!("{error} {error:?}");
        assert!(shown.contains(part), "{connection_string}: {shown}");
        assert!(!shown.contains(ACCESS_KEY), "{shown}");
    }
}

#[tokio::test]
async fn clients_and_calls_never_show_the_key() {
    let server = AcsMockServer::start().await;
    let client = client(&server);
    let shown = format!(
        "{client:?} {:?} {:?} {:?}",
        client.admin(),
        client.get_job("job-1"),
        ConnectionString::parse(&server.connection_string()),
    );
    assert!(!shown.contains(ACCESS_KEY), "{shown}");
}
