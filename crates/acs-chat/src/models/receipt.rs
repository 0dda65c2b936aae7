//! How far somebody has read.

use acs_types::{CommunicationIdentifier, Timestamp};
use serde::{Deserialize, Serialize};

/// How far a participant has read. The service keeps the latest receipt of each.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ChatMessageReadReceipt {
    /// Who has read.
    #[serde(rename = "senderCommunicationIdentifier")]
    pub sender: CommunicationIdentifier,
    /// The message up to which they have read.
    pub chat_message_id: String,
    /// When they read it, in whole seconds.
    pub read_on: Timestamp,
}
