#![doc = include_str!("../README.md")]

mod event_type;
#[rustfmt::skip]
#[allow(
    clippy::all,
    reason = "generated code is corrected in its generator"
)]
mod generated;

pub use self::event_type::{EventData, EventType};
pub use self::generated::{event_types, models};
