//! What is said in a thread, and what the service says about it.

use std::collections::BTreeMap;

use acs_core_chat::models::{ChatAttachment, ChatMessageType};
use acs_types::{CommunicationIdentifier, Timestamp};
use serde::{Deserialize, Serialize};

use super::{ChatParticipant, null_as_empty};

/// A message: of a participant, or of the system.
///
/// ```
/// use acs_chat::{ChatMessage, ChatMessageContent};
///
/// fn show(message: &ChatMessage) -> String {
///     match &message.content {
///         _ if message.is_deleted() => "(deleted)".to_owned(),
///         ChatMessageContent::Text { message, .. } => message.clone(),
///         ChatMessageContent::Html { .. } => "(formatted)".to_owned(),
///         ChatMessageContent::TopicUpdated { topic, .. } => format!("The topic is now {topic}"),
///         ChatMessageContent::ParticipantAdded { participants, .. } => format!("{} joined", participants.len()),
///         ChatMessageContent::ParticipantRemoved { .. } => "Somebody left".to_owned(),
///         _ => String::new(),
///     }
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(from = "Wire", into = "Wire")]
#[non_exhaustive]
pub struct ChatMessage {
    /// Id of the message: its arrival in milliseconds since 1970, as text.
    pub id: String,
    /// Place of the message in the thread, a number as text. An edit or a deletion moves the message behind all others.
    pub sequence_id: String,
    /// Equal to the id until an edit or a deletion, then its time in milliseconds since 1970, as text.
    pub version: String,
    /// When the message arrived, in whole seconds.
    pub created_on: Timestamp,
    /// When it was last edited.
    pub edited_on: Option<Timestamp>,
    /// When it was deleted. A deleted message stays in the thread with an empty text.
    pub deleted_on: Option<Timestamp>,
    /// Who sent it; nobody for a message of the system.
    pub sender: Option<CommunicationIdentifier>,
    /// The name that the sender gave, if any.
    pub sender_display_name: Option<String>,
    /// Texts that were sent along.
    pub metadata: BTreeMap<String, String>,
    /// What it says.
    pub content: ChatMessageContent,
}

/// What a message says, by its type.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ChatMessageContent {
    /// `text`: plain text.
    Text {
        /// The text.
        message: String,
        /// What came with it; only messages from Microsoft Teams have any.
        attachments: Vec<ChatAttachment>,
    },
    /// `html`: HTML, from which the service has removed what is not safe.
    Html {
        /// The HTML.
        message: String,
        /// What came with it; only messages from Microsoft Teams have any.
        attachments: Vec<ChatAttachment>,
    },
    /// `topicUpdated`, of the system: the thread has this topic now.
    TopicUpdated {
        /// The topic.
        topic: String,
        /// Who set it.
        initiator: Option<CommunicationIdentifier>,
    },
    /// `participantAdded`, of the system.
    ParticipantAdded {
        /// Those who take part now.
        participants: Vec<ChatParticipant>,
        /// Who added them.
        initiator: Option<CommunicationIdentifier>,
    },
    /// `participantRemoved`, of the system.
    ParticipantRemoved {
        /// Those who take part no more.
        participants: Vec<ChatParticipant>,
        /// Who removed them.
        initiator: Option<CommunicationIdentifier>,
    },
    /// Of a type that this version has no variant for.
    Other(OtherContent),
}

/// The content of a message of a type that this version has no variant for.
#[derive(Clone, Debug, PartialEq)]
pub struct OtherContent {
    message_type: ChatMessageType,
    content: WireContent,
}

impl OtherContent {
    /// The type as the service wrote it.
    #[must_use]
    pub fn message_type(&self) -> &str {
        self.message_type.as_str()
    }

    /// The text, if there is one.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.content.message.as_deref()
    }
}

impl ChatMessage {
    /// What the message says as text or HTML; `None` for a message of the system. Empty once it is deleted.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match &self.content {
            ChatMessageContent::Text { message, .. } | ChatMessageContent::Html { message, .. } => {
                Some(message)
            }
            ChatMessageContent::Other(other) => other.message(),
            _ => None,
        }
    }

    /// Whether the message was deleted.
    #[must_use]
    pub fn is_deleted(&self) -> bool {
        self.deleted_on.is_some()
    }

    /// Whether the message is one of the system, which nobody sent and nobody can edit.
    #[must_use]
    pub fn is_system(&self) -> bool {
        matches!(
            self.content,
            ChatMessageContent::TopicUpdated { .. }
                | ChatMessageContent::ParticipantAdded { .. }
                | ChatMessageContent::ParticipantRemoved { .. }
        )
    }
}

/// A message as the service writes it.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Wire {
    id: String,
    #[serde(rename = "type")]
    message_type: ChatMessageType,
    sequence_id: String,
    version: String,
    created_on: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    edited_on: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    deleted_on: Option<Timestamp>,
    #[serde(
        rename = "senderCommunicationIdentifier",
        skip_serializing_if = "Option::is_none"
    )]
    sender: Option<CommunicationIdentifier>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sender_display_name: Option<String>,
    #[serde(
        default,
        deserialize_with = "null_as_empty",
        skip_serializing_if = "BTreeMap::is_empty"
    )]
    metadata: BTreeMap<String, String>,
    #[serde(default, deserialize_with = "null_as_empty")]
    content: WireContent,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct WireContent {
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    topic: Option<String>,
    #[serde(
        default,
        deserialize_with = "null_as_empty",
        skip_serializing_if = "Vec::is_empty"
    )]
    participants: Vec<ChatParticipant>,
    #[serde(
        default,
        deserialize_with = "null_as_empty",
        skip_serializing_if = "Vec::is_empty"
    )]
    attachments: Vec<ChatAttachment>,
    #[serde(
        rename = "initiatorCommunicationIdentifier",
        skip_serializing_if = "Option::is_none"
    )]
    initiator: Option<CommunicationIdentifier>,
}

