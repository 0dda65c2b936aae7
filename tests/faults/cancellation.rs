//! Calls that are dropped before they end.

use std::pin::pin;
use std::time::Duration;

use acs_chat::{ChatParticipant, CommunicationUserIdentifier};
use acs_contract_tests::calls;
use acs_jobrouter::Error;
use acs_test_support::{RawServer, Reaction};
use futures_util::{Stream, TryStreamExt as _};
use tokio::time::timeout;

use crate::{Stage, client, name, success};

const SECOND: Duration = Duration::from_secs(1);

/// Lets pass what time it takes for anything that goes on in the background to show.
async fn a_day_passes() {
    tokio::time::sleep(Duration::from_secs(24 * 60 * 60)).await;
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_dropped_before_it_is_awaited_sends_nothing() {
    let stage = Stage::new().await;
    for call in calls() {
        drop((call.call)(stage.client.clone()));
    }
    a_day_passes().await;
    assert!(stage.server.requests().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_dropped_is_not_made_again_and_leaves_a_client_that_works() {
    let waiting_for_the_answer = Reaction::SendAndStall(String::new());
    let between_two_attempts = Reaction::answer(429, "retry-after: 60\r\n", "");
    let stage = Stage::new().await;
    for call in calls() {
        for first in [&waiting_for_the_answer, &between_two_attempts] {
            stage.server.follow([first.clone(), success(call)]);
            let dropped = timeout(SECOND, (call.call)(stage.client.clone())).await;
            assert!(dropped.is_err(), "{}: {dropped:?}", name(call));
            a_day_passes().await;
            assert_eq!(stage.server.requests().len(), 1, "{}", name(call));

            let again = (call.call)(stage.client.clone()).await;
            assert!(again.is_ok(), "{}: {again:?}", name(call));
        }
    }
}

/// A success that comes after 2.4 seconds.
fn slow(body: &str) -> Reaction {
    let Reaction::Send(answer) = Reaction::ok(body) else {
        panic!("a whole answer");
    };
    Reaction::SendLater(Duration::from_millis(2_400), answer)
}

/// The first items of a stream, by a reader who gives up each second and asks again; and how often that was.
async fn read_impatiently<T>(
    stream: impl Stream<Item = Result<T, Error>>,
    wanted: usize,
) -> (Vec<T>, usize) {
    let mut stream = pin!(stream);
    let (mut items, mut given_up) = (Vec::new(), 0);
    while items.len() < wanted {
        match timeout(SECOND, stream.try_next()).await {
            Ok(Ok(Some(item))) => items.push(item),
            Ok(Ok(None)) => break,
            Ok(Err(error)) => panic!("{error}"),
            Err(_elapsed) => given_up += 1,
        }
    }
    (items, given_up)
}

#[tokio::test(start_paused = true)]
async fn a_list_goes_on_where_it_was_when_taking_the_next_item_is_given_up() {
    let server = RawServer::start([
        slow(r#"{"value":[{"id":"a","etag":"x"}],"nextLink":"/routing/jobs?continuationToken=2"}"#),
        slow(r#"{"value":[{"id":"b","etag":"x"}]}"#),
    ])
    .await;
    let jobs = client(&server.connection_string()).router.list_jobs();

    let (jobs, given_up) = read_impatiently(jobs.into_stream(), usize::MAX).await;

    let ids: Vec<_> = jobs.into_iter().map(|job| job.id).collect();
    assert_eq!((ids, given_up), (vec!["a".to_owned(), "b".to_owned()], 4));
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn so_do_the_statistics_of_all_queues() {
    let server = RawServer::react(|request| {
        let path = request.line().split(['?', ' ']).nth(1).expect("a path");
        match path.strip_suffix("/statistics") {
            None => slow(r#"{"value":[{"id":"a","etag":"x"},{"id":"b","etag":"x"}]}"#),
            Some(queue) => slow(&format!(r#"{{"queueId":"{queue}","length":1}}"#)),
        }
    })
    .await;
    let statistics = client(&server.connection_string())
        .router
        .list_queue_statistics();

    let (all, given_up) = read_impatiently(statistics.into_stream(), usize::MAX).await;

    let queues: Vec<_> = all.iter().map(|queue| &*queue.queue_id).collect();
    assert_eq!(queues, ["/routing/queues/a", "/routing/queues/b"]);
    // Once for the list, and twice at a time for the queues.
    assert_eq!((given_up, server.requests().len()), (4, 3));
}

#[tokio::test(start_paused = true)]
async fn so_does_whoever_follows_a_thread() {
    let message = |number: u8| {
        format!(
            r#"{{"id":"{number}","type":"text","sequenceId":"{number}","version":"{number}",
                "content":{{"message":"m"}},"createdOn":"2024-01-18T09:30:00Z"}}"#
        )
    };
    let (first, second) = (message(1), message(2));
    let server = RawServer::start([
        slow(&format!(r#"{{"value":[{first}]}}"#)),
        slow(&format!(r#"{{"value":[{second},{first}]}}"#)),
    ])
    .await;
    let thread = client(&server.connection_string()).chat.thread_client("t");
    let changes = thread.messages_since(acs_chat::MessagePosition::beginning());

    let (messages, given_up) = read_impatiently(changes.into_stream(), 2).await;

    let ids: Vec<_> = messages.into_iter().map(|message| message.id).collect();
    assert_eq!(ids, ["1", "2"]);
    // 2.4 seconds each time, and two seconds between them.
    assert_eq!((given_up, server.requests().len()), (6, 2));
}

#[tokio::test(start_paused = true)]
async fn adding_in_batches_ends_with_the_batch_at_which_it_is_dropped() {
    let server = RawServer::start([
        Reaction::answer(201, "", "{}"),
        Reaction::SendAndStall(String::new()),
    ])
    .await;
    let people = ["8:acs:r_a", "8:acs:r_b", "8:acs:r_c"];
    let people = people.map(|id| ChatParticipant::new(CommunicationUserIdentifier::new(id)));
    let thread = client(&server.connection_string()).chat.thread_client("t");

    let adding = thread.add_participants_in_batches(people).batch_size(1);

    assert!(timeout(SECOND, adding.into_future()).await.is_err());
    a_day_passes().await;
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn an_update_that_is_dropped_while_it_writes_does_not_write_again() {
    let server = RawServer::react(|request| {
        if request.line().starts_with("GET") {
            Reaction::ok(r#"{"id":"a","etag":"\"1\""}"#)
        } else {
            Reaction::SendAndStall(String::new())
        }
    })
    .await;
    let client = client(&server.connection_string());
    let update = client.router.update_job("a", |_| acs_jobrouter::JobPatch {
        priority: 2.into(),
        ..acs_jobrouter::JobPatch::default()
    });
    assert!(timeout(SECOND, update.into_future()).await.is_err());
    a_day_passes().await;
    assert_eq!(server.requests().len(), 2);
}
