//! Rules that somebody else evaluates, and the calls that ask for their values.

use std::fmt;
use std::sync::Arc;

use serde_json::Value;

/// A key or secret of a rule. `Debug` shows nothing of it, and no read of a policy does.
#[derive(Clone, PartialEq, Eq)]
pub struct RuleSecret(Arc<str>);

impl RuleSecret {
    pub(super) fn new(text: Arc<str>) -> Self {
        Self(text)
    }

    /// The text itself, for the request that needs it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for RuleSecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("RuleSecret(..)")
    }
}

/// A `POST` of JSON that gives the value of a rule: the answer's body, read as JSON.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleCall {
    /// The absolute `http` or `https` address.
    pub uri: Arc<str>,
    /// What the request must carry to be let in.
    pub authorization: RuleAuthorization,
    /// The parameters of the rule: `{"job": {...}}`, with `worker` and `selectors` where a worker is scored.
    pub body: Value,
}

/// How a call of a rule is let in.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RuleAuthorization {
    /// Anybody may call.
    None,
    /// An Azure function: the key goes into `x-functions-key`, the client id, if there is one, into
    /// `x-functions-clientid`.
    FunctionKey {
        /// The key of the function or of the whole app.
        key: RuleSecret,
        /// The name of the app's key.
        client_id: Option<Arc<str>>,
    },
    /// A token by the client credentials grant of OAuth 2.0, to send as `Authorization: Bearer`.
    ClientCredentials {
        /// The address that gives tokens.
        authorization_server_uri: Arc<str>,
        /// The client.
        client_id: Arc<str>,
        /// Its secret.
        client_secret: RuleSecret,
    },
}

/// An Azure function that gives a rule's value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct FunctionRule {
    pub(super) uri: Arc<str>,
    pub(super) credential: Option<FunctionCredential>,
}

/// What lets a rule call a function. One of the keys is there.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct FunctionCredential {
    pub(super) function_key: Option<RuleSecret>,
    pub(super) app_key: Option<RuleSecret>,
    pub(super) client_id: Option<Arc<str>>,
}

/// A web service that gives a rule's value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct WebhookRule {
    pub(super) uri: Arc<str>,
    pub(super) client: Option<WebhookClient>,
}

/// Where a rule gets its token for a web service, and as whom.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct WebhookClient {
    pub(super) authorization_server_uri: Arc<str>,
    pub(super) client_id: Arc<str>,
    pub(super) client_secret: RuleSecret,
}

impl FunctionRule {
    pub(super) fn call(&self, body: Value) -> RuleCall {
        let key = self.credential.as_ref().and_then(|credential| {
            // The key of the function lets in to less than that of the app.
            let key = credential.function_key.as_ref();
            let key = key.or(credential.app_key.as_ref())?;
            Some((key.clone(), credential.client_id.clone()))
        });
        RuleCall {
            uri: self.uri.clone(),
            authorization: key.map_or(RuleAuthorization::None, |(key, client_id)| {
                RuleAuthorization::FunctionKey { key, client_id }
            }),
            body,
        }
    }
}

impl WebhookRule {
    pub(super) fn call(&self, body: Value) -> RuleCall {
        let client = self.client.clone();
        RuleCall {
            uri: self.uri.clone(),
            authorization: client.map_or(RuleAuthorization::None, |client| {
                RuleAuthorization::ClientCredentials {
                    authorization_server_uri: client.authorization_server_uri,
                    client_id: client.client_id,
                    client_secret: client.client_secret,
                }
            }),
            body,
        }
    }
}
