//! The samples of the event catalogue are events of the types that they stand under.

use std::collections::BTreeSet;
use std::path::Path;

use acs_events::Event;
use acs_events::event_types::EVENT_TYPES;
use acs_test_support::json_difference;

#[test]
fn every_type_has_a_sample_that_is_read_and_written_back() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/events/catalogue");
    let mut sampled = BTreeSet::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let page = std::fs::read_to_string(entry.expect("an entry").path()).expect("a text");
        for sample in page.split("```json").skip(1) {
            let sample = sample.split("```").next().expect("an end");
            let event = Event::read(sample).unwrap_or_else(|error| panic!("{error}: {sample}"));
            let written = serde_json::to_value(&event).expect("writable");
            let sample = serde_json::from_str(sample).expect("JSON");
            assert_eq!(json_difference(&sample, &written), None, "{written}");
            sampled.insert(event.data().known_type().expect("known").name);
        }
    }
    let known: BTreeSet<_> = EVENT_TYPES.iter().map(|known| known.name).collect();
    assert_eq!(sampled, known);
}
