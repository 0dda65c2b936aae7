//! The draft of a distribution policy.

use std::time::Duration;

use acs_core_jobrouter::models::{DistributionMode, DistributionPolicyPatch};
use acs_types::Patch;

/// A distribution policy to be created.
///
/// Hand it to
/// [`JobRouterAdminClient::upsert_distribution_policy`](crate::JobRouterAdminClient::upsert_distribution_policy). To change
/// a policy that exists, use [`DistributionPolicyPatch`].
///
/// ```
/// use std::time::Duration;
/// use acs_jobrouter::{LongestIdleMode, NewDistributionPolicy};
///
/// let policy = NewDistributionPolicy::new(Duration::from_secs(30), LongestIdleMode::new()).name("Support");
/// # let _ = policy;
/// ```
#[derive(Clone, Debug, PartialEq)]
#[must_use = "a draft does nothing until it is handed to `upsert_distribution_policy`"]
pub struct NewDistributionPolicy {
    patch: DistributionPolicyPatch,
}

impl NewDistributionPolicy {
    /// A policy that lets offers stand this long and picks workers in this mode.
    pub fn new(offer_expires_after: Duration, mode: impl Into<DistributionMode>) -> Self {
        Self {
            patch: DistributionPolicyPatch {
                offer_expires_after_seconds: offer_expires_after.as_secs_f64().into(),
                mode: Patch::Set(mode.into()),
                ..DistributionPolicyPatch::default()
            },
        }
    }

    /// The name that people see.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.patch.name = name.into().into();
        self
    }
}

impl From<NewDistributionPolicy> for DistributionPolicyPatch {
    fn from(draft: NewDistributionPolicy) -> Self {
        draft.patch
    }
}
