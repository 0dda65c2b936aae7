//! Both envelopes of every type of events: what is read into its type is written back.

use acs_events::event_types::EVENT_TYPES;
use acs_events::{AcsEvent, Envelope, Event, ReadErrorKind, Schema};
use acs_test_support::{check_carried, json_difference};
use serde_json::{Value, json};

use crate::generated::{DOCUMENT, MODELS};

fn envelope(schema: Schema, event_type: &str, data: &Value) -> Value {
    match schema {
        Schema::EventGrid => json!({
            "id": "event-1", "topic": "/subscriptions/s", "subject": "a/b", "data": data, "eventType": event_type,
            "eventTime": "2023-11-05T16:07:08.8417263Z", "dataVersion": "1.0", "metadataVersion": "1"
        }),
        Schema::CloudEvents => json!({
            "id": "event-1", "source": "/subscriptions/s", "subject": "a/b", "data": data, "type": event_type,
            "time": "2023-11-05T16:07:08.8417263Z", "specversion": "1.0", "traceparent": "00-1-2-01"
        }),
    }
}

/// Reads an event with this data and gives the data back as it is written, after checking all that is around it.
fn carry(schema: Schema, event_type: &str, data: &str) -> Result<Value, String> {
    let data: Value = serde_json::from_str(data).map_err(|error| error.to_string())?;
    let wrapped = envelope(schema, event_type, &data);
    let event = Event::read(&wrapped.to_string()).map_err(|error| error.to_string())?;
    let raw: Value = serde_json::from_str(event.raw_data()).map_err(|error| error.to_string())?;
    if raw != data {
        return Err("the raw data differs".to_owned());
    }
    if event.data().known_type().map(|known| known.name) != Some(event_type) {
        return Err(format!("{} is another type", event.event_type()));
    }
    let mut written = serde_json::to_value(&event).map_err(|error| error.to_string())?;
    let carried = written["data"].take();
    let around = envelope(schema, event_type, &Value::Null);
    match json_difference(&around, &written) {
        None => Ok(carried),
        Some(place) => Err(format!("the envelope differs at {place}: {written}")),
    }
}

#[test]
fn every_type_in_both_envelopes_is_written_as_it_was_read() {
    for known in EVENT_TYPES {
        for schema in [Schema::EventGrid, Schema::CloudEvents] {
            match known.payload {
                Some(payload) => check_carried(DOCUMENT, MODELS, payload, |data| {
                    carry(schema, known.name, data)
                }),
                None => {
                    let data = r#"{"what": ["ever", 5, null]}"#;
                    let carried = carry(schema, known.name, data).expect(known.name);
                    assert_eq!(carried["what"][0], "ever");
                }
            }
        }
    }
}

#[test]
fn another_spelling_of_a_type_is_read_as_the_type() {
    for known in EVENT_TYPES {
        for other in known.also_read {
            let data = json!({
                "jobId": "j", "channelId": "c", "queueId": "q", "labels": {}, "tags": {},
                "expiredRequestedWorkerSelectors": [], "expiredAttachedWorkerSelectors": []
            });
            let wrapped = envelope(Schema::EventGrid, other, &data);
            let event = Event::read(&wrapped.to_string()).expect(other);
            assert_eq!(event.event_type(), known.name);
        }
    }
}

#[test]
fn an_event_of_another_type_keeps_everything() {
    let data = json!({"blob": [1, {"size": 5.5}], "null": null});
    let mut wrapped = envelope(Schema::EventGrid, "Microsoft.Storage.BlobCreated", &data);
    wrapped["deadLetterReason"] = "MaxDeliveryAttemptsExceeded".into();
    wrapped["deliveryAttempts"] = 3.into();
    let event = Event::read(&wrapped.to_string()).expect("an event");
    let AcsEvent::Unknown(unknown) = event.data() else {
        panic!("{event:?}");
    };
    assert_eq!(unknown.event_type(), "Microsoft.Storage.BlobCreated");
    assert_eq!(event.event_type(), "Microsoft.Storage.BlobCreated");
    assert_eq!(event.attributes().count(), 2);
    assert_eq!(serde_json::to_value(&event).expect("writable"), wrapped);
}

