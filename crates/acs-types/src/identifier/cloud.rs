//! The clouds in which Microsoft runs Teams and Communication Services.

use std::fmt;

use serde::de::{Deserialize, Deserializer};
use serde::ser::{Serialize, Serializer};

use crate::UnknownVariant;
use crate::text::read_text;

/// The cloud that an identifier belongs to.
///
/// Read without regard to letter case, since some packages write capitals; written in lower case.
///
/// ```
/// use acs_types::CommunicationCloud;
///
/// assert_eq!(CommunicationCloud::from("GCCH"), CommunicationCloud::Gcch);
/// assert_eq!(CommunicationCloud::from("Mars").as_str(), "mars");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum CommunicationCloud {
    /// The public cloud.
    #[default]
    Public,
    /// The cloud of the United States Department of Defense.
    Dod,
    /// Government Community Cloud High.
    Gcch,
    /// A cloud that this version has no variant for, in lower case. Raw ids are built as for the public cloud.
    Unknown(UnknownVariant),
}

impl CommunicationCloud {
    /// The cloud as it stands on the wire: `public`, `dod`, `gcch`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Public => "public",
            Self::Dod => "dod",
            Self::Gcch => "gcch",
            Self::Unknown(text) => text.as_str(),
        }
    }

    /// What stands for the cloud in the raw id of a Communication Services user.
    pub(super) const fn resource_part(&self) -> &'static str {
        match self {
            Self::Public | Self::Unknown(_) => "acs",
            Self::Dod => "dod-acs",
            Self::Gcch => "gcch-acs",
        }
    }

    /// What stands for the cloud in the raw id of a Teams user or application.
    pub(super) const fn teams_part(&self) -> &'static str {
        match self {
            Self::Public | Self::Unknown(_) => "orgid",
            Self::Dod => "dod",
            Self::Gcch => "gcch",
        }
    }

    pub(super) fn of_resource_part(part: &str) -> Option<Self> {
        Self::known().find(|cloud| cloud.resource_part() == part)
    }

    pub(super) fn of_teams_part(part: &str) -> Option<Self> {
        Self::known().find(|cloud| cloud.teams_part() == part)
    }

    fn known() -> impl Iterator<Item = Self> {
        [Self::Public, Self::Dod, Self::Gcch].into_iter()
    }
}

impl From<&str> for CommunicationCloud {
    fn from(text: &str) -> Self {
        let text = text.to_ascii_lowercase();
        Self::known()
            .find(|cloud| cloud.as_str() == text)
            .unwrap_or_else(|| Self::Unknown(UnknownVariant::__new(&text)))
    }
}

impl fmt::Display for CommunicationCloud {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

impl Serialize for CommunicationCloud {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for CommunicationCloud {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read_text(deserializer, "CommunicationCloud")
    }
}

#[cfg(test)]
mod tests {
    use super::CommunicationCloud;

    #[test]
    fn clouds_are_read_in_any_case_and_written_in_lower_case() {
        for (text, cloud) in [
            ("public", CommunicationCloud::Public),
            ("PUBLIC", CommunicationCloud::Public),
            ("Dod", CommunicationCloud::Dod),
            ("gCCh", CommunicationCloud::Gcch),
        ] {
            let read: CommunicationCloud =
                serde_json::from_value(text.into()).expect("a cloud is a text");
            assert_eq!(read, cloud);
            assert_eq!(
                serde_json::to_value(&read).expect("json"),
                text.to_ascii_lowercase()
            );
        }
    }

    #[test]
    fn an_unknown_cloud_is_kept_and_equal_in_any_case() {
        let mars = CommunicationCloud::from("Mars");
        assert_eq!((mars.as_str(), mars.to_string().as_str()), ("mars", "mars"));
        assert_eq!(mars, CommunicationCloud::from("mARS"));
        assert_ne!(mars, CommunicationCloud::Public);
    }

    #[test]
    fn what_is_no_text_is_no_cloud() {
        let error = serde_json::from_str::<CommunicationCloud>("1").expect_err("number");
        assert!(error.to_string().contains("CommunicationCloud"), "{error}");
    }
}
