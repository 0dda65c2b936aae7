//! Classification: what a policy makes of a job's labels. Pure; what follows from it is in `transitions/classification.rs`.
//!
//! The steps are those of R91: selectors for the queue, the priority, selectors for the workers. Every rule depends on the
//! job's labels alone, so the calls that rules need are all made at once, before the first step.

mod attachment;
mod attempt;
mod explanation;

pub(crate) use attachment::{Attachable, Attachment};
pub(crate) use attempt::{Attempt, Inputs};
pub use explanation::{PolicyToTry, TriedClassification, TriedExpression};
