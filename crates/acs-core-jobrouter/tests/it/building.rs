//! What callers build: constructors take what is required, setters the rest, and both take what is at hand.

use acs_core_jobrouter::Client;
use acs_core_jobrouter::models::{
    BestWorkerMode, CancelExceptionAction, ConditionalWorkerSelectorAttachment, DistributionMode,
    ExceptionRule, ExpressionRouterRule, LabelOperator, LongestIdleMode,
    QueueLengthExceptionTrigger, ReclassifyExceptionAction, RouterChannel, RouterWorkerSelector,
    ScoringRuleOptions, ScoringRuleParameterSelector, StaticRouterRule, WaitTimeExceptionTrigger,
};
use serde::Serialize;
use serde_json::{Value, json};

fn written(value: impl Serialize) -> Value {
    serde_json::to_value(value).expect("models can be written")
}

#[test]
fn selectors_and_channels_read_like_sentences() {
    assert_eq!(
        written(
            RouterWorkerSelector::new("Some-Skill", LabelOperator::GreaterThan)
                .value(10)
                .expedite(true)
        ),
        json!({"key": "Some-Skill", "labelOperator": "greaterThan", "value": 10, "expedite": true})
    );
    assert_eq!(
        written(RouterWorkerSelector::new("Lang", "soundsLike").value("nl")),
        json!({"key": "Lang", "labelOperator": "soundsLike", "value": "nl"})
    );
    assert_eq!(
        written(RouterChannel::new("voice", 1)),
        json!({"channelId": "voice", "capacityCostPerJob": 1})
    );
}

#[test]
fn payloads_become_unions_where_one_is_wanted() {
    let mode: DistributionMode = LongestIdleMode::default().into();
    assert_eq!(written(mode), json!({"kind": "longestIdle"}));
    let mode = BestWorkerMode::new()
        .scoring_rule(StaticRouterRule::new().value(1))
        .scoring_rule_options(
            ScoringRuleOptions::new().scoring_parameters([ScoringRuleParameterSelector::JobLabels]),
        );
    assert_eq!(
        written(DistributionMode::from(mode)),
        json!({
            "kind": "bestWorker",
            "scoringRule": {"kind": "static", "value": 1},
            "scoringRuleOptions": {"scoringParameters": ["jobLabels"]}
        })
    );
}

#[test]
fn lists_of_unions_take_payloads_and_maps_take_pairs() {
    let rule = ExceptionRule::new(
        "too-long",
        WaitTimeExceptionTrigger::new(90),
        [ReclassifyExceptionAction::new().labels_to_upsert([("escalated", true)])],
    );
    assert_eq!(
        written(rule),
        json!({
            "id": "too-long",
            "trigger": {"kind": "waitTime", "thresholdSeconds": 90.0},
            "actions": [{"kind": "reclassify", "labelsToUpsert": {"escalated": true}}]
        })
    );
    let rule = ExceptionRule::new(
        "too-many",
        QueueLengthExceptionTrigger::new(5),
        [CancelExceptionAction::new().note("full")],
    );
    assert_eq!(rule.actions[0].kind(), "cancel");
    let attachment = ConditionalWorkerSelectorAttachment::new(
        ExpressionRouterRule::new("job.vip = true"),
        [RouterWorkerSelector::new("vip", LabelOperator::Equal).value(true)],
    );
    assert_eq!(attachment.worker_selectors.len(), 1);
}

/// Compiles only if the futures of the raw client may move between threads.
#[expect(dead_code, reason = "compiling it is the test")]
fn futures_of_the_client_are_send(client: &Client) {
    fn is_send<T: Send>(_: T) {}
    is_send(client.get_job("j"));
    is_send(client.upsert_job(
        "j",
        None,
        None,
        &acs_core_jobrouter::models::JobPatch::default(),
    ));
}
