//! Jobs, and what is done to those that no worker has.

use acs_jobrouter::{
    LabelOperator, LabelValue, NewJob, QueueAndMatchMode, RouterJobNote, RouterJobStatus,
    RouterJobStatusSelector, RouterWorkerSelector, RouterWorkerSelectorStatus,
    ScheduleAndSuspendMode, SuspendMode, Timestamp,
};
use acs_test_support::AcsMockServer;
use futures_util::TryStreamExt as _;
use serde_json::{Value, json};

use crate::case::{Case, created, listed, no_content, ok, page, shown};
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
            "expiresAt": "2024-01-18T09:40:00+00:00",
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

fn with_mode(mode: Value) -> Value {
    let mut job = job();
    job["matchingMode"] = mode;
    job
}

fn drafts() -> Vec<Case> {
    vec![
        Case {
            name: "a draft of a job in a queue, with what was set and nothing else",
            request: |server| {
                let body = json!({"channelId": "voice", "queueId": "queue-1"});
                server.job("job-1").upsert().merge_patch(body)
            },
            answer: created(job()),
            call: |client| shown(client.upsert_job("job-1", NewJob::in_queue("voice", "queue-1"))),
        },
        Case {
            name: "a draft of a job with everything that can be set",
            request: |server| {
                server.job("job-1").upsert().merge_patch(json!({
                    "channelId": "voice",
                    "queueId": "queue-1",
                    "classificationPolicyId": "policy-1",
                    "channelReference": "12345",
                    "priority": 7,
                    "dispositionCode": "open",
                    "matchingMode": {"kind": "queueAndMatch"},
                    "requestedWorkerSelectors": [
                        {
                            "key": "Some-Skill", "labelOperator": "greaterThan", "value": 10,
                            "expiresAfterSeconds": 600.0, "expedite": true,
                        },
                        {"key": "Team", "labelOperator": "equal", "value": "A"},
                    ],
                    "labels": {"Count": 3, "Language": "en"},
                    "tags": {"source": "web"},
                    "notes": [{"message": "called back", "addedAt": "2024-01-18T09:29:00+00:00"}],
                }))
            },
            answer: created(job()),
            call: |client| {
                let skill = RouterWorkerSelector::new("Some-Skill", LabelOperator::GreaterThan)
                    .value(10)
                    .expires_after_seconds(600.0)
                    .expedite(true);
                let team = RouterWorkerSelector::new("Team", LabelOperator::Equal).value("A");
                let note = RouterJobNote::new("called back").added_at(at("2024-01-18T09:29:00Z"));
                let draft = NewJob::in_queue("voice", "queue-1")
                    .classification_policy("policy-1")
                    .channel_reference("12345")
                    .priority(7)
                    .disposition_code("open")
                    .matching_mode(QueueAndMatchMode::new())
                    .worker_selector(skill)
                    .worker_selector(team)
                    .label("Language", "en")
                    .label("Count", 3)
                    .tag("source", "web")
                    .note(note);
                shown(client.upsert_job("job-1", draft))
            },
        },
        Case {
            name: "a draft of a job that is classified and suspended",
            request: |server| {
                server.job("job-1").upsert().merge_patch(json!({
                    "channelId": "voice", "classificationPolicyId": "policy-1", "matchingMode": {"kind": "suspend"},
                }))
            },
            answer: created(with_mode(json!({"kind": "suspend"}))),
            call: |client| {
                let draft = NewJob::classified("voice", "policy-1");
                shown(client.upsert_job("job-1", draft.matching_mode(SuspendMode::new())))
            },
        },
        Case {
            name: "a draft of a job that is scheduled",
            request: |server| {
                server.job("job-1").upsert().merge_patch(json!({
                    "channelId": "voice", "queueId": "queue-1",
                    "matchingMode": {"kind": "scheduleAndSuspend", "scheduleAt": "2024-01-18T09:30:00.5+00:00"},
                }))
            },
            answer: created(with_mode(
                json!({"kind": "scheduleAndSuspend", "scheduleAt": "2024-01-18T09:30:00.5+00:00"}),
            )),
            call: |client| {
                let mode = ScheduleAndSuspendMode::new(at("2024-01-18T09:30:00.5Z"));
                let draft = NewJob::in_queue("voice", "queue-1");
                shown(client.upsert_job("job-1", draft.matching_mode(mode)))
            },
        },
    ]
}

