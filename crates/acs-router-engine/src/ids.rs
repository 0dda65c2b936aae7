//! Identifiers: what callers name, what the engine makes, and the seeded source it makes them from.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use acs_types::Timestamp;
use serde::{Serialize, Serializer};

/// An id that a caller chose: an entity's or a channel's. Shared, so that naming it again costs no copy.
pub type Id = Arc<str>;

/// An id that the engine made, for an offer, an assignment or an event.
///
/// Written as 32 lower-case hexadecimal digits in the groups 8-4-4-4-12; read in either letter case.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Guid(u128);

impl fmt::Display for Guid {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bits = self.0;
        write!(
            formatter,
            "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
            bits >> 96,
            (bits >> 80) & 0xffff,
            (bits >> 64) & 0xffff,
            (bits >> 48) & 0xffff,
            bits & 0xffff_ffff_ffff,
        )
    }
}

impl fmt::Debug for Guid {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl FromStr for Guid {
    type Err = ParseGuidError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const GROUPS: [usize; 5] = [8, 4, 4, 4, 12];
        let well_formed = text
            .bytes()
            .all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
            && text.split('-').map(str::len).eq(GROUPS);
        if !well_formed {
            return Err(ParseGuidError);
        }
        u128::from_str_radix(&text.replace('-', ""), 16)
            .map(Self)
            .map_err(|_| ParseGuidError)
    }
}

impl Serialize for Guid {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The text is not a GUID: 32 hexadecimal digits in the groups 8-4-4-4-12.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a GUID: 32 hexadecimal digits in the groups 8-4-4-4-12 are needed")]
pub struct ParseGuidError;

/// The version of an entity as `ETag` shows it: its text form contains the quotes.
///
/// Compare it with what a caller sent; its parts mean nothing to callers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Etag(EtagForm);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum EtagForm {
    /// Policies and queues: drawn anew for each version.
    Drawn { salt: u32, seconds: u32 },
    /// Jobs and workers: a counter, and a part that stays with the entity.
    Counted { version: u32, entity: u64 },
}

impl Etag {
    pub(crate) fn drawn(ids: &mut IdSource, at: Timestamp) -> Self {
        let salt = (ids.draw() >> 32) as u32;
        Self(EtagForm::Drawn {
            salt,
            seconds: u32::try_from(at.unix_seconds()).unwrap_or(0),
        })
    }

    pub(crate) fn first(ids: &mut IdSource) -> Self {
        Self(EtagForm::Counted {
            version: 1,
            entity: ids.draw(),
        })
    }

    /// The one that follows: the counter raised, or newly drawn.
    pub(crate) fn next(self, ids: &mut IdSource, at: Timestamp) -> Self {
        match self.0 {
            EtagForm::Drawn { .. } => Self::drawn(ids, at),
            EtagForm::Counted { version, entity } => Self(EtagForm::Counted {
                version: version.wrapping_add(1),
                entity,
            }),
        }
    }
}

impl fmt::Display for Etag {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            EtagForm::Drawn { salt, seconds } => {
                write!(formatter, "\"{salt:08x}-0000-0700-0000-{seconds:08x}0000\"")
            }
            EtagForm::Counted { version, entity } => write!(
                formatter,
                "\"{version:08x}-0000-0000-{:04x}-{:012x}\"",
                entity >> 48,
                entity & 0xffff_ffff_ffff
            ),
        }
    }
}

impl Serialize for Etag {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The source of everything the engine draws: the same seed gives the same sequence (the SplitMix64 generator).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct IdSource {
    state: u64,
}

impl IdSource {
    pub(crate) fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    pub(crate) fn guid(&mut self) -> Guid {
        const VERSION_4: u128 = 0x4 << 76;
        const VARIANT: u128 = 0x8 << 60;
        let bits = (u128::from(self.draw()) << 64) | u128::from(self.draw());
        let free = bits & !(0xf << 76) & !(0xc << 60);
        Guid(free | VERSION_4 | VARIANT)
    }

    /// A number from 0 up to but not including 1.
    #[expect(clippy::cast_precision_loss, reason = "53 bits are exact")]
    pub(crate) fn fraction(&mut self) -> f64 {
        const STEPS: f64 = 9_007_199_254_740_992.0;
        (self.draw() >> 11) as f64 / STEPS
    }

    fn draw(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guids_look_like_random_ones_and_survive_a_round_trip() {
        let mut ids = IdSource::new(7);
        for _ in 0..1_000 {
            let guid = ids.guid();
            let text = guid.to_string();
            assert_eq!(text.as_bytes()[14], b'4', "{text}");
            assert!(b"89ab".contains(&text.as_bytes()[19]), "{text}");
            assert_eq!(text.parse(), Ok(guid));
            assert_eq!(text.to_uppercase().parse(), Ok(guid));
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_guids_and_another_seed_others() {
        let (mut first, mut second, mut third) =
            (IdSource::new(1), IdSource::new(1), IdSource::new(2));
        assert_eq!(first.guid(), second.guid());
        assert_ne!(first.guid(), third.guid());
    }

    #[test]
    fn what_is_no_guid_is_refused() {
        for text in [
            "",
            "offer-1",
            "00000000-0000-4000-8000-00000000000",
            "0000000-00000-4000-8000-000000000000",
            "00000000-0000-4000-8000-00000000000g",
            "+0000000-0000-4000-8000-000000000000",
            "00000000000040008000000000000000",
        ] {
            assert_eq!(text.parse::<Guid>(), Err(ParseGuidError), "{text}");
        }
    }

    // R7: the two forms of the ETag.
    #[test]
    fn etags_have_the_forms_of_the_service() {
        let at = Timestamp::parse("2023-11-07T17:18:04.9Z").unwrap();
        let mut ids = IdSource::new(0);
        let drawn = Etag::drawn(&mut ids, at).to_string();
        assert!(
            drawn.starts_with('"') && drawn.ends_with("-0000-0700-0000-654a714c0000\""),
            "{drawn}"
        );
        let first = Etag::first(&mut ids);
        let second = first.next(&mut ids, at);
        assert!(
            first.to_string().starts_with("\"00000001-0000-0000-"),
            "{first}"
        );
        assert_eq!(second.to_string(), first.to_string().replacen('1', "2", 1));
    }
}
