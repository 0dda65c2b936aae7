//! Functions that choose between values: `If`, `Switch`, `Coalesce`.

use crate::evaluate::{Evaluation, Failure};
use crate::functions::Function;
use crate::syntax::Node;
use crate::value::{Kind, Value};

impl<'a> Evaluation<'a> {
    /// Conditions and results in turn; a default at the end. Nothing is evaluated behind the first true condition.
    pub(super) fn conditional(&mut self, arguments: &'a [Node]) -> Result<Value<'a>, Failure> {
        for pair in arguments.chunks(2) {
            match pair {
                [condition, result] if self.boolean(condition)? => {
                    return self.result(Function::If, arguments, result);
                }
                [default] => return self.result(Function::If, arguments, default),
                _ => {}
            }
        }
        Ok(Value::Blank)
    }

    /// A formula, then matches and results in turn; a default at the end.
    pub(super) fn switch(&mut self, arguments: &'a [Node]) -> Result<Value<'a>, Failure> {
        let value = self.value(&arguments[0])?;
        for pair in arguments[1..].chunks(2) {
            match pair {
                [candidate, result] => {
                    let matched = self.value(candidate)?;
                    if self.are_equal(&value, &matched, candidate.offset)? {
                        return self.result(Function::Switch, arguments, result);
                    }
                }
                [default] => return self.result(Function::Switch, arguments, default),
                _ => {}
            }
        }
        Ok(Value::Blank)
    }

    pub(super) fn coalesce(&mut self, arguments: &'a [Node]) -> Result<Value<'a>, Failure> {
        for argument in arguments {
            let value = self.value(argument)?;
            if !value.is_blank() {
                return self.converted(Function::Coalesce, arguments, value, argument.offset);
            }
        }
        Ok(Value::Blank)
    }

    fn result(
        &mut self,
        function: Function,
        arguments: &'a [Node],
        result: &'a Node,
    ) -> Result<Value<'a>, Failure> {
        let value = self.value(result)?;
        self.converted(function, arguments, value, result.offset)
    }

    /// All results of a call have one type: that of the first of which the type is known.
    fn converted(
        &mut self,
        function: Function,
        arguments: &'a [Node],
        value: Value<'a>,
        offset: usize,
    ) -> Result<Value<'a>, Failure> {
        if value == Value::Blank {
            return Ok(value);
        }
        match self.first_known_kind(function.results(arguments))? {
            Some(Kind::Number) => self.number_from(&value, offset).map(Value::Number),
            Some(Kind::Boolean) => self.boolean_from(&value, offset).map(Value::Boolean),
            Some(Kind::Text) => self.text_from(value, offset).map(Value::Text),
            Some(Kind::Blank) | None => Ok(value),
        }
    }

    pub(super) fn first_known_kind(
        &mut self,
        results: impl Iterator<Item = &'a Node>,
    ) -> Result<Option<Kind>, Failure> {
        for result in results {
            if let Some(kind) = self.expected_kind(result)? {
                return Ok(Some(kind));
            }
        }
        Ok(None)
    }
}
