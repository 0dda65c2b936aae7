//! One run of a policy: what each of its attachments and its rule gave, and why.

use std::fmt;

use serde_json::Value;

use super::attachment::{Allocation, Attachable, Attachment, PassThrough};
use crate::entities::{ClassificationDefinition, PRIORITIES};
use crate::ids::IdSource;
use crate::labels::LabelMap;
use crate::members::{self, Reader};
use crate::rules::{Evaluation, Parameters, RouterRule, RuleCall, RuleFailure};
use crate::selector::{QueueSelector, WorkerSelector};

/// What a run goes by.
pub(crate) struct Inputs<'i> {
    pub(crate) labels: &'i LabelMap,
    /// Whether the policy is to choose the queue: not if the job's caller named it (R92).
    pub(crate) chooses_queue: bool,
    /// Where weighted allocations are drawn from.
    pub(crate) ids: &'i mut IdSource,
    /// Gives the value that a call has got.
    pub(crate) answers: &'i mut dyn FnMut(&RuleCall) -> Result<Value, RuleFailure>,
}

/// What came of a run.
#[derive(Debug)]
pub(crate) struct Attempt {
    /// Nothing if the policy is not to choose the queue.
    pub(crate) queue_attachments: Vec<Attached<QueueSelector>>,
    /// What the prioritization rule gave; `None` without a rule, or if the rule gave nothing.
    pub(crate) priority: Result<Option<i32>, RuleFailure>,
    pub(crate) worker_attachments: Vec<Attached<WorkerSelector>>,
}

/// What one attachment gave.
#[derive(Debug)]
pub(crate) struct Attached<S> {
    pub(crate) selectors: Result<Vec<S>, RuleFailure>,
    pub(crate) reason: Reason,
}

/// Why an attachment attached what it did.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Reason {
    Always,
    Condition { holds: bool },
    Label { key: Box<str>, there: bool },
    Rule,
    Drawn { place: usize, of: usize },
}

impl Attempt {
    /// Runs a policy. Every step is taken, also after one that failed.
    pub(crate) fn run(policy: &ClassificationDefinition, inputs: &mut Inputs<'_>) -> Self {
        let parameters = Parameters::of_job(inputs.labels);
        let mut run = Run { parameters, inputs };
        let queue_attachments = if run.inputs.chooses_queue {
            run.attach_all(&policy.queue_attachments)
        } else {
            Vec::new()
        };
        let rule = policy.prioritization_rule.as_ref();
        let priority = rule.map_or(Ok(None), |rule| run.value(rule).and_then(priority));
        Self {
            queue_attachments,
            priority,
            worker_attachments: run.attach_all(&policy.worker_attachments),
        }
    }

    /// The selectors that the queue must meet.
    pub(crate) fn queue_selectors(&self) -> Result<Vec<QueueSelector>, RuleFailure> {
        all_selectors("queueSelectorAttachments", &self.queue_attachments)
    }

    /// The selectors that workers must meet.
    pub(crate) fn worker_selectors(&self) -> Result<Vec<WorkerSelector>, RuleFailure> {
        all_selectors("workerSelectorAttachments", &self.worker_attachments)
    }

    /// The priority, with the member of the policy in the failure.
    pub(crate) fn priority(&self) -> Result<Option<i32>, RuleFailure> {
        let failed = |failure: RuleFailure| failure.of_member("prioritizationRule");
        self.priority.clone().map_err(failed)
    }
}

fn all_selectors<S: Clone>(member: &str, attached: &[Attached<S>]) -> Result<Vec<S>, RuleFailure> {
    let mut all = Vec::new();
    for (index, attached) in attached.iter().enumerate() {
        match &attached.selectors {
            Ok(selectors) => all.extend_from_slice(selectors),
            Err(failure) => return Err(failure.of_member(&format!("{member}[{index}]"))),
        }
    }
    Ok(all)
}

struct Run<'r, 'i> {
    parameters: Parameters,
    inputs: &'r mut Inputs<'i>,
}

