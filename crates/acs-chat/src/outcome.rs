//! What became of participants who were to be added: partial failures are data, not errors.

use std::fmt;

use acs_core::{Error, Response};
use acs_core_chat::models::ChatError;
use serde::Deserialize;

use crate::models::{ChatParticipant, ChatThreadProperties, null_as_empty};

/// A thread that was created, and who could not be added to it.
#[must_use = "participants who could not be added are in `failed`, not in an error"]
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CreatedThread {
    /// The thread.
    pub thread: ChatThreadProperties,
    /// Who could not be added, and why; empty if all were.
    pub failed: Vec<FailedParticipant>,
    response: Response<()>,
}

/// Participants were added to a thread, except for these.
#[must_use = "participants who could not be added are in `failed`, not in an error"]
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct AddedParticipants {
    /// Who could not be added, and why; empty if all were.
    pub failed: Vec<FailedParticipant>,
    response: Response<()>,
}

/// Participants were added to a thread in batches, except for these.
#[must_use = "participants who could not be added are in `failed` and `interrupted`, not in an error"]
#[derive(Debug)]
#[non_exhaustive]
pub struct AddedInBatches {
    /// Who could not be added, and why; of all batches together.
    pub failed: Vec<FailedParticipant>,
    /// The call that failed as a whole and ended the work, if one did.
    pub interrupted: Option<Interrupted>,
}

/// The call that ended the work on batches, and what it left undone.
#[derive(Debug)]
#[non_exhaustive]
pub struct Interrupted {
    /// Why the call failed.
    pub error: Error,
    /// The participants of its batch and of all later ones, in their order. Adding them again is safe, even those whom the
    /// service has added although its answer was lost: adding who takes part already changes nothing.
    pub left: Vec<ChatParticipant>,
}

/// Somebody who could not be added to a thread. `Display` is one line for a log.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct FailedParticipant {
    /// The participant as it was given, to be corrected or added again; `None` if the service names nobody who was.
    pub participant: Option<ChatParticipant>,
    /// Why. The code is a number as text: `403` for who may not take part (users of Teams among them), `404` for who is not
    /// known. The target is the raw id.
    pub error: ChatError,
}

impl CreatedThread {
    /// Whether everybody was added.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.failed.is_empty()
    }

    /// What came with the answer: status, headers, request id.
    #[must_use]
    pub fn response(&self) -> &Response<()> {
        &self.response
    }
}

impl AddedParticipants {
    /// Whether everybody was added.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.failed.is_empty()
    }

    /// What came with the answer: status, headers, request id.
    #[must_use]
    pub fn response(&self) -> &Response<()> {
        &self.response
    }
}

impl AddedInBatches {
    /// Whether everybody was added.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.failed.is_empty() && self.interrupted.is_none()
    }
}

impl fmt::Display for FailedParticipant {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let target = self.error.target.as_deref().unwrap_or("a participant");
        let ChatError { code, message, .. } = &self.error;
        write!(formatter, "{target} was not added: {code} {message}")
    }
}

/// The answer to creating a thread.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CreateAnswer {
    chat_thread: ChatThreadProperties,
    #[serde(default, deserialize_with = "null_as_empty")]
    invalid_participants: Vec<ChatError>,
}

/// The answer to adding participants.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AddAnswer {
    #[serde(default, deserialize_with = "null_as_empty")]
    invalid_participants: Vec<ChatError>,
}

impl CreatedThread {
    pub(crate) fn new(answer: Response<CreateAnswer>, given: Vec<ChatParticipant>) -> Self {
        let (answer, response) = answer.into_parts();
        Self {
            thread: answer.chat_thread,
            failed: pair(answer.invalid_participants, given),
            response,
        }
    }
}

impl AddedParticipants {
    pub(crate) fn new(answer: Response<AddAnswer>, given: Vec<ChatParticipant>) -> Self {
        let (answer, response) = answer.into_parts();
        Self {
            failed: pair(answer.invalid_participants, given),
            response,
        }
    }
}

/// Puts the participant that an error is about beside it: the target is the raw id as it was sent.
fn pair(errors: Vec<ChatError>, mut given: Vec<ChatParticipant>) -> Vec<FailedParticipant> {
    errors
        .into_iter()
        .map(|error| {
            let target = error.target.as_deref();
            let place = given
                .iter()
                .position(|participant| target == Some(participant.identifier.raw_id()));
            FailedParticipant {
                participant: place.map(|place| given.remove(place)),
                error,
            }
        })
        .collect()
}
