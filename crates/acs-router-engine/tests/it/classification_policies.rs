//! Classification policies as entities: defaults, versions, references, refusals.

use acs_router_engine::{Command, RefusalKind};
use serde_json::json;

use crate::classification::{classified, world};
use crate::world::{World, upsert_classification_policy, upsert_job, upsert_queue};

// R35, R39
#[test]
fn what_a_policy_or_a_job_refers_to_cannot_be_deleted() {
    let mut world = world();
    let queue = |id: &str| Command::DeleteQueue { id: id.to_owned() };
    let policy = || Command::DeleteClassificationPolicy { id: "c".to_owned() };
    let refusal = world.assert_refused(queue("q"), RefusalKind::Conflict);
    assert_eq!(
        refusal.message,
        "Validation failed: \r\n -- : There is classification policy with this queue as fallback queue"
    );
    world.job("j", classified(json!({"Region": "EU"})));
    world.assert_refused(queue("eu"), RefusalKind::Conflict);
    let refusal = world.assert_refused(policy(), RefusalKind::BadRequest);
    assert_eq!(
        refusal.details[0].code,
        "ActiveJobWithClassificationPolicyExist"
    );
    world.job("j", json!({"classificationPolicyId": null}));
    world.run(policy()).expect("unused");
    world.run(queue("q")).expect("unused");
    world.assert_invalid(
        upsert_job("k", classified(json!({}))),
        &["classificationPolicyId names the classification policy 'c', which does not exist"],
    );
    world.cancel("j");
    world.run(queue("eu")).expect("unused");
}

// R39
#[test]
fn a_policy_is_free_once_its_jobs_are_cancelled_closed_or_deleted() {
    let mut world = world();
    world.classification_policy("c", json!({"fallbackQueueId": null}));
    world.job("failed", classified(json!({})));
    world.job("queued", classified(json!({"Region": "EU"})));
    let policy = || Command::DeleteClassificationPolicy { id: "c".to_owned() };
    world.assert_refused(policy(), RefusalKind::BadRequest);
    world.cancel("queued");
    world.assert_refused(policy(), RefusalKind::BadRequest);
    world
        .run(Command::DeleteJob {
            id: "failed".to_owned(),
        })
        .expect("deleted");
    world.run(policy()).expect("unused");
    assert!(world.engine.classification_policy("c").is_err());
    world.run(policy()).expect("deleting again is fine");
    assert!(
        world
            .run(upsert_queue("q", json!({"name": "still here"})))
            .is_ok()
    );
}

// R20, R36, R37, R40
#[test]
fn a_policy_shows_its_defaults_and_keeps_its_version_without_a_change() {
    let mut world = World::with_queue();
    let first = world.classification_policy("c", json!({}));
    assert_eq!(first["queueSelectorAttachments"], json!([]));
    assert_eq!(first["workerSelectorAttachments"], json!([]));
    assert_eq!(first.get("prioritizationRule"), None);
    assert_eq!(first.get("fallbackQueueId"), None);
    let same = world.classification_policy("c", json!({"queueSelectorAttachments": []}));
    assert_eq!(same["etag"], first["etag"]);
    let selector = json!({"key": "k", "labelOperator": "equal", "value": 1});
    let changed = world.classification_policy(
        "c",
        json!({"name": "n", "workerSelectorAttachments": [{"kind": "static", "workerSelector": selector}]}),
    );
    assert_ne!(changed["etag"], first["etag"]);
    let shown = &changed["workerSelectorAttachments"][0]["workerSelector"];
    assert_eq!(shown["expedite"], false);
    assert_eq!(shown["status"], "active");
    let read = json!(world.engine.classification_policy("c").expect("a policy"));
    assert_eq!(read, changed);
    let again = world.classification_policy("c", read);
    assert_eq!(again["etag"], changed["etag"]);
}

// R41 for the fallback, O1, O19
#[test]
fn invalid_policies_are_refused_with_every_reason() {
    let mut world = World::with_queue();
    world.assert_invalid(
        upsert_classification_policy(
            "c",
            json!({
                "fallbackQueueId": "none",
                "queueSelectorAttachments": [{"kind": "static"}, 5],
                "prioritizationRule": {"kind": "expression", "expression": "1 +"},
                "workerSelectorAttachments": [{"kind": "conditional", "workerSelectors": [], "condition": {"value": 1}}],
            }),
        ),
        &[
            "queueSelectorAttachments[0].queueSelector is required",
            "queueSelectorAttachments[1] must be an object",
            "prioritizationRule.expression is not an expression: expected a value, a name or a function, found the end, at line 1, column 4",
            "workerSelectorAttachments[0].condition.kind is required",
            "fallbackQueueId names the queue 'none', which does not exist",
        ],
    );
}
