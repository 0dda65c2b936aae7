//! What can be wrong with an expression: in its source, or with the labels it is evaluated on.

use std::fmt;

use thiserror::Error;

use crate::name::Name;
use crate::position::Position;
use crate::value::Kind;

/// A source that is not an expression, or not within the subset or the limits of this crate.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{kind}, at {position}")]
pub struct ParseError {
    kind: ParseErrorKind,
    position: Position,
}

impl ParseError {
    pub(crate) fn new(kind: ParseErrorKind, source: &str, offset: usize) -> Self {
        Self {
            kind,
            position: Position::of(source, offset),
        }
    }

    /// What is wrong.
    #[must_use]
    pub fn kind(&self) -> &ParseErrorKind {
        &self.kind
    }

    /// Where it is wrong: the first character that does not fit.
    #[must_use]
    pub fn position(&self) -> Position {
        self.position
    }
}

/// What is wrong with a source.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ParseErrorKind {
    /// The source is longer than [`Limits::source_bytes`](crate::Limits::source_bytes).
    #[error("the expression is longer than {limit} bytes")]
    SourceTooLong {
        /// The limit.
        limit: usize,
    },
    /// The source nests deeper than [`Limits::depth`](crate::Limits::depth).
    #[error("the expression nests deeper than {limit} levels")]
    TooDeep {
        /// The limit.
        limit: usize,
    },
    /// A character that begins nothing in this subset, such as those of records and tables.
    #[error("the character {character:?} begins nothing that is supported here")]
    UnexpectedCharacter {
        /// The character.
        character: char,
    },
    /// A text without its closing double quote.
    #[error("this text has no closing double quote")]
    UnterminatedText,
    /// A quoted name without its closing single quote.
    #[error("this quoted name has no closing single quote")]
    UnterminatedName,
    /// A quoted name without characters.
    #[error("a quoted name needs at least one character")]
    EmptyName,
    /// A comment without its closing `*/`.
    #[error("this comment has no closing */")]
    UnterminatedComment,
    /// A number beyond the range of [`Number`](crate::Number).
    #[error("this number is beyond the range of numbers")]
    NumberOutOfRange,
    /// Something else stands where a value, a name, a function or a parenthesis is due.
    #[error("expected a value, a name or a function, found {found}")]
    ExpectedOperand {
        /// What stands there, shortened.
        found: String,
    },
    /// Something else stands where an operator or the end is due.
    #[error("expected an operator or the end, found {found}")]
    ExpectedOperator {
        /// What stands there, shortened.
        found: String,
    },
    /// Something else stands where a certain token is due.
    #[error("expected {expected}, found {found}")]
    Expected {
        /// What is due.
        expected: &'static str,
        /// What stands there, shortened.
        found: String,
    },
    /// A function that is not in this subset.
    #[error("the function {name} is not supported{}", suggestion(*.similar))]
    UnknownFunction {
        /// The function as written.
        name: String,
        /// The function that differs from it by letter case only, if there is one.
        similar: Option<&'static str>,
    },
    /// A call with too few or too many arguments.
    #[error("the function {function} takes {expected}, found {found}")]
    WrongArgumentCount {
        /// The function.
        function: &'static str,
        /// What it takes.
        expected: ArgumentCount,
        /// How many the call has.
        found: usize,
    },
}

fn suggestion(similar: Option<&'static str>) -> String {
    similar.map_or_else(String::new, |name| {
        format!("; letter case matters: write {name}")
    })
}

fn known_names(known: &[String]) -> String {
    if known.is_empty() {
        "where no names are".to_owned()
    } else {
        format!("only those that begin with {}", known.join(", "))
    }
}

/// How many arguments a function takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ArgumentCount {
    pub(crate) fewest: usize,
    pub(crate) most: Option<usize>,
}

impl ArgumentCount {
    /// The fewest arguments.
    #[must_use]
    pub fn fewest(&self) -> usize {
        self.fewest
    }

