//! Whole requests: method, header value, query and body, parted by lines.

#![no_main]

use acs_events::webhook::{Outcome, Protection, Received, Request, Webhook};
use acs_types::Timestamp;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &str| {
    let mut lines = input.splitn(4, '\n');
    let mut line = || lines.next().unwrap_or_default();
    let (method, header, query) = (line(), line(), line());
    let request = Request::new(method, line().as_bytes())
        .with_query(query)
        .with_headers([
            ("aeg-event-type", header),
            ("webhook-request-origin", header),
        ]);
    for protection in [Protection::open(), Protection::query("code", ["secret"])] {
        let webhook = Webhook::builder(protection).build();
        let answer = match webhook.receive(&request, Timestamp::UNIX_EPOCH) {
            Received::Answer(answer) => answer,
            Received::Events(mut delivery) => {
                for index in delivery.pending() {
                    delivery.settle(index, Outcome::Done);
                }
                delivery.finish()
            }
        };
        assert!([200, 400, 401, 403, 405, 413].contains(&answer.status()));
    }
});
