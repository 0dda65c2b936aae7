//! A request whose signature holds and whose operation is known, as handlers see it.

use acs_types::{Operation, Timestamp};
use axum::extract::ConnectInfo;
use axum::http::header::{CONTENT_TYPE, HOST, HeaderName, IF_MATCH, IF_UNMODIFIED_SINCE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use bytes::Bytes;
use serde_json::{Map, Value};

use super::{Failure, Query};
use crate::connections::Transport;
use crate::gate::Principal;

/// One call of an operation.
#[derive(Debug)]
pub(crate) struct Call<'r> {
    pub(crate) operation: &'static Operation,
    pub(crate) ids: Vec<(&'static str, String)>,
    pub(crate) query: Query,
    pub(crate) headers: &'r HeaderMap,
    pub(crate) body: Bytes,
    /// Where the caller found the emulator, for links that it can follow.
    pub(crate) origin: String,
    pub(crate) principal: Principal,
}

impl Call<'_> {
    /// An id of the path, by its name in the operation's template.
    pub(crate) fn id(&self, name: &str) -> Result<&str, Failure> {
        let id = self.ids.iter().find(|(key, _)| *key == name);
        id.map(|(_, id)| id.as_str()).ok_or_else(|| {
            let operation = self.operation.id;
            Failure::internal(format!("`{operation}` has no path parameter `{name}`"))
        })
    }

    /// The body as a JSON object; an absent one is `{}` where the operation lets it be absent.
    ///
    /// Of members with equal names the last one counts.
    pub(crate) fn object(&self) -> Result<Map<String, Value>, Failure> {
        if self.body.is_empty() && self.operation.optional_body {
            return Ok(Map::new());
        }
        self.check_content_type()?;
        if self.body.is_empty() {
            return Err(Failure::invalid_body("is empty; a JSON object is needed"));
        }
        let value: Value = serde_json::from_slice(&self.body)
            .map_err(|error| Failure::invalid_body(format!("is not JSON: {error}")))?;
        match value {
            Value::Object(object) => Ok(object),
            other => Err(Failure::invalid_body(format!(
                "must be a JSON object, but is {}",
                kind_of(&other)
            ))),
        }
    }

    /// `If-Match` as sent.
    pub(crate) fn if_match(&self) -> Result<Option<String>, Failure> {
        Ok(self.header(&IF_MATCH)?.map(str::to_owned))
    }

    /// `If-Unmodified-Since` in whole seconds.
    pub(crate) fn if_unmodified_since(&self) -> Result<Option<Timestamp>, Failure> {
        let Some(text) = self.header(&IF_UNMODIFIED_SINCE)? else {
            return Ok(None);
        };
        Timestamp::parse_http_date(text)
            .map(Some)
            .map_err(|error| Failure::invalid_header("If-Unmodified-Since", error))
    }

    /// The api-version, which was found to be one of the service's.
    pub(crate) fn api_version(&self) -> Result<&str, Failure> {
        Ok(self.query.value("api-version")?.unwrap_or_default())
    }

    pub(crate) fn header(&self, name: &HeaderName) -> Result<Option<&str>, Failure> {
        let Some(value) = self.headers.get(name) else {
            return Ok(None);
        };
        value
            .to_str()
            .map(Some)
            .map_err(|_| Failure::invalid_header(name.as_str(), "is not plain ASCII text"))
    }

    /// Clients name JSON in several ways, or not at all; only what is certainly something else is refused.
    fn check_content_type(&self) -> Result<(), Failure> {
        let Some(content_type) = self.header(&CONTENT_TYPE)? else {
            return Ok(());
        };
        let essence = content_type.split(';').next().unwrap_or_default().trim();
        if essence.to_ascii_lowercase().ends_with("json") {
            return Ok(());
        }
        let expected = if self.operation.merge_patch {
            "application/merge-patch+json"
        } else {
            "application/json"
        };
        Err(Failure::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "UnsupportedMediaType",
            format!("the content type `{essence}` is not accepted here; send `{expected}`"),
        ))
    }
}

/// Scheme and authority of a request, such as `http://127.0.0.1:7777`.
pub(crate) fn origin(head: &Parts) -> String {
    let host = head.headers.get(HOST).and_then(|host| host.to_str().ok());
    let transport = head.extensions.get::<ConnectInfo<Transport>>();
    let scheme = transport.map_or("http", |ConnectInfo(transport)| transport.scheme());
    // Only ancient clients send no host; a link without origin is the best they can get.
    host.map_or_else(String::new, |host| format!("{scheme}://{host}"))
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}
