//! What the emulator answers when it does not carry out a request.

use std::fmt;
use std::time::Duration;

use acs_router_engine::{Refusal, RefusalDetail};
use acs_types::Operation;
use axum::body::Body;
use axum::http::header::{ALLOW, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, Response, StatusCode};
use serde_json::{Value, json};

use crate::service::Service;

/// Header that repeats the error's code.
const ERROR_CODE: &str = "x-ms-error-code";

/// The message of every 400 that carries details.
const VALIDATION_MESSAGE: &str = "One or more validation errors occurred.";

/// A refusal: status, the public error, and optionally a detail that only the log gets to see.
#[derive(Debug)]
pub(crate) struct Failure {
    status: StatusCode,
    /// In seconds.
    retry_after: Option<u16>,
    code: &'static str,
    message: Box<str>,
    details: Vec<RefusalDetail>,
    /// The member that is wrong, where the service names it apart.
    member: Option<&'static str>,
    allowed: Vec<&'static str>,
    private: Option<Box<str>>,
}

impl Failure {
    pub(crate) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            retry_after: None,
            code,
            message: message.into().into(),
            details: Vec::new(),
            member: None,
            allowed: Vec::new(),
            private: None,
        }
    }

    /// 400 in the form the service gives to validation errors.
    pub(crate) fn invalid(code: &str, message: impl Into<String>) -> Self {
        let detail = RefusalDetail {
            code: code.to_owned(),
            message: message.into(),
        };
        Self {
            details: vec![detail],
            ..Self::new(StatusCode::BAD_REQUEST, "BadRequest", VALIDATION_MESSAGE)
        }
    }

    pub(crate) fn invalid_query(name: &str, problem: impl fmt::Display) -> Self {
        Self::invalid(
            "InvalidQueryParameter",
            format!("query parameter `{name}` {problem}"),
        )
    }

    pub(crate) fn invalid_header(name: &str, problem: impl fmt::Display) -> Self {
        Self::invalid("InvalidHeader", format!("header `{name}` {problem}"))
    }

    pub(crate) fn invalid_body(problem: impl fmt::Display) -> Self {
        Self::invalid("InvalidRequestBody", format!("the request body {problem}"))
    }

    /// 401 as the resource provider sends it: the caller learns nothing, the log gets the reason.
    pub(crate) fn denied(message: &str, private: impl Into<String>) -> Self {
        Self {
            private: Some(private.into().into()),
            ..Self::new(StatusCode::UNAUTHORIZED, "Denied", message)
        }
    }

    /// 429. Whether the service says when to come back was not recorded; it helps callers.
    pub(crate) fn too_many_requests(wait: Duration) -> Self {
        let seconds = wait.as_millis().div_ceil(1000);
        Self {
            retry_after: Some(u16::try_from(seconds).unwrap_or(u16::MAX)),
            ..Self::new(
                StatusCode::TOO_MANY_REQUESTS,
                "TooManyRequests",
                "Rate limit exceeded.",
            )
        }
    }

    pub(crate) fn unknown_path(path: &str) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "NotFound",
            format!("no operation has the path `{path}`"),
        )
    }

    pub(crate) fn wrong_method(method: &str, allowed: Vec<&'static str>) -> Self {
        let message = format!(
            "the path does not take `{method}`; it takes {}",
            allowed.join(", ")
        );
        Self {
            allowed,
            ..Self::new(StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed", message)
        }
    }

    pub(crate) fn body_too_large(limit: usize, private: impl Into<String>) -> Self {
        Self {
            private: Some(private.into().into()),
            ..Self::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                "RequestBodyTooLarge",
                format!("the request body is larger than {limit} bytes"),
            )
        }
    }

    pub(crate) fn not_implemented(operation: &Operation) -> Self {
        Self::new(
            StatusCode::NOT_IMPLEMENTED,
            "NotImplemented",
            format!("the emulator does not implement `{}` yet", operation.id),
        )
    }

    /// 500 for what should be impossible; the log gets the reason.
    pub(crate) fn internal(private: impl Into<String>) -> Self {
        Self {
            private: Some(private.into().into()),
            ..Self::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "InternalServerError",
                "the emulator failed; its log says why",
            )
        }
    }

    /// What an engine refused.
    fn refused(status: u16, code: &'static str, message: String) -> Self {
        let status = StatusCode::from_u16(status);
        let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self::new(status, code, message)
    }

    pub(crate) fn status(&self) -> StatusCode {
        self.status
    }

    /// The answer in the form of the service; `path` is the request's, without its query.
    pub(crate) fn into_response(self, service: Service, path: &str) -> Response<Body> {
        let body = match service {
            Service::JobRouter => Some(self.body_of_job_router(path)),
            Service::Identity => Some(self.body_of_identity()),
            // Nothing is said to those whom chat does not know (chat 74, auth 89).
            Service::Chat if self.status == StatusCode::UNAUTHORIZED => None,
            Service::Chat => Some(self.body_of_chat()),
        };
        let has_body = body.is_some();
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        let mut response = Response::new(body);
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        if has_body {
            headers.insert(
                CONTENT_TYPE,
                HeaderValue::from_static("application/json; charset=utf-8"),
            );
        }
        headers.insert(ERROR_CODE, HeaderValue::from_static(self.code));
        if let Some(seconds) = self.retry_after {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let Ok(allowed) = HeaderValue::from_str(&self.allowed.join(", "))
            && !self.allowed.is_empty()
        {
            headers.insert(ALLOW, allowed);
        }
        response
    }

    fn body_of_job_router(&self, target: &str) -> Value {
        if self.status == StatusCode::UNAUTHORIZED {
            // The gateway in front of the service answers these, in an envelope of its own.
            return json!({ "error": { "code": self.code, "message": self.message } });
        }
        let mut error = json!({ "code": self.code, "message": self.message, "target": target });
        if !self.details.is_empty() {
            error["details"] = self
                .details
                .iter()
                .map(|detail| json!({ "code": detail.code, "message": detail.message }))
                .collect();
        }
        json!({ "communicationError": error })
    }

    /// Errors of Identity name the member in `target` (auth 79, 82).
    fn body_of_identity(&self) -> Value {
        let code = if self.details.is_empty() {
            self.code
        } else {
            "ValidationError"
        };
        let mut error = json!({ "code": code, "message": self.reason() });
        if let Some(member) = self.member {
            error["target"] = member.into();
        }
        json!({ "error": error })
    }

    /// The envelope that chat really sends, which is not that of its specification (chat 71).
    fn body_of_chat(&self) -> Value {
        json!({ "CommunicationError": { "Code": self.code, "Message": self.reason(), "Details": [] } })
    }

    /// The message, or the first detail where the message says no more than that there are details.
    fn reason(&self) -> &str {
        let detail = self.details.first();
        detail.map_or(&self.message, |detail| &detail.message)
    }
}

impl From<acs_identity_engine::Refusal> for Failure {
    fn from(refusal: acs_identity_engine::Refusal) -> Self {
        Self {
            member: refusal.target,
            ..Self::refused(refusal.kind.status(), refusal.kind.code(), refusal.message)
        }
    }
}

impl From<acs_chat_engine::Refusal> for Failure {
    fn from(refusal: acs_chat_engine::Refusal) -> Self {
        Self::refused(refusal.kind.status(), refusal.kind.code(), refusal.message)
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self {
            details: refusal.details,
            ..Self::refused(refusal.kind.status(), refusal.kind.code(), refusal.message)
        }
    }
}

/// The public text and the private detail, for the log.
impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.code, self.message)?;
        for detail in &self.details {
            write!(formatter, " [{}: {}]", detail.code, detail.message)?;
        }
        match &self.private {
            Some(private) => write!(formatter, " ({private})"),
            None => Ok(()),
        }
    }
}
