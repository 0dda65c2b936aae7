//! Where an example runs.

use std::fmt;
use std::time::{Duration, SystemTime};

use acs_emulator::{Emulator, RunningEmulator};
use acs_jobrouter::{JobRouterClient, Timestamp};
use anyhow::Context as _;

const CONNECTION_STRING: &str = "ACS_CONNECTION_STRING";

/// The resource that `ACS_CONNECTION_STRING` names, or else an emulator in this process.
///
/// An emulator starts empty and its clock can be moved, so that an example of hours ends in milliseconds. A resource is
/// waited for.
pub struct Target {
    connection_string: String,
    emulator: Option<RunningEmulator>,
    started: SystemTime,
}

impl Target {
    /// Finds or starts it.
    ///
    /// # Errors
    ///
    /// When the variable is not Unicode, or no emulator can be started.
    pub async fn from_environment() -> anyhow::Result<Self> {
        let started = SystemTime::now();
        match std::env::var(CONNECTION_STRING) {
            Ok(connection_string) => Ok(Self {
                connection_string,
                emulator: None,
                started,
            }),
            Err(std::env::VarError::NotPresent) => {
                let emulator = Emulator::builder().start().await?;
                println!("No {CONNECTION_STRING}: an emulator in this process answers");
                Ok(Self {
                    connection_string: emulator.connection_string(),
                    emulator: Some(emulator),
                    started,
                })
            }
            Err(error) => Err(error).context(format!("{CONNECTION_STRING} is unreadable")),
        }
    }

    /// What clients connect with.
    #[must_use]
    pub fn connection_string(&self) -> &str {
        &self.connection_string
    }

    /// A client of the job router.
    ///
    /// # Errors
    ///
    /// When the connection string is not one.
    pub fn job_router(&self) -> acs_jobrouter::Result<JobRouterClient> {
        JobRouterClient::from_connection_string(&self.connection_string)
    }

    /// An id that no earlier run has used: jobs stay for 90 days, and one that is closed is not opened again.
    #[must_use]
    pub fn fresh_id(&self, name: &str) -> String {
        match self.emulator {
            Some(_) => name.to_owned(),
            None => format!("{name}-{}", Timestamp::from(self.started).unix_seconds()),
        }
    }

    /// The time by the clock that routing follows.
    #[must_use]
    pub fn now(&self) -> SystemTime {
        match &self.emulator {
            Some(emulator) => emulator.clock().now().into(),
            None => SystemTime::now(),
        }
    }

    /// Lets time pass: moves the emulator's clock, or waits.
    ///
    /// # Errors
    ///
    /// When the emulator's clock is at the end of the calendar.
    pub async fn pass(&self, time: Duration) -> anyhow::Result<()> {
        match &self.emulator {
            Some(emulator) => emulator.clock().advance(time).await?,
            None => tokio::time::sleep(time).await,
        }
        Ok(())
    }

    /// Stops the emulator, if there is one.
    pub async fn finish(self) {
        if let Some(emulator) = self.emulator {
            emulator.shutdown().await;
        }
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Target")
            .field("emulator", &self.emulator)
            .finish_non_exhaustive()
    }
}

/// Writes a member that the service may leave out.
pub fn shown<T: fmt::Display>(value: &Option<T>) -> String {
    value
        .as_ref()
        .map_or_else(|| "unset".to_owned(), T::to_string)
}
