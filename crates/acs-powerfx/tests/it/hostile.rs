//! Expressions made to be expensive: each ends in a value or in an error that names a limit.

use acs_powerfx::{EvaluationErrorKind, Expression, Limits, ParseErrorKind, Scope, Value};
use acs_types::{LabelValue, Labels};

fn limits(change: impl FnOnce(&mut Limits)) -> Limits {
    let mut limits = Limits::default();
    change(&mut limits);
    limits
}

/// Opens, an innermost operand, closes.
fn nested(open: &str, innermost: &str, close: &str, times: usize) -> String {
    open.repeat(times) + innermost + &close.repeat(times)
}

fn evaluate(source: &str, limits: Limits, labels: &Labels) -> Result<String, EvaluationErrorKind> {
    let expression = Expression::parse_within(source, limits).expect("parses");
    let scope = Scope::new().bind("job", labels);
    let value = expression.evaluate(&scope).map(|value| value.to_string());
    value.map_err(|error| error.kind().clone())
}

fn job(text: String) -> Labels {
    Labels::from([("Text".to_owned(), LabelValue::Text(text))])
}

#[test]
fn every_way_to_nest_too_deep_is_refused() {
    let limit = Limits::default().depth;
    for (open, close) in [
        ("(", ")"),
        ("-", ""),
        ("!", ""),
        ("Not ", ""),
        ("Not(", ")"),
        ("", "%"),
        ("2^", ""),
        ("If(1,", ")"),
        ("1+(2*", ")"),
        ("Abs(", ")"),
        ("", "^2"),
    ] {
        for times in [limit + 1, 2000] {
            let source = nested(open, "1", close, times);
            let error = Expression::parse(&source).expect_err(&source);
            assert_eq!(
                error.kind(),
                &ParseErrorKind::TooDeep { limit },
                "{open}1{close}"
            );
        }
    }
    let error = Expression::parse(&"(".repeat(3000)).expect_err("open");
    assert_eq!(error.kind(), &ParseErrorKind::TooDeep { limit });
    assert_eq!(error.position().offset(), limit);
}

#[test]
fn nesting_within_the_limit_is_accepted() {
    let labels = Labels::new();
    for (open, close, value) in [("(", ")", "1"), ("-", "", "-1"), ("If(1,", ")", "1")] {
        let source = nested(open, "1", close, 49);
        let outcome = evaluate(&source, Limits::default(), &labels);
        assert_eq!(outcome.as_deref(), Ok(value), "{source}");
    }
}

#[test]
fn the_deepest_expression_that_any_setting_allows_needs_little_stack() {
    // Each level passes through every kind of operator on its way down, and none ends the evaluation early.
    let open = "If(0||1&&\"\"in\"\"&\"\"=\"\"&1+1*-1^(";
    let deepest = limits(|limits| {
        limits.depth = usize::MAX;
        limits.steps = usize::MAX;
    });
    let times = (1..)
        .find(|times| {
            Expression::parse_within(&nested(open, "1", "),1)", *times), deepest).is_err()
        })
        .expect("the depth is bounded");
    let source = nested(open, "1", "),1)", times - 1);
    let run = move || evaluate(&source, deepest, &Labels::new());
    let thread = std::thread::Builder::new()
        .stack_size(512 * 1024)
        .spawn(run);
    let outcome = thread.expect("started").join().expect("no overflow");
    assert_eq!(outcome.as_deref(), Ok("1"));
}

#[test]
fn long_rows_of_operands_do_not_count_as_nesting() {
    let labels = Labels::new();
    let sum = "1+".repeat(4000) + "1";
    assert_eq!(
        evaluate(&sum, Limits::default(), &labels).as_deref(),
        Ok("4001")
    );
    let any = "false||".repeat(2000) + "true";
    assert_eq!(
        evaluate(&any, Limits::default(), &labels).as_deref(),
        Ok("true")
    );
    let branches = format!("If({}99)", "0,1,".repeat(3000));
    assert_eq!(
        evaluate(&branches, Limits::default(), &labels).as_deref(),
        Ok("99")
    );
    let texts = "\"ab\"&".repeat(3000) + "\"ab\"";
    let value = evaluate(&texts, Limits::default(), &labels).expect("a text");
    assert_eq!(value.len(), 2 * 3001 + 2);
}

#[test]
fn a_source_that_is_too_long_is_refused_unread() {
    let source = "(".repeat(16_385);
    let error = Expression::parse(&source).expect_err("too long");
    assert_eq!(
        error.kind(),
        &ParseErrorKind::SourceTooLong { limit: 16_384 }
    );
    assert_eq!(
        error.to_string(),
        "the expression is longer than 16384 bytes, at line 1, column 1"
    );
    assert!(Expression::parse(&(" ".repeat(16_383) + "1")).is_ok());
}

