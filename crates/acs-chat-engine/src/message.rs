//! The messages of one thread, in the order in which lists show them.

use std::sync::Arc;

use acs_types::CommunicationIdentifier;

use crate::command::{Metadata, NewMessage};
use crate::thread::Participant;
use crate::time::Time;

/// What the text of a message is written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum MessageType {
    /// Plain text: `text`.
    #[default]
    Text,
    /// `html`.
    Html,
}

impl MessageType {
    /// Finds a type that can be sent by its name on the wire.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        match name {
            "text" => Some(Self::Text),
            "html" => Some(Self::Html),
            _ => None,
        }
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Html => "html",
        }
    }

    /// As events spell it (rule 87).
    pub(crate) fn in_events(self) -> &'static str {
        match self {
            Self::Text => "Text",
            Self::Html => "Html",
        }
    }
}

/// One message.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Message {
    /// When it arrived, in milliseconds since 1970, raised where needed to differ from all others of the thread.
    pub(crate) id: u64,
    /// Its number among all messages of all threads, in the order in which they arrived.
    pub(crate) serial: u64,
    /// Its place in the thread; moves to the end with each change.
    pub(crate) sequence: u64,
    /// The places it has left, in rising order.
    left: Vec<u64>,
    /// The id, until it is changed; then the time of the change, made unique in the same way.
    pub(crate) version: u64,
    pub(crate) created_on: Time,
    pub(crate) edited_on: Option<Time>,
    pub(crate) deleted_on: Option<Time>,
    pub(crate) body: Body,
}

/// What a message says.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Body {
    /// From a participant.
    Sent(SentBody),
    /// From the service.
    System {
        initiator: Arc<CommunicationIdentifier>,
        news: News,
    },
}

/// What a participant says.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SentBody {
    pub(crate) sender: Arc<CommunicationIdentifier>,
    pub(crate) sender_display_name: Arc<str>,
    pub(crate) message_type: MessageType,
    pub(crate) content: Arc<str>,
    pub(crate) metadata: Arc<Metadata>,
}

/// What the service tells in a thread (rule 30).
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum News {
    TopicUpdated(Arc<str>),
    ParticipantAdded(Vec<Participant>),
    ParticipantRemoved(Vec<Participant>),
}

impl SentBody {
    pub(crate) fn new(sender: Arc<CommunicationIdentifier>, message: NewMessage) -> Self {
        Self {
            sender,
            sender_display_name: message.sender_display_name.unwrap_or_default().into(),
            message_type: message.message_type,
            content: message.content.into(),
            metadata: message.metadata.into(),
        }
    }
}

impl Message {
    /// Whether this is the message's place in a list that was begun when `snapshot` was the last place.
    ///
    /// A message that was changed since then keeps its old place in such a list, so that the pages of one list show it once.
    fn stands_at(&self, place: u64, snapshot: u64) -> bool {
        if self.sequence <= snapshot {
            return self.sequence == place;
        }
        let in_time = self.left.partition_point(|&left| left <= snapshot);
        in_time > 0 && self.left[in_time - 1] == place
    }
}

/// Which messages of a thread somebody sees.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Window {
    /// From this time on.
    pub(crate) since: Time,
    /// Up to this id.
    pub(crate) until: Option<u64>,
}

impl Window {
    pub(crate) fn shows(&self, message: &Message) -> bool {
        message.created_on >= self.since && self.until.is_none_or(|until| message.id <= until)
    }
}

/// All messages of a thread.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct MessageLog {
    /// By arrival, and so by id and by serial.
    messages: Vec<Message>,
    /// For each place, counted from 1, the message that has it or had it.
    places: Vec<usize>,
    last_stamp: u64,
}

impl MessageLog {
    /// Adds a message; gives its index.
    pub(crate) fn append(&mut self, now: Time, serial: u64, body: Body) -> usize {
        let stamp = self.stamp(now);
        let index = self.messages.len();
        self.places.push(index);
        self.messages.push(Message {
            id: stamp,
            serial,
            sequence: self.places.len() as u64,
            left: Vec::new(),
            version: stamp,
            created_on: now,
            edited_on: None,
            deleted_on: None,
            body,
        });
        index
    }

    /// Changes a message and moves it to the end (rules 32 and 33).
    pub(crate) fn change(&mut self, index: usize, now: Time, change: impl FnOnce(&mut Message)) {
        let stamp = self.stamp(now);
        self.places.push(index);
        let message = &mut self.messages[index];
        message.left.push(message.sequence);
        message.sequence = self.places.len() as u64;
        message.version = stamp;
        change(message);
    }

    /// The index of a message by its id.
    pub(crate) fn find(&self, id: u64) -> Option<usize> {
        self.messages
            .binary_search_by_key(&id, |message| message.id)
            .ok()
    }

    pub(crate) fn at(&self, index: usize) -> &Message {
        &self.messages[index]
    }

    /// The last place so far.
    pub(crate) fn newest(&self) -> u64 {
        self.places.len() as u64
    }

    /// The time of the last change, as versions have it.
    pub(crate) fn last_stamp(&self) -> u64 {
        self.last_stamp
    }

    /// The last message that had arrived when this many had in all threads.
    pub(crate) fn last_of(&self, serial: u64) -> Option<&Message> {
        let arrived = self
            .messages
            .partition_point(|message| message.serial <= serial);
        self.messages[..arrived].last()
    }

    /// The messages below a place, newest first, each with the place it has in a list that was begun at `snapshot`.
    pub(crate) fn below(&self, place: u64, snapshot: u64) -> impl Iterator<Item = (u64, &Message)> {
        let last = place.saturating_sub(1).min(snapshot).min(self.newest());
        (1..=last).rev().filter_map(move |place| {
            let index = usize::try_from(place - 1).ok()?;
            let message = &self.messages[*self.places.get(index)?];
            message
                .stands_at(place, snapshot)
                .then_some((place, message))
        })
    }

    fn stamp(&mut self, now: Time) -> u64 {
        self.last_stamp = now.unix_millis().max(self.last_stamp + 1);
        self.last_stamp
    }
}
