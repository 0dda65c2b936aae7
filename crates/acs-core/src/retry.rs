//! Whether an attempt is repeated, and when: decisions only, no waiting, no clock, no chance of its own.

use std::time::Duration;

use acs_types::{Operation, Timestamp};
use http::StatusCode;
use http::header::{DATE, HeaderMap, HeaderName, IF_MATCH, IF_UNMODIFIED_SINCE, RETRY_AFTER};

use crate::options::RetryOptions;

/// Waits in milliseconds, more exact than `Retry-After` and therefore looked at first.
const MILLISECOND_HEADERS: [HeaderName; 2] = [
    HeaderName::from_static("retry-after-ms"),
    HeaderName::from_static("x-ms-retry-after-ms"),
];

/// With this id a service recognises a repetition, so that any request may be sent again.
const REPEATABILITY_ID: HeaderName = HeaderName::from_static("repeatability-request-id");

/// How an attempt that was no success ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The service answered.
    Answered {
        status: StatusCode,
        retry_after: Option<Duration>,
    },
    /// The service certainly never saw the request.
    NotSent,
    /// The service may have seen the request.
    Unanswered,
    /// Repeating would change nothing: the credential failed, or the answer is too large.
    Hopeless,
}

/// An attempt that was no success, in its surroundings.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Attempt {
    pub(crate) outcome: Outcome,
    /// Counted from 1.
    pub(crate) number: u32,
    /// Since the call began.
    pub(crate) elapsed: Duration,
    /// Whether the request may be repeated whatever became of it.
    pub(crate) is_repeatable: bool,
}

/// What to do after an attempt that was no success. The text is the reason, for the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    Retry {
        wait: Duration,
        reason: &'static str,
    },
    Stop {
        reason: &'static str,
    },
}

impl RetryOptions {
    /// Decides from the attempt, the total limit of the call, and a random number from 0 to 1.
    pub(crate) fn decide(
        &self,
        attempt: Attempt,
        total: Option<Duration>,
        random: f64,
    ) -> Decision {
        let (retry_after, reason) = match attempt.outcome {
            Outcome::Hopeless => return stop("would fail again"),
            Outcome::NotSent => (None, "was not sent"),
            Outcome::Unanswered if attempt.is_repeatable => (None, "no complete answer"),
            Outcome::Unanswered => return stop("may have been carried out"),
            Outcome::Answered { status, .. } if !is_transient(status) => {
                return stop("the answer is final");
            }
            Outcome::Answered {
                status,
                retry_after,
            } => {
                if !attempt.is_repeatable && !is_refused_unseen(status, retry_after) {
                    return stop("may have been carried out");
                }
                (retry_after, "the answer is transient")
            }
        };
        if attempt.number > self.max_retries {
            return stop("no retries left");
        }
        let wait = retry_after.unwrap_or_else(|| self.backoff(attempt.number, random));
        match total {
            Some(total) if attempt.elapsed.saturating_add(wait) >= total => {
                stop("the next attempt would begin after the total limit")
            }
            _ => Decision::Retry { wait, reason },
        }
    }

    /// The wait after the attempt with this number: doubles from the base up to the maximum, then loses a random part.
    fn backoff(&self, number: u32, random: f64) -> Duration {
        let doublings = number.saturating_sub(1).min(31);
        let delay = self
            .base_delay
            .saturating_mul(1 << doublings)
            .min(self.max_delay);
        let kept = 1.0 - self.jitter * random.clamp(0.0, 1.0);
        Duration::try_from_secs_f64(delay.as_secs_f64() * kept).unwrap_or(delay)
    }
}

fn stop(reason: &'static str) -> Decision {
    Decision::Stop { reason }
}

/// Whether a later answer may be another one.
pub(crate) fn is_transient(status: StatusCode) -> bool {
    matches!(status.as_u16(), 408 | 429 | 500 | 502 | 503 | 504)
}

/// Whether the service says that it did not even begin.
fn is_refused_unseen(status: StatusCode, retry_after: Option<Duration>) -> bool {
    match status {
        StatusCode::TOO_MANY_REQUESTS => true,
        StatusCode::SERVICE_UNAVAILABLE => retry_after.is_some(),
        _ => false,
    }
}

/// Whether the request may be repeated whatever became of it.
///
/// A write with a condition may not: if the first try did arrive, the second fails its condition, and the caller would
/// take a success for a conflict.
pub(crate) fn is_repeatable(operation: &Operation, headers: &HeaderMap) -> bool {
    let is_conditional =
        headers.contains_key(IF_MATCH) || headers.contains_key(IF_UNMODIFIED_SINCE);
    let is_read = matches!(operation.method, "GET" | "HEAD");
    is_read
        || (operation.is_idempotent() && !is_conditional)
        || headers.contains_key(REPEATABILITY_ID)
}

