//! What can be asked of the engine, and what it answers.

use std::fmt;

use acs_types::Timestamp;
use serde::ser::SerializeStruct as _;
use serde::{Serialize, Serializer};

use crate::assignment::{Assignment, AssignmentKey, AssignmentView, PrincipalType};
use crate::entra::EntraClaims;
use crate::jwt::SignedToken;
use crate::time::seven_digits;

/// One change to the users of a resource, or a token for one, as [`IdentityEngine::apply`](crate::IdentityEngine::apply) takes
/// it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Command {
    /// Creates a user.
    CreateUser {
        /// A first token for it.
        token: Option<TokenRequest>,
    },
    /// Issues a token for a user.
    IssueToken {
        /// The user's id.
        user: String,
        /// What the token is to allow.
        token: TokenRequest,
    },
    /// Makes all tokens that a user has so far invalid.
    RevokeTokens {
        /// The user's id.
        user: String,
    },
    /// Deletes a user and makes its tokens invalid. A user that was deleted before counts as deleted.
    DeleteUser {
        /// The user's id.
        user: String,
    },
    /// Exchanges the Entra token of a Teams user for an access token.
    ExchangeTeamsUserToken(TeamsUser),
    /// Exchanges the Entra token of a principal that has an assignment for an access token.
    ExchangeTeamsExtensionToken(EntraClaims),
    /// Gives a principal access, or replaces the access it has.
    PutAssignment {
        /// The principal.
        key: AssignmentKey,
        /// `user` or `resourceAccount`.
        principal_type: PrincipalType,
        /// The applications that the principal may use; any if empty.
        client_ids: Vec<String>,
    },
    /// Takes the access away from a principal. One without access counts as done.
    DeleteAssignment {
        /// The principal.
        key: AssignmentKey,
    },
}

/// A token as a caller asks for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TokenRequest {
    /// The names of the scopes, at least one.
    pub scopes: Vec<String>,
    /// The lifetime in minutes; the longest without it.
    pub expires_in_minutes: Option<i64>,
    /// The api-version of the request: it decides which scopes there are and whether the lifetime is looked at.
    pub api_version: String,
}

/// What an application tells of a Teams user whose token it wants to exchange.
#[derive(Clone, Debug, PartialEq)]
pub struct TeamsUser {
    /// What the Entra token says; `None` if it is not a good one.
    pub entra: Option<EntraClaims>,
    /// The application's id in Entra.
    pub app_id: String,
    /// The user's object id in Entra.
    pub user_id: String,
}

/// The answer to a command that was carried out.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Answer {
    /// A user, created or found by an exchange, and its token if one was asked for.
    User(CreatedUser),
    /// A token.
    Token(IssuedToken),
    /// An assignment.
    Assigned {
        /// Whether it was created.
        created: bool,
        /// It, as it is now.
        assignment: AssignmentView,
    },
    /// Done, with nothing to tell.
    Done,
}

/// A user with or without a token. Serialises as `CommunicationIdentityAccessTokenResult`.
#[derive(Clone, Debug, PartialEq)]
pub struct CreatedUser {
    /// The user's id.
    pub id: String,
    /// Its token.
    pub token: Option<IssuedToken>,
}

impl Serialize for CreatedUser {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Identity<'a> {
            id: &'a str,
        }
        let mut object =
            serializer.serialize_struct("CommunicationIdentityAccessTokenResult", 2)?;
        object.serialize_field("identity", &Identity { id: &self.id })?;
        match &self.token {
            Some(token) => object.serialize_field("accessToken", token)?,
            None => object.skip_field("accessToken")?,
        }
        object.end()
    }
}

/// A token and when it ends. Serialises as `CommunicationIdentityAccessToken`.
#[derive(Clone, PartialEq)]
pub struct IssuedToken {
    /// The token.
    pub token: SignedToken,
    /// When it ends. The token itself has this in whole seconds.
    pub expires_on: Timestamp,
}

impl Serialize for IssuedToken {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("CommunicationIdentityAccessToken", 2)?;
        object.serialize_field("token", &self.token)?;
        object.serialize_field("expiresOn", &seven_digits(self.expires_on))?;
        object.end()
    }
}

impl fmt::Debug for IssuedToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("IssuedToken")
            .field("expires_on", &self.expires_on)
            .finish_non_exhaustive()
    }
}

impl AssignmentView {
    pub(crate) fn new(key: AssignmentKey, assignment: Assignment) -> Self {
        Self { key, assignment }
    }
}
