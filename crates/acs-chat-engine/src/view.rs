//! What reads show: the JSON of the REST interface, as each api-version has it.

use std::sync::Arc;

use acs_types::CommunicationIdentifier;
use serde::{Serialize, Serializer};

use crate::command::Metadata;
use crate::message::{Body, Message, News, SentBody};
use crate::retention::RetentionPolicy;
use crate::thread::{Participant, Receipt, Thread};
use crate::time::Time;

/// What an api-version has and others have not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dialect {
    /// Whether identifiers name their kind: since 2023-11-07.
    pub names_kinds: bool,
    /// Whether messages have metadata and typing notifications a name: since 2021-09-07.
    pub has_message_metadata: bool,
    /// Whether threads have metadata and a retention policy, and participants metadata: since 2025-03-15.
    pub has_thread_metadata: bool,
}

impl Dialect {
    /// The dialect of an api-version, which begins with a date.
    #[must_use]
    pub fn of(api_version: &str) -> Self {
        Self {
            names_kinds: api_version >= "2023-11-07",
            has_message_metadata: api_version >= "2021-09-07",
            has_thread_metadata: api_version >= "2025-03-15",
        }
    }
}

/// A thread. Serialises as `ChatThreadProperties`.
#[derive(Clone, Copy, Debug)]
pub struct ThreadView<'e> {
    pub(crate) thread: &'e Thread,
    pub(crate) dialect: Dialect,
}

/// A thread in a list. Serialises as `ChatThreadItem`.
#[derive(Clone, Copy, Debug)]
pub struct ThreadItemView<'e> {
    pub(crate) thread: &'e Thread,
    pub(crate) last_message_received_on: Option<Time>,
}

/// A message. Serialises as `ChatMessage`.
#[derive(Clone, Copy, Debug)]
pub struct MessageView<'e> {
    pub(crate) message: &'e Message,
    pub(crate) dialect: Dialect,
}

/// A participant. Serialises as `ChatParticipant`.
#[derive(Clone, Copy, Debug)]
pub struct ParticipantView<'e> {
    pub(crate) participant: &'e Participant,
    pub(crate) dialect: Dialect,
}

/// How far somebody has read. Serialises as `ChatMessageReadReceipt`.
#[derive(Clone, Copy, Debug)]
pub struct ReceiptView<'e> {
    pub(crate) receipt: &'e Receipt,
    pub(crate) dialect: Dialect,
}

/// An identifier, with its kind where the dialect names it (auth 71).
#[derive(Clone, Copy)]
struct Who<'e>(&'e CommunicationIdentifier, Dialect);

impl Serialize for Who<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.1.names_kinds {
            self.0.with_kind().serialize(serializer)
        } else {
            self.0.serialize(serializer)
        }
    }
}

impl Serialize for ThreadView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Wire<'e> {
            id: &'e str,
            topic: &'e str,
            created_on: Time,
            created_by_communication_identifier: Who<'e>,
            #[serde(skip_serializing_if = "Option::is_none")]
            metadata: Option<&'e Metadata>,
            #[serde(skip_serializing_if = "Option::is_none")]
            retention_policy: Option<RetentionPolicy>,
        }
        let Self { thread, dialect } = self;
        let newest = dialect.has_thread_metadata;
        Wire {
            id: &thread.id,
            topic: &thread.topic,
            created_on: thread.created_on,
            created_by_communication_identifier: Who(&thread.created_by, *dialect),
            metadata: unless_empty(&thread.metadata).filter(|_| newest),
            retention_policy: thread.retention_policy.filter(|_| newest),
        }
        .serialize(serializer)
    }
}

impl Serialize for ThreadItemView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Wire<'e> {
            id: &'e str,
            topic: &'e str,
            #[serde(skip_serializing_if = "Option::is_none")]
            last_message_received_on: Option<Time>,
        }
        Wire {
            id: &self.thread.id,
            topic: &self.thread.topic,
            last_message_received_on: self.last_message_received_on,
        }
        .serialize(serializer)
    }
}

