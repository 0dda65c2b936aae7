//! Following a thread, in paused time, against a thread that changes meanwhile.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use acs_chat::{ChatMessage, ClientOptions, Error, MessagePosition, MessageStream, Timestamp};
use acs_test_support::{RawRequest, RawServer, Reaction};
use futures_util::{StreamExt as _, TryStreamExt as _};
use serde_json::{Value, json};
use tokio::time::{Instant, timeout};

use super::client_of;

const SECOND: u64 = 1_000;
const NOON: u64 = 1_700_000_000 * SECOND;

/// A thread as the service keeps it: each change takes the next number, and an edit moves its message to the top.
#[derive(Clone, Default)]
struct Thread(Arc<Mutex<Vec<Value>>>);

impl Thread {
    /// Sends a message at this many milliseconds after noon; its id is its text.
    fn send(&self, text: &str, at: u64) {
        self.put(text, text, at, &json!({}));
    }

    fn edit(&self, id: &str, text: &str, at: u64) {
        self.put(id, text, at, &json!({"editedOn": "2024-01-18T09:30:00Z"}));
    }

    fn delete(&self, id: &str, at: u64) {
        self.put(id, "", at, &json!({"deletedOn": "2024-01-18T09:30:00Z"}));
    }

    fn put(&self, id: &str, text: &str, at: u64, more: &Value) {
        let next = self.next();
        self.put_as(next, id, text, at, more);
    }

    fn next(&self) -> u64 {
        let messages = self.0.lock().expect("nothing panics");
        let numbers = messages.iter().map(number);
        numbers.max().unwrap_or_default() + 1
    }

    fn put_as(&self, place: u64, id: &str, text: &str, at: u64, more: &Value) {
        let mut message = json!({
            "id": id, "type": "text", "sequenceId": place.to_string(), "version": (NOON + at).to_string(),
            "createdOn": "2024-01-18T09:30:00Z", "content": {"message": text},
        });
        let members = message.as_object_mut().expect("an object");
        members.extend(more.as_object().expect("an object").clone());
        let mut messages = self.0.lock().expect("nothing panics");
        messages.retain(|message| message["id"] != id);
        messages.push(message);
        messages.sort_by_key(|message| std::cmp::Reverse(number(message)));
    }

    /// Pages of two, the newest first, that go on below a number.
    fn page(&self, request: &RawRequest) -> Reaction {
        let (path, query) = request
            .line()
            .strip_prefix("GET ")
            .and_then(|target| target.split_once('?'))
            .expect("a listing");
        let below = query
            .split('&')
            .find_map(|pair| pair.strip_prefix("below="))
            .map_or(u64::MAX, |below| below.parse().expect("a number"));
        let messages = self.0.lock().expect("nothing panics");
        let rest: Vec<_> = messages
            .iter()
            .filter(|message| number(message) < below)
            .collect();
        let mut page = json!({"value": rest.iter().take(2).collect::<Vec<_>>()});
        if rest.len() > 2 {
            page["nextLink"] = format!("{path}?below={}", number(rest[1])).into();
        }
        Reaction::ok(&page.to_string())
    }

    async fn serve(&self) -> RawServer {
        let thread = self.clone();
        RawServer::react(move |request| thread.page(request)).await
    }
}

fn number(message: &Value) -> u64 {
    let number = message["sequenceId"].as_str().expect("a text");
    number.parse().expect("a number")
}

fn follow(server: &RawServer, start: impl Into<acs_chat::calls::Start>) -> MessageStream {
    let chat = client_of(&server.endpoint(), ClientOptions::new());
    chat.thread_client("t").messages_since(start).into_stream()
}

fn show(message: &ChatMessage) -> String {
    let what = match message {
        message if message.is_deleted() => "deleted",
        message if message.edited_on.is_some() => "edited",
        _ => "sent",
    };
    format!(
        "{} {what} {}",
        message.id,
        message.text().unwrap_or_default()
    )
}

/// What comes within a minute; nothing that is due takes that long.
async fn next(stream: &mut MessageStream) -> Option<String> {
    let minute = Duration::from_secs(60);
    let next = timeout(minute, stream.try_next()).await.ok()?;
    next.expect("no error").map(|message| show(&message))
}

async fn next_few<const N: usize>(stream: &mut MessageStream) -> Vec<String> {
    let mut all = Vec::new();
    for _ in 0..N {
        all.extend(next(stream).await);
    }
    all
}

fn after_noon(milliseconds: u64) -> Timestamp {
    let nanoseconds = i128::from(NOON + milliseconds) * 1_000_000;
    Timestamp::from_unix_nanos(nanoseconds).expect("a time")
}

#[tokio::test(start_paused = true)]
async fn what_is_there_comes_in_its_order_and_then_what_happens() {
    let thread = Thread::default();
    for (text, at) in [("a", 0), ("b", 1), ("c", 2), ("d", 3), ("e", 4)] {
        thread.send(text, at * SECOND);
    }
    let server = thread.serve().await;
    let mut stream = follow(&server, MessagePosition::beginning());

    assert_eq!(
        next_few::<5>(&mut stream).await,
        ["a sent a", "b sent b", "c sent c", "d sent d", "e sent e"]
    );
    thread.send("f", 60 * SECOND);
    thread.edit("a", "A", 61 * SECOND);
    thread.delete("b", 62 * SECOND);
    assert_eq!(
        next_few::<3>(&mut stream).await,
        ["f sent f", "a edited A", "b deleted "]
    );
    assert_eq!(next(&mut stream).await, None);
}

