//! Function and webhook rules: carries out the calls that the engine asks for, off its lock, and feeds the answers back.

use std::sync::Arc;
use std::time::Duration;

use acs_router_engine::{Command, Effect, RuleAuthorization, RuleCall, RuleSecret};
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::task::JoinSet;
use url::Url;

use crate::outbound::{Outbound, OutboundAnswer};
use crate::shell::Shell;

/// How long a call may take, and as long again the request for its token. By real time, whatever the routing clock shows.
const LIMIT: Duration = Duration::from_secs(10);

/// How many calls are under way at once; others wait for their turn.
const AT_ONCE: usize = 64;

const FUNCTION_KEY: HeaderName = HeaderName::from_static("x-functions-key");
const FUNCTION_CLIENT_ID: HeaderName = HeaderName::from_static("x-functions-clientid");

/// Makes the calls until nobody asks for any more. Dropping the future gives up those under way.
pub(crate) async fn carry_out(
    shell: Arc<Shell>,
    mut effects: UnboundedReceiver<Effect>,
    outbound: Outbound,
) {
    let mut calls = JoinSet::new();
    loop {
        tokio::select! {
            effect = effects.recv(), if calls.len() < AT_ONCE => match effect {
                Some(effect) => {
                    calls.spawn(answer(Arc::clone(&shell), outbound.clone(), effect));
                }
                None => break,
            },
            Some(ended) = calls.join_next() => {
                if let Err(error) = ended {
                    tracing::error!(%error, "the call of a rule broke off");
                }
            }
        }
    }
}

/// A call whose answer movements of the clock wait for; ended when dropped, however that comes about.
struct UnderWay(Arc<Shell>);

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.call_ended();
    }
}

async fn answer(shell: Arc<Shell>, outbound: Outbound, effect: Effect) {
    let _under_way = UnderWay(Arc::clone(&shell));
    let Effect::CallRule { id, call } = effect else {
        tracing::error!(?effect, "an effect that nobody carries out");
        return;
    };
    let result = ask(&outbound, call).await;
    if let Err(reason) = &result {
        tracing::warn!(%id, reason, "a rule could not be called");
    }
    if let Err(refusal) = shell.apply(Command::AnswerRuleCall { id, result }) {
        tracing::error!(%id, %refusal, "the answer of a rule was refused");
    }
}

/// The value of a rule, or why there is none: without the address, which may hold a key.
async fn ask(outbound: &Outbound, call: RuleCall) -> Result<Value, String> {
    let url = address(&call.uri)?;
    let headers = authorize(outbound, &call.authorization).await?;
    let body = Bytes::from(call.body.to_string());
    let answer = outbound.post_json(&url, headers, body, LIMIT).await;
    let answer = accepted(answer.map_err(|error| error.to_string())?)?;
    serde_json::from_slice(&answer.body).map_err(|error| format!("the answer is not JSON: {error}"))
}

fn address(uri: &str) -> Result<Url, String> {
    match Url::parse(uri) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(url),
        Ok(_) => Err("the emulator calls http and https addresses only".to_owned()),
        Err(error) => Err(format!("the address is not usable: {error}")),
    }
}

fn accepted(answer: OutboundAnswer) -> Result<OutboundAnswer, String> {
    if answer.status.is_success() {
        return Ok(answer);
    }
    Err(refused(answer.status))
}

fn refused(status: StatusCode) -> String {
    format!("the answer has the status {}", status.as_u16())
}

async fn authorize(
    outbound: &Outbound,
    authorization: &RuleAuthorization,
) -> Result<HeaderMap, String> {
    let mut headers = HeaderMap::new();
    match authorization {
        RuleAuthorization::None => {}
        RuleAuthorization::FunctionKey { key, client_id } => {
            headers.insert(FUNCTION_KEY, secret_value(key.expose(), "key")?);
            if let Some(client_id) = client_id {
                headers.insert(FUNCTION_CLIENT_ID, secret_value(client_id, "client id")?);
            }
        }
        RuleAuthorization::ClientCredentials {
            authorization_server_uri,
            client_id,
            client_secret,
        } => {
            let token = token(outbound, authorization_server_uri, client_id, client_secret).await;
            let token = token.map_err(|reason| format!("no token was given: {reason}"))?;
            let value = secret_value(&format!("Bearer {token}"), "token")?;
            headers.insert(AUTHORIZATION, value);
        }
        _ => return Err("the emulator does not know this kind of authorization".to_owned()),
    }
    Ok(headers)
}

fn secret_value(text: &str, what: &str) -> Result<HeaderValue, String> {
    let value = HeaderValue::from_str(text);
    let mut value = value.map_err(|_| format!("the {what} cannot stand in a header"))?;
    value.set_sensitive(true);
    Ok(value)
}

#[derive(Deserialize)]
struct TokenAnswer {
    access_token: String,
}

/// A token by the client credentials grant of OAuth 2.0 (RFC 6749, section 4.4), asked for anew for each call.
async fn token(
    outbound: &Outbound,
    server: &str,
    client_id: &str,
    client_secret: &RuleSecret,
) -> Result<String, String> {
    let url = address(server)?;
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", client_id),
        ("client_secret", client_secret.expose()),
    ];
    let answer = outbound.post_form(&url, &fields, LIMIT).await;
    let answer = accepted(answer.map_err(|error| error.to_string())?)?;
    let token = serde_json::from_slice(&answer.body).map(|answer: TokenAnswer| answer.access_token);
    // Not with the reason of the decoder: it may quote the answer.
    token.map_err(|_| "the answer has no text `access_token`".to_owned())
}
