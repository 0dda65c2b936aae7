//! The access key of a resource.

use std::fmt;
use std::sync::Arc;

use base64::DecodeError;
use base64::prelude::{BASE64_STANDARD, Engine as _};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use zeroize::Zeroizing;

/// The access key of a resource, prepared for signing.
///
/// The key's HMAC state is computed once; each signature starts from a copy of it. The base64 text is not kept.
/// Clones share the state, which is overwritten in memory when the last clone goes. `Debug` shows nothing of the key.
///
/// ```
/// use acs_auth::AccessKey;
///
/// let key = AccessKey::from_base64("c2VjcmV0IGFjY2VzcyBrZXk=")?;
/// assert_eq!(format!("{key:?}"), "AccessKey([redacted])");
/// # Ok::<(), acs_auth::AccessKeyError>(())
/// ```
#[derive(Clone)]
pub struct AccessKey(Arc<Hmac<Sha256>>);

impl AccessKey {
    /// Reads the key as the portal shows it: standard base64 with padding. Blanks around it are ignored.
    ///
    /// # Errors
    ///
    /// The text is empty or not base64. The error says where it goes wrong, without any of the text.
    pub fn from_base64(text: &str) -> Result<Self, AccessKeyError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(AccessKeyError(Problem::Empty));
        }
        let bytes = Zeroizing::new(
            BASE64_STANDARD
                .decode(text)
                .map_err(AccessKeyError::from_decoding)?,
        );
        let state = Hmac::new_from_slice(&bytes).map_err(|_| AccessKeyError(Problem::Length))?;
        Ok(Self(Arc::new(state)))
    }

    pub(crate) fn sign(&self, message: &str) -> String {
        let state = Hmac::clone(&self.0).chain_update(message);
        BASE64_STANDARD.encode(state.finalize().into_bytes())
    }

    /// Compares in constant time.
    pub(crate) fn has_signed(&self, message: &str, signature: &[u8]) -> bool {
        let state = Hmac::clone(&self.0).chain_update(message);
        state.verify_slice(signature).is_ok()
    }
}

impl fmt::Debug for AccessKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccessKey([redacted])")
    }
}

/// Why a text is not an access key. Holds nothing of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessKeyError(Problem);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Problem {
    Empty,
    Character { position: usize },
    Length,
}

impl AccessKeyError {
    // The decoder's own error quotes a character of the key, so it cannot be kept as the source.
    fn from_decoding(error: DecodeError) -> Self {
        Self(match error {
            DecodeError::InvalidByte(offset, _) | DecodeError::InvalidLastSymbol { offset, .. } => {
                Problem::Character {
                    position: offset + 1,
                }
            }
            DecodeError::InvalidLength(_) | DecodeError::InvalidPadding => Problem::Length,
        })
    }
}

impl fmt::Display for AccessKeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Problem::Empty => f.write_str("the access key is empty"),
            Problem::Character { position } => write!(
                f,
                "the access key is not base64 at character {position}: copy the key again from the resource's Keys page"
            ),
            Problem::Length => f.write_str(
                "the access key is not complete base64: copy the whole key, including any `=` at its end, from the \
                 resource's Keys page",
            ),
        }
    }
}

impl std::error::Error for AccessKeyError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> String {
        AccessKey::from_base64(text).unwrap_err().to_string()
    }

    #[test]
    fn signs_as_rfc_4231_says() {
        // Test case 2 of the RFC: key "Jefe".
        let key = AccessKey::from_base64("SmVmZQ==").unwrap();
        let expected = "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM=";
        assert_eq!(key.sign("what do ya want for nothing?"), expected);
        assert!(key.has_signed(
            "what do ya want for nothing?",
            &BASE64_STANDARD.decode(expected).unwrap()
        ));
    }

    #[test]
    fn a_signature_of_another_text_or_cut_short_is_not_accepted() {
        let key = AccessKey::from_base64("SmVmZQ==").unwrap();
        let signature = BASE64_STANDARD.decode(key.sign("one")).unwrap();
        assert!(key.has_signed("one", &signature));
        assert!(!key.has_signed("two", &signature));
        assert!(!key.has_signed("one", &signature[..16]));
        assert!(!key.has_signed("one", &[]));
    }

    #[test]
    fn blanks_around_the_key_are_ignored() {
        let key = AccessKey::from_base64(" SmVmZQ==\r\n").unwrap();
        assert_eq!(
            key.sign("x"),
            AccessKey::from_base64("SmVmZQ==").unwrap().sign("x")
        );
    }

    #[test]
    fn an_unusable_key_is_refused_with_the_place_and_without_the_text() {
        assert_eq!(refusal(""), "the access key is empty");
        assert_eq!(refusal(" \n"), "the access key is empty");
        assert!(refusal("SmVm*mQ=").contains("at character 5"));
        assert!(refusal("SmVmZQ").contains("including any `=`"));
        assert!(refusal("SmVmZ").contains("including any `=`"));
        assert!(!refusal("SmVm*mQ=").contains('*'));
    }
}
