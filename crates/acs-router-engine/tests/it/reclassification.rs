//! A policy runs again: after changes of the job, by command, and on activation.

use acs_router_engine::{Command, EventKind, RefusalKind};
use serde_json::json;

use crate::classification::{classified, world};
use crate::world::{done, reclassify_job, simple_worker, text};

// R56, R95, R123
#[test]
fn new_labels_classify_a_queued_job_again_and_keep_its_place_in_time() {
    let mut world = world();
    let mut worker = simple_worker();
    worker["queues"] = json!(["eu"]);
    world.worker("w", worker);
    world.job("j", classified(json!({"Region": "EU"})));
    let before = world.read_job("j");
    world.wait(5.0);
    let seen = world.events.len();
    let answer = world.job("j", json!({"labels": {"Region": "US"}}));
    assert_eq!(answer["status"], "pendingClassification");
    assert_eq!(answer["queueId"], "eu");
    assert_eq!(answer["enqueuedAt"], before["enqueuedAt"]);
    let read = world.read_job("j");
    assert_eq!(read["status"], "queued");
    assert_eq!(read["queueId"], "us");
    assert_eq!(read["enqueuedAt"], before["enqueuedAt"]);
    assert_eq!(
        world.told_since(seen),
        [
            (EventKind::RouterWorkerOfferRevoked, "worker/w/job/j"),
            (
                EventKind::RouterJobClassified,
                "job/j/channel/chat/queue/us"
            ),
            (EventKind::RouterJobQueued, "job/j/channel/chat/queue/us"),
        ]
    );
}

// R18, R56
#[test]
fn an_update_that_changes_no_label_does_not_classify_again() {
    let mut world = world();
    world.job("j", classified(json!({"Region": "EU"})));
    for patch in [
        json!({"labels": {}}),
        json!({"labels": {"Region": "EU"}}),
        json!({"tags": {"a": 1}}),
    ] {
        assert_eq!(world.job("j", patch)["status"], "queued");
    }
}

// R56
#[test]
fn without_a_policy_new_labels_leave_a_job_queued() {
    let mut world = world();
    world.simple_job("j");
    let answer = world.job("j", json!({"labels": {"Region": "US"}}));
    assert_eq!(answer["status"], "queued");
    assert_eq!(answer["queueId"], "q");
}

// R57, R95
#[test]
fn another_policy_classifies_again_and_replaces_what_was_attached() {
    let mut world = world();
    let attachment = |key: &str| {
        let selector = json!({"key": key, "labelOperator": "equal", "value": 1});
        json!([{"kind": "static", "workerSelector": selector}])
    };
    world.classification_policy("c", json!({"workerSelectorAttachments": attachment("a")}));
    world.classification_policy(
        "d",
        json!({"fallbackQueueId": "us", "workerSelectorAttachments": attachment("b")}),
    );
    let mut job = classified(json!({"Region": "EU"}));
    job["requestedWorkerSelectors"] =
        json!([{"key": "own", "labelOperator": "notEqual", "value": 1}]);
    world.job("j", job);
    let answer = world.job("j", json!({"classificationPolicyId": "d"}));
    assert_eq!(answer["status"], "pendingClassification");
    let read = world.read_job("j");
    assert_eq!(read["queueId"], "us");
    let attached = read["attachedWorkerSelectors"]
        .as_array()
        .expect("selectors");
    let keys: Vec<_> = attached
        .iter()
        .map(|selector| text(&selector["key"]))
        .collect();
    assert_eq!(keys, ["b"]);
    assert_eq!(read["requestedWorkerSelectors"][0]["key"], "own");
}

#[test]
fn a_job_that_loses_its_policy_keeps_its_queue_and_loses_what_was_attached() {
    let mut world = world();
    let selector = json!({"key": "Gold", "labelOperator": "equal", "value": true});
    world.classification_policy(
        "c",
        json!({"workerSelectorAttachments": [{"kind": "static", "workerSelector": selector}]}),
    );
    world.simple_worker("w");
    world.job("j", classified(json!({})));
    assert!(world.offered("w").is_empty());
    let answer = world.job("j", json!({"classificationPolicyId": null}));
    assert_eq!(answer["status"], "queued");
    assert_eq!(answer["queueId"], "q");
    assert_eq!(answer["attachedWorkerSelectors"], json!([]));
    assert_eq!(world.offered("w"), ["j"]);
}

