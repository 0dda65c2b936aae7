//! Connection strings of storage accounts, and the signatures that are made with their keys.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use azure_core::http::policies::{Policy, PolicyResult};
use azure_core::http::{Context, Request, Url};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use time::OffsetDateTime;
use time::macros::format_description;
use zeroize::Zeroizing;

use crate::Error;

/// The account of Azurite and of the storage emulator before it. Its key is published.
const DEVELOPMENT_ACCOUNT: &str = "devstoreaccount1";
const DEVELOPMENT_KEY: &str =
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

/// How long a signature is good for. Each attempt of a call gets a new one.
const LIFETIME: Duration = Duration::from_secs(3_600);
/// How far the clocks of two machines may be apart.
const TOLERANCE: Duration = Duration::from_secs(900);

/// What a connection string says: where the queues are, and how to sign.
#[derive(Debug)]
pub(crate) struct Account {
    pub(crate) endpoint: Url,
    pub(crate) signer: Signer,
}

/// How a call is signed.
#[derive(Debug)]
pub(crate) enum Signer {
    Key(AccountKey),
    /// A signature that somebody else made, as a query.
    Signature(Zeroizing<String>),
}

impl Account {
    /// Reads `DefaultEndpointsProtocol=…;AccountName=…;AccountKey=…;EndpointSuffix=…`, the same with `QueueEndpoint` or
    /// `SharedAccessSignature`, and `UseDevelopmentStorage=true`.
    pub(crate) fn parse(connection_string: &str) -> Result<Self, Error> {
        let parts = parts(connection_string)?;
        let part = |name: &str| parts.get(&name.to_ascii_lowercase()).copied();
        if part("UseDevelopmentStorage").is_some_and(|value| value.eq_ignore_ascii_case("true")) {
            let endpoint = format!("http://127.0.0.1:10001/{DEVELOPMENT_ACCOUNT}");
            return Ok(Self {
                endpoint: url(&endpoint)?,
                signer: Signer::Key(AccountKey::new(DEVELOPMENT_ACCOUNT, DEVELOPMENT_KEY)?),
            });
        }
        let account = part("AccountName");
        let endpoint = match (part("QueueEndpoint"), account) {
            (Some(endpoint), _) => endpoint.trim_end_matches('/').to_owned(),
            (None, Some(account)) => {
                let protocol = part("DefaultEndpointsProtocol").unwrap_or("https");
                let suffix = part("EndpointSuffix").unwrap_or("core.windows.net");
                format!("{protocol}://{account}.queue.{suffix}")
            }
            (None, None) => {
                return Err(Error::config(
                    "the connection string has neither \"AccountName\" nor \"QueueEndpoint\"",
                ));
            }
        };
        let signer = match (part("SharedAccessSignature"), part("AccountKey"), account) {
            (Some(signature), _, _) => {
                Signer::Signature(Zeroizing::new(signature.trim_start_matches('?').to_owned()))
            }
            (None, Some(key), Some(account)) => Signer::Key(AccountKey::new(account, key)?),
            (None, Some(_), None) => {
                return Err(Error::config(
                    "the connection string has no \"AccountName\"",
                ));
            }
            (None, None, _) => {
                return Err(Error::config(
                    "the connection string has neither \"AccountKey\" nor \"SharedAccessSignature\"",
                ));
            }
        };
        Ok(Self {
            endpoint: url(&endpoint)?,
            signer,
        })
    }
}

/// Parts by name in lower case. Keys end in `=`, so only the first one parts name and value.
fn parts(connection_string: &str) -> Result<BTreeMap<String, &str>, Error> {
    connection_string
        .split(';')
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(|part| match part.split_once('=') {
            Some((name, value)) => Ok((name.trim().to_ascii_lowercase(), value.trim())),
            None => Err(Error::config(
                "a part of the connection string has no \"=\"; it reads \"Name=value;Name=value\"",
            )),
        })
        .collect()
}

pub(crate) fn url(text: &str) -> Result<Url, Error> {
    let url = Url::parse(text).ok().filter(|url| url.has_host());
    url.ok_or_else(|| {
        Error::config(
            "the queue endpoint is no URL such as \"https://account.queue.core.windows.net\"",
        )
    })
}

/// Makes account signatures: for the queue service alone, and without the right to delete queues.
pub(crate) struct AccountKey {
    account: String,
    key: Zeroizing<Vec<u8>>,
}

impl AccountKey {
    fn new(account: &str, key: &str) -> Result<Self, Error> {
        let key = STANDARD
            .decode(key)
            .map_err(|_| Error::config("\"AccountKey\" of the connection string is not base64"))?;
        Ok(Self {
            account: account.to_owned(),
            key: Zeroizing::new(key),
        })
    }

