//! Following a thread by asking again and again.

use std::collections::BTreeMap;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use acs_core::{Pager, Result};
use acs_core_chat::client;
use acs_core_chat::operations::LIST_CHAT_MESSAGES;
use acs_types::Timestamp;
use futures_core::Stream;
use futures_util::TryStreamExt as _;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use tokio::time::sleep;

use crate::calls::{Start, Thread};
use crate::models::{ChatMessage, WholePage};

/// How far a stream of messages has come: what it has given, and nothing else, lies behind it.
///
/// Keep it, as JSON for instance, and begin another stream with it later or in another process.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MessagePosition {
    /// Everything up to this sequence number is settled.
    settled: u64,
    /// What was given beyond that: sequence numbers with the milliseconds of their versions.
    given: BTreeMap<u64, u64>,
}

impl MessagePosition {
    /// Before the first message of a thread.
    #[must_use]
    pub fn beginning() -> Self {
        Self::default()
    }

    fn is_behind(&self, change: &Change) -> bool {
        change.sequence <= self.settled || self.given.contains_key(&change.sequence)
    }

    /// Goes on behind a change. What is older than the settling time before the newest is settled.
    fn pass(&mut self, change: &Change, settling_time: Duration) {
        self.given.insert(change.sequence, change.version);
        let settling_time = u64::try_from(settling_time.as_millis()).unwrap_or(u64::MAX);
        let newest = self.given.values().copied().max().unwrap_or_default();
        let horizon = newest.saturating_sub(settling_time);
        let settled = self
            .given
            .iter()
            .filter(|(_, version)| **version < horizon)
            .map(|(sequence, _)| *sequence)
            .max();
        if let Some(settled) = settled {
            self.settled = self.settled.max(settled);
            self.given.retain(|sequence, _| *sequence > settled);
        }
    }
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings {
    pub(crate) interval: Duration,
    pub(crate) settling_time: Duration,
    pub(crate) page_size: Option<i32>,
}

/// Keeps a stream without an interval from taking up a processor.
const SHORTEST_INTERVAL: Duration = Duration::from_millis(1);

impl Default for Settings {
    fn default() -> Self {
        Self {
            interval: Duration::from_secs(2),
            settling_time: Duration::from_secs(10),
            page_size: None,
        }
    }
}

/// A message in its latest state, with its place among all changes of the thread.
#[derive(Debug)]
struct Change {
    sequence: u64,
    /// Milliseconds since 1970.
    version: u64,
    message: ChatMessage,
}

impl<'de> Deserialize<'de> for Change {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let message = ChatMessage::deserialize(deserializer)?;
        let number = |name: &str, text: &str| {
            text.parse()
                .map_err(|_| D::Error::custom(format_args!("`{name}` is not a whole number")))
        };
        Ok(Self {
            sequence: number("sequenceId", &message.sequence_id)?,
            version: number("version", &message.version)?,
            message,
        })
    }
}

/// What happens in a thread, in the order in which it happened: messages that are sent, edited and deleted, each in the state
/// that it has when it is given.
///
/// The thread is listed again and again; see [`MessagesSince`](crate::calls::MessagesSince) for how often. The service moves
/// a message behind all others with each edit and with its deletion. So each change comes exactly once: an edit as the
/// message with [`edited_on`](ChatMessage::edited_on), a deletion as the message with
/// [`deleted_on`](ChatMessage::deleted_on). Of several changes between two looks, the last one shows. A message that shows up
/// late is still given, out of order, if it does so within the settling time.
///
/// The stream never ends. An error is given after the retries of the look that failed; asking for the next message looks
/// again, after the interval. Taking the next message can be given up at any time.
#[must_use = "streams do nothing unless polled"]
pub struct MessageStream {
    thread: Thread,
    settings: Settings,
    /// Only changes from this time on, as long as no position is known.
    since: Option<Timestamp>,
    position: MessagePosition,
    state: State,
}

enum State {
    /// Handing out what the last look showed.
    Giving(std::vec::IntoIter<Change>),
    Looking(Look),
    Waiting(Pin<Box<tokio::time::Sleep>>),
}

type Look = Pin<Box<dyn Future<Output = Result<Seen>> + Send>>;

/// What one look showed.
struct Seen {
    /// The oldest first.
    changes: Vec<Change>,
    /// The newest change before the time from which on changes are wanted.
    settled: Option<u64>,
}

impl MessageStream {
    pub(crate) fn new(thread: Thread, start: Start, settings: Settings) -> Self {
        let (since, position) = match start {
            Start::Time(time) => (Some(time), MessagePosition::beginning()),
            Start::Position(position) => (None, position),
        };
        let look = look(thread.clone(), since, position.clone(), settings.page_size);
        Self {
            thread,
            settings,
            since,
            position,
            state: State::Looking(look),
        }
    }

