//! A storage queue that gets events as Event Grid writes them: one message per event, base64 of its JSON.

use std::fmt;
use std::time::{Duration, SystemTime};

use acs_types::Timestamp;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use url::Url;

use super::delivery::{Attempt, Consent};
use super::envelope::Envelope;
use super::{ANSWER_LIMIT, Event, schedule};
use crate::outbound::{Outbound, OutboundAnswer, OutboundError};

/// The account of Azurite. Its key is published.
const DEVELOPMENT: &str = "AccountName=devstoreaccount1;\
    AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==;\
    QueueEndpoint=http://127.0.0.1:10001/devstoreaccount1";

/// Of requests and of signatures. Old enough for every Azurite that is in use.
const VERSION: &str = "2021-12-02";

/// How long a signature is good for. Each request has its own.
const SIGNATURE_LIFETIME: Duration = Duration::from_secs(60 * 60);

/// How far the clocks of two machines may be apart.
const CLOCK_TOLERANCE: Duration = Duration::from_secs(15 * 60);

/// A queue that gets every event.
#[derive(Clone, Debug)]
pub(crate) struct StorageQueue {
    /// Without a signature.
    url: Url,
    access: Access,
    number: usize,
}

#[derive(Clone)]
enum Access {
    Key {
        account: String,
        hmac: Hmac<Sha256>,
    },
    /// A query that somebody else has signed.
    Signature(String),
}

/// Shows no secret.
impl fmt::Debug for Access {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Key { .. } => "Key",
            Self::Signature(_) => "Signature",
        })
    }
}

/// Why a storage queue is not usable. The connection string itself is not shown, as it holds a secret.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("storage queue {number} {reason}")]
pub struct StorageQueueError {
    number: usize,
    reason: String,
}

impl StorageQueue {
    /// A queue by the connection string of its account. `number` tells it from the others of the same emulator, from 1 on.
    pub(crate) fn new(
        connection_string: &str,
        queue: &str,
        number: usize,
    ) -> Result<Self, StorageQueueError> {
        let parsed = Parts::of(connection_string).and_then(|parts| {
            Ok(Self {
                url: parts.queue_url(queue)?,
                access: parts.access()?,
                number,
            })
        });
        parsed.map_err(|reason| StorageQueueError { number, reason })
    }

    pub(super) fn name(&self) -> String {
        format!("QUEUE-{}", self.number)
    }

    /// Makes the queue, unless it exists.
    pub(super) async fn create(&self, outbound: &Outbound) -> Consent {
        let url = self.signed(self.url.clone());
        match send(outbound, Method::PUT, &url, String::new()).await {
            Ok(answer) if answer.status.is_success() => Consent::Given,
            Ok(answer) if answer.status == StatusCode::CONFLICT && exists(&answer) => {
                Consent::Given
            }
            Ok(answer) if answer.status.is_client_error() && !may_pass(answer.status) => {
                Consent::Refused(format!("the queue cannot be made: {answer}"))
            }
            Ok(answer) => Consent::Unclear(format!("the queue cannot be made: {answer}")),
            Err(error) => Consent::Unclear(error.to_string()),
        }
    }

    pub(super) async fn send(&self, outbound: &Outbound, event: &Event) -> Attempt {
        let event = match serde_json::to_vec(&Envelope::new(event)) {
            Ok(event) => STANDARD.encode(event),
            Err(error) => return Attempt::Refused(error.to_string()),
        };
        let mut url = self.url.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.push("messages");
        }
        // Base64 has nothing that XML would take for markup.
        let body = format!("<QueueMessage><MessageText>{event}</MessageText></QueueMessage>");
        match send(outbound, Method::POST, &self.signed(url), body).await {
            Ok(answer) => judge(&answer),
            Err(error) => Attempt::Failed {
                problem: error.to_string(),
                least: Duration::ZERO,
            },
        }
    }

    /// The address with the right to call it now.
    fn signed(&self, mut url: Url) -> Url {
        match &self.access {
            Access::Signature(query) => url.set_query(Some(query)),
            Access::Key { account, hmac } => {
                let https_only = url.scheme() == "https";
                let query = account_signature(account, hmac, SystemTime::now(), https_only);
                url.query_pairs_mut().extend_pairs(query);
            }
        }
        url
    }
}

/// Host and path, which has the account for Azurite.
impl fmt::Display for StorageQueue {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let origin = self.url.origin().ascii_serialization();
        write!(formatter, "{origin}{}", self.url.path())
    }
}

/// The parts of a connection string.
struct Parts<'s>(Vec<(&'s str, &'s str)>);

