//! The loop around one call: time limits, retries and the waits between them.

use std::error::Error as StdError;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Duration;

use acs_auth::AuthError;
use http::HeaderValue;
use tokio::time::{Instant, sleep, sleep_until};
use tracing::debug;

use crate::error::{CallContext, Error, Limit, ServiceError, TransportError, TransportFault};
use crate::exchange::Reply;
use crate::options::{Limits, RetryOptions};
use crate::retry::{Attempt, Decision, Outcome};

/// Why an attempt was no success.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The service answered, with a status outside 200 to 299.
    Answered {
        reply: Box<Reply>,
        retry_after: Option<Duration>,
    },
    /// There is no complete answer.
    Transport {
        fault: TransportFault,
        was_sent: bool,
        source: Option<Box<dyn StdError + Send + Sync>>,
    },
    /// There is no credential to send.
    Auth(AuthError),
}

impl Failure {
    /// The error of a call whose last attempt failed so.
    pub(crate) fn into_error(
        self,
        operation: &'static str,
        attempts: u32,
        client_request_id: HeaderValue,
    ) -> Error {
        match self {
            Self::Answered { reply, retry_after } => {
                let (head, body) = reply.into_parts(attempts, client_request_id);
                let context = head.context(operation);
                ServiceError::new(context, head.status, head.headers, &body, retry_after).into()
            }
            Self::Transport {
                fault,
                was_sent,
                source,
            } => {
                let context = CallContext::new(operation, attempts, Some(client_request_id));
                TransportError::new(context, fault, was_sent, source).into()
            }
            Self::Auth(error) => error.into(),
        }
    }

    fn outcome(&self) -> Outcome {
        match self {
            Self::Answered { reply, retry_after } => Outcome::Answered {
                status: reply.status,
                retry_after: *retry_after,
            },
            Self::Auth(_)
            | Self::Transport {
                fault: TransportFault::TooLarge { .. },
                ..
            } => Outcome::Hopeless,
            Self::Transport { was_sent: true, .. } => Outcome::Unanswered,
            Self::Transport {
                was_sent: false, ..
            } => Outcome::NotSent,
        }
    }

    /// In the words of the log: nothing that a service or a customer wrote.
    fn describe(&self) -> String {
        match self {
            Self::Answered { reply, .. } => format!("answered {}", reply.status),
            Self::Transport { fault, .. } => fault.to_string(),
            Self::Auth(_) => "has no credential".to_owned(),
        }
    }
}

/// Until when an attempt may last, and which limit says so.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline {
    at: Instant,
    limit: Limit,
}

impl Deadline {
    /// Whichever of the two limits comes first.
    fn new(limits: &Limits, call_began: Instant, now: Instant) -> Option<Self> {
        let until = |from: Instant, span: Option<Duration>, limit: fn(Duration) -> Limit| {
            let (at, limit) = (from.checked_add(span?)?, limit(span?));
            Some(Self { at, limit })
        };
        let attempt = until(now, limits.attempt, Limit::Attempt);
        let total = until(call_began, limits.total, Limit::Total);
        match (attempt, total) {
            (Some(attempt), Some(total)) if attempt.at < total.at => Some(attempt),
            (attempt, total) => total.or(attempt),
        }
    }

    #[cold]
    fn passed(self, was_sent: bool) -> Failure {
        Failure::Transport {
            fault: TransportFault::TimedOut(self.limit),
            was_sent,
            source: None,
        }
    }
}

/// Does a part of an attempt, until the deadline at most. Like tokio's `timeout_at`, except that there may be no deadline.
pub(crate) async fn within<T>(
    deadline: Option<Deadline>,
    was_sent: bool,
    mut work: Pin<&mut impl Future<Output = Result<T, Failure>>>,
) -> Result<T, Failure> {
    let mut timer = pin!(None);
    poll_fn(|context| {
        if let Poll::Ready(result) = work.as_mut().poll(context) {
            return Poll::Ready(result);
        }
        let Some(deadline) = deadline else {
            return Poll::Pending;
        };
        // Only now, since a token is often there at once.
        if timer.is_none() {
            timer.set(Some(sleep_until(deadline.at)));
        }
        match timer.as_mut().as_pin_mut() {
            Some(timer) => timer.poll(context).map(|()| Err(deadline.passed(was_sent))),
            None => Poll::Pending,
        }
    })
    .await
}

/// How a call may be repeated.
#[derive(Debug)]
pub(crate) struct Repetition<'a> {
    pub(crate) retry: &'a RetryOptions,
    pub(crate) limits: &'a Limits,
    /// Whether the request may be sent again whatever became of it.
    pub(crate) is_repeatable: bool,
    /// Gives a number from 0 to 1.
    pub(crate) random: fn() -> f64,
}

