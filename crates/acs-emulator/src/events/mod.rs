//! Engine events on their way out: as a stream inside the process, and in the form that Event Grid delivers.

mod delivery;
mod envelope;
mod event;
mod schedule;
mod storage_queue;
mod subscription;
mod webhook;

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_core::Stream;
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};

pub(crate) use delivery::{Delivery, Destination, Flush};
pub(crate) use envelope::Envelope;
pub use event::{Event, EventData, EventKind};
pub(crate) use storage_queue::StorageQueue;
pub use storage_queue::StorageQueueError;
pub(crate) use subscription::{Subscription, SubscriptionView};
pub(crate) use webhook::Webhook;
pub use webhook::WebhookError;

/// How long an endpoint has to answer.
const ANSWER_LIMIT: Duration = Duration::from_secs(30);

/// Every event of an emulator, of routing and of chat, since the call that made this stream, in the order they happened.
///
/// Nothing is dropped: events that are not read yet stay in memory. The stream ends when the emulator stops.
///
/// It is a [`Stream`]; [`next`](Self::next) serves programs that do not use stream adapters.
#[derive(Debug)]
pub struct EventStream {
    receiver: UnboundedReceiver<Event>,
}

impl EventStream {
    /// Waits for the next event; `None` once the emulator has stopped and all events are read.
    pub async fn next(&mut self) -> Option<Event> {
        self.receiver.recv().await
    }

    /// How many events have happened that were not read yet.
    pub(crate) fn waiting(&self) -> usize {
        self.receiver.len()
    }

    /// The next event if one has happened already; never waits.
    pub fn try_next(&mut self) -> Option<Event> {
        self.receiver.try_recv().ok()
    }
}

impl Stream for EventStream {
    type Item = Event;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Event>> {
        self.receiver.poll_recv(context)
    }
}

/// The sending side: one unbounded queue per stream, so that a slow reader neither blocks routing nor loses events.
#[derive(Debug, Default)]
pub(crate) struct EventFeed {
    listeners: Vec<UnboundedSender<Event>>,
}

impl EventFeed {
    pub(crate) fn subscribe(&mut self) -> EventStream {
        let (sender, receiver) = mpsc::unbounded_channel();
        self.listeners.push(sender);
        EventStream { receiver }
    }

    pub(crate) fn publish<E: Into<Event>>(&mut self, events: Vec<E>) {
        if self.listeners.is_empty() {
            return;
        }
        let events: Vec<Event> = events.into_iter().map(E::into).collect();
        self.listeners.retain(|listener| {
            events
                .iter()
                .all(|event| listener.send(event.clone()).is_ok())
        });
    }

    /// Ends every stream after the events already sent.
    pub(crate) fn close(&mut self) {
        self.listeners.clear();
    }
}
