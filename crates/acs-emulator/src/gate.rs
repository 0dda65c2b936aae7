//! Who may call: the access key and Entra tokens for the resource, user access tokens for chat (auth 1).

use std::time::SystemTime;

use acs_identity_engine::{EntraClaims, EntraIssuer, VerifiedUser};
use acs_types::{Operation, Timestamp};
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;

use crate::service::Service;
use crate::shell::Shell;
use crate::signature::{DENIED, SignatureCheck};
use crate::wire::Failure;

/// The operation that is called with the very token it exchanges.
const EXCHANGE: &str = "exchangeToken";

/// On whose behalf a request is made.
#[derive(Debug)]
pub(crate) enum Principal {
    /// Nobody's in particular: the emulator's own routes ask for nothing.
    Anybody,
    /// The resource's owner, by the access key or an Entra token.
    Resource,
    /// A person of Teams, by an Entra token.
    TeamsPerson(EntraClaims),
    /// A user of the resource, by a user access token.
    User(VerifiedUser),
}

impl Principal {
    /// The raw id of the user who calls; empty for everybody else.
    pub(crate) fn raw_id(&self) -> &str {
        match self {
            Self::User(user) => user.identifier.raw_id(),
            _ => "",
        }
    }
}

/// Lets requests in.
#[derive(Debug)]
pub(crate) struct Gate {
    signatures: SignatureCheck,
    entra: EntraIssuer,
}

impl Gate {
    pub(crate) fn new(signatures: SignatureCheck, entra: EntraIssuer) -> Self {
        Self { signatures, entra }
    }

    /// Finds out who makes a request, and whether they may address the service at all.
    ///
    /// Signatures and Entra tokens come from outside and go by the computer's time; user access tokens are the service's own and go
    /// by its clock.
    pub(crate) fn admit(
        &self,
        shell: &Shell,
        service: Service,
        operation: Option<&Operation>,
        head: &Parts,
        body: &[u8],
    ) -> Result<Principal, Failure> {
        let now = Timestamp::from(SystemTime::now());
        let is_exchange = operation.is_some_and(|operation| operation.id == EXCHANGE);
        match (bearer(head), service) {
            (Some(token), Service::Chat) => {
                let user = shell.verify_user(token);
                user.map(Principal::User).map_err(denied)
            }
            (None, Service::Chat) => Err(denied("chat takes nothing but user access tokens")),
            (Some(token), _) if is_exchange => {
                let claims = self.entra.verify_for_teams(token, now);
                claims.map(Principal::TeamsPerson).map_err(denied)
            }
            (None, _) if is_exchange => Err(denied("the exchange takes the Entra token itself")),
            (Some(token), _) => match self.entra.verify_for_resource(token, now) {
                Ok(_) => Ok(Principal::Resource),
                Err(error) => Err(denied(error)),
            },
            (None, _) => {
                self.signatures.verify(head, body)?;
                Ok(Principal::Resource)
            }
        }
    }
}

fn denied(reason: impl ToString) -> Failure {
    Failure::denied(DENIED, reason.to_string())
}

fn bearer(head: &Parts) -> Option<&str> {
    let text = head.headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = text.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
