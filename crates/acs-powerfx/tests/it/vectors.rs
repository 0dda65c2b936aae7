//! Runs the table of vectors.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use acs_powerfx::{Expression, Position, Scope, Value};
use acs_types::Labels;

const TABLE: &str = include_str!("../vectors.txt");

/// One entry of the table.
#[derive(Default)]
struct Vector {
    line: usize,
    source: String,
    labels: BTreeMap<String, Labels>,
    expected: Option<Expected>,
}

enum Expected {
    Value(String),
    Error { place: String, message: String },
}

fn vectors() -> Vec<Vector> {
    let mut vectors: Vec<Vector> = Vec::new();
    for (index, line) in TABLE.lines().enumerate() {
        let line_number = index + 1;
        let (mark, content) = line.split_at_checked(3).unwrap_or((line, ""));
        if mark == ">> " {
            vectors.push(Vector {
                line: line_number,
                source: content.to_owned(),
                ..Vector::default()
            });
            continue;
        }
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let vector = vectors.last_mut().expect("a vector begins with >>");
        assert!(
            vector.expected.is_none(),
            "line {line_number}: after the result"
        );
        match mark {
            ".. " => vector.source.extend(["\n", content]),
            ":: " => vector.labels = serde_json::from_str(content).expect(line),
            "=> " => vector.expected = Some(Expected::Value(content.to_owned())),
            "!! " => {
                let (place, message) = content.split_once(' ').expect(line);
                vector.expected = Some(Expected::Error {
                    place: place.to_owned(),
                    message: message.to_owned(),
                });
            }
            _ => panic!("line {line_number} is no part of a vector: {line}"),
        }
    }
    vectors
}

impl Vector {
    /// What went wrong, if anything did.
    fn failure(&self) -> Option<String> {
        let mut scope = Scope::new();
        for (name, labels) in &self.labels {
            scope = scope.bind(name, labels);
        }
        let expression = Expression::parse(&self.source);
        let outcome = match &expression {
            Ok(expression) => expression
                .evaluate(&scope)
                .map_err(|error| (error.position(), error.to_string())),
            Err(error) => Err((error.position(), error.to_string())),
        };
        match (self.expected.as_ref(), outcome) {
            (Some(Expected::Value(expected)), Ok(value)) if shown(&value) == *expected => None,
            (Some(Expected::Error { place, message }), Err((position, text)))
                if at(position) == *place && text.contains(message) =>
            {
                None
            }
            (_, Ok(value)) => Some(shown(&value)),
            (_, Err((position, text))) => Some(format!("{} {text}", at(position))),
        }
    }
}

fn at(position: Position) -> String {
    format!("{}:{}", position.line(), position.column())
}

/// A value in the notation of the table.
fn shown(value: &Value<'_>) -> String {
    match value {
        Value::Blank => "blank".to_owned(),
        Value::Text(text) => serde_json::to_string(text).expect("texts are JSON"),
        Value::Number(_) | Value::Boolean(_) => value.to_string(),
    }
}

#[test]
fn every_vector_of_the_table_gives_what_it_says() {
    let vectors = vectors();
    assert!(
        vectors.len() >= 300,
        "only {} vectors were read",
        vectors.len()
    );
    let mut report = String::new();
    for vector in &vectors {
        if let Some(outcome) = vector.failure() {
            let (line, source) = (vector.line, &vector.source);
            writeln!(report, "line {line}: {source}\n    gave {outcome}").expect("written");
        }
    }
    assert!(report.is_empty(), "vectors that fail:\n{report}");
}

#[test]
fn every_vector_has_a_result() {
    for vector in vectors() {
        assert!(vector.expected.is_some(), "line {} has none", vector.line);
    }
}
