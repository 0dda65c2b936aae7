//! Microsoft Entra tokens from an issuer of our own, for tests of what needs one.

use std::time::Duration;

use acs_types::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::assignment::guid;
use crate::id::derived;
use crate::jwt::{SignedToken, SigningKey, TokenError};
use crate::time::{from_unix_seconds, later};

/// Where scopes begin that tokens can be had for: those of resources, and those of Teams users; also in the cloud of the
/// government of the United States.
const AUDIENCES: [&str; 4] = [
    "https://communication.azure.com",
    "https://auth.msft.communication.azure.com",
    "https://communication.azure.us",
    "https://auth.msft.communication.azure.us",
];

/// Scopes that sign-in libraries add by themselves, and that say nothing of the audience.
const OF_SIGN_IN: [&str; 3] = ["openid", "profile", "offline_access"];

/// Issues and verifies Entra tokens.
#[derive(Clone, Debug)]
pub struct EntraIssuer {
    key: SigningKey,
}

/// What a token is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntraRequest {
    /// The tenant: a GUID, or a name that stands for one.
    pub tenant: String,
    /// The application.
    pub client_id: String,
    /// The person who signs in; without one the token is the application's own.
    pub user: Option<String>,
    /// The scopes, all of one audience.
    pub scopes: Vec<String>,
}

/// What a verified token says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntraClaims {
    /// The tenant.
    pub tenant_id: Uuid,
    /// The person's or the application's object.
    pub object_id: Uuid,
    /// The application.
    pub client_id: Uuid,
    /// Whether a person signed in.
    pub is_user: bool,
    /// How long the token is still valid.
    pub valid_for: Duration,
}

/// No token can be had for these scopes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the scopes must all begin with the same one of `https://communication.azure.com/` and \
     `https://auth.msft.communication.azure.com/`, such as `https://communication.azure.com//.default`"
)]
pub struct UnusableScopeError;

#[derive(Serialize, Deserialize)]
struct Claims {
    aud: String,
    iss: String,
    iat: i64,
    nbf: i64,
    exp: i64,
    tid: Uuid,
    oid: Uuid,
    appid: Uuid,
    idtyp: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    scp: Option<String>,
}

impl EntraIssuer {
    /// How long tokens are valid: an hour less a second, as Entra has it.
    pub const LIFETIME: Duration = Duration::from_secs(3599);

    /// An issuer whose tokens this key signs.
    #[must_use]
    pub fn new(key: SigningKey) -> Self {
        Self { key }
    }

    /// Issues a token. `issuer` is the address that the token names as its origin.
    ///
    /// Tenants, applications and people need not be known: a GUID stands for itself, any other text for a GUID that is always
    /// the same.
    ///
    /// # Errors
    ///
    /// The scopes name no audience, or more than one.
    pub fn issue(
        &self,
        now: Timestamp,
        issuer: &str,
        request: &EntraRequest,
    ) -> Result<SignedToken, UnusableScopeError> {
        let (audience, permissions) = read_scopes(&request.scopes)?;
        let tenant = named(&["tenant"], &request.tenant);
        let client = named(&["application"], &request.client_id);
        let in_tenant = tenant.to_string();
        let object = match &request.user {
            Some(user) => named(&["user", &in_tenant], user),
            None => derived(&["service principal", &in_tenant, &client.to_string()]),
        };
        Ok(self.key.sign(&Claims {
            aud: audience.to_owned(),
            iss: format!("{issuer}/{tenant}/v2.0"),
            iat: now.unix_seconds(),
            nbf: now.unix_seconds(),
            exp: later(now, Self::LIFETIME).unix_seconds(),
            tid: tenant,
            oid: object,
            appid: client,
            idtyp: if request.user.is_some() {
                "user"
            } else {
                "app"
            }
            .to_owned(),
            scp: request.user.is_some().then_some(permissions),
        }))
    }

    /// Verifies a token for calls of a resource: of Identity and Job Router.
    ///
    /// # Errors
    ///
    /// It is not of this issuer, for something else, or not valid any more.
    pub fn verify_for_resource(
        &self,
        token: &str,
        now: Timestamp,
    ) -> Result<EntraClaims, TokenError> {
        self.verify(token, now, |audience| {
            audience == AUDIENCES[0] || audience == AUDIENCES[2]
        })
    }

    /// Verifies a token of a person of Teams that is to be exchanged.
    ///
    /// # Errors
    ///
    /// It is not of this issuer, for something else, the application's own, or not valid any more.
    pub fn verify_for_teams(&self, token: &str, now: Timestamp) -> Result<EntraClaims, TokenError> {
        let claims = self.verify(token, now, |audience| {
            audience == AUDIENCES[1] || audience == AUDIENCES[3]
        })?;
        if claims.is_user {
            Ok(claims)
        } else {
            Err(TokenError::Claims)
        }
    }

