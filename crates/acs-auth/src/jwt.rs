//! Reading when a token expires out of the token itself.

use std::fmt;

use acs_types::Timestamp;
use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use crate::secret::Secret;
use crate::token::AccessToken;

const NANOSECONDS_PER_SECOND: i128 = 1_000_000_000;

impl AccessToken {
    /// Reads the expiry out of a signed JSON Web Token, such as the user access tokens of Communication Services. Blanks
    /// around the token are ignored.
    ///
    /// The signature is not verified: that takes the service's key. All claims but `exp` are left unread.
    ///
    /// ```
    /// use acs_auth::AccessToken;
    ///
    /// let token = AccessToken::from_jwt("eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjE3NjcyMjU2MDB9.c2lnbmF0dXJl")?;
    /// assert_eq!(token.expires_on().to_string(), "2026-01-01T00:00:00+00:00");
    ///
    /// let error = AccessToken::from_jwt("eyJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJl").unwrap_err();
    /// assert_eq!(error.to_string(), "the token's `exp` claim is missing, so it never says when it expires");
    /// # Ok::<(), acs_auth::AccessTokenError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The text has no three parts, one of them is empty or not base64url, or the payload has no usable `exp` claim. The
    /// error names the part, without any of the text.
    pub fn from_jwt(token: impl Into<Secret>) -> Result<Self, AccessTokenError> {
        let token = trimmed(token.into());
        let expires_on = expiry(token.expose())?;
        Ok(Self::new(token, expires_on))
    }
}

fn trimmed(token: Secret) -> Secret {
    let text = token.expose().trim();
    if text.len() == token.expose().len() {
        token
    } else {
        Secret::new(text)
    }
}

fn expiry(token: &str) -> Result<Timestamp, AccessTokenError> {
    let parts: Vec<&str> = token.split('.').collect();
    let [header, payload, signature] = parts[..] else {
        return Err(AccessTokenError::new(
            "text",
            "is not three parts with a dot between them",
        ));
    };
    decoded("header", header)?;
    let payload = decoded("payload", payload)?;
    decoded("signature", signature)?;

    // The parser's own error quotes what it read, so it is not kept.
    let claims: Map<String, Value> = serde_json::from_slice(&payload)
        .map_err(|_| AccessTokenError::new("payload", "is not a JSON object"))?;
    match claims.get("exp") {
        Some(Value::Number(seconds)) => seconds_since_1970(seconds)
            .ok_or_else(|| AccessTokenError::new("`exp` claim", "is beyond the calendar")),
        Some(_) => Err(AccessTokenError::new("`exp` claim", "is not a number")),
        None => Err(AccessTokenError::new(
            "`exp` claim",
            "is missing, so it never says when it expires",
        )),
    }
}

fn decoded(part: &'static str, text: &str) -> Result<Zeroizing<Vec<u8>>, AccessTokenError> {
    if text.is_empty() {
        return Err(AccessTokenError::new(part, "is empty"));
    }
    // The decoder's own error quotes a character of the token, so it is not kept.
    BASE64_URL_SAFE_NO_PAD
        .decode(text)
        .map(Zeroizing::new)
        .map_err(|_| AccessTokenError::new(part, "is not base64url without padding"))
}

/// The claim may have a fraction; nanoseconds are as fine as it gets.
fn seconds_since_1970(seconds: &serde_json::Number) -> Option<Timestamp> {
    let nanoseconds = match seconds.as_i64() {
        Some(seconds) => i128::from(seconds).checked_mul(NANOSECONDS_PER_SECOND)?,
        // A float that is too large becomes the largest integer, which no calendar holds either.
        None => (seconds.as_f64()? * NANOSECONDS_PER_SECOND as f64) as i128,
    };
    Timestamp::from_unix_nanos(nanoseconds)
}

/// Why a text is not a token that tells when it expires. Holds nothing of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessTokenError {
    part: &'static str,
    problem: &'static str,
}

impl AccessTokenError {
    const fn new(part: &'static str, problem: &'static str) -> Self {
        Self { part, problem }
    }

    /// The offending part: `text` (the token as a whole), `header`, `payload`, `signature`, or `` `exp` claim ``.
    #[must_use]
    pub const fn part(&self) -> &'static str {
        self.part
    }
}

impl fmt::Display for AccessTokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the token's {} {}", self.part, self.problem)
    }
}

