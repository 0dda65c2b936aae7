//! Where in the source something stands.

use std::fmt;

/// A place in an expression's source.
///
/// ```
/// use acs_powerfx::Expression;
///
/// let error = Expression::parse("If(job.Vip,\n   1 +)").unwrap_err();
/// let position = error.position();
/// assert_eq!((position.offset(), position.line(), position.column()), (18, 2, 7));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Position {
    offset: usize,
    line: usize,
    column: usize,
}

impl Position {
    /// The position of a byte offset at a character's start; anything else stands for the end.
    pub(crate) fn of(source: &str, offset: usize) -> Self {
        let before = source.get(..offset).unwrap_or(source);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Self {
            offset: before.len(),
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
        }
    }

    /// The byte offset from the start of the source, counted from 0.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// The line, counted from 1.
    #[must_use]
    pub fn line(&self) -> usize {
        self.line
    }

    /// The character within the line, counted from 1.
    #[must_use]
    pub fn column(&self) -> usize {
        self.column
    }
}

impl fmt::Display for Position {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "line {}, column {}", self.line, self.column)
    }
}

#[cfg(test)]
mod tests {
    use super::Position;

    #[test]
    fn columns_count_characters_and_offsets_count_bytes() {
        let source = "é + ü\n\"ß\" & x";
        let position = Position::of(source, source.find('x').expect("present"));
        assert_eq!(
            (position.offset(), position.line(), position.column()),
            (15, 2, 7)
        );
    }

    #[test]
    fn an_offset_beyond_the_end_stands_for_the_end() {
        assert_eq!(Position::of("ab\nc", 9), Position::of("ab\nc", 4));
        assert_eq!(Position::of("ab\nc", 4).to_string(), "line 2, column 2");
    }
}
