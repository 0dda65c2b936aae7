//! Requests that the emulator itself makes, to addresses that its user has named.

use std::error::Error as _;
use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue, Method, Request, StatusCode, header::CONTENT_TYPE};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt as _;
use url::{Url, form_urlencoded};

/// The largest answer in bytes that is read.
const LARGEST_ANSWER: usize = 1024 * 1024;

/// How much of an unexpected answer is shown, in characters.
const EXCERPT: usize = 200;

/// A client for such requests. Cheap to clone.
///
/// It follows no redirects and uses no proxy: what it is told to call is most often on this machine.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outbound {
    /// Made for the first request: most emulators make none, and need not read what this machine trusts.
    client: Arc<OnceLock<HttpClient>>,
}

type HttpClient = Client<HttpsConnector<HttpConnector>, Full<Bytes>>;

/// A complete answer, whatever its status. Its text is the status and how the body begins.
#[derive(Debug)]
pub(crate) struct OutboundAnswer {
    pub(crate) status: StatusCode,
    pub(crate) body: Bytes,
}

impl fmt::Display for OutboundAnswer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = String::from_utf8_lossy(&self.body);
        let excerpt: String = text.chars().take(EXCERPT).collect();
        write!(formatter, "{}: {excerpt}", self.status)
    }
}

/// Why there is no complete answer. No text of it shows the address, which may hold a secret.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OutboundError {
    #[error("TLS cannot be set up: {0}")]
    Tls(#[from] rustls::Error),
    #[error("the request cannot be made: {0}")]
    Request(#[from] axum::http::Error),
    #[error("no answer: {}", innermost(.0))]
    Transport(#[from] hyper_util::client::legacy::Error),
    #[error("no complete answer within {0:?}")]
    TimedOut(Duration),
    /// It broke off, or is larger than [`LARGEST_ANSWER`].
    #[error("no complete answer: {0}")]
    Incomplete(Box<dyn std::error::Error + Send + Sync>),
}

impl Outbound {
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
        self.send(Method::POST, url, headers, body, limit).await
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
        let body = Bytes::from(form_of(fields));
        self.send(Method::POST, url, headers, body, limit).await
    }

    /// Sends a request and reads the answer, all of it within `limit`.
    pub(crate) async fn send(
        &self,
        method: Method,
        url: &Url,
        headers: HeaderMap,
        body: Bytes,
        limit: Duration,
    ) -> Result<OutboundAnswer, OutboundError> {
        let request = Request::builder().method(method).uri(url.as_str());
        let mut request = request.body(Full::new(body))?;
        *request.headers_mut() = headers;
        let answer = tokio::time::timeout(limit, exchange(self.client()?, request)).await;
        answer.unwrap_or(Err(OutboundError::TimedOut(limit)))
    }

    fn client(&self) -> Result<&HttpClient, OutboundError> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(tls()?)
            .https_or_http()
            .enable_http1()
            .build();
        let client = Client::builder(TokioExecutor::new()).build(connector);
        Ok(self.client.get_or_init(|| client))
    }
}

fn form_of(fields: &[(&str, &str)]) -> String {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(fields).finish()
}

async fn exchange(
    client: &HttpClient,
    request: Request<Full<Bytes>>,
) -> Result<OutboundAnswer, OutboundError> {
    let response = client.request(request).await?;
    let status = response.status();
    let body = Limited::new(response.into_body(), LARGEST_ANSWER).collect();
    let body = body.await.map_err(OutboundError::Incomplete)?.to_bytes();
    Ok(OutboundAnswer { status, body })
}

/// TLS that trusts what this machine trusts.
fn tls() -> Result<ClientConfig, rustls::Error> {
    let provider = Arc::new(ring::default_provider());
    let builder = || {
        ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
    };
    let config = match builder()?.with_platform_verifier() {
        Ok(config) => config,
        Err(error) => {
            // A machine without any root certificates can still call http.
            tracing::warn!(%error, "nothing is trusted: https addresses will fail");
            builder()?.with_root_certificates(RootCertStore::empty())
        }
    };
    Ok(config.with_no_client_auth())
}

/// The last cause of an error, which is the one that says something: "connection refused".
fn innermost(error: &hyper_util::client::legacy::Error) -> String {
    let Some(mut cause) = error.source() else {
        return error.to_string();
    };
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}
