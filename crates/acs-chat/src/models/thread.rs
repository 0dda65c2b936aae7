//! What a thread is.

use std::collections::BTreeMap;

use acs_core_chat::models::ChatRetentionPolicy;
use acs_types::{CommunicationIdentifier, Timestamp};
use serde::{Deserialize, Serialize};

use super::null_as_empty;

/// A thread.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ChatThreadProperties {
    /// Id of the thread, such as `19:<text>@thread.v2`.
    pub id: String,
    /// What it is about.
    pub topic: String,
    /// When it was created, in whole seconds.
    pub created_on: Timestamp,
    /// Who created it.
    #[serde(rename = "createdByCommunicationIdentifier")]
    pub created_by: CommunicationIdentifier,
    /// When it was deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted_on: Option<Timestamp>,
    /// Texts that the service keeps for the thread and does not look at.
    ///
    /// Exists since api-version `2025-03-15`.
    #[serde(
        default,
        deserialize_with = "null_as_empty",
        skip_serializing_if = "BTreeMap::is_empty"
    )]
    pub metadata: BTreeMap<String, String>,
    /// How long the thread is kept; without a policy, until somebody deletes it.
    ///
    /// Exists since api-version `2025-03-15`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retention_policy: Option<ChatRetentionPolicy>,
}
