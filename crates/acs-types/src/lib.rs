#![doc = include_str!("../README.md")]

pub mod error_body;
mod forms;
mod identifier;
mod label;
mod open_enum;
mod operation;
mod patch;
mod tagged_union;
mod text;
mod timestamp;

pub use identifier::{
    CommunicationCloud, CommunicationIdentifier, CommunicationUserIdentifier,
    MicrosoftTeamsAppIdentifier, MicrosoftTeamsUserIdentifier, ParseRawIdError,
    PhoneNumberIdentifier, TeamsExtensionUserIdentifier, UnknownIdentifier, WithKind,
};
pub use label::{LabelValue, Labels};
pub use open_enum::UnknownVariant;
pub use operation::Operation;
pub use patch::{Patch, PatchMap};
pub use tagged_union::UnknownKind;
pub use timestamp::{ParseTimestampError, Timestamp};

/// What the macros of this crate expand to. Not for use by hand; may change in any release.
#[doc(hidden)]
pub mod __private {
    pub use crate::forms::{read_number, read_seconds, read_texts};
    pub use crate::tagged_union::{read_payload, read_tagged, write_tagged};
    pub use crate::text::read_text;
    pub use serde;
}
