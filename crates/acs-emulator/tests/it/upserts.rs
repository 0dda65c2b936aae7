//! Creating, changing, reading and deleting entities over HTTP.

use std::time::Duration;

use acs_emulator::{Clock, Emulator};
use acs_types::Timestamp;
use serde_json::{Value, json};

use crate::caller::{Caller, start};

fn policy() -> Value {
    json!({ "offerExpiresAfterSeconds": 30, "mode": { "kind": "longestIdle" } })
}

// R7, R17
#[tokio::test]
async fn an_upsert_answers_201_then_200_with_the_validators_of_the_entity() {
    let at = Timestamp::parse("2024-03-01T10:00:00.25Z").unwrap();
    let emulator = Emulator::builder()
        .clock(Clock::Manual(at))
        .start()
        .await
        .unwrap();
    let caller = Caller::new(emulator.endpoint());

    let created = caller
        .patch("distributionPolicies/p", policy())
        .await
        .expect(201);
    assert_eq!(created.header("etag"), created.body["etag"].as_str());
    assert_eq!(
        created.header("last-modified"),
        Some("Fri, 01 Mar 2024 10:00:00 GMT")
    );
    assert_eq!(
        created.header("content-type"),
        Some("application/json; charset=utf-8")
    );

    emulator
        .clock()
        .advance(Duration::from_secs(60))
        .await
        .unwrap();
    let changed = caller
        .patch("distributionPolicies/p", json!({ "name": "first" }))
        .await
        .expect(200);
    assert_eq!(changed.header("etag"), changed.body["etag"].as_str());
    assert_ne!(changed.header("etag"), created.header("etag"));
    assert_eq!(
        changed.header("last-modified"),
        Some("Fri, 01 Mar 2024 10:01:00 GMT")
    );

    let read = caller.get("distributionPolicies/p").await.expect(200);
    assert_eq!(read.body, changed.body);
    assert_eq!(read.header("etag"), changed.header("etag"));
    assert_eq!(
        read.header("last-modified"),
        changed.header("last-modified")
    );
}

// R4, R18
#[tokio::test]
async fn an_upsert_is_a_merge_patch_with_member_names_in_any_case() {
    let (_emulator, caller) = start().await;
    caller.create_queue().await;
    let labels = json!({ "Name": "Support", "LABELS": { "Region": "EU", "Level": 3 } });
    caller.patch("queues/q", labels).await.expect(200);
    let change = json!({ "name": null, "labels": { "Region": null, "New": true }, "id": "other", "nonsense": [1] });
    let queue = caller.patch("queues/q", change).await.expect(200).body;
    assert_eq!(queue["id"], "q");
    assert_eq!(queue.get("name"), None);
    assert_eq!(
        queue["labels"],
        json!({ "Id": "q", "Level": 3, "New": true })
    );
    assert_eq!(queue["distributionPolicyId"], "p");
}

// R14, R21
#[tokio::test]
async fn a_condition_that_does_not_hold_answers_412_and_changes_nothing() {
    let at = Timestamp::parse("2024-03-01T10:00:00.5Z").unwrap();
    let emulator = Emulator::builder()
        .clock(Clock::Manual(at))
        .start()
        .await
        .unwrap();
    let caller = Caller::new(emulator.endpoint());
    let stored = caller
        .patch("distributionPolicies/p", policy())
        .await
        .expect(201);

    for (name, value) in [
        ("if-match", "\"00000000-0000-0000-0000-000000000000\""),
        ("if-unmodified-since", "Fri, 01 Mar 2024 09:59:59 GMT"),
    ] {
        let request = caller
            .request("PATCH", "distributionPolicies/p")
            .json(&json!({ "name": "new" }));
        let answer = request.header(name, value).send().await.expect(412);
        assert_eq!(answer.error()["code"], "PreconditionFailed");
        assert_eq!(answer.error()["target"], "/routing/distributionPolicies/p");
    }
    let read = caller.get("distributionPolicies/p").await.expect(200);
    assert_eq!(read.body, stored.body);

    for (name, value) in [
        ("if-match", stored.header("etag").unwrap()),
        ("if-unmodified-since", "Fri, 01 Mar 2024 10:00:00 GMT"),
        ("if-none-match", "*"),
    ] {
        let request = caller
            .request("PATCH", "distributionPolicies/p")
            .json(&json!({}));
        request.header(name, value).send().await.expect(200);
    }

    let request = caller
        .request("PATCH", "distributionPolicies/other")
        .json(&policy());
    request.header("if-match", "*").send().await.expect(412);
    caller.get("distributionPolicies/other").await.expect(404);
}

