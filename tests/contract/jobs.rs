//! Jobs: upsert, get, list.

use acs_jobrouter::{
    JobPatch, LabelOperator, LabelValue, NewJob, Patch, PatchMap, QueueAndMatchMode, RouterJobNote,
    RouterJobStatus, RouterJobStatusSelector, RouterWorkerSelector, Timestamp,
};
use acs_test_support::AcsMockServer;
use futures_util::TryStreamExt as _;
use serde_json::{Value, json};

use crate::answers::{broken_successes_become_decode_errors, failures_become_errors};
use crate::client;

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).expect("a time")
}

/// A job as the service answers it, with every member set.
fn job() -> Value {
    json!({
        "etag": "\"00000005-0000-0000-6653-d0c0efdfdb08\"",
        "id": "job-1",
        "channelReference": "12345",
        "status": "assigned",
        "enqueuedAt": "2024-01-18T09:30:00.1234567+00:00",
        "channelId": "voice",
        "classificationPolicyId": "policy-1",
        "queueId": "queue-1",
        "priority": 7,
        "dispositionCode": "open",
        "requestedWorkerSelectors": [{
            "key": "Some-Skill", "labelOperator": "greaterThan", "value": 10,
            "expiresAfterSeconds": 600, "expedite": true, "status": "active",
        }],
        "attachedWorkerSelectors": [{
            "key": "Team", "labelOperator": "equal", "value": "A", "expedite": false, "status": "expired",
        }],
        "labels": {"Language": "en", "Vip": true, "Score": 2.5, "Count": 3},
        "assignments": {"assignment-1": {
            "assignmentId": "assignment-1", "workerId": "worker-1", "assignedAt": "2024-01-18T09:31:00+00:00",
            "completedAt": "2024-01-18T09:32:00+00:00", "closedAt": "2024-01-18T09:33:00+00:00",
        }},
        "tags": {"source": "web"},
        "notes": [{"message": "called back", "addedAt": "2024-01-18T09:29:00+00:00"}],
        "scheduledAt": "2024-01-18T09:25:00+00:00",
        "matchingMode": {"kind": "queueAndMatch"},
    })
}

#[tokio::test]
async fn a_draft_in_a_queue_is_sent_as_a_merge_patch_with_what_was_set_and_nothing_else() {
    let server = AcsMockServer::start().await;
    server
        .job("job-1")
        .upsert()
        .merge_patch(json!({"channelId": "voice", "queueId": "queue-1"}))
        .answer(201, &job())
        .mount()
        .await;

    let answer = client(&server)
        .upsert_job("job-1", NewJob::in_queue("voice", "queue-1"))
        .await
        .expect("job");

    assert!(answer.was_created());
    assert_eq!(answer.id, "job-1");
    server.verify().await;
}

#[tokio::test]
async fn a_draft_sends_every_member_under_its_wire_name() {
    let server = AcsMockServer::start().await;
    server
        .job("job-1")
        .upsert()
        .merge_patch(json!({
            "channelId": "voice",
            "classificationPolicyId": "policy-1",
            "channelReference": "12345",
            "priority": 7,
            "matchingMode": {"kind": "queueAndMatch"},
            "requestedWorkerSelectors": [{
                "key": "Some-Skill", "labelOperator": "greaterThan", "value": 10,
                "expiresAfterSeconds": 600.0, "expedite": true,
            }],
            "labels": {"Count": 3, "Language": "en"},
            "tags": {"source": "web"},
            "notes": [{"message": "called back", "addedAt": "2024-01-18T09:29:00+00:00"}],
        }))
        .answer(201, &job())
        .mount()
        .await;

    let selector = RouterWorkerSelector::new("Some-Skill", LabelOperator::GreaterThan)
        .value(10)
        .expires_after_seconds(600.0)
        .expedite(true);
    let draft = NewJob::classified("voice", "policy-1")
        .channel_reference("12345")
        .priority(7)
        .matching_mode(QueueAndMatchMode::new())
        .worker_selector(selector)
        .label("Language", "en")
        .label("Count", 3)
        .tag("source", "web")
        .note(RouterJobNote::new("called back").added_at(at("2024-01-18T09:29:00Z")));
    client(&server)
        .upsert_job("job-1", draft)
        .await
        .expect("job");

    server.verify().await;
}

