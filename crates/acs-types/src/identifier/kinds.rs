//! Users of a resource, phone numbers, the unknown; and what all kinds have in common.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

use super::raw_id::{PHONE_PREFIX, RawId};
use super::{
    CommunicationIdentifier, MicrosoftTeamsAppIdentifier, MicrosoftTeamsUserIdentifier,
    TeamsExtensionUserIdentifier,
};

/// The value of a phone number that the caller hides.
const ANONYMOUS_NUMBER: &str = "anonymous";

/// A user of a Communication Services resource.
#[derive(Clone, Debug)]
pub struct CommunicationUserIdentifier {
    id: String,
    raw_id: Option<String>,
}

impl CommunicationUserIdentifier {
    /// A user by the id that the identity service gave it, such as `8:acs:<resource>_<user>`.
    pub fn new(id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            raw_id: None,
        }
    }

    /// The id that the identity service gave the user.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The raw id: the id itself, unless another was given.
    #[must_use]
    pub fn raw_id(&self) -> &str {
        self.raw_id.as_deref().unwrap_or(&self.id)
    }

    /// Gives a raw id other than the id itself.
    #[must_use]
    pub fn with_raw_id(mut self, raw_id: impl Into<String>) -> Self {
        self.raw_id = Some(raw_id.into()).filter(|raw_id| *raw_id != self.id);
        self
    }
}

/// A phone number.
#[derive(Clone, Debug)]
pub struct PhoneNumberIdentifier {
    value: String,
    is_anonymous: bool,
    asserted_id: Option<String>,
    raw_id: RawId,
}

impl PhoneNumberIdentifier {
    /// A phone number in the form E.164, such as `+14255550123`; or `anonymous`.
    pub fn new(value: impl Into<String>) -> Self {
        Self::with_details(value.into(), None, None)
    }

    /// A phone number of which a service may have told details; the value holds the rest.
    pub(super) fn with_details(
        value: String,
        is_anonymous: Option<bool>,
        asserted_id: Option<String>,
    ) -> Self {
        Self {
            is_anonymous: is_anonymous.unwrap_or(value == ANONYMOUS_NUMBER),
            asserted_id: asserted_id.or_else(|| asserted_id_in(&value)),
            raw_id: RawId::built(format!("{PHONE_PREFIX}{value}")),
            value,
        }
    }

    /// The number, followed by `_` and the asserted id if there is one.
    #[must_use]
    pub fn value(&self) -> &str {
        &self.value
    }

    /// Whether the caller hides the number; the value is `anonymous` then.
    #[must_use]
    pub fn is_anonymous(&self) -> bool {
        self.is_anonymous
    }

    /// What tells this use of the number from others in the same call.
    #[must_use]
    pub fn asserted_id(&self) -> Option<&str> {
        self.asserted_id.as_deref()
    }

    /// The raw id: `4:` and the value, unless another was given.
    #[must_use]
    pub fn raw_id(&self) -> &str {
        self.raw_id.as_str()
    }

    /// Gives a raw id other than the one built from the value.
    #[must_use]
    pub fn with_raw_id(mut self, raw_id: impl Into<String>) -> Self {
        self.raw_id = RawId::given(raw_id.into());
        self
    }
}

/// The asserted id is what follows the last `_` of the value.
fn asserted_id_in(value: &str) -> Option<String> {
    let (_, id) = value.rsplit_once('_')?;
    (!id.is_empty()).then(|| id.to_owned())
}

/// Somebody of a kind that this version has no type for.
#[derive(Clone, Debug)]
pub struct UnknownIdentifier {
    raw_id: String,
    kind: Option<String>,
}

impl UnknownIdentifier {
    /// Somebody by raw id alone. The text is kept as it is, of whatever form.
    pub fn new(raw_id: impl Into<String>) -> Self {
        Self {
            raw_id: raw_id.into(),
            kind: None,
        }
    }

