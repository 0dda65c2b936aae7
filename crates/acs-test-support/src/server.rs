//! The stub server itself.

use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

use crate::exercised;
use crate::expectation::Expectation;

/// The access key that the stub's connection string holds: base64 of a text, of use nowhere else.
pub const ACCESS_KEY: &str = "c3R1YiBzZXJ2ZXIgYWNjZXNzIGtleSwgbm90IGEgc2VjcmV0";

/// A user access token for the stubs: signed, valid until the year 2286, and of use nowhere else.
pub const USER_TOKEN: &str = "eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjk5OTk5OTk5OTl9.c2lnbmF0dXJl";

/// The lowest priority wiremock knows: the catch-all answers only what nothing else does.
const LAST: u8 = u8::MAX;

/// A stub of the services on a free loopback port, one for each test.
///
/// A request that no mounted expectation matches is answered with 500 and printed, so that a wrong URL cannot pass as
/// "not found". When the server is dropped, unmet expectations fail the test, and the operations that were called are
/// recorded for the coverage page.
#[derive(Debug)]
pub struct AcsMockServer {
    server: MockServer,
}

impl AcsMockServer {
    /// Starts the stub.
    pub async fn start() -> Self {
        let server = MockServer::start().await;
        Mock::given(any())
            .respond_with(PrintAndFail)
            .with_priority(LAST)
            .mount(&server)
            .await;
        Self { server }
    }

    /// The stub's origin, such as `http://127.0.0.1:4711`.
    #[must_use]
    pub fn endpoint(&self) -> String {
        self.server.uri()
    }

    /// A connection string for the stub.
    #[must_use]
    pub fn connection_string(&self) -> String {
        format!("endpoint={}/;accesskey={ACCESS_KEY}", self.server.uri())
    }

    /// The requests that arrived so far, in order.
    pub async fn requests(&self) -> Vec<Request> {
        self.server.received_requests().await.unwrap_or_default()
    }

    /// Checks that every expectation was met and records the operations that were called.
    ///
    /// # Panics
    ///
    /// An expectation was not met, or was met too often.
    pub async fn verify(self) {
        self.server.verify().await;
        exercised::record(&self.requests().await);
    }

    /// Expects a chat request with this method and this literal path, with the stubs' user token.
    pub fn chat(&self, method: &'static str, path: impl Into<String>) -> Expectation<'_> {
        self.expect(method, path)
            .api_version("2025-03-15")
            .bearer(USER_TOKEN)
    }

    /// Expects a signed identity request with this method and this literal path.
    pub fn identity(&self, method: &'static str, path: impl Into<String>) -> Expectation<'_> {
        self.expect(method, path).api_version("2023-10-01")
    }

    /// Expects a signed job router request with this method and this literal path.
    pub fn expect(&self, method: &'static str, path: impl Into<String>) -> Expectation<'_> {
        Expectation::new(&self.server, method, path.into())
    }
}

struct PrintAndFail;

impl Respond for PrintAndFail {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let body = String::from_utf8_lossy(&request.body);
        let sent = format!(
            "{} {}\n{:#?}\n{body}",
            request.method, request.url, request.headers
        );
        eprintln!("no expectation matches this request:\n{sent}");
        ResponseTemplate::new(500).set_body_string(format!("unexpected request: {sent}"))
    }
}
