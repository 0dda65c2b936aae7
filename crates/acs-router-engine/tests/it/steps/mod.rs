//! Random steps, and the commands they stand for.

mod random;
mod wrong;

use std::time::Duration;

use acs_router_engine::{CloseOptions, Command, DeclineOptions, Engine, UnassignOptions};
use acs_types::Timestamp;
use serde_json::{Value, json};

use crate::world::{
    accept_offer, cancel_job, close_job, complete_job, decline_offer, unassign_job, upsert_job,
    upsert_policy, upsert_queue, upsert_worker,
};
pub(crate) use random::{modes, steps};
pub(crate) use wrong::WRONGS;

/// The seconds for which the offers of each policy stay open.
pub(crate) const OFFER_LIFETIME: [u64; 2] = [7, 11];

/// From this number on, a worker's number means one of those who have an offer.
pub(crate) const AIMED_WORKER: u8 = 50;
/// From this number on, a job's number means one of those in a state that allows the step.
pub(crate) const AIMED_JOB: u8 = 50;

/// One thing that a caller does. Entities are numbered; there are two policies, queues and channels.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Wait(u32),
    Policy(u8, ModeStep),
    DeletePolicy(u8),
    /// Has the queue use this policy.
    Queue(u8, u8),
    DeleteQueue(u8),
    Worker(u8, WorkerStep),
    /// Registers or deregisters a worker that is there.
    Available(u8, bool),
    DeleteWorker(u8),
    Job(u8, JobStep),
    DeleteJob(u8),
    /// The worker's offer at this index, newest first.
    Accept(u8, u8),
    /// Likewise; with the seconds until it may be offered again.
    Decline(u8, u8, Option<u8>),
    Complete(u8),
    /// In so many seconds.
    Close(u8, u8),
    /// And suspends it, if so.
    Unassign(u8, bool),
    /// Has a job matched that was suspended.
    Resume(u8),
    Cancel(u8),
    /// Changes what does not matter to routing.
    Remark(u8),
    /// Something that is refused in any state.
    Wrong(usize),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ModeKind {
    LongestIdle,
    RoundRobin,
    HighestScore,
    LowestScore,
    HighestByRule,
    LowestByRule,
    /// By a score that somebody else gives.
    Asked,
}

#[derive(Clone, Debug)]
pub(crate) struct ModeStep {
    pub(crate) kind: ModeKind,
    pub(crate) offers_at_once: u8,
    pub(crate) bypass: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct WorkerStep {
    /// For the reference only: how old the worker is.
    pub(crate) age: u64,
    pub(crate) available: bool,
    pub(crate) queues: Vec<u8>,
    pub(crate) capacity: u32,
    /// Channel, cost per job, most jobs.
    pub(crate) channels: Vec<(u8, u32, Option<usize>)>,
    pub(crate) level: u8,
    pub(crate) offers_at_once: Option<usize>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct JobStep {
    pub(crate) queue: u8,
    pub(crate) channel: u8,
    pub(crate) priority: i8,
    pub(crate) selector: Option<Selector>,
    /// Its only label, to score workers by.
    pub(crate) label: Option<u8>,
    /// The matching mode, if it is sent.
    pub(crate) start: Option<Start>,
}

/// When a job is matched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Start {
    Match,
    Suspend,
    /// Suspended, in so many seconds.
    Schedule(u8),
}

/// The worker must have at least this level, or exactly this one.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Selector {
    pub(crate) level: u8,
    pub(crate) exact: bool,
    pub(crate) expedite: bool,
    pub(crate) expires_after: Option<u8>,
}

pub(crate) fn policy_id(id: u8) -> String {
    format!("p{id}")
}

pub(crate) fn queue_id(id: u8) -> String {
    format!("q{id}")
}

pub(crate) fn worker_id(id: u8) -> String {
    format!("w{id}")
}

pub(crate) fn job_id(id: u8) -> String {
    format!("j{id}")
}

impl ModeStep {
    pub(crate) fn json(&self) -> Value {
        let expression = "If(worker.Level = Coalesce(job.Level, 2), 10, worker.Level)";
        let rule = json!({"kind": "expression", "expression": expression});
        let webhook = json!({"kind": "webhook", "webhookUri": "http://h.example/"});
        let by_rule = matches!(self.kind, ModeKind::HighestByRule | ModeKind::LowestByRule);
        let lowest_first = matches!(self.kind, ModeKind::LowestScore | ModeKind::LowestByRule);
        json!({
            "kind": match self.kind {
                ModeKind::LongestIdle => "longestIdle",
                ModeKind::RoundRobin => "roundRobin",
                _ => "bestWorker",
            },
            "scoringRule": match self.kind {
                ModeKind::Asked => Some(webhook),
                _ => by_rule.then_some(rule),
            },
            "scoringRuleOptions": {"descendingOrder": !lowest_first},
            "maxConcurrentOffers": self.offers_at_once,
            "bypassSelectors": self.bypass,
        })
    }
}

impl WorkerStep {
    fn json(&self) -> Value {
        let channels = self.channels.iter().map(|(channel, cost, most)| {
            json!({"channelId": format!("c{channel}"), "capacityCostPerJob": cost, "maxNumberOfJobs": most})
        });
        json!({
            "availableForOffers": self.available,
            "queues": self.queues.iter().map(|queue| format!("q{queue}")).collect::<Vec<_>>(),
            "capacity": self.capacity,
            "channels": channels.collect::<Vec<_>>(),
            "labels": {"Level": self.level},
            "maxConcurrentOffers": self.offers_at_once,
        })
    }
}

