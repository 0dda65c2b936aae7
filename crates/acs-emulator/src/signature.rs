//! Who may call: requests signed with the access key.

use std::time::{Duration, SystemTime};

use acs_auth::signing::{AUTHORIZATION_HEADER, CONTENT_HASH_HEADER, DATE_HEADER};
use acs_auth::verification::{ReceivedRequest, VerifyError};
use acs_auth::{AccessKey, AccessKeyError};
use acs_types::Timestamp;
use axum::http::request::Parts;

use crate::wire::Failure;

/// How far a signature's date may be from this computer's time. The service does not publish its own limit.
const TOLERANCE: Duration = Duration::from_secs(15 * 60);

/// What a caller is told whose signature does not hold. What exactly is wrong stands in the log only.
pub(crate) const DENIED: &str = "Denied by the resource provider.";

/// What a caller is told whose body was changed on its way; the one reason that the service does give away.
const ALTERED: &str =
    "The 'x-ms-content-sha256' request header differs from the computed hash of the request body.";

/// Verifies signatures with one access key.
#[derive(Debug)]
pub(crate) struct SignatureCheck {
    key: AccessKey,
}

impl SignatureCheck {
    pub(crate) fn new(base64_key: &str) -> Result<Self, AccessKeyError> {
        Ok(Self {
            key: AccessKey::from_base64(base64_key)?,
        })
    }

    /// Goes by the computer's time, never by the routing clock: clients sign with real time, however far a test has
    /// moved the clock.
    pub(crate) fn verify(&self, head: &Parts, body: &[u8]) -> Result<(), Failure> {
        let text = |name: &str| head.headers.get(name).and_then(|value| value.to_str().ok());
        let target = head.uri.path_and_query();
        let request = ReceivedRequest {
            method: head.method.as_str(),
            target: target.map_or("/", |target| target.as_str()),
            host: text("host").unwrap_or_default(),
            date: text(DATE_HEADER),
            content_hash: text(CONTENT_HASH_HEADER),
            authorization: text(AUTHORIZATION_HEADER),
            body,
        };
        let now = Timestamp::from(SystemTime::now());
        request.verify(&self.key, now, TOLERANCE).map_err(|error| {
            let message = if error == VerifyError::ContentHash {
                ALTERED
            } else {
                DENIED
            };
            Failure::denied(message, error.to_string())
        })
    }
}
