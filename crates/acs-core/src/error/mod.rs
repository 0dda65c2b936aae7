//! The one error type of the clients, and the questions that callers ask of it.

mod config;
mod context;
mod decode;
mod excerpt;
mod service;
mod transport;
mod wait;

use std::fmt;

use acs_auth::{AccessKeyError, ConnectionStringError, EndpointError};
use http::StatusCode;

pub use acs_auth::AuthError;
pub use config::ConfigError;
pub(crate) use context::CallContext;
pub use decode::DecodeError;
pub use service::ServiceError;
pub use transport::TransportError;
pub(crate) use transport::{Limit, TransportFault};
pub use wait::WaitError;

/// What the calls of all clients return.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a call failed.
///
/// The variants say how far the request got, which decides what a caller can do; the methods answer the questions most
/// callers have without a `match`. The text is one line without the cause; [`source`](std::error::Error::source) leads to
/// the cause. Keys, tokens, signatures and request bodies are never part of it.
///
/// ```
/// use acs_core::Error;
///
/// fn advice(error: &Error) -> &'static str {
///     match error {
///         e if e.is_not_found() => "there is no such job",
///         e if e.is_precondition_failed() => "somebody else changed it: read it again",
///         Error::Transport(transport) if !transport.was_sent() => "the service never saw the request",
///         Error::Auth(_) | Error::Config(_) => "check the configuration of this program",
///         e if e.is_retryable() => "try again later",
///         _ => "report the request id to the operator",
///     }
/// }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The service answered with a status that is no success.
    Service(Box<ServiceError>),
    /// There is no complete answer. The service may or may not have acted: see [`TransportError::was_sent`].
    Transport(TransportError),
    /// A credential could not be obtained or used; nothing was sent.
    Auth(Box<AuthError>),
    /// The service answered with success, but the answer is not what its description promises.
    Decode(DecodeError),
    /// The client or an argument is unusable; nothing was sent.
    Config(ConfigError),
    /// A call that waits for something did not see it in time, or saw that it will not come.
    Wait(WaitError),
}

