//! How a webhook knows that a request comes from Event Grid. It signs nothing, so there are these three means.

use std::fmt;

use acs_types::Timestamp;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::{Answer, Request};

/// What every request has to show, handshakes included.
///
/// Secrets are compared in a time that tells nothing of how much was right. Give the new and the old one while you change it.
pub struct Protection(Means);

enum Means {
    Open,
    Query(String, Secrets),
    Header(String, Secrets),
    #[cfg(feature = "entra")]
    Token(super::TokenCheck),
}

impl Protection {
    /// A secret in the query of the URL that the event subscription posts to: `https://host/events?code=<secret>`. Event Grid
    /// repeats the query on every call and does not show it to those who read the subscription.
    #[must_use]
    pub fn query<S: Into<String>>(
        parameter: impl Into<String>,
        secrets: impl IntoIterator<Item = S>,
    ) -> Self {
        Self(Means::Query(parameter.into(), Secrets::new(secrets)))
    }

    /// A secret in a header, which the event subscription adds as a static delivery property.
    #[must_use]
    pub fn header<S: Into<String>>(
        name: impl Into<String>,
        secrets: impl IntoIterator<Item = S>,
    ) -> Self {
        Self(Means::Header(name.into(), Secrets::new(secrets)))
    }

    /// A token of Microsoft Entra ID in the header `authorization`.
    #[cfg(feature = "entra")]
    #[must_use]
    pub fn token(check: super::TokenCheck) -> Self {
        Self(Means::Token(check))
    }

    /// Nothing: whoever reaches the URL can post events. For tests, and behind a gateway that checks.
    #[must_use]
    pub fn open() -> Self {
        Self(Means::Open)
    }

    /// Checks a request. An error is the answer to it.
    pub(super) fn check(&self, request: &Request<'_>, now: Timestamp) -> Result<(), Answer> {
        #[cfg(not(feature = "entra"))]
        let _ = now;
        match &self.0 {
            Means::Open => Ok(()),
            Means::Query(parameter, secrets) => {
                let values: Vec<_> = request.parameters(parameter).collect();
                secrets.check(
                    values.iter().map(AsRef::as_ref),
                    "the query parameter",
                    parameter,
                )
            }
            Means::Header(name, secrets) => {
                secrets.check(request.header(name).into_iter(), "the header", name)
            }
            #[cfg(feature = "entra")]
            Means::Token(check) => check.check(request.header("authorization"), now),
        }
    }
}

impl fmt::Debug for Protection {
    /// Shows no secret.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Means::Open => formatter.write_str("Open"),
            Means::Query(parameter, _) => write!(formatter, "Query({parameter:?}, <secret>)"),
            Means::Header(name, _) => write!(formatter, "Header({name:?}, <secret>)"),
            #[cfg(feature = "entra")]
            Means::Token(check) => check.fmt(formatter),
        }
    }
}

/// Values of which one has to be shown. An empty one would be shown by leaving it out, so it counts for nothing.
struct Secrets(Vec<Zeroizing<String>>);

impl Secrets {
    fn new<S: Into<String>>(secrets: impl IntoIterator<Item = S>) -> Self {
        let secrets = secrets
            .into_iter()
            .map(|secret| Zeroizing::new(secret.into()));
        Self(secrets.filter(|secret| !secret.is_empty()).collect())
    }

    fn check<'a>(
        &self,
        mut shown: impl Iterator<Item = &'a str>,
        place: &str,
        name: &str,
    ) -> Result<(), Answer> {
        match shown.next() {
            None => Err(Answer::refusal(401, format!("{place} {name:?} is missing"))),
            Some(first) if shown.next().is_none() && self.holds(first) => Ok(()),
            Some(_) => Err(Answer::refusal(
                403,
                format!("{place} {name:?} is not what it should be"),
            )),
        }
    }

    fn holds(&self, shown: &str) -> bool {
        let holds = self
            .0
            .iter()
            .fold(subtle::Choice::from(0), |holds, secret| {
                holds | secret.as_bytes().ct_eq(shown.as_bytes())
            });
        holds.into()
    }
}
