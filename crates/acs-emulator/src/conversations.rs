//! Users and their conversations: the engines of identity and chat, which need each other.

use acs_chat_engine::{self as chat, Caller};
use acs_identity_engine::{
    self as identity, EntraIssuer, IdentityEngine, Refusal, SigningKey, TokenError, VerifiedUser,
};
use acs_types::Timestamp;

/// Both engines.
#[derive(Debug)]
pub(crate) struct Conversations {
    identity: IdentityEngine,
    chat: chat::Engine,
    entra: EntraIssuer,
    events: Vec<chat::Event>,
}

/// The present, on the clocks that matter here.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    /// What the emulator's clock shows.
    pub(crate) now: Timestamp,
    /// The computer's time and all that the emulator's clock has been moved by. Clients compare the expiry of a token with the
    /// computer's time, so tokens cannot go by a clock that a test has set to another year; but a test must be able to let
    /// them expire.
    pub(crate) for_tokens: Timestamp,
}

impl Conversations {
    /// Tokens are signed with keys that follow from the access key, so another access key ends them all (auth 86).
    pub(crate) fn new(seed: u64, access_key: &str) -> Self {
        let key = SigningKey::derive(access_key.as_bytes(), "user access tokens");
        Self {
            identity: IdentityEngine::new(seed, key),
            chat: chat::Engine::new(seed),
            entra: entra_issuer(access_key),
            events: Vec::new(),
        }
    }

    pub(crate) fn chat(&self) -> &chat::Engine {
        &self.chat
    }

    pub(crate) fn identity(&self) -> &IdentityEngine {
        &self.identity
    }

    pub(crate) fn entra(&self) -> &EntraIssuer {
        &self.entra
    }

    pub(crate) fn verify_user(
        &mut self,
        token: &str,
        now: Timestamp,
    ) -> Result<VerifiedUser, TokenError> {
        self.identity.verify(token, now)
    }

    pub(crate) fn apply_to_chat(
        &mut self,
        moment: Moment,
        caller: &Caller,
        command: chat::Command,
    ) -> Result<chat::Answer, chat::Refusal> {
        let identity = &self.identity;
        let directory = |raw_id: &str| identity.has_user(raw_id);
        let outcome = self.chat.apply(moment.now, caller, command, &directory);
        self.events.extend(outcome.events);
        outcome.answer
    }

    /// A user who is deleted leaves all threads.
    pub(crate) fn apply_to_identity(
        &mut self,
        moment: Moment,
        command: identity::Command,
    ) -> Result<identity::Answer, Refusal> {
        let deleted = match &command {
            identity::Command::DeleteUser { user } => Some(user.clone()),
            _ => None,
        };
        let answer = self.identity.apply(moment.for_tokens, command)?;
        if let Some(user) = deleted {
            self.chat.forget_user(&user);
        }
        Ok(answer)
    }

    pub(crate) fn next_deadline(&self) -> Option<Timestamp> {
        self.chat.next_deadline()
    }

    pub(crate) fn tick(&mut self, now: Timestamp) -> Vec<chat::Event> {
        self.chat.tick(now)
    }

    /// What has happened since the last call.
    pub(crate) fn take_events(&mut self) -> Vec<chat::Event> {
        std::mem::take(&mut self.events)
    }
}

/// The issuer of Entra tokens that goes with an access key.
pub(crate) fn entra_issuer(access_key: &str) -> EntraIssuer {
    EntraIssuer::new(SigningKey::derive(access_key.as_bytes(), "entra tokens"))
}
