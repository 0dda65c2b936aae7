//! The expressions as their users see them: vectors, hostile input, random input.

mod api;
mod hostile;
mod random;
mod vectors;
