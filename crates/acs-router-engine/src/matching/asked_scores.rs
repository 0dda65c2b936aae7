//! Scores that somebody else gives: what a job has asked for, and what it has learnt (R75).

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::score::score_of_value;
use crate::entities::{Job, Scoring, ScoringParameter};
use crate::ids::Guid;
use crate::labels::LabelMap;
use crate::rules::{Parameters, RuleCall};
use crate::selector::WorkerSelector;
use crate::table::WorkerKey;

/// The scores of workers for one job, kept until the job is offered.
///
/// They hold only for what the calls were told. All of that is kept beside them, and compared before a score counts.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct AskedScores {
    scoring: Scoring,
    job_labels: LabelMap,
    selectors: Vec<WorkerSelector>,
    /// What is known of each worker, for each set of labels that it was asked about with.
    workers: BTreeMap<WorkerKey, Vec<(LabelMap, Knowledge)>>,
    /// The calls whose answers are missing, with what they ask about.
    calls: BTreeMap<Guid, Vec<(WorkerKey, LabelMap)>>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Knowledge {
    Asked,
    Answered(Option<f64>),
}

/// A call for the scores of some workers.
pub(crate) struct ScoreCall {
    pub(crate) call: RuleCall,
    pub(crate) workers: Vec<(WorkerKey, LabelMap)>,
}

impl AskedScores {
    pub(crate) fn new(scoring: &Scoring, job: &Job) -> Self {
        Self {
            scoring: scoring.clone(),
            job_labels: job.definition.labels.clone(),
            selectors: job.active_selectors().cloned().collect(),
            workers: BTreeMap::new(),
            calls: BTreeMap::new(),
        }
    }

    /// Whether the job and the rule are still as the calls were told.
    pub(crate) fn hold_for(&self, scoring: &Scoring, job: &Job) -> bool {
        self.scoring == *scoring
            && self.job_labels == job.definition.labels
            && self.selectors.iter().eq(job.active_selectors())
    }

    /// Whether an answer is missing.
    pub(crate) fn are_awaited(&self) -> bool {
        !self.calls.is_empty()
    }

    /// The calls whose answers are missing.
    pub(crate) fn calls(&self) -> impl Iterator<Item = Guid> {
        self.calls.keys().copied()
    }

    /// Whether the score of this worker, with these labels, is known or asked for.
    pub(crate) fn cover(&self, worker: WorkerKey, labels: &LabelMap) -> bool {
        self.knowledge(worker, labels).is_some()
    }

    /// The score of a worker with these labels; none if it has none.
    pub(crate) fn score_of(&self, worker: WorkerKey, labels: &LabelMap) -> Option<f64> {
        match self.knowledge(worker, labels) {
            Some(Knowledge::Answered(score)) => score,
            Some(Knowledge::Asked) | None => None,
        }
    }

    fn knowledge(&self, worker: WorkerKey, labels: &LabelMap) -> Option<Knowledge> {
        let mut told = self.workers.get(&worker)?.iter();
        let (_, knowledge) = told.find(|(told, _)| told == labels)?;
        Some(*knowledge)
    }

    /// The calls that get the scores of these workers.
    pub(crate) fn calls_for(&self, workers: Vec<(WorkerKey, LabelMap)>) -> Vec<ScoreCall> {
        let Some(rule) = &self.scoring.rule else {
            return Vec::new();
        };
        let group = self.scoring.batch_size();
        let call = |workers: &[(WorkerKey, LabelMap)]| {
            let call = rule.call(|| self.body(workers, group.is_some()))?;
            let workers = workers.to_vec();
            Some(ScoreCall { call, workers })
        };
        workers
            .chunks(group.unwrap_or(1))
            .filter_map(call)
            .collect()
    }

    fn body(&self, workers: &[(WorkerKey, LabelMap)], batch: bool) -> Value {
        let mut parameters = if self.scoring.tells(ScoringParameter::JobLabels) {
            Parameters::of_job(&self.job_labels)
        } else {
            Parameters::default()
        };
        if self.scoring.tells(ScoringParameter::WorkerSelectors) {
            parameters.bind_selectors(self.selectors.iter());
        }
        if !batch && let [(_, labels)] = workers {
            parameters.bind_worker(labels);
        }
        let mut body = parameters.to_json();
        if batch {
            body["workers"] = workers.iter().map(|(_, labels)| json!(labels)).collect();
        }
        body
    }

    /// Notes that this call was made.
    pub(crate) fn await_answer(&mut self, id: Guid, workers: Vec<(WorkerKey, LabelMap)>) {
        for (worker, labels) in &workers {
            let told = self.workers.entry(*worker).or_default();
            told.push((labels.clone(), Knowledge::Asked));
        }
        self.calls.insert(id, workers);
    }

    /// Takes the answer to a call. Without one, or where it is no number, the workers have no score.
    pub(crate) fn take_answer(&mut self, id: Guid, answer: Option<&Value>) {
        let workers = self.calls.remove(&id).unwrap_or_default();
        let batch = self.scoring.batch_size().is_some();
        for (index, (worker, labels)) in workers.into_iter().enumerate() {
            let value = if batch {
                answer.and_then(|answer| answer.get(index))
            } else {
                answer
            };
            let told = self.workers.entry(worker).or_default();
            for (_, knowledge) in told.iter_mut().filter(|(told, _)| *told == labels) {
                *knowledge = Knowledge::Answered(value.and_then(score_of_value));
            }
        }
    }
}