impl<'s> Parts<'s> {
    fn of(connection_string: &'s str) -> Result<Self, String> {
        let parts = connection_string.split(';').map(str::trim);
        let parts = parts.filter(|part| !part.is_empty()).map(|part| {
            // Keys end in `=` themselves.
            let part = part.split_once('=').ok_or(
                "has a part without `=` in its connection string, which reads `Name=value;Name=value`",
            )?;
            Ok((part.0.trim(), part.1.trim()))
        });
        let parts = Self(parts.collect::<Result<_, String>>()?);
        match parts.get("UseDevelopmentStorage") {
            Some(value) if value.eq_ignore_ascii_case("true") => Parts::of(DEVELOPMENT),
            _ => Ok(parts),
        }
    }

    fn get(&self, name: &str) -> Option<&'s str> {
        let mut parts = self.0.iter();
        let part = parts.find(|(key, value)| key.eq_ignore_ascii_case(name) && !value.is_empty());
        part.map(|(_, value)| *value)
    }

    fn queue_url(&self, queue: &str) -> Result<Url, String> {
        let is_letter = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit();
        let fits = (3..=63).contains(&queue.len())
            && queue
                .chars()
                .all(|letter| is_letter(letter) || letter == '-')
            && queue.starts_with(is_letter)
            && queue.ends_with(is_letter);
        if !fits {
            return Err(
                "needs a name of 3 to 63 small letters, digits and hyphens behind the connection string"
                    .to_owned(),
            );
        }
        let endpoint = match (self.get("QueueEndpoint"), self.get("AccountName")) {
            (Some(endpoint), _) => endpoint.to_owned(),
            (None, Some(account)) => {
                let protocol = self.get("DefaultEndpointsProtocol").unwrap_or("https");
                let suffix = self.get("EndpointSuffix").unwrap_or("core.windows.net");
                format!("{protocol}://{account}.queue.{suffix}")
            }
            (None, None) => {
                return Err(
                    "has neither `AccountName` nor `QueueEndpoint` in its connection string"
                        .to_owned(),
                );
            }
        };
        let url = Url::parse(&format!("{}/{queue}", endpoint.trim_end_matches('/')));
        let url = url
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https"));
        url.ok_or_else(|| "has no http or https endpoint in its connection string".to_owned())
    }

    fn access(&self) -> Result<Access, String> {
        if let Some(query) = self.get("SharedAccessSignature") {
            return Ok(Access::Signature(query.trim_start_matches('?').to_owned()));
        }
        let part = |name| {
            let part = self.get(name);
            part.ok_or_else(|| format!("has no `{name}` in its connection string"))
        };
        let key = STANDARD.decode(part("AccountKey")?);
        let key =
            key.map_err(|_| "has an `AccountKey` that is not base64 in its connection string")?;
        Ok(Access::Key {
            account: part("AccountName")?.to_owned(),
            hmac: Hmac::new_from_slice(&key).map_err(|error| error.to_string())?,
        })
    }
}

/// An account signature for queues and their messages, with the rights to create and to add.
fn account_signature(
    account: &str,
    hmac: &Hmac<Sha256>,
    now: SystemTime,
    https_only: bool,
) -> [(&'static str, String); 8] {
    let instant = |time: SystemTime| whole_seconds(Timestamp::from(time));
    let (start, expiry) = (
        instant(now - CLOCK_TOLERANCE),
        instant(now + SIGNATURE_LIFETIME),
    );
    let protocol = if https_only { "https" } else { "https,http" };
    let permissions = "wac";
    // Address range and encryption scope are left empty.
    let text =
        format!("{account}\n{permissions}\nq\nsco\n{start}\n{expiry}\n\n{protocol}\n{VERSION}\n\n");
    let signature = hmac.clone().chain_update(text).finalize().into_bytes();
    [
        ("sv", VERSION.to_owned()),
        ("ss", "q".to_owned()),
        ("srt", "sco".to_owned()),
        ("sp", permissions.to_owned()),
        ("st", start),
        ("se", expiry),
        ("spr", protocol.to_owned()),
        ("sig", STANDARD.encode(signature)),
    ]
}

/// `2026-01-31T09:00:00Z`, the only form that signatures take.
fn whole_seconds(time: Timestamp) -> String {
    let text = time.to_string();
    // The seconds end at the 19th character, whatever fraction and offset follow; times are written in UTC.
    format!("{}Z", text.get(..19).unwrap_or(&text))
}

async fn send(
    outbound: &Outbound,
    method: Method,
    url: &Url,
    body: String,
) -> Result<OutboundAnswer, OutboundError> {
    let headers = HeaderMap::from_iter([
        (
            HeaderName::from_static("x-ms-version"),
            HeaderValue::from_static(VERSION),
        ),
        (CONTENT_TYPE, HeaderValue::from_static("application/xml")),
    ]);
    outbound
        .send(method, url, headers, Bytes::from(body), ANSWER_LIMIT)
        .await
}

/// Whether the queue was there with other metadata, rather than being deleted at this moment.
fn exists(answer: &OutboundAnswer) -> bool {
    String::from_utf8_lossy(&answer.body).contains("QueueAlreadyExists")
}

fn may_pass(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::REQUEST_TIMEOUT | StatusCode::CONFLICT | StatusCode::TOO_MANY_REQUESTS
    )
}

