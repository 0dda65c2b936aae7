//! A call without a complete answer.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use super::CallContext;

/// The call got no complete answer: no connection, a time limit, a connection that broke, an answer beyond the size limit.
pub struct TransportError(Box<Inner>);

struct Inner {
    context: CallContext,
    fault: TransportFault,
    was_sent: bool,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// What went wrong with an attempt, as far as HTTP is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TransportFault {
    /// No connection could be made.
    Connect,
    /// A time limit of the client ran out.
    TimedOut(Limit),
    /// The connection failed before the answer was complete.
    Interrupted,
    /// The answer has more bytes than the client accepts.
    TooLarge { limit: usize },
}

/// The time limits that a call can meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Limit {
    /// Of making a connection.
    Connect,
    /// Of one attempt.
    Attempt(Duration),
    /// Of the whole call.
    Total(Duration),
    /// Of the HTTP client that the caller brought.
    HttpClient,
}

impl TransportError {
    pub(crate) fn new(
        context: CallContext,
        fault: TransportFault,
        was_sent: bool,
        source: Option<Box<dyn StdError + Send + Sync>>,
    ) -> Self {
        Self(Box::new(Inner {
            context,
            fault,
            was_sent,
            source,
        }))
    }

    /// Whether the request may have reached the service, in the last attempt.
    ///
    /// `false` is certain: the service did not act on it. `true` means that it may have, or may still.
    #[must_use]
    pub fn was_sent(&self) -> bool {
        self.0.was_sent
    }

    /// Whether a time limit of the client ended the call.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        matches!(self.0.fault, TransportFault::TimedOut(_))
    }

    /// Whether the answer had more bytes than the client accepts.
    #[must_use]
    pub fn is_too_large(&self) -> bool {
        matches!(self.0.fault, TransportFault::TooLarge { .. })
    }

    /// The operation's id, such as `getJob`.
    #[must_use]
    pub fn operation(&self) -> &'static str {
        self.0.context.operation().unwrap_or_default()
    }

    /// How many times the request was tried.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.0.context.attempts()
    }

    pub(super) fn context(&self) -> &CallContext {
        &self.0.context
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { context, fault, .. } = &*self.0;
        write!(formatter, "{context} {fault}")?;
        context.write_attempts(formatter)
    }
}

/// The predicate of the error text.
impl fmt::Display for TransportFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connect => formatter.write_str("was not sent: no connection to the service"),
            Self::TimedOut(Limit::Connect) => formatter
                .write_str("was not sent: no connection to the service within the connect limit"),
            Self::TimedOut(Limit::Attempt(limit)) => write!(
                formatter,
                "got no complete answer within the limit of {limit:?} for one attempt"
            ),
            Self::TimedOut(Limit::Total(limit)) => write!(
                formatter,
                "got no complete answer within the limit of {limit:?} for the whole call"
            ),
            Self::TimedOut(Limit::HttpClient) => formatter
                .write_str("got no complete answer within a limit of the HTTP client given"),
            Self::Interrupted => {
                formatter.write_str("got no complete answer: the connection failed")
            }
            Self::TooLarge { limit } => write!(
                formatter,
                "got an answer larger than the limit of {limit} bytes"
            ),
        }
    }
}

impl fmt::Debug for TransportError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("TransportError")
            .field("operation", &self.operation())
            .field("fault", &self.0.fault)
            .field("was_sent", &self.0.was_sent)
            .field("attempts", &self.attempts())
            .field("source", &self.0.source)
            .finish_non_exhaustive()
    }
}

impl StdError for TransportError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}