pub(crate) fn cases() -> Vec<Case> {
    let mut cases = drafts();
    cases.extend([
        Case {
            name: "reading a job",
            request: |server| server.job("job%201%2Fa%3Acancel").get(),
            answer: ok(job()),
            call: |client| shown(client.get_job("job 1/a:cancel")),
        },
        Case {
            name: "listing jobs with every filter",
            request: |server| {
                server
                    .list("jobs")
                    .query("maxpagesize", "2")
                    .query("status", "active")
                    .query("queueId", "queue-1")
                    .query("channelId", "voice")
                    .query("classificationPolicyId", "policy 1")
                    .query("scheduledBefore", "2024-01-18T10:00:00+00:00")
                    .query("scheduledAfter", "2024-01-18T09:00:00+00:00")
            },
            answer: page("jobs", json!([job()])),
            call: |client| {
                let list = client
                    .list_jobs()
                    .page_size(2)
                    .status(RouterJobStatusSelector::Active)
                    .queue("queue-1")
                    .channel("voice")
                    .classification_policy("policy 1")
                    .scheduled_before(at("2024-01-18T10:00:00Z"))
                    .scheduled_after(at("2024-01-18T09:00:00Z"));
                listed(list.into_stream())
            },
        },
        Case {
            name: "deleting a job",
            request: |server| server.job("job-1").delete(),
            answer: no_content(),
            call: |client| shown(client.delete_job("job-1")),
        },
        Case {
            name: "reclassifying a job",
            request: |server| server.job("job%201").action("reclassify"),
            answer: ok(json!({})),
            call: |client| shown(client.reclassify_job("job 1")),
        },
        Case {
            name: "cancelling a job without options",
            request: |server| server.job("job%201").action("cancel"),
            answer: ok(json!({})),
            call: |client| shown(client.cancel_job("job 1")),
        },
        Case {
            name: "cancelling a job with every option",
            request: |server| {
                let body = json!({"dispositionCode": "Fraud", "note": "called twice"});
                server.job("job-1").action("cancel").json(body)
            },
            answer: ok(json!({})),
            call: |client| {
                let cancel = client.cancel_job("job-1");
                shown(cancel.disposition_code("Fraud").note("called twice"))
            },
        },
    ]);
    cases
}

#[tokio::test]
async fn a_job_reads_into_its_model_member_by_member() {
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
    let attached = &job.attached_worker_selectors[0];
    assert_eq!(attached.value, Some("A".into()));
    assert_eq!(attached.status, Some(RouterWorkerSelectorStatus::Expired));
    assert_eq!(attached.expires_at, Some(at("2024-01-18T09:40:00Z")));
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
async fn a_list_follows_next_links_over_empty_pages() {
    let server = AcsMockServer::start().await;
    server
        .list("jobs")
        .query("queueId", "queue-1")
        .answer(
            200,
            &json!({"value": [job()], "nextLink": "/routing/jobs?continuationToken=YWJj%3D%3D"}),
        )
        .mount()
        .await;
    server
        .list("jobs")
        .query("continuationToken", "YWJj==")
        .answer(200, &json!({"value": [], "nextLink": format!("{}/routing/jobs?continuationToken=2", server.endpoint())}))
        .mount()
        .await;
    server
        .list("jobs")
        .query("continuationToken", "2")
        .answer(
            200,
            &json!({"value": [{"id": "job-2", "etag": "x"}], "nextLink": null}),
        )
        .mount()
        .await;

    let jobs: Vec<_> = client(&server)
        .list_jobs()
        .queue("queue-1")
        .into_stream()
        .try_collect()
        .await
        .expect("three pages");

    let ids: Vec<_> = jobs.iter().map(|job| job.id.as_str()).collect();
    assert_eq!(ids, ["job-1", "job-2"]);
    server.verify().await;
}
