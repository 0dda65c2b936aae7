//! What its classification policy has made of a job, or is about to.

use std::mem;
use std::sync::Arc;

use serde_json::Value;

use super::ClassificationDefinition;
use crate::ids::Guid;
use crate::selector::WorkerSelector;

/// The part of a job that its classification policy decides.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct JobClassification {
    pub(crate) attached_selectors: Vec<WorkerSelector>,
    /// Whether the policy chooses the queue. It does not if the caller named one (R92).
    pub(crate) chooses_queue: bool,
    pub(crate) progress: Progress,
}

/// How far a classification has come.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Progress {
    /// The policy must run before the job is queued.
    Due,
    /// It waits for what its rules have asked for.
    Asking(AwaitedAnswers),
    /// The policy has run.
    Done,
}

/// The calls that the rules of a job's policy have made.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct AwaitedAnswers {
    /// The policy as it was when its rules asked.
    pub(crate) policy: Arc<ClassificationDefinition>,
    /// In the order in which the policy uses the answers.
    pub(crate) calls: Vec<(Guid, Option<Value>)>,
}

impl JobClassification {
    pub(crate) fn due(chooses_queue: bool) -> Self {
        Self {
            attached_selectors: Vec::new(),
            chooses_queue,
            progress: Progress::Due,
        }
    }

    pub(crate) fn is_due(&self) -> bool {
        self.progress == Progress::Due
    }

    /// Makes it due again, and gives the calls whose answers do not matter any more.
    pub(crate) fn restart(&mut self) -> Vec<Guid> {
        match mem::replace(&mut self.progress, Progress::Due) {
            Progress::Asking(awaited) => awaited.calls.into_iter().map(|(id, _)| id).collect(),
            Progress::Due | Progress::Done => Vec::new(),
        }
    }

    /// Takes the answer to a call, and gives all of them once none is missing.
    pub(crate) fn take_answer(&mut self, id: Guid, value: Value) -> Option<AwaitedAnswers> {
        let Progress::Asking(awaited) = &mut self.progress else {
            return None;
        };
        let mut calls = awaited.calls.iter_mut();
        if let Some((_, answer)) = calls.find(|(call, _)| *call == id) {
            *answer = Some(value);
        }
        if awaited.calls.iter().any(|(_, answer)| answer.is_none()) {
            return None;
        }
        match mem::replace(&mut self.progress, Progress::Due) {
            Progress::Asking(awaited) => Some(awaited),
            Progress::Due | Progress::Done => None,
        }
    }
}
