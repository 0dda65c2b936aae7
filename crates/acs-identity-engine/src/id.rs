//! Ids that the identity service makes, drawn from a seed.

use sha2::{Digest as _, Sha256};
use uuid::{Builder, Uuid};

/// The source of everything the engine draws: the same seed gives the same sequence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct IdSource {
    seed: u64,
    drawn: u64,
}

impl IdSource {
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, drawn: 0 }
    }

    /// An id whose first digits are the time, so that later ones sort after earlier ones (auth 75).
    pub(crate) fn time_ordered(&mut self, unix_millis: u64) -> Uuid {
        self.drawn += 1;
        let digest = Sha256::new()
            .chain_update(self.seed.to_le_bytes())
            .chain_update(self.drawn.to_le_bytes())
            .finalize();
        let mut chance = [0; 10];
        chance.copy_from_slice(&digest[..10]);
        Builder::from_unix_timestamp_millis(unix_millis, &chance).into_uuid()
    }
}

/// The id that always belongs to the same texts.
pub(crate) fn derived(texts: &[&str]) -> Uuid {
    let mut hash = Sha256::new();
    for text in texts {
        hash.update(text.len().to_le_bytes());
        hash.update(text);
    }
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.finalize()[..16]);
    Builder::from_random_bytes(bytes).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_ids_and_later_ones_sort_after() {
        let (mut first, mut second, mut other) =
            (IdSource::new(1), IdSource::new(1), IdSource::new(2));
        let id = first.time_ordered(1_000);
        assert_eq!(id, second.time_ordered(1_000));
        assert_ne!(id, other.time_ordered(1_000));
        assert_ne!(id, second.time_ordered(1_000));
        assert!(id < first.time_ordered(2_000));
    }

    #[test]
    fn derived_ids_depend_on_where_a_text_ends() {
        assert_eq!(derived(&["a", "b"]), derived(&["a", "b"]));
        assert_ne!(derived(&["a", "b"]), derived(&["ab", ""]));
    }
}