impl std::error::Error for AccessTokenError {}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};

    use super::*;

    fn jwt(payload: &str) -> String {
        let payload = BASE64_URL_SAFE_NO_PAD.encode(payload);
        format!("eyJhbGciOiJIUzI1NiJ9.{payload}.c2lnbmF0dXJl")
    }

    fn expires_on(payload: &str) -> String {
        AccessToken::from_jwt(jwt(payload))
            .unwrap_or_else(|error| panic!("{payload}: {error}"))
            .expires_on()
            .to_string()
    }

    fn refusal(token: &str) -> (&'static str, String) {
        let error = AccessToken::from_jwt(token).unwrap_err();
        (error.part(), error.to_string())
    }

    #[test]
    fn the_expiry_is_the_exp_claim_in_seconds() {
        for (payload, expected) in [
            (r#"{"exp":1767225600}"#, "2026-01-01T00:00:00+00:00"),
            (
                r#"{"skypeid":"acs:r_u","exp":1767225600,"iat":1,"acsScope":"chat"}"#,
                "2026-01-01T00:00:00+00:00",
            ),
            (r#"{"exp":1767225600.5}"#, "2026-01-01T00:00:00.5+00:00"),
            (r#"{"exp":1.7672256e9}"#, "2026-01-01T00:00:00+00:00"),
            (r#"{"exp":0}"#, "1970-01-01T00:00:00+00:00"),
            (r#"{"exp":-1}"#, "1969-12-31T23:59:59+00:00"),
        ] {
            assert_eq!(expires_on(payload), expected, "{payload}");
        }
    }

    #[test]
    fn the_alphabet_is_that_of_urls() {
        // The standard alphabet writes `+` and `/` where this payload has `-` and `_`.
        let token = jwt(r#"{"n":"~~~???>>>","exp":1767225600}"#);
        assert!(token.contains('-') || token.contains('_'), "{token}");
        assert!(AccessToken::from_jwt(token.clone()).is_ok());
        let standard = token.replace('-', "+").replace('_', "/");
        assert_eq!(refusal(&standard).0, "payload");
    }

    #[test]
    fn blanks_around_the_token_are_dropped() {
        let token = AccessToken::from_jwt(format!(" {}\r\n", jwt(r#"{"exp":1}"#))).unwrap();
        assert_eq!(token.secret().expose(), jwt(r#"{"exp":1}"#));
    }

    #[test]
    fn an_unusable_token_is_refused_with_the_part_and_without_the_text() {
        let good = jwt(r#"{"exp":1767225600}"#);
        let [header, payload, signature]: [&str; 3] =
            good.split('.').collect::<Vec<_>>().try_into().unwrap();
        for (token, part) in [
            (String::new(), "text"),
            ("   ".to_owned(), "text"),
            ("token".to_owned(), "text"),
            (format!("{header}.{payload}"), "text"),
            (format!("{good}.more"), "text"),
            (format!("Bearer {good}"), "header"),
            (format!(".{payload}.{signature}"), "header"),
            (format!("{header}..{signature}"), "payload"),
            (format!("{header}.{payload}."), "signature"),
            (format!("{header}.{payload}.{signature}\nX"), "signature"),
            (format!("{header}.{payload}=.{signature}"), "payload"),
            (format!("{header}.{payload}é.{signature}"), "payload"),
            (jwt(""), "payload"),
            (jwt("no json"), "payload"),
            (jwt("[1767225600]"), "payload"),
            (jwt(r#"{"exp":1767225600"#), "payload"),
            (jwt("{}"), "`exp` claim"),
            (jwt(r#"{"exp":null}"#), "`exp` claim"),
            (jwt(r#"{"exp":"1767225600"}"#), "`exp` claim"),
            (jwt(r#"{"EXP":1767225600}"#), "`exp` claim"),
            (jwt(r#"{"exp":9223372036854775807}"#), "`exp` claim"),
            (jwt(r#"{"exp":1e300}"#), "`exp` claim"),
        ] {
            let (refused, message) = refusal(&token);
            assert_eq!(refused, part, "{token}: {message}");
            assert!(message.starts_with(&format!("the token's {part} ")));
            assert!(!message.contains("1767225600") && !message.contains("no json"));
        }
    }

    proptest! {
        #[test]
        fn every_second_of_the_calendar_is_read_back(seconds in -62_135_596_800_i64..253_402_300_800) {
            let token = AccessToken::from_jwt(jwt(&format!(r#"{{"exp":{seconds}}}"#))).unwrap();
            prop_assert_eq!(token.expires_on().unix_seconds(), seconds);
        }

        #[test]
        fn reading_never_panics_and_never_quotes(text in any::<String>(), payload in any::<String>()) {
            let _ = AccessToken::from_jwt(text);
            if let Err(error) = AccessToken::from_jwt(jwt(&payload)) {
                prop_assert!(payload.len() < 4 || !error.to_string().contains(&payload));
            }
        }
    }
}
