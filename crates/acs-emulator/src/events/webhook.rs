//! An endpoint that gets events as Event Grid delivers them: the handshake, and one POST per event.

use std::fmt;
use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use bytes::Bytes;
use serde::Deserialize;
use url::Url;
use uuid::Uuid;

use super::delivery::{Attempt, Consent, Handshake};
use super::envelope::{
    DATA_VERSION, Envelope, METADATA_VERSION, VALIDATION_VERSION, ValidationEnvelope,
};
use super::{ANSWER_LIMIT, Event, schedule};
use crate::outbound::{Outbound, OutboundAnswer, OutboundError};

/// An endpoint that gets every event.
#[derive(Clone, Debug)]
pub(crate) struct Webhook {
    url: Url,
    number: usize,
    handshake: bool,
}

/// What the headers of a request say of its body.
struct About<'a> {
    event_type: &'static str,
    id: &'a str,
    data_version: &'static str,
    earlier_attempts: u32,
}

/// What an endpoint answers to a handshake.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct HandshakeAnswer {
    validation_response: String,
}

impl Webhook {
    /// The endpoint at an address. `number` tells it from the others of the same emulator, from 1 on.
    pub(crate) fn new(text: &str, number: usize, handshake: bool) -> Result<Self, WebhookError> {
        let error = |reason: String| WebhookError { number, reason };
        let url = Url::parse(text).map_err(|cause| error(format!("is no URL: {cause}")))?;
        if !matches!(url.scheme(), "http" | "https") {
            let scheme = url.scheme();
            return Err(error(format!(
                "begins with `{scheme}:`, but http or https is needed"
            )));
        }
        Ok(Self {
            url,
            number,
            handshake,
        })
    }

    /// Event Grid writes the names of subscriptions in capitals.
    pub(super) fn name(&self) -> String {
        format!("WEBHOOK-{}", self.number)
    }

    /// Carries out the handshake, if there is to be one.
    pub(super) async fn ask(&self, outbound: &Outbound, handshake: Handshake<'_>) -> Consent {
        if !self.handshake {
            return Consent::Given;
        }
        let id = Uuid::new_v4().to_string();
        let event = ValidationEnvelope::new(&id, handshake.code, handshake.url, handshake.time);
        let about = About {
            event_type: "SubscriptionValidation",
            id: &id,
            data_version: VALIDATION_VERSION,
            earlier_attempts: 0,
        };
        let body = match serde_json::to_vec(&[event]) {
            Ok(body) => body,
            Err(error) => return Consent::Refused(error.to_string()),
        };
        match self.post(outbound, &about, body).await {
            Ok(answer) => consent(&answer, handshake.code),
            Err(error) => Consent::Unclear(error.to_string()),
        }
    }

    pub(super) async fn send(
        &self,
        outbound: &Outbound,
        event: &Event,
        earlier_attempts: u32,
    ) -> Attempt {
        let about = About {
            event_type: "Notification",
            id: &event.id,
            data_version: DATA_VERSION,
            earlier_attempts,
        };
        let body = match serde_json::to_vec(&[Envelope::new(event)]) {
            Ok(body) => body,
            Err(error) => return Attempt::Refused(error.to_string()),
        };
        match self.post(outbound, &about, body).await {
            Ok(answer) => judge(&answer),
            Err(error) => Attempt::Failed {
                problem: error.to_string(),
                least: Duration::ZERO,
            },
        }
    }

    async fn post(
        &self,
        outbound: &Outbound,
        about: &About<'_>,
        body: Vec<u8>,
    ) -> Result<OutboundAnswer, OutboundError> {
        let headers = self.headers(about).map_err(axum::http::Error::from)?;
        let body = Bytes::from(body);
        outbound
            .post_json(&self.url, headers, body, ANSWER_LIMIT)
            .await
    }

    fn headers(
        &self,
        about: &About<'_>,
    ) -> Result<HeaderMap, axum::http::header::InvalidHeaderValue> {
        let named = HeaderName::from_static;
        let text = HeaderValue::from_static;
        Ok(HeaderMap::from_iter([
            (named("aeg-event-type"), text(about.event_type)),
            (
                named("aeg-subscription-name"),
                HeaderValue::try_from(self.name())?,
            ),
            (
                named("aeg-delivery-count"),
                HeaderValue::from(about.earlier_attempts),
            ),
            (named("aeg-data-version"), text(about.data_version)),
            (named("aeg-metadata-version"), text(METADATA_VERSION)),
            (
                named("aeg-output-event-id"),
                HeaderValue::from_str(about.id)?,
            ),
        ]))
    }
}

