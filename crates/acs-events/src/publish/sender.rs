//! Sending calls to a webhook over HTTP.

use std::error::Error as StdError;
use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue, ORIGIN};
use reqwest::redirect::Policy;
use reqwest::{Client, Method, Response, Url};

use super::{Call, Verdict};
use crate::{BuildError, Event, Schema};

/// How long Event Grid waits for an answer.
const PATIENCE: Duration = Duration::from_secs(30);
/// More than the code of a handshake needs.
const LARGEST_ANSWER: usize = 64 * 1024;
/// Whom webhooks that take CloudEvents are asked to agree to, unless said otherwise.
const USUAL_ORIGIN: &str = "eventgrid.azure.net";

/// Delivers events to one webhook as Event Grid does: handshake, headers, patience and verdicts. Cheap to clone.
///
/// Each call is one attempt. When [`send`](Self::send) gives [`Verdict::Retry`], the next attempt is up to the program:
/// [`post`](Self::post) takes a [`Call`] with its count.
///
/// ```no_run
/// use acs_events::models::AcsRouterWorkerDeregisteredEventData;
/// use acs_events::publish::{Sender, Verdict};
/// use acs_events::Event;
///
/// # async fn send() -> Result<(), Box<dyn std::error::Error>> {
/// let sender = Sender::builder("https://contoso.example/events?code=secret").subscription("router-events").build()?;
/// sender.handshake().await?;
/// let event = Event::builder(AcsRouterWorkerDeregisteredEventData::new("w")).build()?;
/// assert_eq!(sender.send(&[event]).await?, Verdict::Delivered);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Sender {
    client: Client,
    url: Url,
    schema: Schema,
    source: String,
    subscription: String,
    origin: HeaderValue,
    headers: HeaderMap,
}

impl Sender {
    /// Begins with the URL of the webhook, its secret included: `https`, or `http` on this machine.
    pub fn builder(url: &str) -> SenderBuilder {
        SenderBuilder {
            url: url.to_owned(),
            plain_http: false,
            schema: Schema::EventGrid,
            source: String::new(),
            subscription: "local".to_owned(),
            origin: USUAL_ORIGIN.to_owned(),
            headers: Vec::new(),
            client: None,
        }
    }

    /// Asks the webhook whether it wants events, which Event Grid does before the first delivery and whenever a subscription
    /// changes. The webhook has to agree in its answer: there is nobody to serve a `validationUrl`, which is empty.
    ///
    /// # Errors
    ///
    /// The webhook does not answer, or does not agree: [`SendError::status`] tells these apart.
    pub async fn handshake(&self) -> Result<(), SendError> {
        match self.schema {
            Schema::EventGrid => self.validate().await,
            Schema::CloudEvents => self.ask_consent().await,
        }
    }

    async fn validate(&self) -> Result<(), SendError> {
        let code = uuid::Uuid::new_v4().to_string();
        let call = Call::validation(&code, "", &self.source, &self.subscription)?;
        let answer = self.call(&call).await?;
        let status = answer.status().as_u16();
        let body = read(answer).await?;
        if Call::is_agreed(&code, status, &body) {
            return Ok(());
        }
        let why = "it does not answer 200 with the code as `validationResponse`";
        Err(Reason::Refused(status, why).into())
    }

    async fn ask_consent(&self) -> Result<(), SendError> {
        // Where the value comes from it is a text.
        let origin = self.origin.to_str().unwrap_or_default();
        let answer = self.call(&Call::consent(origin)).await?;
        let allowed = answer.headers().get("webhook-allowed-origin");
        let agrees = allowed.is_some_and(|allowed| allowed == "*" || allowed == self.origin);
        if answer.status().is_success() && agrees {
            return Ok(());
        }
        let why = "its `webhook-allowed-origin` is neither `*` nor the origin that asks";
        Err(Reason::Refused(answer.status().as_u16(), why).into())
    }

    /// Delivers events in one call, once.
    ///
    /// # Errors
    ///
    /// An event cannot be written, or the webhook does not answer within 30 seconds; it may have got the events then, and Event
    /// Grid would deliver them again.
    pub async fn send(&self, events: &[Event]) -> Result<Verdict, SendError> {
        let call = Call::notification(self.schema, events, &self.subscription)?;
        self.post(&call).await
    }

