//! Receiving: messages one by one, as a stream, or with handlers that work side by side.

use std::collections::VecDeque;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use acs_events::Event;
use futures_core::Stream;
use futures_util::future::{Either, select};
use futures_util::stream;
use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore};
use tokio::task::{JoinError, JoinSet};
use tokio::time::sleep;

use crate::queue::MOST_MESSAGES;
use crate::{Error, Message, Outcome, Queue, Settled};

/// What messages and receivers have to know.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) hidden_for: Duration,
    pub(crate) most_attempts: i64,
    pub(crate) retry_after: Option<Duration>,
    pub(crate) poison: Option<Queue>,
    concurrency: usize,
    ahead: usize,
    pause: Duration,
}

/// Takes messages from a queue. Any number of receivers, in any number of programs, may share one queue.
///
/// A message may come twice: when Event Grid delivers an event twice, and when a program ends between handling a message and
/// deleting it. Handlers have to bear that.
#[derive(Clone, Debug)]
pub struct Receiver {
    queue: Queue,
    settings: Arc<Settings>,
}

/// What [`Receiver::run`] did. Messages that were taken and given back before their turn are not counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Summary {
    /// Messages that were handled and deleted.
    pub deleted: u64,
    /// Messages that were left to appear again: their handler asked for it or panicked, or the queue failed.
    pub kept: u64,
    /// Messages that were moved to the poison queue.
    pub poisoned: u64,
    /// Messages that another receiver got hold of.
    pub lost: u64,
}

/// Makes a [`Receiver`].
#[derive(Debug)]
#[must_use = "a receiver is made by `build`"]
pub struct ReceiverBuilder {
    queue: Queue,
    settings: Settings,
}

impl Receiver {
    /// Begins with the queue to take messages from.
    pub fn builder(queue: Queue) -> ReceiverBuilder {
        ReceiverBuilder {
            queue,
            settings: Settings {
                hidden_for: Duration::from_secs(30),
                most_attempts: 5,
                retry_after: None,
                poison: None,
                concurrency: 16,
                ahead: MOST_MESSAGES,
                pause: Duration::from_secs(1),
            },
        }
    }

    /// Takes messages that are there, at most as many as asked for and 32. They are hidden from others from now on.
    ///
    /// # Errors
    ///
    /// The queue does not exist, does not answer or refuses.
    pub async fn receive(&self, most: usize) -> Result<Vec<Message>, Error> {
        let messages = self.queue.take(most, self.settings.hidden_for).await?;
        Ok(messages
            .into_iter()
            .filter_map(|message| Message::new(&self.queue, &self.settings, message))
            .collect())
    }

    /// All messages from now on. It takes one at a time, so that none waits in memory while its time runs out, and ends only when
    /// it is dropped: after an error it goes on. [`Message::process`] handles a message.
    pub fn stream(&self) -> impl Stream<Item = Result<Message, Error>> + Send + use<> {
        stream::unfold(
            (self.clone(), VecDeque::new()),
            |(receiver, mut waiting)| async move {
                while waiting.is_empty() {
                    match receiver.receive(1).await {
                        Ok(messages) if messages.is_empty() => sleep(receiver.settings.pause).await,
                        Ok(messages) => waiting.extend(messages.into_iter().map(Ok)),
                        Err(error) => {
                            sleep(receiver.settings.pause).await;
                            waiting.push_back(Err(error));
                        }
                    }
                }
                waiting.pop_front().map(|next| (next, (receiver, waiting)))
            },
        )
    }

    /// Handles messages until `shutdown` is ready, then finishes those that are being handled and gives back those that wait.
    ///
    /// Each message is handled by a task of its own, at most as many at a time as the builder says; a few more are
    /// [taken ahead](ReceiverBuilder::ahead). A handler that panics harms no other: its message appears again. When the queue fails,
    /// the failure is logged and tried again after a pause, for ever.
    ///
    /// Dropping the future stops everything at once; messages whose handlers did not end appear again.
    pub async fn run<F>(
        &self,
        shutdown: impl Future<Output = ()>,
        handler: impl Fn(Event) -> F + Clone + Send + 'static,
    ) -> Summary
    where
        F: Future<Output = Outcome> + Send + 'static,
    {
        let Settings {
            concurrency, ahead, ..
        } = *self.settings;
        let turns = Arc::new(Semaphore::new(concurrency));
        let mut summary = Summary::default();
        let mut tasks = JoinSet::new();
        let mut shutdown = pin!(shutdown);
        loop {
            let room = concurrency + ahead - tasks.len();
            if room == 0 || tasks.len() > concurrency {
                // None is taken while one waits, so that each call takes as many as it may.
                let next = pin!(tasks.join_next());
                match select(shutdown.as_mut(), next).await {
                    Either::Left(_) => break,
                    Either::Right((ended, _)) => summary.count(ended),
                }
                continue;
            }
            // A call that is under way is waited for: what it takes would stay hidden to no use.
            let mut taking = Box::pin(self.take(room));
            let stopped = match select(shutdown.as_mut(), taking.as_mut()).await {
                Either::Left(_) => {
                    for message in taking.await {
                        give_back(message).await;
                    }
                    true
                }
                Either::Right((messages, _)) => {
                    drop(taking);
                    let idle = messages.len() < room.min(MOST_MESSAGES);
                    for message in messages {
                        let turn = Arc::clone(&turns).acquire_owned();
                        tasks.spawn(in_turn(message, turn, handler.clone()));
                    }
                    while let Some(ended) = tasks.try_join_next() {
                        summary.count(Some(ended));
                    }
                    idle && self.rest(shutdown.as_mut(), &mut tasks, &mut summary).await
                }
            };
            if stopped {
                break;
            }
        }
        // Those that wait for their turn learn by this that it will not come.
        turns.close();
        while let Some(ended) = tasks.join_next().await {
            summary.count(Some(ended));
        }
        summary
    }