impl JobStep {
    fn json(&self, now: Timestamp) -> Value {
        let selectors = self.selector.iter().map(|selector| {
            json!({
                "key": "Level", "labelOperator": selector.operator(), "value": selector.level,
                "expedite": selector.expedite, "expiresAfterSeconds": selector.expires_after,
            })
        });
        let mut json = json!({
            "queueId": format!("q{}", self.queue),
            "channelId": format!("c{}", self.channel),
            "priority": self.priority,
            "labels": {"Level": self.label},
            "requestedWorkerSelectors": selectors.collect::<Vec<_>>(),
        });
        if let Some(start) = self.start {
            json["matchingMode"] = start.json(now);
        }
        json
    }
}

impl Start {
    fn json(self, now: Timestamp) -> Value {
        match self {
            Self::Match => json!({"kind": "queueAndMatch"}),
            Self::Suspend => json!({"kind": "suspend"}),
            Self::Schedule(seconds) => {
                let at = now.checked_add(Duration::from_secs(seconds.into()));
                json!({"kind": "scheduleAndSuspend", "scheduleAt": at})
            }
        }
    }
}

impl Selector {
    pub(crate) fn is_met_by(&self, level: u8) -> bool {
        if self.exact {
            level == self.level
        } else {
            level >= self.level
        }
    }

    fn operator(&self) -> &'static str {
        if self.exact {
            "equal"
        } else {
            "greaterThanOrEqual"
        }
    }
}

impl Step {
    /// What kind of step it is.
    pub(crate) fn name(&self) -> String {
        let text = format!("{self:?}");
        text.split('(').next().unwrap_or_default().to_owned()
    }

    /// The command for an engine in this state. What does not exist is named all the same.
    pub(crate) fn command(&self, engine: &Engine, now: Timestamp) -> Command {
        let later = |seconds: u8| now.checked_add(Duration::from_secs(seconds.into()));
        match self {
            Self::Wait(_) => Command::Tick,
            Self::Policy(id, mode) => {
                let lifetime = OFFER_LIFETIME[usize::from(*id)];
                let patch = json!({"offerExpiresAfterSeconds": lifetime, "mode": mode.json()});
                upsert_policy(&policy_id(*id), patch)
            }
            Self::DeletePolicy(id) => Command::DeleteDistributionPolicy { id: policy_id(*id) },
            Self::Queue(id, policy) => {
                let patch = json!({"distributionPolicyId": policy_id(*policy)});
                upsert_queue(&queue_id(*id), patch)
            }
            Self::DeleteQueue(id) => Command::DeleteQueue { id: queue_id(*id) },
            Self::Worker(id, worker) => upsert_worker(&worker_id(*id), worker.json()),
            Self::Available(id, available) => {
                upsert_worker(&worker_id(*id), json!({ "availableForOffers": available }))
            }
            Self::DeleteWorker(id) => Command::DeleteWorker { id: worker_id(*id) },
            Self::Job(id, job) => upsert_job(&job_id(*id), job.json(now)),
            Self::DeleteJob(id) => Command::DeleteJob { id: job_id(*id) },
            Self::Accept(worker, index) => {
                accept_offer(&worker_id(*worker), &offer(engine, *worker, *index))
            }
            Self::Decline(worker, index, retry) => {
                let options = DeclineOptions {
                    retry_offer_at: retry.and_then(later),
                };
                decline_offer(
                    &worker_id(*worker),
                    &offer(engine, *worker, *index),
                    options,
                )
            }
            Self::Complete(job) => complete_job(&job_id(*job), &assignment(engine, *job)),
            Self::Close(job, seconds) => {
                let close_at = later(*seconds).filter(|_| *seconds > 0);
                let options = CloseOptions {
                    close_at,
                    ..CloseOptions::default()
                };
                close_job(&job_id(*job), &assignment(engine, *job), options)
            }
            Self::Unassign(job, suspend_matching) => {
                let options = UnassignOptions {
                    suspend_matching: *suspend_matching,
                };
                unassign_job(&job_id(*job), &assignment(engine, *job), options)
            }
            Self::Resume(job) => upsert_job(
                &job_id(*job),
                json!({"matchingMode": {"kind": "queueAndMatch"}}),
            ),
            Self::Cancel(job) => cancel_job(&job_id(*job)),
            Self::Remark(job) => upsert_job(
                &job_id(*job),
                json!({"dispositionCode": "seen", "tags": {"Seen": true}}),
            ),
            Self::Wrong(which) => wrong::command(*which),
        }
    }
}

fn offer(engine: &Engine, worker: u8, index: u8) -> String {
    let worker = engine
        .worker(&worker_id(worker))
        .map(|worker| json!(worker))
        .unwrap_or_default();
    let offer = &worker["offers"][usize::from(index)]["offerId"];
    offer.as_str().unwrap_or("none").to_owned()
}

fn assignment(engine: &Engine, job: u8) -> String {
    let job = engine
        .job(&job_id(job))
        .map(|job| json!(job))
        .unwrap_or_default();
    let mut ids = job["assignments"]
        .as_object()
        .into_iter()
        .flat_map(|map| map.keys());
    ids.next().cloned().unwrap_or_else(|| "none".to_owned())
}
