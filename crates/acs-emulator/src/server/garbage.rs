//! No request, however odd, makes the emulator panic or answer outside the service's forms.

use std::sync::{Arc, LazyLock};
use std::time::SystemTime;

use acs_auth::AccessKey;
use acs_auth::signing::{RequestToSign, content_hash};
use acs_core_jobrouter::operations::OPERATIONS;
use acs_types::{Timestamp, error_body};
use axum::extract::State;
use axum::http::StatusCode;
use proptest::collection::{btree_map, vec};
use proptest::prelude::{Just, Strategy, any, prop_assert, prop_oneof, proptest};
use proptest::sample::select;
use serde_json::{Map, Value, json};
use tokio::runtime;

use super::*;
use crate::{Clock, DEVELOPMENT_ACCESS_KEY};

static KEY: LazyLock<AccessKey> =
    LazyLock::new(|| AccessKey::from_base64(DEVELOPMENT_ACCESS_KEY).unwrap());

#[derive(Clone, Debug)]
struct Garbage {
    method: &'static str,
    target: String,
    headers: Vec<(&'static str, &'static str)>,
    body: Vec<u8>,
}

/// The entities that the requests below find, and good bodies to spoil.
fn good_bodies() -> Vec<(&'static str, Value)> {
    let channel = json!({ "channelId": "voice", "capacityCostPerJob": 1, "maxNumberOfJobs": 2 });
    let selector = json!({ "key": "skill", "labelOperator": "greaterThan", "value": 5, "expiresAfterSeconds": 9.5 });
    vec![
        (
            "/routing/distributionPolicies/p",
            json!({ "name": "n", "offerExpiresAfterSeconds": 30, "mode": { "kind": "longestIdle", "minConcurrentOffers": 1 } }),
        ),
        (
            "/routing/queues/q",
            json!({ "distributionPolicyId": "p", "labels": { "a": 1 }, "name": "n" }),
        ),
        (
            "/routing/workers/w",
            json!({
                "capacity": 3, "queues": ["q"], "channels": [channel], "availableForOffers": true,
                "labels": { "skill": 7 }, "tags": { "a": "b" },
            }),
        ),
        (
            "/routing/jobs/j",
            json!({
                "channelId": "voice", "queueId": "q", "priority": 3, "requestedWorkerSelectors": [selector],
                "labels": { "a": true }, "tags": {}, "notes": [{ "message": "m", "addedAt": "2024-01-01T00:00:00Z" }],
                "matchingMode": { "kind": "queueAndMatch" }, "channelReference": "r", "dispositionCode": "d",
            }),
        ),
    ]
}

fn leaf() -> impl Strategy<Value = Value> {
    let texts = [
        "",
        "p",
        "q",
        "w",
        "j",
        "voice",
        "longestIdle",
        "suspend",
        "scheduleAndSuspend",
        "greaterThan",
        "skill",
        "9999-12-31T23:59:59.9999999Z",
        "0001-01-01T00:00:00Z",
        "2024-01-01",
        "\u{0}\u{10ffff}",
    ];
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-2..3_i64).prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        select(texts.to_vec()).prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
        Just(Value::from("x".repeat(5_000))),
    ]
}

fn member() -> impl Strategy<Value = String> {
    let good = good_bodies();
    let names = good
        .iter()
        .flat_map(|(_, body)| body.as_object().unwrap().keys().cloned());
    let nested = [
        "kind",
        "Kind",
        "Id",
        "key",
        "value",
        "labelOperator",
        "scheduleAt",
        "closeAt",
        "retryOfferAt",
        "note",
    ];
    select(names.chain(nested.map(str::to_owned)).collect::<Vec<_>>())
}

fn value() -> impl Strategy<Value = Value> {
    leaf().prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            btree_map(member(), inner, 0..4)
                .prop_map(|members| Value::Object(Map::from_iter(members))),
        ]
    })
}

fn body() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        value().prop_map(|value| value.to_string().into_bytes()),
        vec(any::<u8>(), 0..40),
        Just(Vec::new()),
    ]
}

/// A good upsert in which one member has another value.
fn spoilt_upsert() -> impl Strategy<Value = Garbage> {
    (select(good_bodies()), member(), value()).prop_map(|((path, mut body), name, value)| {
        body[&name] = value;
        Garbage {
            method: "PATCH",
            target: format!("{path}?api-version=2023-11-01"),
            headers: vec![("content-type", "application/merge-patch+json")],
            body: body.to_string().into_bytes(),
        }
    })
}

