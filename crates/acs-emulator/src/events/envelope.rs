//! An event in the form in which Event Grid delivers it.

use acs_types::Timestamp;
use serde::Serialize;

use super::{Event, EventData};

/// The resource that all events come from. There is only one, and no subscription stands behind it.
const TOPIC: &str = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/acs-emulator/providers/\
                     Microsoft.Communication/communicationServices/acs-emulator";

/// The version of the schema of `data`, the same for all kinds of event.
pub(crate) const DATA_VERSION: &str = "1.0";

/// The version of the envelope.
pub(crate) const METADATA_VERSION: &str = "1";

/// One event in the Event Grid schema.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Envelope<'e> {
    id: &'e str,
    topic: &'static str,
    subject: &'e str,
    data: &'e EventData,
    event_type: &'static str,
    event_time: Timestamp,
    data_version: &'static str,
    metadata_version: &'static str,
}

impl<'e> Envelope<'e> {
    pub(crate) fn new(event: &'e Event) -> Self {
        Self {
            id: &event.id,
            topic: TOPIC,
            subject: &event.subject,
            data: &event.data,
            event_type: event.kind.event_type(),
            event_time: event.time,
            data_version: DATA_VERSION,
            metadata_version: METADATA_VERSION,
        }
    }
}

/// The event of a handshake, which nothing in the emulator has caused.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ValidationEnvelope<'v> {
    pub(crate) id: &'v str,
    topic: &'static str,
    subject: &'static str,
    data: ValidationData<'v>,
    event_type: &'static str,
    event_time: Timestamp,
    data_version: &'static str,
    metadata_version: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ValidationData<'v> {
    validation_code: &'v str,
    validation_url: &'v str,
}

/// The version of the schema of a handshake's `data`.
pub(crate) const VALIDATION_VERSION: &str = "2";

impl<'v> ValidationEnvelope<'v> {
    pub(crate) fn new(id: &'v str, code: &'v str, url: &'v str, time: Timestamp) -> Self {
        Self {
            id,
            topic: TOPIC,
            subject: "",
            data: ValidationData {
                validation_code: code,
                validation_url: url,
            },
            event_type: "Microsoft.EventGrid.SubscriptionValidationEvent",
            event_time: time,
            data_version: VALIDATION_VERSION,
            metadata_version: METADATA_VERSION,
        }
    }
}
