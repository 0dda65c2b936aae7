//! Why a worker is, or is not, offered a job: the tests that matching makes, each with what it found.

use std::fmt;

use acs_types::{LabelValue, Timestamp};
use serde::Serialize;

use crate::entities::{Channel, Job, Worker, WorkerState};
use crate::ids::Guid;
use crate::selector::{LabelOperator, WorkerSelector};
use crate::table::WorkerKey;

/// Why a worker is or is not offered a job.
///
/// Serialises with the member `reason`, which names the variant in camel case, and what was compared beside it. `Display`
/// says it in a sentence.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(
    tag = "reason",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
#[non_exhaustive]
pub enum Reason<'a> {
    /// The worker does not list the queue of the job.
    QueueNotListed {
        /// The job's queue.
        queue_id: &'a str,
    },
    /// The worker is not registered.
    NotActive {
        /// `inactive` or `draining`.
        state: WorkerState,
    },
    /// The worker does not list the channel of the job.
    ChannelNotListed {
        /// The job's channel.
        channel_id: &'a str,
    },
    /// The job takes more of the worker's capacity than there is left.
    NoCapacity {
        /// What a job on the channel takes.
        needed: i32,
        /// What offers and assignments leave. Below zero when the capacity was lowered.
        free: i64,
    },
    /// The worker has as many jobs on the channel as it may.
    ChannelFull {
        /// The job's channel.
        channel_id: &'a str,
        /// How many jobs the worker may have there.
        limit: i32,
        /// How many it has, offers included.
        held: usize,
    },
    /// The worker does not meet a selector of the job.
    Selector {
        /// The label that the selector looks at.
        key: &'a str,
        /// How it compares: `equal`, `greaterThan` and so on.
        operator: &'static str,
        /// What it asks for.
        #[serde(skip_serializing_if = "Option::is_none")]
        wanted: Option<&'a LabelValue>,
        /// What the worker has.
        #[serde(skip_serializing_if = "Option::is_none")]
        has: Option<&'a LabelValue>,
    },
    /// The worker declined the job.
    Declined {
        /// When it may get the job offered again. Without it, once it registers anew.
        #[serde(skip_serializing_if = "Option::is_none")]
        until: Option<Timestamp>,
    },
    /// The worker has as many open offers as it may.
    WorkerOfferLimit {
        /// Its `maxConcurrentOffers`.
        limit: i32,
        /// How many it has.
        open: usize,
    },
    /// The job has as many open offers as it may.
    JobOfferLimit {
        /// The distribution policy's `maxConcurrentOffers`.
        limit: usize,
        /// How many it has.
        open: usize,
    },
    /// The job waits for the scores of its workers, and is offered once all are there.
    ScoresAwaited {
        /// How many calls for scores have not been answered.
        calls: usize,
    },
    /// Nothing keeps the job from the worker. Between two commands there is no such pair: it would have been offered.
    Nothing,
    /// The worker has the job offered.
    Offered {
        /// The offer's id.
        offer_id: Guid,
        /// When the offer ends, if it does by itself.
        #[serde(skip_serializing_if = "Option::is_none")]
        expires_at: Option<Timestamp>,
    },
}

