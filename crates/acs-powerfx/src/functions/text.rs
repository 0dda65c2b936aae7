//! Functions over texts. A character is a Unicode scalar value.

use std::borrow::Cow;
use std::ops::Range;

use crate::error::EvaluationErrorKind;
use crate::evaluate::{Evaluation, Failure};
use crate::functions::{Call, format};
use crate::number::Number;
use crate::syntax::Node;
use crate::value::Value;

impl<'a> Evaluation<'a> {
    pub(super) fn concatenated(&mut self, call: &Call<'a>) -> Result<Value<'a>, Failure> {
        let mut text = Cow::Borrowed("");
        for argument in call.arguments {
            let part = self.text(argument)?;
            text = self.joined(text, &part, call.offset)?;
        }
        Ok(Value::Text(text))
    }

    pub(super) fn begins_or_ends(
        &mut self,
        call: &Call<'a>,
        test: impl Fn(&str, &str) -> bool,
    ) -> Result<Value<'a>, Failure> {
        let text = self.text(&call.arguments[0])?;
        let part = self.text(&call.arguments[1])?;
        Ok(Value::Boolean(test(&fold_case(&text), &fold_case(&part))))
    }

    pub(super) fn left(&mut self, call: &Call<'a>) -> Result<Value<'a>, Failure> {
        let text = self.text(&call.arguments[0])?;
        let count = self.count(call, 1)?;
        let end = offset_of(&text, count);
        Ok(part(text, 0..end))
    }

    pub(super) fn right(&mut self, call: &Call<'a>) -> Result<Value<'a>, Failure> {
        let text = self.text(&call.arguments[0])?;
        let count = self.count(call, 1)?;
        let length = text.chars().count();
        let start = offset_of(&text, length.saturating_sub(count));
        let end = text.len();
        Ok(part(text, start..end))
    }

    pub(super) fn middle(&mut self, call: &Call<'a>) -> Result<Value<'a>, Failure> {
        let text = self.text(&call.arguments[0])?;
        let first = self.number(&call.arguments[1])?.truncated();
        let Some(skipped) = first
            .checked_sub(1)
            .and_then(|skipped| usize::try_from(skipped).ok())
        else {
            return Err(call.refused(1, "a position of at least 1"));
        };
        let count = match call.arguments.len() {
            3 => self.count(call, 2)?,
            _ => usize::MAX,
        };
        let start = offset_of(&text, skipped);
        let end = start + offset_of(&text[start..], count);
        Ok(part(text, start..end))
    }

    /// A number of characters.
    fn count(&mut self, call: &Call<'a>, argument: usize) -> Result<usize, Failure> {
        let count = self.number(&call.arguments[argument])?.truncated();
        usize::try_from(count).map_err(|_| call.refused(argument, "a count of at least 0"))
    }

    pub(super) fn length(&mut self, argument: &'a Node) -> Result<Value<'a>, Failure> {
        let characters = self.text(argument)?.chars().count();
        Ok(Value::Number(Number::of_count(characters)))
    }

    pub(super) fn in_case(
        &mut self,
        call: &Call<'a>,
        case: impl Fn(char) -> char,
    ) -> Result<Value<'a>, Failure> {
        let text: String = self.text(&call.arguments[0])?.chars().map(case).collect();
        self.check_length(text.len(), call.offset)?;
        Ok(Value::Text(Cow::Owned(text)))
    }

    /// Without spaces at the ends, and with one between words.
    pub(super) fn trimmed(&mut self, argument: &'a Node) -> Result<Value<'a>, Failure> {
        let text = self.text(argument)?;
        let words: Vec<&str> = text.split(' ').filter(|word| !word.is_empty()).collect();
        Ok(Value::Text(Cow::Owned(words.join(" "))))
    }

    pub(super) fn text_of(&mut self, call: &Call<'a>) -> Result<Value<'a>, Failure> {
        let value = self.value(&call.arguments[0])?;
        let Some(format) = call.arguments.get(1) else {
            return match value {
                Value::Blank => Ok(Value::Blank),
                value => self
                    .text_from(value, call.arguments[0].offset)
                    .map(Value::Text),
            };
        };
        let picture = self.text(format)?;
        if value == Value::Blank || picture.is_empty() {
            return Ok(Value::EMPTY_TEXT);
        }
        let number = self.number_from(&value, call.arguments[0].offset)?;
        let text = format::formatted(number, &picture).map_err(|reason| {
            let format_given = picture.into_owned();
            let kind = EvaluationErrorKind::UnsupportedFormat {
                format: format_given,
                reason,
            };
            (kind, format.offset)
        })?;
        self.check_length(text.len(), call.offset)?;
        Ok(Value::Text(Cow::Owned(text)))
    }
}

/// A part of a text, borrowed as long as the text is.
fn part(text: Cow<'_, str>, range: Range<usize>) -> Value<'_> {
    Value::Text(match text {
        Cow::Borrowed(text) => Cow::Borrowed(&text[range]),
        Cow::Owned(text) => Cow::Owned(text[range].to_owned()),
    })
}

/// The offset behind that many characters, or the end.
fn offset_of(text: &str, characters: usize) -> usize {
    text.char_indices()
        .nth(characters)
        .map_or(text.len(), |(offset, _)| offset)
}

/// The upper-case form; the character itself where that form has several characters (ß).
pub(crate) fn upper(character: char) -> char {
    only(character.to_uppercase()).unwrap_or(character)
}

/// The lower-case form; the character itself where that form has several characters.
pub(crate) fn lower(character: char) -> char {
    only(character.to_lowercase()).unwrap_or(character)
}

fn only(mut forms: impl Iterator<Item = char>) -> Option<char> {
    match (forms.next(), forms.next()) {
        (Some(form), None) => Some(form),
        _ => None,
    }
}

/// The text in the form in which texts are compared without regard to case.
pub(crate) fn fold_case(text: &str) -> String {
    // Upper case first: it joins forms that lower case keeps apart, such as the two small sigmas.
    text.chars()
        .map(|character| lower(upper(character)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{fold_case, lower, upper};

    #[test]
    fn case_changes_keep_the_number_of_characters() {
        assert_eq!(upper('ß'), 'ß');
        assert_eq!(upper('é'), 'É');
        assert_eq!(lower('İ'), 'İ');
        assert_eq!(lower('Σ'), 'σ');
    }

    #[test]
    fn forms_that_differ_by_case_fold_to_the_same() {
        for (left, right) in [("QUIT", "quit"), ("ΣΑΣ", "σας"), ("Ä", "ä")] {
            assert_eq!(fold_case(left), fold_case(right));
        }
        assert_ne!(fold_case("a"), fold_case("ä"));
    }
}
