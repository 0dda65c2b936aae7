//! The functions of the subset: their names, what they take and give, and where they are carried out.

mod format;
mod logic;
mod number;
pub(crate) mod text;

use std::cmp::Ordering;

use crate::error::{ArgumentCount, EvaluationErrorKind};
use crate::evaluate::{Evaluation, Failure};
use crate::functions::text::{lower, upper};
use crate::number::Rounding;
use crate::syntax::Node;
use crate::value::{Kind, Value};

/// A function of the subset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Function {
    Abs,
    And,
    Blank,
    Coalesce,
    Concatenate,
    EndsWith,
    If,
    Int,
    IsBlank,
    Left,
    Len,
    Lower,
    Max,
    Mid,
    Min,
    Mod,
    Not,
    Or,
    Right,
    Round,
    RoundDown,
    RoundUp,
    StartsWith,
    Switch,
    Text,
    Trim,
    Trunc,
    Upper,
    Value,
}

/// The type of what a function gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ResultType {
    Always(Kind),
    /// That of the first of its results of which the type is known.
    OfItsResults,
}

struct Signature {
    function: Function,
    name: &'static str,
    arguments: ArgumentCount,
    result: ResultType,
}

const fn signature(
    function: Function,
    name: &'static str,
    fewest: usize,
    most: Option<usize>,
    kind: Kind,
) -> Signature {
    Signature {
        function,
        name,
        arguments: ArgumentCount { fewest, most },
        result: ResultType::Always(kind),
    }
}

const fn of_its_results(function: Function, name: &'static str, fewest: usize) -> Signature {
    Signature {
        function,
        name,
        arguments: ArgumentCount { fewest, most: None },
        result: ResultType::OfItsResults,
    }
}

/// One entry for each function, in the order of the enumeration.
const SIGNATURES: &[Signature] = &[
    signature(Function::Abs, "Abs", 1, Some(1), Kind::Number),
    signature(Function::And, "And", 1, None, Kind::Boolean),
    signature(Function::Blank, "Blank", 0, Some(0), Kind::Blank),
    of_its_results(Function::Coalesce, "Coalesce", 1),
    signature(Function::Concatenate, "Concatenate", 1, None, Kind::Text),
    signature(Function::EndsWith, "EndsWith", 2, Some(2), Kind::Boolean),
    of_its_results(Function::If, "If", 2),
    signature(Function::Int, "Int", 1, Some(1), Kind::Number),
    signature(Function::IsBlank, "IsBlank", 1, Some(1), Kind::Boolean),
    signature(Function::Left, "Left", 2, Some(2), Kind::Text),
    signature(Function::Len, "Len", 1, Some(1), Kind::Number),
    signature(Function::Lower, "Lower", 1, Some(1), Kind::Text),
    signature(Function::Max, "Max", 1, None, Kind::Number),
    signature(Function::Mid, "Mid", 2, Some(3), Kind::Text),
    signature(Function::Min, "Min", 1, None, Kind::Number),
    signature(Function::Mod, "Mod", 2, Some(2), Kind::Number),
    signature(Function::Not, "Not", 1, Some(1), Kind::Boolean),
    signature(Function::Or, "Or", 1, None, Kind::Boolean),
    signature(Function::Right, "Right", 2, Some(2), Kind::Text),
    signature(Function::Round, "Round", 2, Some(2), Kind::Number),
    signature(Function::RoundDown, "RoundDown", 2, Some(2), Kind::Number),
    signature(Function::RoundUp, "RoundUp", 2, Some(2), Kind::Number),
    signature(
        Function::StartsWith,
        "StartsWith",
        2,
        Some(2),
        Kind::Boolean,
    ),
    of_its_results(Function::Switch, "Switch", 3),
    signature(Function::Text, "Text", 1, Some(2), Kind::Text),
    signature(Function::Trim, "Trim", 1, Some(1), Kind::Text),
    signature(Function::Trunc, "Trunc", 1, Some(2), Kind::Number),
    signature(Function::Upper, "Upper", 1, Some(1), Kind::Text),
    signature(Function::Value, "Value", 1, Some(1), Kind::Number),
];

impl Function {
    /// The function of this name, letter case included.
    pub(crate) fn named(name: &str) -> Option<Self> {
        SIGNATURES
            .iter()
            .find(|signature| signature.name == name)
            .map(|signature| signature.function)
    }

