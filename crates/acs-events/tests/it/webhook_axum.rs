//! The webhook in axum, asked without a network: routers are services.

use std::sync::{Arc, Mutex};

use acs_events::Event;
use acs_events::webhook::{Answer, Delivery, Outcome, Protection, Webhook, router};
use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use axum::routing::any;
use tower::ServiceExt;

fn event(id: &str) -> String {
    format!(r#"[{{"id":"{id}","eventType":"A.B","data":{{}}}}]"#)
}

fn webhook() -> Arc<Webhook> {
    let protection = Protection::query("code", ["secret"]);
    Arc::new(Webhook::builder(protection).largest_body(1_000).build())
}

async fn call(app: &Router, method: &str, uri: &str, body: impl Into<Body>) -> StatusCode {
    let request = Request::builder()
        .method(method)
        .uri(uri)
        .header("content-type", "application/json")
        .header("webhook-request-origin", "o")
        .body(body.into())
        .expect("a request");
    app.clone()
        .oneshot(request)
        .await
        .expect("an answer")
        .status()
}

/// A body that must not be read.
fn untouchable() -> Body {
    Body::from_stream(futures_util::stream::poll_fn(
        |_| -> std::task::Poll<Option<Result<Vec<u8>, std::io::Error>>> {
            panic!("the body of a stranger is read")
        },
    ))
}

#[tokio::test]
async fn the_router_hands_events_to_the_handler_and_answers() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let handler = {
        let seen = Arc::clone(&seen);
        move |event: Event| {
            let seen = Arc::clone(&seen);
            async move {
                seen.lock().expect("alive").push(event.id().to_owned());
                match event.id() {
                    "wrong" => Outcome::Reject,
                    "later" => Outcome::Retry,
                    _ => Outcome::Done,
                }
            }
        }
    };
    let app: Router = router("/events", webhook(), handler);
    let uri = "/events?code=secret";
    for (id, status) in [("1", 200), ("1", 200), ("wrong", 400), ("later", 503)] {
        assert_eq!(call(&app, "POST", uri, event(id)).await, status, "{id}");
    }
    assert_eq!(*seen.lock().expect("alive"), ["1", "wrong", "later"]);
    assert_eq!(call(&app, "OPTIONS", uri, "").await, 200);
    assert_eq!(call(&app, "GET", uri, "").await, 405);
    assert_eq!(call(&app, "POST", uri, vec![b' '; 1_001]).await, 413);
    assert_eq!(
        call(&app, "POST", "/events?code=x", untouchable()).await,
        403
    );
    assert_eq!(call(&app, "POST", "/events", untouchable()).await, 401);
}

#[tokio::test]
async fn a_handler_that_panics_gives_the_event_back() {
    let webhook = webhook();
    let failing: Router = router("/events", Arc::clone(&webhook), |_| async {
        panic!("broken")
    });
    let uri = "/events?code=secret";
    let run = tokio::spawn(async move { call(&failing, "POST", uri, event("1")).await });
    assert!(run.await.expect_err("it panics").is_panic());
    let working: Router = router("/events", webhook, |_| async { Outcome::Done });
    assert_eq!(call(&working, "POST", uri, event("1")).await, 200);
}

#[tokio::test]
async fn the_extractor_leaves_settling_to_the_handler() {
    async fn receive(mut delivery: Delivery) -> Answer {
        for index in delivery.pending() {
            delivery.settle(index, Outcome::Done);
        }
        delivery.finish()
    }
    let app: Router = Router::new()
        .route("/events", any(receive))
        .with_state(webhook());
    assert_eq!(
        call(&app, "POST", "/events?code=secret", event("1")).await,
        200
    );
    assert_eq!(call(&app, "POST", "/events?code=secret", "{}").await, 400);
}
