//! One attempt: authorise, send, read the whole answer.

use std::pin::pin;

use acs_auth::AuthError;
use bytes::Bytes;
use http::header::{CONTENT_LENGTH, HeaderMap, HeaderName};
use http::{HeaderValue, StatusCode};

use crate::attempts::{Deadline, Failure, within};
use crate::authorization::{Authorization, Proof};
use crate::error::{Limit, TransportFault};
use crate::pipeline::Shared;
use crate::response::Head;
use crate::retry;

pub(crate) const CLIENT_REQUEST_ID: HeaderName = HeaderName::from_static("x-ms-client-request-id");

/// A complete answer, read to its end.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// A request, and what its attempts have in common.
pub(crate) struct Prepared {
    /// Without its body, and without the headers that every request has.
    pub(crate) request: reqwest::Request,
    pub(crate) body: Option<Bytes>,
    /// The hash of the body, if the credential needs one.
    pub(crate) hash: Option<HeaderValue>,
    pub(crate) request_id: HeaderValue,
    /// Whether it may be sent again whatever became of it.
    pub(crate) is_repeatable: bool,
}

impl Reply {
    /// Head and body, the head with what the call knows of itself.
    pub(crate) fn into_parts(self, attempts: u32, client_request_id: HeaderValue) -> (Head, Bytes) {
        let head = Head {
            status: self.status,
            headers: self.headers,
            attempts,
            client_request_id,
        };
        (head, self.body)
    }
}

impl Shared {
    /// Makes one attempt. What fails before the request goes out counts as not sent.
    pub(crate) async fn attempt(
        &self,
        prepared: &Prepared,
        deadline: Option<Deadline>,
    ) -> Result<Reply, Failure> {
        let now = self.clock.now();
        let proof = match &self.authorization {
            Authorization::Key(signer) => signer
                .sign(&prepared.request, prepared.hash.as_ref(), now)
                .map_err(Failure::Auth)?,
            Authorization::Token(tokens) => {
                let proof = pin!(async { tokens.show(now).await.map_err(Failure::Auth) });
                within(deadline, false, proof).await?
            }
            Authorization::Missing => {
                let error = AuthError::new("there is no token for this call");
                return Err(Failure::Auth(error));
            }
        };
        let sending = self.http.execute(self.request(prepared, proof));
        within(deadline, true, pin!(self.answer(sending))).await
    }

    /// The request of one attempt; it shares the bytes of the body with the others.
    fn request(&self, prepared: &Prepared, proof: Proof) -> reqwest::Request {
        let mut headers = self.headers(prepared.body.is_some()).clone();
        for (name, value) in prepared.request.headers() {
            headers.insert(name, value.clone());
        }
        if let Some(body) = &prepared.body {
            headers.insert(CONTENT_LENGTH, body.len().into());
        }
        headers.insert(CLIENT_REQUEST_ID, prepared.request_id.clone());
        proof.add_to(&mut headers);

        let (method, url) = (prepared.request.method(), prepared.request.url());
        let mut request = reqwest::Request::new(method.clone(), url.clone());
        *request.headers_mut() = headers;
        *request.body_mut() = prepared.body.clone().map(reqwest::Body::from);
        request
    }

    async fn answer(
        &self,
        sending: impl Future<Output = reqwest::Result<reqwest::Response>>,
    ) -> Result<Reply, Failure> {
        let mut response = sending.await.map_err(no_answer)?;
        let status = response.status();
        let body = self.read(&mut response).await?;
        let reply = Reply {
            status,
            headers: std::mem::take(response.headers_mut()),
            body,
        };
        if status.is_success() {
            return Ok(reply);
        }
        Err(Failure::Answered {
            retry_after: retry::retry_after(&reply.headers, || self.clock.now()),
            reply: Box::new(reply),
        })
    }

    /// Reads the body to its end. A body in one piece, as most are, is not copied.
    async fn read(&self, response: &mut reqwest::Response) -> Result<Bytes, Failure> {
        let limit = self.limits.answer_bytes;
        let announced = response.content_length().unwrap_or_default();
        if announced > limit as u64 {
            return Err(too_large(limit));
        }
        let (mut first, mut others) = (Bytes::new(), Vec::new());
        let mut size = 0;
        while let Some(piece) = response.chunk().await.map_err(no_answer)? {
            size += piece.len();
            if size > limit {
                return Err(too_large(limit));
            }
            if first.is_empty() {
                first = piece;
            } else {
                others.push(piece);
            }
        }
        if others.is_empty() {
            return Ok(first);
        }
        others.insert(0, first);
        Ok(others.concat().into())
    }
}

#[cold]
fn too_large(limit: usize) -> Failure {
    Failure::Transport {
        fault: TransportFault::TooLarge { limit },
        was_sent: true,
        source: None,
    }
}

/// Only a failure to connect is certain not to have sent anything.
#[cold]
fn no_answer(error: reqwest::Error) -> Failure {
    let fault = match (error.is_connect(), error.is_timeout()) {
        (true, true) => TransportFault::TimedOut(Limit::Connect),
        (true, false) => TransportFault::Connect,
        (false, true) => TransportFault::TimedOut(Limit::HttpClient),
        (false, false) => TransportFault::Interrupted,
    };
    Failure::Transport {
        fault,
        was_sent: !error.is_connect(),
        source: Some(Box::new(error.without_url())),
    }
}
