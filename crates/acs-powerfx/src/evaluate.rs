//! Computes the value of a tree on the labels of a scope.

use std::borrow::Cow;

use acs_types::LabelValue;

use crate::error::EvaluationErrorKind;
use crate::functions::text::fold_case;
use crate::limits::Limits;
use crate::name::Name;
use crate::number::Number;
use crate::numeric_text;
use crate::operators::{Arithmetic, Binary, Order};
use crate::scope::{Meaning, Scope};
use crate::syntax::{Chain, Link, Node, NodeKind, Power, Syntax};
use crate::value::{Kind, Value};

/// An error and the offset where it is.
pub(crate) type Failure = (EvaluationErrorKind, usize);

/// One evaluation: what it reads, and what it has cost so far.
pub(crate) struct Evaluation<'a> {
    syntax: &'a Syntax,
    /// The labels that the names of the syntax stand for, if they are there.
    labels: Vec<Option<&'a LabelValue>>,
    limits: Limits,
    steps: usize,
}

/// The value of an expression on the labels of a scope.
pub(crate) fn evaluate<'a>(
    syntax: &'a Syntax,
    scope: &Scope<'a>,
    limits: Limits,
) -> Result<Value<'a>, Failure> {
    let mut evaluation = Evaluation {
        syntax,
        labels: labels(syntax, scope)?,
        limits,
        steps: 0,
    };
    evaluation.value(&syntax.root)
}

/// What the names stand for. Each must mean something, also one in a branch that is not taken.
fn labels<'a>(syntax: &Syntax, scope: &Scope<'a>) -> Result<Vec<Option<&'a LabelValue>>, Failure> {
    let meaning = |(name, offset): &(Name, usize)| {
        let kind = match scope.meaning(name) {
            Meaning::Label(label) => return Ok(Some(label)),
            Meaning::Missing => return Ok(None),
            Meaning::Unknown => EvaluationErrorKind::UnknownName {
                name: name.clone(),
                known: scope.names().map(str::to_owned).collect(),
            },
            Meaning::Group => EvaluationErrorKind::NotAValue { name: name.clone() },
        };
        Err((kind, *offset))
    };
    syntax.names.iter().map(meaning).collect()
}

impl<'a> Evaluation<'a> {
    pub(crate) fn value(&mut self, node: &'a Node) -> Result<Value<'a>, Failure> {
        self.spend(1, node.offset)?;
        Ok(match &node.kind {
            NodeKind::Number(number) => Value::Number(*number),
            NodeKind::Text(text) => Value::Text(Cow::Borrowed(text)),
            NodeKind::Boolean(value) => Value::Boolean(*value),
            NodeKind::Name(index) => self.label(*index, node.offset)?,
            NodeKind::Negate(operand) => Value::Number(self.number(operand)?.negated()),
            NodeKind::Not(operand) => Value::Boolean(!self.boolean(operand)?),
            NodeKind::Percent(operand) => Value::Number(self.number(operand)?.hundredth()),
            NodeKind::Power(power) => Value::Number(self.power(power)?),
            NodeKind::Chain(chain) => self.fold(chain)?,
            NodeKind::All(operands) => self.settles_on(false, operands)?,
            NodeKind::Any(operands) => self.settles_on(true, operands)?,
            NodeKind::Call(function, arguments) => self.call(*function, node.offset, arguments)?,
        })
    }

    /// The type that a value will have as far as the syntax and the labels tell; `None` for blank.
    pub(crate) fn expected_kind(&mut self, node: &'a Node) -> Result<Option<Kind>, Failure> {
        self.spend(1, node.offset)?;
        Ok(match &node.kind {
            NodeKind::Number(_)
            | NodeKind::Negate(_)
            | NodeKind::Percent(_)
            | NodeKind::Power(_) => Some(Kind::Number),
            NodeKind::Text(_) => Some(Kind::Text),
            NodeKind::Boolean(_) | NodeKind::Not(_) | NodeKind::All(_) | NodeKind::Any(_) => {
                Some(Kind::Boolean)
            }
            NodeKind::Name(index) => self.labels[*index].map(Kind::of_label),
            NodeKind::Chain(chain) => chain.links.first().map(|link| link.operator.kind()),
            NodeKind::Call(function, arguments) => self.call_kind(*function, arguments)?,
        })
    }

    /// Counts the cost of an operation.
    pub(crate) fn spend(&mut self, steps: usize, offset: usize) -> Result<(), Failure> {
        let limit = self.limits.steps;
        self.steps = self.steps.saturating_add(steps);
        if self.steps > limit {
            return Err((EvaluationErrorKind::TooManySteps { limit }, offset));
        }
        Ok(())
    }

    /// Counts the cost of reading a text.
    fn spend_on_text(&mut self, bytes: usize, offset: usize) -> Result<(), Failure> {
        const BYTES_PER_STEP: usize = 64;
        self.spend(bytes / BYTES_PER_STEP, offset)
    }

    /// Refuses to make a text that is too long.
    pub(crate) fn check_length(&self, bytes: usize, offset: usize) -> Result<(), Failure> {
        let limit = self.limits.text_bytes;
        if bytes > limit {
            return Err((EvaluationErrorKind::TextTooLong { limit }, offset));
        }
        Ok(())
    }

    fn label(&self, index: usize, offset: usize) -> Result<Value<'a>, Failure> {
        let Some(label) = self.labels[index] else {
            return Ok(Value::Blank);
        };
        Value::from_label(label).ok_or_else(|| {
            let (name, _) = self.syntax.names[index].clone();
            (EvaluationErrorKind::LabelOutOfRange { name }, offset)
        })
    }

