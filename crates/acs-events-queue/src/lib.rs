#![doc = include_str!("../README.md")]

mod access;
mod error;
mod message;
mod poison;
mod queue;
mod receiver;

pub use self::error::Error;
pub use self::message::{Message, Outcome, Settled};
pub use self::queue::Queue;
pub use self::receiver::{Receiver, ReceiverBuilder, Summary};
