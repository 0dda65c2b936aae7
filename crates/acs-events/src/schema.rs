//! The two envelopes that Event Grid delivers events in.

/// How an event is wrapped. An event subscription chooses it; both carry the same data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Schema {
    /// The schema of Event Grid: `id`, `topic`, `subject`, `eventType`, `eventTime`, `data`, `dataVersion`, `metadataVersion`.
    EventGrid,
    /// CloudEvents 1.0: `id`, `source`, `subject`, `type`, `time`, `data`, `specversion` and extension attributes.
    CloudEvents,
}

impl Schema {
    /// The content type of a delivery to a webhook: of a list in the schema of Event Grid, of a single event or a batch of
    /// CloudEvents.
    #[must_use]
    pub const fn content_type(self, batch: bool) -> &'static str {
        match (self, batch) {
            (Self::EventGrid, _) => "application/json; charset=utf-8",
            (Self::CloudEvents, false) => "application/cloudevents+json; charset=utf-8",
            (Self::CloudEvents, true) => "application/cloudevents-batch+json; charset=utf-8",
        }
    }
}
