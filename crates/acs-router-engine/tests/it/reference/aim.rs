//! Steps that mean "one of those that can": without them, random steps would seldom be allowed.

use super::{Reference, Status};
use crate::steps::{AIMED_JOB, AIMED_WORKER, Step};

impl Reference {
    /// The step with the numbers of entities that exist now.
    pub(crate) fn aim(&self, step: &Step) -> Step {
        match *step {
            Step::Accept(worker, index) => {
                let (worker, index) = self.aim_at_offer(worker, index);
                Step::Accept(worker, index)
            }
            Step::Decline(worker, index, retry) => {
                let (worker, index) = self.aim_at_offer(worker, index);
                Step::Decline(worker, index, retry)
            }
            Step::Complete(job) => Step::Complete(self.aim_at_job(job, Status::Assigned)),
            Step::Close(job, later) => Step::Close(self.aim_at_job(job, Status::Completed), later),
            Step::Unassign(job, suspend) => {
                Step::Unassign(self.aim_at_job(job, Status::Assigned), suspend)
            }
            ref other => other.clone(),
        }
    }

    fn aim_at_offer(&self, worker: u8, index: u8) -> (u8, u8) {
        let with_offers = self.workers.iter();
        let with_offers = with_offers.filter(|(_, worker)| !worker.offers.is_empty());
        let ids: Vec<u8> = with_offers.map(|(id, _)| *id).collect();
        match chosen(&ids, worker, AIMED_WORKER) {
            Some(worker) => {
                let offers = self.workers[&worker].offers.len();
                let index = usize::from(index) % offers;
                (worker, u8::try_from(index).expect("few offers"))
            }
            None => (worker, index),
        }
    }

    fn aim_at_job(&self, job: u8, status: Status) -> u8 {
        let jobs = self.jobs.iter().filter(|(_, job)| job.status == status);
        let ids: Vec<u8> = jobs.map(|(id, _)| *id).collect();
        chosen(&ids, job, AIMED_JOB).unwrap_or(job)
    }
}

fn chosen(ids: &[u8], number: u8, aimed: u8) -> Option<u8> {
    let index = usize::from(number.checked_sub(aimed)?);
    ids.get(index.checked_rem(ids.len())?).copied()
}
