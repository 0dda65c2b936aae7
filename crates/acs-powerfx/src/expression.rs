//! An expression that has been read and can be evaluated again and again.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use crate::error::{EvaluationError, ParseError};
use crate::evaluate;
use crate::limits::Limits;
use crate::name::Name;
use crate::parser;
use crate::scope::Scope;
use crate::syntax::Syntax;
use crate::value::Value;

/// An expression of the Power Fx subset.
///
/// It is read once and evaluated as often as needed; a clone shares what was read. Two expressions are equal when their
/// sources and limits are.
///
/// ```
/// use acs_powerfx::{Expression, Scope, Value};
/// use acs_types::Labels;
///
/// let rule = Expression::parse("If(worker.Gold = true, 100, 1)")?;
///
/// let gold = Labels::from([("Gold".to_owned(), true.into())]);
/// assert_eq!(rule.evaluate(&Scope::new().bind("worker", &gold))?, Value::Number(100.into()));
///
/// let none = Labels::new();
/// assert_eq!(rule.evaluate(&Scope::new().bind("worker", &none))?, Value::Number(1.into()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Expression {
    inner: Arc<Inner>,
}

struct Inner {
    source: String,
    limits: Limits,
    syntax: Syntax,
}

impl Expression {
    /// Reads an expression within the default [`Limits`].
    ///
    /// # Errors
    ///
    /// The source is not an expression, uses something beyond the subset, or is too long or too deep. The error says
    /// where; an unknown function or a wrong number of arguments is named.
    pub fn parse(source: &str) -> Result<Self, ParseError> {
        Self::parse_within(source, Limits::default())
    }

    /// Reads an expression within limits, which also hold for its evaluations.
    ///
    /// # Errors
    ///
    /// As [`parse`](Self::parse).
    pub fn parse_within(source: &str, limits: Limits) -> Result<Self, ParseError> {
        let syntax = parser::parse(source, limits)
            .map_err(|(kind, offset)| ParseError::new(kind, source, offset))?;
        Ok(Self {
            inner: Arc::new(Inner {
                source: source.to_owned(),
                limits,
                syntax,
            }),
        })
    }

    /// The value on the labels of a scope.
    ///
    /// # Errors
    ///
    /// A name is not bound in the scope, a text does not read as the number or boolean that is due, an operand or
    /// argument does not fit, a division by zero, or a limit is exceeded. The error says where.
    pub fn evaluate<'a>(&'a self, scope: &Scope<'a>) -> Result<Value<'a>, EvaluationError> {
        let Inner {
            source,
            limits,
            syntax,
        } = &*self.inner;
        evaluate::evaluate(syntax, scope, *limits)
            .map_err(|(kind, offset)| EvaluationError::new(kind, source, offset))
    }

    /// The source as given.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.inner.source
    }

    /// The limits that hold for this expression.
    #[must_use]
    pub fn limits(&self) -> Limits {
        self.inner.limits
    }

    /// The names that the expression reads, each once, in the order of their first use.
    pub fn names(&self) -> impl Iterator<Item = &Name> {
        self.inner.syntax.names.iter().map(|(name, _)| name)
    }
}

impl FromStr for Expression {
    type Err = ParseError;

    fn from_str(source: &str) -> Result<Self, ParseError> {
        Self::parse(source)
    }
}

impl PartialEq for Expression {
    fn eq(&self, other: &Self) -> bool {
        self.inner.source == other.inner.source && self.inner.limits == other.inner.limits
    }
}

impl Eq for Expression {}

impl fmt::Debug for Expression {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_tuple("Expression")
            .field(&self.inner.source)
            .finish()
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.inner.source)
    }
}
