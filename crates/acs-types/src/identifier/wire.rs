//! Identifiers as JSON objects.

use std::borrow::Cow;

use serde::de::{Deserialize, Deserializer, Error as _};
use serde::ser::{Serialize, Serializer};

use super::{
    CommunicationCloud, CommunicationIdentifier, CommunicationUserIdentifier,
    MicrosoftTeamsAppIdentifier, MicrosoftTeamsUserIdentifier, PhoneNumberIdentifier,
    TeamsExtensionUserIdentifier, UnknownIdentifier,
};

// The names of the kinds are also the names of their members.
pub(super) const COMMUNICATION_USER: &str = "communicationUser";
pub(super) const PHONE_NUMBER: &str = "phoneNumber";
pub(super) const MICROSOFT_TEAMS_USER: &str = "microsoftTeamsUser";
pub(super) const MICROSOFT_TEAMS_APP: &str = "microsoftTeamsApp";
pub(super) const TEAMS_EXTENSION_USER: &str = "teamsExtensionUser";

/// The object; at most one of the members after `rawId` is there.
#[derive(Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    raw_id: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    communication_user: Option<CommunicationUser<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone_number: Option<PhoneNumber<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    microsoft_teams_user: Option<MicrosoftTeamsUser<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    microsoft_teams_app: Option<MicrosoftTeamsApp<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    teams_extension_user: Option<TeamsExtensionUser<'a>>,
}

#[derive(serde::Serialize, serde::Deserialize)]
struct CommunicationUser<'a> {
    id: Cow<'a, str>,
}

#[derive(serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct PhoneNumber<'a> {
    value: Cow<'a, str>,
    is_anonymous: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    asserted_id: Option<Cow<'a, str>>,
}

#[derive(serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct MicrosoftTeamsUser<'a> {
    user_id: Cow<'a, str>,
    is_anonymous: Option<bool>,
    cloud: Option<Cow<'a, CommunicationCloud>>,
}

#[derive(serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct MicrosoftTeamsApp<'a> {
    app_id: Cow<'a, str>,
    cloud: Option<Cow<'a, CommunicationCloud>>,
}

#[derive(serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct TeamsExtensionUser<'a> {
    user_id: Cow<'a, str>,
    tenant_id: Cow<'a, str>,
    resource_id: Cow<'a, str>,
    cloud: Option<Cow<'a, CommunicationCloud>>,
}

impl<'a> From<&'a CommunicationIdentifier> for Wire<'a> {
    fn from(identifier: &'a CommunicationIdentifier) -> Self {
        let mut wire = Self {
            raw_id: Some(identifier.raw_id().into()),
            ..Self::default()
        };
        match identifier {
            CommunicationIdentifier::CommunicationUser(user) => {
                wire.communication_user = Some(CommunicationUser {
                    id: user.id().into(),
                });
            }
            CommunicationIdentifier::PhoneNumber(phone) => {
                wire.phone_number = Some(PhoneNumber {
                    value: phone.value().into(),
                    is_anonymous: Some(phone.is_anonymous()),
                    asserted_id: phone.asserted_id().map(Cow::from),
                });
            }
            CommunicationIdentifier::MicrosoftTeamsUser(user) => {
                wire.microsoft_teams_user = Some(MicrosoftTeamsUser {
                    user_id: user.user_id().into(),
                    is_anonymous: Some(user.is_anonymous()),
                    cloud: Some(Cow::Borrowed(user.cloud())),
                });
            }
            CommunicationIdentifier::MicrosoftTeamsApp(app) => {
                wire.microsoft_teams_app = Some(MicrosoftTeamsApp {
                    app_id: app.app_id().into(),
                    cloud: Some(Cow::Borrowed(app.cloud())),
                });
            }
            CommunicationIdentifier::TeamsExtensionUser(user) => {
                wire.teams_extension_user = Some(TeamsExtensionUser {
                    user_id: user.user_id().into(),
                    tenant_id: user.tenant_id().into(),
                    resource_id: user.resource_id().into(),
                    cloud: Some(Cow::Borrowed(user.cloud())),
                });
            }
            CommunicationIdentifier::Unknown(_) => {}
        }
        wire
    }
}

