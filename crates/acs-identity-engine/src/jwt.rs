//! JSON Web Tokens: signing and opening with HMAC-SHA256 (`HS256`).
//!
//! The services sign with RS256. Clients read the claims and never verify, so the kind of key is the emulator's own affair;
//! a symmetric key follows from the access key and needs neither a key pair nor randomness.

use std::borrow::Borrow;
use std::fmt;

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::Sha256;

const ALGORITHM: &str = "HS256";

/// A key that signs tokens. `Debug` shows nothing of it.
#[derive(Clone)]
pub struct SigningKey(Hmac<Sha256>);

impl SigningKey {
    /// A key for one purpose, made of a secret that may serve others as well. The same secret and purpose give the same key.
    #[must_use]
    pub fn derive(secret: &[u8], purpose: &str) -> Self {
        let mut mac = keyed(secret);
        mac.update(purpose.as_bytes());
        Self(keyed(&mac.finalize().into_bytes()))
    }

    /// Signs claims. They must serialise to a JSON object in ASCII without `>`, `?` and `~`: some clients read the payload with
    /// the other base64 alphabet, and without these characters both alphabets agree (auth 42).
    pub(crate) fn sign(&self, claims: &impl Serialize) -> SignedToken {
        let header = Header {
            alg: ALGORITHM.to_owned(),
            typ: Some("JWT".to_owned()),
        };
        let mut text = format!("{}.{}", encoded(&header), encoded(claims));
        let mut mac = self.0.clone();
        mac.update(text.as_bytes());
        text.push('.');
        BASE64_URL_SAFE_NO_PAD.encode_string(mac.finalize().into_bytes(), &mut text);
        SignedToken(text)
    }

    /// Verifies a token and reads its claims.
    pub(crate) fn open<C: DeserializeOwned>(&self, token: &str) -> Result<C, TokenError> {
        let (signed, signature) = token.rsplit_once('.').ok_or(TokenError::Malformed)?;
        let (header, payload) = signed.split_once('.').ok_or(TokenError::Malformed)?;
        let header: Header = decoded(header).ok_or(TokenError::Malformed)?;
        if header.alg != ALGORITHM {
            return Err(TokenError::Algorithm);
        }
        let signature = BASE64_URL_SAFE_NO_PAD
            .decode(signature)
            .map_err(|_| TokenError::Malformed)?;
        let mut mac = self.0.clone();
        mac.update(signed.as_bytes());
        mac.verify_slice(&signature)
            .map_err(|_| TokenError::Signature)?;
        decoded(payload).ok_or(TokenError::Claims)
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SigningKey(..)")
    }
}

#[derive(Serialize, Deserialize)]
struct Header {
    alg: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    typ: Option<String>,
}

fn keyed(secret: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(secret).expect("HMAC takes keys of every length")
}

fn encoded(part: &impl Serialize) -> String {
    let json = serde_json::to_vec(part).expect("claims have text keys");
    BASE64_URL_SAFE_NO_PAD.encode(json)
}

fn decoded<T: DeserializeOwned>(part: &str) -> Option<T> {
    let json = BASE64_URL_SAFE_NO_PAD.decode(part).ok()?;
    serde_json::from_slice(&json).ok()
}

/// A token in its compact form. `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct SignedToken(String);

impl SignedToken {
    /// The text to put after `Bearer`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for SignedToken {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl Borrow<str> for SignedToken {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SignedToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SignedToken(..)")
    }
}

/// Why a token is not accepted. Holds nothing of the token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// Not three parts of base64url with JSON in the first.
    #[error("the token is not a JSON Web Token: three parts of base64url with a dot between them")]
    Malformed,
    /// Signed in another way, or not at all.
    #[error("the token's header names another algorithm than HS256")]
    Algorithm,
    /// Altered, or signed with another key.
    #[error("the token's signature does not hold; it was altered, or made with another access key")]
    Signature,
    /// Signed, but not what is needed here: a token of the other kind, or of another version of this program.
    #[error("the token lacks claims that are needed here; is it of the right kind?")]
    Claims,
    /// Its time is over.
    #[error("the token has expired")]
    Expired,
    /// For another service.
    #[error("the token is for another audience")]
    Audience,
    /// Its user's tokens were revoked after it was issued.
    #[error("the token was revoked")]
    Revoked,
    /// Its user was deleted, or is not of this resource.
    #[error("the token's user does not exist")]
    UnknownUser,
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn key() -> SigningKey {
        SigningKey::derive(b"secret", "tests")
    }

    fn part(json: &Value) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(json.to_string())
    }

    #[test]
    fn a_token_opens_with_its_key_alone() {
        let token = key().sign(&json!({ "exp": 1 }));
        assert_eq!(token.as_str().split('.').count(), 3);
        assert_eq!(key().open::<Value>(token.as_str()), Ok(json!({ "exp": 1 })));
        for other in [
            SigningKey::derive(b"secret", "other"),
            SigningKey::derive(b"other", "tests"),
        ] {
            let refused = other.open::<Value>(token.as_str());
            assert_eq!(refused, Err(TokenError::Signature));
        }
    }

    #[test]
    fn every_altered_character_is_noticed() {
        let token = key().sign(&json!({ "sub": "someone", "exp": 1_700_000_000 }));
        let text = token.as_str();
        for (at, original) in text.char_indices() {
            let altered = if original == 'A' { 'B' } else { 'A' };
            let mut changed = text.to_owned();
            changed.replace_range(at..=at, &altered.to_string());
            assert!(key().open::<Value>(&changed).is_err(), "{changed}");
        }
    }

    #[test]
    fn an_unsigned_token_is_refused_even_if_it_says_so() {
        let unsigned = part(&json!({ "alg": "none" }));
        let claims = part(&json!({ "exp": 1 }));
        let refused = key().open::<Value>(&format!("{unsigned}.{claims}."));
        assert_eq!(refused, Err(TokenError::Algorithm));
        let other = part(&json!({ "alg": "RS256" }));
        let refused = key().open::<Value>(&format!("{other}.{claims}.AAAA"));
        assert_eq!(refused, Err(TokenError::Algorithm));
    }

    #[test]
    fn what_is_no_token_is_refused() {
        for text in ["", "a", "a.b", "a.b.c", "..", "e30.e30.e30", "é.é.é"] {
            let refused = key().open::<Value>(text);
            assert_eq!(refused, Err(TokenError::Malformed), "{text}");
        }
    }

    #[test]
    fn nothing_secret_shows_in_debug() {
        let token = key().sign(&json!({ "exp": 1 }));
        assert_eq!(
            format!("{token:?} {:?}", key()),
            "SignedToken(..) SigningKey(..)"
        );
    }
}
