//! Random steps, and the commands they stand for.

use acs_router_engine::{CloseOptions, Command, DeclineOptions, Engine, UnassignOptions};
use acs_types::Timestamp;
use proptest::collection::{btree_set, vec};
use proptest::option;
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use serde_json::{Value, json};
use std::time::Duration;

use crate::world::{
    accept_offer, cancel_job, close_job, complete_job, decline_offer, unassign_job, upsert_job,
    upsert_policy, upsert_worker,
};

/// One thing that a caller does. Entities are numbered; there are two queues and two channels.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Wait(u8),
    Mode(u8, ModeStep),
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
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ModeKind {
    LongestIdle,
    RoundRobin,
    HighestScore,
    LowestScore,
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
}

/// The worker must have at least this level, or exactly this one.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Selector {
    pub(crate) level: u8,
    pub(crate) exact: bool,
    pub(crate) expedite: bool,
    pub(crate) expires_after: Option<u8>,
}

pub(crate) fn steps(most: usize) -> impl Strategy<Value = Vec<Step>> {
    vec(step(), 1..most)
}

pub(crate) fn modes() -> impl Strategy<Value = [ModeStep; 2]> {
    [mode(), mode()]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0_u8..6).prop_map(Step::Wait),
        1 => (0_u8..2, mode()).prop_map(|(queue, mode)| Step::Mode(queue, mode)),
        6 => (0_u8..5, worker()).prop_map(|(id, worker)| Step::Worker(id, worker)),
        5 => (0_u8..5, any::<bool>()).prop_map(|(id, available)| Step::Available(id, available)),
        1 => (0_u8..5).prop_map(Step::DeleteWorker),
        10 => (0_u8..14, job()).prop_map(|(id, job)| Step::Job(id, job)),
        2 => (0_u8..14).prop_map(Step::DeleteJob),
        8 => (0_u8..5, 0_u8..3).prop_map(|(worker, index)| Step::Accept(worker, index)),
        5 => (0_u8..5, 0_u8..3, option::of(0_u8..6)).prop_map(|(worker, index, retry)| Step::Decline(worker, index, retry)),
        6 => (0_u8..14).prop_map(Step::Complete),
        6 => (0_u8..14, prop_oneof![Just(0_u8), 0_u8..8]).prop_map(|(job, later)| Step::Close(job, later)),
        4 => (0_u8..14, any::<bool>()).prop_map(|(job, suspend)| Step::Unassign(job, suspend)),
        2 => (0_u8..14).prop_map(Step::Resume),
        2 => (0_u8..14).prop_map(Step::Cancel),
    ]
}

fn mode() -> impl Strategy<Value = ModeStep> {
    let kind = prop_oneof![
        Just(ModeKind::LongestIdle),
        Just(ModeKind::RoundRobin),
        Just(ModeKind::HighestScore),
        Just(ModeKind::LowestScore),
    ];
    (kind, 1_u8..4, proptest::bool::weighted(0.2)).prop_map(|(kind, offers_at_once, bypass)| {
        ModeStep {
            kind,
            offers_at_once,
            bypass,
        }
    })
}

fn worker() -> impl Strategy<Value = WorkerStep> {
    let channel = (0_u32..4, option::weighted(0.3, 1_usize..3));
    let channels = (channel.clone(), option::of(channel)).prop_map(|((cost, most), second)| {
        let mut channels = vec![(0, cost, most)];
        channels.extend(second.map(|(cost, most)| (1, cost, most)));
        channels
    });
    let queues = btree_set(0_u8..2, 0..3).prop_map(|queues| queues.into_iter().collect());
    let available = proptest::bool::weighted(0.8);
    (
        available,
        queues,
        1_u32..5,
        channels,
        0_u8..4,
        option::weighted(0.2, 1_usize..3),
    )
        .prop_map(
            |(available, queues, capacity, channels, level, offers_at_once)| WorkerStep {
                age: 0,
                available,
                queues,
                capacity,
                channels,
                level,
                offers_at_once,
            },
        )
}

fn job() -> impl Strategy<Value = JobStep> {
    let selector = (
        0_u8..4,
        any::<bool>(),
        proptest::bool::weighted(0.3),
        option::of(1_u8..9),
    );
    let selector = selector.prop_map(|(level, exact, expedite, expires_after)| Selector {
        level,
        exact,
        expedite,
        expires_after,
    });
    (0_u8..2, 0_u8..2, -1_i8..3, option::of(selector)).prop_map(
        |(queue, channel, priority, selector)| JobStep {
            queue,
            channel,
            priority,
            selector,
        },
    )
}

pub(crate) fn worker_id(id: u8) -> String {
    format!("w{id}")
}

pub(crate) fn job_id(id: u8) -> String {
    format!("j{id}")
}

impl ModeStep {
    pub(crate) fn json(&self) -> Value {
        json!({
            "kind": match self.kind {
                ModeKind::LongestIdle => "longestIdle",
                ModeKind::RoundRobin => "roundRobin",
                ModeKind::HighestScore | ModeKind::LowestScore => "bestWorker",
            },
            "scoringRuleOptions": {"descendingOrder": self.kind == ModeKind::HighestScore},
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
    fn json(&self) -> Value {
        let selectors = self.selector.iter().map(|selector| {
            json!({
                "key": "Level", "labelOperator": selector.operator(), "value": selector.level,
                "expedite": selector.expedite, "expiresAfterSeconds": selector.expires_after,
            })
        });
        json!({
            "queueId": format!("q{}", self.queue),
            "channelId": format!("c{}", self.channel),
            "priority": self.priority,
            "requestedWorkerSelectors": selectors.collect::<Vec<_>>(),
        })
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
    /// The command for an engine in this state. What does not exist is named all the same.
    pub(crate) fn command(&self, engine: &Engine, now: Timestamp) -> Command {
        let later = |seconds: u8| now.checked_add(Duration::from_secs(seconds.into()));
        match self {
            Self::Wait(_) => Command::Tick,
            Self::Mode(queue, mode) => {
                upsert_policy(&format!("p{queue}"), json!({"mode": mode.json()}))
            }
            Self::Worker(id, worker) => upsert_worker(&worker_id(*id), worker.json()),
            Self::Available(id, available) => {
                upsert_worker(&worker_id(*id), json!({ "availableForOffers": available }))
            }
            Self::DeleteWorker(id) => Command::DeleteWorker { id: worker_id(*id) },
            Self::Job(id, job) => upsert_job(&job_id(*id), job.json()),
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