#[tokio::test]
async fn a_patch_keeps_clears_and_sets_under_its_conditions() {
    let server = AcsMockServer::start().await;
    server
        .job("job-1")
        .upsert()
        .header("if-match", "\"00000005-0000-0000-6653-d0c0efdfdb08\"")
        .header("if-unmodified-since", "Thu, 18 Jan 2024 09:30:00 GMT")
        .merge_patch(json!({
            "channelReference": null,
            "dispositionCode": "solved",
            "labels": {"Language": "fr", "Vip": null},
            "requestedWorkerSelectors": [],
        }))
        .answer(200, &job())
        .mount()
        .await;

    let patch = JobPatch {
        channel_reference: Patch::Clear,
        disposition_code: "solved".into(),
        labels: PatchMap::from([("Language", "fr")]).remove("Vip").into(),
        requested_worker_selectors: Patch::Set(Vec::new()),
        ..JobPatch::default()
    };
    let answer = client(&server)
        .upsert_job("job-1", patch)
        .if_match("\"00000005-0000-0000-6653-d0c0efdfdb08\"")
        .if_unmodified_since(at("2024-01-18T09:30:00Z"))
        .await
        .expect("job");

    assert!(!answer.was_created());
    server.verify().await;
}

#[tokio::test]
async fn a_job_reads_into_its_model_with_every_member() {
    let server = AcsMockServer::start().await;
    server
        .job("job%201%2Fa%3Acancel")
        .get()
        .answer_with(
            wiremock::ResponseTemplate::new(200)
                .insert_header("etag", "\"v5\"")
                .set_body_json(job()),
        )
        .mount()
        .await;

    let answer = client(&server)
        .get_job("job 1/a:cancel")
        .await
        .expect("job");

    assert_eq!(answer.etag().expect("header").as_str(), "\"v5\"");
    let job = answer.into_inner();
    assert_eq!(job.etag, "\"00000005-0000-0000-6653-d0c0efdfdb08\"");
    assert_eq!(
        (job.id.as_str(), job.channel_reference.as_deref()),
        ("job-1", Some("12345"))
    );
    assert_eq!(job.status, Some(RouterJobStatus::Assigned));
    assert_eq!(job.enqueued_at, Some(at("2024-01-18T09:30:00.1234567Z")));
    assert_eq!(job.channel_id.as_deref(), Some("voice"));
    assert_eq!(job.classification_policy_id.as_deref(), Some("policy-1"));
    assert_eq!(
        (job.queue_id.as_deref(), job.priority),
        (Some("queue-1"), Some(7))
    );
    assert_eq!(job.disposition_code.as_deref(), Some("open"));
    let selector = &job.requested_worker_selectors[0];
    assert_eq!(
        (selector.key.as_str(), &selector.label_operator),
        ("Some-Skill", &LabelOperator::GreaterThan)
    );
    assert_eq!(
        (&selector.value, selector.expedite),
        (&Some(LabelValue::Integer(10)), Some(true))
    );
    assert_eq!(selector.expires_after_seconds, Some(600.0));
    assert_eq!(job.attached_worker_selectors[0].value, Some("A".into()));
    assert_eq!(job.labels["Score"], LabelValue::Number(2.5));
    assert_eq!(
        (&job.labels["Vip"], &job.labels["Count"]),
        (&true.into(), &3.into())
    );
    let assignment = &job.assignments["assignment-1"];
    assert_eq!(assignment.worker_id.as_deref(), Some("worker-1"));
    assert_eq!(assignment.assigned_at, at("2024-01-18T09:31:00Z"));
    assert_eq!(assignment.completed_at, Some(at("2024-01-18T09:32:00Z")));
    assert_eq!(assignment.closed_at, Some(at("2024-01-18T09:33:00Z")));
    assert_eq!(job.tags["source"], "web".into());
    assert_eq!(
        (job.notes[0].message.as_str(), job.notes[0].added_at),
        ("called back", Some(at("2024-01-18T09:29:00Z")))
    );
    assert_eq!(job.scheduled_at, Some(at("2024-01-18T09:25:00Z")));
    assert_eq!(job.matching_mode.expect("a mode").kind(), "queueAndMatch");
    server.verify().await;
}

