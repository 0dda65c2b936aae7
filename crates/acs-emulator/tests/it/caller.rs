//! A client with nothing but reqwest and a signature.

use std::time::SystemTime;

use acs_auth::AccessKey;
use acs_auth::signing::{RequestToSign, content_hash};
use acs_emulator::{DEVELOPMENT_ACCESS_KEY, Emulator, RunningEmulator};
use acs_types::Timestamp;
use reqwest::Method;
use reqwest::header::HeaderMap;
use serde_json::{Value, json};

/// Sends signed requests to one endpoint.
pub(crate) struct Caller {
    http: reqwest::Client,
    endpoint: String,
    key: AccessKey,
}

/// A request before it is signed and sent.
pub(crate) struct Draft<'c> {
    caller: &'c Caller,
    method: Method,
    target: String,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
    target_on_the_wire: Option<String>,
    body_on_the_wire: Option<Vec<u8>>,
    signed_at: Timestamp,
    key: AccessKey,
}

/// What came back. The body is null unless it is JSON.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

pub(crate) async fn start() -> (RunningEmulator, Caller) {
    let emulator = Emulator::builder().start().await.unwrap();
    let caller = Caller::new(emulator.endpoint());
    (emulator, caller)
}

impl Caller {
    pub(crate) fn new(endpoint: &str) -> Self {
        Self {
            http: reqwest::Client::new(),
            endpoint: endpoint.to_owned(),
            key: AccessKey::from_base64(DEVELOPMENT_ACCESS_KEY).unwrap(),
        }
    }

    pub(crate) fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// A request for a target as it is to be sent, `api-version` included.
    pub(crate) fn raw(&self, method: &str, target: &str) -> Draft<'_> {
        Draft {
            caller: self,
            method: method.parse().unwrap(),
            target: target.to_owned(),
            headers: Vec::new(),
            body: Vec::new(),
            target_on_the_wire: None,
            body_on_the_wire: None,
            signed_at: Timestamp::from(SystemTime::now()),
            key: self.key.clone(),
        }
    }

    /// A request for a path under `/routing`, with or without a query; the api-version is added.
    pub(crate) fn request(&self, method: &str, path: &str) -> Draft<'_> {
        let separator = if path.contains('?') { '&' } else { '?' };
        self.raw(
            method,
            &format!("/routing/{path}{separator}api-version=2023-11-01"),
        )
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.request("GET", path).send().await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.request("DELETE", path).send().await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Answer {
        self.request("PATCH", path).json(&body).send().await
    }

    /// An action, without a body.
    pub(crate) async fn post(&self, path: &str) -> Answer {
        self.request("POST", path).send().await
    }

    /// A queue `q` with a policy `p` whose offers expire after 30 seconds.
    pub(crate) async fn create_queue(&self) {
        let policy = json!({ "offerExpiresAfterSeconds": 30, "mode": { "kind": "longestIdle" } });
        self.patch("distributionPolicies/p", policy)
            .await
            .expect(201);
        self.patch("queues/q", json!({ "distributionPolicyId": "p" }))
            .await
            .expect(201);
    }

    pub(crate) async fn create_job(&self, id: &str) -> Answer {
        let job = json!({ "channelId": "voice", "queueId": "q" });
        self.patch(&format!("jobs/{id}"), job).await
    }

    /// A worker for the queue `q` that takes one job at a time.
    pub(crate) async fn create_worker(&self, id: &str) -> Answer {
        let worker = json!({
            "capacity": 1,
            "queues": ["q"],
            "channels": [{ "channelId": "voice", "capacityCostPerJob": 1 }],
            "availableForOffers": true,
        });
        self.patch(&format!("workers/{id}"), worker).await
    }
}

impl Draft<'_> {
    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// A JSON body with the content type that its method has.
    pub(crate) fn json(self, body: &Value) -> Self {
        let content_type = if self.method == Method::PATCH {
            "application/merge-patch+json"
        } else {
            "application/json"
        };
        self.header("content-type", content_type)
            .body(body.to_string())
    }

    pub(crate) fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// Sends another body than the signed one.
    pub(crate) fn body_altered_to(mut self, body: &str) -> Self {
        self.body_on_the_wire = Some(body.into());
        self
    }

    /// Sends to another target than the signed one.
    pub(crate) fn sent_to(mut self, target: &str) -> Self {
        self.target_on_the_wire = Some(target.into());
        self
    }

    pub(crate) fn signed_at(mut self, date: Timestamp) -> Self {
        self.signed_at = date;
        self
    }

    pub(crate) fn signed_with(mut self, base64_key: &str) -> Self {
        self.key = AccessKey::from_base64(base64_key).unwrap();
        self
    }

    pub(crate) async fn send(self) -> Answer {
        let signed = self.sign();
        self.send_with(&signed).await
    }

    pub(crate) async fn send_unsigned(self) -> Answer {
        self.send_with(&[]).await
    }

    fn sign(&self) -> Vec<(&'static str, String)> {
        let date = self.signed_at.http_date();
        let hash = content_hash(&self.body);
        let (_, host) = self.caller.endpoint.split_once("://").unwrap();
        let signed = RequestToSign {
            method: self.method.as_str(),
            target: &self.target,
            host,
            date: &date,
            content_hash: &hash,
        }
        .sign(&self.key);
        let pairs = signed.pairs();
        pairs.map(|(name, value)| (name, value.to_owned())).to_vec()
    }

    async fn send_with(self, signature: &[(&'static str, String)]) -> Answer {
        let target = self.target_on_the_wire.unwrap_or(self.target);
        let url = format!("{}{target}", self.caller.endpoint);
        let mut request = self.caller.http.request(self.method, &url);
        for (name, value) in self.headers.iter().chain(signature) {
            request = request.header(*name, value);
        }
        let body = self.body_on_the_wire.unwrap_or(self.body);
        let response = request.body(body).send().await.unwrap();
        Answer {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            body: response.json().await.unwrap_or_default(),
        }
    }
}

impl Answer {
    /// Fails the test, showing the body, unless the status is this one.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{:#}", self.body);
        self
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The error of the service's form.
    #[track_caller]
    pub(crate) fn error(&self) -> &Value {
        let error = &self.body["communicationError"];
        assert!(error.is_object(), "{:#}", self.body);
        assert_eq!(self.header("x-ms-error-code"), error["code"].as_str());
        error
    }

    /// The message of the only detail of a 400.
    #[track_caller]
    pub(crate) fn detail(&self) -> &str {
        assert_eq!(self.status, 400, "{:#}", self.body);
        assert_eq!(self.error()["code"], "BadRequest");
        let details = self.error()["details"].as_array().unwrap();
        assert_eq!(details.len(), 1, "{:#}", self.body);
        details[0]["message"].as_str().unwrap()
    }
}