/// The same statuses end an event as at a webhook.
fn judge(answer: &OutboundAnswer) -> Attempt {
    let problem = format!("the queue answered {answer}");
    match answer.status {
        status if status.is_success() => Attempt::Accepted,
        StatusCode::BAD_REQUEST
        | StatusCode::UNAUTHORIZED
        | StatusCode::FORBIDDEN
        | StatusCode::PAYLOAD_TOO_LARGE => Attempt::Refused(problem),
        status => Attempt::Failed {
            problem,
            least: schedule::least_wait(status),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "AccountKey=c2VjcmV0LWtleQ==";

    fn refused(connection_string: &str, queue: &str) -> String {
        let error = StorageQueue::new(connection_string, queue, 2).unwrap_err();
        error.to_string()
    }

    #[test]
    fn a_queue_is_found_by_every_form_of_connection_string() {
        let https = "https://a.queue.core.windows.net/events";
        for (text, url) in [
            (format!("AccountName=a;{KEY}"), https),
            (
                format!(
                    "DefaultEndpointsProtocol=http;accountname=a;{KEY};EndpointSuffix=localhost;"
                ),
                "http://a.queue.localhost/events",
            ),
            (
                "UseDevelopmentStorage=true".to_owned(),
                "http://127.0.0.1:10001/devstoreaccount1/events",
            ),
            (
                "QueueEndpoint=https://a.queue.core.windows.net/;SharedAccessSignature=?sv=1&sig=secret"
                    .to_owned(),
                https,
            ),
        ] {
            let queue = StorageQueue::new(&text, "events", 1).unwrap();
            assert_eq!(queue.to_string(), url, "{text}");
            let shown = format!("{queue:?}");
            assert!(!shown.contains("secret"), "{shown}");
        }
    }

    #[test]
    fn what_is_missing_or_wrong_is_named_and_no_secret_is_shown() {
        let named = [
            ("", "AccountName"),
            ("AccountName=a", "AccountKey"),
            ("AccountName=a;AccountKey=%secret%", "base64"),
            ("AccountName=a;AccountKey", "without `=`"),
            (
                "QueueEndpoint=http://q/;AccountKey=c2VjcmV0LWtleQ==",
                "AccountName",
            ),
            (
                "QueueEndpoint=ftp://secret/;AccountName=a;AccountKey=AAAA",
                "http",
            ),
        ];
        for (text, part) in named {
            let error = refused(text, "events");
            assert!(error.starts_with("storage queue 2 "), "{error}");
            assert!(error.contains(part), "{text}: {error}");
            assert!(!error.contains("secret"), "{error}");
        }
        for name in ["", "ab", "Events", "-events", "events-", "a/b", "a?b"] {
            let error = refused("UseDevelopmentStorage=true", name);
            assert!(error.contains("3 to 63"), "{name}: {error}");
        }
    }

    #[test]
    fn signatures_are_those_of_the_documented_text() {
        let queue = StorageQueue::new("UseDevelopmentStorage=true", "events", 1).unwrap();
        let Access::Key { account, hmac } = queue.access else {
            panic!("a key");
        };
        let at = SystemTime::UNIX_EPOCH + Duration::from_secs(1_705_570_200);
        let signed = account_signature(&account, &hmac, at, false);
        let value = |name: &str| {
            let mut parts = signed.iter();
            parts.find(|(part, _)| *part == name).unwrap().1.clone()
        };
        assert_eq!(value("st"), "2024-01-18T09:15:00Z");
        assert_eq!(value("se"), "2024-01-18T10:30:00Z");
        // The same with openssl over the documented lines.
        assert_eq!(value("sig"), "cGKE/zeaY7Ly/7KqdPoGT4+yJm7VIYDvyDTW7cpuiQw=");
        assert_ne!(signed, account_signature(&account, &hmac, at, true));
    }
}
