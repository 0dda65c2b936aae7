//! Names as an expression reads them: `job.Priority`, `worker.'Some-Skill'`.

use std::fmt;

/// A name that an expression reads, as its parts between the dots.
///
/// Names keep their letter case: `job.vip` and `job.VIP` are two labels.
///
/// ```
/// use acs_powerfx::Expression;
///
/// let rule = Expression::parse("job.'Some-Skill' > worker.Level")?;
/// let names: Vec<String> = rule.names().map(ToString::to_string).collect();
/// assert_eq!(names, ["job.'Some-Skill'", "worker.Level"]);
/// # Ok::<(), acs_powerfx::ParseError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Name {
    parts: Vec<String>,
}

impl Name {
    pub(crate) fn new(parts: Vec<String>) -> Self {
        Self { parts }
    }

    /// The parts without quotes: `["job", "Some-Skill"]`.
    #[must_use]
    pub fn parts(&self) -> &[String] {
        &self.parts
    }
}

/// Whether a character may begin a name that has no quotes.
pub(crate) fn begins_name(character: char) -> bool {
    character.is_alphabetic() || character == '_'
}

/// Whether a character may continue a name that has no quotes.
pub(crate) fn continues_name(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

/// Words that are operators or values, and therefore need quotes as a name.
pub(crate) const KEYWORDS: &[&str] = &["And", "Or", "Not", "in", "exactin", "true", "false"];

impl fmt::Display for Name {
    /// Writes the name as an expression would: parts that need quotes get them.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, part) in self.parts.iter().enumerate() {
            if index > 0 {
                formatter.write_str(".")?;
            }
            let plain = part.starts_with(begins_name)
                && part.chars().all(continues_name)
                && !KEYWORDS.contains(&part.as_str());
            if plain {
                formatter.write_str(part)?;
            } else {
                write!(formatter, "'{}'", part.replace('\'', "''"))?;
            }
        }
        Ok(())
    }
}
