//! Who of Microsoft Teams has access to the resource: assignments of the Teams extension.

use serde::ser::SerializeStruct as _;
use serde::{Serialize, Serializer};
use uuid::Uuid;

use crate::entra::EntraClaims;
use crate::refusal::Refusal;

/// A principal: its tenant and its object id in Entra.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AssignmentKey {
    tenant_id: Uuid,
    object_id: Uuid,
}

impl AssignmentKey {
    /// Reads the two ids of a path.
    ///
    /// # Errors
    ///
    /// One of them is not a GUID.
    pub fn read(tenant_id: &str, object_id: &str) -> Result<Self, Refusal> {
        Ok(Self {
            tenant_id: read_guid("tenantId", tenant_id)?,
            object_id: read_guid("objectId", object_id)?,
        })
    }

    pub(crate) fn of(claims: &EntraClaims) -> Self {
        Self {
            tenant_id: claims.tenant_id,
            object_id: claims.object_id,
        }
    }

    pub(crate) fn object_id(&self) -> Uuid {
        self.object_id
    }
}

/// What kind of principal has access.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PrincipalType {
    /// A person: `user`.
    User,
    /// An account of an application: `resourceAccount`.
    ResourceAccount,
}

impl PrincipalType {
    /// Reads `principalType`.
    ///
    /// # Errors
    ///
    /// There is no such type.
    pub fn read(name: &str) -> Result<Self, Refusal> {
        match name {
            "user" => Ok(Self::User),
            "resourceAccount" => Ok(Self::ResourceAccount),
            other => Err(Refusal::validation(
                "principalType",
                format!("PrincipalType '{other}' is not known. It is user or resourceAccount."),
            )),
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::ResourceAccount => "resourceAccount",
        }
    }
}

/// The access of one principal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Assignment {
    pub(crate) principal_type: PrincipalType,
    pub(crate) client_ids: Vec<Uuid>,
}

impl Assignment {
    pub(crate) fn read(
        principal_type: PrincipalType,
        client_ids: &[String],
    ) -> Result<Self, Refusal> {
        let client_ids = client_ids.iter().map(|id| read_guid("clientIds", id));
        Ok(Self {
            principal_type,
            client_ids: client_ids.collect::<Result<_, _>>()?,
        })
    }

    /// Without a list every application will do.
    pub(crate) fn allows(&self, client_id: Uuid) -> bool {
        self.client_ids.is_empty() || self.client_ids.contains(&client_id)
    }
}

/// An assignment with its principal. Serialises as `TeamsExtensionAssignmentResponse`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssignmentView {
    pub(crate) key: AssignmentKey,
    pub(crate) assignment: Assignment,
}

impl Serialize for AssignmentView {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { key, assignment } = self;
        let texts = |ids: &[Uuid]| ids.iter().map(Uuid::to_string).collect::<Vec<_>>();
        let mut object = serializer.serialize_struct("TeamsExtensionAssignmentResponse", 4)?;
        object.serialize_field("objectId", &key.object_id.to_string())?;
        object.serialize_field("tenantId", &key.tenant_id.to_string())?;
        object.serialize_field("principalType", assignment.principal_type.as_str())?;
        if assignment.client_ids.is_empty() {
            object.skip_field("clientIds")?;
        } else {
            object.serialize_field("clientIds", &texts(&assignment.client_ids))?;
        }
        object.end()
    }
}

/// Only the usual form of a GUID, in either letter case: 8-4-4-4-12.
pub(crate) fn guid(text: &str) -> Option<Uuid> {
    const LENGTH: usize = 36;
    Uuid::try_parse(text).ok().filter(|_| text.len() == LENGTH)
}

fn read_guid(target: &'static str, text: &str) -> Result<Uuid, Refusal> {
    guid(text).ok_or_else(|| {
        let message = format!("{target} '{text}' is not a GUID: 8-4-4-4-12 hexadecimal digits.");
        Refusal::validation(target, message)
    })
}
