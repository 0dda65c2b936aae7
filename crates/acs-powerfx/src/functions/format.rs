//! Number formats of the function `Text`: digits and zeros before and behind the point, groups of thousands, and
//! characters that stand for themselves before and behind the digits.

use crate::number::{Number, Rounding};

/// Writes a number by a format; the reason when the format is beyond the subset.
pub(super) fn formatted(number: Number, format: &str) -> Result<String, String> {
    Ok(Picture::read(format)?.apply(number))
}

/// What a format says.
struct Picture<'f> {
    before: &'f str,
    /// Digits before the point that are written even if they are zero.
    least_digits: usize,
    grouped: bool,
    least_places: usize,
    most_places: usize,
    behind: &'f str,
}

impl<'f> Picture<'f> {
    fn read(format: &'f str) -> Result<Self, String> {
        let start = format.find(['0', '#', '.']).unwrap_or(format.len());
        let end = format.rfind(['0', '#']).map_or(start, |last| last + 1);
        let (before, behind) = (&format[..start], &format[end.max(start)..]);
        if let Some(character) = before
            .chars()
            .chain(behind.chars())
            .find(|c| !is_literal(*c))
        {
            return Err(format!("the character {character:?} is not supported"));
        }
        if end <= start {
            return Err("there is no 0 or # in it".to_owned());
        }
        let digits = &format[start..end];
        let (whole, places) = digits.split_once('.').unwrap_or((digits, ""));
        if let Some(character) = places.chars().find(|c| !matches!(c, '0' | '#')) {
            return Err(format!(
                "the character {character:?} behind the point is not supported"
            ));
        }
        if let Some(character) = whole.chars().find(|c| !matches!(c, '0' | '#' | ',')) {
            return Err(format!(
                "the character {character:?} among the digits is not supported"
            ));
        }
        if whole.starts_with(',') || whole.ends_with(',') {
            return Err("a comma is supported only between two digits".to_owned());
        }
        let placeholders = whole.chars().filter(|placeholder| *placeholder != ',');
        Ok(Self {
            before,
            least_digits: placeholders
                .skip_while(|placeholder| *placeholder == '#')
                .count(),
            grouped: whole.contains(','),
            least_places: places.rfind('0').map_or(0, |last| last + 1),
            most_places: places.len(),
            behind,
        })
    }

    fn apply(&self, number: Number) -> String {
        let places = i64::try_from(self.most_places).unwrap_or(i64::MAX);
        // Rounding to decimal places brings no number out of range.
        let rounded = number.rounded(places, Rounding::Nearest).unwrap_or(number);
        let notation = rounded.absolute().to_string();
        let (whole, fraction) = notation.split_once('.').unwrap_or((&notation, ""));
        let whole = format!("{:0>1$}", whole.trim_start_matches('0'), self.least_digits);
        let fraction = format!("{fraction:0<0$}", self.least_places);
        let sign = if rounded.is_negative() { "-" } else { "" };
        let whole = if self.grouped { grouped(&whole) } else { whole };
        let point = if fraction.is_empty() { "" } else { "." };
        let Self { before, behind, .. } = self;
        format!("{sign}{before}{whole}{point}{fraction}{behind}")
    }
}

/// Puts a comma before each group of three digits.
fn grouped(digits: &str) -> String {
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Whether a character outside the digits stands for itself.
fn is_literal(character: char) -> bool {
    matches!(character, '¢'..='¥' | '\u{20a0}'..='\u{20cf}')
        || "$+(:^'{<=-/)&~}> ".contains(character)
}

#[cfg(test)]
mod tests {
    use super::formatted;
    use crate::numeric_text::read;

    #[test]
    fn numbers_are_written_as_the_format_says() {
        for (number, format, text) in [
            ("1234.59", "####.#", "1234.6"),
            ("8.9", "#.000", "8.900"),
            ("0.631", "0.#", "0.6"),
            ("12", "#.0#", "12.0"),
            ("1234.568", "#.0#", "1234.57"),
            ("12000", "$ #,###", "$ 12,000"),
            ("1200000", "$ #,###", "$ 1,200,000"),
            ("0.47", "#.##", ".47"),
            ("1.5", "000", "002"),
            ("123456789", "0,0.0", "123,456,789.0"),
            ("0", "#", ""),
            ("5", "#.##", "5"),
            ("-5", "$ 0.0", "-$ 5.0"),
            ("-0.4", "0", "0"),
            ("5", "#0#", "05"),
            ("7", "0000,0", "00,007"),
            ("5", "(0) €", "(5) €"),
        ] {
            let value = read(number).expect("a number");
            assert_eq!(formatted(value, format), Ok(text.to_owned()), "{format}");
        }
    }

    #[test]
    fn formats_beyond_the_subset_are_refused_with_the_part_that_is() {
        for (format, part) in [
            ("yyyy", "'y'"),
            ("0%", "'%'"),
            ("0,", "','"),
            ("#,.0", "comma"),
            ("0.0.0", "'.'"),
            ("0.0,0", "','"),
            ("000-0000", "'-'"),
            ("$", "no 0 or #"),
            (".", "'.'"),
            ("[$-en-US]0", "'['"),
            ("0;0", "';'"),
            ("0.", "'.'"),
        ] {
            let reason = formatted(read("5").expect("a number"), format).expect_err(format);
            assert!(reason.contains(part), "{format}: {reason}");
        }
    }
}
