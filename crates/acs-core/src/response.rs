//! What a successful call returns.

use std::any::TypeId;
use std::fmt;
use std::ops::Deref;

use bytes::Bytes;
use http::header::{ETAG, HeaderMap, HeaderName};
use http::{HeaderValue, StatusCode};
use serde::de::DeserializeOwned;

use crate::error::{CallContext, DecodeError};
use crate::etag::Etag;

/// Where services write their id of a request, the best first. `MS-CV` is the one their support asks for.
const REQUEST_ID_HEADERS: [HeaderName; 2] = [
    HeaderName::from_static("x-ms-request-id"),
    HeaderName::from_static("ms-cv"),
];

/// A decoded answer: the model, and what came with it.
///
/// Dereferences to the model, so that most code need not know of it.
///
/// ```
/// fn show(job: &acs_core::Response<String>) {
///     println!("{} characters, status {}", job.len(), job.status());
/// }
/// ```
#[derive(Clone)]
pub struct Response<T> {
    value: T,
    head: Head,
}

/// Everything of an answer but its body.
#[derive(Clone, Debug)]
pub(crate) struct Head {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    /// How often the request was tried.
    pub(crate) attempts: u32,
    /// The id that this client sent.
    pub(crate) client_request_id: HeaderValue,
}

impl Head {
    /// The service's id of the request, or else the client's.
    pub(crate) fn request_id(&self) -> &HeaderValue {
        REQUEST_ID_HEADERS
            .iter()
            .find_map(|name| self.headers.get(name))
            .unwrap_or(&self.client_request_id)
    }

    pub(crate) fn context(&self, operation: &'static str) -> CallContext {
        CallContext::new(operation, self.attempts, Some(self.request_id().clone()))
    }
}

impl<T> Response<T> {
    pub(crate) fn new(value: T, head: Head) -> Self {
        Self { value, head }
    }

    /// The status: 200 to 299.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.head.status
    }

    /// The headers of the answer.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.head.headers
    }

    /// The version of the entity, if the service sent an `ETag` header.
    #[must_use]
    pub fn etag(&self) -> Option<Etag> {
        let value = self.head.headers.get(ETAG)?;
        value.to_str().ok().map(Etag::from)
    }

    /// The id to quote when asking the service's operators about the call: theirs if they sent one, or else the one this
    /// client sent as `x-ms-client-request-id`.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.head.request_id().to_str().ok()
    }

    /// Whether the call made something new: the service answered 201.
    #[must_use]
    pub fn was_created(&self) -> bool {
        self.head.status == StatusCode::CREATED
    }

    /// How often the request was tried; 1 unless there were retries.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.head.attempts
    }

    /// The model alone.
    #[must_use]
    pub fn into_inner(self) -> T {
        self.value
    }

    /// The model, and what came with it.
    #[must_use]
    pub fn into_parts(self) -> (T, Response<()>) {
        (self.value, Response::new((), self.head))
    }

    /// The same answer with a model made from this one.
    #[must_use]
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Response<U> {
        Response::new(change(self.value), self.head)
    }
}

impl<T> Deref for Response<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: fmt::Debug> fmt::Debug for Response<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Response")
            .field("status", &self.head.status)
            .field("request_id", &self.request_id())
            .field("value", &self.value)
            .finish_non_exhaustive()
    }
}

/// A complete answer with a status from 200 to 299.
pub(crate) struct Answer {
    pub(crate) head: Head,
    pub(crate) body: Bytes,
}

impl Answer {
    /// Reads the body as the model. What has no content, `()`, comes out of any body.
    pub(crate) fn decode<T: DeserializeOwned + 'static>(
        self,
        operation: &'static str,
    ) -> Result<Response<T>, DecodeError> {
        let Self { head, body } = self;
        let has_content = TypeId::of::<T>() != TypeId::of::<()>();
        match read(if has_content { &body } else { b"null" }) {
            Ok(value) => Ok(Response::new(value, head)),
            Err(error) => Err(undecodable::<T>(&head, operation, &body, &error)),
        }
    }
}

/// Checking all of the text at once is quicker than checking string by string.
fn read<T: DeserializeOwned>(body: &[u8]) -> serde_json::Result<T> {
    match std::str::from_utf8(body) {
        Ok(text) => serde_json::from_str(text),
        Err(_) => serde_json::from_slice(body),
    }
}