#[test]
fn steps_are_counted_and_bounded() {
    let few = limits(|limits| limits.steps = 10);
    let labels = Labels::new();
    assert_eq!(evaluate("1+2+3+4", few, &labels).as_deref(), Ok("10"));
    // The sum and its operands.
    let enough = limits(|limits| limits.steps = 5);
    assert_eq!(evaluate("1+2+3+4", enough, &labels).as_deref(), Ok("10"));
    let expected = EvaluationErrorKind::TooManySteps { limit: 10 };
    let row = "1+".repeat(10) + "1";
    assert_eq!(evaluate(&row, few, &labels), Err(expected.clone()));
    assert_eq!(
        expected.to_string(),
        "the evaluation takes more than 10 steps"
    );
    // Operands that are not needed cost nothing.
    let skipped = format!("true || {row} = 11");
    assert_eq!(evaluate(&skipped, few, &labels).as_deref(), Ok("true"));
}

#[test]
fn work_on_long_labels_costs_steps() {
    let labels = job("a".repeat(1_000_000));
    for source in [
        "Len(job.Text)",
        "\"b\" in job.Text",
        "\"b\" exactin job.Text",
        "Upper(job.Text)",
        "Trim(job.Text)",
        "Left(job.Text, 1)",
        "job.Text + 1",
        "StartsWith(job.Text, \"b\")",
        "job.Text = job.Text",
        "If(false, \"\", job.Text) = 1",
    ] {
        let expected = EvaluationErrorKind::TooManySteps { limit: 10_000 };
        let outcome = evaluate(source, Limits::default(), &labels);
        assert_eq!(outcome, Err(expected), "{source}");
    }
}

#[test]
fn long_labels_can_be_compared_and_passed_on_at_no_cost() {
    let labels = job("a".repeat(1_000_000));
    let outcome = evaluate("job.Text = \"a\"", Limits::default(), &labels);
    assert_eq!(outcome.as_deref(), Ok("false"));

    let expression = Expression::parse("If(true, job.Text)").expect("parses");
    let mut roomy = Limits::default();
    roomy.steps = 20_000;
    let roomy = Expression::parse_within(expression.source(), roomy).expect("parses");
    let scope = Scope::new().bind("job", &labels);
    let Value::Text(std::borrow::Cow::Borrowed(text)) = roomy.evaluate(&scope).expect("a text")
    else {
        panic!("the label was copied");
    };
    assert_eq!(text.len(), 1_000_000);
}

#[test]
fn texts_cannot_be_made_longer_than_the_limit() {
    let labels = job("a".repeat(60_000));
    let expected = EvaluationErrorKind::TextTooLong { limit: 65_536 };
    for source in [
        "job.Text & job.Text",
        "Concatenate(job.Text, job.Text)",
        "Len(job.Text & job.Text) > 0",
        "Upper(job.Text) & job.Text",
    ] {
        let outcome = evaluate(source, Limits::default(), &labels);
        assert_eq!(outcome, Err(expected.clone()), "{source}");
    }
    let doubled = nested("Concatenate(job.Text,", "job.Text", ")", 40);
    let roomy = limits(|limits| limits.steps = usize::MAX);
    assert_eq!(evaluate(&doubled, roomy, &labels), Err(expected));

    let short = limits(|limits| limits.text_bytes = 8);
    let longest = evaluate("Upper(\"12345678\")", short, &labels);
    assert_eq!(longest.as_deref(), Ok("\"12345678\""));
    let format = evaluate("Text(1, \"000000000\")", short, &labels);
    assert_eq!(format, Err(EvaluationErrorKind::TextTooLong { limit: 8 }));
    let case = evaluate("Upper(\"123456789\")", short, &labels);
    assert_eq!(case, Err(EvaluationErrorKind::TextTooLong { limit: 8 }));
}

#[test]
fn results_of_unknown_type_are_looked_for_within_the_steps() {
    // Each branch asks all later branches for their type, because no label is there.
    let source = nested("If(0,job.A,1,", "job.B", ")", 49);
    assert_eq!(
        evaluate(&source, Limits::default(), &Labels::new()).as_deref(),
        Ok("Blank()")
    );
    let labels = Labels::from([("B".to_owned(), LabelValue::from(1))]);
    assert_eq!(
        evaluate(&source, Limits::default(), &labels).as_deref(),
        Ok("1")
    );
    let few = limits(|limits| limits.steps = 1000);
    let expected = EvaluationErrorKind::TooManySteps { limit: 1000 };
    assert_eq!(evaluate(&source, few, &labels), Err(expected));
}
