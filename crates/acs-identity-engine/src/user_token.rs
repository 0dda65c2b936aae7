//! User access tokens: their claims (auth 85).

use std::time::Duration;

use acs_types::{CommunicationIdentifier, Timestamp};
use serde::{Deserialize, Serialize};

use crate::command::IssuedToken;
use crate::jwt::{SigningKey, TokenError};
use crate::scope::TokenScope;
use crate::time::later;

/// What the claim `scp` has in every token that has been seen.
const SCP: u32 = 1792;

/// The claims are no contract of the service; these are the ones that were seen, and one of ours.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UserClaims {
    /// The raw id without the leading `8:`.
    skypeid: String,
    scp: u32,
    pub(crate) exp: i64,
    iat: i64,
    /// Comma list.
    acs_scope: String,
    resource_id: String,
    /// Ours: how often the user's tokens had been revoked before. `iat` alone could not tell a token from a revocation in
    /// the same second. Users of Teams have none: their tokens come from exchanges and are not revoked here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) revocations: Option<u32>,
}

/// Whom a token is for.
#[derive(Debug)]
pub(crate) struct Bearer<'a> {
    pub(crate) raw_id: &'a str,
    pub(crate) resource_id: &'a str,
    pub(crate) revocations: Option<u32>,
}

impl Bearer<'_> {
    pub(crate) fn issue(
        &self,
        key: &SigningKey,
        scopes: &[TokenScope],
        now: Timestamp,
        valid_for: Duration,
    ) -> IssuedToken {
        let expires_on = later(now, valid_for);
        let names: Vec<&str> = scopes.iter().map(|scope| scope.as_str()).collect();
        let claims = UserClaims {
            skypeid: self.raw_id.trim_start_matches("8:").to_owned(),
            scp: SCP,
            exp: expires_on.unix_seconds(),
            iat: now.unix_seconds(),
            acs_scope: names.join(","),
            resource_id: self.resource_id.to_owned(),
            revocations: self.revocations,
        };
        IssuedToken {
            token: key.sign(&claims),
            expires_on,
        }
    }
}

impl UserClaims {
    pub(crate) fn user(&self) -> Result<VerifiedUser, TokenError> {
        let raw_id = format!("8:{}", self.skypeid);
        let identifier = CommunicationIdentifier::parse_raw_id(&raw_id);
        let scopes = self.acs_scope.split(',').map(TokenScope::find);
        Ok(VerifiedUser {
            identifier: identifier.map_err(|_| TokenError::Claims)?,
            scopes: scopes.collect::<Option<_>>().ok_or(TokenError::Claims)?,
        })
    }
}

/// The user that a token stands for, and what it may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedUser {
    /// The user.
    pub identifier: CommunicationIdentifier,
    /// What the token allows.
    pub scopes: Vec<TokenScope>,
}
