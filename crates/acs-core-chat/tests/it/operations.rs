//! The operation table says of each operation what the pipeline and the emulator need to know.

use std::collections::BTreeSet;

use acs_core_chat::operations::{self, API_VERSIONS, DEFAULT_API_VERSION, OPERATIONS};
use acs_types::Operation;

fn ids(holds: impl Fn(&Operation) -> bool) -> BTreeSet<&'static str> {
    let chosen = OPERATIONS.iter().filter(|operation| holds(operation));
    chosen.map(|operation| operation.id).collect()
}

#[test]
fn all_16_operations_are_there_once() {
    let routes: BTreeSet<_> = OPERATIONS
        .iter()
        .map(|operation| (operation.method, operation.path))
        .collect();
    assert_eq!(
        (OPERATIONS.len(), ids(|_| true).len(), routes.len()),
        (16, 16, 16)
    );
}

#[test]
fn rows_hold_what_the_specification_says() {
    assert_eq!(
        operations::UPDATE_CHAT_THREAD_PROPERTIES,
        Operation {
            id: "updateChatThreadProperties",
            method: "PATCH",
            path: "/chat/threads/{chatThreadId}",
            success: &[204],
            merge_patch: true,
            optional_body: false,
            conditional: false,
            paged: false,
            since: "2021-03-07",
        }
    );
    assert_eq!(
        operations::ADD_CHAT_PARTICIPANTS.path,
        "/chat/threads/{chatThreadId}/participants/:add"
    );
}

#[test]
fn lists_are_paged_and_updates_are_merge_patches() {
    assert_eq!(
        ids(|operation| operation.paged),
        BTreeSet::from([
            "listChatMessages",
            "listChatParticipants",
            "listChatReadReceipts",
            "listChatThreads"
        ])
    );
    assert_eq!(
        ids(|operation| operation.merge_patch),
        BTreeSet::from(["updateChatMessage", "updateChatThreadProperties"])
    );
}

#[test]
fn the_newest_version_is_the_default() {
    assert_eq!(
        API_VERSIONS,
        [
            "2021-03-07",
            "2021-09-07",
            "2023-11-07",
            "2024-03-07",
            "2025-03-15"
        ]
    );
    assert_eq!(DEFAULT_API_VERSION, "2025-03-15");
}
