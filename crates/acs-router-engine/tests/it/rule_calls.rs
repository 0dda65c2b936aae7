//! Rules that somebody else evaluates: the calls come out as effects, the answers go in as commands.

use acs_router_engine::{Command, Effect, EventKind, Guid, RuleAuthorization, RuleCall};
use serde_json::{Value, json};

use crate::world::{World, done, reclassify_job, text, upsert_job};

/// A policy `c` whose priority and one of whose selectors are asked for.
fn world() -> World {
    let mut world = World::with_queue();
    world.classification_policy(
        "c",
        json!({
            "fallbackQueueId": "q",
            "prioritizationRule": {
                "kind": "function", "functionUri": "https://f.example/priority",
                "credential": {"functionKey": "key"},
            },
            "workerSelectorAttachments": [{
                "kind": "ruleEngine",
                "rule": {"kind": "webhook", "webhookUri": "https://h.example/selectors"},
            }],
        }),
    );
    world
}

fn job() -> Value {
    json!({"channelId": "chat", "classificationPolicyId": "c", "labels": {"Vip": true}})
}

/// Applies a command and gives the calls that came of it.
fn calls_of(world: &mut World, command: Command) -> Vec<(Guid, RuleCall)> {
    let effects = world.apply(command).effects.into_iter();
    effects
        .map(|effect| match effect {
            Effect::CallRule { id, call } => (id, call),
            other => panic!("{other:?}"),
        })
        .collect()
}

fn create(world: &mut World) -> [Guid; 2] {
    let calls = calls_of(world, upsert_job("j", job()));
    let ids: Vec<_> = calls.into_iter().map(|(id, _)| id).collect();
    ids.try_into().expect("two calls")
}

fn answer(id: Guid, result: Result<Value, &str>) -> Command {
    Command::AnswerRuleCall {
        id,
        result: result.map_err(str::to_owned),
    }
}

// R98
#[test]
fn a_job_waits_for_all_answers_and_is_queued_with_the_last() {
    let mut world = world();
    let calls = calls_of(&mut world, upsert_job("j", job()));
    let sent: Vec<_> = calls
        .iter()
        .map(|(_, call)| (&*call.uri, &call.body))
        .collect();
    let body = json!({"job": {"Vip": true}});
    assert_eq!(
        sent,
        [
            ("https://f.example/priority", &body),
            ("https://h.example/selectors", &body)
        ]
    );
    let RuleAuthorization::FunctionKey { key, .. } = &calls[0].1.authorization else {
        panic!("{:?}", calls[0].1);
    };
    assert_eq!(key.expose(), "key");
    assert_eq!(calls[1].1.authorization, RuleAuthorization::None);

    assert_eq!(world.status("j"), "pendingClassification");
    let selector = json!({"key": "Gold", "labelOperator": "equal", "value": true});
    done(world.run(answer(calls[1].0, Ok(selector))));
    assert_eq!(world.status("j"), "pendingClassification");
    done(world.run(answer(calls[0].0, Ok(json!(20)))));
    let read = world.read_job("j");
    assert_eq!(read["status"], "queued");
    assert_eq!(read["priority"], 20);
    assert_eq!(read["attachedWorkerSelectors"][0]["key"], "Gold");
}

// R98, R118
#[test]
fn a_call_that_fails_fails_the_classification_and_the_other_answer_is_ignored() {
    let mut world = world();
    let [first, second] = create(&mut world);
    done(world.run(answer(second, Err("it answered 500"))));
    assert_eq!(world.status("j"), "classificationFailed");
    let failed = world.latest(EventKind::RouterJobClassificationFailed);
    assert_eq!(
        text(&failed["errors"][0]["message"]),
        "a rule could not be called: it answered 500"
    );
    assert_ignored(&mut world, first);
    assert_ignored(&mut world, second);
}

fn assert_ignored(world: &mut World, call: Guid) {
    let before = world.engine.clone();
    let outcome = world.apply(answer(call, Ok(json!(1))));
    assert!(outcome.answer.is_ok() && outcome.events.is_empty() && outcome.changes.is_empty());
    assert!(world.engine == before);
}

#[test]
fn a_cancelled_changed_or_reclassified_job_ignores_the_answers_of_its_former_calls() {
    let mut world = world();
    let former = create(&mut world);
    let again = calls_of(
        &mut world,
        upsert_job("j", json!({"labels": {"Vip": false}})),
    );
    assert_eq!(again[0].1.body, json!({"job": {"Vip": false}}));
    let third = calls_of(&mut world, reclassify_job("j"));
    let outdated = former.into_iter().chain(again.iter().map(|(id, _)| *id));
    for call in outdated {
        assert_ignored(&mut world, call);
    }
    assert_eq!(third.len(), 2);
    world.cancel("j");
    for (call, _) in third {
        assert_ignored(&mut world, call);
    }
    assert_eq!(world.status("j"), "cancelled");
}

#[test]
fn an_update_that_concerns_no_rule_leaves_the_calls_as_they_are() {
    let mut world = world();
    let [first, second] = create(&mut world);
    let calls = calls_of(
        &mut world,
        upsert_job("j", json!({"tags": {"a": 1}, "priority": 3})),
    );
    assert!(calls.is_empty());
    done(world.run(answer(first, Ok(Value::Null))));
    done(world.run(answer(second, Ok(json!([])))));
    assert_eq!(world.status("j"), "queued");
    assert_eq!(world.read_job("j")["priority"], 3);
}

#[test]
fn a_policy_that_changes_meanwhile_is_applied_as_it_was() {
    let mut world = world();
    let [first, second] = create(&mut world);
    world.classification_policy("c", json!({"workerSelectorAttachments": []}));
    let selector = json!([{"key": "Gold", "labelOperator": "equal", "value": true}]);
    done(world.run(answer(first, Ok(json!(2)))));
    done(world.run(answer(second, Ok(selector))));
    assert_eq!(
        world.read_job("j")["attachedWorkerSelectors"][0]["key"],
        "Gold"
    );
}

// R92: what does not decide anything is not asked.
#[test]
fn rules_for_the_queue_are_not_called_for_a_job_that_names_its_queue() {
    let mut world = World::with_queue();
    world.classification_policy(
        "c",
        json!({"queueSelectorAttachments": [{
            "kind": "ruleEngine",
            "rule": {"kind": "function", "functionUri": "https://f.example/queue"},
        }]}),
    );
    let mut direct = job();
    direct["queueId"] = json!("q");
    assert!(calls_of(&mut world, upsert_job("direct", direct)).is_empty());
    assert_eq!(world.status("direct"), "queued");
    assert_eq!(calls_of(&mut world, upsert_job("j", job())).len(), 1);
}
