//! The queue example against Azurite, fed by the emulator.
//!
//! It needs Node.js and npm, so it runs only with the feature `_internal-azurite`. The first run installs Azurite under `target`.

mod example;

use std::path::Path;

use acs_test_support::Azurite;

#[test]
fn every_event_that_the_emulator_put_into_the_queue_is_printed() {
    let azurite = Azurite::start(Path::new(env!("CARGO_TARGET_TMPDIR")));
    let output = example::program("receive_from_queue")
        .env(
            "AZURE_STORAGE_CONNECTION_STRING",
            azurite.connection_string(),
        )
        .output()
        .expect("examples are built with the tests");
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{complaint}");
    let printed = String::from_utf8(output.stdout).expect("text");
    let mut lines: Vec<_> = printed.lines().collect();
    assert_eq!(lines.pop(), Some("9 messages are handled"), "{printed}");

    let mut kinds = Vec::new();
    for line in lines {
        let mut parts = line.splitn(3, ' ');
        let mut next = || parts.next().expect("three parts");
        let (kind, subject, data) = (next(), next(), next());
        let kind = kind.strip_prefix("Microsoft.Communication.Router");
        kinds.push(kind.expect("a kind of the router"));
        assert!(subject.starts_with("worker/alice") || subject.starts_with("job/job-1"));
        let data: serde_json::Value = serde_json::from_str(data).expect("JSON");
        assert!(
            data["jobId"] == "job-1" || data["workerId"] == "alice",
            "{data}"
        );
    }
    kinds.sort_unstable();
    assert_eq!(
        kinds,
        [
            "JobClosed",
            "JobCompleted",
            "JobQueued",
            "JobReceived",
            "WorkerDeregistered",
            "WorkerOfferAccepted",
            "WorkerOfferIssued",
            "WorkerRegistered",
            "WorkerUpdated",
        ]
    );
}