    pub(super) fn of_kind(raw_id: String, kind: String) -> Self {
        Self {
            raw_id,
            kind: Some(kind),
        }
    }

    /// The raw id.
    #[must_use]
    pub fn raw_id(&self) -> &str {
        &self.raw_id
    }

    /// What the service called the kind; `unknown` if it did not say. It plays no part in comparing.
    #[must_use]
    pub fn kind(&self) -> &str {
        self.kind.as_deref().unwrap_or("unknown")
    }
}

/// Makes the raw id decide equality, order and hash of a kind, and lets it become a `CommunicationIdentifier`.
macro_rules! compared_by_raw_id {
    ($($kind:ident => $variant:ident,)+) => { $(
        impl PartialEq for $kind {
            fn eq(&self, other: &Self) -> bool {
                self.raw_id() == other.raw_id()
            }
        }

        impl Eq for $kind {}

        impl PartialOrd for $kind {
            fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
                Some(self.cmp(other))
            }
        }

        impl Ord for $kind {
            fn cmp(&self, other: &Self) -> Ordering {
                self.raw_id().cmp(other.raw_id())
            }
        }

        impl Hash for $kind {
            fn hash<H: Hasher>(&self, state: &mut H) {
                self.raw_id().hash(state);
            }
        }

        impl From<$kind> for CommunicationIdentifier {
            fn from(identifier: $kind) -> Self {
                Self::$variant(identifier)
            }
        }
    )+ };
}

compared_by_raw_id! {
    CommunicationUserIdentifier => CommunicationUser,
    PhoneNumberIdentifier => PhoneNumber,
    MicrosoftTeamsUserIdentifier => MicrosoftTeamsUser,
    MicrosoftTeamsAppIdentifier => MicrosoftTeamsApp,
    TeamsExtensionUserIdentifier => TeamsExtensionUser,
    UnknownIdentifier => Unknown,
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn the_value_of_a_phone_number_tells_the_rest() {
        for (value, is_anonymous, asserted_id) in [
            ("anonymous", true, None),
            ("Anonymous", false, None),
            ("+1425", false, None),
            ("+1425_x", false, Some("x")),
            ("+1_425_x", false, Some("x")),
            ("+1425_", false, None),
            ("_x", false, Some("x")),
        ] {
            let phone = PhoneNumberIdentifier::new(value);
            assert_eq!(phone.is_anonymous(), is_anonymous, "{value}");
            assert_eq!(phone.asserted_id(), asserted_id, "{value}");
            assert_eq!(phone.value(), value);
        }
    }

    #[test]
    fn equality_order_and_hash_go_by_kind_and_raw_id() {
        let plain = PhoneNumberIdentifier::new("+1425");
        let other_members = PhoneNumberIdentifier::new("+49").with_raw_id("4:+1425");
        assert_eq!(plain, other_members);
        assert_ne!(plain, PhoneNumberIdentifier::new("+49"));

        let mut seen = HashSet::from([CommunicationIdentifier::from(plain)]);
        assert!(!seen.insert(other_members.into()));
        assert!(seen.insert(UnknownIdentifier::new("4:+1425").into()));
        assert!(seen.insert(CommunicationUserIdentifier::new("4:+1425").into()));
        assert!(!seen.insert(UnknownIdentifier::of_kind("4:+1425".into(), "bot".into()).into()));

        let [a, b] = ["8:acs:a", "8:acs:b"].map(CommunicationUserIdentifier::new);
        assert!(a < b);
    }

    #[test]
    fn a_user_has_a_raw_id_of_its_own_only_if_it_differs_from_the_id() {
        let user = CommunicationUserIdentifier::new("8:acs:u");
        assert_eq!(user.clone().with_raw_id("8:acs:u").raw_id, None);
        let other = user.with_raw_id("8:spool:u");
        assert_eq!((other.id(), other.raw_id()), ("8:acs:u", "8:spool:u"));
    }
}
