//! What the service counts: queue statistics, and positions in a queue.

use std::time::Duration;

use acs_jobrouter::RouterQueueStatistics;
use acs_test_support::{AcsMockServer, RawServer, Reaction};
use futures_util::TryStreamExt as _;
use serde_json::{Value, json};

use crate::case::{Case, ok, shown};
use crate::client;

fn statistics() -> Value {
    json!({
        "queueId": "queue-1",
        "length": 12,
        "estimatedWaitTimeMinutes": {"1": 3.5, "10": 1},
        "longestJobWaitTimeMinutes": 4.25,
    })
}

fn position() -> Value {
    json!({
        "jobId": "job-1",
        "position": 2,
        "queueId": "queue-1",
        "queueLength": 12,
        "estimatedWaitTimeMinutes": 1.5,
    })
}

pub(crate) fn cases() -> Vec<Case> {
    vec![
        Case {
            name: "reading the statistics of a queue",
            request: |server| server.queue("queue%201").part("statistics"),
            answer: ok(statistics()),
            call: |client| shown(client.get_queue_statistics("queue 1")),
        },
        Case {
            name: "reading where a job stands in its queue",
            request: |server| server.job("job%201").part("position"),
            answer: ok(position()),
            call: |client| shown(client.get_queue_position("job 1")),
        },
    ]
}

#[tokio::test]
async fn counts_read_into_their_models_member_by_member() {
    let server = AcsMockServer::start().await;
    let queue = server.queue("queue-1").part("statistics");
    queue.answer(200, &statistics()).mount().await;
    let job = server.job("job-1").part("position");
    job.answer(200, &position()).mount().await;

    let client = client(&server);
    let statistics = client
        .get_queue_statistics("queue-1")
        .await
        .expect("statistics")
        .into_inner();
    assert_eq!(
        (statistics.queue_id.as_str(), statistics.length),
        ("queue-1", 12)
    );
    assert_eq!(statistics.longest_job_wait_time_minutes, Some(4.25));
    let estimates: Vec<_> = statistics.estimated_wait_time_minutes.into_iter().collect();
    assert_eq!(estimates, [("1".to_owned(), 3.5), ("10".to_owned(), 1.0)]);

    let position = client
        .get_queue_position("job-1")
        .await
        .expect("position")
        .into_inner();
    assert_eq!((position.job_id.as_str(), position.position), ("job-1", 2));
    assert_eq!(
        (position.queue_id.as_str(), position.queue_length),
        ("queue-1", 12)
    );
    assert_eq!(position.estimated_wait_time_minutes, Some(1.5));
    server.verify().await;
}

#[tokio::test]
async fn what_an_empty_queue_leaves_out_reads_as_nothing() {
    let server = AcsMockServer::start().await;
    let queue = server.queue("queue-1").part("statistics");
    queue
        .answer(200, &json!({"queueId": "queue-1", "length": 0}))
        .mount()
        .await;
    let job = server.job("job-1").part("position");
    job.answer(
        200,
        &json!({"jobId": "job-1", "position": 1, "queueId": "queue-1", "queueLength": 1}),
    )
    .mount()
    .await;

    let client = client(&server);
    let statistics = client
        .get_queue_statistics("queue-1")
        .await
        .expect("statistics");
    assert!(statistics.estimated_wait_time_minutes.is_empty());
    assert_eq!(statistics.longest_job_wait_time_minutes, None);
    let position = client.get_queue_position("job-1").await.expect("position");
    assert_eq!(position.estimated_wait_time_minutes, None);
    server.verify().await;
}

fn queues(ids: &[&str], next_link: Option<&str>) -> Value {
    let queues: Vec<_> = ids
        .iter()
        .map(|id| json!({"id": id, "etag": "\"1\""}))
        .collect();
    json!({"value": queues, "nextLink": next_link})
}

async fn statistics_of(server: &AcsMockServer, id: &str, length: i32) {
    let answer = json!({"queueId": id, "length": length});
    let statistics = server.queue(id).part("statistics");
    statistics.answer(200, &answer).mount().await;
}

