//! Classification over HTTP: the calls on policies, rules that are asked over HTTP, and dry runs.

use std::time::Duration;

use acs_emulator::{Clock, Emulator, EventPattern, EventStream, RouterEventKind};
use acs_types::Timestamp;
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::caller::{Caller, start};

/// A web service that answers each path with its status and body, and hands over what it was asked.
struct Service {
    url: String,
    asked: UnboundedReceiver<Asked>,
}

struct Asked {
    path: String,
    headers: HeaderMap,
    body: String,
}

#[derive(Clone)]
struct Plan {
    answers: &'static [(&'static str, u16, &'static str)],
    asked: UnboundedSender<Asked>,
}

impl Service {
    async fn start(answers: &'static [(&'static str, u16, &'static str)]) -> Self {
        let (sender, asked) = unbounded_channel();
        let plan = Plan {
            answers,
            asked: sender,
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(receive).with_state(plan);
        tokio::spawn(async { axum::serve(listener, router).await.unwrap() });
        Self { url, asked }
    }
}

async fn receive(
    State(plan): State<Plan>,
    uri: Uri,
    headers: HeaderMap,
    body: String,
) -> (StatusCode, &'static str) {
    let path = uri.path().to_owned();
    let mut answers = plan.answers.iter();
    let answer = answers.find(|(known, _, _)| *known == path);
    let (_, status, text) = answer.unwrap_or(&("", 404, ""));
    plan.asked
        .send(Asked {
            path,
            headers,
            body,
        })
        .unwrap();
    (StatusCode::from_u16(*status).unwrap(), text)
}

fn job() -> Value {
    json!({"channelId": "voice", "classificationPolicyId": "c", "labels": {"Vip": true}})
}

async fn set_up(caller: &Caller, policy: Value) {
    caller.create_queue().await;
    caller
        .patch("classificationPolicies/c", policy)
        .await
        .expect(201);
}

/// Waits for an event of this kind.
async fn told(events: &mut EventStream, kind: RouterEventKind) -> Value {
    loop {
        let event = events.next().await.unwrap();
        if event.kind == kind {
            return json!(event.data);
        }
    }
}

// R36, R37, R39
#[tokio::test]
async fn classification_policies_are_created_read_listed_and_deleted() {
    let (_emulator, caller) = start().await;
    let selector = json!({"key": "Gold", "labelOperator": "equal", "value": true});
    let policy = json!({
        "fallbackQueueId": "q",
        "workerSelectorAttachments": [{"kind": "static", "workerSelector": selector}],
    });
    set_up(&caller, policy).await;
    let read = caller.get("classificationPolicies/c").await.expect(200);
    assert_eq!(read.header("etag"), read.body["etag"].as_str());
    assert_eq!(read.body["queueSelectorAttachments"], json!([]));
    let attached = &read.body["workerSelectorAttachments"][0]["workerSelector"];
    assert_eq!(attached["status"], "active");
    let list = caller.get("classificationPolicies").await.expect(200);
    assert_eq!(list.body["value"], json!([read.body]));

    caller.patch("jobs/j", job()).await.expect(201);
    let refused = caller.delete("classificationPolicies/c").await.expect(400);
    let code = &refused.error()["details"][0]["code"];
    assert_eq!(code, "ActiveJobWithClassificationPolicyExist");
    let page = caller
        .get("jobs?classificationPolicyId=c")
        .await
        .expect(200);
    assert_eq!(page.body["value"][0]["id"], "j");
    let page = caller
        .get("jobs?classificationPolicyId=d")
        .await
        .expect(200);
    assert_eq!(page.body["value"], json!([]));
    caller.post("jobs/j:cancel").await.expect(200);
    caller.delete("classificationPolicies/c").await.expect(204);
    caller.get("classificationPolicies/c").await.expect(404);
}

// R50, R56, R89
#[tokio::test]
async fn a_job_is_answered_pending_classified_and_classified_again() {
    let (_emulator, caller) = start().await;
    let rule = json!({"kind": "expression", "expression": "If(job.Vip = true, 10, 1)"});
    let policy = json!({"fallbackQueueId": "q", "prioritizationRule": rule});
    set_up(&caller, policy).await;
    let created = caller.patch("jobs/j", job()).await.expect(201);
    assert_eq!(created.body["status"], "pendingClassification");
    let read = caller.get("jobs/j").await.expect(200);
    assert_eq!(read.body["status"], "queued");
    assert_eq!(read.body["priority"], 10);
    let changed = caller.patch("jobs/j", json!({"labels": {"Vip": false}}));
    let changed = changed.await.expect(200);
    assert_eq!(changed.body["status"], "pendingClassification");
    assert_eq!(caller.get("jobs/j").await.body["priority"], 1);
    let again = caller.post("jobs/j:reclassify").await.expect(200);
    assert_eq!(again.body, json!({}));
    caller.create_job("direct").await.expect(201);
    let refused = caller.post("jobs/direct:reclassify").await;
    assert!(refused.detail().contains("has no classification policy"));
    caller.post("jobs/none:reclassify").await.expect(404);
}

// R98
#[tokio::test]
async fn functions_and_webhooks_are_asked_with_their_keys_and_tokens() {
    let mut service = Service::start(&[
        ("/priority", 200, "42"),
        (
            "/token",
            200,
            r#"{"access_token": "abc", "token_type": "Bearer", "expires_in": 60}"#,
        ),
        (
            "/selectors",
            200,
            r#"[{"key": "Gold", "labelOperator": "equal", "value": true}]"#,
        ),
    ])
    .await;
    let (emulator, caller) = start().await;
    let mut events = emulator.events();
    let url = &service.url;
    let policy = json!({
        "fallbackQueueId": "q",
        "prioritizationRule": {
            "kind": "function", "functionUri": format!("{url}/priority?x=1"),
            "credential": {"functionKey": "function-key", "clientId": "app"},
        },
        "workerSelectorAttachments": [{"kind": "ruleEngine", "rule": {
            "kind": "webhook", "webhookUri": format!("{url}/selectors"),
            "authorizationServerUri": format!("{url}/token"),
            "clientCredential": {"clientId": "me", "clientSecret": "s&cret"},
        }}],
    });
    set_up(&caller, policy).await;
    caller.patch("jobs/j", job()).await.expect(201);
    told(&mut events, RouterEventKind::RouterJobQueued).await;
    let read = caller.get("jobs/j").await.expect(200);
    assert_eq!(read.body["priority"], 42);
    assert_eq!(read.body["attachedWorkerSelectors"][0]["key"], "Gold");

    let mut asked = Vec::new();
    for _ in 0..3 {
        asked.push(service.asked.recv().await.unwrap());
    }
    let of = |path: &str| asked.iter().find(|asked| asked.path == path).unwrap();
    assert_eq!(of("/priority").headers["x-functions-key"], "function-key");
    assert_eq!(of("/priority").headers["x-functions-clientid"], "app");
    assert_eq!(of("/selectors").headers["authorization"], "Bearer abc");
    for path in ["/priority", "/selectors"] {
        let body: Value = serde_json::from_str(&of(path).body).unwrap();
        assert_eq!(body, json!({"job": {"Vip": true}}));
    }
    assert_eq!(
        of("/token").body,
        "grant_type=client_credentials&client_id=me&client_secret=s%26cret"
    );

    let shown = caller
        .get("classificationPolicies/c")
        .await
        .body
        .to_string();
    assert!(
        !shown.contains("function-key") && !shown.contains("cret\""),
        "{shown}"
    );
}

// R98, R118
#[tokio::test]
async fn a_call_that_fails_fails_the_classification_and_tells_why() {
    let service = Service::start(&[("/broken", 500, ""), ("/text", 200, "soon")]).await;
    let (emulator, caller) = start().await;
    let mut events = emulator.events();
    set_up(&caller, json!({"fallbackQueueId": "q"})).await;
    let url = &service.url;
    let webhook = json!({
        "kind": "webhook", "webhookUri": format!("{url}/text"),
        "authorizationServerUri": format!("{url}/broken"),
        "clientCredential": {"clientId": "me", "clientSecret": "secret"},
    });
    let function = |uri: &str| json!({"kind": "function", "functionUri": uri});
    for (job_id, rule, reason) in [
        (
            "a",
            function(&format!("{url}/broken")),
            "the answer has the status 500",
        ),
        (
            "b",
            function(&format!("{url}/text")),
            "the answer is not JSON",
        ),
        ("c", function("https://127.0.0.1:1/"), "no answer: "),
        (
            "d",
            webhook,
            "no token was given: the answer has the status 500",
        ),
    ] {
        let patch = json!({ "prioritizationRule": rule });
        caller
            .patch("classificationPolicies/c", patch)
            .await
            .expect(200);
        caller
            .patch(&format!("jobs/{job_id}"), job())
            .await
            .expect(201);
        let failed = told(&mut events, RouterEventKind::RouterJobClassificationFailed).await;
        let message = failed["errors"][0]["message"].as_str().unwrap();
        let expected = format!("a rule could not be called: {reason}");
        assert!(message.starts_with(&expected), "{message}");
        let read = caller.get(&format!("jobs/{job_id}")).await.expect(200);
        assert_eq!(read.body["status"], "classificationFailed");
        caller.delete(&format!("jobs/{job_id}")).await.expect(204);
    }
}

#[tokio::test]
async fn policies_are_tried_without_a_job() {
    let (_emulator, caller) = start().await;
    set_up(&caller, json!({"fallbackQueueId": "q"})).await;
    let explain = async |body: Value| {
        let draft = caller.raw("POST", "/_emulator/explain/classification");
        draft.json(&body).send_unsigned().await
    };
    let tried = explain(json!({"policyId": "c", "labels": {"Vip": true}})).await;
    let tried = tried.expect(200);
    assert_eq!(tried.body["status"], "queued");
    assert_eq!(tried.body["queue"]["queueId"], "q");
    let given = json!({"policy": {"prioritizationRule": {"kind": "static", "value": 5}}});
    let tried = explain(given).await.expect(200);
    assert_eq!(tried.body["status"], "classificationFailed");
    assert_eq!(tried.body["prioritizationRule"]["priority"], 5);
    explain(json!({"policyId": "none"})).await.expect(404);
    let neither = explain(json!({})).await;
    assert!(neither.detail().contains("either `policyId` or `policy`"));
    let misspelt = explain(json!({"policyId": "c", "label": {}})).await;
    assert!(misspelt.detail().contains("unknown member `label`"));
}

// R97
#[tokio::test]
async fn expressions_are_tried_on_labels() {
    let (_emulator, caller) = start().await;
    let explain = async |body: Value| {
        let draft = caller.raw("POST", "/_emulator/explain/expression");
        draft.json(&body).send_unsigned().await
    };
    let labels = json!({"job": {"Waited": 90}});
    let tried = explain(json!({"expression": "job.Waited / 60", "labels": labels})).await;
    assert_eq!(tried.expect(200).body["value"], 1.5);
    let tried = explain(json!({"expression": "job.Vip = true"})).await;
    assert_eq!(tried.expect(200).body["value"], false);
    let refused = explain(json!({"expression": "1 +"})).await;
    assert!(refused.detail().contains("at line 1, column 4"));
    let refused = explain(json!({})).await;
    assert!(refused.detail().contains("must have `expression`"));
}

/// R98 and R100: after half a minute the job is classified by a policy that asks a service for the priority, and the clock
/// waits for the answer.
#[tokio::test]
async fn a_moved_clock_waits_for_the_rules_that_it_has_called() {
    let service = Service::start(&[("/priority", 200, "7")]).await;
    let builder = Emulator::builder().clock(Clock::Manual(Timestamp::UNIX_EPOCH));
    let emulator = builder.start().await.unwrap();
    let caller = Caller::new(emulator.endpoint());
    let rule = json!({ "kind": "function", "functionUri": format!("{}/priority", service.url) });
    set_up(
        &caller,
        json!({ "fallbackQueueId": "q", "prioritizationRule": rule }),
    )
    .await;
    let policy = json!({ "exceptionRules": [{
        "id": "late",
        "trigger": { "kind": "waitTime", "thresholdSeconds": 30 },
        "actions": [{ "kind": "reclassify", "classificationPolicyId": "c" }],
    }] });
    caller
        .patch("exceptionPolicies/e", policy)
        .await
        .expect(201);
    caller
        .patch("queues/q", json!({ "exceptionPolicyId": "e" }))
        .await
        .expect(200);
    for id in ["stepped", "run"] {
        caller.create_job(id).await.expect(201);
        let clock = emulator.clock();
        if id == "stepped" {
            clock.advance(Duration::from_secs(60)).await.unwrap();
        } else {
            let classified =
                EventPattern::from(RouterEventKind::RouterJobClassified).about("job/run");
            let minute = Duration::from_secs(60);
            let event = clock.run_until(classified, minute).await.unwrap().unwrap();
            // The clock has not moved on while the service was asked.
            let then = Timestamp::UNIX_EPOCH.checked_add(minute + minute / 2);
            assert_eq!(Some(event.time), then);
            assert_eq!(Some(clock.now()), then);
        }
        let job = caller.get(&format!("jobs/{id}")).await.expect(200);
        assert_eq!(job.body["priority"], 7, "{id}: {}", job.body);
    }
}
