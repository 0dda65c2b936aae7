//! Why a command was not carried out.

use crate::scope::Lifetime;

/// A command that was not carried out. It has changed nothing.
///
/// `Display` gives the message alone. The service's answer is `{"error": {"code", "message", "target"}}` (auth 82).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Refusal {
    /// What kind of refusal it is: status and code of the answer.
    pub kind: RefusalKind,
    /// What is wrong and where, for the caller to read.
    pub message: String,
    /// The member that is wrong, as the service spells it.
    pub target: Option<&'static str>,
}

/// The kinds of refusal, each with its HTTP status and error code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RefusalKind {
    /// A member is missing, of a wrong form or out of range.
    Validation,
    /// The Entra token to be exchanged is not accepted.
    InvalidAccessToken,
    /// The Entra principal has no access.
    Forbidden,
    /// There is no such user, or it was deleted.
    IdentityNotFound,
    /// There is no such assignment.
    AssignmentNotFound,
}

impl RefusalKind {
    /// The HTTP status of the answer.
    #[must_use]
    pub fn status(self) -> u16 {
        match self {
            Self::Validation => 400,
            Self::InvalidAccessToken => 401,
            Self::Forbidden => 403,
            Self::IdentityNotFound | Self::AssignmentNotFound => 404,
        }
    }

    /// The `code` of the answer's error body.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Validation => "ValidationError",
            Self::InvalidAccessToken => "InvalidAccessToken",
            Self::Forbidden => "Forbidden",
            Self::IdentityNotFound => "IdentityNotFound",
            Self::AssignmentNotFound => "AssignmentNotFound",
        }
    }
}

impl Refusal {
    pub(crate) fn validation(target: &'static str, message: impl Into<String>) -> Self {
        Self {
            target: Some(target),
            ..Self::new(RefusalKind::Validation, message)
        }
    }

    /// The service's own words (auth 79).
    pub(crate) fn lifetime(minutes: i64) -> Self {
        let (least, most) = (Lifetime::LEAST_MINUTES, Lifetime::MOST_MINUTES);
        Self::validation(
            "ExpiresInMinutes",
            format!(
                "ExpiresInMinutes value {minutes} is invalid. Value must be within the [{least}, {most}] interval."
            ),
        )
    }

    /// The service's own words (auth 83).
    pub(crate) fn invalid_access_token() -> Self {
        Self::new(
            RefusalKind::InvalidAccessToken,
            "Provided access token is not valid.",
        )
    }

    pub(crate) fn forbidden(message: impl Into<String>) -> Self {
        Self::new(RefusalKind::Forbidden, message)
    }

    pub(crate) fn identity_not_found(id: &str) -> Self {
        Self::new(
            RefusalKind::IdentityNotFound,
            format!("The identity '{id}' does not exist, or was deleted."),
        )
    }

    pub(crate) fn assignment_not_found(object_id: &str) -> Self {
        Self::new(
            RefusalKind::AssignmentNotFound,
            format!("The principal '{object_id}' has no assignment."),
        )
    }

    fn new(kind: RefusalKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            target: None,
        }
    }
}
