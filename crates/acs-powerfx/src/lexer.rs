//! Splits a source into tokens, each with the place where it begins.

use std::borrow::Cow;

use crate::error::ParseErrorKind;
use crate::name::{begins_name, continues_name};
use crate::number::Number;
use crate::operators::{Arithmetic, Binary, Operator, Order};

/// The smallest part of a source that means something.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Token<'s> {
    pub(crate) kind: TokenKind<'s>,
    pub(crate) offset: usize,
    /// Where the token ends, exclusive.
    pub(crate) end: usize,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum TokenKind<'s> {
    Number(Number),
    Text(Cow<'s, str>),
    Name(Cow<'s, str>),
    Boolean(bool),
    Operator(Operator),
    /// `-`, which is an operator or a sign.
    Minus,
    Not,
    Percent,
    Caret,
    Dot,
    Comma,
    Open,
    Close,
    End,
}

const fn binary(operator: Binary) -> TokenKind<'static> {
    TokenKind::Operator(Operator::Binary(operator))
}

/// An error and the offset where it is.
pub(crate) type Misfit = (ParseErrorKind, usize);

/// All tokens of the source; the last one is the end.
pub(crate) fn tokens(source: &str) -> Result<Vec<Token<'_>>, Misfit> {
    let mut lexer = Lexer { source, offset: 0 };
    let mut tokens = Vec::new();
    loop {
        lexer.skip_blanks_and_comments()?;
        let offset = lexer.offset;
        let kind = lexer.token()?;
        let is_end = kind == TokenKind::End;
        tokens.push(Token {
            kind,
            offset,
            end: lexer.offset,
        });
        if is_end {
            return Ok(tokens);
        }
    }
}

struct Lexer<'s> {
    source: &'s str,
    offset: usize,
}

impl<'s> Lexer<'s> {
    fn rest(&self) -> &'s str {
        &self.source[self.offset..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn take_while(&mut self, fits: impl Fn(char) -> bool) -> &'s str {
        let rest = self.rest();
        let length = rest
            .find(|character| !fits(character))
            .unwrap_or(rest.len());
        self.offset += length;
        &rest[..length]
    }

    fn take(&mut self, text: &str) -> bool {
        let found = self.rest().starts_with(text);
        if found {
            self.offset += text.len();
        }
        found
    }

    fn skip_blanks_and_comments(&mut self) -> Result<(), Misfit> {
        loop {
            self.take_while(char::is_whitespace);
            let start = self.offset;
            if self.take("//") {
                self.take_while(|character| !matches!(character, '\n' | '\r'));
            } else if self.take("/*") {
                let Some(length) = self.rest().find("*/") else {
                    return Err((ParseErrorKind::UnterminatedComment, start));
                };
                self.offset += length + 2;
            } else {
                return Ok(());
            }
        }
    }

