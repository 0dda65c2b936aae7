#![doc = include_str!("../README.md")]

mod admin_client;
pub mod calls;
mod client;
mod drafts;

pub use admin_client::JobRouterAdminClient;
pub use client::JobRouterClient;
pub use drafts::{NewDistributionPolicy, NewJob, NewQueue, NewWorker};

#[doc(no_inline)]
pub use acs_core::auth::{
    AccessKey, AccessToken, AuthError, ConnectionString, Credential, Endpoint, TokenCredential,
};
#[doc(no_inline)]
pub use acs_core::{
    ClientOptions, Continuation, Error, Etag, Page, Pager, Response, Result, RetryOptions,
};
#[doc(no_inline)]
pub use acs_types::{LabelValue, Labels, Patch, PatchMap, Timestamp};

#[doc(inline)]
pub use acs_core_jobrouter::models::{
    AcceptJobOfferResult, BestWorkerMode, CloseJobResult, CompleteJobResult, DeclineJobOfferResult,
    DirectMapRouterRule, DistributionMode, DistributionPolicy, DistributionPolicyPatch,
    ExpressionRouterRule, ExpressionRouterRuleLanguage, FunctionRouterRule,
    FunctionRouterRuleCredential, JobMatchingMode, JobPatch, LabelOperator, LongestIdleMode,
    OAuth2WebhookClientCredential, QueueAndMatchMode, QueuePatch, RoundRobinMode, RouterChannel,
    RouterJob, RouterJobAssignment, RouterJobNote, RouterJobOffer, RouterJobStatus,
    RouterJobStatusSelector, RouterQueue, RouterRule, RouterWorker, RouterWorkerAssignment,
    RouterWorkerSelector, RouterWorkerSelectorStatus, RouterWorkerState, RouterWorkerStateSelector,
    ScheduleAndSuspendMode, ScoringRuleOptions, ScoringRuleParameterSelector, StaticRouterRule,
    SuspendMode, WebhookRouterRule, WorkerPatch,
};
