//! The routing clock of a running emulator, in the hand of whoever moves it.

use std::sync::Arc;
use std::time::Duration;

use acs_types::Timestamp;

use crate::clock::{ClockError, EventPattern, RoutingTime};
use crate::events::Event;
use crate::shell::Shell;

/// Reads and moves the routing clock of a running emulator. Cheap to clone.
///
/// Every movement fires what becomes due, in order and each deadline at its own time, before it returns and before any
/// request sees the new time. Where that leads to the call of a function or webhook rule, the answer is waited for before
/// the clock moves on. `/_emulator/clock` offers the same to other processes.
#[derive(Clone, Debug)]
pub struct ClockHandle {
    shell: Arc<Shell>,
}

impl ClockHandle {
    pub(crate) fn new(shell: Arc<Shell>) -> Self {
        Self { shell }
    }

    /// The present routing time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.shell.now()
    }

    /// Whether the clock stands still.
    #[must_use]
    pub fn is_paused(&self) -> bool {
        self.shell.clock_state().paused
    }

    /// When something will happen by itself next: an offer expires, a job closes, a schedule arrives.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Timestamp> {
        self.shell.clock_state().next_deadline
    }

    /// Lets the clock stand still until it is moved or resumed. Requests are still answered, at the standing time.
    pub async fn pause(&self) {
        self.shell.change_clock(RoutingTime::pause);
    }

    /// Lets the clock go on from where it stands, at the pace of real time. It may be behind or ahead of the computer's
    /// clock by then, and keeps that distance.
    pub async fn resume(&self) {
        self.shell.change_clock(RoutingTime::resume);
    }

    /// Moves the clock forward. A clock that runs goes on from the new time, ahead of the computer's clock.
    ///
    /// # Errors
    ///
    /// [`ClockError::BeyondCalendar`]; the clock stays as it was.
    pub async fn advance(&self, by: Duration) -> Result<(), ClockError> {
        self.shell.move_to(|time| time.after(by), None).await?;
        Ok(())
    }

    /// Moves the clock forward to an instant, as [`advance`](Self::advance) does.
    ///
    /// # Errors
    ///
    /// [`ClockError::Backwards`] when the clock has passed it already; the clock stays as it was.
    pub async fn set(&self, to: Timestamp) -> Result<(), ClockError> {
        self.shell.move_to(|time| time.ahead(to), None).await?;
        Ok(())
    }

    /// Moves the clock to the next deadline and returns it. `None` when nothing will happen by itself; the clock stays
    /// as it was.
    pub async fn jump(&self) -> Option<Timestamp> {
        self.shell.jump().await
    }

    /// Moves the clock from deadline to deadline until an event fits, at most by `within`.
    ///
    /// The clock then stands, or goes on, at the time of that event; what comes after it has not happened yet. Without
    /// such an event the clock has moved by `within` and the answer is `None`. Events of the past do not count.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use acs_emulator::{ClockError, RouterEventKind, RunningEmulator};
    /// # async fn example(emulator: RunningEmulator) -> Result<(), ClockError> {
    /// const HOUR: Duration = Duration::from_secs(3600);
    /// let expired = RouterEventKind::RouterWorkerOfferExpired;
    /// if let Some(event) = emulator.clock().run_until(expired, HOUR).await? {
    ///     println!("{} at {}", event.subject, event.time);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ClockError::BeyondCalendar`]; the clock stays as it was.
    pub async fn run_until(
        &self,
        wanted: impl Into<EventPattern>,
        within: Duration,
    ) -> Result<Option<Event>, ClockError> {
        let wanted = wanted.into();
        self.shell
            .move_to(|time| time.after(within), Some(&wanted))
            .await
    }
}