    /// The value of a node as a number.
    pub(crate) fn number(&mut self, node: &'a Node) -> Result<Number, Failure> {
        let value = self.value(node)?;
        self.number_from(&value, node.offset)
    }

    /// The value of a node as a boolean.
    pub(crate) fn boolean(&mut self, node: &'a Node) -> Result<bool, Failure> {
        let value = self.value(node)?;
        self.boolean_from(&value, node.offset)
    }

    /// The value of a node as a text.
    pub(crate) fn text(&mut self, node: &'a Node) -> Result<Cow<'a, str>, Failure> {
        let value = self.value(node)?;
        self.text_from(value, node.offset)
    }

    pub(crate) fn number_from(
        &mut self,
        value: &Value<'a>,
        offset: usize,
    ) -> Result<Number, Failure> {
        match value {
            Value::Blank => Ok(Number::ZERO),
            Value::Number(number) => Ok(*number),
            Value::Boolean(true) => Ok(Number::ONE),
            Value::Boolean(false) => Ok(Number::ZERO),
            Value::Text(text) if text.is_empty() => Ok(Number::ZERO),
            Value::Text(text) => {
                self.spend_on_text(text.len(), offset)?;
                numeric_text::read(text).ok_or((EvaluationErrorKind::NotANumber, offset))
            }
        }
    }

    pub(crate) fn boolean_from(&self, value: &Value<'a>, offset: usize) -> Result<bool, Failure> {
        match value {
            Value::Blank => Ok(false),
            Value::Number(number) => Ok(!number.is_zero()),
            Value::Boolean(value) => Ok(*value),
            Value::Text(text) if text.eq_ignore_ascii_case("true") => Ok(true),
            Value::Text(text) if text.is_empty() || text.eq_ignore_ascii_case("false") => Ok(false),
            Value::Text(_) => Err((EvaluationErrorKind::NotABoolean, offset)),
        }
    }

    pub(crate) fn text_from(
        &mut self,
        value: Value<'a>,
        offset: usize,
    ) -> Result<Cow<'a, str>, Failure> {
        let text = as_text(value);
        self.spend_on_text(text.len(), offset)?;
        Ok(text)
    }

    fn power(&mut self, power: &'a Power) -> Result<Number, Failure> {
        let base = self.number(&power.base)?;
        let exponent = self.number(&power.exponent)?;
        if base.is_zero() && exponent.is_negative() {
            return Err((EvaluationErrorKind::DivisionByZero, power.base.offset));
        }
        base.to_power(exponent).ok_or((
            EvaluationErrorKind::NumberOutOfRange { operation: "^" },
            power.offset,
        ))
    }