impl Repetition<'_> {
    /// Makes attempts until one succeeds or none may follow. Also returns how many were made.
    pub(crate) async fn run<T, F>(
        &self,
        mut attempt: impl FnMut(Option<Deadline>) -> F,
    ) -> (Result<T, Failure>, u32)
    where
        F: Future<Output = Result<T, Failure>>,
    {
        let began = Instant::now();
        let mut now = began;
        let mut number = 1;
        loop {
            let deadline = Deadline::new(self.limits, began, now);
            // Pinned so that not the future is moved, which is large, but a pointer.
            let wait = match pin!(attempt(deadline)).await {
                Ok(success) => {
                    debug!(attempt = number, "attempt succeeded");
                    return (Ok(success), number);
                }
                Err(failure) => match self.after(&failure, number, began) {
                    Some(wait) => wait,
                    None => return (Err(failure), number),
                },
            };
            sleep(wait).await;
            number += 1;
            now = Instant::now();
        }
    }

    /// How long to wait before the next attempt; `None` if there is to be none.
    #[cold]
    fn after(&self, failure: &Failure, number: u32, began: Instant) -> Option<Duration> {
        let attempt = Attempt {
            outcome: failure.outcome(),
            number,
            elapsed: began.elapsed(),
            is_repeatable: self.is_repeatable,
        };
        let outcome = failure.describe();
        match self
            .retry
            .decide(attempt, self.limits.total, (self.random)())
        {
            Decision::Retry { wait, reason } => {
                let wait_ms = wait.as_millis() as u64;
                debug!(
                    attempt = number,
                    outcome, reason, wait_ms, "attempt failed, trying again"
                );
                Some(wait)
            }
            Decision::Stop { reason } => {
                debug!(
                    attempt = number,
                    outcome, reason, "attempt failed, giving up"
                );
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Failure, Repetition, within};
    use crate::error::{Limit, TransportFault};
    use crate::exchange::Reply;
    use crate::options::{Limits, RetryOptions};
    use bytes::Bytes;
    use http::{HeaderMap, StatusCode};
    use std::future::pending;
    use std::pin::pin;
    use std::time::Duration;
    use tokio::time::Instant;

    const SECOND: Duration = Duration::from_secs(1);

    fn busy(retry_after: Option<Duration>) -> Failure {
        Failure::Answered {
            reply: Box::new(Reply {
                status: StatusCode::SERVICE_UNAVAILABLE,
                headers: HeaderMap::new(),
                body: Bytes::new(),
            }),
            retry_after,
        }
    }

    /// Runs attempts that fail so; gives the seconds at which they began, and how and when it all ended.
    async fn run(
        retry: &RetryOptions,
        is_repeatable: bool,
        failures: Vec<Failure>,
    ) -> (Vec<f64>, Result<(), Failure>, f64) {
        let began = Instant::now();
        let limits = Limits::default();
        let repetition = Repetition {
            retry,
            limits: &limits,
            is_repeatable,
            random: || 1.0,
        };
        let mut starts = Vec::new();
        let mut failures = failures.into_iter();
        let (result, attempts) = repetition
            .run(|_| {
                starts.push(began.elapsed().as_secs_f64());
                let failure = failures.next();
                async { failure.map_or(Ok(()), Err) }
            })
            .await;
        assert_eq!(attempts as usize, starts.len());
        (starts, result, began.elapsed().as_secs_f64())
    }

    #[tokio::test(start_paused = true)]
    async fn waits_double_and_lose_their_random_part() {
        let failures = (0..9).map(|_| busy(None)).collect();
        let (starts, result, _) = run(&RetryOptions::new(), true, failures).await;
        assert_eq!(starts, [0.0, 0.4, 1.2, 2.8]);
        assert!(matches!(result, Err(Failure::Answered { .. })));
    }

    #[tokio::test(start_paused = true)]
    async fn the_services_wait_is_kept_to() {
        let failures = vec![busy(Some(7 * SECOND)), busy(Some(Duration::ZERO))];
        let (starts, result, _) = run(&RetryOptions::new(), false, failures).await;
        assert_eq!(starts, [0.0, 7.0, 7.0]);
        assert!(result.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_beyond_the_total_limit_ends_the_call_at_once() {
        let failures = vec![busy(Some(99 * SECOND)), busy(Some(SECOND))];
        let (starts, result, ended) = run(&RetryOptions::new(), true, failures).await;
        assert_eq!((starts, ended), (vec![0.0, 99.0], 99.0));
        assert!(matches!(result, Err(Failure::Answered { .. })));
    }

    #[tokio::test(start_paused = true)]
    async fn an_attempt_that_stalls_ends_at_its_limit_and_the_last_at_the_total_limit() {
        let limits = Limits::default();
        let repetition = Repetition {
            retry: &RetryOptions::new().max_retries(9).jitter(0.0),
            limits: &limits,
            is_repeatable: true,
            random: || 0.0,
        };
        let began = Instant::now();
        let (result, attempts) = repetition
            .run(async |deadline| within(deadline, true, pin!(pending::<Result<(), _>>())).await)
            .await;
        // 30 + 0.8 + 30 + 1.6 + 30 + 3.2 = 95.6
        assert_eq!((attempts, began.elapsed()), (4, 100 * SECOND));
        let Err(Failure::Transport {
            fault, was_sent, ..
        }) = result
        else {
            panic!("{result:?}");
        };
        assert!(was_sent);
        assert_eq!(fault, TransportFault::TimedOut(Limit::Total(100 * SECOND)));
    }

    #[tokio::test(start_paused = true)]
    async fn without_limits_an_attempt_may_take_any_time() {
        let limits = Limits {
            attempt: None,
            total: None,
            ..Limits::default()
        };
        let repetition = Repetition {
            retry: &RetryOptions::none(),
            limits: &limits,
            is_repeatable: true,
            random: || 0.0,
        };
        let slow = async |deadline| {
            let work = pin!(async {
                tokio::time::sleep(100_000 * SECOND).await;
                Ok(())
            });
            within(deadline, true, work).await
        };
        assert!(matches!(repetition.run(slow).await, (Ok(()), 1)));
    }
}
