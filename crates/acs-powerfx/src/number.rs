//! Numbers: decimal, as Power Fx counts.

use std::fmt;
use std::str::FromStr as _;

use rust_decimal::{Decimal, RoundingStrategy};

/// A decimal number with 28 significant digits between ±79,228,162,514,264,337,593,543,950,335.
///
/// Power Fx counts in decimals: `0.1 + 0.2 = 0.3` holds, and every whole number of 64 bits is exact. Binary floating
/// point would make a score of `0.30000000000000004` and take two large ids for one.
///
/// ```
/// use acs_powerfx::Number;
///
/// assert_eq!(Number::from(9_007_199_254_740_993_i64).to_string(), "9007199254740993");
/// assert_eq!(Number::from_f64(0.1).map(|number| number.to_string()).as_deref(), Some("0.1"));
/// assert_eq!(Number::from_f64(f64::NAN), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Number(Decimal);

/// Which way a number is rounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rounding {
    /// To the nearest; halves away from zero.
    Nearest,
    TowardsZero,
    AwayFromZero,
    /// Towards negative infinity.
    Down,
}

/// Digits that a [`Number`] can have behind the point.
const MOST_PLACES: i64 = 28;

impl Number {
    pub(crate) const ZERO: Self = Self(Decimal::ZERO);
    pub(crate) const ONE: Self = Self(Decimal::ONE);

    pub(crate) fn of_count(count: usize) -> Self {
        Self(count.into())
    }

    /// The decimal number that the floating-point number is written as; `None` for not-a-number, the infinities and
    /// what is beyond the range. Digits behind the 28th decimal place are rounded away.
    #[must_use]
    pub fn from_f64(value: f64) -> Option<Self> {
        // The shortest notation that reads back as the same value: 0.1 stays 0.1.
        Self::read(&format!("{value:e}"))
    }

    /// The nearest floating-point number.
    #[must_use]
    pub fn as_f64(self) -> f64 {
        // By way of the digits, because the direct conversion is off by one unit for some values.
        self.to_string().parse().unwrap_or(f64::NAN)
    }

    /// The value as a whole number of 64 bits, if it is one.
    #[must_use]
    pub fn as_integer(self) -> Option<i64> {
        if self.0.is_integer() {
            i64::try_from(self.0.trunc().normalize().mantissa()).ok()
        } else {
            None
        }
    }

