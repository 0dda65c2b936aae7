//! The address of a resource.

use std::fmt;
use std::str::FromStr;

use url::{Host, ParseError, Position, Url};

/// The address of a resource: scheme, host and port, nothing else.
///
/// Kept in one normal form, because the host is part of what an access key signs: lower case, the port left out when it
/// is the scheme's default, no trailing `/`. Plain `http` is accepted for loopback hosts (`127.0.0.0/8`, `::1`,
/// `localhost`) only, unless made by [`Endpoint::allowing_http`].
///
/// ```
/// use acs_auth::Endpoint;
///
/// let endpoint = Endpoint::parse("https://Contoso.communication.azure.com:443/")?;
/// assert_eq!(endpoint.as_str(), "https://contoso.communication.azure.com");
/// assert_eq!(endpoint.host(), "contoso.communication.azure.com");
///
/// let error = Endpoint::parse("http://contoso.communication.azure.com").unwrap_err();
/// assert_eq!(error.part(), "scheme");
/// # Ok::<(), acs_auth::EndpointError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Endpoint(Url);

impl Endpoint {
    /// Reads an endpoint such as `https://contoso.communication.azure.com`. Blanks around it and trailing slashes are
    /// ignored.
    ///
    /// # Errors
    ///
    /// The text has no `https` scheme (or `http` with a loopback host), no valid host or port, or it has something
    /// else: user info, a path, a query, a fragment. The error names the part.
    pub fn parse(text: &str) -> Result<Self, EndpointError> {
        let endpoint = Self::allowing_http(text)?;
        if endpoint.0.scheme() == "http" && !endpoint.is_loopback() {
            return Err(EndpointError::new(
                "scheme",
                "is http, which sends credentials in the clear: use https, or allow http explicitly for a network you trust",
            ));
        }
        Ok(endpoint)
    }

    /// Like [`parse`](Self::parse), but takes plain `http` for every host. Whoever can read the traffic then reads
    /// the requests and every bearer token; meant for an emulator on a private network.
    ///
    /// # Errors
    ///
    /// As for [`parse`](Self::parse), except that `http` is no error.
    pub fn allowing_http(text: &str) -> Result<Self, EndpointError> {
        let text = text.trim();
        // The URL parser would drop these silently, and so accept a host that nobody wrote.
        if text.contains(|c: char| c.is_ascii_control()) {
            return Err(EndpointError::new(
                "text",
                "holds a line break or another control character",
            ));
        }
        // The URL parser also takes `localhost:7777` for a scheme and `https:host` for complete.
        let Some((scheme, _)) = text.split_once("://") else {
            return Err(EndpointError::new(
                "scheme",
                "is missing: start the endpoint with https://",
            ));
        };
        if !scheme.eq_ignore_ascii_case("https") && !scheme.eq_ignore_ascii_case("http") {
            return Err(EndpointError::new("scheme", "is not https"));
        }
        let mut url = Url::parse(text).map_err(EndpointError::from_parsing)?;
        refuse_extra_parts(&url)?;
        url.set_path("/");
        Ok(Self(url))
    }

    /// Scheme, host and non-default port, without a `/` at the end: `https://contoso.communication.azure.com`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0[..Position::AfterPort]
    }

    /// The same as a URL, whose path is `/`.
    #[must_use]
    pub fn as_url(&self) -> &Url {
        &self.0
    }

    /// What goes into the `Host` header and into signatures: the host, with `:port` when it is not the scheme's default.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.0[Position::BeforeHost..Position::AfterPort]
    }

    /// Whether a URL has this scheme, host and port, so that credentials for this endpoint may be sent to it.
    ///
    /// ```
    /// use acs_auth::Endpoint;
    ///
    /// let endpoint = Endpoint::parse("https://contoso.communication.azure.com")?;
    /// let next = endpoint.as_url().join("/routing/jobs?skip=50")?;
    /// assert!(endpoint.same_origin(&next));
    /// assert!(!endpoint.same_origin(&"https://elsewhere.example/routing/jobs".parse()?));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn same_origin(&self, url: &Url) -> bool {
        self.0.scheme() == url.scheme()
            && self.0.host() == url.host()
            && self.0.port_or_known_default() == url.port_or_known_default()
    }

    fn is_loopback(&self) -> bool {
        match self.0.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        }
    }
}

fn refuse_extra_parts(url: &Url) -> Result<(), EndpointError> {
    if !url.username().is_empty() || url.password().is_some() {
        return Err(EndpointError::new(
            "user info",
            "is not allowed: remove what stands before the `@`",
        ));
    }
    if !url.path().bytes().all(|byte| byte == b'/') {
        return Err(EndpointError::new(
            "path",
            "is not allowed: end the endpoint after its host and port",
        ));
    }
    if url.query().is_some() {
        return Err(EndpointError::new(
            "query",
            "is not allowed: remove the `?` and what follows",
        ));
    }
    if url.fragment().is_some() {
        return Err(EndpointError::new(
            "fragment",
            "is not allowed: remove the `#` and what follows",
        ));
    }
    Ok(())
}

impl FromStr for Endpoint {
    type Err = EndpointError;

