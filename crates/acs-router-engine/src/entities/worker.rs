//! Workers: what they can take, what they have been offered, and what they work on.

use std::collections::BTreeSet;

use acs_types::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::View;
use crate::capacity::LoadRatio;
use crate::deadlines::DeadlineKey;
use crate::ids::{Etag, Guid, Id};
use crate::labels::LabelMap;
use crate::matching::Guard;
use crate::members::{self, Object, Reader};
use crate::table::JobKey;
use crate::time::whole_as_integer;
use crate::version::Version;

/// A stored worker.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Worker {
    pub(crate) id: Id,
    pub(crate) definition: WorkerDefinition,
    pub(crate) version: Version,
    /// Open offers, newest first (O18).
    pub(crate) offers: Vec<Offer>,
    /// Assignments that are not closed.
    pub(crate) assignments: Vec<WorkerAssignment>,
    /// How often it has registered: what it declined before, it may get offered again.
    pub(crate) registrations: u32,
    /// When it last registered or finished a job: the longest available comes first (R72).
    pub(crate) available_since: Timestamp,
    /// When it is deregistered for having nothing to do. Set while it is registered and has no offer and no assignment.
    pub(crate) idle_until: Option<DeadlineKey>,
    /// Its labels, as searches look for them.
    pub(crate) guards: Box<[Guard]>,
    /// Where matching finds it.
    pub(crate) listing: Listing,
}

/// What a caller defines.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct WorkerDefinition {
    pub(crate) queues: Vec<Id>,
    pub(crate) capacity: i32,
    pub(crate) channels: Vec<Channel>,
    pub(crate) available_for_offers: bool,
    pub(crate) max_concurrent_offers: Option<i32>,
    /// With the worker's `Id`.
    pub(crate) labels: LabelMap,
    pub(crate) tags: LabelMap,
}

/// What a worker can do on one channel.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Channel {
    pub(crate) channel_id: Id,
    pub(crate) capacity_cost_per_job: i32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) max_number_of_jobs: Option<i32>,
}

/// A job that waits for the worker's answer.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Offer {
    pub(crate) offer_id: Guid,
    pub(crate) job_id: Id,
    pub(crate) capacity_cost: i32,
    pub(crate) offered_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) expires_at: Option<Timestamp>,
    #[serde(skip)]
    pub(crate) job: JobKey,
    #[serde(skip)]
    pub(crate) channel_id: Id,
    #[serde(skip)]
    pub(crate) expiry: Option<DeadlineKey>,
}

/// A job that the worker accepted and that is not closed.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WorkerAssignment {
    pub(crate) assignment_id: Guid,
    pub(crate) job_id: Id,
    pub(crate) capacity_cost: i32,
    pub(crate) assigned_at: Timestamp,
    #[serde(skip)]
    pub(crate) channel_id: Id,
}

/// Where matching finds a worker: in these lanes, ranked by load and time. Nowhere while it has no free slot.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Listing {
    pub(crate) load: LoadRatio,
    pub(crate) available_since: Timestamp,
    /// Queue and channel.
    pub(crate) lanes: Vec<(Id, Id)>,
}

impl Listing {
    /// That of a worker which matching does not find.
    pub(crate) fn nowhere(available_since: Timestamp) -> Self {
        Self {
            load: LoadRatio::NONE,
            available_since,
            lanes: Vec::new(),
        }
    }
}

/// Where a worker stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum WorkerState {
    /// It gets offers.
    Active,
    /// It gets no offers, and still works on what it has.
    Draining,
    /// It gets no offers and has no work.
    Inactive,
}

impl WorkerState {
    pub(crate) const ALL: [Self; 3] = [Self::Active, Self::Draining, Self::Inactive];

    /// The state of this name on the wire.
    pub(crate) fn named(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }

    /// The state as it stands on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Draining => "draining",
            Self::Inactive => "inactive",
        }
    }
}

impl Worker {
    /// Draining lasts until the last assignment closes (R43).
    pub(crate) fn state(&self) -> WorkerState {
        match (
            self.definition.available_for_offers,
            self.assignments.is_empty(),
        ) {
            (true, _) => WorkerState::Active,
            (false, false) => WorkerState::Draining,
            (false, true) => WorkerState::Inactive,
        }
    }

    pub(crate) fn offer(&self, id: Guid) -> Option<&Offer> {
        self.offers.iter().find(|offer| offer.offer_id == id)
    }

    pub(crate) fn offer_of(&self, job: JobKey) -> Option<&Offer> {
        self.offers.iter().find(|offer| offer.job == job)
    }
}

