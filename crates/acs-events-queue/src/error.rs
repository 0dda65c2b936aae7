//! What can go wrong between a program and a queue.

use std::fmt;

use azure_core::error::ErrorKind;

/// A failure of a queue, or of what leads to one.
///
/// No error shows a key or a signature: texts of the HTTP client are cut where a query begins.
#[derive(Debug)]
pub struct Error(Reason);

#[derive(Debug)]
enum Reason {
    Config(String),
    Event(String),
    Service { status: u16, code: String },
    Transport(String),
}

impl Error {
    pub(crate) fn config(message: impl Into<String>) -> Self {
        Self(Reason::Config(message.into()))
    }

    pub(crate) fn event(error: &acs_events::BuildError) -> Self {
        Self(Reason::Event(error.to_string()))
    }

    /// The status that the queue answered; `None` if it did not answer.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        match &self.0 {
            Reason::Service { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// The error code that the queue answered, such as `QueueNotFound` or `AuthenticationFailed`.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        match &self.0 {
            Reason::Service { code, .. } => Some(code),
            _ => None,
        }
    }

    /// Whether the queue does not exist. An event subscription does not make it: the template does, or
    /// [`Queue::create_if_missing`](crate::Queue::create_if_missing).
    #[must_use]
    pub fn is_queue_missing(&self) -> bool {
        self.code() == Some("QueueNotFound")
    }

    /// Whether the message belongs to another receiver by now, or is gone: it was hidden for too short a time.
    pub(crate) fn is_message_lost(&self) -> bool {
        matches!(self.code(), Some("PopReceiptMismatch" | "MessageNotFound"))
    }
}

impl From<azure_core::Error> for Error {
    fn from(error: azure_core::Error) -> Self {
        Self(match error.kind() {
            ErrorKind::HttpResponse {
                status, error_code, ..
            } => Reason::Service {
                status: (*status).into(),
                code: error_code.clone().unwrap_or_default(),
            },
            kind => Reason::Transport(format!("{kind}: {}", without_queries(&error.to_string()))),
        })
    }
}

/// Cuts the query out of every URL in a text, as it may hold a signature.
fn without_queries(text: &str) -> String {
    let mut shown = String::new();
    let mut rest = text;
    while let Some(start) = rest.find('?') {
        let (before, query) = rest.split_at(start);
        shown.push_str(before);
        let end = query
            .find(|letter: char| letter.is_whitespace() || [')', '"', '\'', '>'].contains(&letter))
            .unwrap_or(query.len());
        rest = &query[end..];
    }
    shown + rest
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Reason::Config(message) | Reason::Event(message) => formatter.write_str(message),
            Reason::Service { status, code } => {
                write!(formatter, "the queue answered {status} {code}")
            }
            Reason::Transport(message) => write!(formatter, "the queue did not answer: {message}"),
        }
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::without_queries;

    #[test]
    fn queries_are_cut_out_of_messages() {
        for (text, shown) in [
            (
                "error for url (https://a/q?sig=x&se=y): refused",
                "error for url (https://a/q): refused",
            ),
            ("https://a/q?sig=x", "https://a/q"),
            (
                "what? no, \"http://a?b\" and http://c?d e",
                "what no, \"http://a\" and http://c e",
            ),
            ("plain", "plain"),
        ] {
            assert_eq!(without_queries(text), shown);
        }
    }
}
