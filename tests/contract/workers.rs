//! Workers.

use acs_jobrouter::{
    LabelValue, NewWorker, RouterChannel, RouterWorkerState, RouterWorkerStateSelector, Timestamp,
};
use acs_test_support::AcsMockServer;
use futures_util::TryStreamExt as _;
use serde_json::{Value, json};

use crate::case::{Case, created, listed, no_content, ok, page, shown};
use crate::client;

fn at(text: &str) -> Option<Timestamp> {
    Some(Timestamp::parse(text).expect("a time"))
}

/// A worker as the service answers it, with every member set.
fn worker() -> Value {
    json!({
        "etag": "\"w1\"",
        "id": "worker-1",
        "state": "active",
        "queues": ["queue-1", "queue-2"],
        "capacity": 100,
        "labels": {"Id": "worker-1", "Some-Skill": 11},
        "tags": {"desk": 4},
        "channels": [{"channelId": "voice", "capacityCostPerJob": 50, "maxNumberOfJobs": 2}],
        "offers": [{
            "offerId": "offer-1", "jobId": "job-2", "capacityCost": 50,
            "offeredAt": "2024-01-18T09:30:00+00:00", "expiresAt": "2024-01-18T09:30:30+00:00",
        }],
        "assignedJobs": [{
            "assignmentId": "assignment-1", "jobId": "job-1", "capacityCost": 50,
            "assignedAt": "2024-01-18T09:29:00+00:00",
        }],
        "loadRatio": 1,
        "availableForOffers": true,
        "maxConcurrentOffers": 3,
    })
}

pub(crate) fn cases() -> Vec<Case> {
    vec![
        Case {
            name: "a draft of a worker",
            request: |server| {
                server.worker("worker-1").upsert().merge_patch(json!({
                    "capacity": 100,
                    "queues": ["queue-1", "queue-2"],
                    "channels": [
                        {"channelId": "voice", "capacityCostPerJob": 50, "maxNumberOfJobs": 2},
                        {"channelId": "chat", "capacityCostPerJob": 0},
                    ],
                    "labels": {"Some-Skill": 11},
                    "tags": {"desk": 4},
                    "availableForOffers": true,
                    "maxConcurrentOffers": 3,
                }))
            },
            answer: created(worker()),
            call: |client| {
                let draft = NewWorker::with_capacity(100)
                    .queue("queue-1")
                    .queue("queue-2")
                    .channel(RouterChannel::new("voice", 50).max_number_of_jobs(2))
                    .channel(RouterChannel::new("chat", 0))
                    .label("Some-Skill", 11)
                    .tag("desk", 4)
                    .available_for_offers(true)
                    .max_concurrent_offers(3);
                shown(client.upsert_worker("worker-1", draft))
            },
        },
        Case {
            name: "reading a worker",
            request: |server| server.worker("worker%201").get(),
            answer: ok(worker()),
            call: |client| shown(client.get_worker("worker 1")),
        },
        Case {
            name: "listing workers with every filter",
            request: |server| {
                server
                    .list("workers")
                    .query("maxpagesize", "1")
                    .query("state", "draining")
                    .query("channelId", "voice")
                    .query("queueId", "queue-1")
                    .query("hasCapacity", "true")
            },
            answer: page("workers", json!([worker()])),
            call: |client| {
                let list = client
                    .list_workers()
                    .page_size(1)
                    .state(RouterWorkerStateSelector::Draining)
                    .channel("voice")
                    .queue("queue-1")
                    .has_capacity(true);
                listed(list.into_stream())
            },
        },
        Case {
            name: "deleting a worker",
            request: |server| server.worker("worker-1").delete(),
            answer: no_content(),
            call: |client| shown(client.delete_worker("worker-1")),
        },
    ]
}

#[tokio::test]
async fn a_worker_reads_into_its_model_member_by_member() {
    let server = AcsMockServer::start().await;
    server
        .worker("worker-1")
        .get()
        .answer(200, &worker())
        .mount()
        .await;

    let worker = client(&server)
        .get_worker("worker-1")
        .await
        .expect("worker")
        .into_inner();

    assert_eq!(
        (worker.id.as_str(), worker.etag.as_str()),
        ("worker-1", "\"w1\"")
    );
    assert_eq!(worker.state, Some(RouterWorkerState::Active));
    assert_eq!(worker.queues, ["queue-1", "queue-2"]);
    assert_eq!((worker.capacity, worker.load_ratio), (Some(100), Some(1.0)));
    assert_eq!(worker.labels["Some-Skill"], LabelValue::Integer(11));
    assert_eq!(worker.tags["desk"], 4.into());
    let channel = &worker.channels[0];
    assert_eq!(
        (channel.channel_id.as_str(), channel.capacity_cost_per_job),
        ("voice", 50)
    );
    assert_eq!(channel.max_number_of_jobs, Some(2));
    let offer = &worker.offers[0];
    assert_eq!(
        (
            offer.offer_id.as_str(),
            offer.job_id.as_str(),
            offer.capacity_cost
        ),
        ("offer-1", "job-2", 50)
    );
    assert_eq!(
        (offer.offered_at, offer.expires_at),
        (at("2024-01-18T09:30:00Z"), at("2024-01-18T09:30:30Z"))
    );
    let assigned = &worker.assigned_jobs[0];
    assert_eq!(
        (assigned.assignment_id.as_str(), assigned.job_id.as_str()),
        ("assignment-1", "job-1")
    );
    assert_eq!(
        (assigned.capacity_cost, Some(assigned.assigned_at)),
        (50, at("2024-01-18T09:29:00Z"))
    );
    assert_eq!(
        (worker.available_for_offers, worker.max_concurrent_offers),
        (Some(true), Some(3))
    );
    server.verify().await;
}

#[tokio::test]
async fn a_list_gives_pages_that_can_be_resumed() {
    let server = AcsMockServer::start().await;
    server
        .list("workers")
        .query("maxpagesize", "1")
        .answer(
            200,
            &json!({"value": [worker()], "nextLink": "/routing/workers?continuationToken=a"}),
        )
        .mount()
        .await;
    server
        .list("workers")
        .query("continuationToken", "a")
        .answer(200, &json!({"value": [{"id": "worker-2", "etag": "x"}]}))
        .mount()
        .await;

    let client = client(&server);
    let first = client
        .list_workers()
        .page_size(1)
        .into_stream()
        .by_page()
        .try_next()
        .await
        .expect("a page")
        .expect("the first");
    assert_eq!(first.items[0].id, "worker-1");

    let rest = client
        .list_workers()
        .into_stream()
        .resume(first.continuation.expect("more"));
    let rest: Vec<_> = rest.try_collect().await.expect("the rest");
    assert_eq!(
        rest.iter()
            .map(|worker| worker.id.as_str())
            .collect::<Vec<_>>(),
        ["worker-2"]
    );
    server.verify().await;
}
