//! Publishing: events as Event Grid would deliver them, to a webhook or a storage queue, and what it would make of the answer.
//!
//! With the feature `send`, `Sender` delivers to a webhook over HTTP; `Queue::send` of the crate acs-events-queue puts events into a queue.
//! For any other HTTP client or queue, [`Call`] has method, headers and body, and [`queue_message`] the text. Tests of a webhook need no
//! network: [`Call`] has all that [`webhook::Request`](crate::webhook::Request) wants.
//!
//! ```
//! use acs_events::models::AcsRouterWorkerDeregisteredEventData;
//! use acs_events::publish::Call;
//! use acs_events::{Event, Schema};
//!
//! let event = Event::builder(AcsRouterWorkerDeregisteredEventData::new("w"))
//!     .source("/subscriptions/s")
//!     .build()?;
//! let call = Call::notification(Schema::EventGrid, &[event], "router-events")?;
//! assert!(call.body().starts_with(r#"[{"id":"#));
//! # Ok::<(), acs_events::BuildError>(())
//! ```

#[cfg(feature = "send")]
mod sender;

use std::fmt;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::ser::SerializeSeq;
use serde::{Serialize, Serializer};

use crate::models::SubscriptionValidationEventData;
use crate::{BuildError, Event, Schema};

#[cfg(feature = "send")]
pub use self::sender::{SendError, Sender, SenderBuilder};

/// The longest text that a storage queue takes for a message, in bytes. Base64 makes four of three.
pub const LARGEST_MESSAGE: usize = 65_536;

/// A call of a webhook: method, headers and body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    method: &'static str,
    headers: Vec<(&'static str, String)>,
    body: String,
}

impl Call {
    /// Delivers events. In the schema of Event Grid the body is always a list, in that of CloudEvents a list of all but one.
    ///
    /// # Errors
    ///
    /// An event holds what JSON cannot carry.
    pub fn notification(
        schema: Schema,
        events: &[Event],
        subscription: &str,
    ) -> Result<Self, BuildError> {
        let list = schema == Schema::EventGrid || events.len() != 1;
        let written = Written {
            schema,
            events,
            list,
        };
        let body = serde_json::to_string(&written).map_err(BuildError::new)?;
        let mut headers = headers("Notification", schema, list, subscription);
        if schema == Schema::EventGrid {
            let version = events.first().and_then(Event::data_version);
            headers.push(("aeg-data-version", version.unwrap_or_default().to_owned()));
        }
        Ok(Self {
            method: "POST",
            headers,
            body,
        })
    }

    /// The handshake in the schema of Event Grid: a webhook that agrees answers 200 with the code, see
    /// [`is_agreed`](Self::is_agreed).
    ///
    /// # Errors
    ///
    /// None that this version knows of.
    pub fn validation(
        code: &str,
        url: &str,
        source: &str,
        subscription: &str,
    ) -> Result<Self, BuildError> {
        let event = Event::builder(SubscriptionValidationEventData::new(code, url))
            .source(source)
            .build()?;
        let mut call = Self::notification(Schema::EventGrid, &[event], subscription)?;
        for (name, value) in &mut call.headers {
            if *name == "aeg-event-type" {
                "SubscriptionValidation".clone_into(value);
            }
        }
        Ok(call)
    }

    /// The handshake of CloudEvents: a webhook that agrees repeats the origin, or says `*`, in the header
    /// `webhook-allowed-origin`.
    #[must_use]
    pub fn consent(origin: &str) -> Self {
        Self {
            method: "OPTIONS",
            headers: vec![("webhook-request-origin", origin.to_owned())],
            body: String::new(),
        }
    }

    /// The same call as the next attempt. Event Grid counts from 0.
    #[must_use]
    pub fn attempt(mut self, count: u32) -> Self {
        for (name, value) in &mut self.headers {
            if *name == "aeg-delivery-count" {
                *value = count.to_string();
            }
        }
        self
    }

    /// `POST` or `OPTIONS`.
    #[must_use]
    pub fn method(&self) -> &'static str {
        self.method
    }

    /// The headers, in lower case.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.headers
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
    }

    /// The body; empty for [`consent`](Self::consent).
    #[must_use]
    pub fn body(&self) -> &str {
        &self.body
    }

    /// Whether an answer agrees to the [`validation`](Self::validation) with this code. The status has to be 200.
    #[must_use]
    pub fn is_agreed(code: &str, status: u16, body: &str) -> bool {
        let answer: Option<serde_json::Value> = serde_json::from_str(body).ok();
        let given = answer
            .as_ref()
            .and_then(|answer| answer.get("validationResponse"));
        status == 200 && given.is_some_and(|given| given == code)
    }
}

/// What Event Grid makes of the answer to a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// 200 to 204.
    Delivered,
    /// To be delivered again, not before this span has passed.
    Retry(Duration),
    /// 400, 401, 403 or 413: dropped, or put aside as a dead letter.
    GivenUp,
}

impl Verdict {
    /// The verdict on a status.
    #[must_use]
    pub const fn of(status: u16) -> Self {
        match status {
            200..=204 => Self::Delivered,
            400 | 401 | 403 | 413 => Self::GivenUp,
            408 => Self::Retry(Duration::from_secs(120)),
            503 => Self::Retry(Duration::from_secs(30)),
            _ => Self::Retry(Duration::from_secs(10)),
        }
    }
}

/// The text of a queue message with one event, base64 as Event Grid writes it.
///
/// # Errors
///
/// The event holds what JSON cannot carry, or the message is longer than a queue takes: 48 KiB of JSON at most.
pub fn queue_message(event: &Event) -> Result<String, BuildError> {
    let json = serde_json::to_string(event).map_err(BuildError::new)?;
    let text = STANDARD.encode(json);
    if text.len() > LARGEST_MESSAGE {
        return Err(BuildError::too_long(text.len()));
    }
    Ok(text)
}

fn headers(
    kind: &str,
    schema: Schema,
    list: bool,
    subscription: &str,
) -> Vec<(&'static str, String)> {
    let metadata_version = match schema {
        Schema::EventGrid => "1",
        Schema::CloudEvents => "1.0",
    };
    vec![
        ("content-type", schema.content_type(list).to_owned()),
        ("aeg-event-type", kind.to_owned()),
        // The service writes it in capitals.
        ("aeg-subscription-name", subscription.to_uppercase()),
        ("aeg-delivery-count", "0".to_owned()),
        ("aeg-metadata-version", metadata_version.to_owned()),
        ("aeg-output-event-id", uuid::Uuid::new_v4().to_string()),
    ]
}

/// Events in one envelope.
struct Written<'a> {
    schema: Schema,
    events: &'a [Event],
    list: bool,
}

struct One<'a>(Schema, &'a Event);

impl Serialize for One<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.1.write(self.0, serializer)
    }
}

impl Serialize for Written<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if let ([event], false) = (self.events, self.list) {
            return event.write(self.schema, serializer);
        }
        let mut list = serializer.serialize_seq(Some(self.events.len()))?;
        for event in self.events {
            list.serialize_element(&One(self.schema, event))?;
        }
        list.end()
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Delivered => formatter.write_str("delivered"),
            Self::Retry(least) => write!(
                formatter,
                "delivered again after {} s or more",
                least.as_secs()
            ),
            Self::GivenUp => formatter.write_str("given up"),
        }
    }
}
