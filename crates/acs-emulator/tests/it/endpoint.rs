//! A webhook that answers as planned and hands over what it got.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// What to answer to a handshake, by its validation code.
pub(crate) type HandshakeAnswer = fn(&str) -> (u16, Value);

/// An endpoint. When the plan is used up it agrees to handshakes and accepts events.
pub(crate) struct Endpoint {
    pub(crate) url: String,
    pub(crate) handshakes: UnboundedReceiver<Delivered>,
    pub(crate) received: UnboundedReceiver<Delivered>,
}

/// A request.
pub(crate) struct Delivered {
    headers: HeaderMap,
    pub(crate) body: Value,
}

#[derive(Clone)]
struct Plan {
    answers: Arc<Mutex<VecDeque<HandshakeAnswer>>>,
    statuses: Arc<Mutex<VecDeque<u16>>>,
    handshakes: UnboundedSender<Delivered>,
    received: UnboundedSender<Delivered>,
}

/// Agrees.
pub(crate) fn agreeing(code: &str) -> (u16, Value) {
    (200, json!({"validationResponse": code}))
}

impl Endpoint {
    /// One that agrees, and answers events with these statuses at first.
    pub(crate) async fn start(statuses: &[u16]) -> Self {
        Self::planned(&[], statuses).await
    }

    /// One that answers handshakes so at first.
    pub(crate) async fn answering(answers: &[HandshakeAnswer]) -> Self {
        Self::planned(answers, &[]).await
    }

    async fn planned(answers: &[HandshakeAnswer], statuses: &[u16]) -> Self {
        let (handshake_sender, handshakes) = unbounded_channel();
        let (sender, received) = unbounded_channel();
        let plan = Plan {
            answers: Arc::new(Mutex::new(answers.iter().copied().collect())),
            statuses: Arc::new(Mutex::new(statuses.iter().copied().collect())),
            handshakes: handshake_sender,
            received: sender,
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook?code=1", listener.local_addr().unwrap());
        let router = Router::new().fallback(receive).with_state(plan);
        tokio::spawn(async { axum::serve(listener, router).await.unwrap() });
        Self {
            url,
            handshakes,
            received,
        }
    }

    /// Waits for the next event.
    pub(crate) async fn next(&mut self) -> Delivered {
        self.received.recv().await.unwrap()
    }

    /// Waits for the next handshake.
    pub(crate) async fn next_handshake(&mut self) -> Delivered {
        self.handshakes.recv().await.unwrap()
    }
}

async fn receive(
    State(plan): State<Plan>,
    headers: HeaderMap,
    body: String,
) -> (StatusCode, String) {
    let body: Value = serde_json::from_str(&body).unwrap();
    let delivered = Delivered { headers, body };
    let status = |status| StatusCode::from_u16(status).unwrap();
    if delivered.header("aeg-event-type") == "SubscriptionValidation" {
        let code = delivered.body[0]["data"]["validationCode"].as_str();
        let answer = plan.answers.lock().unwrap().pop_front();
        let (number, body) = answer.unwrap_or(agreeing)(code.unwrap());
        plan.handshakes.send(delivered).unwrap();
        return (status(number), body.to_string());
    }
    plan.received.send(delivered).unwrap();
    let next = plan.statuses.lock().unwrap().pop_front();
    (status(next.unwrap_or(200)), "planned".to_owned())
}

impl Delivered {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }

    /// The event's type without what all types of the router have in front.
    pub(crate) fn kind(&self) -> &str {
        let name = self.body[0]["eventType"].as_str().unwrap();
        name.strip_prefix("Microsoft.Communication.Router").unwrap()
    }
}
