//! From a request to an answer, or to the events that it brings.

use std::sync::{Arc, Mutex};

use acs_types::Timestamp;

use super::seen::Seen;
use super::{Answer, Delivery, Outcome, Protection, Request};
use crate::{AcsEvent, Event, ReadEvents, read_events};

/// Half as much again as Event Grid sends at most.
const LARGEST_BODY: usize = 1_536 * 1_024;
/// A day of retries of a service with some events a minute.
const REMEMBERED: usize = 10_000;

/// A webhook: what it expects of requests, and which events it has seen.
///
/// It is cheap to ask and meant to be shared. See the [module](crate::webhook) for the whole path.
#[derive(Debug)]
pub struct Webhook {
    protection: Protection,
    subscriptions: Vec<String>,
    origins: Vec<String>,
    largest_body: usize,
    confirm_by_hand: bool,
    seen: Arc<Mutex<Seen>>,
}

/// What a request is.
#[derive(Debug)]
#[must_use = "Event Grid delivers again unless it gets an answer"]
pub enum Received {
    /// It is answered: a handshake, or something to refuse.
    Answer(Answer),
    /// It brings events.
    Events(Delivery),
}

/// Makes a [`Webhook`].
#[derive(Debug)]
#[must_use = "a webhook is made by `build`"]
pub struct WebhookBuilder(Webhook, usize);

impl Webhook {
    /// Begins with how requests prove where they come from.
    pub fn builder(protection: Protection) -> WebhookBuilder {
        let webhook = Self {
            protection,
            subscriptions: Vec::new(),
            origins: Vec::new(),
            largest_body: LARGEST_BODY,
            confirm_by_hand: false,
            seen: Arc::new(Mutex::new(Seen::new(REMEMBERED))),
        };
        WebhookBuilder(webhook, REMEMBERED)
    }

    /// The largest body in bytes. Servers should stop to read there.
    #[must_use]
    pub fn largest_body(&self) -> usize {
        self.largest_body
    }

    /// Takes a request; `now` is the time at which it came. Does no I/O.
    pub fn receive(&self, request: &Request<'_>, now: Timestamp) -> Received {
        match self.read(request, now) {
            Ok(events) => Received::Events(Delivery::new(events, Arc::clone(&self.seen))),
            Err(answer) => Received::Answer(answer),
        }
    }

    /// Takes a request and has each event handled, one after the other.
    pub async fn handle<F>(
        &self,
        request: &Request<'_>,
        now: Timestamp,
        mut handler: impl FnMut(Event) -> F,
    ) -> Answer
    where
        F: Future<Output = Outcome>,
    {
        match self.receive(request, now) {
            Received::Answer(answer) => answer,
            Received::Events(mut delivery) => {
                for index in delivery.pending() {
                    let event = delivery.event(index).clone();
                    let outcome = handler(event).await;
                    delivery.settle(index, outcome);
                }
                delivery.finish()
            }
        }
    }

    /// What can be answered before the body is read: refusals by method and protection, and the handshake of CloudEvents.
    /// A server that asks here first reads no body of strangers; [`receive`](Self::receive) asks again.
    #[must_use]
    pub fn answer_head(&self, request: &Request<'_>, now: Timestamp) -> Option<Answer> {
        let method = request.method();
        if !["POST", "OPTIONS"].contains(&method) {
            let refusal = Answer::refusal(405, "events are posted");
            return Some(refusal.with_header("allow", "OPTIONS, POST"));
        }
        if let Err(refusal) = self.protection.check(request, now) {
            return Some(refusal);
        }
        (method == "OPTIONS").then(|| self.consent(request))
    }

    /// The events of a request. An error is the answer to a request that brings none.
    fn read(&self, request: &Request<'_>, now: Timestamp) -> Result<ReadEvents, Answer> {
        if let Some(answer) = self.answer_head(request, now) {
            return Err(answer);
        }
        if request.body().len() > self.largest_body {
            return Err(self.too_large());
        }
        check_content_type(request)?;
        self.check_subscription(request)?;
        let events =
            read_events(request.body()).map_err(|error| Answer::refusal(400, error.to_string()))?;
        match self.validation_code(request, &events) {
            Some(code) => {
                let body = serde_json::json!({ "validationResponse": code });
                Err(Answer::json(200, body.to_string()))
            }
            None => Ok(events),
        }
    }

