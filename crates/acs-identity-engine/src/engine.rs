//! The engine: the users of one resource, and the one way to change them.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use acs_types::{CommunicationIdentifier, Timestamp};

use crate::assignment::{Assignment, AssignmentKey, AssignmentView, guid};
use crate::command::{Answer, Command, CreatedUser, IssuedToken, TeamsUser, TokenRequest};
use crate::entra::EntraClaims;
use crate::id::{IdSource, derived};
use crate::jwt::{SigningKey, TokenError};
use crate::opened::{OpenedToken, OpenedTokens};
use crate::refusal::Refusal;
use crate::scope::{Lifetime, TokenScope};
use crate::user_token::{Bearer, VerifiedUser};

/// The users of one resource, and the key that signs their tokens.
///
/// Nothing in here reads a clock, draws randomness from outside, or does I/O: the same seed, key and commands at the same times
/// give the same state and tokens.
#[derive(Clone, Debug)]
pub struct IdentityEngine {
    tokens: OpenedTokens,
    resource_id: String,
    users: Users,
}

/// Everything that commands change.
#[derive(Clone, Debug, PartialEq)]
struct Users {
    ids: IdSource,
    /// How often the tokens of each user were revoked.
    revocations: HashMap<String, u32>,
    deleted: HashSet<String>,
    assignments: HashMap<AssignmentKey, Assignment>,
}

impl IdentityEngine {
    /// A resource without users. Its id and those of its users follow from the seed.
    #[must_use]
    pub fn new(seed: u64, key: SigningKey) -> Self {
        Self {
            tokens: OpenedTokens::new(key),
            resource_id: derived(&["resource", &seed.to_string()]).to_string(),
            users: Users {
                ids: IdSource::new(seed),
                revocations: HashMap::new(),
                deleted: HashSet::new(),
                assignments: HashMap::new(),
            },
        }
    }

    /// Carries out one command at the given time.
    ///
    /// # Errors
    ///
    /// The command was refused; nothing has changed.
    pub fn apply(&mut self, now: Timestamp, command: Command) -> Result<Answer, Refusal> {
        match command {
            Command::CreateUser { token } => self.create_user(now, token.as_ref()),
            Command::IssueToken { user, token } => {
                let revocations = self.revocations_of(&user)?;
                let (scopes, lifetime) = read(&token)?;
                let token = self.issue(now, &user, revocations, &scopes, lifetime);
                Ok(Answer::Token(token))
            }
            Command::RevokeTokens { user } => {
                let revocations = self.revocations_of(&user)?;
                self.users.revocations.insert(user, revocations + 1);
                Ok(Answer::Done)
            }
            Command::DeleteUser { user } => self.delete_user(user),
            Command::ExchangeTeamsUserToken(user) => self.exchange_teams_user(now, user),
            Command::ExchangeTeamsExtensionToken(entra) => self.exchange_extension(now, &entra),
            Command::PutAssignment {
                key,
                principal_type,
                client_ids,
            } => {
                let assignment = Assignment::read(principal_type, &client_ids)?;
                let assignments = &mut self.users.assignments;
                let replaced = assignments.insert(key.clone(), assignment.clone());
                Ok(Answer::Assigned {
                    created: replaced.is_none(),
                    assignment: AssignmentView::new(key, assignment),
                })
            }
            Command::DeleteAssignment { key } => {
                self.users.assignments.remove(&key);
                Ok(Answer::Done)
            }
        }
    }

    /// The id that all users of the resource have in theirs.
    #[must_use]
    pub fn resource_id(&self) -> &str {
        &self.resource_id
    }

    /// Whether there is a user with this raw id.
    #[must_use]
    pub fn has_user(&self, raw_id: &str) -> bool {
        self.users.revocations.contains_key(raw_id)
    }

    /// The access of a principal of Teams.
    ///
    /// # Errors
    ///
    /// It has none.
    pub fn assignment(&self, key: &AssignmentKey) -> Result<AssignmentView, Refusal> {
        let found = self.users.assignments.get(key).cloned();
        found
            .map(|assignment| AssignmentView::new(key.clone(), assignment))
            .ok_or_else(|| Refusal::assignment_not_found(&key.object_id().to_string()))
    }

    /// Finds out who bears a user access token.
    ///
    /// # Errors
    ///
    /// The token is not of this resource, altered, expired or revoked, or its user was deleted.
    pub fn verify(&mut self, token: &str, now: Timestamp) -> Result<VerifiedUser, TokenError> {
        let OpenedToken {
            user,
            expires_on,
            revocations,
        } = self.tokens.open(token)?;
        if expires_on <= now {
            return Err(TokenError::Expired);
        }
        let Some(at_issue) = revocations else {
            return Ok(user);
        };
        match self.users.revocations.get(user.identifier.raw_id()) {
            Some(&by_now) if by_now == at_issue => Ok(user),
            Some(_) => Err(TokenError::Revoked),
            None => Err(TokenError::UnknownUser),
        }
    }
}

