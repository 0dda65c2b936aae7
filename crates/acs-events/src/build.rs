//! Building events as the service would send them.

use std::collections::BTreeMap;
use std::fmt;

use acs_types::Timestamp;

use crate::subject::subject;
use crate::{AcsEvent, Event, Schema};

/// A new event. What is not said has these defaults: an id that is random, the subject that the service gives events of this type,
/// the time at which it is built, no source, the data version `1.0`, and the schema of Event Grid.
///
/// ```
/// use acs_events::Event;
/// use acs_events::models::AcsRouterWorkerDeregisteredEventData;
///
/// let event = Event::builder(AcsRouterWorkerDeregisteredEventData::new("w")).build()?;
/// assert_eq!(event.subject(), "worker/w");
/// assert_eq!(event.event_type(), "Microsoft.Communication.RouterWorkerDeregistered");
/// # Ok::<(), acs_events::BuildError>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "an event is made by `build`"]
pub struct EventBuilder {
    data: AcsEvent,
    schema: Schema,
    id: Option<String>,
    source: String,
    subject: Option<String>,
    time: Option<Timestamp>,
}

impl EventBuilder {
    pub(crate) fn new(data: AcsEvent) -> Self {
        Self {
            data,
            schema: Schema::EventGrid,
            id: None,
            source: String::new(),
            subject: None,
            time: None,
        }
    }

    /// The id. Default: a random one.
    pub fn id(self, id: impl Into<String>) -> Self {
        Self {
            id: Some(id.into()),
            ..self
        }
    }

    /// The resource that publishes the event, such as
    /// `/subscriptions/<id>/resourceGroups/<name>/providers/Microsoft.Communication/communicationServices/<name>`. Default: none.
    pub fn source(self, source: impl Into<String>) -> Self {
        Self {
            source: source.into(),
            ..self
        }
    }

    /// The subject. Default: the pattern of the type, filled from the data; empty if the type has none or the data lacks an id.
    pub fn subject(self, subject: impl Into<String>) -> Self {
        Self {
            subject: Some(subject.into()),
            ..self
        }
    }

    /// When the event happened. Default: now.
    pub fn time(self, time: impl Into<Timestamp>) -> Self {
        Self {
            time: Some(time.into()),
            ..self
        }
    }

    /// The envelope. Default: that of Event Grid.
    pub fn schema(self, schema: Schema) -> Self {
        Self { schema, ..self }
    }

    /// Makes the event.
    ///
    /// # Errors
    ///
    /// The data holds what JSON cannot carry, such as a number that is none.
    pub fn build(self) -> Result<Event, BuildError> {
        let written = serde_json::to_string(&self.data).map_err(BuildError::new)?;
        let subject = self
            .subject
            .unwrap_or_else(|| usual_subject(&self.data, &written));
        let now = || Timestamp::from(std::time::SystemTime::now());
        Ok(Event {
            schema: self.schema,
            id: self.id.unwrap_or_else(|| uuid::Uuid::new_v4().to_string()),
            source: self.source,
            subject,
            time: Some(self.time.unwrap_or_else(now)),
            data_version: Some("1.0".to_owned()),
            metadata_version: Some("1".to_owned()),
            attributes: BTreeMap::new(),
            raw_data: written.into(),
            data: self.data,
        })
    }
}

fn usual_subject(data: &AcsEvent, written: &str) -> String {
    let pattern = data
        .known_type()
        .and_then(|known| known.subjects.first().copied());
    // What was just written is JSON; without a pattern there is nothing to fill.
    pattern
        .zip(serde_json::from_str(written).ok())
        .and_then(|(pattern, data)| subject(pattern, &data))
        .unwrap_or_default()
}

/// An event that cannot be written.
#[derive(Debug)]
pub struct BuildError(Reason);

#[derive(Debug)]
enum Reason {
    Json(serde_json::Error),
    TooLong(usize),
}

impl BuildError {
    pub(crate) fn new(error: serde_json::Error) -> Self {
        Self(Reason::Json(error))
    }

    pub(crate) fn too_long(length: usize) -> Self {
        Self(Reason::TooLong(length))
    }
}

impl fmt::Display for BuildError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Reason::Json(error) => {
                write!(
                    formatter,
                    "the data of the event cannot be written: {error}"
                )
            }
            Reason::TooLong(length) => write!(
                formatter,
                "the event makes a message of {length} bytes, and a queue takes {}",
                crate::publish::LARGEST_MESSAGE
            ),
        }
    }
}

impl std::error::Error for BuildError {}
