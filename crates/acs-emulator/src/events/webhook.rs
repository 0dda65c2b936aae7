//! Events to webhooks, as Event Grid delivers them: one POST per event, in order, repeated until it is accepted.

use std::fmt;
use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use bytes::Bytes;
use tokio::sync::watch;
use tokio::time::Instant;
use url::Url;

use super::envelope::{DATA_VERSION, Envelope, METADATA_VERSION};
use super::{Event, EventStream};
use crate::outbound::{Outbound, OutboundAnswer};

/// How long an endpoint has to answer.
const ANSWER_LIMIT: Duration = Duration::from_secs(30);

/// The wait after the first failure; it doubles with each further one.
const FIRST_WAIT: Duration = Duration::from_millis(100);

/// The longest wait between two attempts.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// How much of an unexpected answer is logged, in characters.
const EXCERPT: usize = 200;

/// An endpoint that gets every event.
#[derive(Clone, Debug)]
pub(crate) struct Webhook {
    url: Url,
    subscription: HeaderValue,
}

impl Webhook {
    /// The endpoint at an address. `number` tells it from the others of the same emulator, from 1 on.
    pub(crate) fn new(text: &str, number: usize) -> Result<Self, WebhookError> {
        let error = |reason: String| WebhookError { number, reason };
        let url = Url::parse(text).map_err(|cause| error(format!("is no URL: {cause}")))?;
        if url.scheme() != "http" {
            let scheme = url.scheme();
            return Err(error(format!(
                "begins with `{scheme}:`, but http or https is needed"
            )));
        }
        // Event Grid writes the names of subscriptions in capitals.
        let subscription = HeaderValue::try_from(format!("WEBHOOK-{number}"))
            .map_err(|cause| error(cause.to_string()))?;
        Ok(Self { url, subscription })
    }

    fn headers(&self, event: &Event, earlier_attempts: u32) -> Result<HeaderMap, String> {
        let text = |text: &str| HeaderValue::from_str(text).map_err(|error| error.to_string());
        let named = |name| HeaderName::from_static(name);
        Ok(HeaderMap::from_iter([
            (named("aeg-event-type"), text("Notification")?),
            (named("aeg-subscription-name"), self.subscription.clone()),
            (
                named("aeg-delivery-count"),
                HeaderValue::from(earlier_attempts),
            ),
            (named("aeg-data-version"), text(DATA_VERSION)?),
            (named("aeg-metadata-version"), text(METADATA_VERSION)?),
            (named("aeg-output-event-id"), text(&event.id)?),
        ]))
    }
}

/// Scheme, host, port and path. User, password and query stay out, as they may be secrets.
impl fmt::Display for Webhook {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let origin = self.url.origin().ascii_serialization();
        write!(formatter, "{origin}{}", self.url.path())
    }
}

/// Why an address is not usable. The address itself is not shown, as it may hold a secret.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("webhook {number} {reason}")]
pub struct WebhookError {
    number: usize,
    reason: String,
}

/// What became of one attempt.
enum Attempt {
    Accepted,
    /// An answer that ends it: trying again would give the same.
    Refused(String),
    Failed(String),
}

/// Sends the events of a stream to one endpoint.
#[derive(Debug)]
pub(crate) struct Delivery {
    pub(crate) webhook: Webhook,
    pub(crate) outbound: Outbound,
    pub(crate) events: EventStream,
    /// Set when the emulator stops: until when what is left may still be sent.
    pub(crate) flush_until: watch::Receiver<Option<Instant>>,
}

impl Delivery {
    /// Sends until the stream ends, or until the time for flushing is over.
    pub(crate) async fn run(mut self) {
        while let Some(event) = self.events.next().await {
            if !self.deliver(&event).await {
                let left = 1 + self.events.waiting();
                tracing::warn!(webhook = %self.webhook, "{left} events were not delivered");
                return;
            }
        }
    }

