//! One event of any service.

use std::sync::Arc;

use acs_chat_engine::EventKind as ChatEventKind;
use acs_router_engine::EventKind as RouterEventKind;
use acs_types::Timestamp;
use serde::Serialize;

/// One thing that happened, in the Job Router or in chat.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Event {
    /// Its own id, for whoever must tell a repeated delivery from a new event: a GUID.
    pub id: String,
    /// What kind of thing.
    pub kind: EventKind,
    /// The path of what it happened to: `job/{id}/channel/{id}...`, `worker/{id}...`, `thread/{id}/sender/{raw id}...`.
    pub subject: String,
    /// When it happened.
    pub time: Timestamp,
    /// The particulars: serialises to the `data` of the event.
    pub data: EventData,
}

/// The particulars of an event. Serialises to a JSON object with the member names of the service's events. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub struct EventData(Arc<Data>);

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
enum Data {
    Router(acs_router_engine::EventData),
    Chat(acs_chat_engine::EventData),
}

/// The kinds of event, by service. Compares with the kinds of a service alone:
///
/// ```
/// use acs_emulator::{ChatEventKind, EventKind};
///
/// let kind = EventKind::from(ChatEventKind::ChatMessageReceived);
/// assert_eq!(kind, ChatEventKind::ChatMessageReceived);
/// assert_eq!(kind.name(), "ChatMessageReceived");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum EventKind {
    /// Of the Job Router.
    Router(RouterEventKind),
    /// Of chat.
    Chat(ChatEventKind),
}

impl EventKind {
    /// All kinds.
    pub fn all() -> impl Iterator<Item = Self> {
        let router = RouterEventKind::ALL.iter().copied().map(Self::Router);
        router.chain(ChatEventKind::ALL.iter().copied().map(Self::Chat))
    }

    /// The kind's full name, as `eventType` has it: `Microsoft.Communication.RouterJobQueued`.
    #[must_use]
    pub fn event_type(self) -> &'static str {
        match self {
            Self::Router(kind) => kind.event_type(),
            Self::Chat(kind) => kind.event_type(),
        }
    }

    /// The kind's name without the `Microsoft.Communication.` in front of it: `RouterJobQueued`.
    #[must_use]
    pub fn name(self) -> &'static str {
        let full = self.event_type();
        full.strip_prefix("Microsoft.Communication.")
            .unwrap_or(full)
    }

    /// Finds a kind by its name, with or without `Microsoft.Communication.` in front.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::all().find(|kind| kind.name() == name || kind.event_type() == name)
    }
}

impl From<RouterEventKind> for EventKind {
    fn from(kind: RouterEventKind) -> Self {
        Self::Router(kind)
    }
}

impl From<ChatEventKind> for EventKind {
    fn from(kind: ChatEventKind) -> Self {
        Self::Chat(kind)
    }
}

impl PartialEq<RouterEventKind> for EventKind {
    fn eq(&self, other: &RouterEventKind) -> bool {
        *self == Self::Router(*other)
    }
}

impl PartialEq<ChatEventKind> for EventKind {
    fn eq(&self, other: &ChatEventKind) -> bool {
        *self == Self::Chat(*other)
    }
}

impl From<acs_router_engine::Event> for Event {
    fn from(event: acs_router_engine::Event) -> Self {
        Self {
            id: event.id.to_string(),
            kind: event.kind.into(),
            subject: event.subject,
            time: event.time,
            data: EventData(Arc::new(Data::Router(event.data))),
        }
    }
}

impl From<acs_chat_engine::Event> for Event {
    fn from(event: acs_chat_engine::Event) -> Self {
        Self {
            id: event.id.to_string(),
            kind: event.kind.into(),
            subject: event.subject,
            time: event.time,
            data: EventData(Arc::new(Data::Chat(event.data))),
        }
    }
}
