//! Times and tokens for the tests of credentials.

use std::time::Duration;

use acs_auth::{AccessToken, AuthError};
use acs_types::Timestamp;
use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};

/// The start of time in these tests, plus seconds.
pub(crate) fn second(seconds: u64) -> Timestamp {
    let start = Timestamp::parse("2026-01-01T00:00:00Z").unwrap();
    start.checked_add(Duration::from_secs(seconds)).unwrap()
}

/// A signed token with this name that expires at the second.
pub(crate) fn jwt(name: &str, expires: u64) -> String {
    let part = |text: &str| BASE64_URL_SAFE_NO_PAD.encode(text);
    let seconds = second(expires).unix_seconds();
    let payload = format!(r#"{{"skypeid":"{name}","exp":{seconds}}}"#);
    format!(
        "{}.{}.{}",
        part(r#"{"alg":"HS256"}"#),
        part(&payload),
        part("signature")
    )
}

/// The name that a token of [`jwt`] was made with, or the error.
pub(crate) fn name(result: Result<AccessToken, AuthError>) -> String {
    let token = match result {
        Ok(token) => token,
        Err(error) => return format!("error: {error}"),
    };
    let payload = token.secret().expose().split('.').nth(1).unwrap();
    let payload = BASE64_URL_SAFE_NO_PAD.decode(payload).unwrap();
    let claims: serde_json::Value = serde_json::from_slice(&payload).unwrap();
    claims["skypeid"].as_str().unwrap().to_owned()
}
