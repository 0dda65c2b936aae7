//! Signing requests with an access key.
//!
//! A signed request carries three headers beside `Host`: the date, the SHA-256 of the body, and the signature over
//! method, request target, date, host and that hash. Each attempt is signed anew, because servers refuse old dates.
//!
//! ```
//! use acs_auth::AccessKey;
//! use acs_auth::signing::{RequestToSign, content_hash};
//!
//! let key = AccessKey::from_base64("c2VjcmV0IGFjY2VzcyBrZXk=")?;
//! let request = RequestToSign {
//!     method: "GET",
//!     target: "/routing/jobs/job-1?api-version=2023-11-01",
//!     host: "contoso.communication.azure.com",
//!     date: "Tue, 15 Jun 2021 23:04:04 GMT",
//!     content_hash: &content_hash(b""),
//! };
//! assert_eq!(
//!     request.string_to_sign(),
//!     "GET\n\
//!      /routing/jobs/job-1?api-version=2023-11-01\n\
//!      Tue, 15 Jun 2021 23:04:04 GMT;contoso.communication.azure.com;47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
//! );
//! for (name, value) in request.sign(&key).pairs() {
//!     println!("{name}: {value}");
//! }
//! # Ok::<(), acs_auth::AccessKeyError>(())
//! ```

use std::fmt;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use sha2::{Digest as _, Sha256};

use crate::access_key::AccessKey;

/// The header with the date of signing, an HTTP date.
pub const DATE_HEADER: &str = "x-ms-date";

/// The header with the base64 of the body's SHA-256.
pub const CONTENT_HASH_HEADER: &str = "x-ms-content-sha256";

/// The header with the signature.
pub const AUTHORIZATION_HEADER: &str = "authorization";

/// What stands before the signature in the `Authorization` header. The service takes these names in this order only.
pub(crate) const AUTHORIZATION_PREFIX: &str =
    "HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature=";

/// The value of [`CONTENT_HASH_HEADER`]: base64 of the SHA-256 of the body. No body counts as an empty one.
#[must_use]
pub fn content_hash(body: &[u8]) -> String {
    BASE64_STANDARD.encode(Sha256::digest(body))
}

/// Everything that a signature covers.
///
/// The result depends on these fields and the key alone. No field may hold a line break; a request that can be sent
/// over HTTP has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestToSign<'a> {
    /// The HTTP method; signed in capitals.
    pub method: &'a str,
    /// Path and query exactly as they are sent, percent-encoding untouched, with `?` only when there is a query.
    ///
    /// Servers compare with the bytes on the wire. Some signers write the query as a form before signing, so a
    /// query that all agree on has `%3A` for `:`, no blanks, none of `~()'`, and no key without `=`.
    pub target: &'a str,
    /// The `Host` header as sent; see [`Endpoint::host`](crate::Endpoint::host).
    pub host: &'a str,
    /// The date of signing as sent in [`DATE_HEADER`]; see [`Timestamp::http_date`](acs_types::Timestamp::http_date).
    pub date: &'a str,
    /// The hash of the body as sent in [`CONTENT_HASH_HEADER`]; see [`content_hash`].
    pub content_hash: &'a str,
}

impl<'a> RequestToSign<'a> {
    /// The text that the signature covers, for comparing with what a server says it expected. Holds no secret.
    #[must_use]
    pub fn string_to_sign(&self) -> String {
        let Self {
            method,
            target,
            host,
            date,
            content_hash,
        } = self;
        let method = method.to_ascii_uppercase();
        format!("{method}\n{target}\n{date};{host};{content_hash}")
    }

    /// Signs the request.
    #[must_use]
    pub fn sign(&self, key: &AccessKey) -> SignedHeaders<'a> {
        let signature = key.sign(&self.string_to_sign());
        SignedHeaders {
            date: self.date,
            content_hash: self.content_hash,
            authorization: format!("{AUTHORIZATION_PREFIX}{signature}"),
        }
    }
}

/// The headers that make a request a signed one. `Debug` hides the signature.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SignedHeaders<'a> {
    /// The value of [`DATE_HEADER`].
    pub date: &'a str,
    /// The value of [`CONTENT_HASH_HEADER`].
    pub content_hash: &'a str,
    /// The value of [`AUTHORIZATION_HEADER`].
    pub authorization: String,
}

impl SignedHeaders<'_> {
    /// The three headers as pairs of name and value.
    #[must_use]
    pub fn pairs(&self) -> [(&'static str, &str); 3] {
        [
            (DATE_HEADER, self.date),
            (CONTENT_HASH_HEADER, self.content_hash),
            (AUTHORIZATION_HEADER, &self.authorization),
        ]
    }
}

impl fmt::Debug for SignedHeaders<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedHeaders")
            .field("date", &self.date)
            .field("content_hash", &self.content_hash)
            .field("authorization", &"[redacted]")
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_hides_the_signature() {
        let key = AccessKey::from_base64("SmVmZQ==").unwrap();
        let request = RequestToSign {
            method: "GET",
            target: "/",
            host: "contoso.com",
            date: "Tue, 15 Jun 2021 23:04:04 GMT",
            content_hash: &content_hash(b""),
        };
        let headers = request.sign(&key);
        let signature = headers
            .authorization
            .strip_prefix(AUTHORIZATION_PREFIX)
            .unwrap();
        assert!(!signature.is_empty());
        assert!(!format!("{headers:?}").contains(signature));
    }
}
