//! What the emulator answers when it carries out a request.

use acs_router_engine::Etag;
use acs_types::Timestamp;
use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, ETAG, LAST_MODIFIED, LOCATION};
use axum::http::{HeaderName, HeaderValue, Response, StatusCode};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::Failure;

/// A success: status, JSON body, and the validators of the entity it shows.
#[derive(Debug)]
pub(crate) struct Reply {
    status: StatusCode,
    body: Option<Vec<u8>>,
    etag: Option<String>,
    last_modified: Option<Timestamp>,
    location: Option<String>,
}

impl Reply {
    /// 200 with a body.
    pub(crate) fn ok(body: &impl Serialize) -> Result<Self, Failure> {
        Self::with_body(StatusCode::OK, body)
    }

    /// 201 with a body when `created`, else 200.
    pub(crate) fn upserted(created: bool, body: &impl Serialize) -> Result<Self, Failure> {
        let status = if created {
            StatusCode::CREATED
        } else {
            StatusCode::OK
        };
        Self::with_body(status, body)
    }

    /// 204.
    pub(crate) fn no_content() -> Self {
        Self::bare(StatusCode::NO_CONTENT)
    }

    /// A status without a body.
    pub(crate) fn bare(status: StatusCode) -> Self {
        Self {
            status,
            body: None,
            etag: None,
            last_modified: None,
            location: None,
        }
    }

    /// Adds the address of what was created.
    #[must_use]
    pub(crate) fn located_at(self, location: String) -> Self {
        Self {
            location: Some(location),
            ..self
        }
    }

    /// Adds the headers that let a client make its next change conditional.
    #[must_use]
    pub(crate) fn validated_by(self, etag: Etag, last_modified: Timestamp) -> Self {
        Self {
            etag: Some(etag.to_string()),
            last_modified: Some(last_modified),
            ..self
        }
    }

    /// Adds an ETag that follows from the body: what is the same content has the same one.
    #[must_use]
    pub(crate) fn tagged_by_content(self) -> Self {
        let hash = Sha256::digest(self.body.as_deref().unwrap_or_default());
        let mut digits = hash.iter().map(|byte| format!("{byte:02x}"));
        let [salt, rest] = [4, 6].map(|bytes| digits.by_ref().take(bytes).collect::<String>());
        Self {
            etag: Some(format!("\"{salt}-0000-0700-0000-{rest}\"")),
            ..self
        }
    }

    pub(crate) fn into_response(self) -> Result<Response<Body>, Failure> {
        let has_body = self.body.is_some();
        let mut response = Response::new(self.body.map_or_else(Body::empty, Body::from));
        *response.status_mut() = self.status;
        let mut set = |name: HeaderName, text: &str| -> Result<(), Failure> {
            let value = HeaderValue::from_str(text)
                .map_err(|_| Failure::internal(format!("`{text}` is no value for {name}")))?;
            response.headers_mut().insert(name, value);
            Ok(())
        };
        if has_body {
            set(CONTENT_TYPE, "application/json; charset=utf-8")?;
        }
        if let Some(etag) = self.etag {
            set(ETAG, &etag)?;
        }
        if let Some(last_modified) = self.last_modified {
            set(LAST_MODIFIED, &last_modified.http_date())?;
        }
        if let Some(location) = self.location {
            set(LOCATION, &location)?;
        }
        Ok(response)
    }

    pub(crate) fn with_body(status: StatusCode, body: &impl Serialize) -> Result<Self, Failure> {
        let body = serde_json::to_vec(body)
            .map_err(|error| Failure::internal(format!("an answer does not serialise: {error}")))?;
        Ok(Self {
            body: Some(body),
            ..Self::bare(status)
        })
    }
}
