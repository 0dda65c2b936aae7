//! One expected request and its answer.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::SystemTime;

use serde_json::Value;
use wiremock::{Match, Mock, MockServer, Request, Respond, ResponseTemplate};

use crate::signature;

/// A request that must arrive exactly as described, and the answer it gets.
///
/// Checked are the method, the path as sent, the complete set of query parameters, the content type, the given headers, that
/// no condition header is there unless asked for, the JSON body, and the signature over all of it, or a bearer token.
#[must_use = "an expectation counts once it is mounted"]
#[derive(Debug)]
pub struct Expectation<'a> {
    server: &'a MockServer,
    request: ExpectedRequest,
    answers: Vec<ResponseTemplate>,
    calls: u64,
}

#[derive(Clone, Debug)]
struct ExpectedRequest {
    method: &'static str,
    path: String,
    query: BTreeMap<String, String>,
    headers: BTreeMap<String, String>,
    body: Option<Value>,
    /// In place of a signature.
    token: Option<String>,
}

/// Headers that change what an operation does: they must be absent unless an expectation names them.
const CONDITIONS: [&str; 4] = [
    "if-match",
    "if-none-match",
    "if-modified-since",
    "if-unmodified-since",
];

impl<'a> Expectation<'a> {
    pub(crate) fn new(server: &'a MockServer, method: &'static str, path: String) -> Self {
        let query = [("api-version".to_owned(), "2023-11-01".to_owned())].into();
        Self {
            server,
            request: ExpectedRequest {
                method,
                path,
                query,
                headers: BTreeMap::new(),
                body: None,
                token: None,
            },
            answers: vec![ResponseTemplate::new(200)],
            calls: 1,
        }
    }

    /// Expects this version of the service.
    pub fn api_version(self, version: &str) -> Self {
        self.query("api-version", version)
    }

    /// Expects this token in place of a signature.
    pub fn bearer(mut self, token: &str) -> Self {
        self.request.token = Some(token.to_owned());
        self
    }

    /// Expects this query parameter beside the others, after percent-decoding.
    pub fn query(mut self, name: &str, value: &str) -> Self {
        self.request.query.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Expects this header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.request
            .headers
            .insert(name.to_owned(), value.to_owned());
        self
    }

    /// Expects this body, as `application/json`.
    pub fn json(self, body: Value) -> Self {
        self.body(body, "application/json")
    }

    /// Expects this body, as a merge patch.
    pub fn merge_patch(self, body: Value) -> Self {
        self.body(body, "application/merge-patch+json")
    }

    fn body(mut self, body: Value, content_type: &str) -> Self {
        self.request.body = Some(body);
        self.header("content-type", content_type)
    }

    /// Answers with this status and JSON body.
    pub fn answer(self, status: u16, body: &Value) -> Self {
        self.answer_with(ResponseTemplate::new(status).set_body_json(body))
    }

    /// Answers with this status and no body.
    pub fn answer_empty(self, status: u16) -> Self {
        self.answer_with(ResponseTemplate::new(status))
    }

    /// Answers with exactly this.
    pub fn answer_with(mut self, answer: ResponseTemplate) -> Self {
        self.answers = vec![answer];
        self
    }

    /// Answers with one after the other, and expects as many requests.
    pub fn answer_in_turn(mut self, answers: Vec<ResponseTemplate>) -> Self {
        self.calls = answers.len() as u64;
        self.answers = answers;
        self
    }

    /// How often the request must arrive; once unless set.
    pub fn times(mut self, calls: u64) -> Self {
        self.calls = calls;
        self
    }

    /// Puts the expectation in force until the server is dropped.
    pub async fn mount(self) {
        Mock::given(self.request)
            .respond_with(InTurn::new(self.answers))
            .expect(self.calls)
            .mount(self.server)
            .await;
    }
}

/// Gives each answer once and the last one for ever.
struct InTurn(Mutex<std::iter::Peekable<std::vec::IntoIter<ResponseTemplate>>>);

impl InTurn {
    fn new(answers: Vec<ResponseTemplate>) -> Self {
        Self(Mutex::new(answers.into_iter().peekable()))
    }
}

impl Respond for InTurn {
    fn respond(&self, _: &Request) -> ResponseTemplate {
        let mut answers = self.0.lock().expect("no responder panics");
        let answer = answers
            .peek()
            .cloned()
            .expect("an expectation has an answer");
        if answers.len() > 1 {
            answers.next();
        }
        answer
    }
}

impl Match for ExpectedRequest {
    fn matches(&self, request: &Request) -> bool {
        request.method.as_str() == self.method
            && request.url.path() == self.path
            && query(request) == Some(self.query.clone())
            && self
                .headers
                .iter()
                .all(|(name, value)| header(request, name) == Some(value))
            && CONDITIONS
                .iter()
                .all(|name| self.headers.contains_key(*name) == request.headers.contains_key(*name))
            && self.body_matches(request)
            && self.is_proven(request)
    }
}

impl ExpectedRequest {
    fn is_proven(&self, request: &Request) -> bool {
        match &self.token {
            None => is_signed(request),
            Some(token) => {
                header(request, "authorization") == Some(&format!("Bearer {token}"))
                    && !request.headers.contains_key("x-ms-content-sha256")
            }
        }
    }

    fn body_matches(&self, request: &Request) -> bool {
        match &self.body {
            Some(body) => {
                serde_json::from_slice::<Value>(&request.body).is_ok_and(|sent| sent == *body)
            }
            None => request.body.is_empty(),
        }
    }
}

/// The query parameters by name; `None` if one stands there twice.
fn query(request: &Request) -> Option<BTreeMap<String, String>> {
    let mut parameters = BTreeMap::new();
    for (name, value) in request.url.query_pairs() {
        if parameters
            .insert(name.into_owned(), value.into_owned())
            .is_some()
        {
            return None;
        }
    }
    Some(parameters)
}

fn header<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    request.headers.get(name)?.to_str().ok()
}

/// Whether the stub's key signed the request as it arrived, within the services' tolerance of now.
fn is_signed(request: &Request) -> bool {
    let target = match request.url.query() {
        Some(query) => format!("{}?{query}", request.url.path()),
        None => request.url.path().to_owned(),
    };
    signature::is_valid(
        request.method.as_str(),
        &target,
        |name| header(request, name),
        &request.body,
        SystemTime::now().into(),
    )
}
