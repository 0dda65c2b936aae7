//! Where an example runs.

use std::env::{self, VarError};
use std::fmt;
use std::time::{Duration, SystemTime};

use acs_emulator::{Emulator, RunningEmulator};
use acs_identity::IdentityClient;
use acs_jobrouter::{ConnectionString, Endpoint, JobRouterClient, Timestamp};
use anyhow::Context as _;

/// Where the connection string is looked for. The second name is the one that samples of other SDKs read.
const CONNECTION_STRINGS: [&str; 2] = [
    "ACS_CONNECTION_STRING",
    "COMMUNICATION_SAMPLES_CONNECTION_STRING",
];

/// An endpoint that takes precedence over that of the connection string.
const ENDPOINT: &str = "AZURE_COMMUNICATION_SERVICE_ENDPOINT";

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
        for name in CONNECTION_STRINGS {
            if let Some(connection_string) = variable(name)? {
                return Ok(Self {
                    connection_string,
                    emulator: None,
                    started,
                });
            }
        }
        let emulator = Emulator::builder().start().await?;
        println!(
            "No {}: an emulator in this process answers",
            CONNECTION_STRINGS[0]
        );
        Ok(Self {
            connection_string: emulator.connection_string(),
            emulator: Some(emulator),
            started,
        })
    }

    /// What clients connect with.
    #[must_use]
    pub fn connection_string(&self) -> &str {
        &self.connection_string
    }

    /// Where the service answers: `AZURE_COMMUNICATION_SERVICE_ENDPOINT`, or what the connection string says.
    ///
    /// # Errors
    ///
    /// When neither is an endpoint.
    pub fn endpoint(&self) -> anyhow::Result<Endpoint> {
        if let (None, Some(endpoint)) = (&self.emulator, variable(ENDPOINT)?) {
            return Ok(Endpoint::parse(&endpoint)?);
        }
        let connection = ConnectionString::parse(&self.connection_string)?;
        Ok(connection.endpoint().clone())
    }

    /// A client of identities.
    ///
    /// # Errors
    ///
    /// When the connection string is not one.
    pub fn identity(&self) -> acs_identity::Result<IdentityClient> {
        IdentityClient::from_connection_string(&self.connection_string)
    }

    /// Whether an emulator in this process answers.
    #[must_use]
    pub fn is_emulator(&self) -> bool {
        self.emulator.is_some()
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

fn variable(name: &str) -> anyhow::Result<Option<String>> {
    match env::var(name) {
        Ok(value) => Ok(Some(value)),
        Err(VarError::NotPresent) => Ok(None),
        Err(error) => Err(error).context(format!("{name} is unreadable")),
    }
}

/// Writes a member that the service may leave out.
pub fn shown<T: fmt::Display>(value: &Option<T>) -> String {
    value
        .as_ref()
        .map_or_else(|| "unset".to_owned(), T::to_string)
}
