//! Random input: nothing panics, and what is printed reads back as the same.

use acs_powerfx::{Expression, Limits, Scope, Value};
use acs_types::{LabelValue, Labels};
use proptest::prelude::*;

const TOKENS: &[&str] = &[
    "1",
    "0",
    "2.5",
    "1e3",
    "79228162514264337593543950335",
    "\"a\"",
    "\"\"",
    "\"5\"",
    "\"true\"",
    "true",
    "false",
    "job.A",
    "job.B",
    "job.C",
    "job.'D d'",
    "x",
    "'",
    "\"",
    "(",
    ")",
    ",",
    "+",
    "-",
    "*",
    "/",
    "^",
    "%",
    "&",
    "&&",
    "||",
    "!",
    "=",
    "<>",
    "<",
    "<=",
    ">",
    ">=",
    "in",
    "exactin",
    "And",
    "Or",
    "Not",
    ".",
    "If(",
    "Switch(",
    "Coalesce(",
    "Blank()",
    "IsBlank(",
    "Upper(",
    "Trim(",
    "Len(",
    "Left(",
    "Mid(",
    "StartsWith(",
    "Concatenate(",
    "Value(",
    "Text(",
    "Min(",
    "Round(",
    "RoundUp(",
    "Mod(",
    "Abs(",
    "Int(",
    "// c\n",
    "/* c */",
    "\n",
    "é",
    "😀",
];

fn labels() -> impl Strategy<Value = Labels> {
    let value = prop_oneof![
        any::<i64>().prop_map(LabelValue::Integer),
        any::<f64>().prop_map(LabelValue::Number),
        "[ -~é]{0,8}".prop_map(LabelValue::Text),
        any::<bool>().prop_map(LabelValue::Boolean),
    ];
    prop::collection::btree_map("[ABC]|D d", value, 0..4)
}

/// Reads and, if that succeeds, evaluates; errors must point into the source.
fn exercise(source: &str, labels: &Labels) {
    let expression = match Expression::parse(source) {
        Ok(expression) => expression,
        Err(error) => {
            assert!(error.position().offset() <= source.len());
            assert!(source.is_char_boundary(error.position().offset()));
            assert!(!error.to_string().is_empty());
            return;
        }
    };
    assert_eq!(expression.source(), source);
    let scope = Scope::new().bind("job", labels);
    let outcome = expression.evaluate(&scope);
    if let Err(error) = &outcome {
        assert!(source.is_char_boundary(error.position().offset()));
    }
    assert_eq!(outcome, expression.evaluate(&scope));
}

/// A tree of operators over small operands, written with all parentheses and with those that are needed.
#[derive(Clone, Debug)]
struct Written {
    all: String,
    needed: String,
    /// How tightly the outermost operator binds, from 1 for `||` on.
    level: u8,
}

const OPERAND: u8 = 11;
const SIGN: u8 = 8;
const POWER: u8 = 9;
const PERCENT: u8 = 10;

/// The operators between two operands by level, from the loosest on.
const BINARY: &[(&str, u8)] = &[
    ("||", 1),
    ("Or", 1),
    ("&&", 2),
    ("And", 2),
    ("in", 3),
    ("exactin", 3),
    ("=", 4),
    ("<>", 4),
    ("<", 4),
    (">=", 4),
    ("&", 5),
    ("+", 6),
    ("-", 6),
    ("*", 7),
    ("/", 7),
];

impl Written {
    fn operand(text: &str) -> Self {
        Self {
            all: text.to_owned(),
            needed: text.to_owned(),
            level: OPERAND,
        }
    }

    /// The text for a place that takes this level and tighter ones.
    fn fitted(&self, level: u8) -> String {
        if self.level >= level {
            self.needed.clone()
        } else {
            format!("({})", self.needed)
        }
    }

    fn binary(operator: &str, level: u8, left: &Self, right: &Self) -> Self {
        Self {
            all: format!("(({}) {operator} ({}))", left.all, right.all),
            needed: format!(
                "{} {operator} {}",
                left.fitted(level),
                right.fitted(level + 1)
            ),
            level,
        }
    }