fn undecodable<T: DeserializeOwned>(
    head: &Head,
    operation: &'static str,
    body: &[u8],
    error: &serde_json::Error,
) -> DecodeError {
    let context = head.context(operation);
    if body.trim_ascii().is_empty() {
        return DecodeError::empty(context, head.status);
    }
    DecodeError::json(context, head.status, body, fault_path::<T>(body), error)
}

/// Where the model's decoder gives up. Reading a second time keeps track of the path, which would slow every success down.
fn fault_path<T: DeserializeOwned>(body: &[u8]) -> String {
    let reader = &mut serde_json::Deserializer::from_slice(body);
    serde_path_to_error::deserialize::<_, T>(reader)
        .err()
        .map_or_else(|| ".".to_owned(), |error| error.path().to_string())
}

#[cfg(test)]
mod tests {
    use super::{Answer, Head, Response};
    use crate::error::DecodeError;
    use bytes::Bytes;
    use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
    use std::collections::BTreeMap;
    use std::error::Error as _;

    type Model = BTreeMap<String, Vec<u8>>;

    fn head(status: u16, headers: &[(&'static str, &'static str)]) -> Head {
        let headers: HeaderMap = headers
            .iter()
            .map(|&(name, value)| {
                (
                    HeaderName::from_static(name),
                    HeaderValue::from_static(value),
                )
            })
            .collect();
        Head {
            status: StatusCode::from_u16(status).expect("status"),
            headers,
            attempts: 1,
            client_request_id: HeaderValue::from_static("ours"),
        }
    }

    fn decode(body: &'static str) -> Result<Response<Model>, DecodeError> {
        let answer = Answer {
            head: head(200, &[]),
            body: Bytes::from_static(body.as_bytes()),
        };
        answer.decode("getJob")
    }

    #[test]
    fn gives_the_model_and_what_came_with_it() {
        let head = head(201, &[("etag", "\"7\""), ("x-ms-request-id", "theirs")]);
        let response = Response::new("job".to_owned(), head);
        assert_eq!(response.len(), 3);
        assert!(response.was_created());
        assert_eq!(response.etag().expect("etag").as_str(), "\"7\"");
        assert_eq!(response.request_id(), Some("theirs"));
        assert_eq!(response.map(|job| job.len()).into_inner(), 3);
    }

    #[test]
    fn the_request_id_is_the_services_or_else_ours() {
        let id = |headers| {
            Response::new((), head(200, headers))
                .request_id()
                .map(str::to_owned)
        };
        assert_eq!(
            id(&[("ms-cv", "cv"), ("x-ms-request-id", "id")]),
            Some("id".to_owned())
        );
        assert_eq!(id(&[("ms-cv", "cv")]), Some("cv".to_owned()));
        assert_eq!(id(&[]), Some("ours".to_owned()));
    }

    #[test]
    fn a_body_that_is_not_the_model_is_an_error_with_its_path() {
        assert_eq!(
            decode(r#"{"a":[1,2]}"#).expect("model").into_inner()["a"],
            [1, 2]
        );
        for (body, path, cause) in [
            (
                r#"{"a":[1,"x"]}"#,
                "a[1]",
                "invalid type: string \"...\", expected u8 at line 1 column 11",
            ),
            (
                r#"{"a":[1"#,
                "a",
                "EOF while parsing a list at line 1 column 7",
            ),
            ("<html>", ".", "expected value at line 1 column 1"),
            ("{} {}", ".", "trailing characters at line 1 column 4"),
        ] {
            let error = decode(body).expect_err(body);
            assert_eq!(error.path(), path, "{body}");
            assert_eq!(error.source().expect("cause").to_string(), cause, "{body}");
            assert_eq!(error.body_excerpt(), body);
        }
    }

    #[test]
    fn what_has_no_content_comes_out_of_any_body() {
        for body in ["", "{}", "<html>"] {
            let answer = Answer {
                head: head(204, &[]),
                body: Bytes::from_static(body.as_bytes()),
            };
            assert!(answer.decode::<()>("deleteJob").is_ok(), "{body}");
        }
    }

    #[test]
    fn an_empty_body_is_called_empty() {
        for body in ["", " \r\n"] {
            let error = decode(body).expect_err("empty");
            assert_eq!(
                error.to_string(),
                "getJob answered 200 OK, but the body was empty"
            );
        }
    }
}