#[test]
fn numbers_and_members_that_are_not_known_stay_in_the_raw_data() {
    let text = r#"{"id":"1","eventType":"Contoso.Counted","subject":"","data":{"n":123456789012345678901234567890}}"#;
    let event = Event::read(text).expect("an event");
    assert_eq!(event.raw_data(), r#"{"n":123456789012345678901234567890}"#);
    assert_eq!(serde_json::to_string(&event).expect("writable"), text.replace(
        r#""eventType":"Contoso.Counted","subject":"","data":{"n":123456789012345678901234567890}"#,
        r#""subject":"","data":{"n":123456789012345678901234567890},"eventType":"Contoso.Counted""#,
    ));
}

#[test]
fn an_envelope_borrows_and_leaves_the_data_alone() {
    let text = r#"{"id":"1","type":"Contoso.M\u00f6ved","source":"s","specVersion":"1.0","data":{"not":"read"}}"#;
    let envelope = Envelope::read(text).expect("an envelope");
    assert_eq!(envelope.event_type(), "Contoso.Möved");
    assert_eq!((envelope.id(), envelope.source()), ("1", "s"));
    assert_eq!(envelope.schema(), Schema::CloudEvents);
    assert_eq!(envelope.subject(), "");
    assert_eq!(envelope.time(), Ok(None));
    let data = envelope.data().expect("data");
    assert!(text.as_bytes().as_ptr_range().contains(&data.as_ptr()));
}

#[test]
fn data_in_base64_is_read_as_the_json_it_holds() {
    let text = r#"{"id":"1","type":"Microsoft.Communication.RouterWorkerDeregistered","source":"s","specversion":"1.0",
        "data_base64":"eyJ3b3JrZXJJZCI6InciLCJ4IjoxfQ=="}"#;
    let event = Event::read(text).expect("an event");
    assert!(
        matches!(event.data(), AcsEvent::RouterWorkerDeregistered(data) if data.worker_id == "w")
    );
    for wrong in ["!", "/w==", "e30K,"] {
        let text = format!(
            r#"{{"id":"1","type":"A.B","source":"s","specversion":"1.0","data_base64":"{wrong}"}}"#
        );
        Event::read(&text).expect_err(wrong);
    }
}

#[test]
fn what_is_no_envelope_is_refused_with_the_member() {
    for (text, kind, named) in [
        ("", ReadErrorKind::Json, "EOF"),
        ("5", ReadErrorKind::Envelope, "object"),
        ("{}", ReadErrorKind::Envelope, "`eventType`"),
        (r#"{"id":"1"}"#, ReadErrorKind::Envelope, "`eventType`"),
        (r#"{"eventType":"A.B"}"#, ReadErrorKind::Envelope, "`id`"),
        (
            r#"{"id":"","eventType":"A.B"}"#,
            ReadErrorKind::Envelope,
            "`id`",
        ),
        (
            r#"{"id":5,"eventType":"A.B"}"#,
            ReadErrorKind::Envelope,
            "`id`",
        ),
        (
            r#"{"id":"1","id":"2","eventType":"A.B"}"#,
            ReadErrorKind::Envelope,
            "twice",
        ),
        (
            r#"{"id":"1","type":"A.B"}"#,
            ReadErrorKind::Envelope,
            "`specversion`",
        ),
        (
            r#"{"id":"1","type":"A.B","specversion":"0.3"}"#,
            ReadErrorKind::Envelope,
            "1.0",
        ),
        (
            r#"{"id":"1","specversion":"1.0"}"#,
            ReadErrorKind::Envelope,
            "`type`",
        ),
        (
            r#"{"id":"1","eventType":"A.B","eventTime":"soon"}"#,
            ReadErrorKind::Envelope,
            "soon",
        ),
    ] {
        let error = Event::read(text).expect_err(text);
        assert_eq!(error.kind(), kind, "{text}: {error}");
        assert!(error.to_string().contains(named), "{text}: {error}");
        assert_eq!(error.raw(), text);
    }
}

#[test]
fn data_that_does_not_fit_is_refused_with_its_member_and_the_event() {
    let text = r#"{"id":"1","eventType":"Microsoft.Communication.RouterWorkerRegistered","data":{
        "workerId":"w","totalCapacity":"many","queueAssignments":[],"channelConfigurations":[],"labels":{},"tags":{}}}"#;
    let error = Event::read(text).expect_err("no number");
    assert_eq!(error.kind(), ReadErrorKind::Data);
    assert_eq!(error.id(), Some("1"));
    assert_eq!(
        error.event_type(),
        Some("Microsoft.Communication.RouterWorkerRegistered")
    );
    assert!(error.to_string().contains("totalCapacity"), "{error}");
    let text = r#"{"id":"1","eventType":"Microsoft.Communication.RouterWorkerRegistered"}"#;
    let error = Event::read(text).expect_err("no data");
    assert!(error.to_string().contains("`data`"), "{error}");
    assert!(!format!("{error:?}").contains("eventType"), "{error:?}");
}
