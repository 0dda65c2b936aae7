//! The envelope of an event, borrowed from the text it is read from.

use std::borrow::Cow;
use std::fmt;

use acs_types::{ParseTimestampError, Timestamp};
use serde::de::{self, Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::scan::plain_members;
use crate::{ReadError, Schema};

/// The envelope of an event with its data still unread. Nothing is copied but texts with escapes.
///
/// Reading it is much cheaper than reading the event: use it to route, count or filter events by type and subject, and
/// [`decode`](Self::decode) those that matter.
///
/// ```
/// use acs_events::Envelope;
///
/// let envelope = Envelope::read(r#"{
///     "id": "1", "topic": "/subscriptions/s", "subject": "worker/w", "eventTime": "2024-01-18T09:30:00Z",
///     "eventType": "Microsoft.Communication.RouterWorkerDeregistered", "dataVersion": "1.0", "metadataVersion": "1",
///     "data": {"workerId": "w"}
/// }"#)?;
/// assert!(envelope.event_type().ends_with("RouterWorkerDeregistered"));
/// assert_eq!(envelope.decode()?.subject(), "worker/w");
/// # Ok::<(), acs_events::ReadError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Envelope<'a> {
    pub(crate) schema: Schema,
    pub(crate) id: Cow<'a, str>,
    pub(crate) source: Cow<'a, str>,
    pub(crate) subject: Cow<'a, str>,
    pub(crate) event_type: Cow<'a, str>,
    pub(crate) time: Option<Cow<'a, str>>,
    pub(crate) data_version: Option<Cow<'a, str>>,
    pub(crate) metadata_version: Option<Cow<'a, str>>,
    pub(crate) data: Option<&'a str>,
    pub(crate) data_base64: Option<Cow<'a, str>>,
    /// What else the envelope holds, in the order in which it came.
    pub(crate) attributes: Vec<(Cow<'a, str>, &'a RawValue)>,
}

impl<'a> Envelope<'a> {
    /// Reads the envelope of one event, in either schema.
    ///
    /// # Errors
    ///
    /// The text is not JSON, or no event: it has no id, no type, or a member of the envelope is not a text.
    pub fn read(text: &'a str) -> Result<Self, ReadError> {
        let members = match plain_members(text) {
            Some(members) => members,
            None => serde_json::from_str(text).map_err(|error| ReadError::not_json(error, text))?,
        };
        members.envelope(text)
    }

    /// Reads the envelope of one event from bytes, which have to be UTF-8.
    ///
    /// # Errors
    ///
    /// As for [`read`](Self::read).
    pub fn from_slice(bytes: &'a [u8]) -> Result<Self, ReadError> {
        let text = std::str::from_utf8(bytes).map_err(|error| ReadError::not_utf8(error, bytes))?;
        Self::read(text)
    }

    /// Which schema the event came in.
    #[must_use]
    pub fn schema(&self) -> Schema {
        self.schema
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

    /// The name of the type as it came.
    #[must_use]
    pub fn event_type(&self) -> &str {
        &self.event_type
    }

    /// When the event happened; `None` if the sender left it out.
    ///
    /// # Errors
    ///
    /// The text is no date in any of the forms that senders use.
    pub fn time(&self) -> Result<Option<Timestamp>, ParseTimestampError> {
        self.time.as_deref().map(Timestamp::parse).transpose()
    }

    /// The data as it came, which is JSON; `None` if it is absent or encoded as base64.
    #[must_use]
    pub fn data(&self) -> Option<&'a str> {
        self.data
    }
}

/// Members of both schemas as they were found.
#[derive(Debug, Default)]
pub(crate) struct Members<'a> {
    id: Option<Cow<'a, str>>,
    topic: Option<Cow<'a, str>>,
    source: Option<Cow<'a, str>>,
    subject: Option<Cow<'a, str>>,
    event_type: Option<Cow<'a, str>>,
    cloud_type: Option<Cow<'a, str>>,
    event_time: Option<Cow<'a, str>>,
    time: Option<Cow<'a, str>>,
    data_version: Option<Cow<'a, str>>,
    metadata_version: Option<Cow<'a, str>>,
    spec_version: Option<Cow<'a, str>>,
    pub(crate) data: Option<&'a str>,
    data_base64: Option<Cow<'a, str>>,
    attributes: Vec<(Cow<'a, str>, &'a RawValue)>,
}

