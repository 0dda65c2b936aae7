//! Access of people and resource accounts of Microsoft Teams.

use std::future::IntoFuture;

use acs_core::{CallFuture, Pipeline, Response, Result, check_id};
use acs_core_identity::models::{
    TeamsExtensionAssignmentCreateOrUpdateRequest, TeamsExtensionAssignmentResponse,
    TeamsExtensionPrincipalType,
};
use acs_core_identity::operations::UPSERT_ASSIGNMENT;

/// Where an assignment is.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) tenant_id: String,
    pub(crate) object_id: String,
}

impl Place {
    pub(crate) fn new(tenant_id: impl Into<String>, object_id: impl Into<String>) -> Self {
        Self {
            tenant_id: tenant_id.into(),
            object_id: object_id.into(),
        }
    }

    pub(crate) fn check(&self) -> Result<()> {
        check_id("tenant id", &self.tenant_id)?;
        check_id("object id", &self.object_id)
    }
}

/// Gives a principal access, or replaces the access it has. Name the applications, then await it.
///
/// The call is repeated like a read when its answer is lost: sent twice, it leads to the same. When the future is dropped, the
/// service may have acted; the same call can simply be made again.
#[must_use = "a call is sent when it is awaited"]
#[derive(Clone, Debug)]
pub struct UpsertTeamsExtensionAssignment {
    pipeline: Pipeline,
    place: Place,
    body: TeamsExtensionAssignmentCreateOrUpdateRequest,
}

impl UpsertTeamsExtensionAssignment {
    pub(crate) fn new(
        pipeline: &Pipeline,
        place: Place,
        principal_type: TeamsExtensionPrincipalType,
    ) -> Self {
        Self {
            pipeline: pipeline.clone(),
            place,
            body: TeamsExtensionAssignmentCreateOrUpdateRequest::new(principal_type),
        }
    }

    /// The ids of the Microsoft Entra applications by which the principal gets access.
    pub fn client_ids(mut self, client_ids: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.body = self.body.client_ids(client_ids);
        self
    }
}

impl IntoFuture for UpsertTeamsExtensionAssignment {
    type Output = Result<Response<TeamsExtensionAssignmentResponse>>;
    type IntoFuture = CallFuture<Response<TeamsExtensionAssignmentResponse>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            self.place.check()?;
            let Place {
                tenant_id,
                object_id,
            } = &self.place;
            let call = self.pipeline.call(&UPSERT_ASSIGNMENT);
            let result = acs_core_identity::client(&call)
                .upsert_assignment(tenant_id, object_id, &self.body)
                .await;
            call.finish(result)
        })
    }
}
