//! The sender over real connections, to our own webhook and to some that answer otherwise.

use std::sync::{Arc, Mutex};

use acs_events::models::AcsRouterWorkerDeregisteredEventData;
use acs_events::publish::{Call, Sender, SenderBuilder, Verdict};
use acs_events::webhook::{Outcome, Protection, Webhook, router};
use acs_events::{Event, Schema};
use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Redirect};
use axum::routing::any;

/// Serves the routes for as long as the test runs, and gives their origin.
async fn serve(routes: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a free port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, routes).await });
    format!("http://{address}")
}

fn left(worker: &str) -> Event {
    Event::builder(AcsRouterWorkerDeregisteredEventData::new(worker))
        .id(worker)
        .build()
        .expect("writable")
}

fn sender(url: &str) -> SenderBuilder {
    Sender::builder(url).subscription("router-events")
}

type Noted<T> = Arc<Mutex<Vec<T>>>;

/// Our webhook, which notes the workers of events, behind something that notes the headers of calls.
fn webhook(workers: &Noted<String>, headers: &Noted<HeaderMap>) -> Router {
    let webhook = Webhook::builder(Protection::query("code", ["secret"]))
        .expect_subscription("router-events")
        .build();
    let (workers, headers) = (Arc::clone(workers), Arc::clone(headers));
    router("/events", Arc::new(webhook), move |event: Event| {
        let mut workers = workers.lock().expect("alive");
        workers.push(event.id().to_owned());
        std::future::ready(Outcome::Done)
    })
    .layer(from_fn(move |request: Request, next: Next| {
        let mut noted = headers.lock().expect("alive");
        noted.push(request.headers().clone());
        next.run(request)
    }))
}

#[tokio::test]
async fn our_webhook_agrees_to_the_sender_and_gets_its_events_in_both_schemas() {
    let (workers, headers) = (Noted::default(), Noted::default());
    let origin = serve(webhook(&workers, &headers)).await;
    for (schema, worker) in [(Schema::EventGrid, "a"), (Schema::CloudEvents, "b")] {
        let sender = sender(&format!("{origin}/events?code=secret"))
            .schema(schema)
            .header("x-department", "sales")
            .build()
            .expect("a sender");
        sender.handshake().await.expect("an agreement");
        let verdict = sender.send(&[left(worker)]).await.expect("an answer");
        assert_eq!(verdict, Verdict::Delivered);
        // Again, as the answer might have been lost: the webhook knows the event.
        let again = Call::notification(schema, &[left(worker)], "router-events")
            .expect("writable")
            .attempt(1);
        let verdict = sender.post(&again).await.expect("an answer");
        assert_eq!(verdict, Verdict::Delivered);
    }
    assert_eq!(*workers.lock().expect("alive"), ["a", "b"]);

    let headers = headers.lock().expect("alive");
    let noted = |name: &str| -> Vec<_> {
        let value = |headers: &HeaderMap| Some(headers.get(name)?.to_str().ok()?.to_owned());
        headers
            .iter()
            .map(|headers| value(headers).unwrap_or_default())
            .collect()
    };
    assert_eq!(
        noted("aeg-event-type"),
        [
            "SubscriptionValidation",
            "Notification",
            "Notification",
            "",
            "Notification",
            "Notification"
        ]
    );
    assert_eq!(noted("aeg-delivery-count"), ["0", "0", "1", "", "0", "1"]);
    assert_eq!(noted("x-department"), ["sales"; 6]);
    assert_eq!(noted("webhook-request-origin")[3], "eventgrid.azure.net");
    assert_eq!(
        noted("origin"),
        ["", "", "", "", "eventgrid.azure.net", "eventgrid.azure.net"]
    );
    assert_eq!(noted("aeg-subscription-name")[1], "ROUTER-EVENTS");
    assert_eq!(
        noted("content-type")[4],
        "application/cloudevents+json; charset=utf-8"
    );
}

