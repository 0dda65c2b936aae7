//! The way of all events to one receiver: its consent, a first attempt for each, and others until it takes them.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use acs_types::Timestamp;
use tokio::sync::watch;
use tokio::time::Instant;

use super::storage_queue::StorageQueue;
use super::subscription::{Retry, Subscription};
use super::webhook::Webhook;
use super::{Event, EventStream, schedule};
use crate::outbound::Outbound;
use crate::shell::Shell;

/// How long a receiver that has answered without the code may still call the address.
const CALL_LIMIT: Duration = Duration::from_secs(10 * 60);

/// The wait before a receiver that cannot answer is asked again; it doubles each time.
const FIRST_WAIT: Duration = Duration::from_millis(100);
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// Where events go.
#[derive(Clone, Debug)]
pub(crate) enum Destination {
    Webhook(Webhook),
    StorageQueue(StorageQueue),
}

/// What a receiver says when it is asked whether it wants events.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Consent {
    Given,
    /// Neither yes nor no: it may still call the address.
    Open,
    /// It cannot answer now.
    Unclear(String),
    Refused(String),
}

/// What became of one attempt.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Attempt {
    Accepted,
    /// An answer that ends it: trying again would give the same.
    Refused(String),
    /// To be tried again, not before `least` has passed.
    Failed {
        problem: String,
        least: Duration,
    },
}

impl Destination {
    pub(crate) fn subscription(&self, endpoint: &str) -> Subscription {
        let name = match self {
            Self::Webhook(webhook) => webhook.name(),
            Self::StorageQueue(queue) => queue.name(),
        };
        Subscription::new(&name, self, endpoint)
    }

    async fn ask(&self, outbound: &Outbound, handshake: Handshake<'_>) -> Consent {
        match self {
            Self::Webhook(webhook) => webhook.ask(outbound, handshake).await,
            Self::StorageQueue(queue) => queue.create(outbound).await,
        }
    }

    async fn send(&self, outbound: &Outbound, event: &Event, earlier_attempts: u32) -> Attempt {
        match self {
            Self::Webhook(webhook) => webhook.send(outbound, event, earlier_attempts).await,
            Self::StorageQueue(queue) => queue.send(outbound, event).await,
        }
    }
}

impl fmt::Display for Destination {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Webhook(webhook) => webhook.fmt(formatter),
            Self::StorageQueue(queue) => queue.fmt(formatter),
        }
    }
}

/// What a receiver gets to agree with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Handshake<'h> {
    pub(super) code: &'h str,
    pub(super) url: &'h str,
    pub(super) time: Timestamp,
}

/// Sends the events of a stream to one receiver.
#[derive(Debug)]
pub(crate) struct Delivery {
    pub(crate) destination: Destination,
    pub(crate) subscription: Arc<Subscription>,
    pub(crate) shell: Arc<Shell>,
    pub(crate) outbound: Outbound,
    pub(crate) events: EventStream,
    pub(crate) flush: Flush,
}

/// Told when the emulator stops, and until when what is left may still be sent.
#[derive(Clone, Debug)]
pub(crate) struct Flush(pub(crate) watch::Receiver<Option<Instant>>);

impl Flush {
    fn has_begun(&self) -> bool {
        self.0.borrow().is_some()
    }

    async fn begun(&self) {
        // Without a sender nobody is left to wait for what is done here.
        drop(self.0.clone().wait_for(Option::is_some).await);
    }

    async fn over(&self) {
        self.begun().await;
        let until = *self.0.borrow();
        if let Some(until) = until {
            tokio::time::sleep_until(until).await;
        }
    }
}

impl Delivery {
    /// Sends until the stream ends and what is left has had its last attempt, or the time for that is over.
    pub(crate) async fn run(mut self) {
        let flush = self.flush.clone();
        tokio::select! {
            () = self.deliver() => {}
            () = flush.over() => {}
        }
        let left = self.subscription.unfinished() + self.events.waiting();
        if left > 0 {
            tracing::warn!(
                subscription = self.subscription.name(),
                "{left} events were not delivered"
            );
        }
    }

    async fn deliver(&mut self) {
        if !self.is_wanted().await {
            return;
        }
        while self.deliver_next().await {}
        for key in self.subscription.retries() {
            if let Some(retry) = self.subscription.take(key) {
                self.attempt(retry.event, retry.attempts).await;
            }
        }
        while let Some(event) = self.events.next().await {
            self.attempt(event, 0).await;
        }
    }

