//! Microsoft Entra's token endpoint, for clients that sign in with Entra ID: `POST /{tenant}/oauth2/v2.0/token`.
//!
//! It answers as Entra does, in forms of OAuth 2.0. The secret of every application, and the password of every person, is the
//! emulator's access key: so a token proves no less than a signature.

use std::collections::HashMap;
use std::time::SystemTime;

use acs_identity_engine::{EntraIssuer, EntraRequest};
use acs_types::Timestamp;
use axum::http::request::Parts;
use axum::http::{Method, StatusCode};
use serde_json::json;
use url::form_urlencoded;

use crate::wire::{Failure, Reply, origin};

const TOKEN_PATH: &str = "/oauth2/v2.0/token";
const DISCOVERY_PATH: &str = "/v2.0/.well-known/openid-configuration";

/// The endpoint.
#[derive(Debug)]
pub(crate) struct EntraEndpoint {
    issuer: EntraIssuer,
    access_key: String,
}

/// Why there is no token: an error of OAuth 2.0 (RFC 6749, section 5.2).
struct Denial {
    status: StatusCode,
    error: &'static str,
    description: String,
}

/// The tenant, if the path is one of Entra's.
fn tenant(path: &str) -> Option<&str> {
    let tenant = path.strip_prefix('/')?;
    let tenant = tenant
        .strip_suffix(TOKEN_PATH)
        .or_else(|| tenant.strip_suffix(DISCOVERY_PATH))?;
    Some(tenant).filter(|tenant| !tenant.is_empty() && !tenant.contains('/'))
}

/// Whether the path is one of Entra's and none of a service.
pub(crate) fn is_addressed(path: &str) -> bool {
    tenant(path).is_some()
}

impl EntraEndpoint {
    pub(crate) fn new(issuer: EntraIssuer, access_key: &str) -> Self {
        Self {
            issuer,
            access_key: access_key.to_owned(),
        }
    }

    pub(crate) fn answer(&self, head: &Parts, body: &[u8]) -> Result<Reply, Failure> {
        let path = head.uri.path();
        let tenant = tenant(path).unwrap_or_default();
        let is_token = path.ends_with(TOKEN_PATH);
        match (&head.method, is_token) {
            (&Method::POST, true) => match self.token(tenant, &origin(head), body) {
                Ok(reply) => Ok(reply),
                Err(denial) => Reply::with_body(
                    denial.status,
                    &json!({ "error": denial.error, "error_description": denial.description }),
                ),
            },
            (&Method::GET, false) => discovery(tenant, &origin(head)),
            (method, true) => Err(Failure::wrong_method(method.as_str(), vec!["POST"])),
            (method, false) => Err(Failure::wrong_method(method.as_str(), vec!["GET"])),
        }
    }

    fn token(&self, tenant: &str, origin: &str, body: &[u8]) -> Result<Reply, Denial> {
        let form: HashMap<String, String> = form_urlencoded::parse(body).into_owned().collect();
        let field = |name: &str| {
            let value = form.get(name).filter(|value| !value.is_empty());
            value.ok_or_else(|| invalid_request(format!("the form has no `{name}`")))
        };
        let client_id = field("client_id")?.clone();
        let (user, secret) = match field("grant_type")?.as_str() {
            "client_credentials" => (None, field("client_secret")?),
            "password" => (Some(field("username")?.clone()), field("password")?),
            other => {
                return Err(Denial {
                    status: StatusCode::BAD_REQUEST,
                    error: "unsupported_grant_type",
                    description: format!(
                        "`grant_type` is `{other}`; the emulator has client_credentials and password"
                    ),
                });
            }
        };
        if *secret != self.access_key {
            return Err(wrong_secret(user.is_some()));
        }
        let request = EntraRequest {
            tenant: tenant.to_owned(),
            client_id,
            user,
            scopes: field("scope")?
                .split_whitespace()
                .map(str::to_owned)
                .collect(),
        };
        let now = Timestamp::from(SystemTime::now());
        let token = self.issuer.issue(now, origin, &request);
        let token = token.map_err(|error| Denial {
            status: StatusCode::BAD_REQUEST,
            error: "invalid_scope",
            description: error.to_string(),
        })?;
        let seconds = EntraIssuer::LIFETIME.as_secs();
        let body = json!({
            "token_type": "Bearer",
            "expires_in": seconds,
            "ext_expires_in": seconds,
            "access_token": token.as_str(),
        });
        Reply::ok(&body).map_err(|failure| Denial {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            error: "server_error",
            description: failure.to_string(),
        })
    }
}

/// What sign-in libraries read before they ask for a token.
fn discovery(tenant: &str, origin: &str) -> Result<Reply, Failure> {
    Reply::ok(&json!({
        "issuer": format!("{origin}/{tenant}/v2.0"),
        "token_endpoint": format!("{origin}/{tenant}{TOKEN_PATH}"),
        "authorization_endpoint": format!("{origin}/{tenant}/oauth2/v2.0/authorize"),
        "token_endpoint_auth_methods_supported": ["client_secret_post"],
        "response_types_supported": ["token"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["HS256"],
    }))
}

fn invalid_request(description: String) -> Denial {
    Denial {
        status: StatusCode::BAD_REQUEST,
        error: "invalid_request",
        description,
    }
}

fn wrong_secret(of_person: bool) -> Denial {
    if of_person {
        Denial {
            status: StatusCode::BAD_REQUEST,
            error: "invalid_grant",
            description: "`password` is wrong; everybody's is the emulator's access key".to_owned(),
        }
    } else {
        Denial {
            status: StatusCode::UNAUTHORIZED,
            error: "invalid_client",
            description:
                "`client_secret` is wrong; every application's is the emulator's access key"
                    .to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_two_paths_below_a_tenant_are_entra_s() {
        assert!(is_addressed("/contoso.example/oauth2/v2.0/token"));
        assert!(is_addressed("/t/v2.0/.well-known/openid-configuration"));
        for path in [
            "/oauth2/v2.0/token",
            "//oauth2/v2.0/token",
            "/a/b/oauth2/v2.0/token",
            "/t/oauth2/v2.0/token/",
            "/chat/threads",
        ] {
            assert!(!is_addressed(path), "{path}");
        }
    }
}
