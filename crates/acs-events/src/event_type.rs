//! What is known of a type of events, and the link from the data of an event to its type.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// One type of events: a row of the generated table [`event_types`](crate::event_types).
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct EventType {
    /// The name in the envelope, such as `Microsoft.Communication.RouterJobReceived`.
    pub name: &'static str,
    /// The part of the service that the event comes from, such as `router-job`.
    pub family: &'static str,
    /// The name of the model of the data; `None` if nothing is published about the data.
    pub payload: Option<&'static str>,
    /// Patterns of the subject in the envelope, the usual one first, with placeholders in braces.
    pub subjects: &'static [&'static str],
    /// Other spellings of the name that senders have used.
    pub also_read: &'static [&'static str],
}

impl EventType {
    /// Finds a type by its name or another spelling of it. Letter case counts.
    ///
    /// ```
    /// use acs_events::EventType;
    ///
    /// let received = EventType::find("Microsoft.Communication.RouterJobReceived");
    /// assert_eq!(
    ///     received.and_then(|event| event.payload),
    ///     Some("AcsRouterJobReceivedEventData")
    /// );
    /// ```
    #[must_use]
    pub fn find(name: &str) -> Option<&'static Self> {
        crate::event_types::EVENT_TYPES
            .iter()
            .copied()
            .find(|event| event.name == name || event.also_read.contains(&name))
    }
}

/// Data that events of one type carry.
pub trait EventData: Serialize + DeserializeOwned {
    /// The type of the events.
    const TYPE: &'static EventType;
}
