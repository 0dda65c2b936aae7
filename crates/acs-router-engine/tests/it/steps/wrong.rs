//! Commands that are refused whatever the state is.

use acs_router_engine::{Command, Condition};
use serde_json::{Value, json};

use crate::world::{
    accept_offer, cancel_job, complete_job, object, upsert_job, upsert_policy, upsert_queue,
    upsert_worker,
};

/// How many there are.
pub(crate) const WRONGS: usize = 15;

/// The one of this number.
pub(super) fn command(which: usize) -> Command {
    match which {
        0 => upsert_job("new", json!({"queueId": "q0"})),
        1 => upsert_job("new", json!({"channelId": "c0", "queueId": "nowhere"})),
        2 => upsert_job(
            "j1",
            json!({"channelId": "c0", "queueId": "q0", "priority": "high"}),
        ),
        3 => upsert_job(
            "j2",
            json!({"channelId": "c0", "queueId": "q0", "priority": 1_000}),
        ),
        4 => upsert_job("a/b", json!({"channelId": "c0", "queueId": "q0"})),
        5 => upsert_worker("w0", json!({"capacity": 1, "queues": ["nowhere"]})),
        6 => upsert_worker("w1", json!({"capacity": 0})),
        7 => upsert_worker("w2", json!({"capacity": 1, "labels": {"Nested": {"a": 1}}})),
        8 => upsert_queue("q0", json!({"distributionPolicyId": "nowhere"})),
        9 => upsert_policy("p0", json!({"mode": {"kind": "firstCome"}})),
        10 => upsert_policy(
            "p1",
            json!({"mode": {"kind": "roundRobin", "minConcurrentOffers": 9, "maxConcurrentOffers": 2}}),
        ),
        11 => stale("j0", json!({"channelId": "c0", "queueId": "q0"})),
        12 => accept_offer("w0", "00000000-0000-0000-0000-000000000000"),
        13 => complete_job("j0", "00000000-0000-0000-0000-000000000000"),
        _ => cancel_job("nobody"),
    }
}

/// A change on a condition that no job meets.
fn stale(id: &str, patch: Value) -> Command {
    Command::UpsertJob {
        id: id.to_owned(),
        patch: object(patch),
        condition: Condition {
            if_match: Some("\"00000000-0000-0000-0000-000000000000\"".to_owned()),
            ..Condition::default()
        },
    }
}
