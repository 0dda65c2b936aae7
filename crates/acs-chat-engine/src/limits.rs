//! How much is allowed, and the checks.

use crate::command::{Metadata, NewMessage, NewParticipant};
use crate::refusal::Refusal;

/// Participants in one create or add (rule 16).
pub(crate) const MOST_IN_ONE_CALL: usize = 200;

/// Participants of a thread (rule 16).
pub(crate) const MOST_PARTICIPANTS: usize = 250;

/// Read receipts and typing indicators work up to this many participants (rule 65).
pub(crate) const MOST_FOR_NOTICES: usize = 20;

/// Bytes of a message: content, display name and metadata together (rule 37).
const MESSAGE_BYTES: usize = 28 * 1024;

/// Bytes of the metadata of a thread or a participant, names and values together (rule 17).
const METADATA_BYTES: usize = 1024;

/// Items on a page unless the caller says otherwise. The service does not publish its own number.
pub const DEFAULT_PAGE_SIZE: usize = 100;

/// Items on a page at most (rule 49).
pub const LARGEST_PAGE_SIZE: usize = 200;

pub(crate) fn check_batch(participants: &[NewParticipant]) -> Result<(), Refusal> {
    if participants.len() > MOST_IN_ONE_CALL {
        return Err(Refusal::bad_request(format!(
            "`participants` has {} entries; one call takes at most {MOST_IN_ONE_CALL}.",
            participants.len()
        )));
    }
    let metadata = participants.iter().map(|participant| &participant.metadata);
    metadata.enumerate().try_for_each(|(index, metadata)| {
        check_metadata(&format!("participants[{index}].metadata"), metadata)
    })
}

pub(crate) fn check_size_of_thread(participants: usize) -> Result<(), Refusal> {
    if participants > MOST_PARTICIPANTS {
        return Err(Refusal::bad_request(format!(
            "The thread would have {participants} participants; it may have at most {MOST_PARTICIPANTS}."
        )));
    }
    Ok(())
}

pub(crate) fn check_notices(participants: usize) -> Result<(), Refusal> {
    if participants > MOST_FOR_NOTICES {
        return Err(Refusal::bad_request(format!(
            "The thread has {participants} participants; read receipts and typing indicators work up to {MOST_FOR_NOTICES}."
        )));
    }
    Ok(())
}

pub(crate) fn check_metadata(name: &str, metadata: &Metadata) -> Result<(), Refusal> {
    let bytes = size_of_metadata(metadata);
    if bytes > METADATA_BYTES {
        return Err(Refusal::bad_request(format!(
            "`{name}` has {bytes} bytes of names and values; at most {METADATA_BYTES} are allowed."
        )));
    }
    Ok(())
}

pub(crate) fn check_topic(topic: &str) -> Result<(), Refusal> {
    if topic.trim().is_empty() {
        return Err(Refusal::bad_request(
            "`topic` is empty; a thread needs a topic.",
        ));
    }
    if topic.len() > MESSAGE_BYTES {
        return Err(Refusal::bad_request(format!(
            "`topic` has {} bytes; at most {MESSAGE_BYTES} are allowed.",
            topic.len()
        )));
    }
    Ok(())
}

pub(crate) fn check_message(message: &NewMessage) -> Result<(), Refusal> {
    let name = message.sender_display_name.as_deref().unwrap_or_default();
    check_parts_of_message(&message.content, name, &message.metadata)
}

pub(crate) fn check_parts_of_message(
    content: &str,
    sender_display_name: &str,
    metadata: &Metadata,
) -> Result<(), Refusal> {
    let bytes = content.len() + sender_display_name.len() + size_of_metadata(metadata);
    if bytes > MESSAGE_BYTES {
        return Err(Refusal::bad_request(format!(
            "The message has {bytes} bytes in `content`, `senderDisplayName` and `metadata`; at most {MESSAGE_BYTES} are allowed."
        )));
    }
    Ok(())
}

fn size_of_metadata(metadata: &Metadata) -> usize {
    metadata
        .iter()
        .map(|(name, value)| name.len() + value.len())
        .sum()
}
