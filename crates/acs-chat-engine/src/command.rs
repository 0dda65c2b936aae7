//! What can be asked of the engine, and what comes of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use acs_types::{CommunicationIdentifier, Patch, Timestamp};
use serde::Serialize;

use crate::events::Event;
use crate::message::MessageType;
use crate::refusal::Refusal;
use crate::retention::RetentionPolicy;

/// Texts that a caller attaches, by name.
pub type Metadata = BTreeMap<String, String>;

/// What to do with metadata: keep or clear all of it, or set and (`None`) remove single entries.
pub type MetadataPatch = Patch<BTreeMap<String, Option<String>>>;

/// One change to the threads of a resource, as [`Engine::apply`](crate::Engine::apply) takes it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Command {
    /// Creates a thread.
    CreateThread(NewThread),
    /// Changes a thread.
    UpdateThread {
        /// The thread's id.
        thread_id: String,
        /// What to change.
        patch: ThreadPatch,
    },
    /// Deletes a thread for all its participants.
    DeleteThread {
        /// The thread's id.
        thread_id: String,
    },
    /// Adds participants to a thread.
    AddParticipants {
        /// The thread's id.
        thread_id: String,
        /// At most 200 of them.
        participants: Vec<NewParticipant>,
    },
    /// Removes a participant from a thread.
    RemoveParticipant {
        /// The thread's id.
        thread_id: String,
        /// The participant; the caller may name itself.
        participant: CommunicationIdentifier,
    },
    /// Sends a message.
    SendMessage {
        /// The thread's id.
        thread_id: String,
        /// The message.
        message: NewMessage,
    },
    /// Changes a message of the caller's own.
    EditMessage {
        /// The thread's id.
        thread_id: String,
        /// The message's id.
        message_id: String,
        /// What to change.
        patch: MessagePatch,
    },
    /// Deletes a message of the caller's own. A deleted one counts as done.
    DeleteMessage {
        /// The thread's id.
        thread_id: String,
        /// The message's id.
        message_id: String,
    },
    /// Tells the others up to which message the caller has read.
    SendReadReceipt {
        /// The thread's id.
        thread_id: String,
        /// The message's id.
        message_id: String,
    },
    /// Tells the others that the caller is typing.
    SendTyping {
        /// The thread's id.
        thread_id: String,
        /// The caller's name as the others are to see it.
        sender_display_name: Option<String>,
    },
}

/// A thread to create.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NewThread {
    /// What it is about; not empty.
    pub topic: String,
    /// Who takes part besides the caller; at most 200.
    pub participants: Vec<NewParticipant>,
    /// Texts to attach, 1024 bytes in all.
    pub metadata: Metadata,
    /// When it is deleted by itself.
    pub retention_policy: Option<RetentionPolicy>,
    /// What tells a repeated request from a new one; any text.
    pub repeatability_request_id: Option<String>,
}

/// Somebody to add to a thread.
#[derive(Clone, Debug, PartialEq)]
pub struct NewParticipant {
    /// Who.
    pub identifier: CommunicationIdentifier,
    /// The name as the others are to see it.
    pub display_name: Option<String>,
    /// From when on the participant sees the thread's messages; all of them without it.
    pub share_history_time: Option<Timestamp>,
    /// Texts to attach, 1024 bytes in all.
    pub metadata: Metadata,
}

impl NewParticipant {
    /// Somebody who sees all messages.
    #[must_use]
    pub fn new(identifier: CommunicationIdentifier) -> Self {
        Self {
            identifier,
            display_name: None,
            share_history_time: None,
            metadata: Metadata::new(),
        }
    }
}

/// What to change of a thread. The default changes nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ThreadPatch {
    /// A new topic; not empty.
    pub topic: Option<String>,
    /// The metadata.
    pub metadata: MetadataPatch,
    /// The retention policy; clearing it keeps the thread.
    pub retention_policy: Patch<RetentionPolicy>,
}

/// A message to send.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NewMessage {
    /// The text.
    pub content: String,
    /// What the text is written in.
    pub message_type: MessageType,
    /// The sender's name as the others are to see it; an empty one without it.
    pub sender_display_name: Option<String>,
    /// Texts to attach.
    pub metadata: Metadata,
}

/// What to change of a message. The default changes nothing, not even the version.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MessagePatch {
    /// A new text.
    pub content: Option<String>,
    /// The metadata; an empty text removes an entry (rule 34).
    pub metadata: MetadataPatch,
}

/// Everything that came of one command, and of the deadlines that were due before it.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The answer to the caller.
    pub answer: Result<Answer, Refusal>,
    /// What happened, in order.
    pub events: Vec<Event>,
}

/// The answer to a command that was carried out.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Answer {
    /// A thread was created, or had been created by the same request before.
    Created {
        /// The thread's id.
        thread_id: Arc<str>,
        /// Who could not be added.
        invalid: Vec<InvalidParticipant>,
    },
    /// Participants were added.
    Added {
        /// Who could not be added.
        invalid: Vec<InvalidParticipant>,
    },
    /// A message was sent.
    Sent {
        /// Its id.
        message_id: u64,
    },
    /// Done, with nothing to tell.
    Done,
}

/// Somebody who could not be added, as `invalidParticipants` has it (rule 53).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InvalidParticipant {
    /// A status as text.
    pub code: &'static str,
    /// The reason.
    pub message: &'static str,
    /// The raw id that was given.
    pub target: String,
}

impl InvalidParticipant {
    /// Not a kind of participant that ordinary threads take.
    pub(crate) fn forbidden(identifier: &CommunicationIdentifier) -> Self {
        Self::new("403", "Permissions check failed", identifier)
    }

    /// Nobody of this resource.
    pub(crate) fn unknown(identifier: &CommunicationIdentifier) -> Self {
        Self::new("404", "Not found", identifier)
    }

    fn new(
        code: &'static str,
        message: &'static str,
        identifier: &CommunicationIdentifier,
    ) -> Self {
        Self {
            code,
            message,
            target: identifier.raw_id().to_owned(),
        }
    }
}
