//! Verifying signed requests, for servers.
//!
//! ```
//! use std::time::Duration;
//!
//! use acs_auth::AccessKey;
//! use acs_auth::signing::{RequestToSign, content_hash};
//! use acs_auth::verification::{ReceivedRequest, VerifyError};
//! use acs_types::Timestamp;
//!
//! let key = AccessKey::from_base64("c2VjcmV0IGFjY2VzcyBrZXk=")?;
//! let now = Timestamp::parse("2021-06-15T23:04:04Z")?;
//! let (date, hash) = (now.http_date(), content_hash(b"{}"));
//! let signed = RequestToSign {
//!     method: "PATCH",
//!     target: "/routing/jobs/job-1?api-version=2023-11-01",
//!     host: "127.0.0.1:7777",
//!     date: &date,
//!     content_hash: &hash,
//! }
//! .sign(&key);
//!
//! let received = ReceivedRequest {
//!     method: "PATCH",
//!     target: "/routing/jobs/job-1?api-version=2023-11-01",
//!     host: "127.0.0.1:7777",
//!     date: Some(signed.date),
//!     content_hash: Some(signed.content_hash),
//!     authorization: Some(&signed.authorization),
//!     body: b"{}",
//! };
//! let tolerance = Duration::from_secs(15 * 60);
//! received.verify(&key, now, tolerance)?;
//!
//! let tampered = ReceivedRequest { body: b"[]", ..received };
//! assert_eq!(tampered.verify(&key, now, tolerance), Err(VerifyError::ContentHash));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::fmt;
use std::time::Duration;

use acs_types::Timestamp;
use base64::prelude::{BASE64_STANDARD, Engine as _};
use url::form_urlencoded;

use crate::access_key::AccessKey;
use crate::signing::{
    AUTHORIZATION_HEADER, AUTHORIZATION_PREFIX, CONTENT_HASH_HEADER, DATE_HEADER, RequestToSign,
    content_hash,
};

/// A request as a server received it.
#[derive(Clone, Copy)]
pub struct ReceivedRequest<'a> {
    /// The HTTP method.
    pub method: &'a str,
    /// Path and query as they stood in the request line, nothing decoded.
    pub target: &'a str,
    /// The `Host` header (or the HTTP/2 authority) as received.
    pub host: &'a str,
    /// The [`x-ms-date`](DATE_HEADER) header.
    pub date: Option<&'a str>,
    /// The [`x-ms-content-sha256`](CONTENT_HASH_HEADER) header.
    pub content_hash: Option<&'a str>,
    /// The [`Authorization`](AUTHORIZATION_HEADER) header.
    pub authorization: Option<&'a str>,
    /// The whole body; empty when there is none.
    pub body: &'a [u8],
}

impl ReceivedRequest<'_> {
    /// Checks that the holder of `key` signed this request, this body, and did so within `tolerance` of `now`.
    ///
    /// The signature is compared in constant time, with the target as received first. When that does not match, the
    /// query is read and written again as a form (a blank becomes `+`, `:` becomes `%3A`, `flag` becomes `flag=`) and
    /// compared once more, because the JavaScript SDK signs that text while it sends the other.
    ///
    /// # Errors
    ///
    /// The first check that fails, in the order of the variants of [`VerifyError`].
    pub fn verify(
        &self,
        key: &AccessKey,
        now: Timestamp,
        tolerance: Duration,
    ) -> Result<(), VerifyError> {
        let date = required(self.date, DATE_HEADER)?;
        let claimed_hash = required(self.content_hash, CONTENT_HASH_HEADER)?;
        let authorization = required(self.authorization, AUTHORIZATION_HEADER)?;
        let signature = parse_signature(authorization)?;
        check_date(date, now, tolerance)?;
        if content_hash(self.body) != claimed_hash {
            return Err(VerifyError::ContentHash);
        }

        let has_signed = |target: &str| {
            let signed = RequestToSign {
                method: self.method,
                target,
                host: self.host,
                date,
                content_hash: claimed_hash,
            };
            key.has_signed(&signed.string_to_sign(), &signature)
        };
        if has_signed(self.target) || has_signed(&with_query_as_form(self.target)) {
            Ok(())
        } else {
            Err(VerifyError::Signature)
        }
    }
}

impl fmt::Debug for ReceivedRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReceivedRequest")
            .field("method", &self.method)
            .field("target", &self.target)
            .field("host", &self.host)
            .field("date", &self.date)
            .field("content_hash", &self.content_hash)
            .finish_non_exhaustive()
    }
}

