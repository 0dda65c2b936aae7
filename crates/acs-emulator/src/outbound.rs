//! Requests that the emulator itself makes: a POST to an address that its user has named.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue, StatusCode, header::CONTENT_TYPE};
use bytes::{Bytes, BytesMut};
use url::{Url, form_urlencoded};

/// The largest answer in bytes that is read.
const LARGEST_ANSWER: usize = 1024 * 1024;

/// A client for such requests. Cheap to clone.
///
/// It follows no redirects and uses no proxy: what it is told to call is most often on this machine.
#[derive(Clone, Debug)]
pub(crate) struct Outbound {
    client: reqwest::Client,
}

/// A complete answer, whatever its status.
#[derive(Debug)]
pub(crate) struct OutboundAnswer {
    pub(crate) status: StatusCode,
    pub(crate) body: Bytes,
}

/// Why there is no complete answer. No text of it shows the address, which may hold a secret.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OutboundError {
    #[error("the HTTP client cannot be made: {0}")]
    Client(reqwest::Error),
    #[error("no answer: {}", innermost(.0))]
    Transport(reqwest::Error),
    #[error("no complete answer within {0:?}")]
    TimedOut(Duration),
    #[error("the answer is larger than {LARGEST_ANSWER} bytes")]
    TooLarge,
}

impl Outbound {
    pub(crate) fn new() -> Result<Self, OutboundError> {
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy();
        let client = client.build().map_err(OutboundError::Client)?;
        Ok(Self { client })
    }

    /// Posts a JSON body and reads the answer, all of it within `limit`.
    pub(crate) async fn post_json(
        &self,
        url: &Url,
        mut headers: HeaderMap,
        body: Bytes,
        limit: Duration,
    ) -> Result<OutboundAnswer, OutboundError> {
        let json = HeaderValue::from_static("application/json; charset=utf-8");
        headers.insert(CONTENT_TYPE, json);
        self.post(url, headers, body, limit).await
    }

    /// Posts a form and reads the answer, all of it within `limit`.
    pub(crate) async fn post_form(
        &self,
        url: &Url,
        fields: &[(&str, &str)],
        limit: Duration,
    ) -> Result<OutboundAnswer, OutboundError> {
        let form = HeaderValue::from_static("application/x-www-form-urlencoded");
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, form)]);
        self.post(url, headers, Bytes::from(form_of(fields)), limit)
            .await
    }

    async fn post(
        &self,
        url: &Url,
        headers: HeaderMap,
        body: Bytes,
        limit: Duration,
    ) -> Result<OutboundAnswer, OutboundError> {
        let request = self.client.post(url.clone()).headers(headers).body(body);
        let answer = tokio::time::timeout(limit, exchange(request)).await;
        answer.unwrap_or(Err(OutboundError::TimedOut(limit)))
    }
}

fn form_of(fields: &[(&str, &str)]) -> String {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(fields).finish()
}

async fn exchange(request: reqwest::RequestBuilder) -> Result<OutboundAnswer, OutboundError> {
    let hide = |error: reqwest::Error| OutboundError::Transport(error.without_url());
    let mut response = request.send().await.map_err(hide)?;
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(hide)? {
        if body.len() + chunk.len() > LARGEST_ANSWER {
            return Err(OutboundError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(OutboundAnswer {
        status: response.status(),
        body: body.freeze(),
    })
}

/// The last cause of an error, which is the one that says something: "connection refused".
fn innermost(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}
