//! Tests of the generated models and the operation table.

mod building;
#[rustfmt::skip]
mod generated;
mod operations;
mod patches;
mod round_trips;
mod tolerance;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Reads a value, writes it, and returns both.
fn round_trip<T: DeserializeOwned + Serialize>(json: &Value) -> (T, Value) {
    let value: T = serde_json::from_value(json.clone())
        .unwrap_or_else(|error| panic!("{}: {error}: {json:#}", std::any::type_name::<T>()));
    let written = serde_json::to_value(&value).expect("models can be written");
    (value, written)
}

/// Reads a value, expects it to be written as it was, and returns it. Numbers are equal by value: the service writes a whole
/// double as `600`, the models write `600.0`.
fn unchanged<T: DeserializeOwned + Serialize>(json: &Value) -> T {
    let (value, written) = round_trip(json);
    assert!(
        same(json, &written),
        "{} changed from {json:#} to {written:#}",
        std::any::type_name::<T>()
    );
    value
}

fn same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => {
            left == right || (!(left.is_i64() && right.is_i64()) && left.as_f64() == right.as_f64())
        }
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len()
                && left
                    .iter()
                    .zip(right)
                    .all(|(left, right)| same(left, right))
        }
        (Value::Object(left), Value::Object(right)) => {
            left.len() == right.len()
                && left
                    .iter()
                    .all(|(name, value)| right.get(name).is_some_and(|other| same(value, other)))
        }
        _ => left == right,
    }
}