    /// Whether the event is done with: accepted, or refused for good.
    async fn deliver(&mut self, event: &Event) -> bool {
        let mut wait = FIRST_WAIT;
        for earlier_attempts in 0.. {
            let is_last = self.flush_until.borrow().is_some();
            let attempt = self.attempt(event, earlier_attempts);
            let attempt = tokio::select! {
                attempt = attempt => attempt,
                () = flush_is_over(self.flush_until.clone()) => return false,
            };
            let problem = match attempt {
                Attempt::Accepted => return true,
                Attempt::Refused(problem) => {
                    tracing::warn!(webhook = %self.webhook, event = %event.id, "dropped: {problem}");
                    return true;
                }
                Attempt::Failed(problem) => problem,
            };
            if is_last {
                return false;
            }
            if earlier_attempts == 0 {
                tracing::warn!(webhook = %self.webhook, event = %event.id, "{problem}; trying again");
            }
            // A stop ends the wait, for one last attempt.
            let stopped = self.flush_until.wait_for(Option::is_some);
            drop(tokio::time::timeout(wait, stopped).await);
            wait = (wait * 2).min(LONGEST_WAIT);
        }
        false
    }

    async fn attempt(&self, event: &Event, earlier_attempts: u32) -> Attempt {
        let body = match serde_json::to_vec(&[Envelope::new(event)]) {
            Ok(body) => Bytes::from(body),
            Err(error) => return Attempt::Refused(error.to_string()),
        };
        let headers = match self.webhook.headers(event, earlier_attempts) {
            Ok(headers) => headers,
            Err(problem) => return Attempt::Refused(problem),
        };
        let answer = self
            .outbound
            .post_json(&self.webhook.url, headers, body, ANSWER_LIMIT)
            .await;
        match answer {
            Ok(answer) => judge(&answer),
            Err(error) => Attempt::Failed(error.to_string()),
        }
    }
}

/// Only these statuses accept an event, and only those say that trying again is of no use.
fn judge(answer: &OutboundAnswer) -> Attempt {
    let text = String::from_utf8_lossy(&answer.body);
    let excerpt: String = text.chars().take(EXCERPT).collect();
    let problem = format!("answered {}: {excerpt}", answer.status);
    match answer.status {
        StatusCode::OK
        | StatusCode::CREATED
        | StatusCode::ACCEPTED
        | StatusCode::NON_AUTHORITATIVE_INFORMATION
        | StatusCode::NO_CONTENT => Attempt::Accepted,
        StatusCode::BAD_REQUEST
        | StatusCode::UNAUTHORIZED
        | StatusCode::FORBIDDEN
        | StatusCode::PAYLOAD_TOO_LARGE => Attempt::Refused(problem),
        _ => Attempt::Failed(problem),
    }
}

async fn flush_is_over(mut flush_until: watch::Receiver<Option<Instant>>) {
    let until = match flush_until.wait_for(Option::is_some).await {
        Ok(until) => *until,
        // Nobody is left to wait for this task.
        Err(_) => None,
    };
    if let Some(until) = until {
        tokio::time::sleep_until(until).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(status: u16) -> &'static str {
        let status = StatusCode::from_u16(status).unwrap();
        let body = Bytes::from_static(b"why");
        match judge(&OutboundAnswer { status, body }) {
            Attempt::Accepted => "accepted",
            Attempt::Refused(_) => "refused",
            Attempt::Failed(_) => "failed",
        }
    }

    #[test]
    fn five_statuses_accept_an_event_four_end_it_and_all_others_are_tried_again() {
        for status in 200..=599 {
            let expected = match status {
                200..=204 => "accepted",
                400 | 401 | 403 | 413 => "refused",
                _ => "failed",
            };
            assert_eq!(verdict(status), expected, "{status}");
        }
    }

    #[test]
    fn an_unusable_address_is_refused_by_number_and_never_shown() {
        let refused = |text: &str| Webhook::new(text, 2).unwrap_err().to_string();
        let no_url = refused("secret-token");
        assert!(no_url.starts_with("webhook 2 is no URL"), "{no_url}");
        assert!(!no_url.contains("secret-token"), "{no_url}");
        let scheme = refused("ftp://host/?code=secret-token");
        assert_eq!(
            scheme,
            "webhook 2 begins with `ftp:`, but http or https is needed"
        );
    }

    #[test]
    fn an_address_is_shown_without_what_may_be_secret() {
        let webhook = Webhook::new("http://user:word@127.0.0.1:9000/hook?code=secret", 1).unwrap();
        assert_eq!(webhook.to_string(), "http://127.0.0.1:9000/hook");
    }
}