impl Reason<'_> {
    /// The reason's name, as `reason` has it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::QueueNotListed { .. } => "queueNotListed",
            Self::NotActive { .. } => "notActive",
            Self::ChannelNotListed { .. } => "channelNotListed",
            Self::NoCapacity { .. } => "noCapacity",
            Self::ChannelFull { .. } => "channelFull",
            Self::Selector { .. } => "selector",
            Self::Declined { .. } => "declined",
            Self::WorkerOfferLimit { .. } => "workerOfferLimit",
            Self::JobOfferLimit { .. } => "jobOfferLimit",
            Self::ScoresAwaited { .. } => "scoresAwaited",
            Self::Nothing => "nothing",
            Self::Offered { .. } => "offered",
        }
    }

    /// How many of the tests the pair has passed: the greater, the nearer to an offer.
    pub(crate) fn tests_passed(&self) -> u8 {
        match self {
            Self::QueueNotListed { .. } => 0,
            Self::NotActive { .. } => 1,
            Self::ChannelNotListed { .. } => 2,
            Self::NoCapacity { .. } => 3,
            Self::ChannelFull { .. } => 4,
            Self::Selector { .. } => 5,
            Self::Declined { .. } => 6,
            Self::WorkerOfferLimit { .. } => 7,
            Self::JobOfferLimit { .. } => 8,
            Self::ScoresAwaited { .. } => 9,
            Self::Nothing => 10,
            Self::Offered { .. } => 11,
        }
    }

    /// Whether other jobs of the worker are what keeps it from this one.
    pub(crate) fn is_about_other_jobs(&self) -> bool {
        matches!(
            self,
            Self::NoCapacity { .. } | Self::ChannelFull { .. } | Self::WorkerOfferLimit { .. }
        )
    }
}

impl fmt::Display for Reason<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::QueueNotListed { queue_id } => {
                write!(
                    formatter,
                    "The worker does not list the queue '{queue_id}'."
                )
            }
            Self::NotActive { state } => {
                let state = state.as_str();
                write!(
                    formatter,
                    "The worker is {state}: it is not available for offers."
                )
            }
            Self::ChannelNotListed { channel_id } => {
                write!(
                    formatter,
                    "The worker does not list the channel '{channel_id}'."
                )
            }
            Self::NoCapacity { needed, free } => write!(
                formatter,
                "The job takes {needed} of the worker's capacity, of which {free} is free."
            ),
            Self::ChannelFull {
                channel_id,
                limit,
                held,
            } => write!(
                formatter,
                "The worker has {held} of at most {limit} jobs on the channel '{channel_id}', offers included."
            ),
            Self::Selector {
                key,
                operator,
                wanted,
                has,
            } => {
                write!(
                    formatter,
                    "The job asks for {key} {operator} {}, and the worker ",
                    shown(*wanted)
                )?;
                match has {
                    Some(has) => write!(formatter, "has {}.", shown(Some(has))),
                    None => formatter.write_str("has no such label."),
                }
            }
            Self::Declined { until: Some(until) } => write!(
                formatter,
                "The worker declined the job and may get it again at {until}."
            ),
            Self::Declined { until: None } => formatter.write_str(
                "The worker declined the job and may get it again once it registers anew.",
            ),
            Self::WorkerOfferLimit { limit, open } => {
                write!(
                    formatter,
                    "The worker has {open} of at most {limit} open offers."
                )
            }
            Self::JobOfferLimit { limit, open } => {
                write!(
                    formatter,
                    "The job has {open} of at most {limit} open offers."
                )
            }
            Self::ScoresAwaited { calls } => write!(
                formatter,
                "The job is offered to its best worker once {calls} calls for scores are answered."
            ),
            Self::Nothing => formatter.write_str("Nothing keeps the job from the worker."),
            Self::Offered {
                expires_at: Some(at),
                ..
            } => write!(formatter, "The worker has the job offered until {at}."),
            Self::Offered {
                expires_at: None, ..
            } => formatter.write_str("The worker has the job offered."),
        }
    }
}

/// A label value as JSON writes it, cut short: labels can be long.
fn shown(value: Option<&LabelValue>) -> String {
    const LONGEST: usize = 60;
    let text = value.map_or_else(
        || "nothing".to_owned(),
        |value| serde_json::json!(value).to_string(),
    );
    if text.chars().count() <= LONGEST {
        return text;
    }
    text.chars().take(LONGEST).chain("...".chars()).collect()
}

