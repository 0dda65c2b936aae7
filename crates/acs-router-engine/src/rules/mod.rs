//! Rules: what gives a value for a job or a worker, in classification policies and in scoring.
//!
//! Static, direct-map and expression rules are evaluated here, as pure functions of their [`Parameters`]. Function and
//! webhook rules are evaluated by somebody else: they give a [`RuleCall`], which becomes an
//! [`Effect`](crate::Effect), and the value comes back as [`Command::AnswerRuleCall`](crate::Command::AnswerRuleCall).
//!
//! One rule on several sets of parameters, as scoring needs it, is one [`RouterRule::evaluate`] for each set: bind the job
//! once with [`Parameters::of_job`], then each worker in turn with [`Parameters::bind_worker`]. A rule that gets many
//! workers in one call has its body made by the caller: [`RouterRule::call`] with that body.

mod call;
mod parameters;
mod wire;

use acs_powerfx::{Expression, Value as ExpressionValue};
use acs_types::LabelValue;
use serde_json::{Value, json};

pub(crate) use call::{FunctionRule, WebhookRule};
pub use call::{RuleAuthorization, RuleCall, RuleSecret};
pub(crate) use parameters::{Parameters, scope_of};

/// A rule as a policy states it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum RouterRule {
    /// Always the same value.
    Static(Option<Value>),
    /// A selector for each label of the job (R96).
    DirectMap,
    /// What a Power Fx expression gives (R97).
    Expression(Expression),
    /// What an Azure function answers (R98).
    Function(FunctionRule),
    /// What a web service answers (R98).
    Webhook(WebhookRule),
}

/// What came of a rule.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Evaluation {
    /// Its value; null when an expression or a static rule gives none.
    Value(Value),
    /// The call that gets its value.
    Call(RuleCall),
}

/// Why a rule gave no value, or none of the type that is due. Names no key and no secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct RuleFailure(String);

impl RuleFailure {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The same, naming the member of the policy that the rule belongs to.
    pub(crate) fn of_member(&self, member: &str) -> Self {
        Self(format!("{member}: {self}"))
    }
}

impl RouterRule {
    /// The kind as it stands on the wire.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Static(_) => "static",
            Self::DirectMap => "directMap",
            Self::Expression(_) => "expression",
            Self::Function(_) => "function",
            Self::Webhook(_) => "webhook",
        }
    }

    /// The value on these parameters, or the call that gets it.
    pub(crate) fn evaluate(&self, parameters: &Parameters) -> Result<Evaluation, RuleFailure> {
        if let Some(call) = self.call(|| parameters.to_json()) {
            return Ok(Evaluation::Call(call));
        }
        let value = match self {
            Self::Static(value) => value.clone().unwrap_or_default(),
            Self::Expression(expression) => evaluate(expression, parameters)?,
            Self::DirectMap | Self::Function(_) | Self::Webhook(_) => direct_map(parameters),
        };
        Ok(Evaluation::Value(value))
    }

    /// The call with this body, if the rule is evaluated by somebody else.
    pub(crate) fn call(&self, body: impl FnOnce() -> Value) -> Option<RuleCall> {
        match self {
            Self::Function(rule) => Some(rule.call(body())),
            Self::Webhook(rule) => Some(rule.call(body())),
            Self::Static(_) | Self::DirectMap | Self::Expression(_) => None,
        }
    }
}

fn evaluate(expression: &Expression, parameters: &Parameters) -> Result<Value, RuleFailure> {
    let value = expression
        .evaluate(&parameters.scope())
        .map_err(|error| RuleFailure::new(format!("the expression has no value: {error}")))?;
    Ok(json_of(value))
}

/// The value of an expression as JSON: blank becomes null, a whole number an integer.
pub(crate) fn json_of(value: ExpressionValue<'_>) -> Value {
    value.into_label().map_or(Value::Null, |label| match label {
        LabelValue::Integer(number) => json!(number),
        LabelValue::Number(number) => json!(number),
        LabelValue::Text(text) => json!(text),
        LabelValue::Boolean(value) => json!(value),
    })
}

fn direct_map(parameters: &Parameters) -> Value {
    let selector = |(key, value)| json!({"key": key, "labelOperator": "equal", "value": value});
    parameters.job().iter().map(selector).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::labels::LabelMap;
    use crate::members::Reader;

    fn rule(json: &Value) -> RouterRule {
        RouterRule::read(&mut Reader::default(), json).expect("a rule")
    }

    fn labels(json: &Value) -> LabelMap {
        LabelMap::default()
            .merged(&mut Reader::default(), json)
            .expect("labels")
    }

    fn value(rule_json: &Value, job: &Value) -> Result<Value, String> {
        let parameters = Parameters::of_job(&labels(job));
        match rule(rule_json).evaluate(&parameters) {
            Ok(Evaluation::Value(value)) => Ok(value),
            Ok(Evaluation::Call(call)) => panic!("{call:?}"),
            Err(failure) => Err(failure.to_string()),
        }
    }

    // R38
    #[test]
    fn a_static_rule_gives_its_value_whatever_the_labels() {
        for given in [
            json!(5),
            json!("five"),
            json!([{"key": "k"}]),
            json!({"a": 1}),
        ] {
            let rule = json!({"kind": "static", "value": given});
            assert_eq!(value(&rule, &json!({"x": 1})), Ok(given));
        }
        assert_eq!(
            value(&json!({"kind": "static"}), &json!({})),
            Ok(Value::Null)
        );
    }

    // R96
    #[test]
    fn a_direct_map_gives_a_selector_for_each_label() {
        let job = json!({"Language": "fr", "Level": 2.5});
        assert_eq!(
            value(&json!({"kind": "directMap"}), &job),
            Ok(json!([
                {"key": "Language", "labelOperator": "equal", "value": "fr"},
                {"key": "Level", "labelOperator": "equal", "value": 2.5},
            ]))
        );
    }

    // R97
    #[test]
    fn an_expression_reads_the_labels_of_the_job_and_missing_ones_are_blank() {
        let expression = |text: &str| json!({"kind": "expression", "expression": text});
        let job = json!({"Vip": true, "Waited": 30, "Half": 0.5});
        for (text, expected) in [
            ("If(job.Vip, 10, 1)", json!(10)),
            ("job.Missing = true", json!(false)),
            ("job.Waited / 60", json!(0.5)),
            ("job.Half * 4", json!(2)),
            ("job.Missing", Value::Null),
            ("\"a\" & job.Waited", json!("a30")),
        ] {
            assert_eq!(value(&expression(text), &job), Ok(expected), "{text}");
        }
        let failure = value(&expression("worker.Skill"), &job).expect_err("no worker");
        assert!(
            failure.starts_with("the expression has no value: the name worker.Skill is not known"),
            "{failure}"
        );
        let failure = value(&expression("1 / job.Missing"), &job).expect_err("no value");
        assert!(failure.contains("division by zero, at line 1"), "{failure}");
    }

    // R75: one rule for several workers.
    #[test]
    fn workers_are_bound_one_after_another() {
        let rule = rule(&json!({
            "kind": "expression", "expression": "If(worker.Language = job.Language, 100, 1)",
        }));
        let mut parameters = Parameters::of_job(&labels(&json!({"Language": "fr"})));
        for (language, score) in [("fr", 100), ("de", 1), ("fr", 100)] {
            parameters.bind_worker(&labels(&json!({ "Language": language })));
            let evaluation = rule.evaluate(&parameters);
            assert_eq!(evaluation, Ok(Evaluation::Value(json!(score))));
        }
    }
}
