//! Where a client learns the date.

use std::fmt;
use std::time::SystemTime;

use acs_types::Timestamp;

/// Tells a client the date: for signatures, for the expiry of tokens, and for a `Retry-After` that is a date.
///
/// Waiting and time limits do not go by it but by tokio's timer.
///
/// ```
/// use acs_core::{Clock, Timestamp};
///
/// #[derive(Debug)]
/// struct Stopped(Timestamp);
///
/// impl Clock for Stopped {
///     fn now(&self) -> Timestamp {
///         self.0
///     }
/// }
/// ```
pub trait Clock: fmt::Debug + Send + Sync {
    /// The current instant.
    fn now(&self) -> Timestamp;
}

/// The clock of the machine; what clients use unless told otherwise.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        SystemTime::now().into()
    }
}