    fn verify(
        &self,
        token: &str,
        now: Timestamp,
        is_meant: impl FnOnce(&str) -> bool,
    ) -> Result<EntraClaims, TokenError> {
        let claims: Claims = self.key.open(token)?;
        let end = from_unix_seconds(claims.exp);
        if end <= now {
            return Err(TokenError::Expired);
        }
        if !is_meant(&claims.aud) {
            return Err(TokenError::Audience);
        }
        Ok(EntraClaims {
            tenant_id: claims.tid,
            object_id: claims.oid,
            client_id: claims.appid,
            is_user: claims.idtyp == "user",
            valid_for: end.duration_since(now),
        })
    }
}

/// The audience that the scopes have in common, and the permissions under it.
fn read_scopes(scopes: &[String]) -> Result<(&'static str, String), UnusableScopeError> {
    let mut found = None;
    let mut permissions = Vec::new();
    let named = scopes
        .iter()
        .filter(|scope| !OF_SIGN_IN.contains(&scope.as_str()));
    for scope in named {
        let (audience, permission) = AUDIENCES
            .into_iter()
            .find_map(|audience| {
                let permission = scope.strip_prefix(audience)?.strip_prefix('/')?;
                Some((audience, permission.trim_start_matches('/')))
            })
            .ok_or(UnusableScopeError)?;
        if found.is_some_and(|found| found != audience) {
            return Err(UnusableScopeError);
        }
        found = Some(audience);
        permissions.push(permission);
    }
    let audience = found.ok_or(UnusableScopeError)?;
    // Kept out of the token, see `SigningKey::sign`; real permissions have none of these.
    let is_plain = |permission: &str| {
        permission
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && !b">?~\"\\".contains(&byte))
    };
    if permissions.iter().all(|permission| is_plain(permission)) {
        Ok((audience, permissions.join(" ")))
    } else {
        Err(UnusableScopeError)
    }
}

fn named(path: &[&str], name: &str) -> Uuid {
    let texts: Vec<&str> = path.iter().copied().chain([name]).collect();
    guid(name).unwrap_or_else(|| derived(&texts))
}

#[cfg(test)]
mod tests {
    use super::*;

    const RESOURCE: &str = "https://communication.azure.com//.default";
    const TEAMS: &str = "https://auth.msft.communication.azure.com/Teams.ManageCalls";
    const PERSON: &str = "11111111-2222-3333-4444-555555555555";

    fn noon() -> Timestamp {
        Timestamp::parse("2024-01-01T12:00:00Z").unwrap()
    }

    fn issuer() -> EntraIssuer {
        EntraIssuer::new(SigningKey::derive(b"secret", "entra"))
    }

    fn request(user: Option<&str>, scopes: &[&str]) -> EntraRequest {
        EntraRequest {
            tenant: "contoso.example".to_owned(),
            client_id: "my-app".to_owned(),
            user: user.map(str::to_owned),
            scopes: scopes.iter().map(|&scope| scope.to_owned()).collect(),
        }
    }

    fn issue(user: Option<&str>, scopes: &[&str]) -> SignedToken {
        let request = request(user, scopes);
        issuer()
            .issue(noon(), "http://127.0.0.1", &request)
            .unwrap()
    }

    // auth 3
    #[test]
    fn a_token_for_the_resource_s_scope_is_good_for_the_resource_until_it_ends() {
        let token = issue(None, &[RESOURCE]);
        let claims = issuer()
            .verify_for_resource(token.as_str(), noon())
            .unwrap();
        assert_eq!(claims.valid_for, EntraIssuer::LIFETIME);
        assert!(!claims.is_user);
        let end = noon().checked_add(EntraIssuer::LIFETIME).unwrap();
        let late = issuer().verify_for_resource(token.as_str(), end);
        assert_eq!(late, Err(TokenError::Expired));
        let elsewhere = issuer().verify_for_teams(token.as_str(), noon());
        assert_eq!(elsewhere, Err(TokenError::Audience));
    }

    #[test]
    fn a_person_s_token_names_the_person_and_the_application() {
        let token = issue(Some(PERSON), &[TEAMS, "openid", "offline_access"]);
        let claims = issuer().verify_for_teams(token.as_str(), noon()).unwrap();
        assert_eq!(claims.object_id.to_string(), PERSON);
        let again = issue(Some("someone@contoso.example"), &[TEAMS]);
        let other = issuer().verify_for_teams(again.as_str(), noon()).unwrap();
        assert_eq!(other.client_id, claims.client_id);
        assert_ne!(other.object_id, claims.object_id);
    }

    #[test]
    fn an_application_s_own_token_is_not_exchanged() {
        let token = issue(None, &[TEAMS]);
        let refused = issuer().verify_for_teams(token.as_str(), noon());
        assert_eq!(refused, Err(TokenError::Claims));
    }

    #[test]
    fn scopes_of_no_or_of_several_audiences_give_no_token() {
        for scopes in [
            &[][..],
            &["openid"],
            &["https://graph.microsoft.com/.default"],
            &[RESOURCE, TEAMS],
            &["https://communication.azure.com"],
            &["https://communication.azure.com.evil.example/x"],
            &["https://communication.azure.com/a\"b"],
        ] {
            let request = request(None, scopes);
            let refused = issuer().issue(noon(), "http://127.0.0.1", &request);
            assert_eq!(refused, Err(UnusableScopeError), "{scopes:?}");
        }
    }
}