impl From<Wire> for ChatMessage {
    fn from(wire: Wire) -> Self {
        Self {
            id: wire.id,
            sequence_id: wire.sequence_id,
            version: wire.version,
            created_on: wire.created_on,
            edited_on: wire.edited_on,
            deleted_on: wire.deleted_on,
            sender: wire.sender,
            // The service writes an empty name where none was given.
            sender_display_name: wire.sender_display_name.filter(|name| !name.is_empty()),
            metadata: wire.metadata,
            content: wire.content.of_type(wire.message_type),
        }
    }
}

impl From<ChatMessage> for Wire {
    fn from(message: ChatMessage) -> Self {
        let (message_type, content) = message.content.into_wire();
        Self {
            id: message.id,
            message_type,
            sequence_id: message.sequence_id,
            version: message.version,
            created_on: message.created_on,
            edited_on: message.edited_on,
            deleted_on: message.deleted_on,
            sender: message.sender,
            sender_display_name: message.sender_display_name,
            metadata: message.metadata,
            content,
        }
    }
}

impl WireContent {
    fn of_type(self, message_type: ChatMessageType) -> ChatMessageContent {
        let Self {
            message,
            topic,
            participants,
            attachments,
            initiator,
        } = self;
        match message_type {
            ChatMessageType::Text => ChatMessageContent::Text {
                message: message.unwrap_or_default(),
                attachments,
            },
            ChatMessageType::Html => ChatMessageContent::Html {
                message: message.unwrap_or_default(),
                attachments,
            },
            ChatMessageType::TopicUpdated => ChatMessageContent::TopicUpdated {
                topic: topic.unwrap_or_default(),
                initiator,
            },
            ChatMessageType::ParticipantAdded => ChatMessageContent::ParticipantAdded {
                participants,
                initiator,
            },
            ChatMessageType::ParticipantRemoved => ChatMessageContent::ParticipantRemoved {
                participants,
                initiator,
            },
            message_type => ChatMessageContent::Other(OtherContent {
                message_type,
                content: Self {
                    message,
                    topic,
                    participants,
                    attachments,
                    initiator,
                },
            }),
        }
    }
}

impl ChatMessageContent {
    fn into_wire(self) -> (ChatMessageType, WireContent) {
        let nothing = WireContent::default();
        let text = |message, attachments| WireContent {
            message: Some(message),
            attachments,
            ..WireContent::default()
        };
        let members = |participants, initiator| WireContent {
            participants,
            initiator,
            ..WireContent::default()
        };
        match self {
            Self::Text {
                message,
                attachments,
            } => (ChatMessageType::Text, text(message, attachments)),
            Self::Html {
                message,
                attachments,
            } => (ChatMessageType::Html, text(message, attachments)),
            Self::TopicUpdated { topic, initiator } => {
                let content = WireContent {
                    topic: Some(topic),
                    initiator,
                    ..nothing
                };
                (ChatMessageType::TopicUpdated, content)
            }
            Self::ParticipantAdded {
                participants,
                initiator,
            } => (
                ChatMessageType::ParticipantAdded,
                members(participants, initiator),
            ),
            Self::ParticipantRemoved {
                participants,
                initiator,
            } => (
                ChatMessageType::ParticipantRemoved,
                members(participants, initiator),
            ),
            Self::Other(OtherContent {
                message_type,
                content,
            }) => (message_type, content),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{ChatMessage, ChatMessageContent};
    use serde_json::{Value, json};

    fn read(more: &Value) -> ChatMessage {
        let mut message = json!({
            "id": "1", "type": "text", "sequenceId": "1", "version": "1", "createdOn": "2024-01-18T09:30:00Z",
        });
        let members = message.as_object_mut().expect("an object");
        members.extend(more.as_object().expect("an object").clone());
        serde_json::from_value(message).expect("a message")
    }

    #[test]
    fn a_message_without_content_is_an_empty_one_of_its_type() {
        for content in [json!({}), json!({"content": null}), json!({"content": {}})] {
            assert_eq!(read(&content).text(), Some(""));
        }
        let of_the_system =
            read(&json!({"type": "participantAdded", "content": {"participants": null}}));
        assert!(of_the_system.is_system());
        assert_eq!(of_the_system.text(), None);
    }

    #[test]
    fn an_empty_name_of_the_sender_is_none() {
        assert_eq!(
            read(&json!({"senderDisplayName": ""})).sender_display_name,
            None
        );
        let named = read(&json!({"senderDisplayName": "Ann"}));
        assert_eq!(named.sender_display_name.as_deref(), Some("Ann"));
    }

    #[test]
    fn a_message_of_a_newer_type_is_kept_as_it_came() {
        let content = json!({"message": "half past nine", "topic": "t", "initiatorCommunicationIdentifier": {"rawId": "8:acs:r_u", "communicationUser": {"id": "8:acs:r_u"}}});
        let message = read(&json!({"type": "callStarted", "content": content}));
        let ChatMessageContent::Other(other) = &message.content else {
            panic!("{message:?}");
        };
        assert_eq!(other.message_type(), "callStarted");
        assert_eq!(message.text(), Some("half past nine"));
        assert!(!message.is_system());
        let written = serde_json::to_value(&message).expect("json");
        assert_eq!(
            (&written["type"], &written["content"]),
            (&json!("callStarted"), &content)
        );
    }
}
