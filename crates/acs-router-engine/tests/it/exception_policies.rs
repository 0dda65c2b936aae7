//! Exception policies as entities: what is stored, shown, refused and deleted.

use acs_router_engine::{Command, PageRequest, RefusalKind, View};
use serde_json::{Value, json};

use crate::world::{World, answer_of_upsert, upsert_exception_policy};

fn cancel_after(id: &str, seconds: f64) -> Value {
    json!({
        "id": id,
        "trigger": {"kind": "waitTime", "thresholdSeconds": seconds},
        "actions": [{"kind": "cancel"}],
    })
}

fn action_ids(policy: &Value) -> Vec<Value> {
    let rules = policy["exceptionRules"].as_array().expect("rules").iter();
    let actions = rules.flat_map(|rule| rule["actions"].as_array().expect("actions"));
    actions.map(|action| action["id"].clone()).collect()
}

// R40, R6
#[test]
fn a_policy_is_shown_with_an_id_for_every_action_and_selectors_for_every_move() {
    let mut world = World::with_queue();
    let mut policy = world.exception_policy(
        "e",
        json!({
            "name": "Overflow",
            "exceptionRules": [{
                "id": "late",
                "trigger": {"kind": "waitTime", "thresholdSeconds": 60.0},
                "actions": [
                    {"kind": "manualReclassify", "queueId": "q", "priority": 5},
                    {"kind": "reclassify", "labelsToUpsert": {"Escalated": true}},
                    {"kind": "cancel", "id": "mine", "note": "too late", "dispositionCode": "Late"},
                ],
            }, {
                "id": "full",
                "trigger": {"kind": "queueLength", "threshold": 10},
                "actions": [],
            }],
        }),
    );
    let ids = action_ids(&policy);
    assert!(ids[0].as_str().is_some_and(|id| id.len() == 36), "{ids:?}");
    assert!(ids[1].as_str().is_some_and(|id| id.len() == 36), "{ids:?}");
    assert_ne!(ids[0], ids[1]);
    let members = policy.as_object_mut().expect("an object");
    members.remove("etag");
    assert_eq!(
        policy,
        json!({
            "id": "e",
            "name": "Overflow",
            "exceptionRules": [{
                "id": "late",
                "trigger": {"kind": "waitTime", "thresholdSeconds": 60},
                "actions": [
                    {"kind": "manualReclassify", "id": ids[0], "queueId": "q", "priority": 5, "workerSelectors": []},
                    {"kind": "reclassify", "id": ids[1], "labelsToUpsert": {"Escalated": true}},
                    {"kind": "cancel", "id": "mine", "note": "too late", "dispositionCode": "Late"},
                ],
            }, {
                "id": "full",
                "trigger": {"kind": "queueLength", "threshold": 10},
                "actions": [],
            }],
        })
    );
}

// R20, R40
#[test]
fn every_accepted_write_makes_new_action_ids_and_so_a_new_version() {
    let mut world = World::empty();
    let created =
        world.exception_policy("e", json!({"exceptionRules": [cancel_after("late", 60.0)]}));
    let same = world.exception_policy("e", json!({}));
    assert_ne!(action_ids(&same), action_ids(&created));
    assert_ne!(same["etag"], created["etag"]);
    let sent_back = world.exception_policy("e", same.clone());
    assert_eq!(
        action_ids(&sent_back),
        action_ids(&same),
        "now they are the caller's"
    );
    assert_eq!(world.exception_policy("e", json!({})), sent_back);
}

// R18, R19
#[test]
fn a_list_of_rules_replaces_the_stored_one_and_null_removes_it() {
    let mut world = World::empty();
    let rules = json!([cancel_after("a", 1.0), cancel_after("b", 2.0)]);
    world.exception_policy("e", json!({"name": "first", "exceptionRules": rules}));
    let replaced = world.exception_policy("e", json!({"EXCEPTIONRULES": [cancel_after("c", 3.0)]}));
    assert_eq!(replaced["name"], "first");
    assert_eq!(replaced["exceptionRules"][0]["id"], "c");
    assert_eq!(replaced["exceptionRules"].as_array().map(Vec::len), Some(1));
    let cleared = world.exception_policy("e", json!({"name": null, "exceptionRules": null}));
    assert_eq!(cleared["exceptionRules"], json!([]));
    assert_eq!(cleared.get("name"), None);
}