fn path() -> impl Strategy<Value = String> {
    let templates: Vec<&'static str> = OPERATIONS.iter().map(|operation| operation.path).collect();
    let id = prop_oneof![
        select(vec![
            "p", "q", "w", "j", "", "%", "%00", "%FF", "%2F", "..", ":", "x:cancel"
        ])
        .prop_map(str::to_owned),
        vec(any::<u8>(), 1..200)
            .prop_map(|bytes| bytes.iter().map(|byte| format!("%{byte:02x}")).collect()),
    ];
    let filled = (select(templates), id).prop_map(|(template, id)| {
        let literal = |part: &str| part.split_once('}').map(|(_, rest)| format!("{id}{rest}"));
        let parts = template
            .split('{')
            .map(|part| literal(part).unwrap_or_else(|| part.to_owned()));
        parts.collect()
    });
    prop_oneof![4 => filled, 1 => "/[a-zA-Z/:{}%.;=@~-]{0,20}".prop_filter("a URI", |path| path.parse::<axum::http::Uri>().is_ok())]
}

fn anything() -> impl Strategy<Value = Garbage> {
    let methods = [
        "GET", "PATCH", "POST", "DELETE", "PUT", "HEAD", "OPTIONS", "BREW",
    ];
    let queries = [
        "api-version=2023-11-01",
        "api-version=2023-11-01&maxpagesize=1&status=active&state=all",
        "api-version=2023-11-01&continuationToken=e30%3D",
        "api-version=2023-11-01&%FF=%",
        "api-version=",
    ];
    let headers = [
        ("if-match", "*"),
        ("if-match", "\"x\""),
        ("if-unmodified-since", "Fri, 01 Mar 2024 10:00:00 GMT"),
        ("if-unmodified-since", "never"),
        ("content-type", "text/plain"),
    ];
    let parts = (
        select(methods.to_vec()),
        path(),
        select(queries.to_vec()),
        vec(select(headers.to_vec()), 0..2),
        body(),
    );
    parts.prop_map(|(method, path, query, headers, body)| Garbage {
        method,
        target: format!("{path}?{query}"),
        headers,
        body,
    })
}

async fn send(server: &Arc<Server>, garbage: Garbage) -> (StatusCode, Bytes) {
    let date = Timestamp::from(SystemTime::now()).http_date();
    let hash = content_hash(&garbage.body);
    let signed = RequestToSign {
        method: garbage.method,
        target: &garbage.target,
        host: "localhost",
        date: &date,
        content_hash: &hash,
    }
    .sign(&KEY);
    let mut request = Request::builder()
        .method(garbage.method)
        .uri(&garbage.target)
        .header("host", "localhost");
    for (name, value) in garbage.headers.into_iter().chain(signed.pairs()) {
        request = request.header(name, value);
    }
    let request = request.body(Body::from(garbage.body)).unwrap();
    let response = serve(State(Arc::clone(server)), request).await;
    let status = response.status();
    let body = axum::body::to_bytes(response.into_body(), usize::MAX)
        .await
        .unwrap();
    (status, body)
}

proptest! {
    #[test]
    fn every_request_gets_an_answer_in_the_service_s_form(
        requests in vec(prop_oneof![spoilt_upsert(), anything()], 1..24),
    ) {
        let signatures = SignatureCheck::new(DEVELOPMENT_ACCESS_KEY).unwrap();
        let (shell, _) = Shell::new(0, Clock::stopped_now());
        let shell = Arc::new(shell);
        let server = Arc::new(Server::new(shell, signatures, OPERATIONS));
        let runtime = runtime::Builder::new_current_thread().build().unwrap();
        for (path, body) in good_bodies() {
            let upsert = Garbage {
                method: "PATCH",
                target: format!("{path}?api-version=2023-11-01"),
                headers: Vec::new(),
                body: body.to_string().into_bytes(),
            };
            let (status, body) = runtime.block_on(send(&server, upsert));
            prop_assert!(status == StatusCode::CREATED, "{path}: {status} {body:?}");
        }
        for request in requests {
            let shown = format!("{request:?}");
            let (status, body) = runtime.block_on(send(&server, request));
            prop_assert!(matches!(status.as_u16(), 200 | 201 | 204 | 400 | 404 | 405 | 409 | 412 | 415 | 501), "{status} {shown}");
            if status.is_success() {
                let is_json = serde_json::from_slice::<Value>(&body).is_ok();
                prop_assert!(is_json || status == StatusCode::NO_CONTENT && body.is_empty(), "{status} {shown}");
            } else {
                prop_assert!(error_body::decode(&body).is_some(), "{status} {body:?} {shown}");
            }
        }
    }
}
