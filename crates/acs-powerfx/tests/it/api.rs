//! What the types promise beyond the values they compute.

use acs_powerfx::{
    EvaluationErrorKind, Expression, Kind, Limits, Number, ParseErrorKind, Scope, Value,
};
use acs_types::{LabelValue, Labels};

fn parse(source: &str) -> Expression {
    Expression::parse(source).unwrap_or_else(|error| panic!("{source}: {error}"))
}

#[test]
fn an_expression_keeps_its_source_and_is_equal_to_one_of_the_same_source() {
    let expression = parse(" 1 +  job.X ");
    assert_eq!(expression.source(), " 1 +  job.X ");
    assert_eq!(expression.to_string(), " 1 +  job.X ");
    assert_eq!(format!("{expression:?}"), "Expression(\" 1 +  job.X \")");
    assert_eq!(expression.clone(), parse(" 1 +  job.X "));
    assert_ne!(expression, parse("1 + job.X"));

    let mut limits = Limits::default();
    limits.steps = 1;
    let limited = Expression::parse_within(" 1 +  job.X ", limits).expect("parses");
    assert_ne!(expression, limited);
    assert_eq!(limited.limits(), limits);
}

#[test]
fn expressions_can_be_shared_between_threads() {
    fn is_shareable<T: Send + Sync + Clone>() {}
    is_shareable::<Expression>();
    let expression: Expression = "1 + 1".parse().expect("parses");
    let shared = expression.clone();
    let elsewhere = std::thread::spawn(move || {
        let scope = Scope::new();
        shared.evaluate(&scope).map(Value::into_owned)
    });
    let value = elsewhere.join().expect("no panic").expect("a value");
    assert_eq!(value, Value::Number(2.into()));
}

#[test]
fn names_are_listed_once_in_the_order_of_their_first_use() {
    let expression = parse("If(worker.'A B' > job.X, job.X, worker.'it''s' + job.'true', Len(x))");
    let names: Vec<String> = expression.names().map(ToString::to_string).collect();
    assert_eq!(
        names,
        ["worker.'A B'", "job.X", "worker.'it''s'", "job.'true'", "x"]
    );
    let first = expression.names().next().expect("names");
    assert_eq!(first.parts(), ["worker", "A B"]);
}

#[test]
fn results_become_labels() {
    for (source, label) in [
        ("7 / 2", Some(LabelValue::Number(3.5))),
        ("7 / 7", Some(LabelValue::Integer(1))),
        ("1 / 3", Some(LabelValue::Number(1.0 / 3.0))),
        (
            "2 ^ 63",
            Some(LabelValue::Number(9_223_372_036_854_775_808.0)),
        ),
        ("-2 ^ 63", Some(LabelValue::Integer(i64::MIN))),
        ("\"a\" & 1", Some(LabelValue::from("a1"))),
        ("1 = 1", Some(LabelValue::Boolean(true))),
        ("If(false, 1)", None),
    ] {
        let scope = Scope::new();
        let expression = parse(source);
        let value = expression.evaluate(&scope).expect(source);
        assert_eq!(value.into_label(), label, "{source}");
    }
}

#[test]
fn values_tell_what_they_are() {
    let job = Labels::from([("Text".to_owned(), LabelValue::from("abc"))]);
    let scope = Scope::new().bind("job", &job);
    let expression = parse("Left(job.Text, 2)");
    let value = expression.evaluate(&scope).expect("a value");
    assert_eq!((value.kind(), value.as_text()), (Kind::Text, Some("ab")));
    assert_eq!((value.as_number(), value.as_boolean()), (None, None));
    let number = parse("2.5").evaluate(&scope).expect("a value").into_owned();
    assert_eq!(number.as_number().map(Number::as_f64), Some(2.5));
    assert_eq!(number.as_number().and_then(Number::as_integer), None);
    for truth in [true, false] {
        assert_eq!(Value::Boolean(truth).as_boolean(), Some(truth));
        assert_eq!(Value::Boolean(truth).as_text(), None);
    }
}

#[test]
fn errors_can_be_told_apart_without_reading_their_messages() {
    let error = Expression::parse("1 + Foo(2)").expect_err("unknown");
    assert_eq!(
        error.kind(),
        &ParseErrorKind::UnknownFunction {
            name: "Foo".to_owned(),
            similar: None
        }
    );
    assert_eq!(error.position().offset(), 4);

    let error = Expression::parse("Mid(\"a\")").expect_err("too few");
    let ParseErrorKind::WrongArgumentCount {
        function,
        expected,
        found,
    } = error.kind()
    else {
        panic!("{error:?}");
    };
    assert_eq!((*function, *found), ("Mid", 1));
    assert_eq!((expected.fewest(), expected.most()), (2, Some(3)));

    let expression = parse("\"é\" < 1");
    let error = expression.evaluate(&Scope::new()).expect_err("type");
    assert_eq!(
        error.kind(),
        &EvaluationErrorKind::WrongType {
            operator: "<",
            expected: Kind::Number,
            found: Kind::Text
        }
    );
}

#[test]
fn messages_show_the_source_but_not_the_labels() {
    let job = Labels::from([("Secret".to_owned(), LabelValue::from("4711-secret"))]);
    let scope = Scope::new().bind("job", &job);
    for source in [
        "job.Secret + 1",
        "!job.Secret",
        "job.Secret < 1",
        "Left(\"a\", job.Secret)",
        "If(false, 1, job.Secret)",
    ] {
        let error = parse(source).evaluate(&scope).expect_err(source);
        assert!(!error.to_string().contains("4711"), "{error}");
        assert!(!format!("{error:?}").contains("4711"), "{error:?}");
    }
}

#[test]
fn messages_are_one_line_and_quote_only_the_beginning_of_what_was_found() {
    let source = format!("1 \"{}\n{}\"", "a".repeat(100), "b".repeat(100));
    let error = Expression::parse(&source).expect_err("two operands");
    assert_eq!(
        error.to_string(),
        "expected an operator or the end, found \"aaaaaaaaaaaaaaaaaaa..., at line 1, column 3"
    );
}