#[tokio::test]
async fn the_statistics_of_all_queues_come_in_the_order_of_the_queues_without_deleted_ones() {
    let server = AcsMockServer::start().await;
    let first = queues(
        &["c", "a", "gone"],
        Some("/routing/queues?continuationToken=2"),
    );
    server
        .list("queues")
        .query("maxpagesize", "3")
        .answer(200, &first)
        .mount()
        .await;
    server
        .list("queues")
        .query("continuationToken", "2")
        .answer(200, &queues(&["b"], None))
        .mount()
        .await;
    for (id, length) in [("a", 1), ("b", 2), ("c", 3)] {
        statistics_of(&server, id, length).await;
    }
    let gone = json!({"communicationError": {"code": "NotFound", "message": "no such queue"}});
    let deleted = server.queue("gone").part("statistics");
    deleted.answer(404, &gone).mount().await;

    let all: Vec<RouterQueueStatistics> = client(&server)
        .list_queue_statistics()
        .page_size(3)
        .into_stream()
        .try_collect()
        .await
        .expect("statistics");

    let lengths: Vec<_> = all
        .iter()
        .map(|queue| (queue.queue_id.as_str(), queue.length))
        .collect();
    assert_eq!(lengths, [("c", 3), ("a", 1), ("b", 2)]);
    server.verify().await;
}

#[tokio::test]
async fn the_statistics_of_all_queues_end_with_the_first_call_that_fails() {
    let server = AcsMockServer::start().await;
    let page = queues(&["a", "b"], Some("/routing/queues?continuationToken=2"));
    server.list("queues").answer(200, &page).mount().await;
    statistics_of(&server, "a", 1).await;
    let broken = server.queue("b").part("statistics");
    broken.answer_empty(500).mount().await;

    let mut all = client(&server)
        .list_queue_statistics()
        .concurrency(1)
        .into_stream();
    let error = all.try_next().await.expect_err("the second fails");

    assert_eq!(error.operation(), Some("getQueueStatistics"));
    assert!(all.try_next().await.expect("the end").is_none());
    server.verify().await;
}

#[tokio::test(start_paused = true)]
async fn the_order_does_not_depend_on_which_answer_comes_first() {
    let page = queues(&["slow", "quick"], None).to_string();
    let server = RawServer::react(move |request| {
        let line = request.line();
        let Some(queue) = ["slow", "quick"]
            .iter()
            .find(|queue| line.contains(**queue))
        else {
            return Reaction::ok(&page);
        };
        let statistics = json!({"queueId": queue, "length": 1}).to_string();
        match (*queue, Reaction::ok(&statistics)) {
            ("slow", Reaction::Send(answer)) => Reaction::SendLater(Duration::from_secs(5), answer),
            (_, answer) => answer,
        }
    })
    .await;

    let all: Vec<_> = crate::client_of(&server.connection_string())
        .list_queue_statistics()
        .into_stream()
        .map_ok(|queue| queue.queue_id)
        .try_collect()
        .await
        .expect("statistics");

    assert_eq!(all, ["slow", "quick"]);
}

/// A request that stalls never ends, so that the number that arrives is the number at a time.
#[tokio::test(start_paused = true)]
async fn the_statistics_of_all_queues_are_read_a_few_at_a_time() {
    let ids: Vec<_> = (0..20).map(|number| number.to_string()).collect();
    let page = queues(&ids.iter().map(String::as_str).collect::<Vec<_>>(), None).to_string();
    for (concurrency, at_a_time) in [(None, 8), (Some(3), 3), (Some(0), 1)] {
        let page = page.clone();
        let server = RawServer::react(move |request| {
            if request.line().contains("/statistics") {
                Reaction::SendAndStall(String::new())
            } else {
                Reaction::ok(&page)
            }
        })
        .await;
        let mut list = crate::client_of(&server.connection_string()).list_queue_statistics();
        if let Some(calls) = concurrency {
            list = list.concurrency(calls);
        }
        let error = list.into_stream().try_next().await.expect_err("stalled");
        assert!(error.is_timeout(), "{error}");
        assert_eq!(server.requests().len(), 1 + at_a_time, "{concurrency:?}");
    }
}
