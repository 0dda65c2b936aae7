//! Tokens of Microsoft Entra ID.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use acs_types::Timestamp;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;

use super::Answer;

/// How far the clocks of two machines may be apart, in seconds.
const TOLERANCE: i64 = 300;

/// What the token of a request has to say: who issued it, for whom, for how long, signed with a known key.
///
/// The keys are the key set that the issuer publishes (`jwks_uri` of its OpenID configuration). Fetching them is the caller's:
/// hand in the document when the program starts, and again from time to time with [`set_keys`](Self::set_keys) of a clone. A token
/// whose key is not among them is answered with 503, so that Event Grid comes again when the new keys are there.
#[derive(Clone)]
pub struct TokenCheck {
    issuers: Vec<String>,
    audiences: Vec<String>,
    clients: Vec<String>,
    keys: Arc<RwLock<Arc<JwkSet>>>,
}

/// A document that is no set of keys.
#[derive(Debug)]
pub struct KeysError(serde_json::Error);

#[derive(Deserialize)]
struct Claims {
    /// Required, see the validation.
    exp: Option<i64>,
    #[serde(default)]
    nbf: i64,
    azp: Option<String>,
    appid: Option<String>,
}

enum Failure {
    /// The signing key is not known, perhaps not yet.
    UnknownKey,
    Wrong(&'static str),
}

impl TokenCheck {
    /// A check of the issuer (`https://login.microsoftonline.com/<tenant>/v2.0`, or `https://sts.windows.net/<tenant>/`), the
    /// audience (the application that the event subscription names) and the issuer's key set as JSON.
    ///
    /// # Errors
    ///
    /// The text is no key set.
    pub fn new(
        issuer: impl Into<String>,
        audience: impl Into<String>,
        keys: &str,
    ) -> Result<Self, KeysError> {
        Ok(Self {
            issuers: vec![issuer.into()],
            audiences: vec![audience.into()],
            clients: Vec::new(),
            keys: Arc::new(RwLock::new(Arc::new(read_keys(keys)?))),
        })
    }

    /// Takes this issuer, too.
    #[must_use]
    pub fn or_issuer(mut self, issuer: impl Into<String>) -> Self {
        self.issuers.push(issuer.into());
        self
    }

    /// Takes this audience, too.
    #[must_use]
    pub fn or_audience(mut self, audience: impl Into<String>) -> Self {
        self.audiences.push(audience.into());
        self
    }

    /// Takes only tokens that this application got (`azp` or `appid`): the one that Event Grid is in the tenant. Without it any
    /// application that may get a token for the audience can post events.
    #[must_use]
    pub fn of_client(mut self, client: impl Into<String>) -> Self {
        self.clients.push(client.into());
        self
    }

    /// Replaces the keys, for all clones of this check.
    ///
    /// # Errors
    ///
    /// The text is no key set; the old one stays.
    pub fn set_keys(&self, keys: &str) -> Result<(), KeysError> {
        let keys = Arc::new(read_keys(keys)?);
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = keys;
        Ok(())
    }

    pub(super) fn check(&self, authorization: Option<&str>, now: Timestamp) -> Result<(), Answer> {
        let refuse = |status, reason: &str| {
            Answer::refusal(status, reason).with_header("www-authenticate", "Bearer")
        };
        let token = authorization
            .and_then(|value| value.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, token)| token.trim())
            .ok_or_else(|| refuse(401, "the header \"authorization\" holds no bearer token"))?;
        self.verify(token, now.unix_seconds())
            .map_err(|failure| match failure {
                Failure::UnknownKey => {
                    Answer::refusal(503, "the token is signed with a key that is not known yet")
                }
                Failure::Wrong(reason) => refuse(401, reason),
            })
    }

    fn verify(&self, token: &str, now: i64) -> Result<(), Failure> {
        // Programs that enable two implementations of the algorithms would get a panic otherwise. If there is one already, it stays.
        let _ = jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER.install_default();
        let header =
            jsonwebtoken::decode_header(token).map_err(|_| Failure::Wrong("the token is none"))?;
        let keys = Arc::clone(&self.keys.read().unwrap_or_else(PoisonError::into_inner));
        let key = header
            .kid
            .as_deref()
            .and_then(|id| keys.find(id))
            .ok_or(Failure::UnknownKey)?;
        let key =
            DecodingKey::from_jwk(key).map_err(|_| Failure::Wrong("the key is no RSA key"))?;
        // One algorithm: a token must not choose how it is verified.
        let mut validation = Validation::new(Algorithm::RS256);
        validation.set_issuer(&self.issuers);
        validation.set_audience(&self.audiences);
        validation.set_required_spec_claims(&["exp", "iss", "aud"]);
        // The time is the caller's, not that of the machine.
        validation.validate_exp = false;
        let claims = jsonwebtoken::decode::<Claims>(token, &key, &validation)
            .map_err(|error| Failure::Wrong(reason(error.kind())))?
            .claims;
        let end = claims.exp.unwrap_or(i64::MIN);
        if end.saturating_add(TOLERANCE) <= now {
            return Err(Failure::Wrong("the token has expired"));
        }
        if claims.nbf.saturating_sub(TOLERANCE) > now {
            return Err(Failure::Wrong("the token is not valid yet"));
        }
        let client = claims.azp.or(claims.appid).unwrap_or_default();
        if !self.clients.is_empty() && !self.clients.contains(&client) {
            return Err(Failure::Wrong("the token was given to another application"));
        }
        Ok(())
    }
}

fn read_keys(keys: &str) -> Result<JwkSet, KeysError> {
    serde_json::from_str(keys).map_err(KeysError)
}

fn reason(kind: &ErrorKind) -> &'static str {
    match kind {
        ErrorKind::InvalidIssuer => "the token has another issuer",
        ErrorKind::InvalidAudience => "the token is for another audience",
        ErrorKind::InvalidSignature => "the signature of the token is wrong",
        ErrorKind::InvalidAlgorithm => "the token is signed with another algorithm than RS256",
        ErrorKind::MissingRequiredClaim(_) => "the token lacks a claim",
        _ => "the token is none",
    }
}

impl fmt::Debug for TokenCheck {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("TokenCheck")
            .field("issuers", &self.issuers)
            .field("audiences", &self.audiences)
            .field("clients", &self.clients)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for KeysError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "not a set of keys: {}", self.0)
    }
}

impl std::error::Error for KeysError {}
