//! The data of events.

use std::sync::Arc;

use acs_types::CommunicationIdentifier;
use serde::{Serialize, Serializer};

use crate::command::Metadata;
use crate::thread::Participant;
use crate::time::EventTime;

/// What every event has, and its particulars.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Data {
    #[serde(flatten)]
    pub(super) recipient: Option<Recipient>,
    pub(super) transaction_id: Arc<str>,
    pub(super) thread_id: Arc<str>,
    #[serde(flatten)]
    pub(super) particulars: Particulars,
}

/// For whom an event is.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Recipient {
    pub(super) recipient_communication_identifier: Who,
    /// The older, flat form, where events have it (rule 86).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) recipient_id: Option<String>,
}

/// An identifier with its kind.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Who(pub(super) Arc<CommunicationIdentifier>);

impl Serialize for Who {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.with_kind().serialize(serializer)
    }
}

/// The particulars. Flat members beside identifiers, such as `senderId`, are the older form and only in events for a user.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged, rename_all_fields = "camelCase")]
pub(super) enum Particulars {
    Message(MessagePart),
    ThreadCreated {
        create_time: EventTime,
        version: u64,
        created_by_communication_identifier: Who,
        #[serde(skip_serializing_if = "Option::is_none")]
        created_by: Option<String>,
        properties: Properties,
        metadata: Arc<Metadata>,
        participants: Vec<Member>,
        #[serde(skip_serializing_if = "Option::is_none")]
        members: Option<Vec<FlatMember>>,
    },
    ThreadDeleted {
        create_time: EventTime,
        version: u64,
        deleted_by_communication_identifier: Who,
        #[serde(skip_serializing_if = "Option::is_none")]
        deleted_by: Option<String>,
        delete_time: EventTime,
    },
    PropertiesUpdated {
        create_time: EventTime,
        version: u64,
        edited_by_communication_identifier: Who,
        #[serde(skip_serializing_if = "Option::is_none")]
        edited_by: Option<String>,
        edit_time: EventTime,
        properties: Properties,
        metadata: Arc<Metadata>,
    },
    ParticipantAdded {
        time: EventTime,
        added_by_communication_identifier: Who,
        participant_added: Member,
        #[serde(skip_serializing_if = "Option::is_none")]
        create_time: Option<EventTime>,
        version: u64,
    },
    ParticipantRemoved {
        time: EventTime,
        removed_by_communication_identifier: Who,
        participant_removed: Member,
        #[serde(skip_serializing_if = "Option::is_none")]
        create_time: Option<EventTime>,
        version: u64,
    },
}

/// A message, as events describe it (rule 87).
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct MessagePart {
    pub(super) message_id: String,
    pub(super) sender_communication_identifier: Who,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) sender_id: Option<String>,
    pub(super) sender_display_name: Arc<str>,
    pub(super) compose_time: EventTime,
    #[serde(rename = "type")]
    pub(super) message_type: &'static str,
    /// A number here, a text in the REST interface (rule 90).
    pub(super) version: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) message_body: Option<Arc<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) metadata: Option<Arc<Metadata>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) edit_time: Option<EventTime>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) delete_time: Option<EventTime>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Properties {
    pub(super) topic: Arc<str>,
}

/// A participant, as events describe it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Member {
    #[serde(skip_serializing_if = "Option::is_none")]
    display_name: Option<Arc<str>>,
    participant_communication_identifier: Who,
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<Arc<Metadata>>,
}

/// A participant in the older form.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FlatMember {
    #[serde(skip_serializing_if = "Option::is_none")]
    display_name: Option<Arc<str>>,
    member_id: String,
}

impl From<&Participant> for Member {
    fn from(participant: &Participant) -> Self {
        let metadata = Arc::clone(&participant.metadata);
        Self {
            display_name: participant.display_name.clone(),
            participant_communication_identifier: Who(Arc::clone(&participant.identifier)),
            metadata: Some(metadata).filter(|metadata| !metadata.is_empty()),
        }
    }
}

impl From<&Participant> for FlatMember {
    fn from(participant: &Participant) -> Self {
        Self {
            display_name: participant.display_name.clone(),
            member_id: participant.raw_id().to_owned(),
        }
    }
}
