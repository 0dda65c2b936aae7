//! What can be set on a client, with the defaults.

use std::sync::Arc;
use std::time::Duration;

use crate::clock::{Clock, SystemClock};

/// Everything about a client that has a default.
///
/// ```
/// use std::time::Duration;
///
/// use acs_core::{ClientOptions, RetryOptions};
///
/// let options = ClientOptions::new()
///     .application_id("contact-centre")
///     .timeout(Duration::from_secs(20))
///     .retry(RetryOptions::new().max_retries(5));
/// # let _ = options;
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct ClientOptions {
    pub(crate) api_version: Option<String>,
    pub(crate) application_id: Option<String>,
    pub(crate) retry: RetryOptions,
    pub(crate) limits: Limits,
    pub(crate) http_client: Option<reqwest::Client>,
    pub(crate) clock: Arc<dyn Clock>,
}

/// How long things may take, and how large an answer may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limits {
    pub(crate) connect: Option<Duration>,
    pub(crate) attempt: Option<Duration>,
    pub(crate) total: Option<Duration>,
    pub(crate) answer_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Some(Duration::from_secs(10)),
            attempt: Some(Duration::from_secs(30)),
            total: Some(Duration::from_secs(100)),
            answer_bytes: 16 * 1024 * 1024,
        }
    }
}

impl Default for ClientOptions {
    fn default() -> Self {
        Self {
            api_version: None,
            application_id: None,
            retry: RetryOptions::default(),
            limits: Limits::default(),
            http_client: None,
            clock: Arc::new(SystemClock),
        }
    }
}

impl ClientOptions {
    /// The defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// The `api-version` to ask for. Default: the stable one that the client was made for, and for operations that came with a
    /// later version, that one.
    ///
    /// Letters, digits, `.` and `-`. Members that another version adds are not in the models.
    pub fn api_version(mut self, version: impl Into<String>) -> Self {
        self.api_version = Some(version.into());
        self
    }

    /// A name for the program, put in front of the `User-Agent` so that its traffic can be told from others'. Default: none.
    ///
    /// Printable ASCII without blanks.
    pub fn application_id(mut self, id: impl Into<String>) -> Self {
        self.application_id = Some(id.into());
        self
    }

    /// Whether, when and how often to try again. Default: see [`RetryOptions`].
    pub fn retry(mut self, retry: RetryOptions) -> Self {
        self.retry = retry;
        self
    }

    /// How long making a connection may take, TLS included. Default: 10 seconds; `None`: no limit.
    ///
    /// Of no effect with [`http_client`](Self::http_client).
    pub fn connect_timeout(mut self, limit: impl Into<Option<Duration>>) -> Self {
        self.limits.connect = limit.into();
        self
    }

    /// How long one attempt may take, from asking for a token or a connection to the last byte of the answer.
    /// Default: 30 seconds; `None`: no limit.
    pub fn attempt_timeout(mut self, limit: impl Into<Option<Duration>>) -> Self {
        self.limits.attempt = limit.into();
        self
    }

    /// How long a call may take, all attempts and the waits between them included. Default: 100 seconds; `None`: no limit.
    ///
    /// A retry that would begin after this limit is not made: the call ends at once with the error of the last attempt.
    /// For a list the limit applies to each page.
    pub fn timeout(mut self, limit: impl Into<Option<Duration>>) -> Self {
        self.limits.total = limit.into();
        self
    }

    /// The most bytes of an answer's body that are read into memory. Default: 16 MiB.
    pub fn max_answer_bytes(mut self, limit: usize) -> Self {
        self.limits.answer_bytes = limit;
        self
    }

    /// Sends through this HTTP client instead of one made for the purpose, for instance to use a proxy, own certificates,
    /// or a connection pool shared with others.
    ///
    /// Its configuration is the caller's affair: a client that follows redirects sends signatures and tokens to wherever
    /// they lead on the same host, its default headers and cookies are sent along, its connect limit applies instead of
    /// [`connect_timeout`](Self::connect_timeout), and its own retries, if any, repeat a signature that may be outdated.
    /// Start from `redirect(reqwest::redirect::Policy::none())`.
    ///
    /// Without it: HTTP/1.1, no redirects, no cookies, no proxy (the environment is not read), idle connections kept for
    /// 90 seconds.
    pub fn http_client(mut self, client: reqwest::Client) -> Self {
        self.http_client = Some(client);
        self
    }