#[tokio::test]
async fn a_webhook_that_refuses_or_answers_something_else_does_not_agree() {
    let (workers, headers) = (Noted::default(), Noted::default());
    let refusing = serve(webhook(&workers, &headers)).await;
    let careless = serve(Router::new().route("/events", any(|| async { "fine" }))).await;
    for schema in [Schema::EventGrid, Schema::CloudEvents] {
        for (origin, status) in [(&refusing, 403), (&careless, 200)] {
            let sender = sender(&format!("{origin}/events?code=wr0ng")).schema(schema);
            let sender = sender.build().expect("a sender");
            let error = sender.handshake().await.expect_err("no agreement");
            assert_eq!(error.status(), Some(status), "{error}");
            assert!(error.to_string().contains("does not agree"), "{error}");
            let shown = format!("{sender:?} {error} {error:?}");
            assert!(!shown.contains("wr0ng"), "{shown}");
        }
    }
    let sender = sender(&format!("{refusing}/events?code=wr0ng"))
        .build()
        .expect("a sender");
    assert_eq!(
        sender.send(&[left("w")]).await.expect("an answer"),
        Verdict::GivenUp
    );
    assert!(workers.lock().expect("alive").is_empty());
}

#[tokio::test]
async fn answers_become_verdicts_and_redirects_are_not_followed() {
    let routes = Router::new()
        .route("/busy", any(|| async { StatusCode::SERVICE_UNAVAILABLE }))
        .route(
            "/moved",
            any(|| async { Redirect::temporary("/elsewhere").into_response() }),
        )
        .route("/elsewhere", any(|| async { "got here" }));
    let origin = serve(routes).await;
    for (path, least) in [("busy", 30), ("moved", 10), ("nowhere", 10)] {
        let sender = sender(&format!("{origin}/{path}"))
            .build()
            .expect("a sender");
        let verdict = sender.send(&[left("w")]).await.expect("an answer");
        assert_eq!(
            verdict,
            Verdict::Retry(std::time::Duration::from_secs(least)),
            "{path}"
        );
    }
}

#[tokio::test]
async fn without_an_answer_there_is_an_error_that_shows_no_secret() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a free port");
    let address = listener.local_addr().expect("an address");
    drop(listener);
    let sender = sender(&format!("http://{address}/events?code=s3cret"))
        .build()
        .expect("a sender");
    let error = sender.send(&[left("w")]).await.expect_err("nobody listens");
    assert_eq!((error.status(), error.is_timeout()), (None, false));
    assert!(error.to_string().contains("no answer"), "{error}");
    let shown = format!("{error:?} {:?}", std::error::Error::source(&error));
    assert!(!shown.contains("s3cret"), "{shown}");
}

#[test]
fn what_cannot_be_sent_is_refused_when_the_sender_is_made() {
    for (builder, named) in [
        (Sender::builder("events"), "URL"),
        (
            Sender::builder("ftp://localhost/"),
            "neither https nor http",
        ),
        (
            Sender::builder("http://contoso.example/?code=s3cret"),
            "allow_plain_http",
        ),
        (
            Sender::builder("http://localhost/").header("a b", "s3cret"),
            "\"a b\"",
        ),
        (
            Sender::builder("http://localhost/").header("x", "s3cret\n"),
            "\"x\"",
        ),
        (
            Sender::builder("http://localhost/").subscription("\n"),
            "aeg-subscription-name",
        ),
        (Sender::builder("http://localhost/").origin("\n"), "origin"),
    ] {
        let error = builder.build().expect_err(named).to_string();
        assert!(
            error.contains(named) && !error.contains("s3cret"),
            "{error}"
        );
    }
    for url in ["http://127.0.0.1/", "http://[::1]/", "http://localhost:80/"] {
        Sender::builder(url).build().expect(url);
    }
    let elsewhere = Sender::builder("http://webhook:8080/").allow_plain_http();
    elsewhere.build().expect("allowed");
}

#[test]
fn https_needs_a_build_with_tls_or_a_client_of_the_program() {
    let made = Sender::builder("https://contoso.example/").build();
    if cfg!(any(feature = "rustls", feature = "native-tls")) {
        made.expect("a sender");
    } else {
        let error = made.expect_err("no TLS").to_string();
        assert!(error.contains("TLS"), "{error}");
    }
}