    /// Reads `12`, `1.5`, `.5`, `5.` and each with an exponent; no sign, no spaces. `None` if it is none of these or
    /// beyond the range.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let (digits, exponent) = match text.split_once(['e', 'E']) {
            Some((digits, exponent)) => (digits, Some(exponent)),
            None => (text, None),
        };
        let (sign, unsigned) = match digits.strip_prefix('-') {
            Some(rest) => ("-", rest),
            None => ("", digits),
        };
        let whole_and_fraction = unsigned.strip_suffix('.').unwrap_or(unsigned);
        let mantissa = Decimal::from_str(&format!("{sign}0{whole_and_fraction}")).ok()?;
        match exponent {
            None => Some(Self(mantissa)),
            Some(exponent) => Self(mantissa).shifted(read_exponent(exponent)?),
        }
    }

    pub(crate) fn hundredth(self) -> Self {
        Self(self.0 * Decimal::new(1, 2))
    }

    /// Times ten to the power of `places`.
    fn shifted(self, places: i64) -> Option<Self> {
        // Further away only zero is left of any number, or no number at all.
        const FURTHEST: i64 = 3 * MOST_PLACES;
        let mut shifted = self.0;
        let mut left = places.clamp(-FURTHEST, FURTHEST);
        while left != 0 {
            let step = left.clamp(-MOST_PLACES, MOST_PLACES);
            let factor = power_of_ten(step.unsigned_abs());
            shifted = if step.is_positive() {
                shifted.checked_mul(factor)?
            } else {
                shifted.checked_div(factor)?
            };
            left -= step;
        }
        Some(Self(shifted))
    }

    pub(crate) fn is_zero(self) -> bool {
        self.0.is_zero()
    }

    pub(crate) fn is_negative(self) -> bool {
        self < Self::ZERO
    }

    pub(crate) fn negated(self) -> Self {
        Self(-self.0)
    }

    pub(crate) fn absolute(self) -> Self {
        Self(self.0.abs())
    }

    pub(crate) fn plus(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    pub(crate) fn minus(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }

    pub(crate) fn times(self, other: Self) -> Option<Self> {
        self.0.checked_mul(other.0).map(Self)
    }

    /// `None` also for a division by zero.
    pub(crate) fn divided_by(self, other: Self) -> Option<Self> {
        self.0.checked_div(other.0).map(Self)
    }

    /// The remainder with the sign of the divisor; `None` for a zero divisor.
    pub(crate) fn modulo(self, divisor: Self) -> Option<Self> {
        let remainder = self.0.checked_rem(divisor.0).map(Self)?;
        if remainder.is_zero() || remainder.is_negative() == divisor.is_negative() {
            Some(remainder)
        } else {
            remainder.plus(divisor)
        }
    }

    /// `None` when the result is no number or beyond the range. The caller refuses zero to a negative power.
    pub(crate) fn to_power(self, exponent: Self) -> Option<Self> {
        let Some(whole) = exponent.as_integer() else {
            return self.to_fractional_power(exponent);
        };
        let magnitude = self.to_whole_power(whole.unsigned_abs());
        if whole >= 0 {
            return magnitude;
        }
        match magnitude {
            Some(magnitude) => Self::ONE.divided_by(magnitude),
            None => Some(Self::ZERO),
        }
    }

    fn to_whole_power(self, exponent: u64) -> Option<Self> {
        let mut result = Self::ONE;
        let mut square = self;
        let mut left = exponent;
        loop {
            if left % 2 == 1 {
                result = result.times(square)?;
            }
            left /= 2;
            if left == 0 {
                return Some(result);
            }
            square = square.times(square)?;
        }
    }

    /// Roots and the like are approximations: 15 digits of the floating-point result are kept.
    fn to_fractional_power(self, exponent: Self) -> Option<Self> {
        let power = self.as_f64().powf(exponent.as_f64());
        Self::read(&format!("{power:.14e}"))
    }

    /// Rounds to decimal places, to tens, hundreds and so on when negative; `None` when the result is beyond the range.
    pub(crate) fn rounded(self, places: i64, rounding: Rounding) -> Option<Self> {
        if let Ok(behind_the_point) = u32::try_from(places) {
            let strategy = match rounding {
                Rounding::Nearest => RoundingStrategy::MidpointAwayFromZero,
                Rounding::TowardsZero => RoundingStrategy::ToZero,
                Rounding::AwayFromZero => RoundingStrategy::AwayFromZero,
                Rounding::Down => RoundingStrategy::ToNegativeInfinity,
            };
            return Some(Self(
                self.0.round_dp_with_strategy(behind_the_point, strategy),
            ));
        }
        if places.is_positive() {
            return Some(self);
        }
        self.rounded_before_the_point(places.unsigned_abs(), rounding)
    }

    fn rounded_before_the_point(self, places: u64, rounding: Rounding) -> Option<Self> {
        if places > MOST_PLACES.unsigned_abs() {
            let goes_up = rounding == Rounding::AwayFromZero && !self.is_zero();
            return if goes_up { None } else { Some(Self::ZERO) };
        }
        let unit = power_of_ten(places);
        let rest = self.0.checked_rem(unit)?;
        let towards_zero = self.0.checked_sub(rest)?;
        let goes_up = match rounding {
            Rounding::TowardsZero => false,
            Rounding::Nearest => rest.abs() >= unit.checked_div(Decimal::TWO)?,
            Rounding::AwayFromZero => !rest.is_zero(),
            Rounding::Down => rest < Decimal::ZERO,
        };
        if !goes_up {
            return Some(Self(towards_zero));
        }
        let away = if self.is_negative() { -unit } else { unit };
        towards_zero.checked_add(away).map(Self)
    }

    /// The part before the point, towards zero, as a count of something; saturates.
    pub(crate) fn truncated(self) -> i64 {
        let whole = self.0.trunc().normalize().mantissa();
        i64::try_from(whole).unwrap_or(if whole.is_negative() {
            i64::MIN
        } else {
            i64::MAX
        })
    }
}

/// Ten to the power of at most 28.
fn power_of_ten(exponent: u64) -> Decimal {
    (0..exponent.min(MOST_PLACES.unsigned_abs()))
        .fold(Decimal::ONE, |power, _| power * Decimal::TEN)
}

/// The digits of an exponent; one too long to be told apart from a huge one saturates.
fn read_exponent(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let magnitude = digits.parse().unwrap_or(i64::MAX);
    Some(if text.starts_with('-') {
        -magnitude
    } else {
        magnitude
    })
}

impl fmt::Display for Number {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.normalize().fmt(formatter)
    }
}

impl From<i64> for Number {
    fn from(value: i64) -> Self {
        Self(value.into())
    }
}

impl From<i32> for Number {
    fn from(value: i32) -> Self {
        Self(value.into())
    }
}

#[cfg(test)]
mod tests {
    use super::{Number, Rounding};

    fn number(text: &str) -> Number {
        Number::read(text).unwrap_or_else(|| panic!("{text} is a number"))
    }

    fn shown(number: Option<Number>) -> String {
        number.map_or_else(|| "none".to_owned(), |number| number.to_string())
    }

    #[test]
    fn notations_are_read_exactly_or_refused() {
        for (text, value) in [
            ("12", "12"),
            ("1.50", "1.5"),
            (".5", "0.5"),
            ("5.", "5"),
            ("2e3", "2000"),
            ("2.5E-3", "0.0025"),
            ("1e+2", "100"),
            (
                "79228162514264337593543950335",
                "79228162514264337593543950335",
            ),
            ("79228162514264337593543950336", "none"),
            ("1e28", "10000000000000000000000000000"),
            ("1e29", "none"),
            ("1e99999999999999999999", "none"),
            ("1e-99999999999999999999", "0"),
            ("0e99999999999999999999", "0"),
            ("0.000000000000000000000000000000000001e30", "0"),
            (
                "0.0000000000000000000000000001e56",
                "10000000000000000000000000000",
            ),
            ("1000000e-33", "0.000000000000000000000000001"),
            ("0e", "none"),
            ("1e", "none"),
            ("1e+", "none"),
            ("1e--5", "none"),
            ("1e2e3", "none"),
        ] {
            assert_eq!(shown(Number::read(text)), value, "{text}");
        }
    }