impl Serialize for ParticipantView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Wire<'e> {
            communication_identifier: Who<'e>,
            #[serde(skip_serializing_if = "Option::is_none")]
            display_name: Option<&'e str>,
            share_history_time: Time,
            #[serde(skip_serializing_if = "Option::is_none")]
            metadata: Option<&'e Metadata>,
        }
        let Self {
            participant,
            dialect,
        } = self;
        Wire {
            communication_identifier: Who(&participant.identifier, *dialect),
            display_name: participant.display_name.as_deref(),
            share_history_time: participant.share_history_time,
            metadata: unless_empty(&participant.metadata).filter(|_| dialect.has_thread_metadata),
        }
        .serialize(serializer)
    }
}

impl Serialize for ReceiptView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Wire<'e> {
            sender_communication_identifier: Who<'e>,
            chat_message_id: String,
            read_on: Time,
        }
        Wire {
            sender_communication_identifier: Who(&self.receipt.sender, self.dialect),
            chat_message_id: self.receipt.message_id.to_string(),
            read_on: self.receipt.read_on,
        }
        .serialize(serializer)
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MessageWire<'e> {
    id: String,
    #[serde(rename = "type")]
    message_type: &'static str,
    sequence_id: String,
    version: String,
    content: ContentWire<'e>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sender_display_name: Option<&'e str>,
    created_on: Time,
    #[serde(skip_serializing_if = "Option::is_none")]
    sender_communication_identifier: Option<Who<'e>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    deleted_on: Option<Time>,
    #[serde(skip_serializing_if = "Option::is_none")]
    edited_on: Option<Time>,
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<&'e Metadata>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ContentWire<'e> {
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'e str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    topic: Option<&'e str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    participants: Option<Vec<ParticipantView<'e>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    initiator_communication_identifier: Option<Who<'e>>,
}

impl Serialize for MessageView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { message, dialect } = self;
        let sent = match &message.body {
            Body::Sent(sent) => Some(sent),
            Body::System { .. } => None,
        };
        MessageWire {
            id: message.id.to_string(),
            message_type: message_type(&message.body),
            sequence_id: message.sequence.to_string(),
            version: message.version.to_string(),
            content: content(&message.body, *dialect),
            sender_display_name: sent.map(|sent| &*sent.sender_display_name),
            created_on: message.created_on,
            sender_communication_identifier: sent.map(|sent| Who(&sent.sender, *dialect)),
            deleted_on: message.deleted_on,
            edited_on: message.edited_on,
            metadata: sent
                .and_then(|sent| unless_empty(&sent.metadata))
                .filter(|_| dialect.has_message_metadata),
        }
        .serialize(serializer)
    }
}

fn message_type(body: &Body) -> &'static str {
    match body {
        Body::Sent(SentBody { message_type, .. }) => message_type.as_str(),
        Body::System { news, .. } => match news {
            News::TopicUpdated(_) => "topicUpdated",
            News::ParticipantAdded(_) => "participantAdded",
            News::ParticipantRemoved(_) => "participantRemoved",
        },
    }
}

fn content(body: &Body, dialect: Dialect) -> ContentWire<'_> {
    let mut content = ContentWire {
        message: None,
        topic: None,
        participants: None,
        initiator_communication_identifier: None,
    };
    match body {
        Body::Sent(sent) => content.message = Some(&sent.content),
        Body::System { initiator, news } => {
            content.initiator_communication_identifier = Some(Who(initiator, dialect));
            match news {
                News::TopicUpdated(topic) => content.topic = Some(topic),
                News::ParticipantAdded(participants) | News::ParticipantRemoved(participants) => {
                    let view = |participant| ParticipantView {
                        participant,
                        dialect,
                    };
                    content.participants = Some(participants.iter().map(view).collect());
                }
            }
        }
    }
    content
}

fn unless_empty(metadata: &Arc<Metadata>) -> Option<&Metadata> {
    Some(&**metadata).filter(|metadata| !metadata.is_empty())
}
