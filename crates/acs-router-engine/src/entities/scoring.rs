//! How the mode `bestWorker` of a distribution policy scores workers.

use serde::Serialize;
use serde_json::Value;

use crate::members::{self, Object, Reader};
use crate::rules::RouterRule;

/// How many workers a call asks about unless the policy says otherwise (R75).
const USUAL_BATCH: usize = 20;

/// The rule that gives a worker's score, and how scores are asked for and compared.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(crate) struct Scoring {
    /// Without it, workers are scored by how well their labels fit the job (R73).
    #[serde(rename = "scoringRule", skip_serializing_if = "Option::is_none")]
    pub(crate) rule: Option<RouterRule>,
    #[serde(rename = "scoringRuleOptions", skip_serializing_if = "Option::is_none")]
    options: Option<ScoringOptions>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct ScoringOptions {
    #[serde(skip_serializing_if = "Option::is_none")]
    batch_size: Option<i32>,
    scoring_parameters: Vec<ScoringParameter>,
    is_batch_scoring_enabled: bool,
    descending_order: bool,
}

/// What a scoring rule is told, beside the labels of a worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum ScoringParameter {
    JobLabels,
    WorkerSelectors,
}

impl Scoring {
    /// The options of a mode; the rule is still missing.
    pub(super) fn read_options(reader: &mut Reader, mode: &Object) -> Self {
        Self {
            rule: None,
            options: reader.optional(mode, "scoringRuleOptions", None, ScoringOptions::read),
        }
    }

    /// Whether the worker with the highest score is the best.
    pub(crate) fn is_descending(&self) -> bool {
        let options = self.options.as_ref();
        options.is_none_or(|options| options.descending_order)
    }

    /// Whether somebody else gives the scores.
    pub(crate) fn needs_calls(&self) -> bool {
        let rule = self.rule.as_ref();
        rule.is_some_and(|rule| matches!(rule, RouterRule::Function(_) | RouterRule::Webhook(_)))
    }

    /// How many workers one call may ask about, if it may ask about several.
    pub(crate) fn batch_size(&self) -> Option<usize> {
        let options = self.options.as_ref();
        let options = options.filter(|options| options.is_batch_scoring_enabled)?;
        let size = options
            .batch_size
            .and_then(|size| usize::try_from(size).ok());
        Some(size.unwrap_or(USUAL_BATCH))
    }

    /// Whether the rule is told this.
    pub(crate) fn tells(&self, parameter: ScoringParameter) -> bool {
        let options = self.options.as_ref();
        options.is_none_or(|options| options.scoring_parameters.contains(&parameter))
    }
}

/// The rule that a merge patch of a mode makes of the stored one.
pub(super) fn merged_rule(
    reader: &mut Reader,
    stored: Option<&RouterRule>,
    mode: &Object,
) -> Option<RouterRule> {
    reader.optional(mode, "scoringRule", stored.cloned(), |reader, patch| {
        let rule = RouterRule::merged(reader, stored, patch)?;
        match &rule {
            RouterRule::Expression(_) | RouterRule::Function(_) | RouterRule::Webhook(_) => {
                Some(rule)
            }
            RouterRule::Static(value) if value.as_ref().is_some_and(Value::is_number) => Some(rule),
            RouterRule::Static(_) => reader.invalid("must have a number as its value, the score"),
            RouterRule::DirectMap => {
                reader.invalid("must not be of kind directMap, which gives selectors and no score")
            }
        }
    })
}

impl ScoringOptions {
    // R31
    fn read(reader: &mut Reader, value: &Value) -> Option<Self> {
        let options = members::object(reader, value)?;
        let size = members::integer(1, i32::MAX);
        let batch_size = reader.optional(options, "batchSize", None, size);
        let parameters = reader.defaulted(
            options,
            "scoringParameters",
            None,
            vec![
                ScoringParameter::JobLabels,
                ScoringParameter::WorkerSelectors,
            ],
            |reader, value| members::list(reader, value, ScoringParameter::read),
        );
        let batch = "isBatchScoringEnabled";
        let batch = reader.defaulted(options, batch, None, false, members::boolean);
        let order = "descendingOrder";
        let descending = reader.defaulted(options, order, None, true, members::boolean);
        Some(Self {
            batch_size,
            scoring_parameters: parameters,
            is_batch_scoring_enabled: batch,
            descending_order: descending,
        })
    }
}

impl ScoringParameter {
    fn read(reader: &mut Reader, value: &Value) -> Option<Self> {
        match value.as_str() {
            Some("jobLabels") => Some(Self::JobLabels),
            Some("workerSelectors") => Some(Self::WorkerSelectors),
            _ => reader.invalid("must be jobLabels or workerSelectors"),
        }
    }
}
