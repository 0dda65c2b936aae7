//! What all calls of a client share.

use std::env::consts::{ARCH, OS};
use std::fmt;
use std::sync::Arc;

use acs_auth::{AccessToken, Credential, Endpoint, UserTokenCredential};
use acs_types::Operation;
use http::HeaderValue;
use http::header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE, HOST, HeaderMap, USER_AGENT};
use url::Url;

use crate::authorization::Authorization;
use crate::call::Call;
use crate::clock::Clock;
use crate::error::{ConfigError, Result};
use crate::exchange::CLIENT_REQUEST_ID;
use crate::options::{ClientOptions, Limits, RetryOptions};
use crate::query::ApiVersion;
use crate::tls;

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// The client crate that a pipeline serves.
///
/// ```
/// use acs_core::ClientPackage;
///
/// const PACKAGE: ClientPackage = ClientPackage {
///     name: env!("CARGO_PKG_NAME"),
///     version: env!("CARGO_PKG_VERSION"),
///     api_version: "2023-11-01",
/// };
/// # let _ = PACKAGE;
/// ```
#[derive(Clone, Copy, Debug)]
pub struct ClientPackage {
    /// The crate's name, for the `User-Agent`.
    pub name: &'static str,
    /// The crate's version, for the `User-Agent`.
    pub version: &'static str,
    /// The `api-version` to ask for unless the options name another, or the operation came with a later one.
    pub api_version: &'static str,
}

/// The way from a client to a service: endpoint, credential, options and the HTTP client with its connections.
///
/// Cheap to clone; clones share everything. Each call gets a [`Call`] of its own.
///
/// ```
/// use acs_core::{ClientOptions, ClientPackage, Pipeline};
/// use acs_core::auth::{ConnectionString, Credential};
///
/// # fn main() -> acs_core::Result<()> {
/// let package = ClientPackage { name: "acs-jobrouter", version: "0.1.0", api_version: "2023-11-01" };
/// let connection = ConnectionString::parse("endpoint=http://127.0.0.1:7777/;accesskey=c2VjcmV0IGFjY2VzcyBrZXk=")?;
/// let pipeline = Pipeline::new(
///     connection.endpoint().clone(),
///     Credential::from(connection.access_key().clone()),
///     package,
///     ClientOptions::new(),
/// )?;
/// assert_eq!(pipeline.endpoint().as_str(), "http://127.0.0.1:7777");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Pipeline(Arc<Shared>);

/// All that never changes, worked out once.
pub(crate) struct Shared {
    pub(crate) endpoint: Endpoint,
    pub(crate) authorization: Authorization,
    pub(crate) http: reqwest::Client,
    pub(crate) api_version: ApiVersion,
    /// The api-version of the package, unless the options name another: operations that came later are asked for at theirs.
    pub(crate) grows_from: Option<&'static str>,
    /// The headers of every request, those that vary without a value. A copy of them has its final size, which is cheaper
    /// than a map that grows.
    headers: HeaderMap,
    /// The same for requests with a body.
    headers_with_body: HeaderMap,
    pub(crate) retry: RetryOptions,
    pub(crate) limits: Limits,
    pub(crate) clock: Arc<dyn Clock>,
}

impl Pipeline {
    /// A pipeline for the owner of the resource: with its access key, or a Microsoft Entra credential. Does not connect.
    ///
    /// # Errors
    ///
    /// The credential is a chat user's, an option is unusable, the endpoint needs TLS and there is none, or the HTTP client
    /// cannot be made: always [`Error::Config`](crate::Error::Config).
    pub fn new(
        endpoint: Endpoint,
        credential: Credential,
        package: ClientPackage,
        options: ClientOptions,
    ) -> Result<Self> {
        let authorization = Authorization::new(credential, &endpoint)
            .map_err(|error| ConfigError::new(error.to_string()))?;
        Self::with_authorization(endpoint, authorization, package, options)
    }

    /// A pipeline for a chat user. Does not connect.
    ///
    /// The token travels in every request. An [`Endpoint`] is `https` or on this machine, unless the program insists on plain
    /// `http` by making it with [`Endpoint::allowing_http`].
    ///
    /// # Errors
    ///
    /// As for [`new`](Self::new).
    pub fn for_user(
        endpoint: Endpoint,
        credential: UserTokenCredential,
        package: ClientPackage,
        options: ClientOptions,
    ) -> Result<Self> {
        let authorization = Authorization::of_user(credential);
        Self::with_authorization(endpoint, authorization, package, options)
    }

    /// A pipeline for calls that bring a token of their own; see [`with_token`](Self::with_token). Does not connect.
    ///
    /// # Errors
    ///
    /// As for [`new`](Self::new).
    pub fn without_credential(
        endpoint: Endpoint,
        package: ClientPackage,
        options: ClientOptions,
    ) -> Result<Self> {
        Self::with_authorization(endpoint, Authorization::Missing, package, options)
    }

    fn with_authorization(
        endpoint: Endpoint,
        authorization: Authorization,
        package: ClientPackage,
        options: ClientOptions,
    ) -> Result<Self> {
        let agent = user_agent(options.application_id.as_deref(), package)?;
        let headers = headers(&endpoint, &authorization, agent)?;
        let (api_version, grows_from) = match options.api_version {
            Some(chosen) => (ApiVersion::new(&chosen)?, None),
            None => (
                ApiVersion::new(package.api_version)?,
                Some(package.api_version),
            ),
        };
        let http = match options.http_client {
            Some(client) => client,
            None => http_client(&endpoint, &options.limits)?,
        };
        Ok(Self(Arc::new(Shared {
            authorization,
            http,
            api_version,
            grows_from,
            headers_with_body: of_a_body(&headers),
            headers,
            retry: options.retry,
            limits: options.limits,
            clock: options.clock,
            endpoint,
        })))
    }

