//! Reads tokens into a tree, by descent: an operand, then the operators that follow it by level.

use std::collections::HashMap;

use crate::error::ParseErrorKind;
use crate::functions::Function;
use crate::lexer::{Misfit, Token, TokenKind, tokens};
use crate::limits::Limits;
use crate::name::Name;
use crate::operators::{Arithmetic, Binary, Level, Operator};
use crate::syntax::{Chain, Link, Node, NodeKind, Power, Syntax};

/// Reads a whole source.
pub(crate) fn parse(source: &str, limits: Limits) -> Result<Syntax, Misfit> {
    if source.len() > limits.source_bytes {
        let limit = limits.source_bytes;
        return Err((ParseErrorKind::SourceTooLong { limit }, 0));
    }
    let mut parser = Parser {
        source,
        tokens: tokens(source)?,
        next: 0,
        depth: 0,
        greatest_depth: limits.depth.min(Limits::GREATEST_DEPTH),
        names: Vec::new(),
        name_indexes: HashMap::new(),
    };
    let root = parser.expression(Level::Or)?;
    if parser.peek() != &TokenKind::End {
        let found = parser.found();
        return Err((ParseErrorKind::ExpectedOperator { found }, parser.offset()));
    }
    Ok(Syntax {
        root,
        names: parser.names,
    })
}

struct Parser<'s> {
    source: &'s str,
    tokens: Vec<Token<'s>>,
    /// The token to look at; never beyond the last, which is the end.
    next: usize,
    depth: usize,
    greatest_depth: usize,
    names: Vec<(Name, usize)>,
    name_indexes: HashMap<Name, usize>,
}

