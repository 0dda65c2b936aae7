//! Ids that the chat service makes, drawn from a seed.

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
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

    /// `19:`, 32 bytes in the encoding that appends the number of pad characters, `@thread.v2` (rule 10).
    pub(crate) fn thread_id(&mut self) -> String {
        const PADDING: u8 = 1;
        let bytes = BASE64_URL_SAFE_NO_PAD.encode(self.draw());
        format!("19:{bytes}{PADDING}@thread.v2")
    }

    pub(crate) fn uuid(&mut self) -> Uuid {
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&self.draw()[..16]);
        Builder::from_random_bytes(bytes).into_uuid()
    }

    fn draw(&mut self) -> [u8; 32] {
        self.drawn += 1;
        let digest = Sha256::new()
            .chain_update(self.seed.to_le_bytes())
            .chain_update(self.drawn.to_le_bytes())
            .finalize();
        digest.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // chat 10
    #[test]
    fn thread_ids_look_as_the_service_s_and_differ() {
        let mut ids = IdSource::new(1);
        let (first, second) = (ids.thread_id(), ids.thread_id());
        assert_ne!(first, second);
        let middle = first.strip_prefix("19:").unwrap();
        let middle = middle.strip_suffix("1@thread.v2").unwrap();
        assert_eq!(middle.len(), 43);
        assert_eq!(BASE64_URL_SAFE_NO_PAD.decode(middle).unwrap().len(), 32);
        assert_eq!(IdSource::new(1).thread_id(), first);
        assert_ne!(IdSource::new(2).thread_id(), first);
    }
}