    /// Takes messages; a failure is logged and gives none.
    async fn take(&self, most: usize) -> Vec<Message> {
        self.receive(most).await.unwrap_or_else(|error| {
            tracing::warn!(queue = self.queue.name(), %error, "no messages could be taken");
            Vec::new()
        })
    }

    /// Waits for the next look into a queue that gave less than it was asked for. True if the receiver is to stop.
    async fn rest(
        &self,
        mut shutdown: Pin<&mut impl Future<Output = ()>>,
        tasks: &mut JoinSet<Ended>,
        summary: &mut Summary,
    ) -> bool {
        let mut pause = pin!(sleep(self.settings.pause));
        loop {
            tokio::select! {
                () = shutdown.as_mut() => return true,
                () = pause.as_mut() => return false,
                Some(ended) = tasks.join_next(), if !tasks.is_empty() => summary.count(Some(ended)),
            }
        }
    }
}

/// What became of a message; `None` if it was given back before its turn.
type Ended = Option<Result<Settled, Error>>;

/// Has a message handled when its turn comes, and gives it back if that will not come.
async fn in_turn<F: Future<Output = Outcome>>(
    mut message: Message,
    turn: impl Future<Output = Result<OwnedSemaphorePermit, AcquireError>>,
    handler: impl Fn(Event) -> F,
) -> Ended {
    match message.keep_hidden(turn).await {
        Ok(Some(Ok(_turn))) => Some(message.process(handler).await),
        Ok(Some(Err(_))) => {
            give_back(message).await;
            None
        }
        Ok(None) => Some(Ok(Settled::Lost)),
        Err(error) => Some(Err(error)),
    }
}

async fn give_back(message: Message) {
    let id = message.id().to_owned();
    if let Err(error) = message.release().await {
        tracing::warn!(message = id, %error, "a message could not be given back");
    }
}

impl Summary {
    fn count(&mut self, ended: Option<Result<Ended, JoinError>>) {
        match ended {
            None | Some(Ok(None)) => {}
            Some(Ok(Some(Ok(Settled::Deleted)))) => self.deleted += 1,
            Some(Ok(Some(Ok(Settled::Kept)))) => self.kept += 1,
            Some(Ok(Some(Ok(Settled::Poisoned)))) => self.poisoned += 1,
            Some(Ok(Some(Ok(Settled::Lost)))) => self.lost += 1,
            Some(Ok(Some(Err(error)))) => {
                tracing::warn!(%error, "a message could not be settled");
                self.kept += 1;
            }
            Some(Err(error)) => {
                tracing::error!(%error, "a handler did not end");
                self.kept += 1;
            }
        }
    }
}

impl ReceiverBuilder {
    /// How many messages are handled at a time. Default: 16; at least 1.
    pub fn concurrency(mut self, messages: usize) -> Self {
        self.settings.concurrency = messages.max(1);
        self
    }

    /// How many messages beyond [`concurrency`](Self::concurrency) are taken while others are handled, so that one call brings many;
    /// each call is paid for. They stay hidden until their turn comes. With 0 a message is taken only when it can be handled at once,
    /// which leaves more to other programs that share the queue. Default: 32, as many as one call brings.
    pub fn ahead(mut self, messages: usize) -> Self {
        self.settings.ahead = messages;
        self
    }

    /// How long a message is hidden from others, in whole seconds; hiding is renewed when half of it is over. Default: 30 seconds;
    /// 2 seconds to 7 days.
    pub fn hidden_for(mut self, span: Duration) -> Self {
        const LONGEST: Duration = Duration::from_secs(7 * 86_400);
        self.settings.hidden_for = span.clamp(Duration::from_secs(2), LONGEST);
        self
    }

    /// When a message that a handler wants again appears. Default: when the time for which it is hidden is over.
    pub fn retry_after(mut self, span: Duration) -> Self {
        self.settings.retry_after = Some(span);
        self
    }

    /// Where messages go that were taken `attempts` times to no avail, with the reason. Without a poison queue they appear again until
    /// their time in the queue is over. Default of `attempts`: 5.
    pub fn poison_queue(mut self, queue: Queue, attempts: u32) -> Self {
        self.settings.poison = Some(queue);
        self.settings.most_attempts = i64::from(attempts.max(1));
        self
    }

    /// How long to wait before looking again into a queue that is empty or fails. Default: 1 second.
    pub fn pause(mut self, span: Duration) -> Self {
        self.settings.pause = span;
        self
    }

    /// Makes the receiver.
    #[must_use]
    pub fn build(self) -> Receiver {
        Receiver {
            queue: self.queue,
            settings: Arc::new(self.settings),
        }
    }
}
