//! One message: the event in it, and what becomes of it.

use std::time::Duration;

use acs_events::{Event, ReadError, read_message};
use azure_storage_queue::models::ReceivedMessage;
use futures_util::future::{Either, select};
use std::pin::pin;
use tokio::time::sleep;

use crate::poison::poison_text;
use crate::receiver::Settings;
use crate::{Error, Queue};
use std::sync::Arc;

/// What a handler says of an event.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// It is handled: the message is deleted.
    Done,
    /// It could not be handled this time: the message appears again when the time for which it is hidden has passed, and goes to the
    /// poison queue once it was taken too often.
    Retry(String),
    /// It can never be handled: the message goes to the poison queue now, with this reason.
    Poison(String),
}

impl<T, E: std::fmt::Display> From<Result<T, E>> for Outcome {
    /// Success is done, and an error asks for the event again.
    fn from(result: Result<T, E>) -> Self {
        match result {
            Ok(_) => Self::Done,
            Err(error) => Self::Retry(error.to_string()),
        }
    }
}

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Settled {
    /// Handled and deleted.
    Deleted,
    /// It will appear again.
    Kept,
    /// Moved to the poison queue.
    Poisoned,
    /// Another receiver has it by now, or somebody deleted it. What the handler did may be done once more.
    Lost,
}

/// A message that is hidden from other receivers for a while. One that is dropped appears again by itself.
#[derive(Debug)]
pub struct Message {
    queue: Queue,
    settings: Arc<Settings>,
    id: String,
    receipt: String,
    text: String,
    dequeue_count: i64,
    inserted_on: Option<String>,
    events: Result<Vec<Result<Event, ReadError>>, ReadError>,
}

impl Message {
    /// Makes a message of what the queue gave; `None` if that lacks what every message has.
    pub(crate) fn new(
        queue: &Queue,
        settings: &Arc<Settings>,
        received: ReceivedMessage,
    ) -> Option<Self> {
        let text = received.message_text.unwrap_or_default();
        Some(Self {
            queue: queue.clone(),
            settings: Arc::clone(settings),
            id: received.message_id?,
            receipt: received.pop_receipt?,
            dequeue_count: received.dequeue_count.unwrap_or(1),
            inserted_on: received.insertion_time.map(|time| time.to_string()),
            events: read_message(&text),
            text,
        })
    }

    /// The id that the queue gave the message. It is another than that of the event.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// How often the message was taken, this time included.
    #[must_use]
    pub fn dequeue_count(&self) -> i64 {
        self.dequeue_count
    }

    /// The text as it is in the queue.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The events in it: Event Grid puts one into a message.
    ///
    /// # Errors
    ///
    /// The first thing that could not be read.
    pub fn events(&self) -> Result<Vec<&Event>, &ReadError> {
        self.events.as_ref()?.iter().map(Result::as_ref).collect()
    }

    /// Has the events handled, and deletes the message, leaves it or moves it to the poison queue by what the handler says.
    ///
    /// The message stays hidden for as long as the handler takes. If another receiver gets hold of it all the same, because this
    /// program stood still, the handler is stopped.
    ///
    /// A message that was taken too often goes to the poison queue and not to the handler: the ones before may have ended the
    /// program. So does, then, one that cannot be read.
    ///
    /// # Errors
    ///
    /// The queue does not answer or refuses; the message appears again.
    pub async fn process<F>(mut self, mut handler: impl FnMut(Event) -> F) -> Result<Settled, Error>
    where
        F: Future<Output = Outcome>,
    {
        let attempts = self.settings.most_attempts;
        if self.is_poison() && self.dequeue_count > attempts {
            let reason = format!("taken {} times and never finished", self.dequeue_count - 1);
            return self.poison(&reason).await;
        }
        let events = match self.events() {
            Ok(events) => events.into_iter().cloned().collect::<Vec<_>>(),
            Err(error) => {
                let reason = error.to_string();
                return self.settle(Outcome::Retry(reason)).await;
            }
        };
        for event in events {
            let work = handler(event);
            match self.keep_hidden(work).await? {
                None => return Ok(Settled::Lost),
                Some(Outcome::Done) => {}
                Some(outcome) => return self.settle(outcome).await,
            }
        }
        self.settle(Outcome::Done).await
    }