fn required<'a>(value: Option<&'a str>, header: &'static str) -> Result<&'a str, VerifyError> {
    value.ok_or(VerifyError::MissingHeader(header))
}

fn parse_signature(authorization: &str) -> Result<Vec<u8>, VerifyError> {
    authorization
        .strip_prefix(AUTHORIZATION_PREFIX)
        .and_then(|signature| BASE64_STANDARD.decode(signature).ok())
        .ok_or(VerifyError::Authorization)
}

fn check_date(date: &str, now: Timestamp, tolerance: Duration) -> Result<(), VerifyError> {
    let signed_at = Timestamp::parse_http_date(date).map_err(|_| VerifyError::Date)?;
    // One of the two is zero.
    let difference = now
        .duration_since(signed_at)
        .max(signed_at.duration_since(now));
    if difference > tolerance {
        return Err(VerifyError::ClockDifference {
            difference,
            tolerance,
        });
    }
    Ok(())
}

fn with_query_as_form(target: &str) -> String {
    let Some((path, query)) = target.split_once('?') else {
        return target.to_owned();
    };
    let form = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(form_urlencoded::parse(query.as_bytes()))
        .finish();
    if form.is_empty() {
        return path.to_owned();
    }
    format!("{path}?{form}")
}

/// Which check a received request failed. Holds nothing of the key or the signature.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum VerifyError {
    /// The request has no header of this name.
    MissingHeader(&'static str),
    /// The `Authorization` header is not an HMAC-SHA256 signature in base64 over exactly
    /// `x-ms-date;host;x-ms-content-sha256`.
    Authorization,
    /// The date header is not an HTTP date.
    Date,
    /// The date is too far from the server's clock, before or after.
    ClockDifference {
        /// How far it is.
        difference: Duration,
        /// How far it may be.
        tolerance: Duration,
    },
    /// The hash header is not the hash of the body.
    ContentHash,
    /// The signature is not that of this key over this request.
    Signature,
}

impl fmt::Display for VerifyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MissingHeader(name) => write!(f, "the request has no `{name}` header"),
            Self::Authorization => write!(
                f,
                "the `{AUTHORIZATION_HEADER}` header is not of the form `{AUTHORIZATION_PREFIX}<base64>`"
            ),
            Self::Date => write!(
                f,
                "the `{DATE_HEADER}` header is not an HTTP date such as `Tue, 15 Jun 2021 23:04:04 GMT`"
            ),
            Self::ClockDifference { difference, tolerance } => write!(
                f,
                "the `{DATE_HEADER}` header is {} s away from the server's clock, more than {} s: set the clock",
                difference.as_secs(),
                tolerance.as_secs()
            ),
            Self::ContentHash => write!(
                f,
                "the `{CONTENT_HASH_HEADER}` header is not the base64 of the body's SHA-256"
            ),
            Self::Signature => f.write_str(
                "the signature does not match: check the access key, and that method, target and host were sent as signed",
            ),
        }
    }
}

impl std::error::Error for VerifyError {}

#[cfg(test)]
mod tests {
    use super::with_query_as_form;

    #[test]
    fn a_query_is_written_again_as_javascript_writes_forms() {
        for (sent, signed) in [
            ("/jobs", "/jobs"),
            ("/jobs?", "/jobs"),
            ("/a%20b?c=my%20queue", "/a%20b?c=my+queue"),
            ("/jobs?before=08:01:02Z", "/jobs?before=08%3A01%3A02Z"),
            ("/jobs?before=08%3a01", "/jobs?before=08%3A01"),
            ("/jobs?flag&x=1", "/jobs?flag=&x=1"),
            ("/jobs?&&x=1&", "/jobs?x=1"),
            (
                "/jobs?x=~()'!,/?@$",
                "/jobs?x=%7E%28%29%27%21%2C%2F%3F%40%24",
            ),
            ("/jobs?x=*-._aZ0", "/jobs?x=*-._aZ0"),
            ("/jobs?x=a=b", "/jobs?x=a%3Db"),
            ("/jobs?x=a+b&y=%2B", "/jobs?x=a+b&y=%2B"),
            ("/jobs?x=caf%C3%A9", "/jobs?x=caf%C3%A9"),
            ("/jobs?x=%FF&y=%zz", "/jobs?x=%EF%BF%BD&y=%25zz"),
        ] {
            assert_eq!(with_query_as_form(sent), signed, "{sent}");
        }
    }
}
