//! Webhooks: what Event Grid posts, and what it has to be answered.
//!
//! [`Webhook::receive`] takes a [`Request`] (method, headers, query, body) and the time, and does no I/O, so that any server can
//! use it. It checks the request, answers both handshakes by itself, and hands over the events of all others as a [`Delivery`]:
//!
//! ```
//! use acs_events::webhook::{Outcome, Protection, Received, Request, Webhook};
//! use std::time::SystemTime;
//!
//! let webhook = Webhook::builder(Protection::query("code", ["new-secret", "old-secret"]))
//!     .expect_subscription("router-events")
//!     .build();
//! let request = Request::new("POST", br#"[{"id": "1", "eventType": "Contoso.Moved", "data": {}}]"#)
//!     .with_query("code=new-secret")
//!     .with_headers([("aeg-subscription-name", "ROUTER-EVENTS"), ("aeg-event-type", "Notification")]);
//! let answer = match webhook.receive(&request, SystemTime::now().into()) {
//!     Received::Answer(answer) => answer,
//!     Received::Events(mut delivery) => {
//!         for index in delivery.pending() {
//!             println!("{}", delivery.event(index).event_type());
//!             delivery.settle(index, Outcome::Done);
//!         }
//!         delivery.finish()
//!     }
//! };
//! assert_eq!(answer.status(), 200);
//! ```
//!
//! # Which status means what
//!
//! Event Grid takes 200 to 204 as success and delivers again after everything else but 400, 401, 403 and 413. A delivery succeeds
//! or fails as a whole. So the answer is
//!
//! | status | when | Event Grid then |
//! | --- | --- | --- |
//! | 200 | all events are settled, at least one of them as done | is content |
//! | 400 | the body is no list of events, or no event of it can ever be handled | drops it, or puts it aside as a dead letter |
//! | 401, 403 | the secret or token is missing, or wrong | drops it, or puts it aside |
//! | 405 | the method is neither `POST` nor `OPTIONS` | never asks so |
//! | 413 | the body is larger than the limit | drops it, or puts it aside |
//! | 503 | a handler asks for the event again, or the same event is being handled at this moment, or the signing key of the token is not known yet | delivers again, after 30 seconds at least |
//!
//! Events of a delivery that are done are remembered, so that a delivery that comes again for the sake of the others skips them.
//! Event Grid delivers at least once and in no order: handlers must not rely on either.

mod answer;
#[cfg(feature = "axum")]
mod axum;
mod delivery;
mod protection;
mod request;
mod seen;
mod serve;
#[cfg(feature = "entra")]
mod token;

pub use self::answer::Answer;
#[cfg(feature = "axum")]
pub use self::axum::router;
pub use self::delivery::{Delivery, Outcome};
pub use self::protection::Protection;
pub use self::request::Request;
pub use self::serve::{Received, Webhook, WebhookBuilder};
#[cfg(feature = "entra")]
pub use self::token::{KeysError, TokenCheck};
