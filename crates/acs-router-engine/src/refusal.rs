//! Why a command was not carried out.

use std::fmt;

/// A command that was not carried out, or a read that found nothing. It has changed nothing.
///
/// `Display` gives the message alone; the kind decides the status, and kind, message and details the body of the answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Refusal {
    /// What kind of refusal it is.
    pub kind: RefusalKind,
    /// What is wrong and where, for the caller to read.
    pub message: String,
    /// One entry per thing that is wrong; empty unless the kind is [`RefusalKind::BadRequest`].
    pub details: Vec<RefusalDetail>,
}

/// The kinds of refusal, each with its HTTP status and error code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusalKind {
    /// The command itself is invalid: a wrong type, a value out of range, a reference to something that is not there.
    BadRequest,
    /// What the command addresses does not exist.
    NotFound,
    /// The command is valid, but not in the state things are in.
    Conflict,
    /// A condition of the caller does not hold.
    PreconditionFailed,
}

impl RefusalKind {
    /// The HTTP status of the answer.
    #[must_use]
    pub fn status(self) -> u16 {
        match self {
            Self::BadRequest => 400,
            Self::NotFound => 404,
            Self::Conflict => 409,
            Self::PreconditionFailed => 412,
        }
    }

    /// The `code` of the answer's error body.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::BadRequest => "BadRequest",
            Self::NotFound => "NotFound",
            Self::Conflict => "Conflict",
            Self::PreconditionFailed => "PreconditionFailed",
        }
    }
}

/// One thing that is wrong with a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusalDetail {
    /// What kind of thing, in Pascal case. Clients must not depend on it.
    pub code: String,
    /// The offending member and what is needed instead.
    pub message: String,
}

impl RefusalDetail {
    pub(crate) fn new(code: &str, message: impl Into<String>) -> Self {
        Self {
            code: code.to_owned(),
            message: message.into(),
        }
    }
}

impl Refusal {
    pub(crate) fn bad_request(details: Vec<RefusalDetail>) -> Self {
        Self {
            kind: RefusalKind::BadRequest,
            message: "One or more validation errors occurred.".to_owned(),
            details,
        }
    }

    pub(crate) fn not_found(what: &str, id: impl fmt::Display) -> Self {
        Self {
            kind: RefusalKind::NotFound,
            message: format!("{what} not found: '{id}'"),
            details: Vec::new(),
        }
    }

    /// One line per reason, each naming the property it is about (which may be empty).
    pub(crate) fn conflict(reasons: &[(&str, &str)]) -> Self {
        let mut message = "Validation failed: ".to_owned();
        for (property, reason) in reasons {
            message.push_str(&format!("\r\n -- {property}: {reason}"));
        }
        Self {
            kind: RefusalKind::Conflict,
            message,
            details: Vec::new(),
        }
    }

    pub(crate) fn precondition_failed(message: String) -> Self {
        Self {
            kind: RefusalKind::PreconditionFailed,
            message,
            details: Vec::new(),
        }
    }
}
