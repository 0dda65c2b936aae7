//! Why a command or a read was not carried out.

/// A command that was not carried out, or a read that found nothing. It has changed nothing.
///
/// `Display` gives the message alone. The service's answer is `{"CommunicationError": {"Code", "Message", "Details"}}` (rule 71).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Refusal {
    /// What kind of refusal it is.
    pub kind: RefusalKind,
    /// What is wrong and where, for the caller to read.
    pub message: String,
}

/// The kinds of refusal, each with its HTTP status and error code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusalKind {
    /// The command itself is invalid: a value out of range, or too much of something.
    BadRequest,
    /// The caller may not do this.
    Forbidden,
    /// What the command addresses does not exist.
    NotFound,
}

impl RefusalKind {
    /// The HTTP status of the answer.
    #[must_use]
    pub fn status(self) -> u16 {
        match self {
            Self::BadRequest => 400,
            Self::Forbidden => 403,
            Self::NotFound => 404,
        }
    }

    /// The `Code` of the answer's error body.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::BadRequest => "BadRequest",
            Self::Forbidden => "Forbidden",
            Self::NotFound => "NotFound",
        }
    }
}

impl Refusal {
    /// Names the member that is wrong and what is needed instead.
    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self {
            kind: RefusalKind::BadRequest,
            message: message.into(),
        }
    }

    /// Begins with the service's own words.
    pub(crate) fn forbidden(reason: &str) -> Self {
        Self {
            kind: RefusalKind::Forbidden,
            message: format!(
                "The initiator doesn't have the permission to perform the requested operation. {reason}"
            ),
        }
    }

    pub(crate) fn not_found(what: &str, id: &str) -> Self {
        Self {
            kind: RefusalKind::NotFound,
            message: format!("The {what} '{id}' does not exist."),
        }
    }
}
