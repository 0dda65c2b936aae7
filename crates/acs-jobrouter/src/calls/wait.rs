//! Waiting for what the service does on its own: making offers, moving jobs along.

use std::fmt::Write as _;
use std::future::IntoFuture;
use std::time::Duration;

use acs_core::{Pipeline, Result, WaitError};
use acs_core_jobrouter::models::{RouterJob, RouterJobOffer, RouterJobStatus, RouterWorker};
use tokio::time::{sleep, timeout};

use super::CallFuture;
use super::get::Get;

/// Waits until a worker has an offer, and gives that offer. Narrow it down or set limits if need be, then await it.
///
/// The worker is read again and again, at growing intervals: after 0.1, 0.2, 0.4 ... seconds and then every 2 seconds. A
/// resource may make 1000 requests in 10 seconds: programs with hundreds of workers subscribe to events instead.
///
/// It only reads: dropping the future ends the wait and is safe at any time.
#[must_use = "a call is sent when it is awaited"]
#[derive(Clone, Debug)]
pub struct WaitForOffer {
    pipeline: Pipeline,
    worker_id: String,
    job_id: Option<String>,
    patience: Patience,
}

impl WaitForOffer {
    pub(crate) fn new(pipeline: &Pipeline, worker_id: impl Into<String>) -> Self {
        Self {
            pipeline: pipeline.clone(),
            worker_id: worker_id.into(),
            job_id: None,
            patience: Patience::default(),
        }
    }

    /// Only an offer of this job will do; any unless set, and of several the one that the service lists first.
    pub fn of_job(mut self, job_id: impl Into<String>) -> Self {
        self.job_id = Some(job_id.into());
        self
    }

    fn look(&self, worker: RouterWorker) -> Seen<RouterJobOffer> {
        let state = worker.state.as_ref().map_or("", |state| state.as_str());
        let open = if worker.offers.is_empty() {
            "without an offer"
        } else {
            "with offers of other jobs only"
        };
        let is_awaited = |offer: &RouterJobOffer| {
            let awaited = self.job_id.as_deref();
            awaited.is_none_or(|job_id| job_id == offer.job_id)
        };
        match worker.offers.into_iter().find(is_awaited) {
            Some(offer) => Seen::Awaited(offer),
            None => Seen::NotYet(format!("{} is {state}, {open}", worker.id)),
        }
    }

    fn awaited(&self) -> String {
        match &self.job_id {
            Some(job_id) => format!("an offer of {job_id} to {}", self.worker_id),
            None => format!("an offer to {}", self.worker_id),
        }
    }
}

/// Waits until a job has a status, and gives the job. Add statuses or set limits if need be, then await it.
///
/// The job is read again and again, at growing intervals: after 0.1, 0.2, 0.4 ... seconds and then every 2 seconds. A
/// status that the job has for less than an interval may be missed.
///
/// It only reads: dropping the future ends the wait and is safe at any time.
#[must_use = "a call is sent when it is awaited"]
#[derive(Clone, Debug)]
pub struct WaitForJobStatus {
    pipeline: Pipeline,
    job_id: String,
    statuses: Vec<RouterJobStatus>,
    patience: Patience,
}

impl WaitForJobStatus {
    pub(crate) fn new(
        pipeline: &Pipeline,
        job_id: impl Into<String>,
        status: RouterJobStatus,
    ) -> Self {
        Self {
            pipeline: pipeline.clone(),
            job_id: job_id.into(),
            statuses: vec![status],
            patience: Patience::default(),
        }
    }

    /// This status will do as well.
    pub fn or(mut self, status: RouterJobStatus) -> Self {
        self.statuses.push(status);
        self
    }

    fn look(&self, job: RouterJob) -> Seen<RouterJob> {
        let Some(status) = &job.status else {
            return Seen::NotYet(format!("{} has no status", job.id));
        };
        if self.statuses.contains(status) {
            return Seen::Awaited(job);
        }
        let seen = format!("{} is {status}", job.id);
        match status {
            RouterJobStatus::Closed | RouterJobStatus::Cancelled => Seen::NeverAgain(seen),
            _ => Seen::NotYet(seen),
        }
    }