#[tokio::test]
async fn a_condition_that_is_no_date_is_refused_by_name() {
    let (_emulator, caller) = start().await;
    let request = caller
        .request("PATCH", "distributionPolicies/p")
        .json(&policy());
    let answer = request
        .header("if-unmodified-since", "yesterday")
        .send()
        .await;
    assert!(
        answer.detail().contains("`If-Unmodified-Since`"),
        "{}",
        answer.detail()
    );
    caller.get("distributionPolicies/p").await.expect(404);
}

// R11
#[tokio::test]
async fn what_does_not_exist_answers_404_in_the_service_s_form() {
    let (_emulator, caller) = start().await;
    for path in [
        "distributionPolicies/none",
        "queues/none",
        "workers/none",
        "jobs/none",
    ] {
        let answer = caller.get(path).await.expect(404);
        assert_eq!(answer.error()["code"], "NotFound");
        assert_eq!(answer.error()["target"], format!("/routing/{path}"));
        assert!(
            answer.error()["message"].as_str().unwrap().contains("none"),
            "{:#}",
            answer.body
        );
    }
    for path in [
        "jobs/none:cancel",
        "jobs/none/assignments/a:complete",
        "jobs/none/assignments/a:close",
        "workers/none/offers/o:accept",
        "workers/none/offers/o:decline",
    ] {
        let answer = caller.post(path).await.expect(404);
        assert_eq!(answer.error()["code"], "NotFound");
    }
}

// R13, R15, R33, O3, O5
#[tokio::test]
async fn an_invalid_entity_answers_400_naming_the_member_and_is_not_stored() {
    let (_emulator, caller) = start().await;
    caller.create_queue().await;
    for (path, body, member) in [
        (
            "queues/x",
            json!({ "distributionPolicyId": "missing" }),
            "distributionPolicyId",
        ),
        (
            "queues/x",
            json!({ "distributionPolicyId": "p", "labels": { "a": [1] } }),
            "labels",
        ),
        ("jobs/x", json!({ "queueId": "q" }), "channelId"),
        (
            "jobs/x",
            json!({ "channelId": "voice", "queueId": "missing" }),
            "queueId",
        ),
        (
            "jobs/x",
            json!({ "channelId": "voice", "queueId": "q", "priority": "high" }),
            "priority",
        ),
        ("workers/x", json!({ "capacity": 0 }), "capacity"),
        ("distributionPolicies/x", json!({ "mode": {} }), "kind"),
    ] {
        let answer = caller.patch(path, body).await.expect(400);
        assert_eq!(answer.error()["code"], "BadRequest");
        let details = answer.error()["details"].as_array().unwrap();
        let named = details
            .iter()
            .any(|detail| detail["message"].as_str().unwrap().contains(member));
        assert!(named, "{member}: {:#}", answer.body);
        caller.get(path).await.expect(404);
    }
    let long = "x".repeat(129);
    let answer = caller
        .patch(
            &format!("queues/{long}"),
            json!({ "distributionPolicyId": "p" }),
        )
        .await;
    answer.expect(400);
    let answer = caller
        .patch("queues/a%2Fb", json!({ "distributionPolicyId": "p" }))
        .await;
    answer.expect(400);
    let answer = caller
        .patch("queues/%FF", json!({ "distributionPolicyId": "p" }))
        .await;
    assert!(answer.detail().contains("`queueId`"), "{}", answer.detail());
}

// R22, O4
#[tokio::test]
async fn a_deletion_answers_204_without_a_body_also_when_nothing_was_there() {
    let (_emulator, caller) = start().await;
    caller.create_queue().await;
    caller.create_worker("w").await.expect(201);
    for path in [
        "workers/w",
        "workers/w",
        "queues/q",
        "distributionPolicies/p",
        "jobs/none",
    ] {
        let answer = caller.delete(path).await.expect(204);
        assert_eq!(answer.body, Value::Null);
        assert_eq!(answer.header("content-type"), None);
        caller.get(path).await.expect(404);
    }
}

// R12, R32
#[tokio::test]
async fn a_deletion_of_what_is_in_use_is_refused_in_the_form_of_its_kind() {
    let (_emulator, caller) = start().await;
    caller.create_queue().await;
    caller.create_job("j").await.expect(201);

    let policy = caller.delete("distributionPolicies/p").await.expect(400);
    assert_eq!(
        policy.error()["details"][0]["code"],
        "QueueExistsWithDistributionPolicy"
    );
    let queue = caller.delete("queues/q").await.expect(409);
    assert_eq!(queue.error()["code"], "Conflict");
    assert_eq!(queue.error().get("details"), None);
    let message = queue.error()["message"].as_str().unwrap();
    assert!(
        message.starts_with("Validation failed: \r\n -- "),
        "{message}"
    );
    caller.delete("jobs/j").await.expect(409);
}
