//! Who takes part in a thread.

use std::collections::BTreeMap;

use acs_core_chat::models::{
    ChatParticipant as RawParticipant, CommunicationCloudEnvironmentModel,
    CommunicationIdentifierModel, CommunicationUserIdentifierModel,
    MicrosoftTeamsAppIdentifierModel, MicrosoftTeamsUserIdentifierModel,
    PhoneNumberIdentifierModel,
};
use acs_types::{
    CommunicationCloud, CommunicationIdentifier, CommunicationUserIdentifier, Timestamp,
};
use serde::{Deserialize, Serialize};

use super::null_as_empty;

/// Somebody who takes part in a thread, or is to.
///
/// ```
/// use acs_chat::{ChatParticipant, CommunicationUserIdentifier};
///
/// let bob = ChatParticipant::new(CommunicationUserIdentifier::new("8:acs:resource_user")).display_name("Bob");
/// # let _ = bob;
/// ```
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ChatParticipant {
    /// Who it is.
    #[serde(rename = "communicationIdentifier")]
    pub identifier: CommunicationIdentifier,
    /// The name that the others see.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// From when on they see messages. Answers say the year 1970 where nothing was set: all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share_history_time: Option<Timestamp>,
    /// Texts that the service keeps for the participant and does not look at.
    ///
    /// Exists since api-version `2025-03-15`.
    #[serde(
        default,
        deserialize_with = "null_as_empty",
        skip_serializing_if = "BTreeMap::is_empty"
    )]
    pub metadata: BTreeMap<String, String>,
}

impl ChatParticipant {
    /// A participant without a name who sees all messages.
    pub fn new(identifier: impl Into<CommunicationIdentifier>) -> Self {
        Self {
            identifier: identifier.into(),
            display_name: None,
            share_history_time: None,
            metadata: BTreeMap::new(),
        }
    }

    /// Gives the name that the others see.
    #[must_use]
    pub fn display_name(mut self, name: impl Into<String>) -> Self {
        self.display_name = Some(name.into());
        self
    }

    /// Shares the messages from this time on. Default: all of them. The present shares none of those before.
    #[must_use]
    pub fn share_history_time(mut self, time: impl Into<Timestamp>) -> Self {
        self.share_history_time = Some(time.into());
        self
    }

    /// Keeps a text with the participant; once for each.
    #[must_use]
    pub fn metadata(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.metadata.insert(key.into(), value.into());
        self
    }
}

impl From<CommunicationIdentifier> for ChatParticipant {
    fn from(identifier: CommunicationIdentifier) -> Self {
        Self::new(identifier)
    }
}

impl From<CommunicationUserIdentifier> for ChatParticipant {
    fn from(user: CommunicationUserIdentifier) -> Self {
        Self::new(user)
    }
}

pub(crate) fn raw_participants(participants: &[ChatParticipant]) -> Vec<RawParticipant> {
    participants.iter().map(raw_participant).collect()
}

fn raw_participant(participant: &ChatParticipant) -> RawParticipant {
    let mut raw = RawParticipant::new(raw_identifier(&participant.identifier));
    raw.display_name.clone_from(&participant.display_name);
    raw.share_history_time = participant.share_history_time;
    raw.metadata = Some(participant.metadata.clone()).filter(|metadata| !metadata.is_empty());
    raw
}

/// The identifier as requests carry it: the raw id and the member of its kind, without `kind`.
pub(crate) fn raw_identifier(identifier: &CommunicationIdentifier) -> CommunicationIdentifierModel {
    let raw = CommunicationIdentifierModel::new().raw_id(identifier.raw_id());
    match identifier {
        CommunicationIdentifier::CommunicationUser(user) => {
            raw.communication_user(CommunicationUserIdentifierModel::new(user.id()))
        }
        CommunicationIdentifier::PhoneNumber(phone) => {
            raw.phone_number(PhoneNumberIdentifierModel::new(phone.value()))
        }
        CommunicationIdentifier::MicrosoftTeamsUser(user) => raw.microsoft_teams_user(
            MicrosoftTeamsUserIdentifierModel::new(user.user_id())
                .is_anonymous(user.is_anonymous())
                .cloud(cloud(user.cloud())),
        ),
        CommunicationIdentifier::MicrosoftTeamsApp(app) => raw.microsoft_teams_app(
            MicrosoftTeamsAppIdentifierModel::new(app.app_id()).cloud(cloud(app.cloud())),
        ),
        // Chat has no member for any other kind.
        _ => raw,
    }
}

fn cloud(cloud: &CommunicationCloud) -> CommunicationCloudEnvironmentModel {
    cloud.as_str().into()
}
