//! The draft of an exception policy.

use acs_core_jobrouter::models::{ExceptionPolicyPatch, ExceptionRule};
use acs_types::Patch;

/// An exception policy to be created: what becomes of jobs that wait too long or find the queue too long.
///
/// Hand it to [`JobRouterAdminClient::upsert_exception_policy`](crate::JobRouterAdminClient::upsert_exception_policy) and
/// name it in a queue. To change a policy that exists, use [`ExceptionPolicyPatch`].
///
/// ```
/// use acs_jobrouter::{
///     CancelExceptionAction, ExceptionRule, ManualReclassifyExceptionAction, NewExceptionPolicy,
///     QueueLengthExceptionTrigger, WaitTimeExceptionTrigger,
/// };
///
/// let escalate = ManualReclassifyExceptionAction::new().queue_id("urgent").priority(100);
/// let policy = NewExceptionPolicy::with_rule(ExceptionRule::new(
///     "waited-a-minute",
///     WaitTimeExceptionTrigger::new(60.0),
///     [escalate],
/// ))
/// .rule(ExceptionRule::new(
///     "queue-is-full",
///     QueueLengthExceptionTrigger::new(500),
///     [CancelExceptionAction::new().disposition_code("Overflow")],
/// ));
/// # let _ = policy;
/// ```
#[derive(Clone, Debug, PartialEq)]
#[must_use = "a draft does nothing until it is handed to `upsert_exception_policy`"]
pub struct NewExceptionPolicy {
    patch: ExceptionPolicyPatch,
    rules: Vec<ExceptionRule>,
}

impl NewExceptionPolicy {
    /// A policy with this rule.
    pub fn with_rule(rule: ExceptionRule) -> Self {
        Self {
            patch: ExceptionPolicyPatch::default(),
            rules: vec![rule],
        }
    }

    /// Adds a rule; its id must differ from those of the others.
    pub fn rule(mut self, rule: ExceptionRule) -> Self {
        self.rules.push(rule);
        self
    }

    /// The name that people see.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.patch.name = name.into().into();
        self
    }
}

impl From<NewExceptionPolicy> for ExceptionPolicyPatch {
    fn from(draft: NewExceptionPolicy) -> Self {
        Self {
            exception_rules: Patch::Set(draft.rules),
            ..draft.patch
        }
    }
}
