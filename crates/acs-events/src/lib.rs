#![doc = include_str!("../README.md")]

mod batch;
mod build;
mod data;
mod envelope;
mod error;
mod event;
mod event_type;
#[rustfmt::skip]
#[allow(
    clippy::all,
    reason = "generated code is corrected in its generator"
)]
mod generated;
pub mod publish;
mod scan;
mod schema;
mod subject;
pub mod webhook;

pub use self::batch::{MAX_EVENTS, ReadEvents, read_events, read_message};
pub use self::build::{BuildError, EventBuilder};
pub use self::data::UnknownEvent;
pub use self::envelope::Envelope;
pub use self::error::{ReadError, ReadErrorKind};
pub use self::event::Event;
pub use self::event_type::{EventData, EventType};
pub use self::generated::{AcsEvent, event_types, models};
pub use self::schema::Schema;