    #[test]
    fn floating_point_numbers_convert_both_ways_by_their_shortest_notation() {
        for (value, text) in [
            (0.1, "0.1"),
            (-2.5, "-2.5"),
            (1e22, "10000000000000000000000"),
            (1e-7, "0.0000001"),
            (0.1 + 0.2, "0.30000000000000004"),
            (1e300, "none"),
            (f64::INFINITY, "none"),
            (f64::NAN, "none"),
            (-0.0, "0"),
        ] {
            assert_eq!(shown(Number::from_f64(value)), text);
        }
        for value in [0.1, 0.30000000000000004, 1e22, 123_456.789, -1e-9] {
            assert_eq!(Number::from_f64(value).map(Number::as_f64), Some(value));
        }
    }

    #[test]
    fn whole_numbers_of_64_bits_survive() {
        for value in [0, -1, i64::MAX, i64::MIN, 9_007_199_254_740_993] {
            assert_eq!(Number::from(value).as_integer(), Some(value));
        }
        assert_eq!(number("2.5").as_integer(), None);
        assert_eq!(number("3.00").as_integer(), Some(3));
        assert_eq!(number("9223372036854775808").as_integer(), None);
        assert_eq!(number("20000000000").as_integer(), Some(20_000_000_000));
    }

    #[test]
    fn powers_are_exact_for_whole_exponents() {
        for (base, exponent, power) in [
            ("2", "62", "4611686018427387904"),
            ("0", "0", "1"),
            ("1.1", "2", "1.21"),
            ("2", "96", "none"),
            ("4", "0.5", "2"),
            ("27", "0.333333333333333333", "3"),
        ] {
            let result = number(base).to_power(number(exponent));
            assert_eq!(shown(result), power, "{base} ^ {exponent}");
        }
        assert_eq!(shown(number("2").to_power(Number::from(-2))), "0.25");
        assert_eq!(shown(Number::from(-2).to_power(number("3"))), "-8");
        assert_eq!(shown(Number::from(-2).to_power(number("0.5"))), "none");
        assert_eq!(shown(number("10").to_power(Number::from(-300))), "0");
        assert_eq!(shown(number("0.1").to_power(Number::from(-30))), "none");
    }

    #[test]
    fn rounding_covers_both_sides_of_the_point() {
        for (value, places, nearest, towards, away) in [
            ("450.125", 2, "450.13", "450.12", "450.13"),
            ("450", -2, "500", "400", "500"),
            ("449.9", -2, "400", "400", "500"),
            ("400", -2, "400", "400", "400"),
            ("88", -4, "0", "0", "10000"),
            ("5", -40, "0", "0", "none"),
            ("0", -40, "0", "0", "0"),
            (
                "5e27",
                -28,
                "10000000000000000000000000000",
                "0",
                "10000000000000000000000000000",
            ),
            ("1.5", 1_000_000_000_000, "1.5", "1.5", "1.5"),
            (
                "79228162514264337593543950335",
                -1,
                "none",
                "79228162514264337593543950330",
                "none",
            ),
        ] {
            let round = |rounding| shown(number(value).rounded(places, rounding));
            assert_eq!(round(Rounding::Nearest), nearest, "{value} {places}");
            assert_eq!(round(Rounding::TowardsZero), towards, "{value} {places}");
            assert_eq!(round(Rounding::AwayFromZero), away, "{value} {places}");
        }
    }

    #[test]
    fn negative_numbers_are_rounded_like_their_absolute_values_except_downwards() {
        for (value, nearest, towards, down) in [
            (-3456, "-3500", "-3400", "-3500"),
            (-3401, "-3400", "-3400", "-3500"),
            (-3400, "-3400", "-3400", "-3400"),
            (3456, "3500", "3400", "3400"),
        ] {
            let round = |rounding| shown(Number::from(value).rounded(-2, rounding));
            assert_eq!(round(Rounding::Nearest), nearest, "{value}");
            assert_eq!(round(Rounding::TowardsZero), towards, "{value}");
            assert_eq!(round(Rounding::Down), down, "{value}");
        }
    }

    #[test]
    fn a_remainder_has_the_sign_of_the_divisor() {
        for (value, divisor, remainder) in [
            (-456, 15, "9"),
            (3456, -11, "-9"),
            (-3456, -11, "-2"),
            (230, 3, "2"),
            (22, -11, "0"),
            (230, 0, "none"),
        ] {
            let result = Number::from(value as i64).modulo(Number::from(divisor as i64));
            assert_eq!(shown(result), remainder);
        }
    }
}