impl Error {
    /// The status of the answer, if there was one.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        match self {
            Self::Service(error) => Some(error.status()),
            Self::Decode(error) => error.status(),
            Self::Transport(_) | Self::Auth(_) | Self::Config(_) | Self::Wait(_) => None,
        }
    }

    /// The code by which the service names the error, such as `NotFound`; `None` if it sent none.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Service(error) => Some(error.code()).filter(|code| !code.is_empty()),
            Self::Transport(_)
            | Self::Auth(_)
            | Self::Decode(_)
            | Self::Config(_)
            | Self::Wait(_) => None,
        }
    }

    /// The id to quote when asking the service's operators about the call: theirs if they sent one, or else the one this
    /// client sent as `x-ms-client-request-id`.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.context().and_then(CallContext::request_id)
    }

    /// How many times the request was tried; zero if the call failed before the first attempt.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.context().map_or(0, CallContext::attempts)
    }

    /// The operation's id in the service's description, such as `getJob`.
    #[must_use]
    pub fn operation(&self) -> Option<&'static str> {
        self.context().and_then(CallContext::operation)
    }

    /// Whether the service answered 401: it did not accept the key, the token, or the date of the signature.
    ///
    /// A token that it refuses before its expiry was revoked, or is of another resource: obtain a new one, and see
    /// [`UserTokenCredential::forget_token`](acs_auth::UserTokenCredential::forget_token). Without any token there is no
    /// answer but an [`Error::Auth`].
    #[must_use]
    pub fn is_unauthorized(&self) -> bool {
        self.has_status(StatusCode::UNAUTHORIZED)
    }

    /// Whether the service answered 403: it knows the caller, and does not let them do this.
    #[must_use]
    pub fn is_forbidden(&self) -> bool {
        self.has_status(StatusCode::FORBIDDEN)
    }

    /// Whether the service answered 404: what the call names does not exist (any more).
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        self.has_status(StatusCode::NOT_FOUND)
    }

    /// Whether the service answered 409: the entity's state does not allow the call.
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        self.has_status(StatusCode::CONFLICT)
    }

    /// Whether the service answered 412: the entity changed since the ETag or time that the call was conditional on.
    #[must_use]
    pub fn is_precondition_failed(&self) -> bool {
        self.has_status(StatusCode::PRECONDITION_FAILED)
    }

    /// Whether the cause is likely to pass, so that the same call may succeed later.
    ///
    /// True for the statuses 408, 429, 500, 502, 503 and 504, for transport failures other than an answer that is too
    /// large, and for waits that ran out of time. The client has already retried what is safe to retry. Whether *your* repeating is safe is another question:
    /// unless [`TransportError::was_sent`] is false, a failed action may have been carried out.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Service(error) => crate::retry::is_transient(error.status()),
            Self::Transport(error) => !error.is_too_large(),
            Self::Wait(error) => error.is_timeout(),
            Self::Auth(_) | Self::Decode(_) | Self::Config(_) => false,
        }
    }

    /// Whether one of the client's own time limits ended the call.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        match self {
            Self::Transport(error) => error.is_timeout(),
            Self::Wait(error) => error.is_timeout(),
            Self::Service(_) | Self::Auth(_) | Self::Decode(_) | Self::Config(_) => false,
        }
    }

    fn has_status(&self, status: StatusCode) -> bool {
        matches!(self, Self::Service(error) if error.status() == status)
    }

    fn context(&self) -> Option<&CallContext> {
        match self {
            Self::Service(error) => Some(error.context()),
            Self::Transport(error) => Some(error.context()),
            Self::Decode(error) => Some(error.context()),
            Self::Auth(_) | Self::Config(_) | Self::Wait(_) => None,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Service(error) => error.fmt(formatter),
            Self::Transport(error) => error.fmt(formatter),
            Self::Auth(error) => error.fmt(formatter),
            Self::Decode(error) => error.fmt(formatter),
            Self::Config(error) => error.fmt(formatter),
            Self::Wait(error) => error.fmt(formatter),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Service(error) => error.source(),
            Self::Transport(error) => error.source(),
            Self::Auth(error) => error.source(),
            Self::Decode(error) => error.source(),
            Self::Config(error) => error.source(),
            Self::Wait(error) => error.source(),
        }
    }
}

impl From<ServiceError> for Error {
    fn from(error: ServiceError) -> Self {
        Self::Service(Box::new(error))
    }
}

impl From<TransportError> for Error {
    fn from(error: TransportError) -> Self {
        Self::Transport(error)
    }
}

impl From<AuthError> for Error {
    fn from(error: AuthError) -> Self {
        Self::Auth(Box::new(error))
    }
}

impl From<DecodeError> for Error {
    fn from(error: DecodeError) -> Self {
        Self::Decode(error)
    }
}

impl From<ConfigError> for Error {
    fn from(error: ConfigError) -> Self {
        Self::Config(error)
    }
}

impl From<WaitError> for Error {
    fn from(error: WaitError) -> Self {
        Self::Wait(error)
    }
}

impl From<ConnectionStringError> for Error {
    fn from(error: ConnectionStringError) -> Self {
        ConfigError::from(error).into()
    }
}

impl From<EndpointError> for Error {
    fn from(error: EndpointError) -> Self {
        ConfigError::from(error).into()
    }
}

impl From<AccessKeyError> for Error {
    fn from(error: AccessKeyError) -> Self {
        ConfigError::from(error).into()
    }
}

#[cfg(test)]
mod tests {
    use super::{
        AuthError, CallContext, ConfigError, DecodeError, Error, Limit, Result, ServiceError,
        TransportError, TransportFault,
    };
    use http::{HeaderMap, HeaderValue, StatusCode};
    use std::error::Error as _;
    use std::time::Duration;

    fn context() -> CallContext {
        CallContext::new("getJob", 2, Some(HeaderValue::from_static("id-1")))
    }

    fn service(status: u16, body: &str) -> Error {
        let status = StatusCode::from_u16(status).expect("status");
        ServiceError::new(context(), status, HeaderMap::new(), body.as_bytes(), None).into()
    }

