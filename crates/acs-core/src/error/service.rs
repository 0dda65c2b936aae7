//! An answer that is no success.

use std::fmt;
use std::time::Duration;

use acs_types::error_body::{self, ErrorBody};
use http::{HeaderMap, StatusCode};

use super::{CallContext, excerpt::Excerpt};

/// Names the error where a body cannot, for instance in the answer to a `HEAD`.
const ERROR_CODE_HEADER: &str = "x-ms-error-code";

/// The most characters of the service's message that [`ServiceError`]'s text repeats.
const LONGEST_MESSAGE: usize = 1024;

/// The service answered with a status outside 200 to 299.
///
/// Code, message, target and details come from the body, in whichever of their error forms the service wrote it. A body in
/// another form, say the HTML page of a gateway, leaves them empty; then [`body_excerpt`](Self::body_excerpt) tells more.
pub struct ServiceError {
    context: CallContext,
    status: StatusCode,
    headers: HeaderMap,
    body: ErrorBody,
    excerpt: Excerpt,
    retry_after: Option<Duration>,
}

impl ServiceError {
    pub(crate) fn new(
        context: CallContext,
        status: StatusCode,
        headers: HeaderMap,
        body: &[u8],
        retry_after: Option<Duration>,
    ) -> Self {
        let mut decoded = error_body::decode(body).unwrap_or_default();
        if decoded.code.is_empty() {
            decoded.code = code_header(&headers).unwrap_or_default().to_owned();
        }
        Self {
            context,
            status,
            headers,
            body: decoded,
            excerpt: Excerpt::new(body),
            retry_after,
        }
    }

    /// The status of the last answer.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The service's code, such as `NotFound`; empty if it sent none.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.body.code
    }

    /// The service's words, possibly several lines; empty if it sent none.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.body.message
    }

    /// What the error is about, if the service said; Job Router sends the path of the request.
    #[must_use]
    pub fn target(&self) -> Option<&str> {
        self.body.target.as_deref()
    }

    /// The single violations, where the service lists them.
    #[must_use]
    pub fn details(&self) -> &[ErrorBody] {
        &self.body.details
    }

    /// The more specific error inside this one, if the service sent one.
    #[must_use]
    pub fn inner(&self) -> Option<&ErrorBody> {
        self.body.inner.as_deref()
    }

    /// The headers of the last answer.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// How long the service asked to wait, counted from its answer, if it did.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    /// At most 1,024 characters of the body; runs that look like a key, a token or a signature are left out.
    ///
    /// It may hold what customers wrote, so neither `Debug` nor `Display` shows it.
    #[must_use]
    pub fn body_excerpt(&self) -> &str {
        self.excerpt.as_str()
    }

    /// The service's id of the request, or else the one this client sent.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.context.request_id()
    }

    /// The operation's id, such as `getJob`.
    #[must_use]
    pub fn operation(&self) -> &'static str {
        self.context.operation().unwrap_or_default()
    }

    /// How many times the request was tried.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.context.attempts()
    }

    pub(super) fn context(&self) -> &CallContext {
        &self.context
    }
}

fn code_header(headers: &HeaderMap) -> Option<&str> {
    headers.get(ERROR_CODE_HEADER)?.to_str().ok()
}

impl fmt::Display for ServiceError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} answered {}", self.context, self.status)?;
        if !self.code().is_empty() {
            write!(formatter, ", {}", one_line(self.code()))?;
        }
        if !self.message().is_empty() {
            write!(formatter, ": {}", one_line(self.message()))?;
        }
        self.context.write_attempts(formatter)
    }
}

/// Job Router's messages have several lines.
fn one_line(text: &str) -> String {
    let words: Vec<_> = text.split_whitespace().collect();
    words
        .join(" ")
        .chars()
        .filter(|character| !character.is_control())
        .take(LONGEST_MESSAGE)
        .collect()
}

impl fmt::Debug for ServiceError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ServiceError")
            .field("operation", &self.operation())
            .field("status", &self.status)
            .field("body", &self.body)
            .field("request_id", &self.request_id())
            .field("attempts", &self.attempts())
            .field("body_excerpt", &self.excerpt)
            .finish_non_exhaustive()
    }
}

impl std::error::Error for ServiceError {}

#[cfg(test)]
mod tests {
    use super::{ERROR_CODE_HEADER, ServiceError};
    use crate::error::CallContext;
    use http::{HeaderMap, HeaderValue, StatusCode};

    fn error(status: u16, attempts: u32, headers: HeaderMap, body: &str) -> ServiceError {
        let context = CallContext::new("deleteJob", attempts, Some(HeaderValue::from_static("r1")));
        let status = StatusCode::from_u16(status).expect("status");
        ServiceError::new(context, status, headers, body.as_bytes(), None)
    }

    #[test]
    fn the_text_is_one_line_with_status_code_and_message() {
        let body = r#"{"communicationError":{"code":"Conflict",
            "message":"Validation failed: \r\n -- JobStatus: not closed","target":"/routing/jobs/1"}}"#;
        let error = error(409, 1, HeaderMap::new(), body);
        assert_eq!(
            error.to_string(),
            "deleteJob answered 409 Conflict, Conflict: Validation failed: -- JobStatus: not closed"
        );
        assert_eq!(error.target(), Some("/routing/jobs/1"));
        assert_eq!(
            (error.request_id(), error.operation()),
            (Some("r1"), "deleteJob")
        );
    }

    #[test]
    fn a_body_that_is_not_json_leaves_the_code_empty_and_keeps_an_excerpt() {
        let page = "<html>Bad gateway</html>";
        let error = error(502, 4, HeaderMap::new(), page);
        assert_eq!(
            error.to_string(),
            "deleteJob answered 502 Bad Gateway (4 attempts)"
        );
        assert_eq!((error.code(), error.message()), ("", ""));
        assert_eq!(error.body_excerpt(), page);
        assert!(!format!("{error:?}").contains("gateway</html>"));
    }

    #[test]
    fn the_code_header_stands_in_for_a_missing_body() {
        let headers = HeaderMap::from_iter([(
            ERROR_CODE_HEADER.parse().expect("name"),
            HeaderValue::from_static("JobNotFound"),
        )]);
        assert_eq!(error(404, 1, headers, "").code(), "JobNotFound");
    }

    #[test]
    fn a_long_message_does_not_fill_the_log() {
        let body = format!(r#"{{"error":{{"message":"{}"}}}}"#, "x ".repeat(10_000));
        assert!(error(400, 1, HeaderMap::new(), &body).to_string().len() < 1200);
    }
}
