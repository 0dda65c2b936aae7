//! Bodies with one event or many, and queue messages.

use std::fmt;

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde::de::{Deserialize, Deserializer, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::{Event, ReadError};

/// The most events of one body: as many as Event Grid puts into a batch at most.
pub const MAX_EVENTS: usize = 5_000;

/// What became of each event of a body, in its order.
pub type ReadEvents = Vec<Result<Event, ReadError>>;

/// Reads a body: a single event, or a list of events, in either envelope.
///
/// Each event is read by itself: one that is wrong is an error in its place and takes no other with it.
///
/// ```
/// let body = br#"[{"id": "1", "eventType": "Contoso.Moved", "subject": "", "data": {}}, {"id": "2"}]"#;
/// let events = acs_events::read_events(body)?;
/// assert!(events[0].is_ok() && events[1].is_err());
/// # Ok::<(), acs_events::ReadError>(())
/// ```
///
/// # Errors
///
/// The body is not UTF-8, not JSON, neither an object nor a list, or a list of more than [`MAX_EVENTS`] events.
pub fn read_events(body: &[u8]) -> Result<ReadEvents, ReadError> {
    let text = std::str::from_utf8(body).map_err(|error| ReadError::not_utf8(error, body))?;
    read_text(text)
}

/// Reads the text of a queue message: base64 as Event Grid writes it, or the JSON itself.
///
/// A message holds one event; a list is read, too.
///
/// # Errors
///
/// The text is neither JSON nor base64, or what it encodes is no event; see [`read_events`].
pub fn read_message(message: &str) -> Result<ReadEvents, ReadError> {
    if starts_as_json(message) {
        return read_text(message);
    }
    let encoded: String = message.split_ascii_whitespace().collect();
    let bytes = BASE64
        .decode(encoded.as_bytes())
        .ok()
        .filter(|bytes| !bytes.is_empty())
        .ok_or_else(|| ReadError::not_base64(message))?;
    read_events(&bytes)
}

/// Writers disagree on padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

fn starts_as_json(text: &str) -> bool {
    without_mark(text)
        .trim_ascii_start()
        .starts_with(['{', '['])
}

/// Some writers put a byte order mark in front.
fn without_mark(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

fn read_text(text: &str) -> Result<ReadEvents, ReadError> {
    let text = without_mark(text);
    if !text.trim_ascii_start().starts_with('[') {
        // A list of events may hold one that is wrong; a body that is wrong as a whole is no event at all.
        return match Event::read(text) {
            Err(error) if error.id().is_none() => Err(error),
            result => Ok(vec![result]),
        };
    }
    let Items(items) = serde_json::from_str(text).map_err(|error| match error.is_data() {
        true => ReadError::too_many(MAX_EVENTS, text),
        false => ReadError::not_json(error, text),
    })?;
    Ok(items
        .into_iter()
        .map(|item| Event::read(item.get()))
        .collect())
}

/// The elements of a list, not read yet.
struct Items<'a>(Vec<&'a RawValue>);

impl<'de> Deserialize<'de> for Items<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(ItemsVisitor)
    }
}

struct ItemsVisitor;

impl<'de> Visitor<'de> for ItemsVisitor {
    type Value = Items<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "a list of at most {MAX_EVENTS} events")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Items<'de>, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = sequence.next_element()? {
            if items.len() == MAX_EVENTS {
                return Err(serde::de::Error::invalid_length(MAX_EVENTS + 1, &self));
            }
            items.push(item);
        }
        Ok(Items(items))
    }
}
