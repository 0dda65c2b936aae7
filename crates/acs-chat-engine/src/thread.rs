//! A thread: who takes part, what they have read, and what was said.

use std::sync::Arc;

use acs_types::{CommunicationIdentifier, Timestamp};

use crate::command::{InvalidParticipant, Metadata, NewParticipant};
use crate::message::{MessageLog, Window};
use crate::retention::RetentionPolicy;
use crate::time::Time;

/// A thread.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Thread {
    pub(crate) id: Arc<str>,
    pub(crate) topic: Arc<str>,
    pub(crate) created_on: Time,
    pub(crate) created_by: Arc<CommunicationIdentifier>,
    pub(crate) metadata: Arc<Metadata>,
    pub(crate) retention_policy: Option<RetentionPolicy>,
    /// In the order in which they joined (rule 60).
    pub(crate) participants: Vec<Participant>,
    pub(crate) former: Vec<Former>,
    pub(crate) receipts: Vec<Receipt>,
    pub(crate) log: MessageLog,
    /// The request that created it, if it can be repeated, and who could not be added then.
    pub(crate) creation: Option<Creation>,
}

/// A request that created a thread.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Creation {
    pub(crate) request: CreationKey,
    pub(crate) invalid: Vec<InvalidParticipant>,
}

/// What tells a repeated request from a new one: the caller's raw id, and the id it gave the request (rule 15).
pub(crate) type CreationKey = (Box<str>, Box<str>);

/// Somebody who takes part.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Participant {
    pub(crate) identifier: Arc<CommunicationIdentifier>,
    pub(crate) display_name: Option<Arc<str>>,
    pub(crate) share_history_time: Time,
    pub(crate) metadata: Arc<Metadata>,
}

/// Somebody who was removed, and may still read what was said before (rule 61).
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Former {
    raw_id: Box<str>,
    window: Window,
}

/// How far somebody has read.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Receipt {
    pub(crate) sender: Arc<CommunicationIdentifier>,
    pub(crate) message_id: u64,
    pub(crate) read_on: Time,
}

impl Participant {
    pub(crate) fn new(new: NewParticipant) -> Self {
        Self {
            identifier: Arc::new(new.identifier),
            display_name: new.display_name.map(Arc::from),
            share_history_time: new
                .share_history_time
                .map_or(Time::BEGINNING, Timestamp::into),
            metadata: Arc::new(new.metadata),
        }
    }

    pub(crate) fn raw_id(&self) -> &str {
        self.identifier.raw_id()
    }
}

impl Thread {
    pub(crate) fn participant(&self, raw_id: &str) -> Option<&Participant> {
        self.participants
            .iter()
            .find(|participant| participant.raw_id() == raw_id)
    }

    /// Takes somebody in who is not in yet.
    pub(crate) fn admit(&mut self, participant: Participant) {
        let raw_id = participant.raw_id();
        self.former.retain(|former| *former.raw_id != *raw_id);
        self.participants.push(participant);
    }

    /// Takes somebody out, who keeps sight of what was said so far.
    pub(crate) fn dismiss(&mut self, raw_id: &str) -> Option<Participant> {
        let index = self
            .participants
            .iter()
            .position(|participant| participant.raw_id() == raw_id)?;
        let participant = self.participants.remove(index);
        self.receipts
            .retain(|receipt| receipt.sender.raw_id() != raw_id);
        self.former.push(Former {
            raw_id: raw_id.into(),
            window: Window {
                since: participant.share_history_time,
                until: Some(self.log.last_stamp()),
            },
        });
        Some(participant)
    }

    /// Takes every trace of somebody out but the messages.
    pub(crate) fn forget(&mut self, raw_id: &str) {
        self.dismiss(raw_id);
        self.former.retain(|former| *former.raw_id != *raw_id);
    }

    /// Which messages somebody sees: a participant those since the share-history time (rule 52), a former one those until
    /// the removal; nobody else sees any.
    pub(crate) fn window_of(&self, raw_id: &str) -> Option<Window> {
        if let Some(participant) = self.participant(raw_id) {
            return Some(Window {
                since: participant.share_history_time,
                until: None,
            });
        }
        let former = self.former.iter().find(|former| *former.raw_id == *raw_id);
        former.map(|former| former.window)
    }

    /// Reading never goes back: what was read stays read (rule 62).
    pub(crate) fn mark_read(&mut self, receipt: Receipt) {
        let sender = receipt.sender.raw_id();
        match self
            .receipts
            .iter_mut()
            .find(|known| known.sender.raw_id() == sender)
        {
            Some(known) if known.message_id <= receipt.message_id => *known = receipt,
            Some(_) => {}
            None => self.receipts.push(receipt),
        }
    }
}