    /// How far the stream has come: behind the last message that it has given. `None` until it has looked for the first time,
    /// if it began with a time.
    #[must_use]
    pub fn position(&self) -> Option<&MessagePosition> {
        self.since.is_none().then_some(&self.position)
    }

    fn wait(&mut self) {
        let interval = self.settings.interval.max(SHORTEST_INTERVAL);
        self.state = State::Waiting(Box::pin(sleep(interval)));
    }

    fn take_in(&mut self, seen: Seen) {
        if let Some(settled) = seen.settled {
            self.position.settled = self.position.settled.max(settled);
        }
        self.since = None;
        self.state = State::Giving(seen.changes.into_iter());
    }
}

impl Stream for MessageStream {
    type Item = Result<ChatMessage>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        loop {
            match &mut this.state {
                State::Giving(changes) => match changes.next() {
                    Some(change) => {
                        this.position.pass(&change, this.settings.settling_time);
                        return Poll::Ready(Some(Ok(change.message)));
                    }
                    None => this.wait(),
                },
                State::Looking(look) => match ready!(look.as_mut().poll(context)) {
                    Ok(seen) => this.take_in(seen),
                    Err(error) => {
                        this.wait();
                        return Poll::Ready(Some(Err(error)));
                    }
                },
                State::Waiting(sleep) => {
                    ready!(sleep.as_mut().poll(context));
                    let (thread, position) = (this.thread.clone(), this.position.clone());
                    let look = look(thread, this.since, position, this.settings.page_size);
                    this.state = State::Looking(look);
                }
            }
        }
    }
}

impl fmt::Debug for MessageStream {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("MessageStream")
            .field("thread", &self.thread.id)
            .field("position", &self.position)
            .finish_non_exhaustive()
    }
}

/// Reads the list, which has the last change first, down to what is settled.
fn look(
    thread: Thread,
    since: Option<Timestamp>,
    position: MessagePosition,
    page_size: Option<i32>,
) -> Look {
    Box::pin(async move {
        thread.check()?;
        let since = since.map_or(0, milliseconds);
        let mut list = list(thread, page_size);
        let mut seen = Seen {
            changes: Vec::new(),
            settled: None,
        };
        while let Some(change) = list.try_next().await? {
            if change.sequence <= position.settled {
                break;
            }
            if change.version < since {
                seen.settled = Some(change.sequence);
                break;
            }
            if !position.is_behind(&change) {
                seen.changes.push(change);
            }
        }
        seen.changes.reverse();
        Ok(seen)
    })
}

fn list(thread: Thread, page_size: Option<i32>) -> Pager<Change> {
    let pipeline = thread.pipeline.clone();
    Pager::new::<WholePage<_>, _>(&pipeline, &LIST_CHAT_MESSAGES, move |call| async move {
        let result = client(&call)
            .list_chat_messages(&thread.id, page_size, None)
            .await;
        call.finish_as(result)
    })
}

/// Whole milliseconds since 1970; none before.
fn milliseconds(time: Timestamp) -> u64 {
    u64::try_from(time.unix_nanos() / 1_000_000).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Change, MessagePosition};

    fn change(sequence: u64, version: u64) -> Change {
        let message = format!(
            r#"{{"id":"1","type":"text","sequenceId":"{sequence}","version":"{version}","createdOn":"2024-01-18T09:30:00Z"}}"#
        );
        serde_json::from_str(&message).expect("a change")
    }

    #[test]
    fn a_position_forgets_what_has_settled_and_nothing_else() {
        let settling_time = Duration::from_secs(10);
        let mut position = MessagePosition::beginning();
        for (sequence, version) in [(1, 1_000), (2, 5_000), (4, 11_500)] {
            position.pass(&change(sequence, version), settling_time);
        }
        assert_eq!(position.settled, 1);
        let behind = |sequence| position.is_behind(&change(sequence, 0));
        assert!(behind(1) && behind(2) && behind(4));
        assert!(!behind(3), "it may still show up");
        assert!(!behind(5));
    }

    #[test]
    fn a_position_can_be_kept_as_json() {
        let mut position = MessagePosition::beginning();
        position.pass(&change(7, 70_000), Duration::from_secs(10));
        let kept = serde_json::to_string(&position).expect("json");
        assert_eq!(kept, r#"{"settled":0,"given":{"7":70000}}"#);
        let read: MessagePosition = serde_json::from_str(&kept).expect("a position");
        assert_eq!(read, position);
    }

    #[test]
    fn what_is_no_number_is_told_by_name() {
        let message = r#"{"id":"1","type":"text","sequenceId":"first","version":"1","createdOn":"2024-01-18T09:30:00Z"}"#;
        let error = serde_json::from_str::<Change>(message).expect_err("no number");
        assert!(error.to_string().contains("`sequenceId`"), "{error}");
    }
}