    /// The parameters of a signature that ends an hour after `now`.
    fn sign(&self, now: SystemTime, https_only: bool) -> Vec<(&'static str, String)> {
        const VERSION: &str = "2021-12-02";
        // Read, add, create, update, process; on the service, its queues and their messages.
        const PERMISSIONS: &str = "racup";
        let protocol = if https_only { "https" } else { "https,http" };
        let (start, expiry) = (instant(now - TOLERANCE), instant(now + LIFETIME));
        // Address range and encryption scope are empty.
        let signed = format!(
            "{}\n{PERMISSIONS}\nq\nsco\n{start}\n{expiry}\n\n{protocol}\n{VERSION}\n\n",
            self.account
        );
        let signature = Hmac::<Sha256>::new_from_slice(&self.key)
            .map(|hmac| hmac.chain_update(signed).finalize().into_bytes())
            .map(|bytes| STANDARD.encode(bytes))
            .unwrap_or_default();
        vec![
            ("sv", VERSION.to_owned()),
            ("ss", "q".to_owned()),
            ("srt", "sco".to_owned()),
            ("sp", PERMISSIONS.to_owned()),
            ("st", start),
            ("se", expiry),
            ("spr", protocol.to_owned()),
            ("sig", signature),
        ]
    }
}

impl fmt::Debug for AccountKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "AccountKey({:?}, <secret>)", self.account)
    }
}

fn instant(at: SystemTime) -> String {
    let form = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
    // The form has no part that a date could lack.
    OffsetDateTime::from(at).format(&form).unwrap_or_default()
}

/// Signs every attempt of a call anew, so that a receiver may run for as long as it likes.
#[derive(Debug)]
pub(crate) struct SignEachAttempt(pub(crate) AccountKey);

#[async_trait]
impl Policy for SignEachAttempt {
    async fn send(
        &self,
        context: &Context,
        request: &mut Request,
        next: &[Arc<dyn Policy>],
    ) -> PolicyResult {
        let https_only = request.url().scheme() == "https";
        let signature = self.0.sign(SystemTime::now(), https_only);
        let url = request.url_mut();
        // An attempt before this one left its signature there.
        let others: Vec<(String, String)> = url
            .query_pairs()
            .filter(|(name, _)| signature.iter().all(|(part, _)| part != name))
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect();
        url.query_pairs_mut()
            .clear()
            .extend_pairs(others)
            .extend_pairs(signature);
        match next.split_first() {
            Some((policy, rest)) => policy.send(context, request, rest).await,
            None => Err(azure_core::Error::with_message(
                azure_core::error::ErrorKind::Other,
                "there is no transport behind the signature",
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::{Account, AccountKey, DEVELOPMENT_ACCOUNT, DEVELOPMENT_KEY, Signer};

    #[test]
    fn endpoints_come_from_the_parts_that_are_there() {
        for (text, endpoint) in [
            (
                "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=a2V5;EndpointSuffix=core.windows.net",
                "https://a.queue.core.windows.net/",
            ),
            (
                "AccountName=a;AccountKey=a2V5",
                "https://a.queue.core.windows.net/",
            ),
            (
                " accountname = a ; ACCOUNTKEY=a2V5;QueueEndpoint=http://127.0.0.1:10001/a/; ",
                "http://127.0.0.1:10001/a",
            ),
            (
                "UseDevelopmentStorage=true",
                "http://127.0.0.1:10001/devstoreaccount1",
            ),
            (
                "QueueEndpoint=https://q.example.com;SharedAccessSignature=?sv=1&sig=x%3D",
                "https://q.example.com/",
            ),
        ] {
            let account = Account::parse(text).expect(text);
            assert_eq!(account.endpoint.as_str(), endpoint);
            assert!(!format!("{account:?}").contains("a2V5"));
        }
    }

    #[test]
    fn what_is_missing_or_wrong_is_named_and_no_key_is_shown() {
        for (text, named) in [
            ("", "AccountName"),
            ("nonsense", "="),
            ("AccountName=a", "AccountKey"),
            ("AccountName=a;AccountKey=%%%", "base64"),
            ("QueueEndpoint=http://q;AccountKey=a2V5", "AccountName"),
            ("QueueEndpoint=a2V5;AccountName=a;AccountKey=a2V5", "URL"),
        ] {
            let error = Account::parse(text).expect_err(text).to_string();
            assert!(error.contains(named), "{text}: {error}");
            assert!(!error.contains("a2V5"), "{error}");
        }
    }

    #[test]
    fn a_signature_depends_on_key_and_time_only() {
        let key = AccountKey::new(DEVELOPMENT_ACCOUNT, DEVELOPMENT_KEY).expect("a key");
        let at = SystemTime::UNIX_EPOCH + Duration::from_secs(1_705_570_200);
        let signed = key.sign(at, false);
        let value = |name| {
            &signed
                .iter()
                .find(|(part, _)| *part == name)
                .expect("there")
                .1
        };
        assert_eq!(value("st"), "2024-01-18T09:15:00Z");
        assert_eq!(value("se"), "2024-01-18T10:30:00Z");
        assert_eq!(value("spr"), "https,http");
        // The same with openssl over the documented lines.
        assert_eq!(value("sig"), "b/tiIJj9NAIXKOD7QPejuIhaSJEz24z4zVHY4jXjDhY=");
        assert_ne!(signed, key.sign(at, true));
    }

    #[test]
    fn a_given_signature_loses_its_question_mark() {
        let account = Account::parse("QueueEndpoint=https://q;SharedAccessSignature=?sv=1&sig=x");
        match account.expect("complete").signer {
            Signer::Signature(signature) => assert_eq!(signature.as_str(), "sv=1&sig=x"),
            Signer::Key(key) => panic!("{key:?}"),
        }
    }
}
