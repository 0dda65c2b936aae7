//! Identifiers as one line of text.

use std::fmt;

use super::{
    CommunicationCloud, CommunicationIdentifier, CommunicationUserIdentifier,
    MicrosoftTeamsAppIdentifier, MicrosoftTeamsUserIdentifier, PhoneNumberIdentifier,
    TeamsExtensionUserIdentifier, UnknownIdentifier,
};

/// The start of a phone number's raw id. All that follows is the number, colons included.
pub(super) const PHONE_PREFIX: &str = "4:";

/// The start of the raw id of a Teams user who did not sign in. It is the same in every cloud.
pub(super) const VISITOR_PREFIX: &str = "8:teamsvisitor:";

/// A raw id, and whether somebody gave it or it was built from the other members.
#[derive(Clone)]
pub(super) struct RawId {
    text: String,
    is_given: bool,
}

impl RawId {
    pub(super) const fn built(text: String) -> Self {
        let is_given = false;
        Self { text, is_given }
    }

    pub(super) const fn given(text: String) -> Self {
        let is_given = true;
        Self { text, is_given }
    }

    /// The raw id after another member has changed; a given one stays, for it may say more than the members.
    pub(super) fn rebuilt(self, build: impl FnOnce() -> String) -> Self {
        if self.is_given {
            self
        } else {
            Self::built(build())
        }
    }

    pub(super) fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Debug for RawId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.text, formatter)
    }
}

/// Reads a raw id; see [`CommunicationIdentifier::parse_raw_id`].
pub(super) fn parse(text: &str) -> Result<CommunicationIdentifier, ParseRawIdError> {
    if text.is_empty() {
        return Err(ParseRawIdError { prefix: None });
    }
    let known = match text.strip_prefix(PHONE_PREFIX) {
        Some(number) => Some((number, PhoneNumberIdentifier::new(number).into())),
        None => parse_in_three_parts(text),
    };
    match known {
        Some(("", _)) => Err(ParseRawIdError {
            prefix: Some(text.to_owned()),
        }),
        Some((_, identifier)) => Ok(identifier),
        None => Ok(UnknownIdentifier::new(text).into()),
    }
}

/// Reads the forms with two colons. Also returns what follows the prefix; `None` if the prefix is not a known one.
fn parse_in_three_parts(text: &str) -> Option<(&str, CommunicationIdentifier)> {
    let (namespace, rest) = text.split_once(':')?;
    let (scope, id) = rest.split_once(':').filter(|(_, id)| !id.contains(':'))?;
    let identifier = match (namespace, scope) {
        ("8", "spool") => CommunicationUserIdentifier::new(text).into(),
        ("8", "teamsvisitor") => MicrosoftTeamsUserIdentifier::anonymous(id).into(),
        ("8", scope) => match CommunicationCloud::of_resource_part(scope) {
            Some(cloud) => parse_resource_user(text, id, cloud),
            None => MicrosoftTeamsUserIdentifier::new(id)
                .in_cloud(CommunicationCloud::of_teams_part(scope)?)
                .into(),
        },
        ("28", scope) => MicrosoftTeamsAppIdentifier::new(id)
            .in_cloud(CommunicationCloud::of_teams_part(scope)?)
            .into(),
        _ => return None,
    };
    Some((id, identifier))
}

/// A resource's user has a resource and a user in the id, a Teams user in a resource has the tenant between them.
fn parse_resource_user(text: &str, id: &str, cloud: CommunicationCloud) -> CommunicationIdentifier {
    let parts: Vec<&str> = id.split('_').collect();
    match parts[..] {
        [resource, tenant, user] => TeamsExtensionUserIdentifier::new(resource, tenant, user)
            .in_cloud(cloud)
            .into(),
        _ => CommunicationUserIdentifier::new(text).into(),
    }
}

/// A text is not the raw id of anybody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseRawIdError {
    /// The text, which is a known prefix and nothing else; `None` if it was empty.
    prefix: Option<String>,
}

impl fmt::Display for ParseRawIdError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.prefix {
            None => formatter.write_str("the raw id is empty"),
            Some(prefix) => write!(
                formatter,
                "the raw id {prefix:?} ends after its prefix: the id itself is missing"
            ),
        }
    }
}

impl std::error::Error for ParseRawIdError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(text: &str) -> String {
        let identifier = parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(identifier.raw_id(), text);
        identifier.kind().to_owned()
    }

    #[test]
    fn a_phone_number_keeps_everything_after_its_prefix() {
        for number in ["+1425", "1425", "a:b:c", ":", "orgid:x", "+1_"] {
            let identifier = parse(&format!("4:{number}")).expect("a number");
            let CommunicationIdentifier::PhoneNumber(phone) = &identifier else {
                panic!("{identifier:?}");
            };
            assert_eq!(phone.value(), number);
        }
    }

    #[test]
    fn a_raw_id_has_exactly_three_parts() {
        assert_eq!(kind("8:gcch-acs:x"), "communicationUser");
        for text in [
            "8:gcch-acs:x:y",
            "8:orgid:x:",
            "8:orgid",
            "8",
            ":",
            "::",
            ":::",
        ] {
            assert_eq!(kind(text), "unknown", "{text}");
        }
    }

    #[test]
    fn prefixes_are_compared_with_regard_to_case() {
        for text in [
            "8:ACS:x_y",
            "8:Orgid:x",
            "28:DOD:x",
            "8:Spool:x",
            " 8:acs:x",
        ] {
            assert_eq!(kind(text), "unknown", "{text}");
        }
    }

    #[test]
    fn the_number_of_underscores_tells_users_of_a_resource_from_teams_users_in_it() {
        for part in ["acs", "dod-acs", "gcch-acs"] {
            for (id, expected) in [
                ("r", "communicationUser"),
                ("r_u", "communicationUser"),
                ("r_t_u", "teamsExtensionUser"),
                ("r_t_u_x", "communicationUser"),
            ] {
                assert_eq!(kind(&format!("8:{part}:{id}")), expected);
            }
        }
        assert_eq!(kind("8:spool:r_t_u"), "communicationUser");
    }

    #[test]
    fn a_raw_id_that_names_nobody_is_refused() {
        assert_eq!(parse("").unwrap_err().to_string(), "the raw id is empty");
        for prefix in [
            "4:",
            "8:acs:",
            "8:dod-acs:",
            "8:spool:",
            "8:orgid:",
            "8:gcch:",
            "8:teamsvisitor:",
            "28:dod:",
        ] {
            let error = parse(prefix).unwrap_err().to_string();
            assert_eq!(
                error,
                format!("the raw id {prefix:?} ends after its prefix: the id itself is missing")
            );
        }
        assert_eq!(kind("28:acs:"), "unknown");
    }
}
