//! Rules as JSON: read from what a caller sends, and written for reads and merges.

use std::sync::Arc;

use acs_powerfx::Expression;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value, json};

use super::RouterRule;
use super::call::{FunctionCredential, FunctionRule, RuleSecret, WebhookClient, WebhookRule};
use crate::members::{self, Object, Reader};
use crate::merge_patch;

/// The only language of expressions.
const POWER_FX: &str = "powerFx";

/// Whether JSON is to hold the keys and secrets of a rule.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Secrets {
    LeftOut,
    Included,
}

impl RouterRule {
    /// The rule that a merge patch makes of the stored one, or of nothing. Secrets that the patch leaves out stay.
    pub(crate) fn merged(
        reader: &mut Reader,
        stored: Option<&Self>,
        patch: &Value,
    ) -> Option<Self> {
        members::object(reader, patch)?;
        let mut rule = stored.map_or(Value::Null, |rule| rule.to_json(Secrets::Included));
        merge_patch::merge(&mut rule, patch);
        Self::read(reader, &rule)
    }

    /// Reads a rule (O19).
    pub(crate) fn read(reader: &mut Reader, value: &Value) -> Option<Self> {
        let rule = members::object(reader, value)?;
        let kind = reader.required(rule, "kind", None, members::text)?;
        match &*kind {
            "static" => {
                let value = members::find(rule, "value").filter(|value| !value.is_null());
                Some(Self::Static(value.cloned()))
            }
            "directMap" => Some(Self::DirectMap),
            "expression" => read_expression(reader, rule).map(Self::Expression),
            "function" => FunctionRule::read(reader, rule).map(Self::Function),
            "webhook" => WebhookRule::read(reader, rule).map(Self::Webhook),
            _ => reader.within("kind", |reader| {
                reader.invalid("must be directMap, expression, function, static or webhook")
            }),
        }
    }

    fn to_json(&self, secrets: Secrets) -> Value {
        let mut json = match self {
            Self::Static(None) | Self::DirectMap => json!({}),
            Self::Static(Some(value)) => json!({ "value": value }),
            Self::Expression(expression) => {
                json!({"language": POWER_FX, "expression": expression.source()})
            }
            Self::Function(rule) => rule.to_json(secrets),
            Self::Webhook(rule) => rule.to_json(secrets),
        };
        json["kind"] = json!(self.kind());
        json
    }
}

/// As reads show it: without keys and secrets.
impl Serialize for RouterRule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_json(Secrets::LeftOut).serialize(serializer)
    }
}

fn read_expression(reader: &mut Reader, rule: &Object) -> Option<Expression> {
    reader.optional(rule, "language", None, |reader, value| {
        if value.as_str() == Some(POWER_FX) {
            return Some(());
        }
        reader.invalid(format_args!("must be {POWER_FX}"))
    });
    reader.required(rule, "expression", None, |reader, value| {
        let source = members::text(reader, value)?;
        match Expression::parse(&source) {
            Ok(expression) => Some(expression),
            Err(error) => reader.invalid(format_args!("is not an expression: {error}")),
        }
    })
}

fn secret(reader: &mut Reader, value: &Value) -> Option<RuleSecret> {
    members::text(reader, value).map(RuleSecret::new)
}

impl FunctionRule {
    fn read(reader: &mut Reader, rule: &Object) -> Option<Self> {
        let uri = reader.required(rule, "functionUri", None, members::uri);
        let credential = reader.optional(rule, "credential", None, FunctionCredential::read);
        Some(Self {
            uri: uri?,
            credential,
        })
    }

    fn to_json(&self, secrets: Secrets) -> Value {
        let mut json = json!({"functionUri": self.uri});
        if let Some(credential) = &self.credential {
            json["credential"] = texts([
                ("functionKey", included(secrets, &credential.function_key)),
                ("appKey", included(secrets, &credential.app_key)),
                ("clientId", credential.client_id.as_deref()),
            ]);
        }
        json
    }
}