    fn power(base: &Self, exponent: &Self) -> Self {
        Self {
            all: format!("(({}) ^ ({}))", base.all, exponent.all),
            // A sign may stand behind the operator but not before it.
            needed: format!("{} ^ {}", base.fitted(PERCENT), exponent.fitted(SIGN)),
            level: POWER,
        }
    }

    fn prefixed(sign: &str, operand: &Self) -> Self {
        Self {
            all: format!("({sign}({}))", operand.all),
            needed: format!("{sign}{}", operand.fitted(SIGN)),
            level: SIGN,
        }
    }

    fn percent(operand: &Self) -> Self {
        Self {
            all: format!("(({})%)", operand.all),
            needed: format!("{}%", operand.fitted(PERCENT)),
            level: PERCENT,
        }
    }
}

fn written() -> impl Strategy<Value = Written> {
    let operand = prop::sample::select(
        &[
            "0", "1", "2", "3", "0.5", "true", "false", "\"\"", "\"1\"", "\"t\"",
        ][..],
    )
    .prop_map(Written::operand);
    operand.prop_recursive(4, 24, 2, |inner| {
        let pair = (inner.clone(), inner.clone());
        prop_oneof![
            6 => (prop::sample::select(BINARY), pair.clone())
                .prop_map(|((operator, level), (left, right))| Written::binary(operator, level, &left, &right)),
            1 => pair.prop_map(|(base, exponent)| Written::power(&base, &exponent)),
            1 => (prop::sample::select(&["-", "!", "Not "][..]), inner.clone())
                .prop_map(|(sign, operand)| Written::prefixed(sign, &operand)),
            1 => inner.prop_map(|operand| Written::percent(&operand)),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn random_text_gives_a_value_or_an_error(source in ".{0,80}", labels in labels()) {
        exercise(&source, &labels);
    }

    #[test]
    fn random_tokens_give_a_value_or_an_error(
        tokens in prop::collection::vec(prop::sample::select(TOKENS), 0..30),
        labels in labels(),
    ) {
        exercise(&tokens.join(" "), &labels);
        exercise(&tokens.concat(), &labels);
    }

    #[test]
    fn parentheses_that_the_levels_imply_change_nothing(tree in written()) {
        let mut limits = Limits::default();
        limits.depth = 100;
        let scope = Scope::new();
        let with_all = Expression::parse_within(&tree.all, limits).expect("nested less");
        let with_needed = Expression::parse_within(&tree.needed, limits).expect("nested less");
        let all = with_all.evaluate(&scope).map_err(|error| error.kind().clone());
        let needed = with_needed.evaluate(&scope).map_err(|error| error.kind().clone());
        prop_assert_eq!(all, needed, "{} and {}", tree.all, tree.needed);
    }

    #[test]
    fn a_value_reads_back_from_how_it_is_shown(
        integer in any::<i64>(),
        fraction in -1_000_000_000_i64..1_000_000_000,
        text in ".{0,20}",
    ) {
        let fraction = LabelValue::Number(f64::from(i32::try_from(fraction).expect("fits")) / 1000.0);
        for label in [LabelValue::Integer(integer), fraction, LabelValue::Text(text)] {
            let value = Value::from_label(&label).expect("in range");
            let shown = value.to_string();
            let expression = Expression::parse(&shown).expect("reads back");
            let scope = Scope::new();
            prop_assert_eq!(expression.evaluate(&scope), Ok(value));
        }
    }

    #[test]
    fn a_name_reads_back_from_how_it_is_shown(key in "[^\\x00]{1,20}") {
        let quoted = format!("job.'{}'", key.replace('\'', "''"));
        let expression = Expression::parse(&quoted).expect("a name");
        let name = expression.names().next().expect("one name").clone();
        prop_assert_eq!(name.parts(), ["job".to_owned(), key.clone()]);
        let again = Expression::parse(&name.to_string()).expect("a name");
        prop_assert_eq!(again.names().next(), Some(&name));

        let labels = Labels::from([(key, LabelValue::from(7))]);
        let scope = Scope::new().bind("job", &labels);
        prop_assert_eq!(expression.evaluate(&scope), Ok(Value::Number(7.into())));
    }
}
