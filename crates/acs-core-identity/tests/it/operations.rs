//! The operation table says of each operation what the pipeline and the emulator need to know.

use std::collections::BTreeSet;

use acs_core_identity::operations::{self, API_VERSIONS, DEFAULT_API_VERSION, OPERATIONS};
use acs_types::Operation;

#[test]
fn all_9_operations_are_there_once() {
    let ids: BTreeSet<_> = OPERATIONS.iter().map(|operation| operation.id).collect();
    let routes: BTreeSet<_> = OPERATIONS
        .iter()
        .map(|operation| (operation.method, operation.path))
        .collect();
    assert_eq!((OPERATIONS.len(), ids.len(), routes.len()), (9, 9, 9));
}

#[test]
fn rows_hold_what_the_specification_says() {
    assert_eq!(
        operations::ISSUE_ACCESS_TOKEN,
        Operation {
            id: "issueAccessToken",
            method: "POST",
            path: "/identities/{id}/:issueAccessToken",
            success: &[200],
            merge_patch: false,
            optional_body: false,
            conditional: false,
            paged: false,
            since: "2021-03-07",
        }
    );
    assert_eq!(operations::UPSERT_ASSIGNMENT.method, "PUT");
    assert_eq!(operations::UPSERT_ASSIGNMENT.success, [200, 201]);
}

#[test]
fn operations_tell_since_which_version_they_exist() {
    let since = |version| -> BTreeSet<_> {
        let chosen = OPERATIONS
            .iter()
            .filter(|operation| operation.since == version);
        chosen.map(|operation| operation.id).collect()
    };
    assert_eq!(
        since("2022-06-01"),
        BTreeSet::from(["exchangeTeamsUserAccessToken"])
    );
    assert_eq!(since("2025-06-30").len(), 4);
    assert_eq!(since("2021-03-07").len(), 4);
}

#[test]
fn the_default_is_not_the_newest_version_which_only_adds_the_teams_extension() {
    assert_eq!(
        API_VERSIONS,
        [
            "2021-03-07",
            "2022-06-01",
            "2022-10-01",
            "2023-10-01",
            "2025-06-30"
        ]
    );
    assert_eq!(DEFAULT_API_VERSION, "2023-10-01");
}
