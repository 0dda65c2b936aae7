//! One event: the members of its envelope and its typed data.

use std::collections::BTreeMap;

use acs_types::Timestamp;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use crate::{AcsEvent, Envelope, EventBuilder, ReadError, Schema};

/// An event of Azure Communication Services, in either envelope.
///
/// [`data`](Self::data) is the typed data, [`raw_data`](Self::raw_data) the same as it came, with members that this version
/// does not know. Serialising an event writes the envelope that it came in, and the data as the specification has it: usual
/// spellings and forms, whatever was read.
///
/// ```
/// use acs_events::{AcsEvent, Event};
///
/// let event = Event::read(r#"{
///     "id": "1", "source": "/subscriptions/s", "subject": "worker/w", "time": "2024-01-18T09:30:00.1736293Z",
///     "type": "Microsoft.Communication.RouterWorkerDeregistered", "specversion": "1.0",
///     "data": {"workerId": "w", "mood": "tired"}
/// }"#)?;
/// match event.data() {
///     AcsEvent::RouterWorkerDeregistered(data) => assert_eq!(data.worker_id, "w"),
///     other => println!("nothing to do for {other:?}"),
/// }
/// assert!(event.raw_data().contains("tired"));
/// # Ok::<(), acs_events::ReadError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Event {
    pub(crate) schema: Schema,
    pub(crate) id: String,
    pub(crate) source: String,
    pub(crate) subject: String,
    pub(crate) time: Option<Timestamp>,
    pub(crate) data_version: Option<String>,
    pub(crate) metadata_version: Option<String>,
    pub(crate) attributes: BTreeMap<String, Box<RawValue>>,
    pub(crate) data: AcsEvent,
    pub(crate) raw_data: Box<str>,
}

impl Event {
    /// Reads one event in either envelope.
    ///
    /// # Errors
    ///
    /// The text is not JSON, is no event, or its data does not fit its type; the error tells which, names the member, and keeps
    /// the text. An event of a type that is not known is no error: see [`AcsEvent::Unknown`].
    pub fn read(text: &str) -> Result<Self, ReadError> {
        Envelope::read(text)?
            .decode()
            .map_err(|error| error.with_raw(text))
    }

    /// Begins a new event with typed data; the rest has defaults.
    pub fn builder(data: impl Into<AcsEvent>) -> EventBuilder {
        EventBuilder::new(data.into())
    }

    /// Which envelope the event came in, or is written in.
    #[must_use]
    pub fn schema(&self) -> Schema {
        self.schema
    }

    /// The same event in the other envelope, or in the same.
    #[must_use]
    pub fn in_schema(self, schema: Schema) -> Self {
        Self { schema, ..self }
    }

    /// The id of the event. An event that arrives again has the same one.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The resource that published the event: `topic` in the schema of Event Grid, `source` in CloudEvents. Its letter case
    /// varies. Empty if the sender left it out.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// What the event is about, such as `job/<id>/channel/<id>`. Empty if the sender left it out.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// When the event happened; `None` if the sender left it out.
    #[must_use]
    pub fn time(&self) -> Option<Timestamp> {
        self.time
    }

    /// The version of the data, usually `1.0`; only the schema of Event Grid has it.
    #[must_use]
    pub fn data_version(&self) -> Option<&str> {
        self.data_version.as_deref()
    }

    /// What else the envelope holds, by name: extension attributes of CloudEvents, the reasons in a dead-lettered copy.
    pub fn attributes(&self) -> impl Iterator<Item = (&str, &RawValue)> {
        self.attributes
            .iter()
            .map(|(name, value)| (name.as_str(), &**value))
    }

    /// The name of the type in its usual spelling.
    #[must_use]
    pub fn event_type(&self) -> &str {
        match &self.data {
            AcsEvent::Unknown(event) => event.event_type(),
            known => known.known_type().map_or("", |known| known.name),
        }
    }

    /// The typed data.
    #[must_use]
    pub fn data(&self) -> &AcsEvent {
        &self.data
    }

    /// The typed data, by itself.
    #[must_use]
    pub fn into_data(self) -> AcsEvent {
        self.data
    }

