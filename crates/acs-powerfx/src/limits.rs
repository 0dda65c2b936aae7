//! The bounds within which an expression is read and evaluated.

/// What one expression may cost. Going beyond a limit is an error that names it; nothing is cut off silently.
///
/// The language has no loops and no recursion, so an evaluation ends in any case. The limits keep a hostile or
/// mistaken expression from taking noticeable time, memory or stack.
///
/// ```
/// use acs_powerfx::{Expression, Limits};
///
/// let mut limits = Limits::default();
/// limits.depth = 3;
/// assert!(Expression::parse_within("((1))", limits).is_ok());
/// let error = Expression::parse_within("((((1))))", limits).unwrap_err();
/// assert_eq!(error.to_string(), "the expression nests deeper than 3 levels, at line 1, column 4");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// The longest source, in bytes. Default 16,384.
    pub source_bytes: usize,
    /// How deep parentheses, arguments, signs and right operands may nest. Default 50, which is also where the
    /// open-source engine stops. Values above [`Limits::GREATEST_DEPTH`] count as that.
    pub depth: usize,
    /// The steps of one evaluation: one for each operation, and one more for each 64 bytes of text an operation reads.
    /// Default 10,000.
    pub steps: usize,
    /// The longest text that an operation may make, in bytes. Default 65,536. Labels are read in place and may be longer.
    pub text_bytes: usize,
}

impl Limits {
    /// The greatest nesting that is honoured, so that no setting can exhaust the stack.
    pub const GREATEST_DEPTH: usize = 100;
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            source_bytes: 16_384,
            depth: 50,
            steps: 10_000,
            text_bytes: 65_536,
        }
    }
}