    /// The most arguments; `None` when any number is possible.
    #[must_use]
    pub fn most(&self) -> Option<usize> {
        self.most
    }

    pub(crate) fn allows(self, count: usize) -> bool {
        count >= self.fewest && self.most.is_none_or(|most| count <= most)
    }
}

impl fmt::Display for ArgumentCount {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.fewest, self.most) {
            (0, Some(0)) => formatter.write_str("no arguments"),
            (1, Some(1)) => formatter.write_str("1 argument"),
            (fewest, Some(most)) if fewest == most => write!(formatter, "{most} arguments"),
            (fewest, Some(most)) => write!(formatter, "{fewest} to {most} arguments"),
            (fewest, None) => write!(formatter, "{fewest} or more arguments"),
        }
    }
}

/// An expression that has no value on the given labels.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{kind}, at {position}")]
pub struct EvaluationError {
    kind: EvaluationErrorKind,
    position: Position,
}

impl EvaluationError {
    pub(crate) fn new(kind: EvaluationErrorKind, source: &str, offset: usize) -> Self {
        Self {
            kind,
            position: Position::of(source, offset),
        }
    }

    /// What is wrong.
    #[must_use]
    pub fn kind(&self) -> &EvaluationErrorKind {
        &self.kind
    }

    /// The start of the operand or argument that does not fit, without the parentheses around it; the operator or
    /// function when the trouble is its result.
    #[must_use]
    pub fn position(&self) -> Position {
        self.position
    }
}

/// Why an expression has no value. No label's content appears in the messages.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum EvaluationErrorKind {
    /// A name of which the first part is not bound in the scope.
    #[error("the name {name} is not known here, {}", known_names(.known))]
    UnknownName {
        /// The name.
        name: Name,
        /// The names that labels are bound under.
        known: Vec<String>,
    },
    /// A name that stands for all labels of something.
    #[error("the name {name} stands for labels; name one of them, as in {name}.Priority")]
    NotAValue {
        /// The name.
        name: Name,
    },
    /// A label with a number beyond the range of [`Number`](crate::Number).
    #[error("the label {name} is beyond the range of numbers")]
    LabelOutOfRange {
        /// The name of the label.
        name: Name,
    },
    /// An operand of a type that the operator does not take.
    #[error("the operator {operator} takes {expected} here, found {found}")]
    WrongType {
        /// The operator.
        operator: &'static str,
        /// The type it takes.
        expected: Kind,
        /// The type of the operand.
        found: Kind,
    },
    /// A text where a number is due, and it does not read as one.
    #[error("this text is not a number")]
    NotANumber,
    /// A text where a boolean is due, and it is neither `true` nor `false`.
    #[error("this text is neither true nor false")]
    NotABoolean,
    /// A division by zero, by a remainder's divisor of zero, or zero to a negative power.
    #[error("division by zero")]
    DivisionByZero,
    /// A result that is no number or beyond the range of [`Number`](crate::Number).
    #[error("the result of {operation} is beyond the range of numbers")]
    NumberOutOfRange {
        /// The operator or function.
        operation: &'static str,
    },
    /// An argument that the function cannot work with.
    #[error("the function {function} needs {requirement} here")]
    InvalidArgument {
        /// The function.
        function: &'static str,
        /// What the argument must be.
        requirement: &'static str,
    },
    /// A format of `Text` beyond the supported subset.
    #[error("the format {format:?} is not supported: {reason}")]
    UnsupportedFormat {
        /// The format as given.
        format: String,
        /// What is not supported in it.
        reason: String,
    },
    /// The evaluation took more than [`Limits::steps`](crate::Limits::steps).
    #[error("the evaluation takes more than {limit} steps")]
    TooManySteps {
        /// The limit.
        limit: usize,
    },
    /// An operation would make a text longer than [`Limits::text_bytes`](crate::Limits::text_bytes).
    #[error("the text made here is longer than {limit} bytes")]
    TextTooLong {
        /// The limit.
        limit: usize,
    },
}
