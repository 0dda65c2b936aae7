//! What callers see of routing, read again as far as outcomes say that it has changed.

use std::collections::BTreeMap;

use acs_router_engine::{Change, Engine, EntityKind, JobFilter, PageRequest, View, WorkerFilter};
use acs_types::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value, json};

const EVERYTHING: PageRequest = PageRequest {
    after: None,
    limit: usize::MAX,
};

/// All entities, by id.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Shown {
    pub(super) policies: BTreeMap<String, Policy>,
    pub(super) queues: BTreeMap<String, Queue>,
    pub(super) workers: BTreeMap<String, Worker>,
    pub(super) jobs: BTreeMap<String, Job>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
pub(super) struct Policy {
    etag: String,
    pub(super) mode: Mode,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Mode {
    pub(super) max_concurrent_offers: usize,
    pub(super) bypass_selectors: bool,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Queue {
    etag: String,
    pub(super) distribution_policy_id: String,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Worker {
    etag: String,
    pub(super) available_for_offers: bool,
    pub(super) state: String,
    pub(super) capacity: i64,
    pub(super) queues: Vec<String>,
    pub(super) channels: Vec<Channel>,
    pub(super) max_concurrent_offers: Option<usize>,
    pub(super) labels: Map<String, Value>,
    pub(super) offers: Vec<Offer>,
    pub(super) assigned_jobs: Vec<Assigned>,
    pub(super) load_ratio: f64,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Channel {
    pub(super) channel_id: String,
    pub(super) capacity_cost_per_job: i64,
    pub(super) max_number_of_jobs: Option<usize>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Offer {
    pub(super) job_id: String,
    pub(super) capacity_cost: i64,
    pub(super) expires_at: Option<Timestamp>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Assigned {
    pub(super) job_id: String,
    pub(super) capacity_cost: i64,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Job {
    etag: String,
    pub(super) status: String,
    pub(super) queue_id: Option<String>,
    pub(super) channel_id: String,
    pub(super) priority: i32,
    pub(super) enqueued_at: Option<Timestamp>,
    pub(super) matching_mode: MatchingMode,
    pub(super) requested_worker_selectors: Vec<Selector>,
    pub(super) attached_worker_selectors: Vec<Selector>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct MatchingMode {
    pub(super) schedule_at: Option<Timestamp>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Selector {
    pub(super) key: String,
    pub(super) label_operator: String,
    #[serde(default)]
    pub(super) value: Value,
    pub(super) status: String,
    pub(super) expedite: bool,
    pub(super) expires_after_seconds: Option<u64>,
}

impl Shown {
    /// Reads everything.
    pub(super) fn of(engine: &Engine) -> Self {
        let workers = engine.workers(&WorkerFilter::default(), EVERYTHING).items;
        let jobs = engine.jobs(&JobFilter::default(), EVERYTHING).items;
        Self {
            policies: read_all(engine.distribution_policies(EVERYTHING).items),
            queues: read_all(engine.queues(EVERYTHING).items),
            workers: read_all(workers),
            jobs: read_all(jobs),
        }
    }

    /// Reads again what has changed.
    pub(super) fn follow(&mut self, engine: &Engine, changes: &[Change]) {
        for change in changes {
            let id = &*change.id;
            match change.kind {
                EntityKind::DistributionPolicy => {
                    put(&mut self.policies, id, engine.distribution_policy(id).ok());
                }
                EntityKind::Queue => put(&mut self.queues, id, engine.queue(id).ok()),
                EntityKind::Worker => put(&mut self.workers, id, engine.worker(id).ok()),
                EntityKind::Job => put(&mut self.jobs, id, engine.job(id).ok()),
                other => panic!("{other:?} is not looked at"),
            }
        }
    }

    /// The distribution mode of a queue.
    pub(super) fn mode_of(&self, queue: &str) -> &Mode {
        &self.policies[&self.queues[queue].distribution_policy_id].mode
    }
}

fn read_all<E: for<'de> Deserialize<'de>>(views: Vec<impl View>) -> BTreeMap<String, E> {
    let mut read = BTreeMap::new();
    for view in views {
        let id = view.id().to_owned();
        put(&mut read, &id, Some(view));
    }
    read
}

fn put<E: for<'de> Deserialize<'de>>(
    entities: &mut BTreeMap<String, E>,
    id: &str,
    view: Option<impl View>,
) {
    match view {
        Some(view) => {
            let json = json!(view);
            let entity = E::deserialize(&json).unwrap_or_else(|error| panic!("{error}: {json}"));
            entities.insert(id.to_owned(), entity);
        }
        None => {
            entities.remove(id);
        }
    }
}
