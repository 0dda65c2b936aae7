//! The events of one request, and what became of them.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Answer;
use super::seen::{Claim, Key, Seen};
use crate::{Event, ReadError, ReadEvents};

/// What became of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// It is handled, or needs no handling.
    Done,
    /// It could not be handled this time: the delivery shall come again.
    Retry,
    /// It can never be handled. If that is so for the whole delivery, Event Grid drops it or puts it aside.
    Reject,
}

impl<T, E> From<Result<T, E>> for Outcome {
    /// Success is done, and an error asks for the event again.
    fn from(result: Result<T, E>) -> Self {
        match result {
            Ok(_) => Self::Done,
            Err(_) => Self::Retry,
        }
    }
}

/// The events of one request. Settle those that are [`pending`](Self::pending), in any order, and [`finish`](Self::finish).
///
/// An event that is not settled counts as one to retry, also when the delivery is dropped because its handler failed.
#[derive(Debug)]
pub struct Delivery {
    seen: Arc<Mutex<Seen>>,
    events: Vec<(Event, State)>,
    unreadable: Vec<ReadError>,
}

#[derive(Clone, Copy, Debug)]
enum State {
    Pending(Key),
    Settled(Outcome),
}

impl Delivery {
    pub(super) fn new(events: ReadEvents, seen: Arc<Mutex<Seen>>) -> Self {
        let mut delivery = Self {
            events: Vec::with_capacity(events.len()),
            unreadable: Vec::new(),
            seen: Arc::clone(&seen),
        };
        let mut seen = lock(&seen);
        let mut own = HashSet::new();
        for event in events {
            match event {
                Err(error) => delivery.unreadable.push(error),
                Ok(event) => {
                    let state = match seen.claim(&event) {
                        Claim::New(key) => {
                            own.insert(key);
                            State::Pending(key)
                        }
                        // The delivery repeats itself: the first one stands for both.
                        Claim::Busy(key) if own.contains(&key) => continue,
                        Claim::Busy(_) => State::Settled(Outcome::Retry),
                        Claim::Done => State::Settled(Outcome::Done),
                    };
                    delivery.events.push((event, state));
                }
            }
        }
        delivery
    }

    /// The indices of the events that wait to be handled: not those that were handled before.
    #[must_use]
    pub fn pending(&self) -> Vec<usize> {
        (0..self.events.len())
            .filter(|index| matches!(self.events[*index].1, State::Pending(_)))
            .collect()
    }

    /// An event of the delivery.
    ///
    /// # Panics
    ///
    /// The index is not one that [`pending`](Self::pending) gave.
    #[must_use]
    pub fn event(&self, index: usize) -> &Event {
        &self.events[index].0
    }

    /// What in the delivery could not be read. It does not come again once the others are done, so put it aside if it matters.
    #[must_use]
    pub fn unreadable(&self) -> &[ReadError] {
        &self.unreadable
    }

    /// Says what became of an event. The first word counts; an index that is not pending changes nothing.
    pub fn settle(&mut self, index: usize, outcome: impl Into<Outcome>) {
        let outcome = outcome.into();
        let Some((_, state)) = self.events.get_mut(index) else {
            return;
        };
        if let State::Pending(key) = *state {
            let mut seen = lock(&self.seen);
            match outcome {
                Outcome::Done | Outcome::Reject => seen.settle(key),
                Outcome::Retry => seen.release(key),
            }
            *state = State::Settled(outcome);
        }
    }

    /// The answer to the request, by what became of the events.
    pub fn finish(mut self) -> Answer {
        self.release_pending();
        let outcomes = || {
            self.events.iter().map(|(_, state)| match state {
                State::Settled(outcome) => *outcome,
                State::Pending(_) => Outcome::Retry,
            })
        };
        if outcomes().any(|outcome| outcome == Outcome::Retry) {
            return Answer::refusal(503, "an event of this delivery is not handled yet");
        }
        let rejected = self.unreadable.len()
            + outcomes()
                .filter(|outcome| *outcome == Outcome::Reject)
                .count();
        if rejected == 0 || outcomes().any(|outcome| outcome == Outcome::Done) {
            Answer::empty(200)
        } else {
            let reason = self.unreadable.first().map(ToString::to_string);
            Answer::refusal(
                400,
                reason.unwrap_or_else(|| "no event of this delivery is accepted".to_owned()),
            )
        }
    }

    fn release_pending(&mut self) {
        for index in self.pending() {
            self.settle(index, Outcome::Retry);
        }
    }
}

impl Drop for Delivery {
    fn drop(&mut self) {
        self.release_pending();
    }
}

/// A handler that panicked while it held the lock left the map whole: each change is one step.
fn lock(seen: &Mutex<Seen>) -> MutexGuard<'_, Seen> {
    seen.lock().unwrap_or_else(PoisonError::into_inner)
}
