//! The operators between two operands, and how tightly they bind.

use std::cmp::Ordering;

use crate::value::Kind;

/// An operator between two operands; the power operator, which binds from right to left, stands apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    Or,
    And,
    /// One that always needs both operands.
    Binary(Binary),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Binary {
    In,
    ExactIn,
    Equal,
    NotEqual,
    Order(Order),
    Concatenate,
    Arithmetic(Arithmetic),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
}

/// How tightly an operator binds, from the loosest on. Signs, `!`, `^` and `%` bind tighter than all of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    Or,
    And,
    Membership,
    Comparison,
    Concatenation,
    Sum,
    Product,
    /// A single operand, without any of these operators.
    Operand,
}

impl Level {
    pub(crate) fn tighter(self) -> Self {
        match self {
            Self::Or => Self::And,
            Self::And => Self::Membership,
            Self::Membership => Self::Comparison,
            Self::Comparison => Self::Concatenation,
            Self::Concatenation => Self::Sum,
            Self::Sum => Self::Product,
            Self::Product | Self::Operand => Self::Operand,
        }
    }
}

impl Operator {
    pub(crate) fn level(self) -> Level {
        match self {
            Self::Or => Level::Or,
            Self::And => Level::And,
            Self::Binary(binary) => binary.level(),
        }
    }
}

impl Binary {
    pub(crate) fn level(self) -> Level {
        match self {
            Self::In | Self::ExactIn => Level::Membership,
            Self::Equal | Self::NotEqual | Self::Order(_) => Level::Comparison,
            Self::Concatenate => Level::Concatenation,
            Self::Arithmetic(Arithmetic::Add | Arithmetic::Subtract) => Level::Sum,
            Self::Arithmetic(Arithmetic::Multiply | Arithmetic::Divide) => Level::Product,
        }
    }

    /// The type of what it gives.
    pub(crate) fn kind(self) -> Kind {
        match self {
            Self::In | Self::ExactIn | Self::Equal | Self::NotEqual | Self::Order(_) => {
                Kind::Boolean
            }
            Self::Concatenate => Kind::Text,
            Self::Arithmetic(_) => Kind::Number,
        }
    }
}

impl Order {
    pub(crate) fn symbol(self) -> &'static str {
        match self {
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }

    pub(crate) fn holds(self, ordering: Ordering) -> bool {
        match self {
            Self::Less => ordering.is_lt(),
            Self::LessOrEqual => ordering.is_le(),
            Self::Greater => ordering.is_gt(),
            Self::GreaterOrEqual => ordering.is_ge(),
        }
    }
}

impl Arithmetic {
    pub(crate) fn symbol(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
        }
    }
}