impl Run<'_, '_> {
    fn attach_all<S: Attachable>(&mut self, attachments: &[Attachment<S>]) -> Vec<Attached<S>> {
        let attachments = attachments.iter();
        attachments
            .map(|attachment| self.attach(attachment))
            .collect()
    }

    // R93
    fn attach<S: Attachable>(&mut self, attachment: &Attachment<S>) -> Attached<S> {
        match attachment {
            Attachment::Static(selector) => Attached {
                selectors: Ok(vec![selector.clone()]),
                reason: Reason::Always,
            },
            Attachment::Conditional {
                condition,
                selectors,
            } => {
                let holds = self.value(condition).and_then(|value| truth(&value));
                Attached {
                    reason: Reason::Condition {
                        holds: holds == Ok(true),
                    },
                    selectors: holds
                        .map(|holds| if holds { selectors.clone() } else { Vec::new() }),
                }
            }
            Attachment::PassThrough(template) => self.pass_through(template),
            Attachment::RuleEngine(rule) => Attached {
                selectors: self.value(rule).and_then(|value| selectors_of(&value)),
                reason: Reason::Rule,
            },
            Attachment::WeightedAllocation(allocations) => self.draw(allocations),
        }
    }

    fn pass_through<S: Attachable>(&self, template: &PassThrough) -> Attached<S> {
        let label = self.inputs.labels.get(&template.key);
        let selector = label.map(|value| S::passed_through(template, value.clone()));
        Attached {
            reason: Reason::Label {
                key: template.key.clone(),
                there: selector.is_some(),
            },
            selectors: Ok(selector.into_iter().collect()),
        }
    }

    /// Draws one allocation. The weights count in relation to each other, should they not add up to 1 exactly.
    fn draw<S: Attachable>(&mut self, allocations: &[Allocation<S>]) -> Attached<S> {
        let total: f64 = allocations.iter().map(|allocation| allocation.weight).sum();
        let mut left = self.inputs.ids.fraction() * total;
        let drawn = allocations.iter().position(|allocation| {
            left -= allocation.weight;
            left < 0.0
        });
        // Rounding can leave a remainder behind the last one that has a weight.
        let weighty = || {
            allocations
                .iter()
                .rposition(|allocation| allocation.weight > 0.0)
        };
        let drawn = drawn.or_else(weighty).unwrap_or_default();
        let chosen = allocations.get(drawn);
        Attached {
            selectors: Ok(chosen.map_or_else(Vec::new, |chosen| chosen.selectors.clone())),
            reason: Reason::Drawn {
                place: drawn + 1,
                of: allocations.len(),
            },
        }
    }

    fn value(&mut self, rule: &RouterRule) -> Result<Value, RuleFailure> {
        match rule.evaluate(&self.parameters)? {
            Evaluation::Value(value) => Ok(value),
            Evaluation::Call(call) => (self.inputs.answers)(&call),
        }
    }
}

/// Whether a condition holds; no value at all counts as false, as Power Fx has it.
fn truth(value: &Value) -> Result<bool, RuleFailure> {
    match value {
        Value::Bool(holds) => Ok(*holds),
        Value::Null => Ok(false),
        other => Err(RuleFailure::new(format!(
            "the condition gave {}, and not true or false",
            kind_of(other)
        ))),
    }
}

/// The priority that a rule gave, if it gave one.
fn priority(value: Value) -> Result<Option<i32>, RuleFailure> {
    let (least, most) = PRIORITIES;
    if value.is_null() {
        return Ok(None);
    }
    let number = members::whole_number(&value).and_then(|number| i32::try_from(number).ok());
    let number = number.filter(|number| (least..=most).contains(number));
    number.map(Some).ok_or_else(|| {
        let given = match &value {
            Value::Number(number) => number.to_string(),
            other => kind_of(other).to_owned(),
        };
        RuleFailure::new(format!(
            "the rule gave {given}; a priority is a whole number from {least} to {most}"
        ))
    })
}

