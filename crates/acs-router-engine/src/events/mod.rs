//! What happened, as the service's events tell it: kinds, subjects and payloads with the member names of the events guide.

mod happening;
mod payload;

use acs_types::Timestamp;
use serde::Serialize;

pub(crate) use happening::Happening;

use crate::ids::Guid;
use payload::Payload;

/// One thing that happened.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Its own id, for whoever must tell a repeated delivery from a new event.
    pub id: Guid,
    /// What kind of thing.
    pub kind: EventKind,
    /// The path of what it happened to: `job/{id}/channel/{id}...`, `worker/{id}...`.
    pub subject: String,
    /// When it happened.
    pub time: Timestamp,
    /// The particulars: serialises to the `data` of the event.
    pub data: EventData,
}

/// The particulars of an event. Serialises to a JSON object with the member names of the service's events.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub struct EventData(Payload);

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
            /// Every kind.
            pub const ALL: &'static [Self] = &[ $( Self::$kind, )+ ];

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
    /// A job was created.
    RouterJobReceived,
    /// A job's classification policy was applied.
    RouterJobClassified,
    /// A job's classification policy could not be applied.
    RouterJobClassificationFailed,
    /// A job was queued, anew or in another queue.
    RouterJobQueued,
    /// A job waits for the caller to have it matched.
    RouterJobWaitingForActivation,
    /// Selectors of a job stopped counting.
    RouterJobWorkerSelectorsExpired,
    /// A job was completed.
    RouterJobCompleted,
    /// A job was taken from its worker.
    RouterJobUnassigned,
    /// A job was closed.
    RouterJobClosed,
    /// A job was cancelled.
    RouterJobCancelled,
    /// An exception rule fired for a job. What it does is told after.
    RouterJobExceptionTriggered,
    /// A job was deleted.
    RouterJobDeleted,
    /// A worker got a job offered.
    RouterWorkerOfferIssued,
    /// A worker accepted an offer.
    RouterWorkerOfferAccepted,
    /// A worker declined an offer.
    RouterWorkerOfferDeclined,
    /// A worker did not answer an offer in time.
    RouterWorkerOfferExpired,
    /// An offer was taken back.
    RouterWorkerOfferRevoked,
    /// A worker became available for offers.
    RouterWorkerRegistered,
    /// A worker was changed.
    RouterWorkerUpdated,
    /// A worker stopped being available for offers.
    RouterWorkerDeregistered,
    /// A worker was deleted.
    RouterWorkerDeleted,
}

impl EventKind {
    const PREFIX: &'static str = "Microsoft.Communication.";

    /// The kind's name without the `Microsoft.Communication.` in front of it: `RouterJobQueued`.
    #[must_use]
    pub fn name(self) -> &'static str {
        let full = self.event_type();
        full.strip_prefix(Self::PREFIX).unwrap_or(full)
    }

    /// The kind of this name, with or without `Microsoft.Communication.` in front. Letter case counts.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let short = name.strip_prefix(Self::PREFIX).unwrap_or(name);
        let mut all = Self::ALL.iter().copied();
        all.find(|kind| kind.name() == short)
    }
}

impl Event {
    pub(crate) fn new(id: Guid, time: Timestamp, happening: Happening) -> Self {
        Self {
            id,
            kind: happening.kind,
            subject: happening.subject,
            time,
            data: EventData(happening.payload),
        }
    }
}
