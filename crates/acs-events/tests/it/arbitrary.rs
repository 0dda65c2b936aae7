//! Whatever comes in, nothing panics: random bytes, and samples with some bytes changed. `fuzz` holds the same for longer runs.

use std::path::Path;

use acs_events::webhook::{Outcome, Protection, Received, Request, Webhook};
use acs_events::{Envelope, Event, read_events, read_message};
use acs_types::Timestamp;
use proptest::collection::vec;
use proptest::prelude::{ProptestConfig, any, proptest};
use proptest::sample::{Index, select};
use serde::de::IgnoredAny;
use serde_json::Value;

fn samples() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/samples");
    let mut samples: Vec<_> = std::fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| std::fs::read(entry.expect("an entry").path()).expect("a sample"))
        .collect();
    samples.sort();
    samples
}

/// What is read as an event is written and read again as the same; all else is an error with a text.
fn check(body: &[u8]) {
    match read_events(body) {
        Err(error) => assert!(!error.to_string().is_empty()),
        Ok(events) => {
            for event in events.into_iter().flatten() {
                let json = serde_json::to_string(&event).expect("what was read can be written");
                let again = Event::read(&json).expect("what was written can be read");
                assert_eq!(again.data(), event.data());
            }
        }
    }
    let text = String::from_utf8_lossy(body);
    check_envelope(&text);
    if let Err(error) = read_message(&text) {
        assert!(!error.to_string().is_empty());
    }
    let webhook = Webhook::builder(Protection::open()).build();
    let request = Request::new("POST", body).with_query(&text);
    let answer = match webhook.receive(&request, Timestamp::UNIX_EPOCH) {
        Received::Answer(answer) => answer,
        Received::Events(mut delivery) => {
            for index in delivery.pending() {
                delivery.settle(index, Outcome::Done);
            }
            delivery.finish()
        }
    };
    assert!([200, 400].contains(&answer.status()), "{answer:?}");
}

/// An envelope is read from JSON alone, and holds what another reader finds.
fn check_envelope(text: &str) {
    let Ok(envelope) = Envelope::read(text) else {
        return;
    };
    let _: IgnoredAny = serde_json::from_str(text).expect("JSON");
    // The other reader gives up on deep nesting, and on numbers that are too large for it.
    if let Ok(members) = serde_json::from_str::<Value>(text) {
        assert_eq!(members["id"], envelope.id());
        let data = envelope.data().unwrap_or("null");
        let data: Value = serde_json::from_str(data).expect("JSON");
        assert_eq!(members.get("data").unwrap_or(&Value::Null), &data);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_are_events_or_errors(body in vec(any::<u8>(), 0..200)) {
        check(&body);
    }

    #[test]
    fn changed_samples_are_events_or_errors(
        sample in select(samples()),
        changes in vec((any::<Index>(), any::<u8>()), 1..6),
        end in any::<Index>(),
        cut in any::<bool>(),
    ) {
        let mut body = sample;
        for (place, byte) in changes {
            let place = place.index(body.len());
            body[place] = byte;
        }
        if cut {
            body.truncate(end.index(body.len()));
        }
        check(&body);
    }
}