    /// The name of the function that is written like this but for letter case.
    pub(crate) fn similar(name: &str) -> Option<&'static str> {
        SIGNATURES
            .iter()
            .map(|signature| signature.name)
            .find(|known| known.eq_ignore_ascii_case(name))
    }

    fn signature(self) -> &'static Signature {
        &SIGNATURES[self as usize]
    }

    pub(crate) fn name(self) -> &'static str {
        self.signature().name
    }

    pub(crate) fn argument_count(self) -> ArgumentCount {
        self.signature().arguments
    }

    /// The arguments of which one becomes the value of the call.
    fn results(self, arguments: &[Node]) -> impl Iterator<Item = &Node> {
        // If and Switch: the second of each pair after the conditions or the formula, and a default that stands alone.
        let (skipped, size) = match self {
            Self::If => (0, 2),
            Self::Switch => (1, 2),
            _ => (0, 1),
        };
        arguments[skipped..].chunks(size).filter_map(<[Node]>::last)
    }
}

impl<'a> Evaluation<'a> {
    /// Calls a function. The parser has checked the number of arguments.
    pub(crate) fn call(
        &mut self,
        function: Function,
        offset: usize,
        arguments: &'a [Node],
    ) -> Result<Value<'a>, Failure> {
        let call = Call {
            function,
            offset,
            arguments,
        };
        match function {
            Function::And => self.settles_on(false, arguments),
            Function::Or => self.settles_on(true, arguments),
            Function::Not => Ok(Value::Boolean(!self.boolean(&arguments[0])?)),
            Function::Blank => Ok(Value::Blank),
            Function::IsBlank => Ok(Value::Boolean(self.value(&arguments[0])?.is_blank())),
            Function::Coalesce => self.coalesce(arguments),
            Function::If => self.conditional(arguments),
            Function::Switch => self.switch(arguments),
            Function::Abs => Ok(Value::Number(self.number(&arguments[0])?.absolute())),
            Function::Int => self.rounded(&call, Rounding::Down),
            Function::Trunc | Function::RoundDown => self.rounded(&call, Rounding::TowardsZero),
            Function::Round => self.rounded(&call, Rounding::Nearest),
            Function::RoundUp => self.rounded(&call, Rounding::AwayFromZero),
            Function::Max => self.extreme(arguments, Ordering::Greater),
            Function::Min => self.extreme(arguments, Ordering::Less),
            Function::Mod => self.remainder(&call),
            Function::Value => self.number_of(&arguments[0]),
            Function::Concatenate => self.concatenated(&call),
            Function::StartsWith => self.begins_or_ends(&call, |text, part| text.starts_with(part)),
            Function::EndsWith => self.begins_or_ends(&call, |text, part| text.ends_with(part)),
            Function::Left => self.left(&call),
            Function::Right => self.right(&call),
            Function::Mid => self.middle(&call),
            Function::Len => self.length(&arguments[0]),
            Function::Lower => self.in_case(&call, lower),
            Function::Upper => self.in_case(&call, upper),
            Function::Trim => self.trimmed(&arguments[0]),
            Function::Text => self.text_of(&call),
        }
    }

    /// The type that a call will give as far as the syntax and the labels tell; `None` for blank.
    pub(crate) fn call_kind(
        &mut self,
        function: Function,
        arguments: &'a [Node],
    ) -> Result<Option<Kind>, Failure> {
        match function.signature().result {
            ResultType::Always(Kind::Blank) => Ok(None),
            ResultType::Always(kind) => Ok(Some(kind)),
            ResultType::OfItsResults => self.first_known_kind(function.results(arguments)),
        }
    }
}

/// A call that is being carried out.
pub(crate) struct Call<'a> {
    pub(crate) function: Function,
    /// Where the name of the function stands.
    pub(crate) offset: usize,
    pub(crate) arguments: &'a [Node],
}

impl Call<'_> {
    /// An argument that the function cannot work with.
    pub(crate) fn refused(&self, argument: usize, requirement: &'static str) -> Failure {
        let function = self.function.name();
        let kind = EvaluationErrorKind::InvalidArgument {
            function,
            requirement,
        };
        (kind, self.arguments[argument].offset)
    }

    /// A result beyond the range of numbers.
    pub(crate) fn out_of_range(&self) -> Failure {
        let operation = self.function.name();
        (
            EvaluationErrorKind::NumberOutOfRange { operation },
            self.offset,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::{Function, SIGNATURES};

    #[test]
    fn each_function_finds_its_own_signature() {
        for signature in SIGNATURES {
            assert_eq!(signature.function.name(), signature.name);
            assert_eq!(Function::named(signature.name), Some(signature.function));
        }
        assert_eq!(SIGNATURES.len(), Function::Value as usize + 1);
    }

    #[test]
    fn the_readme_names_each_function() {
        let readme = include_str!("../../README.md");
        for signature in SIGNATURES {
            let named = format!("`{}`", signature.name);
            assert!(readme.contains(&named), "the README lacks {named}");
        }
    }

    #[test]
    fn letter_case_matters_and_the_right_one_is_suggested() {
        assert_eq!(Function::named("if"), None);
        assert_eq!(Function::similar("STARTSWITH"), Some("StartsWith"));
        assert_eq!(Function::similar("Substitute"), None);
    }
}