    /// Makes a call, such as another attempt.
    ///
    /// # Errors
    ///
    /// The webhook does not answer within 30 seconds.
    pub async fn post(&self, call: &Call) -> Result<Verdict, SendError> {
        let answer = self.call(call).await?;
        Ok(Verdict::of(answer.status().as_u16()))
    }

    async fn call(&self, call: &Call) -> Result<Response, SendError> {
        let method = match call.method() {
            "OPTIONS" => Method::OPTIONS,
            _ => Method::POST,
        };
        let mut headers = self.headers.clone();
        for (name, value) in call.headers() {
            let (name, value) = header(name, value)?;
            headers.insert(name, value);
        }
        if self.schema == Schema::CloudEvents && method == Method::POST {
            headers.insert(ORIGIN, self.origin.clone());
        }
        let request = self
            .client
            .request(method, self.url.clone())
            .headers(headers)
            .timeout(PATIENCE)
            .body(call.body().to_owned());
        Ok(request.send().await?)
    }
}

impl fmt::Debug for Sender {
    /// Leaves out the query and all headers: they hold secrets.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut url = self.url.clone();
        url.set_query(None);
        formatter
            .debug_struct("Sender")
            .field("url", &url.as_str())
            .field("schema", &self.schema)
            .field("subscription", &self.subscription)
            .finish_non_exhaustive()
    }
}

/// Reads the beginning of an answer.
async fn read(mut answer: Response) -> Result<String, SendError> {
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        body.extend_from_slice(&chunk);
        if body.len() > LARGEST_ANSWER {
            break;
        }
    }
    Ok(String::from_utf8_lossy(&body).into_owned())
}

/// Makes a [`Sender`].
#[must_use = "a sender is made by `build`"]
pub struct SenderBuilder {
    url: String,
    plain_http: bool,
    schema: Schema,
    source: String,
    subscription: String,
    origin: String,
    headers: Vec<(String, String)>,
    client: Option<Client>,
}

impl SenderBuilder {
    /// Allows `http` to other machines, such as containers beside this one. Whoever listens reads the secret of the URL.
    pub fn allow_plain_http(self) -> Self {
        Self {
            plain_http: true,
            ..self
        }
    }

    /// The envelope. Default: that of Event Grid.
    pub fn schema(self, schema: Schema) -> Self {
        Self { schema, ..self }
    }

    /// The resource whose events are subscribed to; handshakes in the schema of Event Grid name it. Default: none.
    pub fn source(self, source: impl Into<String>) -> Self {
        Self {
            source: source.into(),
            ..self
        }
    }

    /// The name of the subscription, sent in capitals as `aeg-subscription-name`. Default: `local`.
    pub fn subscription(self, name: impl Into<String>) -> Self {
        Self {
            subscription: name.into(),
            ..self
        }
    }

    /// Whom webhooks that take CloudEvents have to agree to. Default: `eventgrid.azure.net`.
    pub fn origin(self, origin: impl Into<String>) -> Self {
        Self {
            origin: origin.into(),
            ..self
        }
    }

    /// Adds a header to every call: a delivery property of the subscription, such as a secret.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// An HTTP client of the program, for proxies, certificates and such. Event Grid follows no redirects. Default: one that follows
    /// none, tries once, and reads nothing from the environment.
    pub fn http_client(self, client: Client) -> Self {
        Self {
            client: Some(client),
            ..self
        }
    }

    /// Makes the sender; nothing is sent.
    ///
    /// # Errors
    ///
    /// The URL is none or needs TLS that this program lacks, a header cannot be sent, or TLS has no provider. The error shows neither
    /// the query of the URL nor values of headers.
    pub fn build(self) -> Result<Sender, SendError> {
        let url =
            Url::parse(&self.url).map_err(|error| Reason::Config(format!("the URL: {error}")))?;
        check_scheme(&url, self.plain_http)?;
        let headers = self
            .headers
            .iter()
            .map(|(name, value)| header(name, value))
            .collect::<Result<HeaderMap, _>>()?;
        let (_, origin) = header("webhook-request-origin", &self.origin)?;
        // The name becomes a header of each call.
        header("aeg-subscription-name", &self.subscription)?;
        let client = match self.client {
            Some(client) => client,
            None => http_client(&url)?,
        };
        Ok(Sender {
            client,
            url,
            schema: self.schema,
            source: self.source,
            subscription: self.subscription,
            origin,
            headers,
        })
    }
}

