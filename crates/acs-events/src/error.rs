//! Why something could not be read as an event.

use std::fmt;

use crate::data::DataError;

/// Something that is no event, or an event whose data does not fit its type.
///
/// Nothing is lost: [`raw`](Self::raw) is the text of the event as it came, so that it can be put aside. Neither `Display` nor
/// `Debug` shows it, as it may hold what people wrote.
pub struct ReadError {
    reason: Reason,
    id: Option<Box<str>>,
    event_type: Option<Box<str>>,
    raw: Box<str>,
}

#[derive(Debug)]
enum Reason {
    NotUtf8(std::str::Utf8Error),
    NotBase64,
    NotJson(serde_json::Error),
    NoEvent(&'static str),
    TooMany(usize),
    Missing(&'static str),
    Time(acs_types::ParseTimestampError),
    Data(DataError),
}

/// What kind of failure a [`ReadError`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ReadErrorKind {
    /// The text is not UTF-8, or a queue message is neither JSON nor base64.
    Encoding,
    /// The text is not JSON.
    Json,
    /// The JSON is not an event in one of the two envelopes, or a list of them.
    Envelope,
    /// The envelope is right; the data does not fit the type of the event.
    Data,
}

impl ReadError {
    fn new(reason: Reason, raw: &str) -> Self {
        Self {
            reason,
            id: None,
            event_type: None,
            raw: raw.into(),
        }
    }

    pub(crate) fn not_utf8(error: std::str::Utf8Error, bytes: &[u8]) -> Self {
        Self::new(Reason::NotUtf8(error), &String::from_utf8_lossy(bytes))
    }

    pub(crate) fn not_base64(raw: &str) -> Self {
        Self::new(Reason::NotBase64, raw)
    }

    /// A shape that is wrong is an error of the same reader as wrong JSON.
    pub(crate) fn not_json(error: serde_json::Error, raw: &str) -> Self {
        let error = if error.is_data() {
            error
        } else {
            clearer(error, raw)
        };
        Self::new(Reason::NotJson(error), raw)
    }

    pub(crate) fn no_event(found: &'static str, raw: &str) -> Self {
        Self::new(Reason::NoEvent(found), raw)
    }

    pub(crate) fn too_many(limit: usize, raw: &str) -> Self {
        Self::new(Reason::TooMany(limit), raw)
    }

    pub(crate) fn missing(member: &'static str, raw: &str) -> Self {
        Self::new(Reason::Missing(member), raw)
    }

    pub(crate) fn time(error: acs_types::ParseTimestampError) -> Self {
        Self::new(Reason::Time(error), "")
    }

    pub(crate) fn data(error: DataError) -> Self {
        Self::new(Reason::Data(error), "")
    }

    pub(crate) fn of_event(self, id: &str, event_type: &str) -> Self {
        Self {
            id: Some(id.into()),
            event_type: Some(event_type.into()),
            ..self
        }
    }

    pub(crate) fn with_raw(mut self, raw: &str) -> Self {
        if self.raw.is_empty() {
            self.raw = raw.into();
        }
        self
    }

    /// What kind of failure it is.
    #[must_use]
    pub fn kind(&self) -> ReadErrorKind {
        match &self.reason {
            Reason::NotUtf8(_) | Reason::NotBase64 => ReadErrorKind::Encoding,
            Reason::NotJson(error) if error.is_data() => ReadErrorKind::Envelope,
            Reason::NotJson(_) => ReadErrorKind::Json,
            Reason::NoEvent(_) | Reason::TooMany(_) | Reason::Missing(_) | Reason::Time(_) => {
                ReadErrorKind::Envelope
            }
            Reason::Data(_) => ReadErrorKind::Data,
        }
    }

    /// The id of the event, if it could be read.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// The type of the event, if it could be read.
    #[must_use]
    pub fn event_type(&self) -> Option<&str> {
        self.event_type.as_deref()
    }

    /// The text as it came; bytes that are no UTF-8 are replaced.
    #[must_use]
    pub fn raw(&self) -> &str {
        &self.raw
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.event_type, &self.id) {
            (Some(event_type), Some(id)) => write!(formatter, "the event {id:?} ({event_type}): ")?,
            _ => formatter.write_str("not an event: ")?,
        }
        match &self.reason {
            Reason::NotUtf8(error) => write!(formatter, "{error}"),
            Reason::NotBase64 => formatter
                .write_str("neither JSON nor base64; a message holds one event in either form"),
            Reason::NotJson(error) => write!(formatter, "{error}"),
            Reason::NoEvent(found) => write!(
                formatter,
                "{found}, where an object with `eventType` or `specversion` and `type` is expected"
            ),
            Reason::TooMany(limit) => write!(formatter, "a list of more than {limit} events"),
            Reason::Missing(member) => write!(formatter, "it has no `{member}`"),
            Reason::Time(error) => write!(formatter, "its time: {error}"),
            Reason::Data(error) => write!(formatter, "its data: {error}"),
        }
    }
}

impl fmt::Debug for ReadError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ReadError")
            .field("reason", &self.reason)
            .field("id", &self.id)
            .field("event_type", &self.event_type)
            .field("raw_length", &self.raw.len())
            .finish()
    }
}

impl std::error::Error for ReadError {}

/// Reading without building values calls a trailing comma a missing key; reading once more finds the better word. Where
/// both stop at another place, the first error stands: the second reader gives up on deep nesting.
fn clearer(error: serde_json::Error, raw: &str) -> serde_json::Error {
    match serde_json::from_str::<serde_json::Value>(raw) {
        Err(other) if (other.line(), other.column()) == (error.line(), error.column()) => other,
        _ => error,
    }
}