    /// Same as [`Endpoint::parse`].
    fn from_str(text: &str) -> Result<Self, EndpointError> {
        Self::parse(text)
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Endpoint").field(&self.as_str()).finish()
    }
}

/// Why a text is not an endpoint. Holds nothing of the text, which may be a key put in the wrong place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndpointError {
    part: &'static str,
    problem: &'static str,
}

impl EndpointError {
    const fn new(part: &'static str, problem: &'static str) -> Self {
        Self { part, problem }
    }

    /// The part that is wrong: `scheme`, `user info`, `host`, `port`, `path`, `query`, `fragment`, or `text`.
    #[must_use]
    pub fn part(&self) -> &'static str {
        self.part
    }

    fn from_parsing(error: ParseError) -> Self {
        match error {
            ParseError::InvalidPort => Self::new("port", "is not a number up to 65535"),
            ParseError::EmptyHost => Self::new("host", "is missing"),
            _ => Self::new("host", "is not a valid host name or address"),
        }
    }
}

impl fmt::Display for EndpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the endpoint's {} {}", self.part, self.problem)
    }
}

impl std::error::Error for EndpointError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint(text: &str) -> Endpoint {
        Endpoint::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    #[test]
    fn every_spelling_of_an_origin_gives_the_same_endpoint() {
        let expected = endpoint("https://contoso.communication.azure.com");
        for text in [
            "https://contoso.communication.azure.com/",
            "https://contoso.communication.azure.com//",
            "HTTPS://CONTOSO.communication.Azure.com",
            "https://contoso.communication.azure.com:443",
            " https://contoso.communication.azure.com/\n",
        ] {
            assert_eq!(endpoint(text), expected, "{text:?}");
        }
        assert_eq!(expected.as_str(), "https://contoso.communication.azure.com");
        assert_eq!(
            expected.as_url().as_str(),
            "https://contoso.communication.azure.com/"
        );
    }

    #[test]
    fn host_keeps_a_port_that_is_not_the_schemes_default() {
        for (text, host) in [
            ("https://contoso.com", "contoso.com"),
            ("https://contoso.com:443", "contoso.com"),
            ("https://contoso.com:8443", "contoso.com:8443"),
            ("https://contoso.com:80", "contoso.com:80"),
            ("http://localhost:80", "localhost"),
            ("http://127.0.0.1:8089/", "127.0.0.1:8089"),
            ("http://[::1]:7777", "[::1]:7777"),
        ] {
            assert_eq!(endpoint(text).host(), host, "{text}");
        }
        assert_eq!(endpoint("http://[::1]:7777").as_str(), "http://[::1]:7777");
    }

    #[test]
    fn plain_http_is_for_loopback_unless_allowed_explicitly() {
        for text in [
            "http://localhost:1",
            "http://LOCALHOST",
            "http://127.9.8.7",
            "http://[::1]",
        ] {
            endpoint(text);
        }
        for text in [
            "http://contoso.communication.azure.com",
            "http://localhost.example.com",
            "http://127.0.0.1.example.com",
            "http://10.0.0.1",
            "http://0.0.0.0",
            "http://[::2]",
        ] {
            assert_eq!(
                Endpoint::parse(text).unwrap_err().part(),
                "scheme",
                "{text}"
            );
            Endpoint::allowing_http(text).unwrap();
        }
    }

    #[test]
    fn the_error_names_the_part_that_is_wrong() {
        for (text, part) in [
            ("", "scheme"),
            ("contoso.communication.azure.com", "scheme"),
            ("localhost:7777", "scheme"),
            ("https:contoso.com", "scheme"),
            ("ftp://contoso.com", "scheme"),
            ("https://", "host"),
            ("https://con toso.com", "host"),
            ("https://[::1", "host"),
            ("https://contoso.com:port", "port"),
            ("https://contoso.com:65536", "port"),
            ("https://user@contoso.com", "user info"),
            ("https://:word@contoso.com", "user info"),
            ("https://contoso.com/routing", "path"),
            ("https://contoso.com/?api-version=1", "query"),
            ("https://contoso.com?", "query"),
            ("https://contoso.com#top", "fragment"),
            ("https://cont\noso.com", "text"),
            ("https://cont\toso.com", "text"),
        ] {
            assert_eq!(Endpoint::parse(text).unwrap_err().part(), part, "{text:?}");
            assert_eq!(
                Endpoint::allowing_http(text).unwrap_err().part(),
                part,
                "{text:?}"
            );
        }
    }

    #[test]
    fn same_origin_compares_scheme_host_and_port() {
        let contoso = endpoint("https://contoso.com");
        let url = |text: &str| Url::parse(text).unwrap();
        assert!(contoso.same_origin(&url("https://CONTOSO.com:443/routing/jobs?x=1")));
        for other in [
            "http://contoso.com/",
            "http://contoso.com:443/",
            "https://contoso.com:8443/",
            "https://contoso.com.evil.example/",
            "https://sub.contoso.com/",
            "https://contoso.com@evil.example/",
            "mailto:contoso.com",
        ] {
            assert!(!contoso.same_origin(&url(other)), "{other}");
        }
        assert!(!endpoint("http://localhost:7777").same_origin(&url("http://localhost:7778/")));
    }
}
