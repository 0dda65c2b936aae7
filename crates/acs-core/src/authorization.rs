//! Proving to the service who sends a request.

use std::sync::{Mutex, PoisonError};

use acs_auth::signing::{CONTENT_HASH_HEADER, DATE_HEADER, RequestToSign, content_hash};
use acs_auth::{
    AccessKey, AccessToken, AuthError, Credential, Endpoint, RESOURCE_SCOPE, Secret, TokenCache,
    UserTokenCredential,
};
use acs_types::Timestamp;
use bytes::Bytes;
use http::HeaderValue;
use http::header::{AUTHORIZATION, HeaderMap, HeaderName};
use tracing::trace;
use url::Position;
use zeroize::Zeroizing;

const CONTENT_HASH: HeaderName = HeaderName::from_static(CONTENT_HASH_HEADER);
const SIGNING_DATE: HeaderName = HeaderName::from_static(DATE_HEADER);

/// How requests are authorised.
#[derive(Debug)]
pub(crate) enum Authorization {
    Key(Signer),
    Token(Tokens),
    Missing,
}

/// Signs requests with the access key of the resource.
#[derive(Debug)]
pub(crate) struct Signer {
    key: AccessKey,
    host: String,
    /// The hash of no body, which most requests have.
    empty_hash: HeaderValue,
    date: DateHeader,
}

/// Sends tokens.
#[derive(Debug)]
pub(crate) struct Tokens {
    source: TokenSource,
    header: TokenHeader,
}

#[derive(Debug)]
enum TokenSource {
    Entra(TokenCache),
    User(UserTokenCredential),
    /// One token, of which somebody else takes care.
    Given(AccessToken),
}

/// The headers that authorise one attempt.
pub(crate) struct Proof {
    authorization: HeaderValue,
    /// Date and content hash; a token needs neither.
    signed: Option<(HeaderValue, HeaderValue)>,
}

impl Authorization {
    /// For services that the resource's owner calls.
    pub(crate) fn new(credential: Credential, endpoint: &Endpoint) -> Result<Self, AuthError> {
        match credential {
            Credential::AccessKey(key) => Ok(Self::Key(Signer {
                key,
                host: endpoint.host().to_owned(),
                empty_hash: header(content_hash(b"").try_into())?,
                date: DateHeader::default(),
            })),
            Credential::Token(credential) => {
                let cache = TokenCache::new(credential, &[RESOURCE_SCOPE]);
                Ok(Self::Token(Tokens::new(TokenSource::Entra(cache))))
            }
            Credential::UserToken(_) => Err(AuthError::new(
                "a user access token is for chat: this service takes an access key or a Microsoft Entra credential",
            )),
            _ => Err(AuthError::new("this kind of credential is not supported")),
        }
    }

    /// For what a chat user calls.
    pub(crate) fn of_user(credential: UserTokenCredential) -> Self {
        Self::Token(Tokens::new(TokenSource::User(credential)))
    }

    /// For calls that bring this token.
    pub(crate) fn given(token: AccessToken) -> Self {
        Self::Token(Tokens::new(TokenSource::Given(token)))
    }

    /// The hash that a signature covers, once for all attempts; `None` if the credential has no use for one.
    pub(crate) fn hash(&self, body: &[u8]) -> Result<Option<HeaderValue>, AuthError> {
        match self {
            Self::Key(signer) if body.is_empty() => Ok(Some(signer.empty_hash.clone())),
            Self::Key(_) => header(content_hash(body).try_into()).map(Some),
            Self::Token(_) | Self::Missing => Ok(None),
        }
    }

    /// Puts in the headers of a proof, without values, and takes out those of any other.
    pub(crate) fn reset_headers(&self, headers: &mut HeaderMap) {
        for name in [AUTHORIZATION, SIGNING_DATE, CONTENT_HASH] {
            headers.remove(name);
        }
        const NOTHING: HeaderValue = HeaderValue::from_static("");
        let signed = matches!(self, Self::Key(_)).then_some((NOTHING, NOTHING));
        let authorization = NOTHING;
        Proof {
            authorization,
            signed,
        }
        .add_to(headers);
    }
}

impl Signer {
    /// Signs a request as of `now`, with the hash of its body.
    pub(crate) fn sign(
        &self,
        request: &reqwest::Request,
        hash: Option<&HeaderValue>,
        now: Timestamp,
    ) -> Result<Proof, AuthError> {
        let date = self.date.at(now)?;
        let hash = hash.unwrap_or(&self.empty_hash);
        let to_sign = RequestToSign {
            method: request.method().as_str(),
            target: &request.url()[Position::BeforePath..Position::AfterQuery],
            host: &self.host,
            date: text(&date),
            content_hash: text(hash),
        };
        trace!(string_to_sign = ?to_sign.string_to_sign(), "signing");
        let signed = to_sign.sign(&self.key);
        let mut authorization = header(HeaderValue::try_from(signed.authorization))?;
        // HTTP libraries then leave it out of their logs.
        authorization.set_sensitive(true);
        Ok(Proof {
            authorization,
            signed: Some((date, hash.clone())),
        })
    }
}