impl<'a> Members<'a> {
    fn envelope(self, text: &str) -> Result<Envelope<'a>, ReadError> {
        let (schema, event_type) = match (self.spec_version, self.event_type, self.cloud_type) {
            (Some(version), _, Some(event_type)) if version == "1.0" => {
                (Schema::CloudEvents, event_type)
            }
            (Some(version), _, _) if version != "1.0" => {
                return Err(ReadError::no_event(
                    "CloudEvents of another version than 1.0",
                    text,
                ));
            }
            (Some(_), _, _) => return Err(ReadError::missing("type", text)),
            (None, Some(event_type), _) => (Schema::EventGrid, event_type),
            (None, None, Some(_)) => return Err(ReadError::missing("specversion", text)),
            (None, None, None) => return Err(ReadError::no_event("an object", text)),
        };
        let id = self.id.filter(|id| !id.is_empty());
        let (source, time) = match schema {
            Schema::EventGrid => (self.topic, self.event_time),
            Schema::CloudEvents => (self.source, self.time),
        };
        Ok(Envelope {
            schema,
            id: id.ok_or_else(|| ReadError::missing("id", text))?,
            source: source.unwrap_or_default(),
            subject: self.subject.unwrap_or_default(),
            event_type,
            time,
            data_version: self.data_version,
            metadata_version: self.metadata_version,
            data: self.data,
            data_base64: self.data_base64,
            attributes: self.attributes,
        })
    }

    /// The place of a member that is a text; `None` for all others.
    pub(crate) fn text(&mut self, name: &str) -> Option<&mut Option<Cow<'a, str>>> {
        Some(match name {
            "id" => &mut self.id,
            "topic" => &mut self.topic,
            "source" => &mut self.source,
            "subject" => &mut self.subject,
            "eventType" => &mut self.event_type,
            "type" => &mut self.cloud_type,
            "eventTime" => &mut self.event_time,
            "time" => &mut self.time,
            "dataVersion" => &mut self.data_version,
            "metadataVersion" => &mut self.metadata_version,
            "specversion" | "specVersion" => &mut self.spec_version,
            "data_base64" => &mut self.data_base64,
            _ => return None,
        })
    }
}

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an event, which is an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
        let mut members = Members::default();
        while let Some(Text(name)) = map.next_key()? {
            if name == "data" {
                refuse_repeated(members.data.is_some(), &name)?;
                let data: Option<&RawValue> = map.next_value()?;
                members.data = data.map(RawValue::get);
            } else if let Some(member) = members.text(&name) {
                refuse_repeated(member.is_some(), &name)?;
                let TextOrNull(value) = map
                    .next_value()
                    .map_err(|error| de::Error::custom(format_args!("`{name}`: {error}")))?;
                *member = value;
            } else {
                members.attributes.push((name, map.next_value()?));
            }
        }
        Ok(members)
    }
}

/// Two members of one name: either could be meant.
fn refuse_repeated<E: de::Error>(repeated: bool, name: &str) -> Result<(), E> {
    if repeated {
        return Err(E::custom(format_args!("`{name}` is there twice")));
    }
    Ok(())
}

/// A text, borrowed if it has no escapes.
struct Text<'a>(Cow<'a, str>);

/// The same, or null.
struct TextOrNull<'a>(Option<Cow<'a, str>>);

impl<'de> Deserialize<'de> for Text<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = deserializer.deserialize_str(TextVisitor)?;
        Ok(Self(text.unwrap_or_default()))
    }
}

impl<'de> Deserialize<'de> for TextOrNull<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextVisitor).map(Self)
    }
}

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Option<Cow<'de, str>>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a text")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Some(Cow::Borrowed(text)))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Some(Cow::Owned(text.to_owned())))
    }
}
