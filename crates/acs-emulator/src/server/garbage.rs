//! No request, however odd, makes the emulator panic or answer outside the service's forms.

use std::sync::{Arc, LazyLock};
use std::time::SystemTime;

use acs_auth::AccessKey;
use acs_auth::signing::{RequestToSign, content_hash};
use acs_types::{Timestamp, error_body};
use axum::extract::State;
use axum::http::StatusCode;
use proptest::collection::{btree_map, vec};
use proptest::prelude::{Just, Strategy, any, prop_assert, prop_oneof, proptest};
use proptest::sample::select;
use serde_json::{Map, Value, json};
use tokio::runtime;

use super::*;
use crate::conversations::entra_issuer;
use crate::signature::SignatureCheck;
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

/// Stands for the thread's id in targets and bodies.
const THREAD: &str = "THREAD";

/// Requests of chat and identity that do what they should, to spoil.
fn good_actions() -> Vec<(&'static str, &'static str, Value)> {
    let participant = json!({
        "communicationIdentifier": { "kind": "communicationUser", "rawId": "8:acs:r_u", "communicationUser": { "id": "8:acs:r_u" } },
        "displayName": "n", "shareHistoryTime": "2024-01-01T00:00:00Z", "metadata": { "a": "b" },
    });
    let retention = json!({ "kind": "threadCreationDate", "deleteThreadAfterDays": 30 });
    vec![
        (
            "POST",
            "/chat/threads",
            json!({ "topic": "t", "participants": [participant], "metadata": { "a": "b" }, "retentionPolicy": retention }),
        ),
        (
            "PATCH",
            "/chat/threads/THREAD",
            json!({ "topic": "t", "metadata": { "a": null }, "retentionPolicy": null }),
        ),
        (
            "POST",
            "/chat/threads/THREAD/participants/:add",
            json!({ "participants": [participant] }),
        ),
        (
            "POST",
            "/chat/threads/THREAD/participants/:remove",
            json!({ "rawId": "8:acs:r_u" }),
        ),
        (
            "POST",
            "/chat/threads/THREAD/typing",
            json!({ "senderDisplayName": "n" }),
        ),
        (
            "POST",
            "/chat/threads/THREAD/readReceipts",
            json!({ "chatMessageId": "1" }),
        ),
        (
            "POST",
            "/chat/threads/THREAD/messages",
            json!({ "content": "c", "type": "html", "senderDisplayName": "n", "metadata": { "a": "b" } }),
        ),
        (
            "POST",
            "/identities",
            json!({ "createTokenWithScopes": ["chat"], "expiresInMinutes": 60 }),
        ),
        (
            "POST",
            "/teamsUser/:exchangeAccessToken",
            json!({ "token": "t", "appId": "a", "userId": "u" }),
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
    let actions = good_actions();
    let bodies = good.iter().map(|(_, body)| body);
    let bodies = bodies.chain(actions.iter().map(|(.., body)| body));
    let names = bodies.flat_map(|body| body.as_object().unwrap().keys().cloned());
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

/// A good request of chat or identity in which one member has another value.
fn spoilt_action() -> impl Strategy<Value = Garbage> {
    (select(good_actions()), member(), value()).prop_map(
        |((method, path, mut body), name, value)| {
            body[&name] = value;
            Garbage {
                method,
                target: format!("{path}?api-version={}", newest_version(path)),
                headers: vec![("content-type", "application/json")],
                body: body.to_string().into_bytes(),
            }
        },
    )
}

fn newest_version(path: &str) -> &'static str {
    Service::of_path(path).api_versions().last().unwrap()
}

fn path() -> impl Strategy<Value = String> {
    let operations = Service::ALL.into_iter().flat_map(Service::operations);
    let templates: Vec<&'static str> = operations.map(|operation| operation.path).collect();
    let id = prop_oneof![
        select(vec![
            THREAD, "p", "q", "w", "j", "", "%", "%00", "%FF", "%2F", "..", ":", "x:cancel"
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
        "api-version=2025-03-15&maxPageSize=2&startTime=1/1/1970 12:00:00 AM +00:00&skip=1",
        "api-version=2021-09-07&syncState=3e00&skip=-1&startTime=x",
        "api-version=2025-06-30",
    ]
    .map(|query| query.replace(' ', "%20"));
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

/// Sends as the resource's owner, or to chat as the user of the token.
async fn send(server: &Arc<Server>, garbage: Garbage, token: &str) -> (StatusCode, Bytes) {
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
    for (name, value) in garbage.headers {
        request = request.header(name, value);
    }
    if Service::of_path(garbage.target.split('?').next().unwrap()) == Service::Chat {
        request = request.header("authorization", format!("Bearer {token}"));
    } else {
        for (name, value) in signed.pairs() {
            request = request.header(name, value);
        }
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
        requests in vec(prop_oneof![spoilt_upsert(), spoilt_action(), anything()], 1..24),
    ) {
        let key = DEVELOPMENT_ACCESS_KEY;
        let (shell, _) = Shell::new(0, Clock::stopped_now(), key);
        let shell = Arc::new(shell);
        let gate = Gate::new(SignatureCheck::new(key).unwrap(), entra_issuer(key));
        let entra = EntraEndpoint::new(entra_issuer(key), key);
        let server = Arc::new(Server::new(shell, gate, entra));
        let runtime = runtime::Builder::new_current_thread().build().unwrap();
        for (path, body) in good_bodies() {
            let upsert = Garbage {
                method: "PATCH",
                target: format!("{path}?api-version=2023-11-01"),
                headers: Vec::new(),
                body: body.to_string().into_bytes(),
            };
            let (status, body) = runtime.block_on(send(&server, upsert, ""));
            prop_assert!(status == StatusCode::CREATED, "{path}: {status} {body:?}");
        }
        let created = |path: &str, body: Value, token: &str| {
            let target = format!("{path}?api-version={}", newest_version(path));
            let request = Garbage { method: "POST", target, headers: Vec::new(), body: body.to_string().into_bytes() };
            let (_, body) = runtime.block_on(send(&server, request, token));
            serde_json::from_slice::<Value>(&body).unwrap()
        };
        let user = created("/identities", json!({ "createTokenWithScopes": ["chat"] }), "");
        let token = user["accessToken"]["token"].as_str().unwrap();
        let thread = created("/chat/threads", json!({ "topic": "t" }), token);
        let thread_id = thread["chatThread"]["id"].as_str().unwrap();
        for mut request in requests {
            request.target = request.target.replace(THREAD, thread_id);
            let shown = format!("{request:?}");
            let (status, body) = runtime.block_on(send(&server, request, token));
            prop_assert!(matches!(status.as_u16(), 200 | 201 | 204 | 400 | 401 | 403 | 404 | 405 | 409 | 412 | 415 | 501), "{status} {shown}");
            if status.is_success() {
                let is_json = serde_json::from_slice::<Value>(&body).is_ok();
                let may_be_bare = matches!(status, StatusCode::OK | StatusCode::NO_CONTENT) && body.is_empty();
                prop_assert!(is_json || may_be_bare, "{status} {shown}");
            } else {
                prop_assert!(error_body::decode(&body).is_some(), "{status} {body:?} {shown}");
            }
        }
    }
}
