//! Numbers written as text, as the function `Value` and every conversion of a text to a number reads them.

use crate::number::Number;

/// Reads a number as it is written in English: `1,234.5`, `-2e3`, `$ 12.34`, `12 %`, `(5)` for -5. Blanks may stand
/// around the number and its signs. `None` if the text is anything else or the number is beyond the range.
pub(crate) fn read(text: &str) -> Option<Number> {
    let mut marks = Marks::default();
    let behind_marks = marks.take_leading(text)?;
    let body = marks.take_trailing(behind_marks)?;
    let number = Number::read(&without_group_separators(body)?)?;
    let magnitude = if marks.percent {
        number.hundredth()
    } else {
        number
    };
    Some(if marks.negative {
        magnitude.negated()
    } else {
        magnitude
    })
}

/// What stands before and behind the digits.
#[derive(Clone, Copy, Default)]
struct Marks {
    signed: bool,
    negative: bool,
    percent: bool,
    currency: bool,
    open: bool,
}

impl Marks {
    /// Takes the marks before the digits; `None` when they contradict each other.
    fn take_leading<'t>(&mut self, text: &'t str) -> Option<&'t str> {
        let mut rest = text.trim_start();
        while let Some(mark) = rest.chars().next().filter(|mark| "+-%$(".contains(*mark)) {
            match mark {
                '+' | '-' if !self.signed => {
                    self.signed = true;
                    self.negative = mark == '-';
                }
                '(' if !self.signed => {
                    self.signed = true;
                    self.negative = true;
                    self.open = true;
                }
                '%' if !self.percent && !self.currency => self.percent = true,
                '$' if !self.percent && !self.currency => self.currency = true,
                _ => return None,
            }
            rest = rest[1..].trim_start();
        }
        Some(rest)
    }

    /// Takes the marks behind the digits; `None` when they contradict those before or a parenthesis stays open.
    fn take_trailing<'t>(&mut self, text: &'t str) -> Option<&'t str> {
        let mut rest = text.trim_end();
        while let Some(mark) = rest.chars().next_back().filter(|mark| "%)".contains(*mark)) {
            match mark {
                '%' if !self.percent && !self.currency => self.percent = true,
                ')' if self.open => self.open = false,
                _ => return None,
            }
            rest = rest[..rest.len() - 1].trim_end();
        }
        (!self.open).then_some(rest)
    }
}

/// Removes the commas between the digits before the point; `None` when anything but digits, one point and an exponent
/// is there, or a comma elsewhere.
fn without_group_separators(text: &str) -> Option<String> {
    let mantissa = text.split(['e', 'E']).next()?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let groups_fit = whole.is_empty() || whole.split(',').all(is_digits);
    let fraction_fits = fraction.is_empty() || is_digits(fraction);
    let has_digits = !whole.is_empty() || !fraction.is_empty();
    (groups_fit && fraction_fits && has_digits)
        .then(|| whole.replace(',', "") + &text[whole.len()..])
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|character| character.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn marks_and_blanks_may_stand_around_the_digits() {
        for (text, number) in [
            ("123.456", "123.456"),
            (" -1.23 ", "-1.23"),
            ("123.", "123"),
            ("+.5", "0.5"),
            ("- 1,000,000", "-1000000"),
            ("$ 12.34", "12.34"),
            ("-$5", "-5"),
            ("$-5", "-5"),
            ("12.34%", "0.1234"),
            ("% 2e3", "20"),
            ("-100e-2 %", "-0.01"),
            ("(123)", "-123"),
            ("($123 )", "-123"),
            ("$(123)", "-123"),
            ("(123) %", "-1.23"),
            ("%(123)", "-1.23"),
        ] {
            let shown = read(text).map(|number| number.to_string());
            assert_eq!(shown.as_deref(), Some(number), "{text}");
        }
    }

    #[test]
    fn anything_else_is_no_number() {
        for text in [
            "", " ", "x", "12a", "1 2", "1 .5", "1. 5", "1e", "e3", "2e3.5", "1e,5", "2.3.5",
            "+-1", "-+1", "-%+1", "1%00", "%1%", "%", "$", "$10%", "$%1", "$$1", "(1", "1)",
            "(-1)", "-(1)", "((1))", ".", "-", "1,", ",1", "1,,0", "1.0,0", "12$34", "€5", "1e99",
            "٣", "--1", "0x10", "1_000", "1.0_0",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
