//! Following what happens in a thread: the options.

use std::time::Duration;

use acs_types::Timestamp;

use super::Thread;
use crate::changes::{MessagePosition, MessageStream, Settings};

/// Where a stream of messages begins.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Start {
    /// With what was sent, edited or deleted at this time or later.
    Time(Timestamp),
    /// Behind what an earlier stream has given.
    Position(MessagePosition),
}

impl From<Timestamp> for Start {
    fn from(time: Timestamp) -> Self {
        Self::Time(time)
    }
}

impl From<std::time::SystemTime> for Start {
    fn from(time: std::time::SystemTime) -> Self {
        Self::Time(time.into())
    }
}

impl From<MessagePosition> for Start {
    fn from(position: MessagePosition) -> Self {
        Self::Position(position)
    }
}

/// What happens in a thread from some point on. Set options if need be, then turn it into a stream.
#[must_use = "nothing is read before the stream is"]
#[derive(Clone, Debug)]
pub struct MessagesSince {
    thread: Thread,
    start: Start,
    settings: Settings,
}

impl MessagesSince {
    pub(crate) fn new(thread: &Thread, start: Start) -> Self {
        Self {
            thread: thread.clone(),
            start,
            settings: Settings::default(),
        }
    }

    /// How long to wait before the next look, once the messages of the last one are taken or it has failed. Default:
    /// 2 seconds; at least a millisecond. A user may list messages of a thread 50 times in 10 seconds and 200 times in a minute.
    pub fn poll_interval(mut self, interval: Duration) -> Self {
        self.settings.interval = interval;
        self
    }

    /// How long a message may take to show up after others that were sent later. Default: 10 seconds. What is older counts as
    /// settled and is not looked at again.
    pub fn settling_time(mut self, time: Duration) -> Self {
        self.settings.settling_time = time;
        self
    }

    /// How many messages a page holds at most, at most 200; the service chooses unless set.
    pub fn page_size(mut self, messages: i32) -> Self {
        self.settings.page_size = Some(messages);
        self
    }

    /// The messages as a stream that never ends.
    pub fn into_stream(self) -> MessageStream {
        MessageStream::new(self.thread, self.start, self.settings)
    }
}