// R41, O2
#[test]
fn what_is_wrong_with_a_policy_is_named_and_nothing_changes() {
    let mut world = World::with_queue();
    world.assert_invalid(
        upsert_exception_policy(
            "e",
            json!({"exceptionRules": [
                {"id": "a", "trigger": {"kind": "queueLength", "threshold": 0}, "actions": [{"kind": "reject"}]},
                {"trigger": {"kind": "waitTime"}, "actions": [{"kind": "manualReclassify", "priority": 101}]},
                {"id": "c", "trigger": {"kind": "moonPhase"}, "actions": {}},
                {"id": "d", "trigger": {}},
            ]}),
        ),
        &[
            "exceptionRules[0].trigger.threshold must be an integer of at least 1",
            "exceptionRules[0].actions[0].kind must be cancel, manualReclassify or reclassify",
            "exceptionRules[1].id is required",
            "exceptionRules[1].trigger.thresholdSeconds is required",
            "exceptionRules[1].actions[0].priority must be an integer from -100 to 100",
            "exceptionRules[2].trigger.kind must be queueLength or waitTime",
            "exceptionRules[2].actions must be an array",
            "exceptionRules[3].trigger.kind is required",
            "exceptionRules[3].actions is required",
        ],
    );
    world.assert_invalid(
        upsert_exception_policy(
            "e",
            json!({"exceptionRules": [cancel_after("a", 1.0), cancel_after("a", 2.0)]}),
        ),
        &["exceptionRules must give each rule an id of its own, but has 'a' twice"],
    );
    let mut rule = cancel_after("a", 1.0);
    rule["actions"] = json!([
        {"kind": "manualReclassify", "queueId": "x"},
        {"kind": "manualReclassify", "queueId": "q"},
        {"kind": "reclassify", "classificationPolicyId": "c"},
    ]);
    world.assert_invalid(
        upsert_exception_policy("e", json!({ "exceptionRules": [rule] })),
        &[
            "exceptionRules[0].actions[0].queueId names the queue 'x', which does not exist",
            "exceptionRules[0].actions[2].classificationPolicyId names the classification policy 'c', which does not exist",
        ],
    );
}

// R32
#[test]
fn a_policy_that_a_queue_uses_cannot_be_deleted() {
    let mut world = World::with_queue();
    world.exception_policy("e", json!({}));
    world.queue("q", json!({"exceptionPolicyId": "e"}));
    let delete = || Command::DeleteExceptionPolicy { id: "e".to_owned() };
    let refusal = world.assert_refused(delete(), RefusalKind::BadRequest);
    assert_eq!(refusal.details[0].code, "QueueExistsWithExceptionPolicy");
    assert_eq!(
        refusal.details[0].message,
        "the queue 'q' uses the exception policy 'e'"
    );
    world.queue("q", json!({"exceptionPolicyId": null}));
    world.run(delete()).expect("deleted");
    assert!(world.engine.exception_policy("e").is_err());
    world.run(delete()).expect("deleted again");
}

// R35: the reasons that keep a queue do not include exception policies.
#[test]
fn a_queue_that_only_a_rule_names_can_be_deleted() {
    let mut world = World::with_queue();
    world.queue("other", json!({"distributionPolicyId": "idle"}));
    let mut rule = cancel_after("late", 10.0);
    rule["actions"] = json!([{"kind": "manualReclassify", "queueId": "other", "priority": 9}]);
    world.exception_policy("e", json!({ "exceptionRules": [rule] }));
    world.queue("q", json!({"exceptionPolicyId": "e"}));
    world.simple_job("j");
    let id = "other".to_owned();
    world.run(Command::DeleteQueue { id }).expect("deleted");
    world.exception_policy("e", json!({"name": "still changeable"}));
    world.wait(10.0);
    let job = world.read_job("j");
    assert_eq!(
        (&job["queueId"], &job["priority"]),
        (&json!("q"), &json!(1)),
        "an action is done whole or not at all"
    );
}

// R21, R24
#[test]
fn policies_are_listed_newest_first_and_guarded_by_conditions() {
    let mut world = World::empty();
    for id in ["a", "b", "c"] {
        let created = answer_of_upsert(world.run(upsert_exception_policy(id, json!({}))));
        assert!(created.created);
    }
    let page = PageRequest {
        after: None,
        limit: 2,
    };
    let first = world.engine.exception_policies(page);
    let ids: Vec<_> = first.items.iter().map(View::id).collect();
    assert_eq!(ids, ["c", "b"]);
    let rest = world.engine.exception_policies(PageRequest {
        after: first.next,
        limit: 2,
    });
    assert_eq!(rest.items.iter().map(View::id).collect::<Vec<_>>(), ["a"]);
    assert_eq!(rest.next, None);
    let mut stale = upsert_exception_policy("a", json!({"name": "x"}));
    if let Command::UpsertExceptionPolicy { condition, .. } = &mut stale {
        condition.if_match = Some("\"stale\"".to_owned());
    }
    world.assert_refused(stale, RefusalKind::PreconditionFailed);
}
