//! What stands between the emulator and one receiver of its events: whether it has agreed, and what it has not taken yet.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use acs_types::Timestamp;
use serde::Serialize;
use tokio::sync::watch;

use super::Event;

/// How many events that wait for another attempt are shown one by one.
const SHOWN: usize = 100;

/// One receiver of all events. Shared by its delivery and by the routes that show it.
#[derive(Debug)]
pub(crate) struct Subscription {
    name: String,
    /// Without anything that may be secret.
    destination: String,
    validation_url: String,
    agreement: watch::Sender<Agreement>,
    progress: Mutex<Progress>,
}

/// Whether the receiver wants the events.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Agreement {
    /// It is being asked. `problem` says why it has to be asked again.
    Creating {
        problem: Option<String>,
    },
    /// It has answered without the code, and may still call the address that it got.
    AwaitingManualAction {
        until: Timestamp,
    },
    Succeeded,
    Failed {
        reason: String,
    },
}

#[derive(Debug, Default)]
struct Progress {
    /// The code of the last handshake.
    code: String,
    accepted: u64,
    dropped: u64,
    /// Whether an attempt is being made.
    is_sending: bool,
    /// By the time of the next attempt, and among equal ones in the order of failure.
    retries: BTreeMap<RetryKey, Retry>,
    failures: u64,
}

/// When the next attempt is due, and the number of the failure before it.
pub(super) type RetryKey = (Timestamp, u64);

/// An event that was not accepted.
#[derive(Debug)]
pub(super) struct Retry {
    pub(super) event: Event,
    pub(super) attempts: u32,
    pub(super) problem: String,
}

