//! The tree that a source is read into.

use crate::functions::Function;
use crate::name::Name;
use crate::number::Number;
use crate::operators::Binary;

/// A whole expression.
#[derive(Debug)]
pub(crate) struct Syntax {
    pub(crate) root: Node,
    /// Each name once, with the place where it first stands.
    pub(crate) names: Vec<(Name, usize)>,
}

/// Something that has a value.
#[derive(Debug)]
pub(crate) struct Node {
    /// Where it begins, without the parentheses around it.
    pub(crate) offset: usize,
    pub(crate) kind: NodeKind,
}

#[derive(Debug)]
pub(crate) enum NodeKind {
    Number(Number),
    Text(String),
    Boolean(bool),
    /// The index of the name in [`Syntax::names`].
    Name(usize),
    Negate(Box<Node>),
    Not(Box<Node>),
    Percent(Box<Node>),
    Power(Box<Power>),
    Chain(Box<Chain>),
    /// Operands joined by `And`.
    All(Vec<Node>),
    /// Operands joined by `Or`.
    Any(Vec<Node>),
    Call(Function, Vec<Node>),
}

#[derive(Debug)]
pub(crate) struct Power {
    pub(crate) base: Node,
    pub(crate) exponent: Node,
    /// Where the operator stands.
    pub(crate) offset: usize,
}

/// Operands joined by operators of one level, worked from left to right: `a + b - c`.
///
/// A chain is one node however long it is, so that a thousand conditions in a row nest no deeper than two.
#[derive(Debug)]
pub(crate) struct Chain {
    pub(crate) first: Node,
    /// Never empty, and all of one level.
    pub(crate) links: Vec<Link>,
}

#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) operator: Binary,
    /// Where the operator stands.
    pub(crate) offset: usize,
    pub(crate) operand: Node,
}