    /// Gives the message back: it appears again now.
    ///
    /// # Errors
    ///
    /// The queue does not answer or refuses; the message appears again later.
    pub async fn release(self) -> Result<Settled, Error> {
        let hidden = self
            .queue
            .hide(&self.id, &self.receipt, Duration::ZERO)
            .await;
        settled(hidden.map(drop), Settled::Kept)
    }

    fn is_poison(&self) -> bool {
        self.settings.poison.is_some()
    }

    /// Works, and hides the message again whenever half of its time is over. `None` if it was lost meanwhile.
    pub(crate) async fn keep_hidden<F: Future>(
        &mut self,
        work: F,
    ) -> Result<Option<F::Output>, Error> {
        let mut work = pin!(work);
        loop {
            let pause = pin!(sleep(self.settings.hidden_for / 2));
            if let Either::Left((outcome, _)) = select(work.as_mut(), pause).await {
                return Ok(Some(outcome));
            }
            let renewal = self
                .queue
                .hide(&self.id, &self.receipt, self.settings.hidden_for);
            // A renewal under way is waited for: it changes the receipt that deleting needs.
            let (outcome, renewed) = match select(work.as_mut(), pin!(renewal)).await {
                Either::Left((outcome, renewal)) => (Some(outcome), renewal.await),
                Either::Right((renewed, _)) => (None, renewed),
            };
            match renewed {
                Ok(receipt) => self.receipt = receipt,
                Err(error) if error.is_message_lost() => return Ok(None),
                // The next try is due before the message appears again.
                Err(error) => {
                    tracing::warn!(message = self.id, %error, "a message could not be kept hidden")
                }
            }
            if outcome.is_some() {
                return Ok(outcome);
            }
        }
    }

    async fn settle(self, outcome: Outcome) -> Result<Settled, Error> {
        match outcome {
            Outcome::Done => {
                let deleted = self.queue.delete(&self.id, &self.receipt).await;
                settled(deleted, Settled::Deleted)
            }
            Outcome::Poison(reason) if self.is_poison() => self.poison(&reason).await,
            Outcome::Retry(reason)
                if self.is_poison() && self.dequeue_count >= self.settings.most_attempts =>
            {
                self.poison(&reason).await
            }
            Outcome::Retry(reason) | Outcome::Poison(reason) => {
                tracing::warn!(
                    message = self.id,
                    attempt = self.dequeue_count,
                    reason,
                    "a message is kept"
                );
                match self.settings.retry_after {
                    None => Ok(Settled::Kept),
                    Some(span) => {
                        let hidden = self.queue.hide(&self.id, &self.receipt, span).await;
                        settled(hidden.map(drop), Settled::Kept)
                    }
                }
            }
        }
    }

    /// Copies first and deletes then: a program that ends in between leaves two copies, never none.
    async fn poison(self, reason: &str) -> Result<Settled, Error> {
        let Some(poison) = &self.settings.poison else {
            return Ok(Settled::Kept);
        };
        tracing::warn!(
            message = self.id,
            attempt = self.dequeue_count,
            reason,
            "a message goes to the poison queue"
        );
        let text = poison_text(
            &self.text,
            reason,
            &self.id,
            self.dequeue_count,
            self.inserted_on.as_deref(),
        );
        poison.send_text(text).await?;
        let deleted = self.queue.delete(&self.id, &self.receipt).await;
        settled(deleted, Settled::Poisoned)
    }
}

fn settled(result: Result<(), Error>, settled: Settled) -> Result<Settled, Error> {
    match result {
        Ok(()) => Ok(settled),
        Err(error) if error.is_message_lost() => Ok(Settled::Lost),
        Err(error) => Err(error),
    }
}
