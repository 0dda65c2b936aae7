//! The operation table says of each operation what the pipeline and the emulator need to know.

use std::collections::BTreeSet;

use acs_core_jobrouter::operations::{self, API_VERSIONS, DEFAULT_API_VERSION, OPERATIONS};
use acs_types::Operation;

#[test]
fn all_33_operations_are_there_once() {
    let ids: BTreeSet<_> = OPERATIONS.iter().map(|operation| operation.id).collect();
    let routes: BTreeSet<_> = OPERATIONS
        .iter()
        .map(|operation| (operation.method, operation.path))
        .collect();
    assert_eq!((OPERATIONS.len(), ids.len(), routes.len()), (33, 33, 33));
}

#[test]
fn rows_hold_what_the_specification_says() {
    assert_eq!(
        operations::UPSERT_JOB,
        Operation {
            id: "upsertJob",
            method: "PATCH",
            path: "/routing/jobs/{jobId}",
            success: &[200, 201],
            merge_patch: true,
            optional_body: false,
            conditional: true,
            paged: false,
            since: "2023-11-01",
        }
    );
    assert_eq!(
        operations::CLOSE_JOB,
        Operation {
            id: "closeJob",
            method: "POST",
            path: "/routing/jobs/{jobId}/assignments/{assignmentId}:close",
            success: &[200],
            merge_patch: false,
            optional_body: true,
            conditional: false,
            paged: false,
            since: "2023-11-01",
        }
    );
    assert_eq!(operations::DELETE_WORKER.success, [204]);
}

#[test]
fn flags_go_with_the_kinds_of_operations() {
    for operation in OPERATIONS {
        let is_upsert = operation.id.starts_with("upsert");
        assert_eq!(operation.merge_patch, is_upsert, "{}", operation.id);
        assert_eq!(operation.conditional, is_upsert, "{}", operation.id);
        assert_eq!(
            operation.paged,
            operation.id.starts_with("list"),
            "{}",
            operation.id
        );
    }
    let optional: Vec<_> = OPERATIONS
        .iter()
        .filter(|operation| operation.optional_body)
        .map(|operation| operation.id)
        .collect();
    assert_eq!(
        optional,
        [
            "cancelJob",
            "closeJob",
            "completeJob",
            "declineJobOffer",
            "reclassifyJob",
            "unassignJob"
        ]
    );
}

#[test]
fn the_stable_version_is_the_default() {
    assert_eq!(API_VERSIONS, ["2023-11-01", "2024-01-18-preview"]);
    assert_eq!(DEFAULT_API_VERSION, "2023-11-01");
}