impl fmt::Debug for SenderBuilder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SenderBuilder")
            .field("schema", &self.schema)
            .field("subscription", &self.subscription)
            .finish_non_exhaustive()
    }
}

fn header(name: &str, value: &str) -> Result<(HeaderName, HeaderValue), SendError> {
    let wrong = || Reason::Config(format!("the header {name:?} or its value cannot be sent"));
    Ok((
        HeaderName::try_from(name).map_err(|_| wrong())?,
        HeaderValue::try_from(value).map_err(|_| wrong())?,
    ))
}

fn check_scheme(url: &Url, plain_http: bool) -> Result<(), SendError> {
    let host = url.host_str().unwrap_or_default();
    let address: Option<IpAddr> = host.trim_matches(['[', ']']).parse().ok();
    let is_here = host == "localhost" || address.is_some_and(|address| address.is_loopback());
    let wrong = match url.scheme() {
        "https" => return Ok(()),
        "http" if is_here || plain_http => return Ok(()),
        "http" => "the URL is http and not on this machine: use https, or `allow_plain_http`",
        _ => "the URL is neither https nor http",
    };
    Err(Reason::Config(wrong.to_owned()).into())
}

fn http_client(url: &Url) -> Result<Client, SendError> {
    check_tls(url)?;
    let builder = Client::builder()
        .redirect(Policy::none())
        .retry(reqwest::retry::never())
        .no_proxy();
    Ok(builder.build()?)
}

/// Refuses what the HTTP library would report only with the first request.
#[cfg(not(feature = "rustls-no-provider"))]
fn check_tls(url: &Url) -> Result<(), SendError> {
    if url.scheme() == "http" || cfg!(any(feature = "rustls", feature = "native-tls")) {
        return Ok(());
    }
    let wrong = "the URL is https, and this program was built without TLS: use one of the features `rustls`, `native-tls` and \
                 `rustls-no-provider`, or give a client";
    Err(Reason::Config(wrong.to_owned()).into())
}

/// Refuses what the HTTP library would panic on: it prepares TLS even if no connection will use it.
#[cfg(feature = "rustls-no-provider")]
fn check_tls(_url: &Url) -> Result<(), SendError> {
    let brought = cfg!(any(feature = "rustls", feature = "native-tls"));
    if brought || rustls::crypto::CryptoProvider::get_default().is_some() {
        return Ok(());
    }
    let wrong = "no TLS provider is installed: call `install_default` of a rustls provider first, or use the feature `rustls`, which \
                 brings one";
    Err(Reason::Config(wrong.to_owned()).into())
}

/// Why a call was not made, got no answer, or a handshake no consent. Shows no secret.
#[derive(Debug)]
pub struct SendError(Reason);

#[derive(Debug)]
enum Reason {
    Config(String),
    Event(BuildError),
    NoAnswer(reqwest::Error),
    Refused(u16, &'static str),
}

impl SendError {
    /// The status of an answer that does not agree to the handshake.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        match self.0 {
            Reason::Refused(status, _) => Some(status),
            _ => None,
        }
    }

    /// Whether the webhook took longer than Event Grid waits.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        matches!(&self.0, Reason::NoAnswer(error) if error.is_timeout())
    }
}

impl From<Reason> for SendError {
    fn from(reason: Reason) -> Self {
        Self(reason)
    }
}

impl From<BuildError> for SendError {
    fn from(error: BuildError) -> Self {
        Self(Reason::Event(error))
    }
}

impl From<reqwest::Error> for SendError {
    /// The URL holds a secret.
    fn from(error: reqwest::Error) -> Self {
        Self(Reason::NoAnswer(error.without_url()))
    }
}

impl fmt::Display for SendError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Reason::Config(wrong) => formatter.write_str(wrong),
            Reason::Event(_) => formatter.write_str("the events cannot be written"),
            Reason::NoAnswer(error) if error.is_timeout() => {
                write!(
                    formatter,
                    "the webhook did not answer within {} s",
                    PATIENCE.as_secs()
                )
            }
            Reason::NoAnswer(_) => formatter.write_str("the webhook gave no answer"),
            Reason::Refused(status, why) => {
                write!(formatter, "the webhook does not agree ({status}): {why}")
            }
        }
    }
}

impl StdError for SendError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match &self.0 {
            Reason::Event(error) => Some(error),
            Reason::NoAnswer(error) => Some(error),
            Reason::Config(_) | Reason::Refused(..) => None,
        }
    }
}
