//! A gate in front of Azurite: it tells of each request, and keeps some for ever, so that a program can be killed at that point.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::Method;
use axum::http::header::TRANSFER_ENCODING;
use axum::response::Response;
use tokio::sync::mpsc;

use crate::azurite::Azurite;

/// A request for one message: its deletion, or a change of the time for which it is hidden.
struct Change {
    /// The id of the message.
    message: String,
    /// Whether Azurite has answered it; otherwise it is kept here.
    passed: bool,
}

/// A running gate.
pub(crate) struct Gate {
    connection_string: String,
    changes: mpsc::UnboundedReceiver<Change>,
}

impl Gate {
    /// Lets the first `passing` requests of one method for messages pass and keeps the next. All others pass.
    pub(crate) async fn start(azurite: &Azurite, method: Method, passing: usize) -> Self {
        let connection_string = azurite.connection_string();
        let (account, endpoint) = connection_string.split_once("QueueEndpoint=").expect("one");
        let (origin, path) = endpoint.rsplit_once('/').expect("the path of the account");
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port");
        let address = listener.local_addr().expect("an address");
        let (sender, changes) = mpsc::unbounded_channel();
        let keeper = Arc::new(Keeper {
            client: reqwest::Client::new(),
            origin: origin.to_owned(),
            method,
            permits: tokio::sync::Semaphore::new(passing),
            changes: sender,
        });
        let routes = Router::new().fallback(move |request| Arc::clone(&keeper).serve(request));
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Self {
            connection_string: format!("{account}QueueEndpoint=http://{address}/{path}"),
            changes,
        }
    }

    /// What a program connects with to go through the gate.
    pub(crate) fn connection_string(&self) -> &str {
        &self.connection_string
    }

    /// The messages of the requests that passed, and that of the one that is kept, as soon as all are answered that pass.
    pub(crate) async fn until_kept(&mut self, passing: usize) -> (Vec<String>, String) {
        let (mut passed, mut kept) = (Vec::new(), None);
        while passed.len() < passing || kept.is_none() {
            let change = self.changes.recv().await.expect("the gate runs");
            if change.passed {
                passed.push(change.message);
            } else {
                kept = Some(change.message);
            }
        }
        (passed, kept.expect("the loop ends with one"))
    }
}

struct Keeper {
    client: reqwest::Client,
    origin: String,
    method: Method,
    permits: tokio::sync::Semaphore,
    changes: mpsc::UnboundedSender<Change>,
}

impl Keeper {
    async fn serve(self: Arc<Self>, request: Request) -> Response {
        let message = request.uri().path().split_once("/messages/");
        let message = message.filter(|_| request.method() == self.method);
        let Some(message) = message.map(|(_, message)| message.to_owned()) else {
            return self.pass(request).await;
        };
        let mut change = Change {
            message,
            passed: false,
        };
        let Ok(permit) = self.permits.try_acquire() else {
            self.changes.send(change).expect("the test runs");
            return std::future::pending().await;
        };
        permit.forget();
        let answer = self.pass(request).await;
        change.passed = true;
        self.changes.send(change).expect("the test runs");
        answer
    }

    async fn pass(&self, request: Request) -> Response {
        let (parts, body) = request.into_parts();
        let path = parts.uri.path_and_query().expect("a path");
        let body = to_bytes(body, 1_000_000).await.expect("a body");
        let answer = self
            .client
            .request(parts.method, format!("{}{path}", self.origin))
            .headers(parts.headers)
            .body(body)
            .send()
            .await
            .expect("Azurite answers");
        let mut response = Response::new(Body::empty());
        *response.status_mut() = answer.status();
        *response.headers_mut() = answer.headers().clone();
        // The body goes on as a whole.
        response.headers_mut().remove(TRANSFER_ENCODING);
        *response.body_mut() = Body::from(answer.bytes().await.expect("a body"));
        response
    }
}