    /// The same way, over the same connections, with this bearer token in place of the credential.
    #[must_use]
    pub fn with_token(&self, token: AccessToken) -> Self {
        let shared = self.shared();
        let authorization = Authorization::given(token);
        let mut headers = shared.headers.clone();
        authorization.reset_headers(&mut headers);
        Self(Arc::new(Shared {
            endpoint: shared.endpoint.clone(),
            authorization,
            http: shared.http.clone(),
            api_version: shared.api_version.clone(),
            grows_from: shared.grows_from,
            headers_with_body: of_a_body(&headers),
            headers,
            retry: shared.retry.clone(),
            limits: shared.limits,
            clock: Arc::clone(&shared.clock),
        }))
    }

    /// The address of the resource.
    #[must_use]
    pub fn endpoint(&self) -> &Endpoint {
        &self.0.endpoint
    }

    /// One call of this operation; nothing happens before the generated client executes a request with it.
    #[must_use]
    pub fn call(&self, operation: &'static Operation) -> Call {
        Call::new(self.clone(), operation)
    }

    pub(crate) fn shared(&self) -> &Shared {
        &self.0
    }
}

impl Shared {
    /// The headers of every request, with a body or without.
    pub(crate) fn headers(&self, has_body: bool) -> &HeaderMap {
        if has_body {
            &self.headers_with_body
        } else {
            &self.headers
        }
    }

    /// Adds the version to ask for unless the URL has one.
    pub(crate) fn add_version(&self, url: &mut Url, operation: &Operation) -> Result<()> {
        match self.grows_from {
            Some(version) if operation.since > version => {
                ApiVersion::new(operation.since)?.add_to(url);
            }
            _ => self.api_version.add_to(url),
        }
        Ok(())
    }
}

impl fmt::Debug for Pipeline {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Pipeline")
            .field("endpoint", &self.0.endpoint)
            .field("authorization", &self.0.authorization)
            .field("retry", &self.0.retry)
            .field("limits", &self.0.limits)
            .finish_non_exhaustive()
    }
}

/// A client that leaves retries and redirects to this crate and takes nothing from the environment.
fn http_client(endpoint: &Endpoint, limits: &Limits) -> Result<reqwest::Client> {
    tls::check(endpoint)?;
    // Without the zero, every request would be copied in case it had to be sent again.
    let never = reqwest::retry::never().max_retries_per_request(0);
    let mut builder = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .retry(never)
        .no_proxy();
    if let Some(limit) = limits.connect {
        builder = builder.connect_timeout(limit);
    }
    builder.build().map_err(|error| {
        ConfigError::new("the HTTP client cannot be made")
            .with_source(error)
            .into()
    })
}

fn headers(
    endpoint: &Endpoint,
    authorization: &Authorization,
    agent: HeaderValue,
) -> Result<HeaderMap> {
    // Also sent by the HTTP library, which would have to make room for it; and it is this text that is signed.
    let host = HeaderValue::try_from(endpoint.host())
        .map_err(|error| ConfigError::new("the endpoint's host is unusable").with_source(error))?;
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT, JSON);
    headers.insert(USER_AGENT, agent);
    headers.insert(CLIENT_REQUEST_ID, HeaderValue::from_static(""));
    headers.insert(HOST, host);
    authorization.reset_headers(&mut headers);
    Ok(headers)
}

fn of_a_body(headers: &HeaderMap) -> HeaderMap {
    let mut headers = headers.clone();
    headers.insert(CONTENT_TYPE, JSON);
    headers.insert(CONTENT_LENGTH, HeaderValue::from_static(""));
    headers
}

/// `[application id ]azsdk-rust-<crate>/<version> (<system>; <processor>)`
fn user_agent(application_id: Option<&str>, package: ClientPackage) -> Result<HeaderValue> {
    let ClientPackage { name, version, .. } = package;
    let agent = format!("azsdk-rust-{name}/{version} ({OS}; {ARCH})");
    let agent = match application_id {
        None => agent,
        Some(id) if !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_graphic()) => {
            format!("{id} {agent}")
        }
        Some(_) => {
            return Err(ConfigError::new(
                "the application id is unusable: it must be printable ASCII without blanks, and not empty",
            )
            .into());
        }
    };
    HeaderValue::try_from(agent).map_err(|error| {
        ConfigError::new("the client's name or version cannot be sent in a header")
            .with_source(error)
            .into()
    })
}

#[cfg(test)]
mod tests {
    use super::{ClientPackage, user_agent};

    const PACKAGE: ClientPackage = ClientPackage {
        name: "acs-jobrouter",
        version: "1.2.3",
        api_version: "2023-11-01",
    };

    #[test]
    fn the_application_id_stands_before_the_client_in_the_user_agent() {
        let agent = |id| {
            let value = user_agent(id, PACKAGE).expect("agent");
            value.to_str().expect("text").to_owned()
        };
        assert!(agent(None).starts_with("azsdk-rust-acs-jobrouter/1.2.3 ("));
        assert!(agent(Some("contoso")).starts_with("contoso azsdk-rust-acs-jobrouter/1.2.3 ("));
    }

    #[test]
    fn an_unusable_application_id_is_refused() {
        for id in ["", "two words", "line\nbreak", "größe"] {
            let error = user_agent(Some(id), PACKAGE).expect_err(id);
            assert!(error.to_string().contains("application id"), "{error}");
        }
    }
}
