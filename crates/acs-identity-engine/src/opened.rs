//! User access tokens that were opened before.

use std::collections::HashMap;

use acs_types::Timestamp;

use crate::jwt::{SignedToken, SigningKey, TokenError};
use crate::time::from_unix_seconds;
use crate::user_token::{UserClaims, VerifiedUser};

/// Enough for every client of a machine, and little memory.
const MOST: usize = 1_024;

/// A key, and tokens that it was found to have signed. A client shows the same token with every request, and looking it up takes
/// less than opening it.
#[derive(Clone, Debug)]
pub(crate) struct OpenedTokens {
    key: SigningKey,
    by_text: HashMap<SignedToken, OpenedToken>,
}

/// What a token says. Whether that still counts depends on the time and on what became of the user.
#[derive(Clone, Debug)]
pub(crate) struct OpenedToken {
    pub(crate) user: VerifiedUser,
    pub(crate) expires_on: Timestamp,
    /// See the claim.
    pub(crate) revocations: Option<u32>,
}

impl OpenedTokens {
    pub(crate) fn new(key: SigningKey) -> Self {
        let by_text = HashMap::new();
        Self { key, by_text }
    }

    pub(crate) fn key(&self) -> &SigningKey {
        &self.key
    }

    pub(crate) fn open(&mut self, token: &str) -> Result<OpenedToken, TokenError> {
        if let Some(known) = self.by_text.get(token) {
            return Ok(known.clone());
        }
        let opened = OpenedToken::read(&self.key.open(token)?)?;
        if self.by_text.len() >= MOST {
            self.by_text.clear();
        }
        let text = SignedToken::from(token);
        self.by_text.insert(text, opened.clone());
        Ok(opened)
    }
}

impl OpenedToken {
    fn read(claims: &UserClaims) -> Result<Self, TokenError> {
        Ok(Self {
            user: claims.user()?,
            expires_on: from_unix_seconds(claims.exp),
            revocations: claims.revocations,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::scope::TokenScope;
    use crate::user_token::Bearer;

    fn token(key: &SigningKey, minutes: u64) -> SignedToken {
        let bearer = Bearer {
            raw_id: "8:acs:r_u",
            resource_id: "r",
            revocations: Some(0),
        };
        let valid_for = Duration::from_secs(60 * minutes);
        let scopes = [TokenScope::Chat];
        bearer
            .issue(key, &scopes, Timestamp::UNIX_EPOCH, valid_for)
            .token
    }

    #[test]
    fn a_known_token_reads_as_it_did_and_memory_stays_bounded() {
        let key = SigningKey::derive(b"secret", "tests");
        let mut opened = OpenedTokens::new(key.clone());
        let first = token(&key, 1);
        let user = opened.open(first.as_str()).unwrap().user;
        for minutes in 2..3 * MOST as u64 {
            opened.open(token(&key, minutes).as_str()).unwrap();
            assert!(opened.by_text.len() <= MOST);
        }
        assert_eq!(opened.open(first.as_str()).unwrap().user, user);
    }

    #[test]
    fn an_altered_token_is_refused_beside_the_known_one() {
        let key = SigningKey::derive(b"secret", "tests");
        let mut opened = OpenedTokens::new(key.clone());
        let known = token(&key, 1);
        opened.open(known.as_str()).unwrap();
        let altered = format!("{}A", known.as_str());
        assert!(opened.open(&altered).is_err());
        assert!(!format!("{opened:?}").contains(known.as_str()));
    }
}