    /// `And` settles on false and `Or` on true: the first such operand ends the evaluation.
    pub(crate) fn settles_on(
        &mut self,
        settled: bool,
        operands: &'a [Node],
    ) -> Result<Value<'a>, Failure> {
        for operand in operands {
            if self.boolean(operand)? == settled {
                return Ok(Value::Boolean(settled));
            }
        }
        Ok(Value::Boolean(!settled))
    }

    fn fold(&mut self, chain: &'a Chain) -> Result<Value<'a>, Failure> {
        let mut left = self.value(&chain.first)?;
        for link in &chain.links {
            let right = self.value(&link.operand)?;
            left = self.combine(link, left, chain.first.offset, right)?;
        }
        Ok(left)
    }

    fn combine(
        &mut self,
        link: &'a Link,
        left: Value<'a>,
        left_offset: usize,
        right: Value<'a>,
    ) -> Result<Value<'a>, Failure> {
        let right_offset = link.operand.offset;
        match link.operator {
            Binary::Concatenate => {
                // The left text grows along the chain in place, so only the right one costs anything.
                let right = self.text_from(right, right_offset)?;
                self.joined(as_text(left), &right, link.offset)
                    .map(Value::Text)
            }
            Binary::Equal => self
                .are_equal(&left, &right, link.offset)
                .map(Value::Boolean),
            Binary::NotEqual => {
                let equal = self.are_equal(&left, &right, link.offset)?;
                Ok(Value::Boolean(!equal))
            }
            Binary::In | Binary::ExactIn => self
                .contains(link, left, left_offset, right)
                .map(Value::Boolean),
            Binary::Order(order) => {
                let left = comparable(&left, order, left_offset)?;
                let right = comparable(&right, order, right_offset)?;
                Ok(Value::Boolean(order.holds(left.cmp(&right))))
            }
            Binary::Arithmetic(operation) => {
                let left = self.number_from(&left, left_offset)?;
                let right = self.number_from(&right, right_offset)?;
                arithmetic(operation, link, left, right).map(Value::Number)
            }
        }
    }

    /// Appends to the left text, which is copied only if it is a label or a part of the source.
    pub(crate) fn joined(
        &self,
        left: Cow<'a, str>,
        right: &str,
        offset: usize,
    ) -> Result<Cow<'a, str>, Failure> {
        self.check_length(left.len().saturating_add(right.len()), offset)?;
        let mut text = left.into_owned();
        text.push_str(right);
        Ok(Cow::Owned(text))
    }

    /// Values of different types are never equal, and blank equals only blank.
    pub(crate) fn are_equal(
        &mut self,
        left: &Value<'a>,
        right: &Value<'a>,
        offset: usize,
    ) -> Result<bool, Failure> {
        if let (Value::Text(left), Value::Text(right)) = (left, right) {
            self.spend_on_text(left.len().min(right.len()), offset)?;
        }
        Ok(left == right)
    }

    fn contains(
        &mut self,
        link: &'a Link,
        part: Value<'a>,
        part_offset: usize,
        whole: Value<'a>,
    ) -> Result<bool, Failure> {
        let whole_offset = link.operand.offset;
        let part_reads_as_text = matches!(part.kind(), Kind::Text | Kind::Blank);
        let whole_reads_as_text = matches!(whole.kind(), Kind::Text | Kind::Blank);
        if !part_reads_as_text && !whole_reads_as_text {
            let operator = if link.operator == Binary::In {
                "in"
            } else {
                "exactin"
            };
            return Err(wrong_type(operator, Kind::Text, whole.kind(), whole_offset));
        }
        let part = self.text_from(part, part_offset)?;
        let whole = self.text_from(whole, whole_offset)?;
        Ok(if link.operator == Binary::ExactIn {
            whole.contains(&*part)
        } else {
            fold_case(&whole).contains(&*fold_case(&part))
        })
    }
}

/// What a value reads as where a text is due.
fn as_text(value: Value<'_>) -> Cow<'_, str> {
    match value {
        Value::Blank => Cow::Borrowed(""),
        Value::Number(number) => Cow::Owned(number.to_string()),
        Value::Boolean(true) => Cow::Borrowed("true"),
        Value::Boolean(false) => Cow::Borrowed("false"),
        Value::Text(text) => text,
    }
}

/// The number to compare; texts and booleans have no order.
fn comparable(value: &Value<'_>, order: Order, offset: usize) -> Result<Number, Failure> {
    match value {
        Value::Blank => Ok(Number::ZERO),
        Value::Number(number) => Ok(*number),
        other => Err(wrong_type(
            order.symbol(),
            Kind::Number,
            other.kind(),
            offset,
        )),
    }
}

fn arithmetic(
    operation: Arithmetic,
    link: &Link,
    left: Number,
    right: Number,
) -> Result<Number, Failure> {
    let result = match operation {
        Arithmetic::Add => left.plus(right),
        Arithmetic::Subtract => left.minus(right),
        Arithmetic::Multiply => left.times(right),
        Arithmetic::Divide if right.is_zero() => {
            return Err((EvaluationErrorKind::DivisionByZero, link.operand.offset));
        }
        Arithmetic::Divide => left.divided_by(right),
    };
    let operation = operation.symbol();
    result.ok_or((
        EvaluationErrorKind::NumberOutOfRange { operation },
        link.offset,
    ))
}

fn wrong_type(operator: &'static str, expected: Kind, found: Kind, offset: usize) -> Failure {
    let kind = EvaluationErrorKind::WrongType {
        operator,
        expected,
        found,
    };
    (kind, offset)
}