impl Wire<'_> {
    /// What the object says, or why it says nothing.
    fn read(self) -> Result<CommunicationIdentifier, String> {
        let kind = self.kind.map(Cow::into_owned);
        let raw_id = self
            .raw_id
            .map(Cow::into_owned)
            .filter(|raw_id| !raw_id.is_empty());
        let members = [
            self.communication_user.map(CommunicationUser::read),
            self.phone_number.map(PhoneNumber::read),
            self.microsoft_teams_user.map(MicrosoftTeamsUser::read),
            self.microsoft_teams_app.map(MicrosoftTeamsApp::read),
            self.teams_extension_user.map(TeamsExtensionUser::read),
        ];
        let mut members = members.into_iter().flatten();
        let member = members.next();
        if let (Some(first), Some(second)) = (&member, members.next()) {
            return Err(format!(
                "has both `{}` and `{}`, of which at most one may be there",
                first.kind(),
                second.kind()
            ));
        }
        if let Some(member) = member
            && kind.as_ref().is_none_or(|kind| kind == member.kind())
        {
            return Ok(match raw_id {
                Some(raw_id) => member.with_raw_id(raw_id),
                None => member,
            });
        }
        match (kind, raw_id) {
            (Some(kind), Some(raw_id)) => Ok(UnknownIdentifier::of_kind(raw_id, kind).into()),
            (None, Some(raw_id)) => {
                CommunicationIdentifier::parse_raw_id(&raw_id).map_err(|error| error.to_string())
            }
            (Some(kind), None) => Err(format!(
                "of kind {kind:?} has neither a known member of that name nor a `rawId`"
            )),
            (None, None) => {
                Err("has neither a `rawId` nor a member that tells its kind".to_owned())
            }
        }
    }
}

impl CommunicationUser<'_> {
    fn read(self) -> CommunicationIdentifier {
        CommunicationUserIdentifier::new(self.id).into()
    }
}

impl PhoneNumber<'_> {
    fn read(self) -> CommunicationIdentifier {
        PhoneNumberIdentifier::with_details(
            self.value.into_owned(),
            self.is_anonymous,
            self.asserted_id.map(Cow::into_owned),
        )
        .into()
    }
}

impl MicrosoftTeamsUser<'_> {
    fn read(self) -> CommunicationIdentifier {
        let user = match self.is_anonymous {
            Some(true) => MicrosoftTeamsUserIdentifier::anonymous(self.user_id),
            _ => MicrosoftTeamsUserIdentifier::new(self.user_id),
        };
        user.in_cloud(self.cloud.unwrap_or_default().into_owned())
            .into()
    }
}

impl MicrosoftTeamsApp<'_> {
    fn read(self) -> CommunicationIdentifier {
        MicrosoftTeamsAppIdentifier::new(self.app_id)
            .in_cloud(self.cloud.unwrap_or_default().into_owned())
            .into()
    }
}

impl TeamsExtensionUser<'_> {
    fn read(self) -> CommunicationIdentifier {
        TeamsExtensionUserIdentifier::new(self.resource_id, self.tenant_id, self.user_id)
            .in_cloud(self.cloud.unwrap_or_default().into_owned())
            .into()
    }
}

impl Serialize for CommunicationIdentifier {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Wire::from(self).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for CommunicationIdentifier {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Wire::deserialize(deserializer)?
            .read()
            .map_err(|problem| D::Error::custom(format_args!("the identifier {problem}")))
    }
}

/// Writes an identifier with its `kind`; see [`CommunicationIdentifier::with_kind`].
#[derive(Clone, Copy, Debug)]
pub struct WithKind<'a>(pub(super) &'a CommunicationIdentifier);

impl Serialize for WithKind<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let wire = Wire {
            kind: Some(self.0.kind().into()),
            ..Wire::from(self.0)
        };
        wire.serialize(serializer)
    }
}