// R92, O7
#[test]
fn a_queue_given_later_moves_the_job_and_stays_while_null_leaves_the_choice_to_the_policy() {
    let mut world = world();
    world.job("j", classified(json!({"Region": "EU"})));
    assert_eq!(world.job("j", json!({"queueId": "us"}))["status"], "queued");
    world.job("j", json!({"labels": {"Region": "AP"}}));
    assert_eq!(world.read_job("j")["queueId"], "us");
    let answer = world.job("j", json!({"queueId": null, "labels": {"Region": "EU"}}));
    assert_eq!(answer["status"], "pendingClassification");
    assert_eq!(world.read_job("j")["queueId"], "eu");
}

#[test]
fn a_queue_that_is_sent_back_as_it_was_read_stays_the_choice_of_the_policy() {
    let mut world = world();
    world.job("j", classified(json!({"Region": "EU"})));
    world.job("j", json!({"queueId": "eu", "labels": {"Region": "US"}}));
    assert_eq!(world.read_job("j")["queueId"], "us");
}

// R89, R123
#[test]
fn reclassifying_runs_the_policy_as_it_is_now() {
    let mut world = world();
    world.simple_worker("w");
    world.job("j", classified(json!({})));
    world.classification_policy("c", json!({"fallbackQueueId": "us"}));
    assert_eq!(world.read_job("j")["queueId"], "q");
    let seen = world.events.len();
    done(world.run(reclassify_job("j")));
    assert_eq!(world.read_job("j")["queueId"], "us");
    assert_eq!(
        world.kinds_since(seen),
        [
            EventKind::RouterWorkerOfferRevoked,
            EventKind::RouterJobClassified,
            EventKind::RouterJobQueued,
        ]
    );
}

// R89, R90
#[test]
fn a_job_whose_classification_failed_is_queued_by_a_later_run_or_can_be_deleted() {
    let mut world = world();
    world.classification_policy("c", json!({"fallbackQueueId": null}));
    for job in ["again", "changed", "given", "freed", "gone"] {
        world.job(job, classified(json!({})));
        assert_eq!(world.status(job), "classificationFailed");
    }
    world.job("changed", json!({"labels": {"Region": "EU"}}));
    world.job("given", json!({"queueId": "us"}));
    world.job(
        "freed",
        json!({"queueId": "us", "classificationPolicyId": null}),
    );
    world
        .run(Command::DeleteJob {
            id: "gone".to_owned(),
        })
        .expect("deleted");
    world.classification_policy("c", json!({"fallbackQueueId": "q"}));
    done(world.run(reclassify_job("again")));
    for (job, queue) in [
        ("again", "q"),
        ("changed", "eu"),
        ("given", "us"),
        ("freed", "us"),
    ] {
        assert_eq!(world.status(job), "queued", "{job}");
        assert_eq!(world.read_job(job)["queueId"], queue, "{job}");
    }
    assert!(world.engine.job("gone").is_err());
}

// R89
#[test]
fn reclassifying_needs_a_policy_and_a_job_that_no_worker_has() {
    let mut world = world();
    world.simple_job("direct");
    world.assert_invalid(
        reclassify_job("direct"),
        &["the job 'direct' has no classification policy; set its classificationPolicyId"],
    );
    world.assert_refused(reclassify_job("none"), RefusalKind::NotFound);
    world.cancel("direct");
    world.simple_worker("w");
    world.job("j", classified(json!({})));
    world.accept("w");
    world.assert_refused(reclassify_job("j"), RefusalKind::Conflict);
    world.complete("j");
    world.close("j");
    world.assert_refused(reclassify_job("j"), RefusalKind::Conflict);
}

// R53, R50
#[test]
fn a_job_that_waits_for_its_activation_is_classified_when_it_is_activated() {
    let mut world = world();
    let mut job = classified(json!({"Region": "EU"}));
    job["matchingMode"] = json!({"kind": "suspend"});
    assert_eq!(world.job("j", job)["status"], "waitingForActivation");
    world.job("j", json!({"labels": {"Region": "US"}}));
    done(world.run(reclassify_job("j")));
    assert_eq!(world.status("j"), "waitingForActivation");
    let seen = world.events.len();
    let answer = world.job("j", json!({"matchingMode": {"kind": "queueAndMatch"}}));
    assert_eq!(answer["status"], "pendingClassification");
    assert_eq!(world.read_job("j")["queueId"], "us");
    assert_eq!(
        world.kinds_since(seen),
        [EventKind::RouterJobClassified, EventKind::RouterJobQueued]
    );
}

// R82: a worker's job is not taken away by new labels.
#[test]
fn an_assigned_job_is_not_classified_again() {
    let mut world = world();
    world.simple_worker("w");
    world.job("j", classified(json!({})));
    world.accept("w");
    let answer = world.job("j", json!({"labels": {"Region": "EU"}}));
    assert_eq!(answer["status"], "assigned");
    assert_eq!(answer["queueId"], "q");
}
