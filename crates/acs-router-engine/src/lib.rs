#![doc = include_str!("../README.md")]

mod answer;
mod capacity;
mod classification;
mod command;
mod deadlines;
mod engine;
mod entities;
mod events;
mod exceptions;
mod explain;
mod ids;
mod journal;
mod labels;
mod list;
mod matching;
mod members;
mod merge_patch;
mod refusal;
mod rules;
mod selector;
mod statistics;
mod table;
mod time;
mod transitions;
mod version;

pub use answer::{
    AcceptedOffer, Answer, Change, Effect, EntityKind, Outcome, UnassignedJob, Upserted,
};
pub use classification::{PolicyToTry, TriedClassification, TriedExpression};
pub use command::{
    CancelOptions, CloseOptions, Command, CompleteOptions, Condition, DeclineOptions,
    UnassignOptions,
};
pub use engine::Engine;
pub use entities::{
    ClassificationPolicyView, DistributionPolicyView, ExceptionPolicyView, JobStatus, JobView,
    QueueView, View, WorkerState, WorkerView,
};
pub use events::{Event, EventData, EventKind};
pub use explain::{
    ExplainedPairs, JobExplanation, OpenOffer, PairExplanation, QueuedJob, WorkerExplanation,
};
pub use ids::{Etag, Guid, Id, ParseGuidError};
pub use list::{
    Cursor, JobFilter, JobStatusFilter, Page, PageRequest, ParseCursorError, UnknownFilterError,
    WorkerFilter,
};
pub use matching::Reason;
pub use refusal::{Refusal, RefusalDetail, RefusalKind};
pub use rules::{RuleAuthorization, RuleCall, RuleSecret};
pub use statistics::{JobPosition, QueueStatistics};
