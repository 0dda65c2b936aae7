#![doc = include_str!("../README.md")]

mod error;
mod evaluate;
mod expression;
mod functions;
mod lexer;
mod limits;
mod name;
mod number;
mod numeric_text;
mod operators;
mod parser;
mod position;
mod scope;
pub mod semantics;
mod syntax;
mod value;

pub use error::{ArgumentCount, EvaluationError, EvaluationErrorKind, ParseError, ParseErrorKind};
pub use expression::Expression;
pub use limits::Limits;
pub use name::Name;
pub use number::Number;
pub use position::Position;
pub use scope::Scope;
pub use value::{Kind, Value};