impl Subscription {
    /// One whose receiver has not been asked yet. `endpoint` is where the emulator answers.
    pub(super) fn new(name: &str, destination: &impl fmt::Display, endpoint: &str) -> Self {
        Self {
            validation_url: format!("{endpoint}/_emulator/subscriptions/{name}/validate"),
            name: name.to_owned(),
            destination: destination.to_string(),
            agreement: watch::Sender::new(Agreement::Creating { problem: None }),
            progress: Mutex::default(),
        }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn destination(&self) -> &str {
        &self.destination
    }

    /// Begins a handshake with a code, and gives the address that a receiver may call instead of repeating the code.
    pub(super) fn ask_with(&self, code: &str) -> String {
        self.lock().code = code.to_owned();
        format!("{}?code={code}", self.validation_url)
    }

    pub(super) fn agree(&self) {
        self.agreement.send_replace(Agreement::Succeeded);
    }

    /// Leaves the last word to a call of the address, unless there was one already.
    pub(super) fn await_call(&self, until: Timestamp) {
        self.settle(Agreement::AwaitingManualAction { until });
    }

    /// Notes why the receiver has to be asked again, unless it has agreed meanwhile.
    pub(super) fn ask_again(&self, problem: &str) {
        self.settle(Agreement::Creating {
            problem: Some(problem.to_owned()),
        });
    }

    /// Notes that the receiver does not want the events, unless it has agreed meanwhile.
    pub(super) fn refuse(&self, reason: &str) {
        self.settle(Agreement::Failed {
            reason: reason.to_owned(),
        });
    }

    fn settle(&self, settled: Agreement) {
        self.agreement.send_if_modified(|agreement| {
            let is_open = *agreement != Agreement::Succeeded;
            if is_open {
                *agreement = settled;
            }
            is_open
        });
    }

    pub(super) fn is_agreed(&self) -> bool {
        *self.agreement.borrow() == Agreement::Succeeded
    }

    /// Waits until the receiver has agreed.
    pub(super) async fn agreed(&self) {
        let mut agreement = self.agreement.subscribe();
        // The sender lives as long as this subscription.
        drop(
            agreement
                .wait_for(|agreement| *agreement == Agreement::Succeeded)
                .await,
        );
    }

    /// Waits until the receiver is no longer given up.
    pub(super) async fn reopened(&self) {
        let is_open = |agreement: &Agreement| !matches!(agreement, Agreement::Failed { .. });
        drop(self.agreement.subscribe().wait_for(is_open).await);
    }

    /// Takes the call of the address that the receiver got in the handshake.
    pub(crate) fn confirm(&self, code: &str, now: Timestamp) -> Result<(), Unconfirmed> {
        if code.is_empty() || self.lock().code != code {
            return Err(Unconfirmed::WrongCode);
        }
        let mut result = Ok(());
        self.agreement.send_if_modified(|agreement| {
            match agreement {
                Agreement::Succeeded => return false,
                Agreement::AwaitingManualAction { until } if now > *until => {
                    result = Err(Unconfirmed::TooLate);
                    return false;
                }
                Agreement::Failed { .. } => {
                    result = Err(Unconfirmed::TooLate);
                    return false;
                }
                // A receiver may call before it has answered.
                Agreement::Creating { .. } | Agreement::AwaitingManualAction { .. } => {}
            }
            *agreement = Agreement::Succeeded;
            true
        });
        result
    }

    /// Has a receiver that was given up asked again; `false` when it was not given up.
    pub(crate) fn reopen(&self) -> bool {
        self.agreement.send_if_modified(|agreement| {
            let is_failed = matches!(agreement, Agreement::Failed { .. });
            if is_failed {
                *agreement = Agreement::Creating { problem: None };
            }
            is_failed
        })
    }

    pub(super) fn begin_attempt(&self) {
        self.lock().is_sending = true;
    }

    pub(super) fn accept(&self) {
        let mut progress = self.lock();
        progress.is_sending = false;
        progress.accepted += 1;
    }

    pub(super) fn give_up(&self) {
        let mut progress = self.lock();
        progress.is_sending = false;
        progress.dropped += 1;
    }

    pub(super) fn put_off(&self, until: Timestamp, retry: Retry) {
        let mut progress = self.lock();
        progress.is_sending = false;
        progress.failures += 1;
        let key = (until, progress.failures);
        progress.retries.insert(key, retry);
    }

    /// When the next attempt is due.
    pub(super) fn next_attempt(&self) -> Option<Timestamp> {
        let progress = self.lock();
        let first = progress.retries.first_key_value();
        first.map(|((due, _), _)| *due)
    }

    /// Takes the event whose next attempt is the first to become due.
    pub(super) fn take_first(&self) -> Option<Retry> {
        self.lock().retries.pop_first().map(|(_, retry)| retry)
    }

    /// The events that wait for another attempt.
    pub(super) fn retries(&self) -> Vec<RetryKey> {
        self.lock().retries.keys().copied().collect()
    }

    pub(super) fn take(&self, key: RetryKey) -> Option<Retry> {
        self.lock().retries.remove(&key)
    }

    /// How many events have been tried and are neither accepted nor dropped.
    pub(super) fn unfinished(&self) -> usize {
        let progress = self.lock();
        progress.retries.len() + usize::from(progress.is_sending)
    }

    /// How things stand, as `/_emulator/subscriptions` shows it.
    pub(crate) fn view(&self) -> SubscriptionView<'_> {
        let agreement = self.agreement.borrow().clone();
        let progress = self.lock();
        let (provisioning_state, reason, validate_until) = match agreement {
            Agreement::Creating { problem } => ("Creating", problem, None),
            Agreement::AwaitingManualAction { until } => {
                ("AwaitingManualAction", None, Some(until))
            }
            Agreement::Succeeded => ("Succeeded", None, None),
            Agreement::Failed { reason } => ("Failed", Some(reason), None),
        };
        let retries = progress.retries.iter().take(SHOWN);
        SubscriptionView {
            name: &self.name,
            destination: &self.destination,
            provisioning_state,
            reason,
            validate_until,
            accepted: progress.accepted,
            dropped: progress.dropped,
            retrying: progress.retries.len(),
            retries: retries
                .map(|((due, _), retry)| RetryView::new(*due, retry))
                .collect(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Progress> {
        // Nothing panics while it holds the lock.
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Why a call of the validation address changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unconfirmed {
    #[error("is not the code of the last handshake")]
    WrongCode,
    #[error("came too late; the endpoint has to be asked again")]
    TooLate,
}

/// A subscription for whoever wants to see why no event comes.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SubscriptionView<'s> {
    name: &'s str,
    destination: &'s str,
    provisioning_state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    validate_until: Option<Timestamp>,
    accepted: u64,
    dropped: u64,
    retrying: usize,
    retries: Vec<RetryView>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct RetryView {
    event_id: String,
    event_type: &'static str,
    attempts: u32,
    next_attempt: Timestamp,
    problem: String,
}

impl RetryView {
    fn new(due: Timestamp, retry: &Retry) -> Self {
        Self {
            event_id: retry.event.id.clone(),
            event_type: retry.event.kind.event_type(),
            attempts: retry.attempts,
            next_attempt: due,
            problem: retry.problem.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn subscription() -> Subscription {
        Subscription::new("WEBHOOK-1", &"http://host/", "http://127.0.0.1:7777")
    }

    #[test]
    fn the_call_of_the_address_counts_with_the_last_code_even_before_the_endpoint_answers() {
        let subscription = subscription();
        assert_eq!(subscription.confirm("", NOW), Err(Unconfirmed::WrongCode));
        subscription.ask_with("first");
        let url = subscription.ask_with("second");
        assert_eq!(
            url,
            "http://127.0.0.1:7777/_emulator/subscriptions/WEBHOOK-1/validate?code=second"
        );
        assert_eq!(
            subscription.confirm("first", NOW),
            Err(Unconfirmed::WrongCode)
        );
        assert_eq!(subscription.confirm("second", NOW), Ok(()));
        subscription.await_call(NOW);
        subscription.refuse("late answer");
        assert!(subscription.is_agreed(), "nothing takes it back");
        assert_eq!(subscription.confirm("second", NOW), Ok(()));
    }

    #[test]
    fn a_call_after_its_time_or_after_a_refusal_counts_no_more() {
        let subscription = subscription();
        subscription.ask_with("code");
        subscription.await_call(NOW);
        let later = NOW.checked_add(Duration::from_secs(1)).expect("a date");
        assert_eq!(
            subscription.confirm("code", later),
            Err(Unconfirmed::TooLate)
        );
        subscription.refuse("no");
        assert_eq!(subscription.confirm("code", NOW), Err(Unconfirmed::TooLate));
        assert!(subscription.reopen());
        assert!(!subscription.reopen());
        assert_eq!(subscription.confirm("code", NOW), Ok(()));
    }
}