impl IdentityEngine {
    fn create_user(
        &mut self,
        now: Timestamp,
        token: Option<&TokenRequest>,
    ) -> Result<Answer, Refusal> {
        let token = token.map(read).transpose()?;
        let millis = u64::try_from(now.unix_nanos() / 1_000_000).unwrap_or(0);
        let user = self.users.ids.time_ordered(millis);
        let id = format!("8:acs:{}_{user}", self.resource_id);
        self.users.revocations.insert(id.clone(), 0);
        let token = token.map(|(scopes, lifetime)| self.issue(now, &id, 0, &scopes, lifetime));
        Ok(Answer::User(CreatedUser { id, token }))
    }

    fn delete_user(&mut self, user: String) -> Result<Answer, Refusal> {
        if !self.users.deleted.contains(&user) {
            self.revocations_of(&user)?;
            self.users.revocations.remove(&user);
            self.users.deleted.insert(user);
        }
        Ok(Answer::Done)
    }

    // auth 83
    fn exchange_teams_user(&self, now: Timestamp, user: TeamsUser) -> Result<Answer, Refusal> {
        let entra = user.entra.ok_or_else(Refusal::invalid_access_token)?;
        let wrong = |target, message| Err(Refusal::validation(target, message));
        match guid(&user.app_id) {
            None => return wrong("appId", "Provided AppId has invalid format."),
            Some(app_id) if app_id != entra.client_id => {
                return wrong("appId", "Provided AppId is not the token's application.");
            }
            Some(_) => {}
        }
        match guid(&user.user_id) {
            None => return wrong("userId", "Provided UserId has invalid format."),
            Some(user_id) if user_id != entra.object_id => {
                return wrong("userId", "Provided UserId is not the token's user.");
            }
            Some(_) => {}
        }
        let raw_id = format!("8:orgid:{}", entra.object_id);
        Ok(Answer::Token(self.issue_for_teams(now, &raw_id, &entra)))
    }

    // auth 55, 56
    fn exchange_extension(&self, now: Timestamp, entra: &EntraClaims) -> Result<Answer, Refusal> {
        let EntraClaims {
            tenant_id,
            object_id,
            client_id,
            ..
        } = entra;
        let assignment = self.users.assignments.get(&AssignmentKey::of(entra));
        let assignment = assignment.ok_or_else(|| {
            Refusal::forbidden(format!(
                "The principal '{object_id}' of the tenant '{tenant_id}' has no assignment."
            ))
        })?;
        if !assignment.allows(*client_id) {
            return Err(Refusal::forbidden(format!(
                "The assignment of '{object_id}' does not list the application '{client_id}'."
            )));
        }
        let id = format!("8:acs:{}_{tenant_id}_{object_id}", self.resource_id);
        let token = Some(self.issue_for_teams(now, &id, entra));
        Ok(Answer::User(CreatedUser { id, token }))
    }

    /// Teams users call by Communication Services and chat by other means (chat 54). Their tokens end with the Entra token (auth
    /// 58).
    fn issue_for_teams(&self, now: Timestamp, raw_id: &str, entra: &EntraClaims) -> IssuedToken {
        let bearer = Bearer {
            raw_id,
            resource_id: &self.resource_id,
            revocations: None,
        };
        bearer.issue(self.tokens.key(), &[TokenScope::Voip], now, entra.valid_for)
    }

    fn issue(
        &self,
        now: Timestamp,
        raw_id: &str,
        revocations: u32,
        scopes: &[TokenScope],
        valid_for: Duration,
    ) -> IssuedToken {
        let bearer = Bearer {
            raw_id,
            resource_id: &self.resource_id,
            revocations: Some(revocations),
        };
        bearer.issue(self.tokens.key(), scopes, now, valid_for)
    }

    fn revocations_of(&self, user: &str) -> Result<u32, Refusal> {
        if let Some(revocations) = self.users.revocations.get(user) {
            return Ok(*revocations);
        }
        match CommunicationIdentifier::parse_raw_id(user) {
            Ok(CommunicationIdentifier::CommunicationUser(_)) => {
                Err(Refusal::identity_not_found(user))
            }
            _ => Err(Refusal::validation(
                "id",
                format!("Id '{user}' is not the id of a user: 8:acs:<resource>_<user>."),
            )),
        }
    }
}

fn read(token: &TokenRequest) -> Result<(Vec<TokenScope>, Duration), Refusal> {
    let lifetime = Lifetime::read(token.expires_in_minutes, &token.api_version)?;
    let scopes = TokenScope::read_all(&token.scopes, &token.api_version)?;
    Ok((scopes, lifetime.span()))
}

#[cfg(test)]
mod tests;
