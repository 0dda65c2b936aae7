//! Bodies of webhook calls.

#![no_main]

use acs_events::{Event, read_events};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| {
    for event in read_events(body).into_iter().flatten().flatten() {
        let json = serde_json::to_string(&event).expect("what was read can be written");
        let again = Event::read(&json).expect("what was written can be read");
        assert_eq!(again.data(), event.data());
    }
});
