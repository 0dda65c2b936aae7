//! Bodies of webhook calls.

#![no_main]

use acs_events::{Envelope, Event, read_events};
use libfuzzer_sys::fuzz_target;
use serde::de::IgnoredAny;

fuzz_target!(|body: &[u8]| {
    for event in read_events(body).into_iter().flatten().flatten() {
        let json = serde_json::to_string(&event).expect("what was read can be written");
        let again = Event::read(&json).expect("what was written can be read");
        assert_eq!(again.data(), event.data());
    }
    // Most envelopes are read by a scanner of ours: it must not take what is no JSON.
    if let Ok(envelope) = Envelope::from_slice(body) {
        let _: IgnoredAny = serde_json::from_slice(body).expect("JSON");
        let _: Option<IgnoredAny> = envelope
            .data()
            .map(|data| serde_json::from_str(data).expect("JSON"));
    }
});
