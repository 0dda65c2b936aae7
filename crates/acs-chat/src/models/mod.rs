//! Models whose shape differs from the wire: whoever takes part is a `CommunicationIdentifier`, and the content of a message is
//! an enum.

mod message;
mod page;
mod participant;
mod receipt;
mod thread;

pub use message::{ChatMessage, ChatMessageContent, OtherContent};
pub(crate) use page::{WholePage, null_as_empty};
pub use participant::ChatParticipant;
pub(crate) use participant::{raw_identifier, raw_participants};
pub use receipt::ChatMessageReadReceipt;
pub use thread::ChatThreadProperties;
