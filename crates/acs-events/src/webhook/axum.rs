//! The webhook in axum: an extractor for handlers of one's own, and a router that needs only what to do with an event.

use std::sync::Arc;
use std::time::SystemTime;

use ::axum::Router;
use ::axum::body::{Body, to_bytes};
use ::axum::extract::{FromRef, FromRequest, Request as HttpRequest};
use ::axum::http::request::Parts;
use ::axum::http::{HeaderName, HeaderValue, StatusCode};
use ::axum::response::{IntoResponse, Response};
use ::axum::routing::any;

use super::{Answer, Delivery, Outcome, Received, Request, Webhook};
use crate::Event;

/// A router with one route that answers handshakes and hands each event to `handler`, one after the other.
///
/// Event Grid waits 30 seconds for the answer: let handlers of events that take longer put them into a queue.
///
/// ```
/// use acs_events::Event;
/// use acs_events::webhook::{Outcome, Protection, Webhook, router};
/// use std::sync::Arc;
///
/// let webhook = Arc::new(Webhook::builder(Protection::query("code", ["secret"])).build());
/// let app: axum::Router = router("/events", webhook, |event: Event| async move {
///     println!("{} {}", event.event_type(), event.subject());
///     Outcome::Done
/// });
/// ```
pub fn router<S, H, F>(path: &str, webhook: Arc<Webhook>, handler: H) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
    H: Fn(Event) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Outcome> + Send + 'static,
{
    let serve = move |request: HttpRequest| {
        let (webhook, handler) = (Arc::clone(&webhook), handler.clone());
        async move {
            let mut delivery = match delivery(&webhook, request).await {
                Ok(delivery) => delivery,
                Err(answer) => return answer,
            };
            for index in delivery.pending() {
                let event = delivery.event(index).clone();
                let outcome = handler(event).await;
                delivery.settle(index, outcome);
            }
            delivery.finish()
        }
    };
    Router::new().route(path, any(serve))
}

/// The events of a request, for handlers of one's own: settle them and answer with [`finish`](Delivery::finish). Handshakes and
/// refusals are answered without the handler. The route has to take all methods, and its state has to hold the webhook:
///
/// ```
/// use acs_events::webhook::{Answer, Delivery, Outcome, Protection, Webhook};
/// use axum::Router;
/// use axum::routing::any;
/// use std::sync::Arc;
///
/// async fn receive(mut delivery: Delivery) -> Answer {
///     for index in delivery.pending() {
///         let stored = store(delivery.event(index)).await;
///         delivery.settle(index, stored);
///     }
///     delivery.finish()
/// }
///
/// # async fn store(_: &acs_events::Event) -> Result<(), std::io::Error> { Ok(()) }
/// let webhook = Arc::new(Webhook::builder(Protection::open()).build());
/// let app: Router = Router::new().route("/events", any(receive)).with_state(webhook);
/// ```
impl<S> FromRequest<S> for Delivery
where
    S: Send + Sync,
    Arc<Webhook>: FromRef<S>,
{
    type Rejection = Answer;

    async fn from_request(request: HttpRequest, state: &S) -> Result<Self, Answer> {
        let webhook = Arc::<Webhook>::from_ref(state);
        delivery(&webhook, request).await
    }
}

async fn delivery(webhook: &Webhook, request: HttpRequest) -> Result<Delivery, Answer> {
    let now = SystemTime::now().into();
    let (parts, body) = request.into_parts();
    if let Some(answer) = webhook.answer_head(&as_request(&parts, &[]), now) {
        return Err(answer);
    }
    let body = read_body(body, webhook).await?;
    match webhook.receive(&as_request(&parts, &body), now) {
        Received::Events(delivery) => Ok(delivery),
        Received::Answer(answer) => Err(answer),
    }
}

/// Nobody hears the answer to a body that broke off, so all failures may say that it is too large.
async fn read_body(body: Body, webhook: &Webhook) -> Result<Vec<u8>, Answer> {
    to_bytes(body, webhook.largest_body())
        .await
        .map(Vec::from)
        .map_err(|_| webhook.too_large())
}

fn as_request<'a>(parts: &'a Parts, body: &'a [u8]) -> Request<'a> {
    let headers = parts
        .headers
        .iter()
        .filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
    Request::new(parts.method.as_str(), body)
        .with_query(parts.uri.query().unwrap_or_default())
        .with_headers(headers)
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.body().to_owned()));
        // Every status that an answer is made with is one.
        *response.status_mut() =
            StatusCode::from_u16(self.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        for (name, value) in self.headers() {
            if let (Ok(name), Ok(value)) =
                (HeaderName::try_from(name), HeaderValue::from_str(value))
            {
                response.headers_mut().insert(name, value);
            }
        }
        response
    }
}
