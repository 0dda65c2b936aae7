//! Tests of the generated models and the operation table.

#[rustfmt::skip]
mod generated;
mod models;
mod operations;