/// How long the service asks to wait; `None` if it does not, or not in a way that can be understood.
///
/// Seconds and milliseconds may have a fraction. A date counts from the answer's own `Date`, so that a wrong clock on
/// either side does no harm, and from `now` without one; a date that has passed means no wait.
pub(crate) fn retry_after(
    headers: &HeaderMap,
    now: impl FnOnce() -> Timestamp,
) -> Option<Duration> {
    let text = |name: &HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let milliseconds = MILLISECOND_HEADERS
        .iter()
        .find_map(|name| text(name).and_then(|value| seconds(value, 1000.0)));
    if milliseconds.is_some() {
        return milliseconds;
    }
    let value = text(&RETRY_AFTER)?.trim();
    seconds(value, 1.0).or_else(|| {
        let until = Timestamp::parse_http_date(value).ok()?;
        let since = text(&DATE)
            .and_then(|date| Timestamp::parse_http_date(date).ok())
            .unwrap_or_else(now);
        Some(until.duration_since(since))
    })
}

/// Reads a number without sign or exponent, `units` of which are a second.
fn seconds(text: &str, units: f64) -> Option<Duration> {
    let text = text.trim();
    if !text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'.')
    {
        return None;
    }
    let number: f64 = text.parse().ok()?;
    Duration::try_from_secs_f64(number / units).ok()
}

#[cfg(test)]
mod tests {
    use super::{Attempt, Decision, Outcome, is_repeatable, retry_after};
    use crate::RetryOptions;
    use acs_types::{Operation, Timestamp};
    use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
    use std::time::Duration;

    const TOTAL: Option<Duration> = Some(Duration::from_secs(100));

    fn answered(status: u16, retry_after: Option<u64>) -> Outcome {
        Outcome::Answered {
            status: StatusCode::from_u16(status).expect("status"),
            retry_after: retry_after.map(Duration::from_secs),
        }
    }

    fn first(outcome: Outcome, is_repeatable: bool) -> Attempt {
        Attempt {
            outcome,
            number: 1,
            elapsed: Duration::ZERO,
            is_repeatable,
        }
    }

    fn retries(outcome: Outcome, is_repeatable: bool) -> bool {
        let decision = RetryOptions::new().decide(first(outcome, is_repeatable), TOTAL, 0.0);
        matches!(decision, Decision::Retry { .. })
    }

    fn wait(options: &RetryOptions, number: u32, random: f64) -> Option<Duration> {
        let attempt = Attempt {
            number,
            ..first(Outcome::NotSent, true)
        };
        match options.decide(attempt, None, random) {
            Decision::Retry { wait, .. } => Some(wait),
            Decision::Stop { .. } => None,
        }
    }

    #[test]
    fn a_repeatable_request_is_retried_on_transient_answers_and_on_none() {
        for status in [408, 429, 500, 502, 503, 504] {
            assert!(retries(answered(status, None), true), "{status}");
        }
        for status in [301, 304, 400, 401, 404, 409, 412, 501, 505] {
            assert!(!retries(answered(status, None), true), "{status}");
        }
        assert!(retries(Outcome::NotSent, true));
        assert!(retries(Outcome::Unanswered, true));
        assert!(!retries(Outcome::Hopeless, true));
    }

    #[test]
    fn any_other_request_is_retried_only_if_the_service_did_not_begin() {
        assert!(retries(Outcome::NotSent, false));
        assert!(retries(answered(429, None), false));
        assert!(retries(answered(503, Some(1)), false));
        for outcome in [
            Outcome::Unanswered,
            answered(503, None),
            answered(500, Some(1)),
            answered(504, Some(1)),
            answered(408, None),
        ] {
            assert!(!retries(outcome, false), "{outcome:?}");
        }
    }

    #[test]
    fn waits_double_up_to_the_maximum() {
        let options = RetryOptions::new()
            .max_retries(40)
            .jitter(0.0)
            .max_delay(Duration::from_secs(5));
        let waits: Vec<_> = [1, 2, 3, 4, 5, 40]
            .map(|number| wait(&options, number, 0.7).map(|wait| wait.as_millis()))
            .into_iter()
            .flatten()
            .collect();
        assert_eq!(waits, [800, 1600, 3200, 5000, 5000, 5000]);
        assert_eq!(wait(&options, 41, 0.7), None);
    }

    #[test]
    fn chance_shortens_a_wait_by_its_part_at_most() {
        let options = RetryOptions::new().jitter(0.25);
        let millis = |random| wait(&options, 1, random).map(|wait| wait.as_millis());
        assert_eq!(
            [millis(0.0), millis(0.5), millis(1.0)],
            [Some(800), Some(700), Some(600)]
        );
    }

    #[test]
    fn extreme_delays_do_not_overflow() {
        let options = RetryOptions::new()
            .max_retries(u32::MAX)
            .base_delay(Duration::MAX)
            .max_delay(Duration::MAX);
        assert!(wait(&options, u32::MAX, 0.0).is_some());
    }