impl FunctionCredential {
    fn read(reader: &mut Reader, value: &Value) -> Option<Self> {
        let credential = members::object(reader, value)?;
        let function_key = reader.optional(credential, "functionKey", None, secret);
        let app_key = reader.optional(credential, "appKey", None, secret);
        let client_id = reader.optional(credential, "clientId", None, members::text);
        if function_key.is_none() && app_key.is_none() {
            return reader
                .invalid("needs functionKey or appKey; send it again, since reads leave keys out");
        }
        Some(Self {
            function_key,
            app_key,
            client_id,
        })
    }
}

impl WebhookRule {
    fn read(reader: &mut Reader, rule: &Object) -> Option<Self> {
        let uri = reader.required(rule, "webhookUri", None, members::uri);
        let server = reader.optional(rule, "authorizationServerUri", None, members::uri);
        let client = reader.optional(rule, "clientCredential", None, read_client);
        let client = match (server, client) {
            (Some(authorization_server_uri), Some((client_id, client_secret))) => {
                Some(WebhookClient {
                    authorization_server_uri,
                    client_id,
                    client_secret,
                })
            }
            (None, None) => None,
            _ => {
                return reader
                    .invalid("needs authorizationServerUri and clientCredential together");
            }
        };
        Some(Self { uri: uri?, client })
    }

    fn to_json(&self, secrets: Secrets) -> Value {
        let mut json = json!({"webhookUri": self.uri});
        if let Some(client) = &self.client {
            let client_secret = Some(client.client_secret.clone());
            json["authorizationServerUri"] = json!(client.authorization_server_uri);
            json["clientCredential"] = texts([
                ("clientId", Some(&*client.client_id)),
                ("clientSecret", included(secrets, &client_secret)),
            ]);
        }
        json
    }
}

fn read_client(reader: &mut Reader, value: &Value) -> Option<(Arc<str>, RuleSecret)> {
    let credential = members::object(reader, value)?;
    let id = reader.optional(credential, "clientId", None, members::text);
    let secret = reader.optional(credential, "clientSecret", None, secret);
    id.zip(secret).or_else(|| {
        reader.invalid(
            "needs clientId and clientSecret; send the secret again, since reads leave it out",
        )
    })
}

fn included(secrets: Secrets, secret: &Option<RuleSecret>) -> Option<&str> {
    let secret = secret.as_ref().filter(|_| secrets == Secrets::Included);
    secret.map(RuleSecret::expose)
}

