//! Every model writes what it read; recursive errors, retention policies and patches among them.

use acs_core_chat::Client;
use acs_core_chat::models::{
    AddChatParticipantsResult, ChatMessagePatch, ChatRetentionPolicy, ChatThreadPatch,
    CommunicationIdentifierModelKind, NoneRetentionPolicy,
};
use acs_test_support::check_round_trips;
use acs_types::{Patch, PatchMap};
use serde_json::json;

use crate::generated::{DOCUMENT, MODELS};

#[test]
fn every_model_writes_what_it_read() {
    check_round_trips(DOCUMENT, MODELS);
}

#[test]
fn errors_hold_errors_to_any_depth() {
    let json = json!({"invalidParticipants": [{
        "code": "403", "message": "Not allowed.", "target": "8:orgid:u",
        "details": [{"code": "a", "message": "b", "details": []}],
        "innererror": {"code": "c", "message": "d", "details": [], "innererror": {
            "code": "e", "message": "f", "details": []
        }}
    }]});
    let result: AddChatParticipantsResult =
        serde_json::from_value(json.clone()).expect("documented shape");
    let inner = result.invalid_participants[0]
        .innererror
        .as_deref()
        .and_then(|error| error.innererror.as_deref());
    assert_eq!(inner.map(|error| error.code.as_str()), Some("e"));
    assert_eq!(serde_json::to_value(&result).expect("writable"), json);
}

#[test]
fn a_value_that_is_called_unknown_is_not_the_variant_for_unknown_values() {
    let listed = CommunicationIdentifierModelKind::from("unknown");
    assert_eq!(listed, CommunicationIdentifierModelKind::NotKnown);
    let newer = CommunicationIdentifierModelKind::from("robot");
    assert!(matches!(
        newer,
        CommunicationIdentifierModelKind::Unknown(_)
    ));
}

#[test]
fn patches_keep_clear_and_set() {
    let patch = ChatThreadPatch {
        retention_policy: NoneRetentionPolicy::new().into(),
        metadata: PatchMap::new().set("a", "").remove("b").into(),
        ..Default::default()
    };
    assert_eq!(
        serde_json::to_value(&patch).expect("writable"),
        json!({"retentionPolicy": {"kind": "none"}, "metadata": {"a": "", "b": null}})
    );
    let patch = ChatMessagePatch {
        content: Patch::Clear,
        ..Default::default()
    };
    assert_eq!(
        serde_json::to_value(&patch).expect("writable"),
        json!({"content": null})
    );
    let later: ChatRetentionPolicy =
        serde_json::from_value(json!({"kind": "untilRead", "days": 3})).expect("kept");
    assert_eq!(later.kind(), "untilRead");
}

/// Compiles only if the futures of the raw client may move between threads.
#[expect(dead_code, reason = "compiling it is the test")]
fn futures_of_the_client_are_send(client: &Client) {
    fn is_send<T: Send>(_: T) {}
    is_send(client.get_chat_thread_properties("t"));
    is_send(client.list_chat_messages("t", None, None));
}
