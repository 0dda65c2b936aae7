//! Bodies and queue messages: single events and lists, whole or partly wrong, and what senders of garbage send.

use acs_events::{MAX_EVENTS, ReadErrorKind, read_events, read_message};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};

fn event(id: &str) -> String {
    format!(
        r#"{{"id":"{id}","eventType":"Microsoft.Communication.RouterWorkerDeregistered","data":{{"workerId":"w"}}}}"#
    )
}

#[test]
fn a_wrong_event_takes_no_other_with_it() {
    let body = format!("[{}, 5, {}, {{}}, null]", event("1"), event("2"));
    let events = read_events(body.as_bytes()).expect("a list");
    let read: Vec<_> = events
        .iter()
        .map(|event| event.as_ref().ok().map(acs_events::Event::id))
        .collect();
    assert_eq!(read, [Some("1"), None, Some("2"), None, None]);
    assert_eq!(events[1].as_ref().expect_err("a number").raw(), "5");
}

#[test]
fn an_empty_list_is_no_event_and_no_error() {
    assert!(read_events(b"[]").expect("a list").is_empty());
}

#[test]
fn messages_are_base64_or_json() {
    let json = event("1");
    for message in [
        json.clone(),
        format!("\u{feff} \n{json}"),
        STANDARD.encode(&json),
        STANDARD_NO_PAD.encode(&json),
        STANDARD.encode(format!("\u{feff}{json}")),
        STANDARD.encode(format!("[{json}]")),
        format!(" {}\r\n", STANDARD.encode(&json)),
    ] {
        let events = read_message(&message).expect(&message);
        assert_eq!(events[0].as_ref().expect("an event").id(), "1");
    }
    for message in ["", "hello", "hello!", "%7B%7D", "e30"] {
        let error = read_message(message).expect_err(message);
        assert!(error.to_string().starts_with("not an event: "), "{error}");
    }
    let error = read_message("hello!").expect_err("no base64");
    assert_eq!(error.kind(), ReadErrorKind::Encoding);
    assert_eq!(error.raw(), "hello!");
}

#[test]
fn bodies_that_are_no_events_are_errors_of_a_kind() {
    for (body, kind) in [
        (b"".as_slice(), ReadErrorKind::Json),
        (b"not json", ReadErrorKind::Json),
        (b"\"text\"", ReadErrorKind::Envelope),
        (b"[1,]", ReadErrorKind::Json),
        (b"[{]", ReadErrorKind::Json),
        (b"{\"id\":\"\xff\"}", ReadErrorKind::Encoding),
    ] {
        let error = read_events(body).expect_err("no events");
        assert_eq!(error.kind(), kind, "{error}");
    }
}

#[test]
fn a_body_with_more_events_than_a_batch_holds_is_refused() {
    let body = |count: usize| format!("[{}]", vec!["1"; count].join(","));
    assert_eq!(
        read_events(body(MAX_EVENTS).as_bytes())
            .expect("a list")
            .len(),
        MAX_EVENTS
    );
    let error = read_events(body(MAX_EVENTS + 1).as_bytes()).expect_err("too many");
    assert!(error.to_string().contains("5000"), "{error}");
}

#[test]
fn deep_nesting_is_carried_or_refused_and_never_overflows_the_stack() {
    let deep = format!("{}{}", "[".repeat(500_000), "]".repeat(500_000));
    let unknown = format!(r#"{{"id":"1","eventType":"A.B","data":{deep}}}"#);
    let events = read_events(unknown.as_bytes()).expect("a body");
    assert_eq!(events[0].as_ref().expect("kept").raw_data(), deep);
    let known = format!(
        r#"{{"id":"1","eventType":"Microsoft.Communication.ChatMemberAddedToThreadWithUser","data":{deep}}}"#
    );
    let events = read_events(known.as_bytes()).expect("a body");
    let error = events[0].as_ref().expect_err("too deep to read");
    assert_eq!(error.kind(), ReadErrorKind::Data);
    read_events("[".repeat(1_000_000).as_bytes()).expect_err("no end");
}