impl Tokens {
    fn new(source: TokenSource) -> Self {
        let header = TokenHeader::default();
        Self { source, header }
    }

    /// Shows a token that is valid at `now`.
    pub(crate) async fn show(&self, now: Timestamp) -> Result<Proof, AuthError> {
        let token = self.source.token(now).await?;
        Ok(Proof {
            authorization: self.header.with(token.secret())?,
            signed: None,
        })
    }
}

impl TokenSource {
    /// A token that is valid at `now`.
    async fn token(&self, now: Timestamp) -> Result<AccessToken, AuthError> {
        match self {
            Self::Entra(cache) => cache.token(now).await,
            Self::User(credential) => credential.token(now).await,
            Self::Given(token) if token.expires_on() > now => Ok(token.clone()),
            Self::Given(token) => Err(AuthError::new(format!(
                "the token expired at {}: obtain a new one",
                token.expires_on()
            ))),
        }
    }
}

impl Proof {
    pub(crate) fn add_to(self, headers: &mut HeaderMap) {
        headers.insert(AUTHORIZATION, self.authorization);
        if let Some((date, hash)) = self.signed {
            headers.insert(SIGNING_DATE, date);
            headers.insert(CONTENT_HASH, hash);
        }
    }
}

/// The date in the form of a header, written once a second at most: writing it takes longer than copying it.
#[derive(Debug, Default)]
struct DateHeader(Mutex<Option<(i64, HeaderValue)>>);

impl DateHeader {
    fn at(&self, now: Timestamp) -> Result<HeaderValue, AuthError> {
        let second = now.unix_seconds();
        // Whole even if poisoned: it is replaced in one go.
        let mut written = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &*written {
            Some((at, value)) if *at == second => Ok(value.clone()),
            _ => {
                let value = header(now.http_date().try_into())?;
                *written = Some((second, value.clone()));
                Ok(value)
            }
        }
    }
}

/// The header of the last token, overwritten in memory when its last copy goes. A token is shown often before it changes.
#[derive(Debug, Default)]
struct TokenHeader(Mutex<Option<(Secret, HeaderValue)>>);

impl TokenHeader {
    fn with(&self, token: &Secret) -> Result<HeaderValue, AuthError> {
        // Whole even if poisoned: it is replaced in one go.
        let mut written = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &*written {
            Some((of, value)) if of.expose() == token.expose() => Ok(value.clone()),
            _ => {
                let text = Zeroizing::new(format!("Bearer {}", token.expose()));
                let mut value = header(HeaderValue::from_maybe_shared(Bytes::from_owner(text)))?;
                value.set_sensitive(true);
                *written = Some((token.clone(), value.clone()));
                Ok(value)
            }
        }
    }
}

/// For values that were made from text.
fn text(value: &HeaderValue) -> &str {
    value.to_str().unwrap_or_default()
}

/// The cause is left out, and so cannot quote a token.
fn header<E>(value: Result<HeaderValue, E>) -> Result<HeaderValue, AuthError> {
    value.map_err(|_| {
        AuthError::new(
            "the credential holds a line break or another character that a header cannot hold",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::{DateHeader, TokenHeader};
    use acs_auth::Secret;
    use acs_types::Timestamp;

    #[test]
    fn the_header_follows_the_token_and_is_hidden() {
        let header = TokenHeader::default();
        for token in ["first", "first", "second", "first"] {
            let value = header.with(&Secret::from(token)).expect("header");
            assert_eq!(value, format!("Bearer {token}"));
            assert!(value.is_sensitive());
        }
        assert!(!format!("{header:?}").contains("first"));
        let error = header.with(&Secret::from("a\nb")).expect_err("line break");
        assert!(error.to_string().contains("line break"), "{error}");
    }

    #[test]
    fn the_date_follows_the_clock_also_backwards() {
        let date = DateHeader::default();
        for (now, written) in [
            ("2024-01-18T09:30:00Z", "Thu, 18 Jan 2024 09:30:00 GMT"),
            ("2024-01-18T09:30:00.9Z", "Thu, 18 Jan 2024 09:30:00 GMT"),
            ("2024-01-18T09:30:01Z", "Thu, 18 Jan 2024 09:30:01 GMT"),
            ("2024-01-17T09:30:00Z", "Wed, 17 Jan 2024 09:30:00 GMT"),
        ] {
            let now = Timestamp::parse(now).expect("time");
            assert_eq!(date.at(now).expect("date"), written);
        }
    }
}
