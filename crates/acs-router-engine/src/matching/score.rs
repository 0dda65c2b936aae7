//! How well a worker fits a job: the default scoring of the mode `bestWorker` (R73, R74), and scoring by a rule (R75).

use std::cmp::Ordering;

use acs_types::LabelValue;
use serde_json::Value;

use crate::entities::{Job, Scoring, ScoringParameter};
use crate::labels::LabelMap;
use crate::rules::{Evaluation, Parameters, RouterRule};
use crate::selector::{LabelOperator, WorkerSelector};

/// Scores workers for one job.
pub(super) struct Scorer<'a> {
    job: &'a Job,
    /// The rule with what it is told of the job.
    rule: Option<(&'a RouterRule, Parameters)>,
}

impl<'a> Scorer<'a> {
    pub(super) fn new(scoring: &'a Scoring, job: &'a Job) -> Self {
        let rule = scoring.rule.as_ref().map(|rule| {
            let labels = &job.definition.labels;
            let tells_labels = scoring.tells(ScoringParameter::JobLabels);
            let parameters = tells_labels.then(|| Parameters::of_job(labels));
            (rule, parameters.unwrap_or_default())
        });
        Self { job, rule }
    }

    /// The score of a worker with these labels; none if the rule gives no number for it.
    pub(super) fn score(&mut self, worker: &LabelMap) -> Option<f64> {
        let Some((rule, parameters)) = &mut self.rule else {
            let job = &self.job.definition.labels;
            return Some(score(job, self.job.active_selectors(), worker));
        };
        parameters.bind_worker(worker);
        match rule.evaluate(parameters) {
            Ok(Evaluation::Value(value)) => score_of_value(&value),
            Ok(Evaluation::Call(_)) | Err(_) => None,
        }
    }
}

/// The score that a rule's value is.
pub(super) fn score_of_value(value: &Value) -> Option<f64> {
    value.as_f64()
}

/// The order of two scores, the better one first. A worker without a score comes after all that have one.
pub(crate) fn best_first(left: Option<f64>, right: Option<f64>, descending: bool) -> Ordering {
    match (left, right) {
        (Some(left), Some(right)) if descending => right.total_cmp(&left),
        (Some(left), Some(right)) => left.total_cmp(&right),
        (left, right) => right.is_some().cmp(&left.is_some()),
    }
}

/// The mean over the job's labels and selectors of how well the worker's labels meet each; 0 if the job has none.
fn score<'a>(
    job_labels: &LabelMap,
    selectors: impl Iterator<Item = &'a WorkerSelector>,
    worker: &LabelMap,
) -> f64 {
    let of_labels = job_labels.iter().map(|(key, value)| {
        let same = worker.get(key).is_some_and(|label| label.same_value(value));
        f64::from(u8::from(same))
    });
    let of_selectors = selectors.map(|selector| score_of(selector, worker));
    let (total, count) = of_labels
        .chain(of_selectors)
        .fold((0.0, 0_u32), |(total, count), part| {
            (total + part, count + 1)
        });
    if count == 0 {
        0.0
    } else {
        total / f64::from(count)
    }
}

fn score_of(selector: &WorkerSelector, worker: &LabelMap) -> f64 {
    let direction = match selector.label_operator {
        LabelOperator::Equal | LabelOperator::NotEqual => {
            return f64::from(u8::from(selector.holds_for(worker)));
        }
        LabelOperator::GreaterThan | LabelOperator::GreaterThanOrEqual => 1.0,
        LabelOperator::LessThan | LabelOperator::LessThanOrEqual => -1.0,
    };
    let label = worker.get(&selector.key).and_then(LabelValue::as_number);
    let wanted = selector.value.as_ref().and_then(LabelValue::as_number);
    let Some((label, wanted)) = label.zip(wanted) else {
        return 0.0;
    };
    let unit = if wanted == 0.0 { 1.0 } else { wanted };
    let excess = direction * (label - wanted) / unit;
    1.0 / (1.0 + (-excess).exp())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::members::Reader;
    use serde_json::{Value, json};

    fn labels(json: &Value) -> LabelMap {
        let mut reader = Reader::default();
        LabelMap::default()
            .merged(&mut reader, json)
            .expect("labels")
    }

    fn selector(operator: &str, value: i64) -> WorkerSelector {
        let json = json!({"key": "Level", "labelOperator": operator, "value": value});
        WorkerSelector::read(&mut Reader::default(), &json).expect("a selector")
    }

    fn assert_score(job: &Value, selectors: &[WorkerSelector], worker: &Value, expected: f64) {
        let score = score(&labels(job), selectors.iter(), &labels(worker));
        assert!((score - expected).abs() < 1e-9, "{score}, not {expected}");
    }

    const LOGISTIC_1: f64 = 0.731_058_578_630_004_9;

    // R73
    #[test]
    fn labels_count_by_equality_and_as_their_mean() {
        let job = json!({"Team": "blue", "Floor": 2});
        assert_score(&job, &[], &json!({"Team": "blue", "Floor": 3}), 0.5);
        assert_score(&job, &[], &json!({"Team": "blue", "Floor": 2.0}), 1.0);
        assert_score(&json!({}), &[], &json!({"Team": "blue"}), 0.0);
    }

    // R73
    #[test]
    fn magnitudes_count_by_how_far_the_label_is_beyond_the_value() {
        for (operator, level, expected) in [
            ("greaterThan", 10, LOGISTIC_1),
            ("greaterThanOrEqual", 5, 0.5),
            ("lessThan", 0, LOGISTIC_1),
            ("lessThanOrEqual", 10, 1.0 - LOGISTIC_1),
            ("equal", 5, 1.0),
            ("notEqual", 5, 0.0),
        ] {
            let worker = json!({ "Level": level });
            assert_score(&json!({}), &[selector(operator, 5)], &worker, expected);
        }
        assert_score(
            &json!({}),
            &[selector("lessThan", 5)],
            &json!({"Level": "low"}),
            0.0,
        );
    }

    // R75
    #[test]
    fn a_worker_without_a_score_comes_last_in_either_order() {
        for (descending, sorted) in [
            (true, [Some(2.0), Some(1.0), None, None]),
            (false, [Some(1.0), Some(2.0), None, None]),
        ] {
            let mut scores = [None, Some(1.0), None, Some(2.0)];
            scores.sort_by(|left, right| best_first(*left, *right, descending));
            assert_eq!(scores, sorted);
        }
    }

    // R74
    #[test]
    fn labels_and_selectors_share_one_mean_and_a_value_of_zero_takes_the_difference() {
        let worker = json!({"Team": "blue", "Level": 1});
        let selectors = [selector("greaterThan", 0)];
        assert_score(
            &json!({"Team": "blue"}),
            &selectors,
            &worker,
            (1.0 + LOGISTIC_1) / 2.0,
        );
    }
}
