//! What happened, as the service's events tell it: kinds, subjects and data with the member names of the events guide.
//!
//! Most happenings are told twice: once for each participant but the one who acted, and once for the thread (rule 80).

mod data;
mod teller;

use acs_types::Timestamp;
use serde::Serialize;
use uuid::Uuid;

pub(crate) use teller::{Happened, Teller};

use data::Data;

/// One thing that happened.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Its own id, for whoever must tell a repeated delivery from a new event.
    pub id: Uuid,
    /// What kind of thing.
    pub kind: EventKind,
    /// The path of what it happened to: `thread/{id}/sender/{raw id}...`.
    pub subject: String,
    /// When it happened.
    pub time: Timestamp,
    /// The particulars: serialises to the `data` of the event.
    pub data: EventData,
}

/// The particulars of an event. Serialises to a JSON object with the member names of the service's events.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub struct EventData(Data);

/// Defines the kinds of event with their names.
macro_rules! event_kinds {
    ($( $(#[$meta:meta])* $kind:ident, )+) => {
        /// The kinds of event that the engine sends.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum EventKind {
            $( $(#[$meta])* $kind, )+
        }

        impl EventKind {
            /// All kinds.
            pub const ALL: &'static [Self] = &[$( Self::$kind, )+];

            /// The kind's full name, as `eventType` has it.
            #[must_use]
            pub fn event_type(self) -> &'static str {
                match self {
                    $( Self::$kind => concat!("Microsoft.Communication.", stringify!($kind)), )+
                }
            }
        }
    };
}

event_kinds! {
    /// For a participant: a message was sent.
    ChatMessageReceived,
    /// For the thread: a message was sent.
    ChatMessageReceivedInThread,
    /// For a participant: a message was changed.
    ChatMessageEdited,
    /// For the thread: a message was changed.
    ChatMessageEditedInThread,
    /// For a participant: a message was deleted.
    ChatMessageDeleted,
    /// For the thread: a message was deleted.
    ChatMessageDeletedInThread,
    /// For a participant: a thread was created.
    ChatThreadCreatedWithUser,
    /// For the thread: it was created.
    ChatThreadCreated,
    /// For a participant: a thread was deleted.
    ChatThreadWithUserDeleted,
    /// For the thread: it was deleted.
    ChatThreadDeleted,
    /// For a participant: the topic or the metadata of a thread were changed.
    ChatThreadPropertiesUpdatedPerUser,
    /// For the thread: its topic or metadata were changed.
    ChatThreadPropertiesUpdated,
    /// For a participant: somebody was added.
    ChatParticipantAddedToThreadWithUser,
    /// For the thread: somebody was added.
    ChatThreadParticipantAdded,
    /// For a participant: somebody was removed.
    ChatParticipantRemovedFromThreadWithUser,
    /// For the thread: somebody was removed.
    ChatThreadParticipantRemoved,
    /// For the thread: somebody is typing.
    ChatTypingIndicatorReceivedInThread,
}
