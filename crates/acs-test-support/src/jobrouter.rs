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

    /// `DELETE` on the entity.
    pub fn delete(&self) -> Expectation<'a> {
        self.server.expect("DELETE", self.path.as_str())
    }

    /// `GET` on what belongs to the entity, such as `statistics`.
    pub fn part(&self, name: &str) -> Expectation<'a> {
        self.server.expect("GET", format!("{}/{name}", self.path))
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

    /// The routes of a classification policy.
    #[must_use]
    pub fn classification_policy(&self, id: &str) -> EntityEndpoint<'_> {
        self.entity(format!("/routing/classificationPolicies/{id}"))
    }

    /// The routes of an exception policy.
    #[must_use]
    pub fn exception_policy(&self, id: &str) -> EntityEndpoint<'_> {
        self.entity(format!("/routing/exceptionPolicies/{id}"))
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

    /// The list of all entities of a kind, such as `jobs`.
    pub fn list(&self, collection: &str) -> Expectation<'_> {
        self.expect("GET", format!("/routing/{collection}"))
    }

    fn entity(&self, path: String) -> EntityEndpoint<'_> {
        EntityEndpoint { server: self, path }
    }
}