#[tokio::test]
async fn a_job_of_a_newer_service_keeps_what_this_version_does_not_know() {
    let server = AcsMockServer::start().await;
    let mut newer = job();
    newer["status"] = "onHold".into();
    newer["matchingMode"] = json!({"kind": "auction", "reserve": 5});
    newer["sentiment"] = json!({"score": 1});
    server.job("job-1").get().answer(200, &newer).mount().await;

    let job = client(&server)
        .get_job("job-1")
        .await
        .expect("job")
        .into_inner();

    assert_eq!(job.status.expect("a status").as_str(), "onHold");
    let mode = job.matching_mode.expect("a mode");
    assert_eq!(
        serde_json::to_value(&mode).expect("json"),
        json!({"kind": "auction", "reserve": 5})
    );
    server.verify().await;
}

#[tokio::test]
async fn a_job_that_is_not_there_is_none_and_other_failures_stay_errors() {
    let server = AcsMockServer::start().await;
    let gone = json!({"communicationError": {"code": "NotFound", "message": "no such job"}});
    server.job("gone").get().answer(404, &gone).mount().await;
    server.job("broken").get().answer_empty(500).mount().await;

    let client = client(&server);
    assert!(client.get_job_opt("gone").await.expect("none").is_none());
    assert_eq!(
        client
            .get_job_opt("broken")
            .await
            .expect_err("500")
            .status()
            .map(|s| s.as_u16()),
        Some(500)
    );
    server.verify().await;
}

#[tokio::test]
async fn the_list_of_jobs_sends_every_filter_and_follows_next_links() {
    let server = AcsMockServer::start().await;
    server
        .jobs()
        .query("maxpagesize", "2")
        .query("status", "active")
        .query("queueId", "queue-1")
        .query("channelId", "voice")
        .query("classificationPolicyId", "policy 1")
        .query("scheduledBefore", "2024-01-18T10:00:00+00:00")
        .query("scheduledAfter", "2024-01-18T09:00:00+00:00")
        .answer(
            200,
            &json!({"value": [job()], "nextLink": "/routing/jobs?continuationToken=YWJj%3D%3D"}),
        )
        .mount()
        .await;
    server
        .jobs()
        .query("continuationToken", "YWJj==")
        .answer(200, &json!({"value": [], "nextLink": format!("{}/routing/jobs?continuationToken=2", server.endpoint())}))
        .mount()
        .await;
    server
        .jobs()
        .query("continuationToken", "2")
        .answer(
            200,
            &json!({"value": [{"id": "job-2", "etag": "x"}], "nextLink": null}),
        )
        .mount()
        .await;

    let jobs: Vec<_> = client(&server)
        .list_jobs()
        .page_size(2)
        .status(RouterJobStatusSelector::Active)
        .queue("queue-1")
        .channel("voice")
        .classification_policy("policy 1")
        .scheduled_before(at("2024-01-18T10:00:00Z"))
        .scheduled_after(at("2024-01-18T09:00:00Z"))
        .into_stream()
        .try_collect()
        .await
        .expect("three pages");

    let ids: Vec<_> = jobs.iter().map(|job| job.id.as_str()).collect();
    assert_eq!(ids, ["job-1", "job-2"]);
    server.verify().await;
}

#[tokio::test]
async fn failures_of_job_calls_become_errors() {
    let draft = || NewJob::in_queue("voice", "queue-1");
    let body = json!({"channelId": "voice", "queueId": "queue-1"});
    failures_become_errors(
        |server| server.job("job-1").upsert().merge_patch(body.clone()),
        |client| async move { client.upsert_job("job-1", draft()).await },
    )
    .await;
    broken_successes_become_decode_errors(
        |server| server.job("job-1").upsert().merge_patch(body.clone()),
        |client| async move { client.upsert_job("job-1", draft()).await },
    )
    .await;
    failures_become_errors(
        |server| server.job("job-1").get(),
        |client| async move { client.get_job("job-1").await },
    )
    .await;
    broken_successes_become_decode_errors(
        |server| server.job("job-1").get(),
        |client| async move { client.get_job("job-1").await },
    )
    .await;
    failures_become_errors(AcsMockServer::jobs, |client| async move {
        client
            .list_jobs()
            .into_stream()
            .try_collect::<Vec<_>>()
            .await
    })
    .await;
    broken_successes_become_decode_errors(AcsMockServer::jobs, |client| async move {
        client
            .list_jobs()
            .into_stream()
            .try_collect::<Vec<_>>()
            .await
    })
    .await;
}
