//! Changing an entity depending on what it is.

use std::fmt;
use std::future::IntoFuture;
use std::time::Duration;

use acs_core::{Pipeline, Response, Result};
use futures_util::future::BoxFuture;

use super::entity::Entity;
use super::entity::sealed::Stored;
use super::get::Get;
use super::upsert::Upsert;

/// The longest wait before the entity is read again for the first time.
const FIRST_WAIT: Duration = Duration::from_millis(50);

/// The longest wait of all.
const LONGEST_WAIT: Duration = Duration::from_secs(1);

type Change<'a, E> = Box<dyn FnMut(&E) -> <E as Stored>::Patch + Send + 'a>;

/// Changes an entity depending on what it is: reads it, asks for a patch, and writes that only if nobody else has written
/// in between. If somebody has, it does all of it again. Await it.
///
/// Before it reads again, it waits for a random time of up to 50 milliseconds, a limit that doubles with each conflict up
/// to a second, so that those who get into each other's way spread out.
///
/// When the future is dropped, the service may have written the last patch or may still do so; nothing goes on in the
/// background. The same holds when the call fails without an answer, for a write with a condition is not repeated.
#[must_use = "a call is sent when it is awaited"]
pub struct RetryOnConflict<'a, E: Entity> {
    pipeline: Pipeline,
    id: String,
    max_attempts: u32,
    change: Change<'a, E>,
}

impl<'a, E: Entity> RetryOnConflict<'a, E> {
    pub(crate) fn new(
        pipeline: &Pipeline,
        id: impl Into<String>,
        change: impl FnMut(&E) -> E::Patch + Send + 'a,
    ) -> Self {
        Self {
            pipeline: pipeline.clone(),
            id: id.into(),
            max_attempts: 5,
            change: Box::new(change),
        }
    }

    /// How often the entity is read and written at most; the last conflict is the error of the call. Default: 5. Zero counts
    /// as one.
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = attempts;
        self
    }

    async fn run(mut self) -> Result<Response<E>> {
        let mut wait = FIRST_WAIT;
        let mut attempts_left = self.max_attempts;
        loop {
            let current = Get::<E>::new(&self.pipeline, self.id.as_str()).await?;
            let patch = (self.change)(&current);
            if patch == E::Patch::default() {
                return Ok(current);
            }
            let written = Upsert::<E>::new(&self.pipeline, self.id.as_str(), patch)
                .if_match(current.version())
                .await;
            attempts_left = attempts_left.saturating_sub(1);
            match written {
                Err(error) if error.is_precondition_failed() && attempts_left > 0 => {
                    tokio::time::sleep(wait.mul_f64(fastrand::f64())).await;
                    wait = (2 * wait).min(LONGEST_WAIT);
                }
                result => return result,
            }
        }
    }
}

impl<'a, E: Entity> IntoFuture for RetryOnConflict<'a, E> {
    type Output = Result<Response<E>>;
    type IntoFuture = BoxFuture<'a, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

impl<E: Entity> fmt::Debug for RetryOnConflict<'_, E> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("RetryOnConflict")
            .field("operation", &E::UPSERT.id)
            .field("id", &self.id)
            .field("max_attempts", &self.max_attempts)
            .finish_non_exhaustive()
    }
}