    #[test]
    fn the_services_wait_is_kept_even_beyond_our_maximum() {
        let attempt = first(answered(429, Some(60)), true);
        assert!(matches!(
            RetryOptions::new().decide(attempt, TOTAL, 0.9),
            Decision::Retry { wait, .. } if wait == Duration::from_secs(60)
        ));
    }

    #[test]
    fn a_retry_that_would_begin_after_the_total_limit_is_not_made() {
        let decide = |elapsed, wait| {
            let attempt = Attempt {
                elapsed: Duration::from_secs(elapsed),
                ..first(answered(429, Some(wait)), true)
            };
            RetryOptions::new().decide(attempt, TOTAL, 0.0)
        };
        assert!(matches!(decide(39, 60), Decision::Retry { .. }));
        assert!(matches!(decide(40, 60), Decision::Stop { .. }));
        assert!(matches!(decide(100, 0), Decision::Stop { .. }));
        assert!(matches!(decide(0, u64::MAX), Decision::Stop { .. }));
    }

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|&(name, value)| {
                (
                    HeaderName::from_static(name),
                    HeaderValue::from_static(value),
                )
            })
            .collect()
    }

    fn asked(pairs: &[(&'static str, &'static str)]) -> Option<Duration> {
        let now = || Timestamp::parse_http_date("Tue, 15 Jun 2021 23:04:04 GMT").expect("date");
        retry_after(&headers(pairs), now)
    }

    #[test]
    fn retry_after_is_read_in_every_form() {
        let millis = |number| Some(Duration::from_millis(number));
        for (value, expected) in [
            ("3", millis(3000)),
            (" 3 ", millis(3000)),
            ("0", millis(0)),
            ("1.5", millis(1500)),
            ("Tue, 15 Jun 2021 23:04:34 GMT", millis(30_000)),
            ("Tuesday, 15-Jun-21 23:04:34 GMT", millis(30_000)),
            ("Tue Jun 15 23:04:34 2021", millis(30_000)),
            ("Tue, 15 Jun 2021 23:00:00 GMT", millis(0)),
            ("-1", None),
            ("+1", None),
            ("1e3", None),
            ("", None),
            (".", None),
            ("inf", None),
            ("NaN", None),
            ("soon", None),
            ("2021-06-15T23:04:34Z", None),
            ("99999999999999999999999999", None),
        ] {
            assert_eq!(asked(&[("retry-after", value)]), expected, "{value:?}");
        }
        assert_eq!(asked(&[]), None);
    }

    #[test]
    fn milliseconds_come_before_seconds_unless_they_are_garbage() {
        let both = |value| asked(&[("retry-after", "9"), ("retry-after-ms", value)]);
        assert_eq!(both("250"), Some(Duration::from_millis(250)));
        assert_eq!(both("-250"), Some(Duration::from_secs(9)));
        assert_eq!(
            asked(&[("x-ms-retry-after-ms", "1500.5")]),
            Some(Duration::from_micros(1_500_500))
        );
    }

    #[test]
    fn a_date_counts_from_the_answers_own_date() {
        let an_hour_off = [
            ("date", "Wed, 16 Jun 2021 00:04:04 GMT"),
            ("retry-after", "Wed, 16 Jun 2021 00:04:09 GMT"),
        ];
        assert_eq!(asked(&an_hour_off), Some(Duration::from_secs(5)));
    }

    #[test]
    fn conditions_make_a_write_unrepeatable_and_a_repeatability_id_anything_repeatable() {
        let operation = |method, merge_patch| Operation {
            id: "x",
            method,
            path: "/x",
            success: &[200],
            merge_patch,
            optional_body: false,
            conditional: true,
            paged: false,
            since: "2023-11-01",
        };
        let none = headers(&[]);
        let if_match = headers(&[("if-match", "\"1\"")]);
        let if_unmodified = headers(&[("if-unmodified-since", "Tue, 15 Jun 2021 23:04:04 GMT")]);
        for (method, merge_patch, unconditional, conditional) in [
            ("GET", false, true, true),
            ("PUT", false, true, false),
            ("DELETE", false, true, false),
            ("PATCH", true, true, false),
            ("PATCH", false, false, false),
            ("POST", false, false, false),
        ] {
            let operation = operation(method, merge_patch);
            assert_eq!(is_repeatable(&operation, &none), unconditional, "{method}");
            for condition in [&if_match, &if_unmodified] {
                assert_eq!(
                    is_repeatable(&operation, condition),
                    conditional,
                    "{method}"
                );
            }
        }
        let repeatable = headers(&[("repeatability-request-id", "1")]);
        assert!(is_repeatable(&operation("POST", false), &repeatable));
    }
}