    pub(super) fn too_large(&self) -> Answer {
        let limit = self.largest_body;
        Answer::refusal(413, format!("the body is larger than {limit} bytes"))
    }

    /// The handshake of CloudEvents: consent is the header, not the status.
    fn consent(&self, request: &Request<'_>) -> Answer {
        let Some(origin) = request.header("webhook-request-origin") else {
            return Answer::refusal(400, "the header \"WebHook-Request-Origin\" is missing");
        };
        let expected = self
            .origins
            .iter()
            .any(|known| known.eq_ignore_ascii_case(origin));
        if !expected && !self.origins.is_empty() {
            return Answer::refusal(403, "the origin is not one that is expected");
        }
        let answer = Answer::empty(200).with_header("allow", "POST");
        if self.confirm_by_hand {
            return answer;
        }
        answer
            .with_header("webhook-allowed-origin", origin)
            .with_header("webhook-allowed-rate", "*")
    }

    fn check_subscription(&self, request: &Request<'_>) -> Result<(), Answer> {
        if self.subscriptions.is_empty() {
            return Ok(());
        }
        let name = request.header("aeg-subscription-name").unwrap_or_default();
        let expected = self
            .subscriptions
            .iter()
            .any(|known| known.eq_ignore_ascii_case(name));
        if expected {
            return Ok(());
        }
        Err(Answer::refusal(
            403,
            "the header \"aeg-subscription-name\" names no subscription that is expected",
        ))
    }

    /// The code of the handshake in the schema of Event Grid, whose event travels alone.
    fn validation_code<'e>(
        &self,
        request: &Request<'_>,
        events: &'e ReadEvents,
    ) -> Option<&'e str> {
        let kind = request
            .header("aeg-event-type")
            .unwrap_or("SubscriptionValidation");
        match events.as_slice() {
            [Ok(event)]
                if !self.confirm_by_hand && kind.eq_ignore_ascii_case("SubscriptionValidation") =>
            {
                match event.data() {
                    AcsEvent::SubscriptionValidationEvent(data) => Some(&data.validation_code),
                    _ => None,
                }
            }
            _ => None,
        }
    }
}

/// Event Grid would repeat what gets a 415, to no avail: a wrong content type is a bad request.
fn check_content_type(request: &Request<'_>) -> Result<(), Answer> {
    let Some(content_type) = request.header("content-type") else {
        return Ok(());
    };
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    let essence = essence.to_ascii_lowercase();
    if essence == "application/json" || essence.ends_with("+json") {
        return Ok(());
    }
    let reason = format!("the content type {essence:?} is not JSON");
    Err(Answer::refusal(400, reason))
}

impl WebhookBuilder {
    /// Expects this event subscription, and any other named so; without one all are taken. The header `aeg-subscription-name`
    /// names it, in any letter case, and requests of others are refused. Handshakes are, too: nobody else can make this
    /// webhook the destination of a subscription.
    pub fn expect_subscription(mut self, name: impl Into<String>) -> Self {
        self.0.subscriptions.push(name.into());
        self
    }

    /// Expects this origin in the handshake of CloudEvents, and any other named so. Default: any origin.
    pub fn expect_origin(mut self, origin: impl Into<String>) -> Self {
        self.0.origins.push(origin.into());
        self
    }

    /// Leaves handshakes to a person: the event with the validation URL comes to the handler like any other, and nothing is
    /// agreed to until somebody opens that URL, for which there are 10 minutes (5 in older descriptions).
    pub fn confirm_by_hand(mut self) -> Self {
        self.0.confirm_by_hand = true;
        self
    }

    /// The largest body in bytes. Default: 1.5 MiB, half as much again as Event Grid sends at most.
    pub fn largest_body(mut self, bytes: usize) -> Self {
        self.0.largest_body = bytes;
        self
    }

    /// How many handled events are remembered, so that none is handled twice. Each takes about 100 bytes. Default: 10,000;
    /// 0 remembers only what is being handled.
    pub fn remember(mut self, events: usize) -> Self {
        self.1 = events;
        self
    }

    /// Makes the webhook.
    #[must_use]
    pub fn build(self) -> Webhook {
        let Self(webhook, remembered) = self;
        Webhook {
            seen: Arc::new(Mutex::new(Seen::new(remembered))),
            ..webhook
        }
    }
}