impl WorkerDefinition {
    /// The definition that a merge patch makes of the stored one, or of nothing.
    pub(crate) fn patched(
        reader: &mut Reader,
        id: &str,
        stored: Option<&Self>,
        patch: &Object,
    ) -> Option<Self> {
        let stored_labels = stored
            .map(|worker| worker.labels.clone())
            .unwrap_or_default();
        let stored_tags = stored.map(|worker| worker.tags.clone()).unwrap_or_default();
        let merge_labels = |reader: &mut Reader, patch: &_| stored_labels.merged(reader, patch);
        let merge_tags = |reader: &mut Reader, patch: &_| stored_tags.merged(reader, patch);
        let queues = reader.defaulted(
            patch,
            "queues",
            stored.map(|worker| worker.queues.clone()),
            Vec::new(),
            read_queues,
        );
        let capacity = reader.required(
            patch,
            "capacity",
            stored.map(|worker| worker.capacity),
            members::integer(1, i32::MAX),
        );
        let channels = reader.defaulted(
            patch,
            "channels",
            stored.map(|worker| worker.channels.clone()),
            Vec::new(),
            read_channels,
        );
        let available = reader.defaulted(
            patch,
            "availableForOffers",
            stored.map(|worker| worker.available_for_offers),
            false,
            members::boolean,
        );
        let most_offers = reader.optional(
            patch,
            "maxConcurrentOffers",
            stored.and_then(|worker| worker.max_concurrent_offers),
            members::integer(1, i32::MAX),
        );
        let labels = reader.optional(patch, "labels", Some(stored_labels.clone()), merge_labels);
        let tags = reader.optional(patch, "tags", Some(stored_tags.clone()), merge_tags);
        Some(Self {
            queues,
            capacity: capacity?,
            channels,
            available_for_offers: available,
            max_concurrent_offers: most_offers,
            labels: labels.unwrap_or_default().with_id(id),
            tags: tags.unwrap_or_default(),
        })
    }

    pub(crate) fn channel(&self, id: &str) -> Option<&Channel> {
        self.channels
            .iter()
            .find(|channel| &*channel.channel_id == id)
    }

    pub(crate) fn lists(&self, queue_id: &str) -> bool {
        self.queues.iter().any(|listed| &**listed == queue_id)
    }
}

/// Reads queue ids; listing a queue twice means no more than listing it once.
fn read_queues(reader: &mut Reader, value: &Value) -> Option<Vec<Id>> {
    let mut queues = members::list(reader, value, members::id)?;
    let mut seen = BTreeSet::new();
    queues.retain(|queue| seen.insert(queue.clone()));
    Some(queues)
}

fn read_channels(reader: &mut Reader, value: &Value) -> Option<Vec<Channel>> {
    let channels = members::list(reader, value, Channel::read)?;
    let mut seen = BTreeSet::new();
    let twice = channels
        .iter()
        .find(|channel| !seen.insert(&channel.channel_id));
    if let Some(channel) = twice {
        return reader.invalid(format_args!(
            "must name each channel once, but names '{}' twice",
            channel.channel_id
        ));
    }
    Some(channels)
}

impl Channel {
    fn read(reader: &mut Reader, value: &Value) -> Option<Self> {
        let channel = members::object(reader, value)?;
        let id = reader.required(channel, "channelId", None, members::id);
        let cost = reader.required(
            channel,
            "capacityCostPerJob",
            None,
            members::integer(0, i32::MAX),
        );
        let most = reader.optional(
            channel,
            "maxNumberOfJobs",
            None,
            members::integer(1, i32::MAX),
        );
        Some(Self {
            channel_id: id?,
            capacity_cost_per_job: cost?,
            max_number_of_jobs: most,
        })
    }
}

/// A worker as the service shows it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WorkerView<'a> {
    etag: Etag,
    id: &'a str,
    state: WorkerState,
    queues: &'a [Id],
    capacity: i32,
    labels: &'a LabelMap,
    tags: &'a LabelMap,
    channels: &'a [Channel],
    offers: &'a [Offer],
    assigned_jobs: &'a [WorkerAssignment],
    #[serde(serialize_with = "whole_as_integer")]
    load_ratio: f64,
    available_for_offers: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_concurrent_offers: Option<i32>,
    #[serde(skip)]
    modified: Timestamp,
}

impl WorkerView<'_> {
    /// Where the worker stands.
    #[must_use]
    pub fn state(&self) -> WorkerState {
        self.state
    }
}

impl<'a> From<&'a Worker> for WorkerView<'a> {
    fn from(worker: &'a Worker) -> Self {
        let definition = &worker.definition;
        Self {
            etag: worker.version.etag,
            id: &worker.id,
            state: worker.state(),
            queues: &definition.queues,
            capacity: definition.capacity,
            labels: &definition.labels,
            tags: &definition.tags,
            channels: &definition.channels,
            offers: &worker.offers,
            assigned_jobs: &worker.assignments,
            load_ratio: worker.load_with_offers().as_f64(),
            available_for_offers: definition.available_for_offers,
            max_concurrent_offers: definition.max_concurrent_offers,
            modified: worker.version.modified,
        }
    }
}

impl View for WorkerView<'_> {
    fn id(&self) -> &str {
        self.id
    }

    fn etag(&self) -> Etag {
        self.etag
    }

    fn last_modified(&self) -> Timestamp {
        self.modified
    }
}