impl<'a> Reason<'a> {
    /// That the selector is not met.
    pub(crate) fn unmet(selector: &'a WorkerSelector, worker: &'a Worker) -> Self {
        Self::Selector {
            key: &selector.key,
            operator: selector.label_operator.as_str(),
            wanted: selector.value.as_ref(),
            has: worker.definition.labels.get(&selector.key),
        }
    }

    /// That the worker, in its present registration, has declined the job and may not get it again yet (R80).
    pub(crate) fn declined(job: &Job, key: WorkerKey, worker: &Worker) -> Option<Self> {
        let decline = job.decline_of(key, worker.registrations)?;
        Some(Self::Declined {
            until: decline.retry.map(|(at, _)| at),
        })
    }
}

/// What keeps a worker from any job, or from any on a channel.
impl Worker {
    pub(crate) fn not_active(&self) -> Option<Reason<'static>> {
        let state = self.state();
        (!self.definition.available_for_offers).then_some(Reason::NotActive { state })
    }

    // R46
    pub(crate) fn offer_limit(&self) -> Option<Reason<'static>> {
        let limit = self.definition.max_concurrent_offers?;
        let open = self.offers.len();
        (!is_below(open, limit)).then_some(Reason::WorkerOfferLimit { limit, open })
    }

    /// That it has no free slot on a channel: too little capacity left, or as many jobs and offers as the channel's limit
    /// (R45).
    pub(crate) fn no_slot<'a>(&self, channel: &'a Channel) -> Option<Reason<'a>> {
        let needed = channel.capacity_cost_per_job;
        let free = self.free_capacity();
        if free < i64::from(needed) {
            return Some(Reason::NoCapacity { needed, free });
        }
        let limit = channel.max_number_of_jobs?;
        let held = self.jobs_on(&channel.channel_id);
        (!is_below(held, limit)).then_some(Reason::ChannelFull {
            channel_id: &channel.channel_id,
            limit,
            held,
        })
    }
}

fn is_below(count: usize, limit: i32) -> bool {
    i64::try_from(count).is_ok_and(|count| count < i64::from(limit))
}

impl LabelOperator {
    fn as_str(self) -> &'static str {
        match self {
            Self::Equal => "equal",
            Self::NotEqual => "notEqual",
            Self::LessThan => "lessThan",
            Self::LessThanOrEqual => "lessThanOrEqual",
            Self::GreaterThan => "greaterThan",
            Self::GreaterThanOrEqual => "greaterThanOrEqual",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_reason_is_named_as_it_is_written() {
        let long = LabelValue::from("x".repeat(1_000).as_str());
        let reasons = [
            Reason::QueueNotListed { queue_id: "q" },
            Reason::NotActive {
                state: WorkerState::Draining,
            },
            Reason::ChannelNotListed { channel_id: "c" },
            Reason::NoCapacity { needed: 2, free: 1 },
            Reason::ChannelFull {
                channel_id: "c",
                limit: 1,
                held: 1,
            },
            Reason::Selector {
                key: "k",
                operator: "equal",
                wanted: Some(&long),
                has: None,
            },
            Reason::Declined { until: None },
            Reason::WorkerOfferLimit { limit: 1, open: 1 },
            Reason::JobOfferLimit { limit: 1, open: 1 },
            Reason::ScoresAwaited { calls: 1 },
            Reason::Nothing,
        ];
        for (passed, reason) in (0..).zip(&reasons) {
            assert_eq!(json!(reason)["reason"], reason.name());
            assert_eq!(reason.tests_passed(), passed);
            assert!(reason.to_string().len() < 200, "{reason}");
        }
    }

    #[test]
    fn operators_are_named_as_selectors_write_them() {
        for operator in [
            LabelOperator::Equal,
            LabelOperator::NotEqual,
            LabelOperator::LessThan,
            LabelOperator::LessThanOrEqual,
            LabelOperator::GreaterThan,
            LabelOperator::GreaterThanOrEqual,
        ] {
            assert_eq!(json!(operator), operator.as_str());
        }
    }
}
