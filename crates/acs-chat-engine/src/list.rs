//! Lists: which part is asked for, and where the next part begins.

use std::fmt;
use std::str::FromStr;

use acs_types::Timestamp;

/// A part of a list of messages or threads.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PageRequest {
    /// Only what has changed in this second or later; for threads, those with a message since then.
    pub start_time: Option<Timestamp>,
    /// Where the page begins; at the newest without it.
    pub after: Option<Cursor>,
    /// How many items at most; at least one is taken.
    pub limit: usize,
}

/// A part of a list of participants or receipts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SkipRequest {
    /// How many items to pass over, counted from the start of the list.
    pub skip: usize,
    /// How many items at most; at least one is taken.
    pub limit: usize,
}

/// One page, and what to ask for to get the next one; nothing after the last.
#[derive(Clone, Debug, PartialEq)]
pub struct Page<V, N> {
    /// The items.
    pub items: Vec<V>,
    /// Where the next page begins.
    pub next: Option<N>,
}

/// A place in a list of messages or threads, and what was the newest item when the list was begun. What changes meanwhile
/// therefore neither repeats nor hides an item of the list.
///
/// As text it has the form of the service's `syncState` (rule 45). Clients hand it back unread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// What the list belongs to: a thread's id, or a user's.
    pub(crate) list: Box<str>,
    /// The last item of the page before.
    pub(crate) last: u64,
    pub(crate) snapshot: u64,
}

const BEGIN: u8 = 0x3e;
const END_OF_NAME: u8 = 0x01;

impl Cursor {
    fn bytes(&self) -> Vec<u8> {
        let name = self.list.as_bytes();
        // Names come from ids, which are far shorter than four gigabytes.
        let length = u32::try_from(name.len()).unwrap_or(u32::MAX);
        let mut bytes = vec![BEGIN];
        bytes.extend(length.to_le_bytes());
        bytes.extend(name);
        bytes.push(END_OF_NAME);
        bytes.extend(self.last.to_le_bytes());
        bytes.extend(self.snapshot.to_le_bytes());
        bytes
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let bytes = bytes.strip_prefix(&[BEGIN])?;
        let (length, bytes) = bytes.split_first_chunk()?;
        let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
        let (name, bytes) = bytes.split_at_checked(length)?;
        let bytes = bytes.strip_prefix(&[END_OF_NAME])?;
        let (last, bytes) = bytes.split_first_chunk()?;
        Some(Self {
            list: std::str::from_utf8(name).ok()?.into(),
            last: u64::from_le_bytes(*last),
            snapshot: u64::from_le_bytes(bytes.try_into().ok()?),
        })
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.bytes()
            .iter()
            .try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl FromStr for Cursor {
    type Err = ParseCursorError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = text.as_bytes().chunks(2).map(|pair| match pair {
            [high, low] => {
                let digit = |digit: u8| char::from(digit).to_digit(16);
                u8::try_from(digit(*high)? * 16 + digit(*low)?).ok()
            }
            _ => None,
        });
        let bytes: Option<Vec<u8>> = digits.collect();
        bytes
            .and_then(|bytes| Self::read(&bytes))
            .ok_or(ParseCursorError)
    }
}

/// The text is not a place in a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("was not made by this service; follow `nextLink` unchanged")]
pub struct ParseCursorError;

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop_assert_eq, proptest};

    use super::*;

    // chat 45: the form that was decoded from recordings.
    #[test]
    fn a_cursor_has_the_form_of_the_service() {
        let cursor = Cursor {
            list: "19:a".into(),
            last: 1,
            snapshot: 0x0102,
        };
        assert_eq!(
            cursor.to_string(),
            "3e0400000031393a61\
             0101000000000000000201000000000000"
        );
    }

    proptest! {
        #[test]
        fn a_cursor_survives_its_text(list in any::<String>(), last in any::<u64>(), snapshot in any::<u64>()) {
            let cursor = Cursor { list: list.into(), last, snapshot };
            prop_assert_eq!(cursor.to_string().parse(), Ok(cursor));
        }

        #[test]
        fn no_text_makes_reading_fail_otherwise_than_by_an_error(text in any::<String>(), bytes in any::<Vec<u8>>()) {
            prop_assert_eq!(text.parse::<Cursor>(), Err(ParseCursorError));
            if let Some(read) = Cursor::read(&bytes) {
                prop_assert_eq!(read.bytes(), bytes);
            }
        }
    }
}