    /// Where the date comes from. Default: the machine's clock.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }
}

/// Whether, when and how often a call is tried again.
///
/// An attempt is repeated when its answer is 408, 429, 500, 502, 503 or 504, or when it got no answer, and only if repeating
/// is safe:
///
/// - reads, and unconditional puts, deletes and upserts: always;
/// - actions (`POST`) and updates with a condition: only if the request certainly was not sent, or if the service refused
///   it unseen with 429, or with 503 and a `Retry-After`.
///
/// The wait is what the service asked for in `retry-after-ms`, `x-ms-retry-after-ms` or `Retry-After`. Otherwise it is
/// [`base_delay`](Self::base_delay), doubled with each further retry up to [`max_delay`](Self::max_delay), and then
/// shortened by a random part.
///
/// A retry that would begin after [`ClientOptions::timeout`] is not made. Each attempt is signed anew.
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct RetryOptions {
    pub(crate) max_retries: u32,
    pub(crate) base_delay: Duration,
    pub(crate) max_delay: Duration,
    pub(crate) jitter: f64,
}

impl Default for RetryOptions {
    fn default() -> Self {
        Self {
            max_retries: 3,
            base_delay: Duration::from_millis(800),
            max_delay: Duration::from_secs(30),
            jitter: 0.5,
        }
    }
}

impl RetryOptions {
    /// The defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// One attempt, no retry.
    pub fn none() -> Self {
        Self::default().max_retries(0)
    }

    /// How many attempts may follow the first. Default: 3.
    pub fn max_retries(mut self, retries: u32) -> Self {
        self.max_retries = retries;
        self
    }

    /// The wait before the first retry, which doubles with each further one. Default: 0.8 seconds.
    pub fn base_delay(mut self, delay: Duration) -> Self {
        self.base_delay = delay;
        self
    }

    /// The longest wait of ours between two attempts. Default: 30 seconds. A wait that the service asks for may be longer.
    pub fn max_delay(mut self, delay: Duration) -> Self {
        self.max_delay = delay;
        self
    }

    /// The part of a wait of ours that is left to chance, from 0 (none) to 1 (all of it); what lies outside is brought
    /// inside. Default: 0.5, so the first wait lasts between 0.4 and 0.8 seconds.
    pub fn jitter(mut self, part: f64) -> Self {
        self.jitter = if part.is_nan() {
            0.0
        } else {
            part.clamp(0.0, 1.0)
        };
        self
    }
}

#[cfg(test)]
mod tests {
    use super::{ClientOptions, RetryOptions};
    use std::time::Duration;

    #[test]
    fn the_defaults_are_the_documented_ones() {
        let options = ClientOptions::new();
        assert_eq!(options.limits.connect, Some(Duration::from_secs(10)));
        assert_eq!(options.limits.attempt, Some(Duration::from_secs(30)));
        assert_eq!(options.limits.total, Some(Duration::from_secs(100)));
        assert_eq!(options.limits.answer_bytes, 16_777_216);
        assert_eq!((options.api_version, options.application_id), (None, None));
        assert!(options.http_client.is_none());

        let retry = options.retry;
        assert_eq!(retry.max_retries, 3);
        assert_eq!(retry.base_delay, Duration::from_millis(800));
        assert_eq!(retry.max_delay, Duration::from_secs(30));
        assert!((retry.jitter - 0.5).abs() < f64::EPSILON);
        assert_eq!(RetryOptions::none().max_retries, 0);
    }

    #[test]
    fn limits_can_be_switched_off() {
        let options = ClientOptions::new()
            .connect_timeout(None)
            .attempt_timeout(None)
            .timeout(None);
        let limits = options.limits;
        assert_eq!(
            (limits.connect, limits.attempt, limits.total),
            (None, None, None)
        );
    }

    #[test]
    fn jitter_stays_between_nothing_and_everything() {
        for (given, kept) in [(-1.0, 0.0), (2.0, 1.0), (f64::NAN, 0.0), (0.25, 0.25)] {
            let retry = RetryOptions::new().jitter(given);
            assert!((retry.jitter - kept).abs() < f64::EPSILON, "{given}");
        }
    }
}