fn texts<const N: usize>(members: [(&str, Option<&str>); N]) -> Value {
    let present = members
        .into_iter()
        .filter_map(|(name, text)| text.map(|text| (name.to_owned(), json!(text))));
    Value::Object(present.collect::<Map<_, _>>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{Evaluation, Parameters, RuleAuthorization};

    fn read(json: &Value) -> Result<RouterRule, Vec<String>> {
        merged(None, json)
    }

    fn merged(stored: Option<&RouterRule>, patch: &Value) -> Result<RouterRule, Vec<String>> {
        let mut reader = Reader::default();
        let rule = reader.within("rule", |reader| RouterRule::merged(reader, stored, patch));
        reader.finish_with(rule).map_err(|refusal| {
            let details = refusal.details.into_iter();
            details.map(|detail| detail.message).collect()
        })
    }

    fn call_of(rule: &RouterRule) -> crate::rules::RuleCall {
        match rule.evaluate(&Parameters::default()) {
            Ok(Evaluation::Call(call)) => call,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn every_kind_is_written_as_it_was_read() {
        for json in [
            json!({"kind": "static", "value": {"key": "Id", "labelOperator": "equal", "value": "q"}}),
            json!({"kind": "static"}),
            json!({"kind": "directMap"}),
            json!({"kind": "expression", "language": "powerFx", "expression": "1 + 1"}),
            json!({"kind": "function", "functionUri": "https://f.example/api/rule"}),
            json!({"kind": "webhook", "webhookUri": "http://127.0.0.1:1/rule"}),
        ] {
            assert_eq!(json!(read(&json).expect("a rule")), json);
        }
    }

    // R8, O19: the kebab-case kinds that the service took once are not taken.
    #[test]
    fn unknown_and_missing_kinds_and_members_are_refused_by_name() {
        for (json, reason) in [
            (json!(5), "rule must be an object"),
            (json!({"value": 1}), "rule.kind is required"),
            (
                json!({"kind": "static-rule"}),
                "rule.kind must be directMap, expression, function, static or webhook",
            ),
            (json!({"kind": "expression"}), "rule.expression is required"),
            (
                json!({"kind": "expression", "language": "sql", "expression": "1"}),
                "rule.language must be powerFx",
            ),
            (json!({"kind": "function"}), "rule.functionUri is required"),
            (
                json!({"kind": "function", "functionUri": "f.example/api"}),
                "rule.functionUri must be an absolute http or https address",
            ),
            (
                json!({"kind": "function", "functionUri": "https://f.example", "credential": {"clientId": "c"}}),
                "rule.credential needs functionKey or appKey; send it again, since reads leave keys out",
            ),
            (json!({"kind": "webhook"}), "rule.webhookUri is required"),
            (
                json!({"kind": "webhook", "webhookUri": "https://h.example", "authorizationServerUri": "https://a.example"}),
                "rule needs authorizationServerUri and clientCredential together",
            ),
        ] {
            assert_eq!(read(&json), Err(vec![reason.to_owned()]), "{json}");
        }
    }

    // R97
    #[test]
    fn an_expression_that_does_not_parse_is_refused_with_its_position() {
        let json = json!({"kind": "expression", "expression": "If(job.Vip,\n Sqrt(2))"});
        assert_eq!(
            read(&json),
            Err(vec![
                "rule.expression is not an expression: the function Sqrt is not supported, at line 2, column 2"
                    .to_owned()
            ])
        );
    }

    // R18
    #[test]
    fn a_patch_merges_into_a_rule_and_another_kind_replaces_it() {
        let stored = read(&json!({"kind": "expression", "expression": "1"})).expect("a rule");
        let changed = merged(Some(&stored), &json!({"Expression": "2"})).expect("a rule");
        assert_eq!(
            json!(changed),
            json!({"kind": "expression", "language": "powerFx", "expression": "2"})
        );
        let replaced = merged(Some(&stored), &json!({"kind": "static", "value": 3}));
        assert_eq!(
            json!(replaced.expect("a rule")),
            json!({"kind": "static", "value": 3})
        );
    }

    // R98
    #[test]
    fn keys_are_sent_and_kept_but_never_shown() {
        let function = read(&json!({
            "kind": "function", "functionUri": "https://f.example/api",
            "credential": {"functionKey": "hidden-1", "appKey": "hidden-2", "clientId": "app"},
        }))
        .expect("a rule");
        let webhook = read(&json!({
            "kind": "webhook", "webhookUri": "https://h.example", "authorizationServerUri": "https://a.example/token",
            "clientCredential": {"clientId": "me", "clientSecret": "hidden-3"},
        }))
        .expect("a rule");
        assert_eq!(json!(function)["credential"], json!({"clientId": "app"}));
        assert_eq!(
            json!(webhook)["clientCredential"],
            json!({"clientId": "me"})
        );

        let moved = json!({"functionUri": "https://g.example", "credential": {"clientId": null}});
        let function = merged(Some(&function), &moved).expect("a rule");
        let call = call_of(&function);
        assert_eq!(&*call.uri, "https://g.example");
        assert_eq!(
            call.authorization,
            RuleAuthorization::FunctionKey {
                key: RuleSecret::new(Arc::from("hidden-1")),
                client_id: None,
            }
        );
        let RuleAuthorization::ClientCredentials { client_secret, .. } =
            call_of(&webhook).authorization
        else {
            panic!("{webhook:?}");
        };
        assert_eq!(client_secret.expose(), "hidden-3");
        for shown in [
            format!("{function:?} {webhook:?} {client_secret:?}"),
            format!("{:?}{:?}", call_of(&function), call_of(&webhook)),
            json!([function, webhook]).to_string(),
        ] {
            assert!(!shown.contains("hidden"), "{shown}");
        }
    }

    // R98
    #[test]
    fn without_a_function_key_the_key_of_the_app_lets_in() {
        let rule = json!({
            "kind": "function", "functionUri": "https://f.example",
            "credential": {"appKey": "key", "clientId": "app"},
        });
        assert_eq!(
            call_of(&read(&rule).expect("a rule")).authorization,
            RuleAuthorization::FunctionKey {
                key: RuleSecret::new(Arc::from("key")),
                client_id: Some(Arc::from("app")),
            }
        );
    }
}