impl<'s> Parser<'s> {
    fn token(&self) -> &Token<'s> {
        &self.tokens[self.next]
    }

    fn peek(&self) -> &TokenKind<'s> {
        &self.token().kind
    }

    fn offset(&self) -> usize {
        self.token().offset
    }

    /// Goes on to the next token, except from the end.
    fn advance(&mut self) {
        if self.peek() != &TokenKind::End {
            self.next += 1;
        }
    }

    fn take(&mut self, kind: &TokenKind<'_>) -> bool {
        let found = self.peek() == kind;
        if found {
            self.advance();
        }
        found
    }

    /// The next token as an error shows it.
    fn found(&self) -> String {
        const MOST: usize = 20;
        let token = self.token();
        let text = &self.source[token.offset..token.end];
        let text = text.lines().next().unwrap_or_default();
        match text.char_indices().nth(MOST) {
            _ if text.is_empty() => "the end".to_owned(),
            None => text.to_owned(),
            Some((length, _)) => format!("{}...", &text[..length]),
        }
    }

    /// Operands joined by operators of this level and tighter ones.
    fn expression(&mut self, loosest: Level) -> Result<Node, Misfit> {
        self.nested(|parser| {
            let mut left = parser.signed()?;
            while let Some(operator) = parser.operator()
                && operator.level() >= loosest
            {
                left = parser.chain(left, operator)?;
            }
            Ok(left)
        })
    }

    fn nested<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, Misfit>,
    ) -> Result<T, Misfit> {
        self.check_depth(1)?;
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }

    fn check_depth(&self, more: usize) -> Result<(), Misfit> {
        let limit = self.greatest_depth;
        if self.depth + more > limit {
            Err((ParseErrorKind::TooDeep { limit }, self.offset()))
        } else {
            Ok(())
        }
    }

    fn operator(&self) -> Option<Operator> {
        match self.peek() {
            TokenKind::Operator(operator) => Some(*operator),
            TokenKind::Minus => Some(Operator::Binary(Binary::Arithmetic(Arithmetic::Subtract))),
            _ => None,
        }
    }

    /// The operators of one level that follow an operand.
    fn chain(&mut self, first: Node, operator: Operator) -> Result<Node, Misfit> {
        let offset = first.offset;
        let kind = match operator {
            Operator::Or => NodeKind::Any(self.operands(first, operator)?),
            Operator::And => NodeKind::All(self.operands(first, operator)?),
            Operator::Binary(binary) => {
                let links = self.links(binary.level())?;
                NodeKind::Chain(Box::new(Chain { first, links }))
            }
        };
        Ok(Node { offset, kind })
    }

    fn operands(&mut self, first: Node, operator: Operator) -> Result<Vec<Node>, Misfit> {
        let mut operands = vec![first];
        while self.operator() == Some(operator) {
            self.advance();
            operands.push(self.expression(operator.level().tighter())?);
        }
        Ok(operands)
    }

    fn links(&mut self, level: Level) -> Result<Vec<Link>, Misfit> {
        let mut links = Vec::new();
        while let Some(Operator::Binary(operator)) = self.operator()
            && operator.level() == level
        {
            let offset = self.offset();
            self.advance();
            links.push(Link {
                operator,
                offset,
                operand: self.expression(level.tighter())?,
            });
        }
        Ok(links)
    }

    /// An operand with its signs and negations.
    fn signed(&mut self) -> Result<Node, Misfit> {
        let offset = self.offset();
        let kind = if self.take(&TokenKind::Minus) {
            NodeKind::Negate(Box::new(self.nested(Self::signed)?))
        } else if self.take(&TokenKind::Not) {
            NodeKind::Not(Box::new(self.nested(Self::signed)?))
        } else {
            return self.power();
        };
        Ok(Node { offset, kind })
    }

    /// An operand with its exponent: binds tighter than a sign before it, and takes a sign of its own behind it.
    fn power(&mut self) -> Result<Node, Misfit> {
        let base = self.percentage()?;
        let offset = self.offset();
        if !self.take(&TokenKind::Caret) {
            return Ok(base);
        }
        let exponent = self.nested(Self::signed)?;
        Ok(Node {
            offset: base.offset,
            kind: NodeKind::Power(Box::new(Power {
                base,
                exponent,
                offset,
            })),
        })
    }

    fn percentage(&mut self) -> Result<Node, Misfit> {
        let mut node = self.operand()?;
        let mut signs = 0;
        while self.peek() == &TokenKind::Percent {
            signs += 1;
            self.check_depth(signs)?;
            self.advance();
            node = Node {
                offset: node.offset,
                kind: NodeKind::Percent(Box::new(node)),
            };
        }
        Ok(node)
    }

    fn operand(&mut self) -> Result<Node, Misfit> {
        let offset = self.offset();
        let kind = match self.peek().clone() {
            TokenKind::Number(number) => NodeKind::Number(number),
            TokenKind::Text(text) => NodeKind::Text(text.into_owned()),
            TokenKind::Boolean(value) => NodeKind::Boolean(value),
            TokenKind::Name(_) => return self.name_or_call(),
            TokenKind::Open => return self.parenthesised(),
            _ => {
                let found = self.found();
                return Err((ParseErrorKind::ExpectedOperand { found }, offset));
            }
        };
        self.advance();
        Ok(Node { offset, kind })
    }

    fn parenthesised(&mut self) -> Result<Node, Misfit> {
        self.advance();
        let inner = self.expression(Level::Or)?;
        self.expect(&TokenKind::Close, "an operator or )")?;
        Ok(inner)
    }

    fn expect(&mut self, kind: &TokenKind<'_>, expected: &'static str) -> Result<(), Misfit> {
        if self.take(kind) {
            return Ok(());
        }
        let found = self.found();
        Err((ParseErrorKind::Expected { expected, found }, self.offset()))
    }

    fn name_or_call(&mut self) -> Result<Node, Misfit> {
        let offset = self.offset();
        let mut parts = vec![self.name_part()?];
        while self.take(&TokenKind::Dot) {
            parts.push(self.name_part()?);
        }
        let name = Name::new(parts);
        if self.peek() == &TokenKind::Open {
            return self.call(&name, offset);
        }
        let unseen = self.names.len();
        let index = *self.name_indexes.entry(name.clone()).or_insert(unseen);
        if index == unseen {
            self.names.push((name, offset));
        }
        Ok(Node {
            offset,
            kind: NodeKind::Name(index),
        })
    }

    fn name_part(&mut self) -> Result<String, Misfit> {
        if let TokenKind::Name(part) = self.peek().clone() {
            self.advance();
            return Ok(part.into_owned());
        }
        let expected = "a name (in single quotes if it is not a plain word)";
        let found = self.found();
        Err((ParseErrorKind::Expected { expected, found }, self.offset()))
    }

    fn call(&mut self, name: &Name, offset: usize) -> Result<Node, Misfit> {
        let function = match name.parts() {
            [part] => Function::named(part),
            _ => None,
        };
        let Some(function) = function else {
            let similar = Function::similar(&name.to_string());
            let name = name.to_string();
            return Err((ParseErrorKind::UnknownFunction { name, similar }, offset));
        };
        self.advance();
        let arguments = self.arguments()?;
        let (expected, found) = (function.argument_count(), arguments.len());
        if !expected.allows(found) {
            let function = function.name();
            return Err((
                ParseErrorKind::WrongArgumentCount {
                    function,
                    expected,
                    found,
                },
                offset,
            ));
        }
        Ok(Node {
            offset,
            kind: NodeKind::Call(function, arguments),
        })
    }

    fn arguments(&mut self) -> Result<Vec<Node>, Misfit> {
        let mut arguments = Vec::new();
        if self.take(&TokenKind::Close) {
            return Ok(arguments);
        }
        loop {
            arguments.push(self.expression(Level::Or)?);
            if !self.take(&TokenKind::Comma) {
                self.expect(&TokenKind::Close, "an operator, a comma or )")?;
                return Ok(arguments);
            }
        }
    }
}
