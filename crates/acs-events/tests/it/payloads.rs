//! Every payload writes what it read, with members that lack and members under other names.

use acs_events::models::{
    AcsMessageDeliveryStatus, AcsRouterJobClassifiedEventData, AcsRouterWorkerOfferIssuedEventData,
    AcsRouterWorkerSelector,
};
use acs_test_support::check_round_trips;
use serde_json::json;

use crate::generated::{DOCUMENT, MODELS};

#[test]
fn every_payload_writes_what_it_read() {
    check_round_trips(DOCUMENT, MODELS);
}

#[test]
fn members_that_senders_leave_out_are_optional() {
    let selector: AcsRouterWorkerSelector =
        serde_json::from_value(json!({"key": "k", "labelOperator": "Equal", "value": 5}))
            .expect("seen without its lifetime");
    assert_eq!(selector.ttl_seconds, None);
    let event: AcsRouterWorkerOfferIssuedEventData = serde_json::from_value(json!({
        "jobId": "j", "channelId": "c", "channelReference": "r", "workerId": "w", "queueId": "q", "offerId": "o",
        "jobPriority": 1, "jobLabels": {}, "jobTags": {},
        "offerTimeUtc": "2024-01-01T00:00:00Z", "expiryTimeUtc": "2024-01-01T00:01:00Z"
    }))
    .expect("seen without the labels of the worker");
    assert_eq!(event.worker_labels, None);
    assert_eq!(event.offered_on.to_string(), "2024-01-01T00:00:00+00:00");
}

#[test]
fn a_member_under_another_name_is_written_under_its_own() {
    let queue = json!({"id": "q", "name": "Q", "labels": {}});
    let read = |member: &str| {
        let mut json = json!({
            "jobId": "j", "channelId": "c", "channelReference": "r", "classificationPolicyId": "p",
            "priority": null, "labels": {}, "tags": {}, "attachedWorkerSelectors": []
        });
        json[member] = queue.clone();
        serde_json::from_value::<AcsRouterJobClassifiedEventData>(json).expect("an old sample")
    };
    let event = read("queueInfo");
    assert_eq!(event, read("queueDetails"));
    let written = serde_json::to_value(&event).expect("writable");
    assert_eq!(written["queueDetails"], queue);
    assert_eq!(written.get("queueInfo"), None);
}

#[test]
fn values_that_are_not_listed_survive() {
    let status = AcsMessageDeliveryStatus::from("evaporated");
    assert_eq!(status.as_str(), "evaporated");
    assert_eq!(
        AcsMessageDeliveryStatus::from("unknown"),
        AcsMessageDeliveryStatus::NotKnown
    );
}