    fn transport(fault: TransportFault, was_sent: bool) -> Error {
        let cause = std::io::Error::other("refused");
        TransportError::new(context(), fault, was_sent, Some(Box::new(cause))).into()
    }

    fn broken_json() -> Error {
        let cause = serde_json::from_str::<Vec<u8>>("[").expect_err("broken");
        DecodeError::json(context(), StatusCode::OK, b"[", ".".to_owned(), &cause).into()
    }

    #[test]
    fn predicates_go_by_the_status_of_a_service_error() {
        type Predicate = fn(&Error) -> bool;
        let cases: [(u16, Predicate); 5] = [
            (404, Error::is_not_found),
            (409, Error::is_conflict),
            (412, Error::is_precondition_failed),
            (429, Error::is_retryable),
            (503, Error::is_retryable),
        ];
        for (status, holds) in cases {
            assert!(holds(&service(status, "")), "{status}");
            assert!(!holds(&service(400, "")), "{status}");
            assert!(!holds(&broken_json()), "{status}");
        }
    }

    #[test]
    fn what_the_call_was_is_known_to_every_error_that_follows_sending() {
        for error in [
            service(500, ""),
            transport(TransportFault::Interrupted, true),
            broken_json(),
        ] {
            assert_eq!(error.operation(), Some("getJob"), "{error}");
            assert_eq!(error.attempts(), 2, "{error}");
            assert_eq!(error.request_id(), Some("id-1"), "{error}");
        }
        let config = Error::from(ConfigError::new("the id is empty"));
        assert_eq!((config.operation(), config.attempts()), (None, 0));
    }

    #[test]
    fn the_code_is_none_when_the_service_sent_none() {
        assert_eq!(service(404, "").code(), None);
        let body = r#"{"error":{"code":"NotFound"}}"#;
        assert_eq!(service(404, body).code(), Some("NotFound"));
        assert_eq!(service(404, body).status(), Some(StatusCode::NOT_FOUND));
    }

    #[test]
    fn timeouts_are_told_from_other_transport_failures() {
        let limit = Limit::Total(Duration::from_secs(100));
        for (fault, is_timeout, is_retryable) in [
            (TransportFault::Connect, false, true),
            (TransportFault::TimedOut(Limit::Connect), true, true),
            (TransportFault::TimedOut(limit), true, true),
            (TransportFault::Interrupted, false, true),
            (TransportFault::TooLarge { limit: 1 }, false, false),
        ] {
            let error = transport(fault, true);
            assert_eq!(error.is_timeout(), is_timeout, "{error}");
            assert_eq!(error.is_retryable(), is_retryable, "{error}");
        }
    }

    #[test]
    fn texts_are_one_line_that_leaves_the_cause_to_source() {
        for (error, text, cause) in [
            (
                transport(TransportFault::Connect, false),
                "getJob was not sent: no connection to the service (2 attempts)",
                Some("refused"),
            ),
            (
                transport(
                    TransportFault::TimedOut(Limit::Attempt(Duration::from_secs(30))),
                    true,
                ),
                "getJob got no complete answer within the limit of 30s for one attempt (2 attempts)",
                Some("refused"),
            ),
            (
                broken_json(),
                "getJob answered 200 OK, but the body is not the documented JSON",
                Some("EOF while parsing a list at line 1 column 1"),
            ),
            (
                DecodeError::empty(context(), StatusCode::OK).into(),
                "getJob answered 200 OK, but the body was empty",
                None,
            ),
            (
                AuthError::with_source("no token", "the cause").into(),
                "no token",
                Some("the cause"),
            ),
            (
                Error::from(
                    ConfigError::new("the id is empty").with_source(std::io::Error::other("x")),
                ),
                "the id is empty",
                Some("x"),
            ),
        ] {
            assert_eq!(error.to_string(), text);
            assert_eq!(
                error.source().map(ToString::to_string).as_deref(),
                cause,
                "{text}"
            );
        }
    }

    #[test]
    fn errors_are_small_and_can_cross_threads() {
        fn crosses_threads<T: Send + Sync + 'static>() {}
        crosses_threads::<Error>();
        assert!(size_of::<Result<(), Error>>() <= 2 * size_of::<usize>());
    }
}
