//! The calls with options: values that hold what to send, have a setter for each option, and are awaited or read as streams.

mod lists;
mod messages;
mod messages_since;
mod participants;
mod threads;
mod typing;

pub use lists::{ListMessages, ListParticipants, ListReadReceipts, ListThreads};
pub use messages::{SendMessage, UpdateMessage};
pub use messages_since::{MessagesSince, Start};
pub use participants::{AddInBatches, CreateThread};
pub(crate) use participants::{add, check_identifier};
pub use threads::UpdateProperties;
pub use typing::SendTypingNotification;

use std::sync::Arc;

use acs_core::{Call, Pipeline, Result, check_id};
use acs_types::Operation;

/// A thread on the way to the service.
#[derive(Clone, Debug)]
pub(crate) struct Thread {
    pub(crate) pipeline: Pipeline,
    pub(crate) id: Arc<str>,
}

impl Thread {
    /// Refuses an id that cannot stand in a path.
    pub(crate) fn check(&self) -> Result<()> {
        check_id("thread id", &self.id)
    }

    /// A call on the thread.
    pub(crate) fn call(&self, operation: &'static Operation) -> Result<Call> {
        self.check()?;
        Ok(self.pipeline.call(operation))
    }

    /// A call on one of the thread's messages.
    pub(crate) fn message_call(
        &self,
        operation: &'static Operation,
        message_id: &str,
    ) -> Result<Call> {
        check_id("message id", message_id)?;
        self.call(operation)
    }
}