/// The selectors that a rule gave: one, or a list of them (R38).
fn selectors_of<S: Attachable>(value: &Value) -> Result<Vec<S>, RuleFailure> {
    let mut reader = Reader::default();
    let read = reader.within("the value", |reader| match value {
        Value::Null => Some(Vec::new()),
        Value::Object(_) => S::read(reader, value).map(|selector| vec![selector]),
        Value::Array(_) => members::list(reader, value, S::read),
        other => reader.invalid(format_args!(
            "must be a selector or a list of selectors, but is {}",
            kind_of(other)
        )),
    });
    reader.finish_with(read).map_err(|refusal| {
        let details = refusal.details.into_iter();
        let problems: Vec<_> = details.map(|detail| detail.message).collect();
        RuleFailure::new(format!(
            "the rule gave no selectors: {}",
            problems.join("; ")
        ))
    })
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Always => formatter.write_str("it is static"),
            Self::Condition { holds } => write!(formatter, "its condition gave {holds}"),
            Self::Label { key, there: true } => write!(formatter, "the job has the label '{key}'"),
            Self::Label { key, there: false } => {
                write!(formatter, "the job has no label '{key}'")
            }
            Self::Rule => formatter.write_str("its rule gave them"),
            Self::Drawn { place, of } => write!(formatter, "allocation {place} of {of} was drawn"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn policy(json: &Value) -> ClassificationDefinition {
        let mut reader = Reader::default();
        let patch = json.as_object().expect("an object");
        let read = ClassificationDefinition::patched(&mut reader, None, patch);
        reader.finish().expect("a valid policy");
        read
    }

    fn run(json: &Value, labels: &Value, answer: Result<Value, RuleFailure>) -> Attempt {
        let labels = LabelMap::default()
            .merged(&mut Reader::default(), labels)
            .expect("labels");
        let mut inputs = Inputs {
            labels: &labels,
            chooses_queue: true,
            ids: &mut IdSource::new(1),
            answers: &mut |_| answer.clone(),
        };
        Attempt::run(&policy(json), &mut inputs)
    }

    fn rule(expression: &str) -> Value {
        json!({"kind": "expression", "expression": expression})
    }

    fn priority_of(
        rule: &Value,
        answer: Result<Value, RuleFailure>,
    ) -> Result<Option<i32>, String> {
        let attempt = run(
            &json!({ "prioritizationRule": rule }),
            &json!({"Waited": 90}),
            answer,
        );
        attempt.priority().map_err(|failure| failure.to_string())
    }

    // R94, R97
    #[test]
    fn a_priority_is_a_whole_number_and_no_value_leaves_it() {
        let unused = || Err(RuleFailure::new("unused"));
        assert_eq!(priority_of(&rule("job.Waited / 9"), unused()), Ok(Some(10)));
        assert_eq!(priority_of(&rule("If(job.Vip, 5)"), unused()), Ok(None));
        for (text, given) in [
            ("job.Waited / 60", "1.5"),
            ("1000", "1000"),
            ("\"5\"", "a text"),
            ("true", "a boolean"),
        ] {
            let expected = format!(
                "prioritizationRule: the rule gave {given}; a priority is a whole number from -100 to 100"
            );
            assert_eq!(priority_of(&rule(text), unused()), Err(expected));
        }
        assert_eq!(
            priority_of(&json!({"kind": "directMap"}), unused()),
            Err("prioritizationRule: the rule gave a list; a priority is a whole number from -100 to 100".to_owned())
        );
    }

    // R98
    #[test]
    fn the_answer_of_a_call_is_the_value_of_its_rule() {
        let function = json!({"kind": "function", "functionUri": "https://f.example"});
        assert_eq!(priority_of(&function, Ok(json!(7.0))), Ok(Some(7)));
        let failed = priority_of(&function, Err(RuleFailure::new("it answered 500")));
        assert_eq!(
            failed,
            Err("prioritizationRule: it answered 500".to_owned())
        );
    }

    // R93, R97
    #[test]
    fn a_condition_that_is_neither_true_nor_false_fails_and_no_value_is_false() {
        let attached = |expression: &str| {
            let attempt = run(
                &json!({"workerSelectorAttachments": [{
                    "kind": "conditional",
                    "condition": rule(expression),
                    "workerSelectors": [{"key": "Trained", "labelOperator": "equal", "value": true}],
                }]}),
                &json!({"Vip": true, "Team": "blue"}),
                Err(RuleFailure::new("unused")),
            );
            let selectors = attempt.worker_selectors();
            selectors
                .map(|selectors| selectors.len())
                .map_err(|failure| failure.to_string())
        };
        assert_eq!(attached("job.Vip = true"), Ok(1));
        assert_eq!(attached("job.Nothing = true"), Ok(0));
        assert_eq!(attached("job.Nothing"), Ok(0));
        assert_eq!(
            attached("job.Team"),
            Err(
                "workerSelectorAttachments[0]: the condition gave a text, and not true or false"
                    .to_owned()
            )
        );
    }

    // R38, R93, R96
    #[test]
    fn a_rule_engine_attaches_one_selector_or_a_list_or_says_what_is_wrong_with_them() {
        let attached = |rule: &Value| {
            let attempt = run(
                &json!({"queueSelectorAttachments": [{"kind": "ruleEngine", "rule": rule}]}),
                &json!({"Region": "EU"}),
                Err(RuleFailure::new("unused")),
            );
            attempt
                .queue_selectors()
                .map(|selectors| json!(selectors))
                .map_err(|failure| failure.to_string())
        };
        let selector = json!({"key": "Region", "labelOperator": "equal", "value": "EU"});
        assert_eq!(
            attached(&json!({"kind": "static", "value": selector})),
            Ok(json!([selector]))
        );
        assert_eq!(
            attached(&json!({"kind": "static", "value": [selector, selector]})),
            Ok(json!([selector, selector]))
        );
        assert_eq!(
            attached(&json!({"kind": "directMap"})),
            Ok(json!([selector]))
        );
        assert_eq!(attached(&rule("job.None")), Ok(json!([])));
        assert_eq!(
            attached(&json!({"kind": "static", "value": [{"key": "a"}]})),
            Err("queueSelectorAttachments[0]: the rule gave no selectors: the value[0].labelOperator is required".to_owned())
        );
        assert_eq!(
            attached(&rule("job.Region")),
            Err("queueSelectorAttachments[0]: the rule gave no selectors: the value must be a selector or a list of selectors, but is a text".to_owned())
        );
    }

    // R93
    #[test]
    fn allocations_are_drawn_by_weight_and_the_same_seed_draws_the_same() {
        let allocation = |weight: f64, name: &str| {
            json!({"weight": weight, "queueSelectors": [
                {"key": "Team", "labelOperator": "equal", "value": name},
            ]})
        };
        let policy = policy(&json!({"queueSelectorAttachments": [{
            "kind": "weightedAllocation",
            "allocations": [allocation(0.3, "a"), allocation(0.0, "never"), allocation(0.7, "b")],
        }]}));
        let labels = LabelMap::default();
        let draw = |ids: &mut IdSource| {
            let mut inputs = Inputs {
                labels: &labels,
                chooses_queue: true,
                ids,
                answers: &mut |_| Ok(Value::Null),
            };
            let selectors = Attempt::run(&policy, &mut inputs).queue_selectors();
            json!(selectors.expect("selectors"))[0]["value"].clone()
        };
        let draws = |seed| {
            let mut ids = IdSource::new(seed);
            let draws: Vec<_> = (0..2_000).map(|_| draw(&mut ids)).collect();
            draws
        };
        let drawn = draws(3);
        let share = drawn.iter().filter(|name| **name == "a").count();
        assert!((500..700).contains(&share), "{share} of 2000 at weight 0.3");
        assert!(!drawn.contains(&json!("never")));
        assert_eq!(drawn, draws(3));
        assert_ne!(drawn, draws(4));
    }
}
