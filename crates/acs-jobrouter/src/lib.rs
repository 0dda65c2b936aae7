#![doc = include_str!("../README.md")]

mod admin_client;
pub mod calls;
mod client;
mod drafts;

pub use admin_client::JobRouterAdminClient;
pub use client::JobRouterClient;
pub use drafts::{
    NewClassificationPolicy, NewDistributionPolicy, NewExceptionPolicy, NewJob, NewQueue, NewWorker,
};

#[cfg(feature = "azure-core")]
#[doc(no_inline)]
pub use acs_auth::AzureCoreCredential;
#[doc(no_inline)]
pub use acs_core::auth::{
    AccessKey, AccessToken, AuthError, ConnectionString, Credential, Endpoint, Secret,
    TokenCredential,
};
#[doc(no_inline)]
pub use acs_core::{
    ClientOptions, Clock, ConfigError, Continuation, DecodeError, Error, ErrorBody, Etag,
    HeaderMap, Page, Pager, Pages, Response, Result, RetryOptions, ServiceError, StatusCode,
    TransportError, WaitError,
};
#[doc(no_inline)]
pub use acs_types::{
    LabelValue, Labels, ParseTimestampError, Patch, PatchMap, Timestamp, UnknownKind,
    UnknownVariant,
};

// Every model but the pages, which are streams here, and the options of actions, which are setters.
#[doc(inline)]
pub use acs_core_jobrouter::models::{
    AcceptJobOfferResult, BestWorkerMode, CancelExceptionAction, CancelJobResult,
    ClassificationPolicy, ClassificationPolicyPatch, CloseJobResult, CompleteJobResult,
    ConditionalQueueSelectorAttachment, ConditionalWorkerSelectorAttachment, DeclineJobOfferResult,
    DirectMapRouterRule, DistributionMode, DistributionPolicy, DistributionPolicyPatch,
    ExceptionAction, ExceptionPolicy, ExceptionPolicyPatch, ExceptionRule, ExceptionTrigger,
    ExpressionRouterRule, ExpressionRouterRuleLanguage, FunctionRouterRule,
    FunctionRouterRuleCredential, JobMatchingMode, JobPatch, LabelOperator, LongestIdleMode,
    ManualReclassifyExceptionAction, OAuth2WebhookClientCredential,
    PassThroughQueueSelectorAttachment, PassThroughWorkerSelectorAttachment, QueueAndMatchMode,
    QueueLengthExceptionTrigger, QueuePatch, QueueSelectorAttachment, QueueWeightedAllocation,
    ReclassifyExceptionAction, ReclassifyJobResult, RoundRobinMode, RouterChannel, RouterJob,
    RouterJobAssignment, RouterJobNote, RouterJobOffer, RouterJobPositionDetails, RouterJobStatus,
    RouterJobStatusSelector, RouterQueue, RouterQueueSelector, RouterQueueStatistics, RouterRule,
    RouterWorker, RouterWorkerAssignment, RouterWorkerSelector, RouterWorkerSelectorStatus,
    RouterWorkerState, RouterWorkerStateSelector, RuleEngineQueueSelectorAttachment,
    RuleEngineWorkerSelectorAttachment, ScheduleAndSuspendMode, ScoringRuleOptions,
    ScoringRuleParameterSelector, StaticQueueSelectorAttachment, StaticRouterRule,
    StaticWorkerSelectorAttachment, SuspendMode, UnassignJobResult, WaitTimeExceptionTrigger,
    WebhookRouterRule, WeightedAllocationQueueSelectorAttachment,
    WeightedAllocationWorkerSelectorAttachment, WorkerPatch, WorkerSelectorAttachment,
    WorkerWeightedAllocation,
};
