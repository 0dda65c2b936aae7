//! The job router's routes, by endpoint.

use crate::expectation::Expectation;
use crate::server::AcsMockServer;

/// The routes of one entity that is upserted, read and deleted under its id.
#[derive(Clone, Debug)]
pub struct EntityEndpoint<'a> {
    server: &'a AcsMockServer,
    path: String,
}

impl<'a> EntityEndpoint<'a> {
    /// `PATCH` on the entity.
    pub fn upsert(&self) -> Expectation<'a> {
        self.server.expect("PATCH", self.path.as_str())
    }

    /// `GET` on the entity.
    pub fn get(&self) -> Expectation<'a> {
        self.server.expect("GET", self.path.as_str())
    }

    /// `POST` of an action on the entity, such as `cancel`.
    pub fn action(&self, name: &str) -> Expectation<'a> {
        self.server.expect("POST", format!("{}:{name}", self.path))
    }
}

/// Ids are put into the paths as they are given: a test with an id that needs encoding gives it encoded.
impl AcsMockServer {
    /// The routes of a distribution policy.
    #[must_use]
    pub fn distribution_policy(&self, id: &str) -> EntityEndpoint<'_> {
        self.entity(format!("/routing/distributionPolicies/{id}"))
    }

    /// The routes of a queue.
    #[must_use]
    pub fn queue(&self, id: &str) -> EntityEndpoint<'_> {
        self.entity(format!("/routing/queues/{id}"))
    }

    /// The routes of a job.
    #[must_use]
    pub fn job(&self, id: &str) -> EntityEndpoint<'_> {
        self.entity(format!("/routing/jobs/{id}"))
    }

    /// The routes of a worker.
    #[must_use]
    pub fn worker(&self, id: &str) -> EntityEndpoint<'_> {
        self.entity(format!("/routing/workers/{id}"))
    }

    /// The actions on an offer to a worker.
    #[must_use]
    pub fn offer(&self, worker: &str, id: &str) -> EntityEndpoint<'_> {
        self.entity(format!("/routing/workers/{worker}/offers/{id}"))
    }

    /// The actions on an assignment of a job.
    #[must_use]
    pub fn assignment(&self, job: &str, id: &str) -> EntityEndpoint<'_> {
        self.entity(format!("/routing/jobs/{job}/assignments/{id}"))
    }

    /// The list of all jobs.
    pub fn jobs(&self) -> Expectation<'_> {
        self.expect("GET", "/routing/jobs")
    }

    /// The list of all workers.
    pub fn workers(&self) -> Expectation<'_> {
        self.expect("GET", "/routing/workers")
    }

    fn entity(&self, path: String) -> EntityEndpoint<'_> {
        EntityEndpoint { server: self, path }
    }
}