    fn token(&mut self) -> Result<TokenKind<'s>, Misfit> {
        let Some(character) = self.peek() else {
            return Ok(TokenKind::End);
        };
        match character {
            '"' => self.text(),
            '\'' => self.quoted_name(),
            '.' if !self.digit_follows_point() => {
                self.offset += 1;
                Ok(TokenKind::Dot)
            }
            '0'..='9' | '.' => self.number(),
            _ if begins_name(character) => Ok(self.word()),
            _ => self.symbol(character),
        }
    }

    fn digit_follows_point(&self) -> bool {
        self.rest()[1..].starts_with(|next: char| next.is_ascii_digit())
    }

    fn number(&mut self) -> Result<TokenKind<'s>, Misfit> {
        let start = self.offset;
        self.take_while(|character| character.is_ascii_digit());
        if self.take(".") {
            self.take_while(|character| character.is_ascii_digit());
        }
        let before_exponent = self.offset;
        if self.take("e") || self.take("E") {
            let _sign = self.take("+") || self.take("-");
            if self
                .take_while(|character| character.is_ascii_digit())
                .is_empty()
            {
                self.offset = before_exponent;
            }
        }
        Number::read(&self.source[start..self.offset])
            .map(TokenKind::Number)
            .ok_or((ParseErrorKind::NumberOutOfRange, start))
    }

    fn text(&mut self) -> Result<TokenKind<'s>, Misfit> {
        let start = self.offset;
        self.quoted('"')
            .map(TokenKind::Text)
            .ok_or((ParseErrorKind::UnterminatedText, start))
    }

    fn quoted_name(&mut self) -> Result<TokenKind<'s>, Misfit> {
        let start = self.offset;
        match self.quoted('\'') {
            None => Err((ParseErrorKind::UnterminatedName, start)),
            Some(name) if name.is_empty() => Err((ParseErrorKind::EmptyName, start)),
            Some(name) => Ok(TokenKind::Name(name)),
        }
    }

    /// What stands between two quotes, of which a doubled one stands for itself.
    fn quoted(&mut self, quote: char) -> Option<Cow<'s, str>> {
        let start = self.offset + 1;
        let mut doubled = false;
        let mut end = start;
        loop {
            end += self.source[end..].find(quote)?;
            if !self.source[end + 1..].starts_with(quote) {
                break;
            }
            doubled = true;
            end += 2;
        }
        self.offset = end + 1;
        let content = &self.source[start..end];
        Some(if doubled {
            Cow::Owned(content.replace(&format!("{quote}{quote}"), &quote.to_string()))
        } else {
            Cow::Borrowed(content)
        })
    }

    fn word(&mut self) -> TokenKind<'s> {
        let word = self.take_while(continues_name);
        // Directly before a parenthesis the three are functions: And(a, b).
        let is_function = self.peek() == Some('(');
        match word {
            "And" if !is_function => TokenKind::Operator(Operator::And),
            "Or" if !is_function => TokenKind::Operator(Operator::Or),
            "Not" if !is_function => TokenKind::Not,
            "in" => binary(Binary::In),
            "exactin" => binary(Binary::ExactIn),
            "true" => TokenKind::Boolean(true),
            "false" => TokenKind::Boolean(false),
            _ => TokenKind::Name(Cow::Borrowed(word)),
        }
    }

    fn symbol(&mut self, character: char) -> Result<TokenKind<'s>, Misfit> {
        // Longer symbols stand before those they begin with.
        const SYMBOLS: &[(&str, TokenKind<'static>)] = &[
            ("&&", TokenKind::Operator(Operator::And)),
            ("||", TokenKind::Operator(Operator::Or)),
            ("<>", binary(Binary::NotEqual)),
            ("<=", binary(Binary::Order(Order::LessOrEqual))),
            (">=", binary(Binary::Order(Order::GreaterOrEqual))),
            ("<", binary(Binary::Order(Order::Less))),
            (">", binary(Binary::Order(Order::Greater))),
            ("=", binary(Binary::Equal)),
            ("&", binary(Binary::Concatenate)),
            ("+", binary(Binary::Arithmetic(Arithmetic::Add))),
            ("-", TokenKind::Minus),
            ("*", binary(Binary::Arithmetic(Arithmetic::Multiply))),
            ("/", binary(Binary::Arithmetic(Arithmetic::Divide))),
            ("!", TokenKind::Not),
            ("%", TokenKind::Percent),
            ("^", TokenKind::Caret),
            (",", TokenKind::Comma),
            ("(", TokenKind::Open),
            (")", TokenKind::Close),
        ];
        SYMBOLS
            .iter()
            .find(|(symbol, _)| self.take(symbol))
            .map(|(_, kind)| kind.clone())
            .ok_or((
                ParseErrorKind::UnexpectedCharacter { character },
                self.offset,
            ))
    }
}

#[cfg(test)]
mod tests {
    use super::{TokenKind, tokens};
    use crate::error::ParseErrorKind;

    fn kinds(source: &str) -> Vec<TokenKind<'_>> {
        let tokens = tokens(source).unwrap_or_else(|(kind, at)| panic!("{source}: {kind} at {at}"));
        tokens.into_iter().map(|token| token.kind).collect()
    }

    #[test]
    fn blanks_and_comments_separate_tokens_and_are_nothing_themselves() {
        assert_eq!(
            kinds("1/* * / */+// to the end\r\n\u{a0}\u{2028}2"),
            kinds("1 + 2")
        );
        assert_eq!(kinds(" /**/ "), [TokenKind::End]);
    }

    #[test]
    fn doubled_quotes_stand_for_themselves() {
        assert_eq!(kinds(r#""a ""b""""#)[0], TokenKind::Text("a \"b\"".into()));
        assert_eq!(kinds("'it''s'")[0], TokenKind::Name("it's".into()));
        assert_eq!(kinds(r#""""#)[0], TokenKind::Text("".into()));
    }

    #[test]
    fn an_exponent_needs_digits() {
        assert_eq!(kinds("1e").len(), 3);
        assert_eq!(kinds("1e+").len(), 4);
        assert_eq!(kinds("1e2").len(), 2);
    }

    #[test]
    fn logical_words_before_a_parenthesis_are_functions() {
        assert_eq!(kinds("Not(x)")[0], TokenKind::Name("Not".into()));
        assert_eq!(kinds("Not (x)")[0], TokenKind::Not);
        assert_eq!(kinds("not x")[0], TokenKind::Name("not".into()));
    }

    #[test]
    fn what_cannot_be_a_token_is_refused_where_it_begins() {
        for (source, kind, offset) in [
            ("1 + \"a", ParseErrorKind::UnterminatedText, 4),
            ("1 + \"a\"\"", ParseErrorKind::UnterminatedText, 4),
            ("job.'a", ParseErrorKind::UnterminatedName, 4),
            ("job.''", ParseErrorKind::EmptyName, 4),
            ("1 /* 2", ParseErrorKind::UnterminatedComment, 2),
            ("1 + 1e99", ParseErrorKind::NumberOutOfRange, 4),
            (
                "1 | 2",
                ParseErrorKind::UnexpectedCharacter { character: '|' },
                2,
            ),
            (
                "é = ½",
                ParseErrorKind::UnexpectedCharacter { character: '½' },
                5,
            ),
        ] {
            assert_eq!(tokens(source).expect_err(source), (kind, offset));
        }
    }
}
