//! The table names every type of events once, and every payload leads back to its row.

use std::collections::BTreeSet;

use acs_events::event_types::{self, EVENT_TYPES};
use acs_events::models::{AcsRouterJobWorkerSelectorsExpiredEventData, AcsSmsReceivedEventData};
use acs_events::{EventData, EventType};

const FACTS: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../specs/facts/events.json"
));

#[test]
fn the_table_holds_the_types_of_the_facts() {
    let facts: serde_json::Value = serde_json::from_str(FACTS).expect("JSON");
    let listed = facts["events"].as_array().expect("a list");
    let known: BTreeSet<_> = listed
        .iter()
        .map(|event| event["event_type"].as_str().expect("a name"))
        .collect();
    let ours: BTreeSet<_> = EVENT_TYPES.iter().map(|event| event.name).collect();
    assert_eq!((EVENT_TYPES.len(), ours), (57, known));
}

#[test]
fn all_but_two_types_have_data_that_is_described() {
    let without: Vec<_> = EVENT_TYPES
        .iter()
        .filter(|event| event.payload.is_none())
        .map(|event| event.name)
        .collect();
    assert_eq!(
        without,
        [
            "Microsoft.Communication.ChatMemberAddedToThreadWithUser",
            "Microsoft.Communication.ChatMemberRemovedFromThreadWithUser"
        ]
    );
    let payloads: BTreeSet<_> = EVENT_TYPES
        .iter()
        .filter_map(|event| event.payload)
        .collect();
    assert_eq!(payloads.len(), 55);
}

#[test]
fn a_payload_leads_to_its_type_and_a_type_is_found_by_every_spelling() {
    assert_eq!(AcsSmsReceivedEventData::TYPE, &event_types::SMS_RECEIVED);
    assert_eq!(
        EventType::find("Microsoft.Communication.RouterJobWorkerSelectorsExpire"),
        Some(AcsRouterJobWorkerSelectorsExpiredEventData::TYPE)
    );
    assert_eq!(EventType::find("Microsoft.Communication.Later"), None);
}