    fn awaited(&self) -> String {
        let mut text = format!("{} to be ", self.job_id);
        for (index, status) in self.statuses.iter().enumerate() {
            let or = if index > 0 { " or " } else { "" };
            // Writing to a string cannot fail.
            let _ = write!(text, "{or}{status}");
        }
        text
    }
}

/// The limits that both waits have.
macro_rules! limits {
    () => {
        /// How long to wait at most; then the call fails with [`Error::Wait`](acs_core::Error::Wait), of which
        /// [`is_timeout`](acs_core::Error::is_timeout) is true. Default: 60 seconds; `None`: no limit.
        pub fn timeout(mut self, limit: impl Into<Option<Duration>>) -> Self {
            self.patience.timeout = limit.into();
            self
        }

        /// The time between the first look and the second; it doubles with each further one. Default: 0.1 seconds; at
        /// least a millisecond.
        pub fn base_delay(mut self, delay: Duration) -> Self {
            self.patience.base_delay = delay;
            self
        }

        /// The longest time between two looks, and so how late what is awaited may be noticed. Default: 2 seconds; at least
        /// a millisecond.
        pub fn max_delay(mut self, delay: Duration) -> Self {
            self.patience.max_delay = delay;
            self
        }
    };
}

impl WaitForOffer {
    limits!();
}

impl WaitForJobStatus {
    limits!();
}

impl IntoFuture for WaitForOffer {
    type Output = Result<RouterJobOffer>;
    type IntoFuture = CallFuture<RouterJobOffer>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let look = || async {
                let worker =
                    Get::<RouterWorker>::new(&self.pipeline, self.worker_id.as_str()).await?;
                Ok(self.look(worker.into_inner()))
            };
            self.patience.wait(self.awaited(), look).await
        })
    }
}

impl IntoFuture for WaitForJobStatus {
    type Output = Result<RouterJob>;
    type IntoFuture = CallFuture<RouterJob>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let look = || async {
                let job = Get::<RouterJob>::new(&self.pipeline, self.job_id.as_str()).await?;
                Ok(self.look(job.into_inner()))
            };
            self.patience.wait(self.awaited(), look).await
        })
    }
}

/// What one look showed. The texts are for the error, should the wait end there.
enum Seen<T> {
    Awaited(T),
    NotYet(String),
    NeverAgain(String),
}

/// How long to wait, and how often to look.
#[derive(Clone, Copy, Debug)]
struct Patience {
    timeout: Option<Duration>,
    base_delay: Duration,
    max_delay: Duration,
}

/// Keeps a wait without delays from taking up a processor.
const SHORTEST_DELAY: Duration = Duration::from_millis(1);

impl Default for Patience {
    fn default() -> Self {
        Self {
            timeout: Some(Duration::from_secs(60)),
            base_delay: Duration::from_millis(100),
            max_delay: Duration::from_secs(2),
        }
    }
}

impl Patience {
    /// Looks until what is awaited is there. A look that fails, after its own retries, ends the wait.
    async fn wait<T, F>(self, awaited: String, look: impl Fn() -> F) -> Result<T>
    where
        F: Future<Output = Result<Seen<T>>>,
    {
        let mut last_seen = String::new();
        let looking = async {
            let mut delay = self.base_delay;
            loop {
                match look().await? {
                    Seen::Awaited(value) => return Ok(value),
                    Seen::NotYet(seen) => last_seen = seen,
                    Seen::NeverAgain(seen) => {
                        return Err(WaitError::in_vain(awaited.as_str(), seen).into());
                    }
                }
                delay = delay.min(self.max_delay).max(SHORTEST_DELAY);
                sleep(delay).await;
                delay = delay.saturating_mul(2);
            }
        };
        let Some(limit) = self.timeout else {
            return looking.await;
        };
        match timeout(limit, looking).await {
            Ok(result) => result,
            Err(_elapsed) => Err(WaitError::timed_out(awaited, limit, last_seen).into()),
        }
    }
}
