//! Who takes part in a conversation: a user, a phone number, somebody from Microsoft Teams.

mod cloud;
mod kinds;
mod raw_id;
mod teams;
mod wire;

use std::fmt;
use std::str::FromStr;

pub use cloud::CommunicationCloud;
pub use kinds::{CommunicationUserIdentifier, PhoneNumberIdentifier, UnknownIdentifier};
pub use raw_id::ParseRawIdError;
pub use teams::{
    MicrosoftTeamsAppIdentifier, MicrosoftTeamsUserIdentifier, TeamsExtensionUserIdentifier,
};
pub use wire::WithKind;

/// Identifies one participant of a conversation.
///
/// The services write an identifier in two ways: as a *raw id*, one line of text that fits a database column, and as a JSON
/// object with a member named after the kind. This type reads and writes both.
///
/// Two identifiers are equal when they are of one kind and have the same raw id; ordering and hashing agree with that.
/// `Display` writes the raw id.
///
/// ```
/// use acs_types::{CommunicationIdentifier, PhoneNumberIdentifier};
///
/// let caller = CommunicationIdentifier::parse_raw_id("4:+14255550123")?;
/// match &caller {
///     CommunicationIdentifier::PhoneNumber(phone) => assert_eq!(phone.value(), "+14255550123"),
///     other => println!("{} {other}", other.kind()),
/// }
/// assert_eq!(caller, PhoneNumberIdentifier::new("+14255550123").into());
/// # Ok::<(), acs_types::ParseRawIdError>(())
/// ```
///
/// # JSON
///
/// Written as requests carry it, with the raw id and without `kind`; [`with_kind`](Self::with_kind) writes the form of
/// answers. Read in every form that the services and their packages write:
///
/// - `kind` may be missing; then the member that is there tells the kind, or else the raw id.
/// - `rawId` may be missing where there is a member to build it from.
/// - A `kind` that this version does not know, or whose member is missing, gives an
///   [`Unknown`](Self::Unknown) with the raw id.
/// - More than one member is an error, and so is an object that identifies nobody.
///
/// ```
/// use acs_types::CommunicationIdentifier;
///
/// let sender: CommunicationIdentifier = serde_json::from_str(
///     r#"{"kind":"microsoftTeamsUser","rawId":"8:dod:u-1","microsoftTeamsUser":{"userId":"u-1","cloud":"DOD"}}"#,
/// )?;
/// assert_eq!(sender.raw_id(), "8:dod:u-1");
/// assert_eq!(
///     serde_json::to_string(&sender)?,
///     r#"{"rawId":"8:dod:u-1","microsoftTeamsUser":{"userId":"u-1","isAnonymous":false,"cloud":"dod"}}"#,
/// );
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum CommunicationIdentifier {
    /// A user of a Communication Services resource.
    CommunicationUser(CommunicationUserIdentifier),
    /// A phone number.
    PhoneNumber(PhoneNumberIdentifier),
    /// A user of Microsoft Teams.
    MicrosoftTeamsUser(MicrosoftTeamsUserIdentifier),
    /// An application in Microsoft Teams, such as a bot or a call queue.
    MicrosoftTeamsApp(MicrosoftTeamsAppIdentifier),
    /// A user of Microsoft Teams who works through a Communication Services resource.
    TeamsExtensionUser(TeamsExtensionUserIdentifier),
    /// Somebody of a kind that this version has no variant for; the raw id is kept.
    Unknown(UnknownIdentifier),
}

impl CommunicationIdentifier {
    /// Reads a raw id. A text of no known form gives an [`Unknown`](Self::Unknown) that keeps it.
    ///
    /// Letter case matters. Writing gives the same text again.
    ///
    /// # Errors
    ///
    /// The text is empty, or ends after a known prefix such as `8:orgid:` and so names nobody.
    pub fn parse_raw_id(text: &str) -> Result<Self, ParseRawIdError> {
        raw_id::parse(text)
    }

    /// The identifier as one line of text, unique among all kinds. Keep it as the key of a participant.
    #[must_use]
    pub fn raw_id(&self) -> &str {
        match self {
            Self::CommunicationUser(user) => user.raw_id(),
            Self::PhoneNumber(phone) => phone.raw_id(),
            Self::MicrosoftTeamsUser(user) => user.raw_id(),
            Self::MicrosoftTeamsApp(app) => app.raw_id(),
            Self::TeamsExtensionUser(user) => user.raw_id(),
            Self::Unknown(unknown) => unknown.raw_id(),
        }
    }

    /// The kind as it stands on the wire: `communicationUser`, `phoneNumber`, `microsoftTeamsUser`, `microsoftTeamsApp`,
    /// `teamsExtensionUser`; for the unknown whatever the service called it, or `unknown`.
    #[must_use]
    pub fn kind(&self) -> &str {
        match self {
            Self::CommunicationUser(_) => wire::COMMUNICATION_USER,
            Self::PhoneNumber(_) => wire::PHONE_NUMBER,
            Self::MicrosoftTeamsUser(_) => wire::MICROSOFT_TEAMS_USER,
            Self::MicrosoftTeamsApp(_) => wire::MICROSOFT_TEAMS_APP,
            Self::TeamsExtensionUser(_) => wire::TEAMS_EXTENSION_USER,
            Self::Unknown(unknown) => unknown.kind(),
        }
    }

    fn with_raw_id(self, raw_id: String) -> Self {
        match self {
            Self::CommunicationUser(user) => user.with_raw_id(raw_id).into(),
            Self::PhoneNumber(phone) => phone.with_raw_id(raw_id).into(),
            Self::MicrosoftTeamsUser(user) => user.with_raw_id(raw_id).into(),
            Self::MicrosoftTeamsApp(app) => app.with_raw_id(raw_id).into(),
            Self::TeamsExtensionUser(user) => user.with_raw_id(raw_id).into(),
            Self::Unknown(_) => UnknownIdentifier::new(raw_id).into(),
        }
    }

    /// Writes the JSON of an answer, which names the `kind`. A service of your own needs it; requests go without.
    ///
    /// ```
    /// use acs_types::CommunicationIdentifier;
    ///
    /// let user = CommunicationIdentifier::parse_raw_id("8:acs:r_u")?;
    /// assert_eq!(
    ///     serde_json::to_string(&user.with_kind())?,
    ///     r#"{"kind":"communicationUser","rawId":"8:acs:r_u","communicationUser":{"id":"8:acs:r_u"}}"#,
    /// );
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn with_kind(&self) -> WithKind<'_> {
        WithKind(self)
    }
}

impl fmt::Display for CommunicationIdentifier {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.raw_id())
    }
}

impl FromStr for CommunicationIdentifier {
    type Err = ParseRawIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse_raw_id(text)
    }
}