/// Scheme, host, port and path. User, password and query stay out, as they may be secrets.
impl fmt::Display for Webhook {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let origin = self.url.origin().ascii_serialization();
        write!(formatter, "{origin}{}", self.url.path())
    }
}

/// Why an address is not usable. The address itself is not shown, as it may hold a secret.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("webhook {number} {reason}")]
pub struct WebhookError {
    number: usize,
    reason: String,
}

/// Nothing but 200 with the code is a yes.
fn consent(answer: &OutboundAnswer, code: &str) -> Consent {
    let status = answer.status;
    if status == StatusCode::OK {
        let said: Option<HandshakeAnswer> = serde_json::from_slice(&answer.body).ok();
        return match said {
            Some(said) if said.validation_response == code => Consent::Given,
            Some(_) => Consent::Refused("it answered the handshake with another code".to_owned()),
            None => Consent::Open,
        };
    }
    let problem = format!("it answered the handshake with {answer}");
    let cannot = status.is_server_error()
        || status == StatusCode::REQUEST_TIMEOUT
        || status == StatusCode::TOO_MANY_REQUESTS;
    if cannot {
        Consent::Unclear(problem)
    } else {
        Consent::Refused(problem)
    }
}

/// Only these statuses accept an event, and only those say that trying again is of no use.
fn judge(answer: &OutboundAnswer) -> Attempt {
    let problem = format!("answered {answer}");
    match answer.status {
        StatusCode::OK
        | StatusCode::CREATED
        | StatusCode::ACCEPTED
        | StatusCode::NON_AUTHORITATIVE_INFORMATION
        | StatusCode::NO_CONTENT => Attempt::Accepted,
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

    fn answer(status: u16, body: &'static str) -> OutboundAnswer {
        OutboundAnswer {
            status: StatusCode::from_u16(status).unwrap(),
            body: Bytes::from_static(body.as_bytes()),
        }
    }

    fn verdict(status: u16) -> &'static str {
        match judge(&answer(status, "why")) {
            Attempt::Accepted => "accepted",
            Attempt::Refused(_) => "refused",
            Attempt::Failed { .. } => "failed",
        }
    }

    /// Events 24 and 25.
    #[test]
    fn only_200_with_the_code_agrees_and_200_without_it_leaves_the_answer_open() {
        let said = |status, body| consent(&answer(status, body), "code");
        let right = r#"{"validationResponse": "code"}"#;
        assert_eq!(said(200, right), Consent::Given);
        for silent in ["", "OK", "{}", r#"{"validationResponse": 1}"#] {
            assert_eq!(said(200, silent), Consent::Open, "{silent}");
        }
        for (status, body) in [
            (200, r#"{"validationResponse": "other"}"#),
            (202, right),
            (204, ""),
            (301, ""),
            (404, right),
        ] {
            let consent = said(status, body);
            assert!(matches!(consent, Consent::Refused(_)), "{status} {body}");
        }
        for status in [408, 429, 500, 502, 503] {
            let consent = said(status, right);
            assert!(matches!(consent, Consent::Unclear(_)), "{status}");
        }
    }

    #[test]
    fn five_statuses_accept_an_event_four_end_it_and_all_others_are_tried_again() {
        for status in 200..=599 {
            let expected = match status {
                200..=204 => "accepted",
                400 | 401 | 403 | 413 => "refused",
                _ => "failed",
            };
            assert_eq!(verdict(status), expected, "{status}");
        }
    }

    #[test]
    fn an_unusable_address_is_refused_by_number_and_never_shown() {
        let refused = |text: &str| Webhook::new(text, 2, true).unwrap_err().to_string();
        let no_url = refused("secret-token");
        assert!(no_url.starts_with("webhook 2 is no URL"), "{no_url}");
        assert!(!no_url.contains("secret-token"), "{no_url}");
        let scheme = refused("ftp://host/?code=secret-token");
        assert_eq!(
            scheme,
            "webhook 2 begins with `ftp:`, but http or https is needed"
        );
    }

    #[test]
    fn an_address_is_shown_without_what_may_be_secret() {
        let text = "https://user:word@127.0.0.1:9000/hook?code=secret";
        let webhook = Webhook::new(text, 1, true).unwrap();
        assert_eq!(webhook.to_string(), "https://127.0.0.1:9000/hook");
    }
}