    /// Makes the attempt that is due next, or waits for it; `false` when the emulator stops.
    async fn deliver_next(&mut self) -> bool {
        let due = self.subscription.next_attempt();
        let is_due = async {
            match due {
                Some(due) => self.shell.reached(due).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            () = self.flush.begun() => return false,
            () = is_due => {
                if let Some(retry) = self.subscription.take_first() {
                    self.try_again(retry).await;
                }
            }
            event = self.events.next() => match event {
                Some(event) => self.attempt(event, 0).await,
                None => return false,
            },
        }
        true
    }

    async fn try_again(&self, retry: Retry) {
        if schedule::is_expired(retry.event.time, self.shell.now()) {
            self.give_up(&retry.event, "a day has passed");
        } else {
            self.attempt(retry.event, retry.attempts).await;
        }
    }

    async fn attempt(&self, event: Event, earlier_attempts: u32) {
        self.subscription.begin_attempt();
        let attempt = self
            .destination
            .send(&self.outbound, &event, earlier_attempts);
        let (problem, least) = match attempt.await {
            Attempt::Accepted => return self.subscription.accept(),
            Attempt::Refused(problem) => return self.give_up(&event, &problem),
            Attempt::Failed { problem, least } => (problem, least),
        };
        let attempts = earlier_attempts + 1;
        let wait = schedule::wait_after(attempts, least);
        let due = wait.and_then(|wait| self.shell.now().checked_add(wait));
        let Some(due) = due else {
            return self.give_up(&event, &format!("{attempts} attempts failed: {problem}"));
        };
        if earlier_attempts == 0 {
            let name = self.subscription.name();
            tracing::warn!(subscription = name, event = %event.id, "{problem}; trying again at {due}");
        }
        let retry = Retry {
            event,
            attempts,
            problem,
        };
        self.subscription.put_off(due, retry);
    }

    fn give_up(&self, event: &Event, problem: &str) {
        let name = self.subscription.name();
        tracing::warn!(subscription = name, event = %event.id, "dropped: {problem}");
        self.subscription.give_up();
    }

    /// Asks the receiver until it wants the events; `false` when the emulator stops before that.
    async fn is_wanted(&self) -> bool {
        let mut wait = FIRST_WAIT;
        while !self.subscription.is_agreed() {
            match self.ask().await {
                Consent::Given => self.subscription.agree(),
                Consent::Open => self.await_call().await,
                Consent::Refused(reason) => self.refuse(&reason),
                Consent::Unclear(problem) => {
                    self.ask_again(&problem, wait == FIRST_WAIT);
                    self.pause(tokio::time::sleep(wait)).await;
                    wait = (wait * 2).min(LONGEST_WAIT);
                }
            }
            self.pause(self.subscription.reopened()).await;
            if self.flush.has_begun() {
                break;
            }
        }
        self.subscription.is_agreed()
    }

    async fn ask(&self) -> Consent {
        let code = uuid::Uuid::new_v4().to_string();
        let url = self.subscription.ask_with(&code);
        let handshake = Handshake {
            code: &code,
            url: &url,
            time: self.shell.now(),
        };
        self.destination.ask(&self.outbound, handshake).await
    }

    async fn await_call(&self) {
        let Some(until) = self.shell.now().checked_add(CALL_LIMIT) else {
            return self.refuse("the clock is at the end of the calendar");
        };
        self.subscription.await_call(until);
        if !self.subscription.is_agreed() {
            let name = self.subscription.name();
            tracing::warn!(
                subscription = name,
                "{} did not answer with the code; events wait for a GET of the `validationUrl` until {until}",
                self.subscription.destination()
            );
        }
        let decided = async {
            tokio::select! {
                () = self.subscription.agreed() => {}
                () = self.shell.reached(until) => {
                    self.refuse("nobody has called the `validationUrl` in time");
                }
            }
        };
        self.pause(decided).await;
    }

    fn ask_again(&self, problem: &str, is_first: bool) {
        self.subscription.ask_again(problem);
        if is_first && !self.subscription.is_agreed() {
            let name = self.subscription.name();
            let destination = self.subscription.destination();
            tracing::warn!(
                subscription = name,
                "{destination}: {problem}; asking again"
            );
        }
    }

    fn refuse(&self, reason: &str) {
        self.subscription.refuse(reason);
        if !self.subscription.is_agreed() {
            let name = self.subscription.name();
            tracing::error!(
                subscription = name,
                "no event goes to {}: {reason}. POST /_emulator/subscriptions/{name}/handshake asks again",
                self.subscription.destination()
            );
        }
    }

    /// Waits for something, or until the emulator stops.
    async fn pause(&self, something: impl Future<Output = ()>) {
        tokio::select! {
            () = something => {}
            () = self.flush.begun() => {}
        }
    }
}
