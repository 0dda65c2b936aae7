//! Texts of queue messages.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|message: &str| {
    if let Err(error) = acs_events::read_message(message) {
        assert!(!error.to_string().is_empty());
    }
});
