//! Functions over numbers.

use std::cmp::Ordering;

use crate::error::EvaluationErrorKind;
use crate::evaluate::{Evaluation, Failure};
use crate::functions::Call;
use crate::number::{Number, Rounding};
use crate::syntax::Node;
use crate::value::Value;

impl<'a> Evaluation<'a> {
    /// Rounds the first argument to as many decimal places as the second says, or to a whole number.
    pub(super) fn rounded(
        &mut self,
        call: &Call<'a>,
        rounding: Rounding,
    ) -> Result<Value<'a>, Failure> {
        let number = self.number(&call.arguments[0])?;
        let places = match call.arguments.get(1) {
            Some(places) => self.number(places)?.truncated(),
            None => 0,
        };
        number
            .rounded(places, rounding)
            .map(Value::Number)
            .ok_or_else(|| call.out_of_range())
    }

    /// The greatest or the smallest number; blank arguments do not count, and blank alone is blank.
    pub(super) fn extreme(
        &mut self,
        arguments: &'a [Node],
        wanted: Ordering,
    ) -> Result<Value<'a>, Failure> {
        let mut extreme: Option<Number> = None;
        for argument in arguments {
            let value = self.value(argument)?;
            if value == Value::Blank {
                continue;
            }
            let number = self.number_from(&value, argument.offset)?;
            if extreme.is_none_or(|best| number.cmp(&best) == wanted) {
                extreme = Some(number);
            }
        }
        Ok(extreme.map_or(Value::Blank, Value::Number))
    }

    pub(super) fn remainder(&mut self, call: &Call<'a>) -> Result<Value<'a>, Failure> {
        let number = self.number(&call.arguments[0])?;
        let divisor = self.number(&call.arguments[1])?;
        if divisor.is_zero() {
            let offset = call.arguments[1].offset;
            return Err((EvaluationErrorKind::DivisionByZero, offset));
        }
        number
            .modulo(divisor)
            .map(Value::Number)
            .ok_or_else(|| call.out_of_range())
    }

    /// Like every conversion to a number, but blank and the empty text give blank.
    pub(super) fn number_of(&mut self, argument: &'a Node) -> Result<Value<'a>, Failure> {
        let value = self.value(argument)?;
        if value.is_blank() {
            return Ok(Value::Blank);
        }
        self.number_from(&value, argument.offset).map(Value::Number)
    }
}