    /// The data as it came, which is JSON, or as it is written if the event was built here.
    #[must_use]
    pub fn raw_data(&self) -> &str {
        &self.raw_data
    }
}

impl Envelope<'_> {
    /// Reads the data, and the time of the event.
    ///
    /// # Errors
    ///
    /// The time is none, or the data is absent or does not fit its type.
    pub fn decode(&self) -> Result<Event, ReadError> {
        let described = |error: ReadError| error.of_event(&self.id, &self.event_type);
        let time = self
            .time()
            .map_err(|error| described(ReadError::time(error)))?;
        let raw_data = self.raw_data().map_err(described)?;
        let data = AcsEvent::read(&self.event_type, &raw_data)
            .map_err(|error| described(ReadError::data(error)))?;
        let owned = |text: &Option<std::borrow::Cow<'_, str>>| text.as_deref().map(str::to_owned);
        Ok(Event {
            schema: self.schema,
            id: self.id.as_ref().to_owned(),
            source: self.source.as_ref().to_owned(),
            subject: self.subject.as_ref().to_owned(),
            time,
            data_version: owned(&self.data_version),
            metadata_version: owned(&self.metadata_version),
            attributes: self
                .attributes
                .iter()
                .map(|(name, value)| (name.as_ref().to_owned(), (*value).to_owned()))
                .collect(),
            data,
            raw_data,
        })
    }

    /// The data as JSON; null stands for absent data of a type that needs none.
    fn raw_data(&self) -> Result<Box<str>, ReadError> {
        if let Some(data) = self.data {
            return Ok(data.into());
        }
        let Some(encoded) = &self.data_base64 else {
            let known = crate::EventType::find(&self.event_type);
            return if known.is_some_and(|known| known.payload.is_some()) {
                Err(ReadError::missing("data", ""))
            } else {
                Ok("null".into())
            };
        };
        let bytes = STANDARD
            .decode(encoded.as_bytes())
            .map_err(|_| ReadError::not_base64(""))?;
        let text = String::from_utf8(bytes)
            .map_err(|error| ReadError::not_utf8(error.utf8_error(), b""))?;
        // Whether this is JSON shows when it is read into its type.
        Ok(text.into())
    }
}

impl Serialize for Event {
    /// Writes the envelope of [`schema`](Self::schema).
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.write(self.schema, serializer)
    }
}

impl Event {
    /// Writes the event in one of the envelopes.
    pub(crate) fn write<S: Serializer>(
        &self,
        schema: Schema,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("id", &self.id)?;
        let time = self.time.map(|time| utc_mark(&time));
        match schema {
            Schema::EventGrid => {
                write_unless_empty(&mut map, "topic", &self.source)?;
                map.serialize_entry("subject", &self.subject)?;
                map.serialize_entry("data", &self.data)?;
                map.serialize_entry("eventType", self.event_type())?;
                write_present(&mut map, "eventTime", &time)?;
                write_present(&mut map, "dataVersion", &self.data_version)?;
                write_present(&mut map, "metadataVersion", &self.metadata_version)?;
            }
            Schema::CloudEvents => {
                map.serialize_entry("source", &self.source)?;
                write_unless_empty(&mut map, "subject", &self.subject)?;
                map.serialize_entry("data", &self.data)?;
                map.serialize_entry("type", self.event_type())?;
                write_present(&mut map, "time", &time)?;
                map.serialize_entry("specversion", "1.0")?;
            }
        }
        for (name, value) in &self.attributes {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

/// Envelopes mark UTC with a `Z`.
fn utc_mark(time: &Timestamp) -> String {
    let text = time.to_string();
    match text.strip_suffix("+00:00") {
        Some(text) => format!("{text}Z"),
        None => text,
    }
}

fn write_unless_empty<M: SerializeMap>(
    map: &mut M,
    name: &'static str,
    value: &str,
) -> Result<(), M::Error> {
    if value.is_empty() {
        return Ok(());
    }
    map.serialize_entry(name, value)
}

fn write_present<M: SerializeMap>(
    map: &mut M,
    name: &'static str,
    value: &Option<String>,
) -> Result<(), M::Error> {
    match value {
        Some(value) => map.serialize_entry(name, value),
        None => Ok(()),
    }
}
