//! The engine and the simple router, side by side.

use acs_router_engine::Engine;
use serde_json::json;

use super::shown::Shown;
use crate::reference::{Held, Reference, Status};
use crate::steps::{job_id, worker_id};

/// That both routed alike: who is available and holds which offers and assignments, and where every job stands.
pub(super) fn assert_alike(shown: &Shown, reference: &Reference) {
    assert_eq!(shown.workers.len(), reference.workers.len());
    for (id, expected) in &reference.workers {
        let worker = &shown.workers[&worker_id(*id)];
        let offers = worker.offers.iter().map(|offer| offer.job_id.as_str());
        let assigned = worker.assigned_jobs.iter().map(|job| job.job_id.as_str());
        assert!(
            worker.available_for_offers == expected.available
                && are_of(offers, &expected.offers)
                && are_of(assigned, &expected.assigned),
            "{worker:?} instead of {expected:?}"
        );
    }
    assert_eq!(shown.jobs.len(), reference.jobs.len());
    for (id, expected) in &reference.jobs {
        let job = &shown.jobs[&job_id(*id)];
        assert_eq!(job.status, expected.status.name(), "{job:?}");
    }
}

fn are_of<'a>(jobs: impl Iterator<Item = &'a str>, held: &[Held]) -> bool {
    jobs.eq(held.iter().map(|held| job_id(held.job)))
}

/// That both tell the same positions and estimates.
pub(super) fn assert_positions_alike(engine: &Engine, reference: &Reference) {
    for id in reference.jobs.keys() {
        let shown = engine.job_position(&job_id(*id)).ok().map(|position| {
            let json = json!(position);
            (
                json["position"].as_u64(),
                json["queueLength"].as_u64(),
                json["estimatedWaitTimeMinutes"].as_u64(),
            )
        });
        let expected = reference.position(*id).map(|(position, length, minutes)| {
            (Some(position as u64), Some(length as u64), minutes)
        });
        assert_eq!(shown, expected, "position of {id}");
    }
}

impl Status {
    fn name(self) -> &'static str {
        match self {
            Self::Scheduled => "scheduled",
            Self::Waiting => "waitingForActivation",
            Self::Queued => "queued",
            Self::Assigned => "assigned",
            Self::Completed => "completed",
            Self::Closed => "closed",
            Self::Cancelled => "cancelled",
        }
    }
}