#[tokio::test(start_paused = true)]
async fn since_a_time_only_what_changed_then_or_later_comes_even_if_it_was_sent_before() {
    let thread = Thread::default();
    for (text, at) in [("a", 0), ("b", 10), ("c", 20)] {
        thread.send(text, at * SECOND);
    }
    thread.edit("a", "A", 30 * SECOND);
    let server = thread.serve().await;
    let mut stream = follow(&server, after_noon(20 * SECOND));
    assert_eq!(stream.position(), None);
    assert_eq!(next_few::<2>(&mut stream).await, ["c sent c", "a edited A"]);
    assert!(stream.position().is_some());
    assert_eq!(next(&mut stream).await, None);
}

#[tokio::test(start_paused = true)]
async fn a_thread_in_which_nothing_happened_since_is_followed_all_the_same() {
    for thread in [Thread::default(), {
        let thread = Thread::default();
        thread.send("old", 0);
        thread
    }] {
        let server = thread.serve().await;
        let mut stream = follow(&server, after_noon(10 * SECOND));
        assert_eq!(next(&mut stream).await, None);
        thread.send("new", 20 * SECOND);
        assert_eq!(next_few::<1>(&mut stream).await, ["new sent new"]);
        assert_eq!(next(&mut stream).await, None);
    }
}

#[tokio::test(start_paused = true)]
async fn another_stream_goes_on_behind_what_the_first_has_given() {
    let thread = Thread::default();
    for (text, at) in [("a", 0), ("b", 1), ("c", 2), ("d", 3)] {
        thread.send(text, at * SECOND);
    }
    let server = thread.serve().await;
    let mut first = follow(&server, MessagePosition::beginning());
    // The first look has shown all four; only two are taken.
    assert_eq!(next_few::<2>(&mut first).await, ["a sent a", "b sent b"]);
    let kept = serde_json::to_string(first.position().expect("a position")).expect("json");
    drop(first);
    thread.edit("a", "A", 4 * SECOND);

    let position: MessagePosition = serde_json::from_str(&kept).expect("a position");
    let mut second = follow(&server, position);
    assert_eq!(
        next_few::<3>(&mut second).await,
        ["c sent c", "d sent d", "a edited A"]
    );
    assert_eq!(next(&mut second).await, None);
}

#[tokio::test(start_paused = true)]
async fn a_message_that_shows_up_late_is_given_within_the_settling_time_and_nothing_twice() {
    let thread = Thread::default();
    thread.send("a", 0);
    thread.put_as(3, "c", "c", 2 * SECOND, &json!({}));
    let server = thread.serve().await;
    let mut stream = follow(&server, MessagePosition::beginning());
    assert_eq!(next_few::<2>(&mut stream).await, ["a sent a", "c sent c"]);
    thread.put_as(2, "b", "b", SECOND, &json!({}));
    thread.send("d", 3 * SECOND);
    assert_eq!(next_few::<2>(&mut stream).await, ["b sent b", "d sent d"]);
    assert_eq!(next(&mut stream).await, None);
}

#[tokio::test(start_paused = true)]
async fn looks_come_at_their_interval_and_read_no_further_than_what_is_new() {
    let thread = Thread::default();
    for number in 0..50 {
        thread.send(&number.to_string(), number * 60 * SECOND);
    }
    let server = thread.serve().await;
    let mut stream = follow(&server, MessagePosition::beginning());
    for _ in 0..50 {
        assert!(next(&mut stream).await.is_some());
    }
    let first_look = server.requests().len();
    assert_eq!(first_look, 25);

    let began = Instant::now();
    let quiet = timeout(Duration::from_millis(6_500), stream.next()).await;
    assert!(quiet.is_err(), "{quiet:?}");
    assert_eq!(
        server.requests().len() - first_look,
        3,
        "after 2, 4 and 6 seconds, one page each"
    );
    assert_eq!(began.elapsed(), Duration::from_millis(6_500));
}

#[tokio::test(start_paused = true)]
async fn a_failed_look_is_told_and_the_stream_goes_on_where_it_was() {
    let thread = Thread::default();
    thread.send("a", 0);
    let is_down = Arc::new(Mutex::new(false));
    let (behind, down) = (thread.clone(), Arc::clone(&is_down));
    let server = RawServer::react(move |request| match *down.lock().expect("nothing panics") {
        true => Reaction::answer(403, "", r#"{"CommunicationError":{"Code":"Forbidden"}}"#),
        false => behind.page(request),
    })
    .await;
    let mut stream = follow(&server, MessagePosition::beginning());
    assert_eq!(next_few::<1>(&mut stream).await, ["a sent a"]);

    *is_down.lock().expect("nothing panics") = true;
    thread.send("b", SECOND);
    for _ in 0..2 {
        let error = stream.try_next().await.expect_err("down");
        assert!(error.is_forbidden(), "{error}");
    }
    *is_down.lock().expect("nothing panics") = false;
    assert_eq!(next_few::<1>(&mut stream).await, ["b sent b"]);
}

#[tokio::test(start_paused = true)]
async fn a_sequence_that_is_no_number_is_an_error_that_says_so() {
    let message = json!({"id": "1", "type": "text", "sequenceId": "one", "version": "1", "createdOn": "2024-01-18T09:30:00Z"});
    let page = json!({"value": [message]});
    let server = RawServer::start([Reaction::ok(&page.to_string())]).await;
    let mut stream = follow(&server, MessagePosition::beginning());
    let error = stream.try_next().await.expect_err("no number");
    assert!(matches!(error, Error::Decode(_)), "{error:?}");
    let text = crate::answers::chain(&error);
    assert!(text.contains("sequenceId"), "{text}");
}
